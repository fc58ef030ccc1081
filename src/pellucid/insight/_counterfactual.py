"""What would have had to be different: the smallest change of one neuron that changes the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import whole_number
from pellucid.core import Name, Parameters, Spec, Task
from pellucid.engine import Backend
from pellucid.errors import DataError, SettingError
from pellucid.insight._answers import answer_name, answers, one_row
from pellucid.insight._layers_apart import Part, activations, layers_above
from pellucid.insight._ranges import range_of

__all__ = ["Change", "Counterfactual", "SmallestChanges", "counterfactual"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

_DISTANCES: Final = 2.0 ** (np.arange(-48, 49) / 4)
"""How far a scan looks, in units of the layer's largest activation: from 2⁻¹² to 2¹², four to a doubling."""

_NEARER: Final = 2.0 ** -np.arange(1, 22)
_AROUND: Final = np.concatenate([1 - _NEARER, 1 + _NEARER[::-1], 2.0 ** np.arange(1, 11)])
_NEXT_TO: Final = np.concatenate([1 - 2.0 ** -np.arange(22, 53), 1 + 2.0 ** -np.arange(52, 21, -1)])
"""Where the flip is looked for around the place that the closed form gives, at which two outputs are equal: rounding
moves it a little. Next to it alone is it seen where a third class takes the lead soon after."""

_BEYOND: Final = (0.0, 2.0**-20, 2.0**-16, 2.0**-12)
"""How much farther a change may go so that it holds where its row is computed alone, too: with the readable core's
BLAS, the last digits depend on the batch."""

_NUMBERS_AT_ONCE: Final = 1 << 21
_CLOSE: Final = 2.0**-20
"""A change is known to this share of it, or to the last digit of the network's number type."""


@final
@dataclass(frozen=True)
class Change:
    """Another activation of one neuron, with which the answer is another.

    Attributes
    ----------
    layer : "layer_1", …
    node : int, from 1
    before, after : float
        Its activation as it is, and as it would have to be: numbers of the network's own type.
    answer : int
        The place of the new answer.
    name : the new answer's name, or its place where answers have no names
    reachable : bool
        Whether the neuron's activation function ever gives ``after``.
    """

    layer: str
    node: int
    before: float
    after: float
    answer: int
    name: Name
    reachable: bool

    @property
    def change(self) -> float:
        """How far the activation moves: after − before."""
        return self.after - self.before

    def __str__(self) -> str:
        out_of_reach = "" if self.reachable else ", which its activation function never gives"
        moves = f"{self.before:.6g} → {self.after:.6g} ({self.change:+.6g})"
        return f"{self.layer}/node_{self.node}: {moves} gives {self.name}{out_of_reach}"


class SmallestChanges(NamedTuple):
    """The smallest change that its neuron can reach, and the smallest of all; None where none was found."""

    reachable: Change | None
    smallest: Change | None


@final
@dataclass(frozen=True, repr=False)
class Counterfactual:
    """The smallest change of one hidden neuron's activation that changes the answer.

    Attributes
    ----------
    answer : int
        The place of the answer as it is.
    name : its name, or its place where answers have no names
    reachable, smallest : Change, or None where none was found
        The smallest that its neuron's activation function can give, and the smallest of all.
    layers : SmallestChanges by the hidden layers' names
    """

    answer: int
    name: Name
    reachable: Change | None
    smallest: Change | None
    layers: Mapping[str, SmallestChanges]

    @property
    def best(self) -> Change | None:
        """The smallest change within reach; where there is none, the smallest of all."""
        return self.reachable or self.smallest

    def __repr__(self) -> str:
        lines = [f"{self.name}; with one neuron changed as little as it takes:"]
        lines.append(
            f"  {self.best or 'no change of one neuron, within the bounds of the search, gives another answer'}"
        )
        if self.reachable and self.smallest != self.reachable:
            lines.append(f"  {self.smallest}")
        for name, found in self.layers.items():
            best = found.reachable or found.smallest
            if best != self.best:
                lines.append(f"  {best or f'{name}: none'}")
        return "\n".join(lines)


