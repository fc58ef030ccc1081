"""Two runs side by side: where and when they part, by layer and neuron."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from itertools import takewhile
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Spec
from pellucid.errors import RunError
from pellucid.training import Edit, Timeline

__all__ = ["Comparison", "compare"]

Array = NDArray[Any]

_POINTS: Final = 33
_STEPS_LOOKED_AT: Final = 2000
_EDITS_TOLD: Final = 3


@final
@dataclass(frozen=True, eq=False)
class Comparison:
    """Where and when two runs part.

    Attributes
    ----------
    parted : int or None
        The first step at which a bit of their parameters differs; None: they are the same as far as both go.
    because : tuple of str
        What differs in their starts, recipes, data and edits.
    until : int
        The last step that both have made.
    first : dict of layer: int64, shape (n_out,)
        The first step at which each neuron's weights or bias differ; −1: not in 2,000 steps after they parted.
    steps : int64, shape (points,)
        Steps at which they were measured, from where they part to the last.
    apart : dict of layer: float64, shape (points, n_out)
        How far each neuron is from its like: √(Σ Δw² + Δb²).

    Examples
    --------
    >>> from pellucid import Network
    >>> from pellucid.datasets import load_toy
    >>> toy = load_toy("moons")
    >>> run = Network([2, 3, 2]).fit(toy.X, toy.y, epochs=4, batch_size=20)
    >>> other = run.branch(12, biases={"layer_1/node_2": 1.0}).finish()
    >>> run.compare(other).parted, run.compare(other).first["layer_1"].tolist()
    (12, [13, 12, 13])
    """

    parted: int | None
    because: tuple[str, ...]
    until: int
    first: dict[str, NDArray[np.int64]] = field(repr=False)
    steps: NDArray[np.int64] = field(repr=False)
    apart: dict[str, NDArray[np.float64]] = field(repr=False)

    def __repr__(self) -> str:
        if self.parted is None:
            return f"The runs are the same, bit by bit, up to step {self.until}."
        lines = [f"The runs part at step {self.parted}, because of {', '.join(self.because) or 'nothing recorded'}."]
        for layer, apart in self.apart.items():
            far, first = int(apart[-1].argmax()), self.first[layer]
            begun = f"from step {first[first >= 0].min()}" if (first >= 0).any() else "not in the steps looked at"
            lines.append(
                f"{layer}: {begun}; at step {self.steps[-1]} √(mean Δ²) of its neurons is "
                f"{np.sqrt((apart[-1] ** 2).mean()):.4g}, most in node_{far + 1} ({apart[-1][far]:.4g})"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from pellucid.insight._html import comparison_html

        return comparison_html(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw how far the neurons of each layer are apart, by step; return Matplotlib's axes.

        Raises
        ------
        MissingLibraryError
            Matplotlib is not installed.
        """
        from pellucid.insight._plots import comparison_plot

        return comparison_plot(self, ax)


def compare(one: Timeline, other: Timeline) -> Comparison:
    """Return where and when two runs part, found by performing both again, side by side, bit by bit.

    Once they differ they are taken to stay so: where both are the same, they are taken to be so before, too.

    Raises
    ------
    RunError
        Their networks are of other shapes.
    """
    spec, theirs = one.recipe.spec, other.recipe.spec
    if spec.shapes != theirs.shapes or spec.dtype != theirs.dtype:
        raise RunError(
            f"Only runs of like networks are compared; these are {spec.shapes} {spec.dtype} and {theirs.shapes} "
            f"{theirs.dtype}, each as (neurons, inputs) of the layers."
        )
    until = min(one.frontier, other.frontier)
    parted = _parted(one, other, until)
    if parted is None:
        return Comparison(None, (), until, {}, np.array([], np.int64), {})
    first = _first(one, other, parted, until)
    steps = np.unique(np.linspace(parted, until, min(_POINTS, until - parted + 1)).round().astype(np.int64))
    found = [_distances(spec, a, b) for a, b in zip(_states(one, steps), _states(other, steps), strict=True)]
    apart = {name: np.array([distances[name] for distances in found]) for name in spec.names}
    return Comparison(parted, _because(one, other), until, first, steps, apart)


def _states(timeline: Timeline, steps: NDArray[np.int64]) -> Iterator[Array]:
    for step in steps.tolist():
        yield timeline.state_at(step).parameters


def _same(one: Timeline, other: Timeline, step: int) -> bool:
    a, b = one.state_at(step).parameters, other.state_at(step).parameters
    return a.tobytes() == b.tobytes()


def _parted(one: Timeline, other: Timeline, until: int) -> int | None:
    """Return the first step at which the parameters differ: by bisection, since runs that have parted stay so."""
    if _same(one, other, until):
        return None
    low, high = -1, until  # the same at low, other at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _same(one, other, middle) else (low, middle)
    return high


def _first(one: Timeline, other: Timeline, parted: int, until: int) -> dict[str, NDArray[np.int64]]:
    """Return the step at which each neuron first differs."""
    spec = one.recipe.spec
    first = {name: np.full(n_out, -1, np.int64) for name, (n_out, _) in zip(spec.names, spec.shapes, strict=True)}
    end = min(until, parted + _STEPS_LOOKED_AT)
    for a, b in zip(one.walk(parted, end), other.walk(parted, end), strict=True):
        for name, distances in _distances(spec, a.parameters, b.parameters).items():
            new = (distances > 0) & (first[name] < 0)
            first[name][new] = a.step
        if all((steps >= 0).all() for steps in first.values()):
            break
    return first


def _distances(spec: Spec, a: Array, b: Array) -> dict[str, NDArray[np.float64]]:
    """Return how far each neuron is from its like; above 0 where a bit differs, but for the sign of a zero."""
    wide, mine, theirs = {}, Parameters(spec, a), Parameters(spec, b)
    for name in spec.names:
        dW = mine[name].W.astype(np.float64) - theirs[name].W
        db = mine[name].b.astype(np.float64) - theirs[name].b
        wide[name] = np.sqrt((dW * dW).sum(axis=1) + db * db)
    return wide


def _because(one: Timeline, other: Timeline) -> tuple[str, ...]:
    """Return what differs, in words."""
    found = []
    for of in fields(one.recipe):
        mine, theirs = getattr(one.recipe, of.name), getattr(other.recipe, of.name)
        if mine != theirs:
            short = of.name in {"spec", "start"}
            found.append(f"the recipe's {of.name}" + ("" if short else f" ({mine!r}, {theirs!r})"))
    if one.data is not other.data and one.data.digest != other.data.digest:
        found.append("their data")
    if one.backend.exactness != other.backend.exactness:
        found.append("what computes them")
    until = min(one.frontier, other.frontier)
    edits = [[edit for edit in run.edits if edit.step <= until] for run in (one, other)]
    same = len(list(takewhile(lambda pair: _alike(*pair), zip(*edits, strict=False))))
    for whose, some in zip(("the first", "the second"), edits, strict=True):
        found += [f"{edit!r} of {whose}" for edit in some[same : same + _EDITS_TOLD]]
    return tuple(found)


def _alike(a: Edit, b: Edit) -> bool:
    if a is b:
        return True
    same = (a.step, a.settings, a.factor) == (b.step, b.settings, b.factor)
    return same and np.array_equal(a.parameters, b.parameters) and np.array_equal(a.places, b.places)  # type: ignore[arg-type]
