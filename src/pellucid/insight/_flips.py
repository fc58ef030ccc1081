"""Where the answer flips as one activation moves: solved below the outputs, searched deeper down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Name, Parameters, Spec, Task
from pellucid.engine import Backend
from pellucid.insight._answers import answer_name, answers
from pellucid.insight._layers_apart import Part
from pellucid.insight._names import signed

__all__ = ["Change", "Lines", "Search", "SmallestChanges", "searched"]

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
        out_of_reach = "" if self.reachable else " (its activation function never gives that)"
        moves = f"{self.before:.6g} → {self.after:.6g}".replace("-", "−") + f" ({signed(self.change)})"
        return f"{self.layer}/node_{self.node}: {moves} gives {self.name}{out_of_reach}"


class SmallestChanges(NamedTuple):
    """The smallest change that its neuron can reach, and the smallest of all; None where none was found."""

    reachable: Change | None
    smallest: Change | None


class Lines(NamedTuple):
    """Neurons (from 0) and directions (±1): what a search goes along."""

    neurons: NDArray[np.int64]
    signs: Float64

    def of(self, places: Any) -> Lines:
        """Return some of them."""
        return Lines(self.neurons[places], self.signs[places])


class Search(NamedTuple):
    """One row at one layer: its activations, the layers above, and the answer to get away from, or to."""

    spec: Spec
    layer: str
    a: Array
    above: Part
    backend: Backend
    answer: int
    to: int | None
    reach: tuple[float, float]

    def lines(self) -> Lines:
        """Return every neuron, in both directions."""
        return Lines(np.tile(np.arange(len(self.a)), 2), np.repeat([1.0, -1.0], len(self.a)))

    def moved(self, lines: Lines, sizes: Float64) -> Float64:
        """Return the activations at these distances, as the network's type holds them."""
        with np.errstate(over="ignore"):
            values = (self.a[lines.neurons].astype(np.float64) + lines.signs * sizes).astype(self.a.dtype)
        return values.astype(np.float64)

    def answers(self, lines: Lines, sizes: Float64) -> NDArray[np.int64]:
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

    def flips(self, lines: Lines, sizes: Float64) -> NDArray[np.bool_]:
        """Return where the answer is the one wished for, or another where none is wished for."""
        there = self.answers(lines, sizes)
        return np.asarray(there != self.answer if self.to is None else there == self.to)

    def reachable(self, lines: Lines, sizes: Float64) -> NDArray[np.bool_]:
        """Return where the activation function gives such an activation."""
        values = self.moved(lines, sizes)
        return np.asarray((self.reach[0] <= values) & (values <= self.reach[1]))

    def bisected(self, lines: Lines, near: Float64, far: Float64) -> Float64:
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

    def smallest(self, lines: Lines, sizes: Float64) -> SmallestChanges:
        """Return the smallest of some changes, and the smallest within reach."""
        order = np.argsort(sizes, kind="stable")
        lines, sizes = lines.of(order), sizes[order]
        within = np.flatnonzero(self.reachable(lines, sizes))
        pick = [within[0] if len(within) else None, 0 if len(sizes) else None]
        return SmallestChanges(*(None if i is None else self._change(lines.of([i]), sizes[[i]]) for i in pick))

    def _change(self, line: Lines, size: Float64) -> Change | None:
        """Return the change that the engine confirms for the row alone, or None."""
        for farther in _BEYOND:
            there = size * (1 + farther)
            if self.flips(line, there).all():
                neuron, answer = int(line.neurons[0]), int(self.answers(line, there)[0])
                before, after = float(self.a[neuron]), float(self.moved(line, there)[0])
                within = bool(self.reachable(line, there)[0])
                return Change(self.layer, neuron + 1, before, after, answer, answer_name(self.spec, answer), within)
        return None


def _scanned(search: Search) -> SmallestChanges:
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


def _solved(search: Search, z: Float64, W: Float64) -> SmallestChanges:
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


def _distances(search: Search, z: Float64, W: Float64) -> Float64:
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


def _confirmed(search: Search, line: Lines, size: float) -> tuple[Lines, Float64]:
    """Return the line with the distance at which the engine's answer flips, or no line where it does not."""
    for around in (size * _AROUND, size * _NEXT_TO):
        flips = search.flips(line.of(np.zeros(len(around), dtype=np.int64)), around)
        if flips.any():
            first = int(flips.argmax())
            near = around[[first - 1]] if first else np.zeros(1)
            return line, search.bisected(line, near, around[[first]])
    return line.of([]), np.zeros(0)


def searched(search: Search, parameters: Parameters) -> SmallestChanges:
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
