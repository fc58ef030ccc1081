"""Metrics: what a network is worth on some rows, with the same bits on every machine.

What stops a run decides its bits, so a metric is made of ``+ − × ÷ √`` in a written order and of `pellucid.arithmetic`
alone; NumPy counts and sorts, and adds arrays element by element. Sums over rows are the tree of the contract.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import exp, log
from pellucid.checks import is_number, member, whole_number
from pellucid.core.losses import Pinball, Task
from pellucid.core.passes import right
from pellucid.core.spec import Spec
from pellucid.errors import KindError, SettingError, unknown_name

__all__ = [
    "AUC",
    "D2",
    "F1",
    "METRICS",
    "R2",
    "Accuracy",
    "LogLoss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "PinballLoss",
    "TopK",
    "measured",
    "metric_from_json",
    "metric_of",
    "metrics_of",
    "tree_sum",
    "usual_metrics",
]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

_LEAF: Final = 256


def tree_sum(values: Array) -> Any:
    """Return the sum over the first axis, in float64, in the order of the contract.

    Rows are added in order within leaves of 256 of them, and the leaves pairwise up a binary tree, an odd last one
    passing up unchanged.

    Examples
    --------
    >>> float(tree_sum(np.full(1000, 0.5)))
    500.0
    """
    n = len(values)
    leaves = -(-n // _LEAF) or 1
    padded = np.zeros((leaves * _LEAF, *values.shape[1:]))
    padded[:n] = values
    by_place = padded.reshape(leaves, _LEAF, *values.shape[1:])
    level = by_place[:, 0].copy()
    for place in range(1, min(_LEAF, n)):
        level += by_place[:, place]
    while len(level) > 1:
        pairs = level[0 : len(level) // 2 * 2 : 2] + level[1::2]
        level = np.concatenate([pairs, level[len(level) // 2 * 2 :]])
    return level[0] + 0.0


def _in_order(columns: Float64) -> Float64:
    """Return the sum of the columns of a table, the first one first."""
    total = np.zeros(len(columns))
    for column in columns.T:
        total += column
    return total


def _mean(numbers: Sequence[float]) -> float:
    total = 0.0
    for number in numbers:
        total += number
    return total / len(numbers) if numbers else math.nan


def _power(x: Array) -> Float64:
    """Return eˣ, of numbers beyond ±700 as at ±700; NaN for NaN."""
    unknown = np.isnan(x)
    return np.asarray(np.where(unknown, np.nan, exp(np.clip(np.where(unknown, 0.0, x), -700.0, 700.0))))


def _log1p(y: Float64) -> Float64:
    """Return ln(1 + y) for 0 ≤ y ≤ 1, to the last digits where y is small: the rounding of 1 + y is divided out."""
    whole = 1 + y
    known = np.where(np.isnan(y), 1.0, whole)
    return np.asarray(np.where(whole == 1, y, log(known) * y / np.where(whole == 1, 1.0, whole - 1)))


class Rows(NamedTuple):
    """What a metric is taken of.

    Attributes
    ----------
    spec : Spec
    output : array, shape (rows, n_out), of the last layer
    T : targets as the loss takes them
    """

    spec: Spec
    output: Array
    T: Array

    def probabilities(self) -> Float64:
        """Return the softmax of each row, in float64."""
        powers, total = self._powers()
        return powers / total[:, np.newaxis]

    def log_loss(self) -> Float64:
        """Return −ln p of what is true, of each row; of several yes-or-no outputs their mean."""
        if self.spec.loss.task is Task.CLASSES:
            shifted = self._shifted()
            total = self._powers()[1]
            return np.asarray(
                np.where(np.isnan(total), np.nan, log(np.where(np.isnan(total), 1.0, total)))
                - shifted[np.arange(len(shifted)), self.T]
            )
        S = np.where(self.T == 1, -self.output.astype(np.float64), self.output)
        each = np.maximum(S, 0) + _log1p(_power(-np.abs(S)))
        return _in_order(each) / each.shape[1]

    def _shifted(self) -> Float64:
        Z = self.output.astype(np.float64)
        top = Z.max(axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(Z == top, 0, Z - top))

    def _powers(self) -> tuple[Float64, Float64]:
        powers = _power(self._shifted())
        return powers, _in_order(powers)

    def values(self) -> tuple[Float64, Float64]:
        """Return what is predicted and what is true, both in the targets' own units, a column for each output."""
        spec = self.spec
        scale, shift = (np.asarray(1.0 if x is None else x) for x in (spec.output.scale, spec.output.shift or 0.0))
        P = _power(self.output) if spec.loss.counts else self.output.astype(np.float64)
        return P * scale + shift, self.T.astype(np.float64) * scale + shift


