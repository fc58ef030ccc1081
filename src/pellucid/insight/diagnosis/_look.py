"""A look: every number of a network on some rows, at one moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, SparseRows, Spec, Traced, scaled
from pellucid.engine import Backend
from pellucid.random import Purpose, Stream

__all__ = ["Check", "Look", "look_at", "sampled"]

Array = NDArray[Any]
Table = Array | SparseRows

_MOST_ROWS: Final = 2000
_MOST_NUMBERS: Final = 1 << 22
_LEAST_ROWS: Final = 32


@final
@dataclass(frozen=True, eq=False)
class Look:
    """A network's numbers on some rows.

    Attributes
    ----------
    spec : Spec
    parameters : Parameters
    X : array, shape (rows, n_in), as given
    S : float64, like X
        As the first layer sees it.
    T : targets as the loss takes them, or None
    numbers : Traced
        The engine's own.
    of : int
        How many rows there are, of which these were drawn.
    """

    spec: Spec
    parameters: Parameters
    X: Array
    S: NDArray[np.float64]
    T: Array | None
    numbers: Traced
    of: int

    @property
    def rows(self) -> str:
        """The rows, in words."""
        return f"{len(self.X)} rows" if self.of == len(self.X) else f"{len(self.X)} rows (of {self.of})"

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the layers before the output."""
        return self.spec.names[:-1]

    @property
    def output(self) -> Array:
        """The last layer's activations, shape (rows, n_out)."""
        return self.numbers.layers["output"].A


Check = Callable[[Look], "list[Any]"]


def look_at(spec: Spec, vector: Array, backend: Backend, X: Array, T: Array | None, of: int) -> Look:
    """Return every number of a network on some rows."""
    with np.errstate(over="ignore", invalid="ignore"):
        S = scaled(spec, X).astype(np.float64)
        return Look(spec, Parameters(spec, vector), X, S, T, backend.trace(spec, vector, X, T), of)


def sampled(rows: int, width: int) -> NDArray[np.int64]:
    """Return the places of the rows to look at: all, or about 2,000 (of very wide tables fewer), drawn by chance.

    Drawn, since rows may stand in an order in which every second one is of one class; always the same, so that a
    diagnosis is repeated to the bit.
    """
    most = min(_MOST_ROWS, max(_LEAST_ROWS, _MOST_NUMBERS // width))
    if rows <= most:
        return np.arange(rows)
    return np.unique((Stream(0, Purpose.SPLIT, layer=1).uniform(most) * rows).astype(np.int64))


def taken(X: Table, places: NDArray[np.int64]) -> Array:
    """Return rows of a table as an array."""
    return np.asarray(X[places])
