"""Sums in a written order: neither NumPy's release nor its loops' width decides a bit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["in_order", "mean", "tree_sum"]

Float64 = NDArray[np.float64]
T = TypeVar("T", float, NDArray[Any])

_LEAF: Final = 256  # rows; as in native/sums.hpp


def tree_sum(x: Float64) -> Float64:
    """Return the sum over rows, as the engine adds up samples.

    In order within leaves of 256 consecutive rows; leaves are added pairwise up a binary tree, an odd last one
    passing up unchanged.

    Parameters
    ----------
    x : array of float64, shape (rows, …), at least one row

    Returns
    -------
    array of the shape of one row

    Examples
    --------
    >>> tree_sum(np.ones((1000, 2))).tolist()
    [1000.0, 1000.0]
    """
    leaves, of_row = -(-len(x) // _LEAF), x.shape[1:]
    padded = np.zeros((leaves * _LEAF, *of_row))  # 0 added to a sum that began with 0 changes no bit of it
    padded[: len(x)] = x
    sums = np.zeros((leaves, *of_row))
    for place in range(min(_LEAF, len(x))):  # all leaves at once
        sums += padded[place::_LEAF]
    while len(sums) > 1:
        odd = sums[len(sums) // 2 * 2 :]
        sums = np.concatenate([sums[:-1:2] + sums[1::2], odd])
    return np.asarray(sums[0])


def in_order(parts: Iterable[T]) -> T | float:
    """Return the sum of numbers, or of arrays element by element, one after the other; ``sum`` compensates since 3.12.

    Examples
    --------
    >>> in_order([1e16, 1.0, -1e16])
    0.0
    """
    total: T | float = 0.0
    for part in parts:
        total = total + part
    return total


def mean(x: Float64) -> float:
    """Return the mean of an array of shape (rows,) or (rows, columns): over rows, and then over columns."""
    of_columns = tree_sum(x.reshape(len(x), -1)) / len(x)
    return float(in_order(of_columns.tolist())) / len(of_columns)
