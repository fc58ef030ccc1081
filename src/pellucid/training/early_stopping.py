"""Early stopping: end a run when it no longer gets better, and keep its best epoch."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass
from typing import Final, final

from pellucid.checks import checked_number, whole_number
from pellucid.core import METRICS, Metric, Spec, Task, metric_of
from pellucid.errors import KindError, SettingError, UnknownNameError, unknown_name

__all__ = ["EarlyStopping"]

_PLAIN: Final = {"loss": -1.0, "val_loss": -1.0, "accuracy": 1.0}


@final
@dataclass(frozen=True)
class EarlyStopping:
    """End a run when a metric has not improved for some epochs.

    Parameters
    ----------
    patience : int, ≥ 1
        How many epochs in a row may bring nothing better.
    monitor : "val_loss", "loss", "accuracy", or "val_" and a metric, such as "val_auc" or "val_top_5"
        Whether more or less of it is better is the metric's own affair.
    min_delta : float, ≥ 0
        How much better counts as better.
    restore_best : bool
        Whether the run, and the network, stand on the best epoch in the end, stopped early or not.

    Raises
    ------
    SettingError, KindError, UnknownNameError
        A setting is outside what is accepted.

    Examples
    --------
    >>> EarlyStopping(patience=2, monitor="val_accuracy")
    EarlyStopping(patience=2, monitor='val_accuracy', min_delta=0.0, restore_best=True)
    """

    patience: int = 5
    monitor: str = "val_loss"
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "patience", whole_number("The patience of early stopping", self.patience, 1))
        object.__setattr__(self, "monitor", self._watched())
        object.__setattr__(self, "min_delta", checked_number("min_delta", self.min_delta))
        if not isinstance(self.restore_best, bool):
            raise KindError(f"restore_best must be True or False, not {type(self.restore_best).__name__}.")

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What must be measured on the rows held out for it, beside the loss."""
        return () if self.monitor in _PLAIN else (metric_of(self.monitor.removeprefix("val_")),)

    def _watched(self) -> str:
        """Return the monitor by what its metric is called in the history, or raise `UnknownNameError`."""
        if isinstance(self.monitor, str) and (self.monitor in _PLAIN or self.monitor.startswith("val_")):
            with contextlib.suppress(UnknownNameError):
                return next((f"val_{metric.shown}" for metric in self.metrics), self.monitor)
        raise unknown_name("metric to monitor", self.monitor, [*_PLAIN, *(f"val_{name}" for name in METRICS)])

    def check(self, spec: Spec) -> None:
        """Raise `SettingError` where such a network has no such metric."""
        if self.monitor == "accuracy" and spec.loss.task is Task.VALUES:
            raise SettingError(f"The loss {spec.loss.name!r} has no accuracy to watch. Watch 'val_loss'.")
        for metric in self.metrics:
            metric.checked(spec)

    def better(self, value: float, best: float) -> bool:
        """Return whether a value is better than the best one so far, by more than ``min_delta``; NaN is worst.

        Examples
        --------
        >>> EarlyStopping().better(0.5, best=0.9), EarlyStopping().better(float("nan"), best=0.9)
        (True, False)
        """
        if math.isnan(best):
            return not math.isnan(value)
        sign = _PLAIN[self.monitor] if self.monitor in _PLAIN else self.metrics[0].better
        return sign * (value - best) > self.min_delta