@dataclass(frozen=True)
class Metric(ABC):
    """A metric's settings, and its function.

    Attributes
    ----------
    name : str
    shown : str
        What it is called in results: the name, and its setting where it has one.
    tasks : the tasks that it is for
    better : 1.0 where more is better, −1.0 where less is
    formula : str
    """

    name: ClassVar[str]
    tasks: ClassVar[tuple[Task, ...]]
    better: ClassVar[float] = 1.0
    formula: ClassVar[str]

    @property
    def shown(self) -> str:
        """What it is called in results."""
        return self.name

    @abstractmethod
    def measure(self, rows: Rows) -> float:
        """Return it, of at least one row."""

    def to_json(self) -> str:
        """Return what stands for it in JSON: what it is called."""
        return self.shown

    def checked(self, spec: Spec) -> Metric:
        """Return it, or raise `SettingError` where it is not for such a network."""
        one_value = spec.loss.outputs_per_target == 1 or isinstance(self, (PinballLoss, D2))
        if spec.loss.task not in self.tasks or not one_value:
            raise SettingError(
                f"The metric {self.shown!r} is not for the loss {spec.loss.name!r}. Metrics for it: "
                f"{', '.join(name for name, kind in METRICS.items() if _fits(kind, spec))}."
            )
        return self


def _fits(kind: type[Metric], spec: Spec) -> bool:
    return spec.loss.task in kind.tasks and (spec.loss.outputs_per_target == 1 or kind in {PinballLoss, D2})


_LABELS: Final = (Task.CLASSES, Task.YES_NO)


@final
@dataclass(frozen=True)
class Accuracy(Metric):
    """The share of rows whose prediction is right; of several yes-or-no outputs, all of them."""

    name: ClassVar[str] = "accuracy"
    tasks: ClassVar[tuple[Task, ...]] = _LABELS
    formula: ClassVar[str] = "right / rows"

    def measure(self, rows: Rows) -> float:
        """Return right / rows."""
        return int(np.count_nonzero(right(rows.spec, rows.output, rows.T))) / len(rows.output)


@final
@dataclass(frozen=True)
class TopK(Metric):
    """The share of rows whose class is among the k likeliest; of equal ones, those of lower place come first.

    Parameters
    ----------
    k : int, ≥ 1
    """

    k: int = 5

    name: ClassVar[str] = "top_k"
    tasks: ClassVar[tuple[Task, ...]] = (Task.CLASSES,)
    formula: ClassVar[str] = "rows whose class is among the k likeliest / rows"

    def __post_init__(self) -> None:
        object.__setattr__(self, "k", whole_number("k", self.k, 1, usual=5))

    @property
    def shown(self) -> str:
        """``top_5``, say."""
        return f"top_{self.k}"

    def measure(self, rows: Rows) -> float:
        """Return the share."""
        own = rows.output[np.arange(len(rows.output)), rows.T][:, np.newaxis]
        lower = np.arange(rows.output.shape[1]) < rows.T[:, np.newaxis]
        before = (rows.output > own) | ((rows.output == own) & lower)
        return int(np.count_nonzero((before.sum(axis=1) < self.k) & ~np.isnan(own[:, 0]))) / len(rows.output)


