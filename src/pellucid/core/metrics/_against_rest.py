"""Metrics of one class against the rest, or of yes against no: by counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core.losses import Task
from pellucid.core.metrics._classes import log_probabilities, shifted
from pellucid.core.metrics._metric import Metric
from pellucid.core.metrics._sums import in_order

__all__ = ["AUC", "F1"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]


def _average(values: list[float]) -> float:
    return float(in_order(values)) / len(values)


@final
@dataclass(frozen=True)
class AUC(Metric):
    """The area under the ROC curve: how likely a row of yes has a greater output than one of no; equal ones count ½.

    Of two classes it is that of the second, by the difference of their logits. Several classes are each ranked by ln p
    against the rest, several yes-no outputs each by its logit, and the areas averaged in their order. Where a class
    has no rows, or all, there is no area, and the whole is NaN; so it is where an output is NaN.

    Source: Hanley & McNeil (1982), The meaning and use of the area under a receiver operating characteristic curve;
    Provost & Domingos (2000) for several classes, unweighted.

    Examples
    --------
    >>> AUC().value(np.array([[1.0], [2.0], [2.0], [3.0]]), np.array([[False], [False], [True], [True]]))
    0.875
    """

    name: ClassVar[str] = "auc"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSES, Task.YES_NO)
    better: ClassVar[int] = +1
    formula: ClassVar[str] = "(pairs of yes above no + ½·pairs of equals) / pairs of yes and no"

    def value(self, A: Float64, T: Array) -> float:
        """Return (pairs of yes above no + ½·pairs of equals) / pairs of yes and no."""
        if T.ndim == 2:
            return _average([_area(scores, yes) for scores, yes in zip(A.T, T.T, strict=True)])
        if A.shape[1] == 2:
            S = shifted(A)
            return _area(S[:, 1] - S[:, 0], T == 1)  # finer than p, which rounds to 1 for many
        L = log_probabilities(A)
        return _average([_area(L[:, j], T == j) for j in range(A.shape[1])])


def _area(scores: Float64, yes: Bools) -> float:
    ones, others = scores[yes], np.sort(scores[~yes])
    if not len(ones) or not len(others) or np.isnan(scores).any():
        return float("nan")
    twice = np.searchsorted(others, ones, "left").sum() + np.searchsorted(others, ones, "right").sum()
    return int(twice) / (2 * len(ones) * len(others))


@final
@dataclass(frozen=True)
class F1(Metric):
    """The harmonic mean of precision and recall: 2·TP / (2·TP + FP + FN), 0 where there is nothing to find or found.

    Of two classes it is that of the second; of several classes, or yes-no outputs, the mean over all of them, which
    weighs rare ones as common ones (what is called macro). A row with a NaN for a logit is taken for no class.

    Source: van Rijsbergen (1979), Information retrieval, ch. 7.

    Examples
    --------
    >>> F1().value(np.array([[2.0, 1.0], [0.0, 3.0], [0.0, 1.0]]), np.array([0, 1, 0]))
    0.6666666666666666
    """

    name: ClassVar[str] = "f1"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSES, Task.YES_NO)
    better: ClassVar[int] = +1
    formula: ClassVar[str] = "2·TP / (2·TP + FP + FN)"

    def value(self, A: Float64, T: Array) -> float:
        """Return 2·TP / (2·TP + FP + FN)."""
        if T.ndim == 2:
            return _average([_f1(taken, yes) for taken, yes in zip((A > 0).T, T.T, strict=True)])
        places = np.where(np.isnan(A).any(axis=1), -1, A.argmax(axis=1))
        n = A.shape[1]
        return _average([_f1(places == j, T == j) for j in ([1] if n == 2 else range(n))])


def _f1(taken: Bools, yes: Bools) -> float:
    both = int(np.count_nonzero(taken)) + int(np.count_nonzero(yes))
    return 2 * int(np.count_nonzero(taken & yes)) / both if both else 0.0
