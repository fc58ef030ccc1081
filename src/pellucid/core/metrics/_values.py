"""Metrics of values, in the targets' own units; averaged over targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core.losses import Task
from pellucid.core.metrics._metric import Metric
from pellucid.core.metrics._sums import in_order, mean, tree_sum

__all__ = ["R2", "MeanAbsoluteError", "MeanSquaredError", "explained"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]


@final
@dataclass(frozen=True)
class MeanSquaredError(Metric):
    """The mean of (y − p)², in squares of the targets' units.

    Examples
    --------
    >>> MeanSquaredError().value(np.array([[1.0], [5.0]]), np.array([[2.0], [2.0]]))
    5.0
    """

    name: ClassVar[str] = "mse"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    better: ClassVar[int] = -1
    formula: ClassVar[str] = "mean of (y − p)²"

    def value(self, A: Float64, T: Array) -> float:
        """Return the mean of (y − p)²."""
        apart = T - A
        return mean(apart * apart)


@final
@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean of |y − p|, in the targets' units.

    Examples
    --------
    >>> MeanAbsoluteError().value(np.array([[1.0], [5.0]]), np.array([[2.0], [2.0]]))
    2.0
    """

    name: ClassVar[str] = "mae"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    better: ClassVar[int] = -1
    formula: ClassVar[str] = "mean of |y − p|"

    def value(self, A: Float64, T: Array) -> float:
        """Return the mean of |y − p|."""
        return mean(np.abs(T - A))


@final
@dataclass(frozen=True)
class R2(Metric):
    """The share of the targets' variance that is explained: 1 − Σ (y − p)² / Σ (y − mean y)², averaged over targets.

    1 is perfect, 0 as good as naming the mean, and there is no lower end. Of a target that never varies (as that of a
    single row) it is 1 where every prediction is exact, else 0.

    Examples
    --------
    >>> R2().value(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]]))
    0.5
    """

    name: ClassVar[str] = "r2"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    better: ClassVar[int] = +1
    formula: ClassVar[str] = "1 − Σ (y − p)² / Σ (y − mean y)²"

    def value(self, A: Float64, T: Array) -> float:
        """Return 1 − Σ (y − p)² / Σ (y − mean y)², averaged over targets."""
        apart, about = T - A, T - tree_sum(T) / len(T)
        missed, spread = tree_sum(apart * apart), tree_sum(about * about)
        constant = (T == T[0]).all(axis=0)  # the rounded mean of equal numbers need not be that number
        return explained(missed, np.where(constant, 0.0, spread))


def explained(missed: Float64, whole: Float64) -> float:
    """Return 1 − missed / whole, averaged over columns; of one that has nothing to miss, 1 where nothing is, else 0."""
    shares = np.where(whole == 0, np.where(missed == 0, 1.0, 0.0), 1.0 - missed / np.where(whole == 0, 1.0, whole))
    return float(in_order(shares.tolist())) / len(shares)