@final
@dataclass(frozen=True)
class LogLoss(Metric):
    """The mean of −ln p, p the probability of what is true; without smoothing, and without weights.

    Of several yes-or-no outputs it is their mean. It is taken of logits, so that no probability is 0.
    """

    name: ClassVar[str] = "log_loss"
    tasks: ClassVar[tuple[Task, ...]] = _LABELS
    better: ClassVar[float] = -1.0
    formula: ClassVar[str] = "mean of −ln p"

    def measure(self, rows: Rows) -> float:
        """Return the mean of −ln p."""
        return float(tree_sum(rows.log_loss())) / len(rows.output)


@final
@dataclass(frozen=True)
class AUC(Metric):
    """The area under the ROC curve: how often a row of the class is scored above one of another, equal ones half.

    Two classes: of the second. Several: the mean over classes, each against the rest by its probability; several
    yes-or-no outputs: the mean over outputs. What does not occur, or occurs in every row, is left out; NaN where
    nothing is left.

    Source: Hanley & McNeil (1982), The meaning and use of the area under a ROC curve.
    """

    name: ClassVar[str] = "auc"
    tasks: ClassVar[tuple[Task, ...]] = _LABELS
    formula: ClassVar[str] = "pairs scored in order / pairs"

    def measure(self, rows: Rows) -> float:
        """Return the share of pairs."""
        if rows.spec.loss.task is Task.YES_NO:
            areas = [_area(z, t == 1) for z, t in zip(rows.output.T, rows.T.T, strict=True)]
        else:
            P = rows.probabilities()
            places = [1] if P.shape[1] == 2 else range(P.shape[1])
            areas = [_area(P[:, j], rows.T == j) for j in places]
        return _mean([area for area in areas if area is not None])


def _area(scores: Array, of_class: NDArray[np.bool_]) -> float | None:
    """Return the area under one ROC curve: whole numbers of half pairs, and one division."""
    inside = int(np.count_nonzero(of_class))
    pairs = inside * (len(scores) - inside)
    if pairs == 0:
        return None
    if np.isnan(scores).any():
        return math.nan
    _, place = np.unique(scores, return_inverse=True)
    ours = np.bincount(place[of_class], minlength=place.max() + 1)
    others = np.bincount(place[~of_class], minlength=place.max() + 1)
    below = np.cumsum(others) - others
    return int((ours * (2 * below + others)).sum()) / (2 * pairs)


@final
@dataclass(frozen=True)
class F1(Metric):
    """The harmonic mean of precision and recall, 2·TP / (2·TP + FP + FN).

    Two classes: of the second. Several: the mean over the classes that occur, in y or in predictions. Several yes-or-no
    outputs: the mean over outputs, 0 for one that is never yes.
    """

    name: ClassVar[str] = "f1"
    tasks: ClassVar[tuple[Task, ...]] = _LABELS
    formula: ClassVar[str] = "2·TP / (2·TP + FP + FN)"

    def measure(self, rows: Rows) -> float:
        """Return it, or the mean."""
        if rows.spec.loss.task is Task.YES_NO:
            return _mean([_f1(z > 0, t == 1) or 0.0 for z, t in zip(rows.output.T, rows.T.T, strict=True)])
        said, n = rows.output.argmax(axis=1), rows.output.shape[1]
        if n == 2:
            return _f1(said == 1, rows.T == 1) or 0.0
        each = [_f1(said == j, rows.T == j) for j in range(n)]
        return _mean([f1 for f1 in each if f1 is not None])


