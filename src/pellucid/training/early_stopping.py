"""Early stopping: end a run when it no longer gets better, and keep its best epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, final

from pellucid.checks import checked_number, member, whole_number
from pellucid.core import METRICS, Metric, metric_of
from pellucid.errors import KindError, UnknownNameError

__all__ = ["EarlyStopping"]

_LOSSES: Final = ("loss", "val_loss")


@final
@dataclass(frozen=True)
class EarlyStopping:
    """End a run when a metric has not improved for some epochs.

    Parameters
    ----------
    patience : int, ≥ 1
        How many epochs in a row may bring nothing better.
    monitor : "val_loss", or "val_" and a metric's name, such as "val_auc" or "val_top_3"; "loss" or "accuracy"
        A metric is measured on the held-out rows, named in ``metrics`` or not; the last two are those of training.
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
        object.__setattr__(self, "monitor", _monitor(self.monitor))
        object.__setattr__(self, "min_delta", checked_number("min_delta", self.min_delta))
        if not isinstance(self.restore_best, bool):
            raise KindError(f"restore_best must be True or False, not {type(self.restore_best).__name__}.")

    @property
    def metric(self) -> Metric | None:
        """The metric that it watches, or None for a loss."""
        return None if self.monitor in _LOSSES else metric_of(self.monitor.removeprefix("val_"))

    def better(self, value: float, best: float) -> bool:
        """Return whether a value is better than the best one so far, by more than ``min_delta``; NaN is worst.

        Examples
        --------
        >>> EarlyStopping().better(0.5, best=0.9), EarlyStopping().better(float("nan"), best=0.9)
        (True, False)
        """
        if math.isnan(best):
            return not math.isnan(value)
        sign = -1 if self.metric is None else self.metric.better
        return sign * (value - best) > self.min_delta


def _monitor(given: object) -> str:
    """Return what to watch, as the history calls it."""
    if isinstance(given, str) and given.startswith("val_") and given not in _LOSSES:
        try:
            return f"val_{metric_of(given.removeprefix('val_')).shown}"
        except UnknownNameError:
            pass  # the names there are, are told next
    accepted = [*_LOSSES, "accuracy", *(f"val_{name}" for name in METRICS)]
    return member("metric to monitor", given, dict(zip(accepted, accepted, strict=True)))
