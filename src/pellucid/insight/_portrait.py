"""A neuron's portrait: what excites it, how it is spread over the classes, and what would be lost without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member, whole_number
from pellucid.core import LayerParameters, Name, Parameters, SparseRows, Spec, Task, checked_inputs
from pellucid.engine import Backend
from pellucid.errors import ShapeError
from pellucid.insight._ablation import Ablation, Classes, classes_of, worth_of
from pellucid.insight._layers_apart import activations, layers_above
from pellucid.insight._names import signed
from pellucid.insight._ranges import range_of

__all__ = ["Ablation", "Examples", "Portrait", "portrait", "portraits"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

_NEAR_AN_END: Final = 0.05
"""What share of the range, at each of its ends, counts as saturated."""


@final
class Examples(NamedTuple):
    """Some rows of X, and the neuron's activations there.

    Attributes
    ----------
    rows : int64, shape (n,)
    activations : float64, shape (n,)
    inputs : array, shape (n, n_in), or None
        The rows themselves, as given.
    """

    rows: NDArray[np.int64]
    activations: Float64
    inputs: Array | None = None


@final
@dataclass(frozen=True, eq=False, repr=False)
class Portrait:
    """What one neuron does on some rows.

    Attributes
    ----------
    layer : "layer_1", …, "output"
    node : int, from 1
    weights : array, shape (n_in,)
        In the first layer in the order of the inputs, so that it may be an image.
    bias : float
    most, least : Examples
        The rows that excite it most, the greatest first, and least, the least first; of equal ones, the first rows.
    edges : float64, shape (bins + 1,)
        From its least to its greatest activation, evenly; ½ to either side where it never varies.
    counts : int64, shape (classes, bins)
        How many rows of each class have an activation between two edges; the last bin holds its right edge, too. For
        yes-no, one output has the classes no and yes, several outputs have a class each: the rows whose answer is
        yes. For values, one class of all rows.
    classes : the classes' names or places, or ("all",) for values
    active : float
        The share of rows with a > 0.
    saturated : float, or None where the range of its activation function is open at an end
        The share of rows whose activation lies within 5 % of the range of one of its ends.
    ablation : Ablation, or None for an output
    of_inputs : bool
        Whether its weights are of the network's inputs.
    features : names of the network's inputs, or None
    """

    layer: str
    node: int
    weights: Array
    bias: float
    most: Examples
    least: Examples
    edges: Float64
    counts: NDArray[np.int64]
    classes: tuple[Name, ...]
    active: float
    saturated: float | None
    ablation: Ablation | None
    of_inputs: bool = False
    features: tuple[str, ...] | None = None

    def __repr__(self) -> str:
        lines = [
            f"{self.layer}/node_{self.node}: {len(self.weights)} weights, bias {self.bias:.6g}",
            f"  active in {self.active:.1%} of rows"
            + ("" if self.saturated is None else f", saturated in {self.saturated:.1%}"),
        ]
        for name, examples in (("most", self.most), ("least", self.least)):
            shown = zip(examples.rows[:3].tolist(), examples.activations[:3].tolist(), strict=True)
            lines.append(f"  {name} excited by {', '.join(f'row {row} ({a:.6g})' for row, a in shown)}")
        if (cut := self.ablation) is not None:
            lines.append(
                f"  without it, {cut.measure} {cut.without:.6g} in place of {cut.whole:.6g} ({signed(cut.effect)})"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from pellucid.insight._html import portrait_html

        return portrait_html(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw the histogram of its activations, the classes one upon another; return Matplotlib's axes.

        Raises
        ------
        MissingLibraryError
            Matplotlib is not installed.
        """
        from pellucid.insight._plots import portrait_plot

        return portrait_plot(self, ax)


class _Rows(NamedTuple):
    """What all portraits share: the network, the rows, their targets and classes, and every layer's activations."""

    spec: Spec
    parameters: Parameters
    backend: Backend
    X: Array | SparseRows
    T: Array
    classes: Classes
    A: dict[str, Array]
    worth: tuple[float, Float64]
    n: int
    bins: int


def _seen(spec: Spec, parameters: Parameters, backend: Backend, X: object, T: Array, n: object, bins: object) -> _Rows:
    """Check what is asked, and pass the rows through the network once."""
    n, bins = whole_number("n", n, 1), whole_number("bins", bins, 1)
    table: Array | SparseRows = X if isinstance(X, SparseRows) else checked_inputs(spec, X)
    if len(T) != table.shape[0]:
        raise ShapeError(f"T has {len(T)} rows, but X has {table.shape[0]}. Give one for each row of X.")
    A, classes = activations(spec, parameters, backend, table), classes_of(spec, T)
    worth = worth_of(spec, backend, classes, A["output"], T)
    return _Rows(spec, parameters, backend, table, T, classes, A, worth, n, bins)


