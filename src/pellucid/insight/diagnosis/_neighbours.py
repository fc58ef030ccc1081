"""What a row's neighbours say: the rows nearest to it, each column measured by how far it reaches."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["nearest"]

Float64 = NDArray[np.float64]

_AT_ONCE: Final = 1024  # rows whose distances are held in memory


def nearest(S: Float64, among: Float64, count: int) -> NDArray[np.int64]:
    """Return the places of the rows of ``among`` that are nearest to each row of S; shape (rows, count).

    Each column is divided by its greatest distance from its mean in ``among``, so that none decides alone. A row
    itself, where it is among them, is left out: what is at distance 0.
    """
    middle = among.mean(axis=0)
    reach = np.abs(among - middle).max(axis=0)
    reach[reach == 0] = 1.0
    B = (among - middle) / reach
    parts = [
        _nearest((S[i : i + _AT_ONCE] - middle) / reach, B, min(count, len(B))) for i in range(0, len(S), _AT_ONCE)
    ]
    return np.concatenate(parts)


def _nearest(A: Float64, B: Float64, count: int) -> NDArray[np.int64]:
    squares = (A * A).sum(axis=1)[:, np.newaxis] + (B * B).sum(axis=1) - 2 * A @ B.T
    squares[squares <= 1e-12 * A.shape[1]] = np.inf
    return np.argpartition(squares, count - 1, axis=1)[:, :count]
