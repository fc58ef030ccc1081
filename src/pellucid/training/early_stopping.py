"""Early stopping: end a run when it no longer gets better, and keep its best epoch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, final

from pellucid.checks import checked_number, member, whole_number
from pellucid.errors import KindError

__all__ = ["EarlyStopping"]

_MONITORS: Final = {"loss": -1.0, "val_loss": -1.0, "accuracy": 1.0, "val_accuracy": 1.0}


@final
@dataclass(frozen=True)
class EarlyStopping:
    """End a run when a metric has not improved for some epochs.

    Parameters
    ----------
    patience : int, ≥ 1
        How many epochs in a row may bring nothing better.
    monitor : "val_loss", "val_accuracy", "loss" or "accuracy"
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
        member("metric to monitor", self.monitor, _MONITORS)
        object.__setattr__(self, "min_delta", checked_number("min_delta", self.min_delta))
        if not isinstance(self.restore_best, bool):
            raise KindError(f"restore_best must be True or False, not {type(self.restore_best).__name__}.")

    def better(self, value: float, best: float) -> bool:
        """Return whether a value is better than the best one so far, by more than ``min_delta``; NaN is worst.

        Examples
        --------
        >>> EarlyStopping().better(0.5, best=0.9), EarlyStopping().better(float("nan"), best=0.9)
        (True, False)
        """
        if math.isnan(best):
            return not math.isnan(value)
        return _MONITORS[self.monitor] * (value - best) > self.min_delta