class _Lines(NamedTuple):
    """Neurons (from 0) and directions (±1): what a search goes along."""

    neurons: NDArray[np.int64]
    signs: Float64

    def of(self, places: Any) -> _Lines:
        """Return some of them."""
        return _Lines(self.neurons[places], self.signs[places])


class _Search(NamedTuple):
    """One row at one layer: its activations, the layers above, and the answer to get away from, or to."""

    spec: Spec
    layer: str
    a: Array
    above: Part
    backend: Backend
    answer: int
    to: int | None
    reach: tuple[float, float]

    def lines(self) -> _Lines:
        """Return every neuron, in both directions."""
        return _Lines(np.tile(np.arange(len(self.a)), 2), np.repeat([1.0, -1.0], len(self.a)))

    def moved(self, lines: _Lines, sizes: Float64) -> Float64:
        """Return the activations at these distances, as the network's type holds them."""
        with np.errstate(over="ignore"):
            values = (self.a[lines.neurons].astype(np.float64) + lines.signs * sizes).astype(self.a.dtype)
        return values.astype(np.float64)

    def answers(self, lines: _Lines, sizes: Float64) -> NDArray[np.int64]:
        """Return the answer for each line, one neuron having another activation; as it is, where outputs overflow."""
        values, found = self.moved(lines, sizes), [np.zeros(0, dtype=np.int64)]
        rows = max(1, _NUMBERS_AT_ONCE // len(self.a))
        for begin in range(0, len(values), rows):
            here = slice(begin, begin + rows)
            A = np.repeat(self.a[np.newaxis], len(values[here]), axis=0)
            A[np.arange(len(A)), lines.neurons[here]] = values[here]
            output = self.above.output(self.backend, A)
            found.append(np.where(np.isfinite(output).all(axis=1), answers(self.spec, output), self.answer))
        return np.concatenate(found)

    def flips(self, lines: _Lines, sizes: Float64) -> NDArray[np.bool_]:
        """Return where the answer is the one wished for, or another where none is wished for."""
        there = self.answers(lines, sizes)
        return np.asarray(there != self.answer if self.to is None else there == self.to)

    def reachable(self, lines: _Lines, sizes: Float64) -> NDArray[np.bool_]:
        """Return where the activation function gives such an activation."""
        values = self.moved(lines, sizes)
        return np.asarray((self.reach[0] <= values) & (values <= self.reach[1]))

    def bisected(self, lines: _Lines, near: Float64, far: Float64) -> Float64:
        """Return the distances of the flips between two at which there is none, and is one."""
        near, far = near.copy(), far.copy()
        while True:
            middle = (near + far) / 2
            at = self.moved(lines, middle)
            apart = (at != self.moved(lines, near)) & (at != self.moved(lines, far))
            going = np.flatnonzero(apart & (far - near > _CLOSE * far))
            if not len(going):
                return far
            flips = self.flips(lines.of(going), middle[going])
            far[going[flips]] = middle[going[flips]]
            near[going[~flips]] = middle[going[~flips]]

    def smallest(self, lines: _Lines, sizes: Float64) -> SmallestChanges:
        """Return the smallest of some changes, and the smallest within reach."""
        order = np.argsort(sizes, kind="stable")
        lines, sizes = lines.of(order), sizes[order]
        within = np.flatnonzero(self.reachable(lines, sizes))
        pick = [within[0] if len(within) else None, 0 if len(sizes) else None]
        return SmallestChanges(*(None if i is None else self._change(lines.of([i]), sizes[[i]]) for i in pick))

    def _change(self, line: _Lines, size: Float64) -> Change | None:
        """Return the change that the engine confirms for the row alone, or None."""
        for farther in _BEYOND:
            there = size * (1 + farther)
            if self.flips(line, there).all():
                neuron, answer = int(line.neurons[0]), int(self.answers(line, there)[0])
                before, after = float(self.a[neuron]), float(self.moved(line, there)[0])
                within = bool(self.reachable(line, there)[0])
                return Change(self.layer, neuron + 1, before, after, answer, answer_name(self.spec, answer), within)
        return None


def _scanned(search: _Search) -> SmallestChanges:
    """Go outward along every line at once, and bisect to the flips of the first distances where there is any."""
    lines, near = search.lines(), 0.0
    found = SmallestChanges(None, None)
    for far in (_DISTANCES * (float(np.abs(search.a).max()) or 1.0)).tolist():
        flips = search.flips(lines, np.full(len(lines.signs), far))
        if flips.any():
            flipped = lines.of(flips)
            ends = np.full(len(flipped.signs), near), np.full(len(flipped.signs), far)
            here = search.smallest(flipped, search.bisected(flipped, *ends))
            found = SmallestChanges(here.reachable, found.smallest or here.smallest)
            lines = lines.of(~flips)
        if found.reachable or not len(lines.signs):
            break
        near = far
    return found


def _solved(search: _Search, z: Float64, W: Float64) -> SmallestChanges:
    """Go along the lines in the order that the closed form gives, until the engine confirms one within reach."""
    lines = search.lines()
    sizes = np.concatenate([_distances(search, z, sign * W) for sign in (1.0, -1.0)])
    sizes = np.maximum(sizes, float(np.spacing(np.abs(search.a).max())))  # where two outputs are equal it would be 0
    within = search.reachable(lines, sizes)
    found = SmallestChanges(None, None)
    for place in np.argsort(sizes, kind="stable").tolist():
        if found.reachable or not np.isfinite(sizes[place]):
            break
        if within[place] or found.smallest is None:
            line = lines.of([place])
            here = search.smallest(*_confirmed(search, line, float(sizes[place])))
            found = SmallestChanges(here.reachable, found.smallest or here.smallest)
    return found


def _distances(search: _Search, z: Float64, W: Float64) -> Float64:
    """Return for each neuron the least u ≥ 0 with which z + u·W[:, j] gives another answer, or the one wished for.

    To leave class y, the first class k to overtake it decides: u = (z_y − z_k) / (w_k − w_y), where w_k > w_y. To
    become class k, all others must be behind it: each is for u beyond such a bound, or for u below it.
    """
    target = search.answer if search.to is None else search.to
    others = np.arange(len(z)) != target
    lead = (z[others] - z[target])[:, np.newaxis]  # of the others, and what a unit of u takes off it
    gain = W[target] - W[others]
    bound = lead / np.where(gain == 0, 1.0, gain)
    if search.to is None:
        return np.asarray(np.where(gain < 0, bound, np.inf).min(axis=0))
    least = np.where(gain > 0, bound, 0.0).max(axis=0).clip(0.0)
    most = np.where(gain < 0, bound, np.inf).min(axis=0)
    hopeless = ((gain == 0) & (lead > 0)).any(axis=0)
    return np.where(hopeless | (least > most), np.inf, least)


def _confirmed(search: _Search, line: _Lines, size: float) -> tuple[_Lines, Float64]:
    """Return the line with the distance at which the engine's answer flips, or no line where it does not."""
    for around in (size * _AROUND, size * _NEXT_TO):
        flips = search.flips(line.of(np.zeros(len(around), dtype=np.int64)), around)
        if flips.any():
            first = int(flips.argmax())
            near = around[[first - 1]] if first else np.zeros(1)
            return line, search.bisected(line, near, around[[first]])
    return line.of([]), np.zeros(0)


def _searched(search: _Search, parameters: Parameters) -> SmallestChanges:
    """Return what one layer holds: by the closed form where only the outputs lie above it, else by scanning."""
    spec = search.spec
    linear = (spec.dense[-1].activation or "identity") == "identity"
    if search.layer != spec.names[-2] or not linear:
        return _scanned(search)
    z = search.above.output(search.backend, search.a[np.newaxis])[0].astype(np.float64)
    W = parameters["output"].W.astype(np.float64)
    if spec.loss.task is Task.YES_NO:  # the logit of no is 0
        z, W = np.concatenate([[0.0], z]), np.concatenate([np.zeros_like(W), W])
    return _solved(search, z, W)


def counterfactual(
    spec: Spec, parameters: Parameters, backend: Backend, x: object, *, to: int | None = None
) -> Counterfactual:
    """Return the smallest change of one hidden neuron's activation that changes the answer.

    Every neuron of every hidden layer is tried, up and down, all others being held as they are; what lies above it
    follows. Sizes are compared as they are, also between layers whose activations differ in size.

    - In the last hidden layer outputs are linear in an activation, so the flip has a closed form.
    - In deeper layers the outputs are searched outward from the activation, at distances of 2⁻¹² to 2¹² times the
      layer's largest activation, four to a doubling; the first flip is then bisected. A stretch of another answer
      that lies between two such distances is not seen, and nothing beyond the last.

    What is found is confirmed by the engine: the change makes the answer the new one, and 0.999 of it does not, as
    far as the network's number type tells the two apart.

    Parameters
    ----------
    spec, parameters, backend : the network, and what computes it
    x : array, shape (n_in,), as the user gives it
    to : place of the answer wished for, from 0; None: any other

    Raises
    ------
    SettingError, KindError
        The network gives values, or several answers at once, or has no hidden layer; or the answer is ``to`` already.
    ShapeError, DataError, KindError
        x is not one row of finite numbers, or its outputs are not finite.

    Examples
    --------
    >>> from pellucid.engine import ReadableCore
    >>> spec = Spec.of([2, 2, 2], dtype="float64")
    >>> parameters = Parameters(spec)
    >>> parameters["layer_1"].W[...] = [[1, 0], [0, 1]]
    >>> parameters["output"].W[...] = [[1, 0], [0, 2]]
    >>> counterfactual(spec, parameters, ReadableCore(), [3.0, 1.0])
    0; with one neuron changed as little as it takes:
      layer_1/node_2: 1 → 1.5 (+0.5) gives 1

    Source: Wachter, Mittelstadt & Russell (2018), Counterfactual explanations without opening the black box, asked of
    hidden neurons in place of inputs.
    """
    _check(spec)
    row = one_row(spec, x)
    wished = None if to is None else whole_number("The answer wished for, counted from 0,", to, 0, spec.n_names - 1)
    output = backend.forward(spec, parameters.vector, row)
    if not np.isfinite(output).all():
        raise DataError(
            "The outputs for x are not finite, so there is no answer to change. Mend the network or the row."
        )
    answer = int(answers(spec, output)[0])
    if answer == wished:
        raise SettingError(f"The answer is {answer_name(spec, answer)} already. Give another one, or to=None for any.")
    hidden = activations(spec, parameters, backend, row)
    layers = {}
    for name, layer in zip(spec.names[:-1], spec.dense[:-1], strict=True):
        above, reach = layers_above(spec, parameters, name), range_of(layer.activation)
        search = _Search(spec, name, hidden[name][0], above, backend, answer, wished, reach)
        layers[name] = _searched(search, parameters)
    reachable = _least([found.reachable for found in layers.values()])
    smallest = _least([found.smallest for found in layers.values()])
    return Counterfactual(answer, answer_name(spec, answer), reachable, smallest, layers)


def _check(spec: Spec) -> None:
    """Raise where there is no one answer, or no hidden neuron."""
    if spec.loss.task is Task.VALUES:
        raise SettingError(
            f"The loss {spec.loss.name!r} gives values, which have no smallest change that makes them others. "
            "Ask for the contributions, with why, instead."
        )
    if spec.loss.task is Task.YES_NO and spec.n_outputs > 1:
        raise SettingError(
            f"The network gives {spec.n_outputs} answers of yes or no at once; one answer is accepted, "
            "of several classes or of yes or no. Ask for the contributions to one of them, with why, instead."
        )
    if len(spec.names) == 1:
        raise SettingError(
            "The network has no hidden layer, so it has no neuron to change. Build one with a layer more."
        )


def _least(changes: list[Change | None]) -> Change | None:
    """Return the smallest of those that there are; of equal ones, the first."""
    return min((change for change in changes if change), key=lambda change: abs(change.change), default=None)