def _histogram(a: Float64, classes: Classes, bins: int) -> tuple[Float64, NDArray[np.int64]]:
    """Return common edges, and each class's counts between them."""
    low, high = float(a.min()), float(a.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    places = np.searchsorted(edges[1:-1], a, side="right")  # the outer edges hold all
    counts = [np.bincount(places[rows], minlength=bins) for rows in classes.rows]
    return edges, np.array(counts, dtype=np.int64)


def _saturated(a: Float64, low: float, high: float) -> float | None:
    """Return the share of activations near an end of the range, or None where an end is open."""
    if not np.isfinite(low) or not np.isfinite(high):
        return None
    margin = _NEAR_AN_END * (high - low)
    return float(np.count_nonzero((a <= low + margin) | (a >= high - margin)) / len(a))


def _ablations(seen: _Rows, layer: str, nodes: list[int]) -> list[Ablation | None]:
    """Silence one neuron after another, and compute the layers above anew: the outputs with its weights there 0."""
    if layer == seen.spec.names[-1]:
        return [None] * len(nodes)
    above, A = layers_above(seen.spec, seen.parameters, layer), seen.A[layer].copy()
    measure = "loss" if seen.spec.loss.task is Task.VALUES else "accuracy"
    found: list[Ablation | None] = []
    for node in nodes:
        A[:, node] = 0
        without = worth_of(seen.spec, seen.backend, seen.classes, above.output(seen.backend, A), seen.T)
        A[:, node] = seen.A[layer][:, node]
        found.append(Ablation(measure, seen.worth[0], without[0], seen.worth[1], without[1]))
    return found


def _portrait(seen: _Rows, layer: str, node: int, part: LayerParameters, ablation: Ablation | None) -> Portrait:
    """Return the portrait of one neuron, counted from 0."""
    a = seen.A[layer][:, node].astype(np.float64)
    up, down = np.argsort(a, kind="stable")[: seen.n], np.argsort(-a, kind="stable")[: seen.n]
    edges, counts = _histogram(a, seen.classes, seen.bins)
    features = seen.spec.input.features
    reach = range_of(seen.spec.dense[seen.spec.names.index(layer)].activation)
    return Portrait(
        layer,
        node + 1,
        part.W[node].copy(),
        float(part.b[node]),
        Examples(down, a[down], seen.X[down]),
        Examples(up, a[up], seen.X[up]),
        edges,
        counts,
        seen.classes.names,
        float(np.count_nonzero(a > 0) / len(a)),
        _saturated(a, *reach),
        ablation,
        layer == seen.spec.names[0],
        features if features is None else tuple(str(name) for name in features),
    )


def portrait(
    spec: Spec,
    parameters: Parameters,
    backend: Backend,
    X: object,
    T: Array,
    layer: str,
    node: int,
    *,
    n: int = 9,
    bins: int = 20,
) -> Portrait:
    """Return what one neuron does on some rows: what excites it, its histogram by class, and what its loss would cost.

    Silenced means that its activation is 0 in every row; the layers above are computed anew by the engine. It tells
    what this network would lose, not what one trained without the neuron would.

    Parameters
    ----------
    spec, parameters, backend : the network, and what computes it
    X : array, shape (rows, n_in), as the user gives it; or a sparse table
    T : targets as the loss takes them
    layer : "layer_1", …, "output"
    node : int, from 1
    n : how many examples, at most
    bins : of the histogram

    Raises
    ------
    UnknownNameError, SettingError, KindError
        There is no such layer or neuron; n or bins is below 1.
    ShapeError, DataError, KindError
        X is no table of finite numbers with a column for each input, or T has other rows.

    Examples
    --------
    >>> from pellucid.engine import ReadableCore
    >>> spec = Spec.of([1, 2, 2])
    >>> parameters = Parameters(spec)
    >>> parameters["layer_1"].W[...], parameters["output"].W[...] = [[1], [-1]], [[1, 0], [0, 1]]
    >>> X, T = np.array([[2.0], [1.0], [-1.0], [-3.0]]), np.array([0, 0, 1, 1])
    >>> portrait(spec, parameters, ReadableCore(), X, T, "layer_1", 2)
    layer_1/node_2: 1 weights, bias 0
      active in 50.0% of rows
      most excited by row 3 (3), row 2 (1), row 0 (0)
      least excited by row 0 (0), row 1 (0), row 2 (1)
      without it, accuracy 0.5 in place of 1 (−0.5)
    """
    member("layer", layer, dict.fromkeys(spec.names))
    width = len(parameters[layer].b)
    place = whole_number(f"The node of {layer}, counted from 1,", node, 1, width) - 1
    seen = _seen(spec, parameters, backend, X, T, n, bins)
    return _portrait(seen, layer, place, parameters[layer], _ablations(seen, layer, [place])[0])


def portraits(
    spec: Spec, parameters: Parameters, backend: Backend, X: object, T: Array, *, n: int = 9, bins: int = 20
) -> dict[str, list[Portrait]]:
    """Return the portraits of all neurons, by the layers' names; see `portrait`.

    The rows pass through the whole network once; for each neuron only the layers above it are computed anew.

    Examples
    --------
    >>> from pellucid.core import initial_parameters
    >>> from pellucid.engine import ReadableCore
    >>> spec = Spec.of([3, 4, 2])
    >>> found = portraits(spec, initial_parameters(spec, 0), ReadableCore(), np.eye(3), np.array([0, 1, 1]))
    >>> {name: len(layer) for name, layer in found.items()}
    {'layer_1': 4, 'output': 2}
    """
    seen = _seen(spec, parameters, backend, X, T, n, bins)
    found = {}
    for name in spec.names:
        part = parameters[name]
        cuts = _ablations(seen, name, list(range(len(part.b))))
        found[name] = [_portrait(seen, name, node, part, cut) for node, cut in enumerate(cuts)]
    return found
