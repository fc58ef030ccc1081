"""Metrics: what a network is worth on some rows, with the same bits everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import exp
from pellucid.checks import member
from pellucid.core.losses import Pinball, Poisson, Task
from pellucid.core.metrics._against_rest import AUC, F1
from pellucid.core.metrics._classes import Accuracy, LogLoss, TopK, right
from pellucid.core.metrics._metric import Metric
from pellucid.core.metrics._quantiles import D2, MeanPinballLoss
from pellucid.core.metrics._sums import mean, tree_sum
from pellucid.core.metrics._values import R2, MeanAbsoluteError, MeanSquaredError
from pellucid.core.named import made
from pellucid.core.spec import Spec
from pellucid.errors import KindError, SettingError

__all__ = [
    "AUC",
    "D2",
    "F1",
    "METRICS",
    "R2",
    "Accuracy",
    "LogLoss",
    "MeanAbsoluteError",
    "MeanPinballLoss",
    "MeanSquaredError",
    "Metric",
    "TopK",
    "measured",
    "metric_from_json",
    "metric_of",
    "metrics_for",
    "right",
    "tree_sum",
    "usual_metrics",
]

METRICS: Final[dict[str, type[Metric]]] = {
    metric.name: metric
    for metric in (
        Accuracy,
        TopK,
        LogLoss,
        AUC,
        F1,
        MeanSquaredError,
        MeanAbsoluteError,
        R2,
        MeanPinballLoss,
        D2,
    )
}

Array = NDArray[Any]


def metric_of(given: object) -> Metric:
    """Return a metric given by its name, with its usual settings or as in top_3 and pinball_0.9, or as it is.

    Raises
    ------
    UnknownNameError, SettingError, KindError
        There is none of this name; its setting is outside what is accepted; or it is a metric that is not of this
        family: a file could not tell what it does.

    Examples
    --------
    >>> metric_of("f1"), metric_of("top_3"), metric_of("pinball_0.9")
    (F1(), TopK(k=3), MeanPinballLoss(quantile=0.9))
    """
    if isinstance(given, Metric):
        if type(given) not in METRICS.values():
            raise KindError(
                f"A metric must be one of the family ({', '.join(METRICS)}); {type(given).__name__} is none of them. "
                "Measure with one of your own after run.advance(), or in a callback."
            )
        return given
    if isinstance(given, str):
        if top := re.fullmatch(r"top_(\d{1,9})", given):
            return TopK(int(top[1]))
        if pinball := re.fullmatch(r"pinball_(\d*\.\d+(?:e-\d+)?|\d+e-\d+)", given):
            return MeanPinballLoss(float(pinball[1]))
    return member("metric", given, METRICS)()


def metric_from_json(given: object) -> Metric:
    """Return the metric that `Metric.to_json` wrote."""
    return made("metric", given, METRICS) if isinstance(given, dict) else metric_of(given)


def metrics_for(spec: Spec, given: str | Metric | Sequence[str | Metric] | None) -> tuple[Metric, ...]:
    """Return metrics given by their names or as they are, one or several, each once.

    Raises
    ------
    UnknownNameError, KindError, SettingError
        One is none of the family, or cannot measure this network.

    Examples
    --------
    >>> metrics_for(Spec.of([4, 3]), ["auc", TopK(2)])
    (AUC(), TopK(k=2))
    """
    if given is None:
        return ()
    listed = given if isinstance(given, (list, tuple)) else [given]
    metrics = tuple(dict.fromkeys(metric_of(one) for one in listed))
    for metric in metrics:
        reason = metric.misfit(spec)
        if reason is not None:
            one = spec.loss.outputs_per_target == 1
            others = [n for n, kind in METRICS.items() if spec.loss.task in kind.tasks and (one or kind.of_quantiles)]
            raise SettingError(f"The metric {metric.shown!r} {reason}. Accepted: {', '.join(others)}.")
    return tuple(dict.fromkeys(metric.fitted(spec) for metric in metrics))


def usual_metrics(spec: Spec) -> tuple[Metric, ...]:
    """Return what is measured where nothing else is asked for; the last is the score."""
    if spec.loss.task is not Task.VALUES:
        return (Accuracy(),)
    if isinstance(spec.loss, Pinball):
        return MeanPinballLoss().fitted(spec), D2().fitted(spec)
    return MeanSquaredError(), R2()


def measured(
    spec: Spec, output: Array, T: Array, losses: NDArray[np.float64], metrics: Iterable[Metric]
) -> dict[str, float]:
    """Return the mean loss of some rows, without penalty, and metrics, by what each is called.

    Parameters
    ----------
    spec : Spec
    output : array, shape (rows, n_out), of the last layer
    T : targets as the loss takes them
    losses : array of float64, shape (rows,)
        The loss of each row, as the backend gives it.
    metrics : Metric, each fitting the spec
    """
    with np.errstate(all="ignore"):  # NaN and infinity have results that each metric states
        A = output.astype(np.float64)
        if spec.loss.task is Task.YES_NO:
            T = T == 1
        elif spec.loss.task is Task.VALUES:
            shown = exp(np.clip(A, -700.0, 700.0)) if isinstance(spec.loss, Poisson) else spec.loss.output(A)
            A, T = _in_own_units(spec, shown), _in_own_units(spec, T.astype(np.float64))
        return {"loss": mean(losses), **{metric.shown: metric.value(A, T) for metric in metrics}}


def _in_own_units(spec: Spec, values: Array) -> Array:
    scale, shift = spec.output.scale, spec.output.shift
    return values if scale is None or shift is None else np.asarray(values * np.asarray(scale) + np.asarray(shift))
