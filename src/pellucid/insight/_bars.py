"""One view of a difference: bars that, with all that stands beside them, add up to it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import whole_number
from pellucid.insight._names import signed

__all__ = ["Bar", "View"]

Float64 = NDArray[np.float64]


class Bar(NamedTuple):
    """One contribution: whose it is, by place in the view's arrays and by name, and what it comes to."""

    at: int
    name: str
    contribution: float


@final
@dataclass(frozen=True, eq=False, repr=False)
class View:
    """The difference of two outputs, as the neurons of one layer (or the inputs) make it up.

        difference = Σ bars + Σ baseline + Σ biases + Σ at_zero + rounding

    Attributes
    ----------
    place : "input", "layer_1", …
    names : of the inputs or neurons
    bars : float64, shape (n,)
        What each input or neuron contributes, beyond the baseline where the view has one.
    baseline : float64, shape (n,)
        What the baseline itself contributes through each; zeros where nothing at all is what the bars start from.
    biases : float64 arrays, shape (n_out,), by the names of the layers after this one
        What each of their neurons' biases contributes.
    at_zero : the same, of those layers whose activation of 0 is not 0
        What a neuron contributes by f(0), whatever comes in.
    rounding : float
        What the engine's arithmetic, and this one, rounded away.
    difference : float
    """

    place: str
    names: tuple[str, ...]
    bars: Float64
    baseline: Float64
    biases: Mapping[str, Float64]
    at_zero: Mapping[str, Float64]
    rounding: float
    difference: float

    def negated(self) -> View:
        """Return the view of the opposite difference."""
        biases, at_zero = ({name: -part for name, part in parts.items()} for parts in (self.biases, self.at_zero))
        return View(
            self.place,
            self.names,
            -self.bars,
            -self.baseline,
            biases,
            at_zero,
            -self.rounding,
            -self.difference,
        )

    def largest(self, n: int = 10) -> tuple[Bar, ...]:
        """Return the n bars of greatest size, the largest first; of equal ones, the first."""
        places = np.argsort(-np.abs(self.bars), kind="stable")[: whole_number("n", n, 0)]
        return tuple(Bar(int(i), self.names[i], float(self.bars[i])) for i in places)

    def rows(self, n: int = 10) -> Iterator[tuple[str, float]]:
        """Give the view as a list: the largest bars, the others' sum, what else there is, the rounding, the sum."""
        largest = self.largest(n)
        yield from ((bar.name, bar.contribution) for bar in largest)
        if others := len(self.bars) - len(largest):
            apart = np.delete(self.bars, [bar.at for bar in largest])
            yield f"{others} other{'s' if others > 1 else ''}", math.fsum(apart.tolist())
        if self.baseline.any():
            yield "the baseline's own", math.fsum(self.baseline.tolist())
        yield from ((f"biases of {name}", math.fsum(part.tolist())) for name, part in self.biases.items())
        yield from ((f"f(0) of {name}", math.fsum(part.tolist())) for name, part in self.at_zero.items())
        yield "rounding", self.rounding
        yield "sum", self.difference

    def __repr__(self) -> str:
        return "\n".join([self.place, *(f"  {name:<24} {signed(value)}" for name, value in self.rows())])

    def _repr_html_(self) -> str:
        from pellucid.insight._html import view_html

        return view_html(self)
