"""Metrics of classes, and of yes or no, by what each row is taken for, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import exp, log1p
from pellucid.checks import whole_number
from pellucid.core.losses import Task
from pellucid.core.metrics._metric import Metric
from pellucid.core.metrics._sums import in_order, mean
from pellucid.core.spec import Spec

__all__ = ["Accuracy", "LogLoss", "TopK", "log_probabilities", "right", "shifted"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

_LEAST = -700.0  # below, eˣ is nothing beside what it is added to


def right(A: Array, T: Array) -> NDArray[np.bool_]:
    """Return for each row whether its prediction is right; for classes the likeliest, for yes or no every one."""
    if T.ndim == 1:
        return ranks(A, T) == 0
    return np.asarray(np.where(T == 1, A > 0, A <= 0).all(axis=1))  # NaN is neither


def ranks(A: Array, T: Array) -> NDArray[np.int64]:
    """Return for each row how many outputs come before its class's: greater ones, and equal ones of lower place.

    NaN comes before every number, and before itself: where the class's own output is NaN, all come before it.
    """
    own, places = A[np.arange(len(A)), T][:, np.newaxis], np.arange(A.shape[1])
    itself_or_after = (A < own) | ((A == own) & (places >= T[:, np.newaxis]))
    return np.asarray(A.shape[1] - np.count_nonzero(itself_or_after, axis=1))


def _power(x: Float64) -> Float64:
    """Return eˣ for x ≤ 0, and 0 where it is too small to matter."""
    return np.where(x < _LEAST, 0.0, exp(np.maximum(x, _LEAST)))


def shifted(Z: Float64) -> Float64:
    """Return z − max z in each row, at most 0; the greatest itself gives 0 even where it is infinite."""
    top = Z.max(axis=1, keepdims=True)
    return np.where(Z == top, 0.0, Z - top)


def log_probabilities(Z: Float64) -> Float64:
    """Return ln softmax(z) in each row, exact in its digits where p is nearly 1.

    With s = z − max z, it is s − ln(1 + Σ eˢ over all but the greatest).
    """
    S = shifted(Z)
    greatest = np.arange(Z.shape[1]) == Z.argmax(axis=1)[:, np.newaxis]
    others = in_order(np.where(greatest, 0.0, _power(S)).T)
    return np.asarray(S - log1p(others)[:, np.newaxis])


@final
@dataclass(frozen=True)
class Accuracy(Metric):
    """The share of rows whose prediction is right; with several yes-no outputs, all of them must be.

    Predicted is the class of the greatest logit, the first of equals; yes where a logit is above 0. A row with a NaN
    among its logits is wrong.

    Examples
    --------
    >>> Accuracy().value(np.array([[2.0, 1.0], [0.0, 3.0]]), np.array([0, 0]))
    0.5
    """

    name: ClassVar[str] = "accuracy"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSES, Task.YES_NO)
    better: ClassVar[int] = +1
    formula: ClassVar[str] = "right rows / rows"

    def value(self, A: Float64, T: Array) -> float:
        """Return right rows / rows."""
        return int(np.count_nonzero(right(A, T))) / len(A)


@final
@dataclass(frozen=True)
class TopK(Metric):
    """The share of rows whose class is among the k likeliest; of equal logits, those of lower place come first.

    So a constant network is right for the first k classes, and no others.

    Parameters
    ----------
    k : int, ≥ 1, and below the number of classes

    Raises
    ------
    KindError, SettingError
        k is no whole number ≥ 1.

    Examples
    --------
    >>> TopK(2).value(np.array([[3.0, 2.0, 1.0], [0.0, 0.0, 0.0]]), np.array([1, 2]))
    0.5
    >>> TopK(2).shown
    'top_2'
    """

    k: int = 5

    name: ClassVar[str] = "top_k"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSES,)
    better: ClassVar[int] = +1
    formula: ClassVar[str] = "rows whose class is among the k likeliest / rows"

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole_number("k", self.k, 1))

    @property
    def shown(self) -> str:
        """Its name, such as top_5."""
        return f"top_{self.k}"

    def value(self, A: Float64, T: Array) -> float:
        """Return rows whose class is among the k likeliest / rows."""
        return int(np.count_nonzero(ranks(A, T) < self.k)) / len(A)

    def misfit(self, spec: Spec) -> str | None:
        """Return why it cannot measure a network: k classes or fewer are always right."""
        if super().misfit(spec) is None and self.k >= spec.n_outputs:
            return f"would always be 1: the network has {spec.n_outputs} classes"
        return super().misfit(spec)


@final
@dataclass(frozen=True)
class LogLoss(Metric):
    """The mean of −ln p, p the probability of what is true: cross-entropy without smoothing, from logits.

    With several yes-no outputs, it is the mean over outputs. A true class that has no probability at all (its logit
    is −∞, or another's is +∞) makes it ∞; a NaN makes it NaN.

    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, §6.2.2.

    Examples
    --------
    >>> LogLoss().value(np.zeros((3, 4)), np.array([0, 1, 2])) == float(np.log(4))
    True
    """

    name: ClassVar[str] = "log_loss"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSES, Task.YES_NO)
    better: ClassVar[int] = -1
    formula: ClassVar[str] = "mean of −ln p of what is true"

    def value(self, A: Float64, T: Array) -> float:
        """Return the mean of ln Σ eᶻ − z_t; for yes or no, of ln(1 + eˢ) with s = (1 − 2t)·z."""
        if T.ndim == 1:
            return mean(0.0 - log_probabilities(A)[np.arange(len(A)), T])
        S = np.where(T, -A, A)
        return mean(np.maximum(S, 0.0) + log1p(_power(-np.abs(S))))