def _f1(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> float | None:
    both = int(np.count_nonzero(said & true))
    either = int(np.count_nonzero(said)) + int(np.count_nonzero(true))
    return 2 * both / either if either else None


@final
@dataclass(frozen=True)
class MeanSquaredError(Metric):
    """The mean of (p − y)², in y's own units, over all targets."""

    name: ClassVar[str] = "mse"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    better: ClassVar[float] = -1.0
    formula: ClassVar[str] = "mean of (p − y)²"

    def measure(self, rows: Rows) -> float:
        """Return the mean over rows and targets."""
        P, Y = rows.values()
        with np.errstate(over="ignore", invalid="ignore"):
            return _mean((tree_sum((P - Y) * (P - Y)) / len(P)).tolist())


@final
@dataclass(frozen=True)
class MeanAbsoluteError(Metric):
    """The mean of |p − y|, in y's own units, over all targets."""

    name: ClassVar[str] = "mae"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    better: ClassVar[float] = -1.0
    formula: ClassVar[str] = "mean of |p − y|"

    def measure(self, rows: Rows) -> float:
        """Return the mean over rows and targets."""
        P, Y = rows.values()
        with np.errstate(over="ignore", invalid="ignore"):
            return _mean((tree_sum(np.abs(P - Y)) / len(P)).tolist())


@final
@dataclass(frozen=True)
class R2(Metric):
    """The share of y's variance that is explained, 1 − Σ (y − p)² / Σ (y − mean y)², averaged over targets.

    A target that never varies counts 1 where it is met exactly, else 0.
    """

    name: ClassVar[str] = "r2"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    formula: ClassVar[str] = "1 − Σ (y − p)² / Σ (y − mean y)²"

    def measure(self, rows: Rows) -> float:
        """Return the mean over targets."""
        P, Y = rows.values()
        with np.errstate(over="ignore", invalid="ignore"):
            apart = Y - tree_sum(Y) / len(Y)
            apart[:, (Y == Y[0]).all(axis=0)] = 0  # which a rounded mean may miss
            return _mean(_explained(tree_sum((Y - P) * (Y - P)), tree_sum(apart * apart)))


def _explained(left: Float64, whole: Float64) -> list[float]:
    pairs = zip(left.tolist(), whole.tolist(), strict=True)
    return [1 - a / b if b > 0 else float(a == 0) if not math.isnan(a + b) else math.nan for a, b in pairs]


@final
@dataclass(frozen=True)
class PinballLoss(Metric):
    """The mean pinball loss, in y's own units: q·d where d = y − p > 0, else (q − 1)·d.

    Parameters
    ----------
    quantile : float, 0 < q < 1, or None for those of the loss, where it is pinball, and else 0.5
    """

    quantile: float | None = None

    name: ClassVar[str] = "pinball"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    better: ClassVar[float] = -1.0
    formula: ClassVar[str] = "mean of q·d, or (q − 1)·d below 0,  d = y − p"

    def __post_init__(self) -> None:
        q = self.quantile
        if q is not None and not (is_number(q) and 0 < q < 1):
            raise SettingError(f"quantile must be a number between 0 and 1; {q!r} was given. Give 0.9, say.")
        object.__setattr__(self, "quantile", None if q is None else float(q))

    @property
    def shown(self) -> str:
        """``pinball``, or ``pinball_0.9``, say."""
        return self.name if self.quantile is None else f"{self.name}_{self.quantile}"

    def checked(self, spec: Spec) -> Metric:
        """Return it, or raise `SettingError` where it is not for such a network."""
        if isinstance(spec.loss, Pinball) and self.quantile is not None:
            raise SettingError(
                f"The loss {spec.loss.name!r} has quantiles of its own; {self.shown!r} was given. Give 'pinball'."
            )
        return super().checked(spec)

    def measure(self, rows: Rows) -> float:
        """Return the mean over rows and outputs."""
        P, Y = rows.values()
        return _mean((_pinball(P, Y, self.quantiles(rows.spec)) / len(P)).tolist())

    def quantiles(self, spec: Spec) -> Float64:
        """Return the quantile of each output."""
        of_loss = spec.loss.quantiles if isinstance(spec.loss, Pinball) else 0.5
        return np.resize(np.asarray(of_loss if self.quantile is None else self.quantile), spec.n_outputs)


def _pinball(P: Float64, Y: Float64, q: Float64) -> Float64:
    with np.errstate(over="ignore", invalid="ignore"):
        D = Y - P
        return np.asarray(tree_sum(np.where(D > 0, q * D, (q - 1) * D)))


@final
@dataclass(frozen=True)
class D2(Metric):
    """The share of the pinball loss that is explained: 1 − its sum / that of the best constant, y's own quantile.

    Averaged over outputs; what r2 is for the mean. For the loss pinball.

    Source: Koenker & Machado (1999), Goodness of fit and related inference processes for quantile regression, eq. 7.
    """

    name: ClassVar[str] = "d2"
    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    formula: ClassVar[str] = "1 − Σ pinball / Σ pinball of y's quantile"

    def measure(self, rows: Rows) -> float:
        """Return the mean over outputs."""
        P, Y = rows.values()
        q = PinballLoss().quantiles(rows.spec)
        best = np.sort(Y, axis=0)[np.ceil(q * len(Y)).astype(int) - 1, np.arange(len(q))]
        return _mean(_explained(_pinball(P, Y, q), _pinball(np.broadcast_to(best, Y.shape), Y, q)))


METRICS: Final[dict[str, type[Metric]]] = {
    metric.name: metric
    for metric in (Accuracy, TopK, LogLoss, AUC, F1, MeanSquaredError, MeanAbsoluteError, R2, PinballLoss, D2)
}


def metric_of(given: object) -> Metric:
    """Return a metric given by what it is called, such as ``auc``, ``top_3`` or ``pinball_0.9``, or as it is.

    Raises
    ------
    UnknownNameError, KindError
        There is none of this name; or it is neither a name nor a metric.

    Examples
    --------
    >>> metric_of("top_3"), metric_of("auc")
    (TopK(k=3), AUC())
    """
    if isinstance(given, Metric):
        return given
    if not isinstance(given, str):
        raise KindError(f"A metric must be a name ({', '.join(METRICS)}) or one such as TopK(3), not {given!r}.")
    if found := re.fullmatch(r"top_([0-9]{1,9})", given):
        return TopK(int(found[1]))
    if found := re.fullmatch(r"pinball_(0\.[0-9]{1,20}(?:e-[0-9]{1,3})?|[0-9.]+e-[0-9]{1,3})", given):
        return PinballLoss(float(found[1]))
    return member("metric", given, METRICS)()


def metric_from_json(given: object) -> Metric:
    """Return the metric that `Metric.to_json` wrote."""
    if not isinstance(given, str):
        raise unknown_name("metric", given, METRICS)
    return metric_of(given)


def metrics_of(spec: Spec, given: object) -> tuple[Metric, ...]:
    """Return metrics given by one name, one metric, or several of either, each once, in their order.

    Raises
    ------
    UnknownNameError, KindError, SettingError
        There is none of a name, or it is not for such a network.
    """
    several = given if isinstance(given, (list, tuple)) else [] if given is None else [given]
    return tuple(dict.fromkeys(metric_of(one).checked(spec) for one in several))


def usual_metrics(spec: Spec) -> tuple[Metric, ...]:
    """Return those that are measured unless others are asked for."""
    if spec.loss.task is not Task.VALUES:
        return (Accuracy(),)
    return (PinballLoss(), D2()) if isinstance(spec.loss, Pinball) else (MeanSquaredError(), R2())


def measured(spec: Spec, output: Array, T: Array, losses: Float64, metrics: Sequence[Metric]) -> dict[str, float]:
    """Return the mean loss of some rows, without penalty, and metrics of them, by what they are called.

    Parameters
    ----------
    spec : Spec
    output : array, shape (rows, n_out), of the last layer
    T : targets as the loss takes them
    losses : float64, shape (rows,), as the backend gives them
    metrics : see `METRICS`
    """
    rows = Rows(spec, output, T)
    of_rows = {"loss": float(tree_sum(losses)) / len(losses)}
    return of_rows | {metric.shown: metric.measure(rows) for metric in metrics}
