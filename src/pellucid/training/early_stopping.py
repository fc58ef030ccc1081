"""Early stopping: end a run when it no longer gets better, and keep its best epoch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

from pellucid.checks import checked_number, whole_number
from pellucid.errors import KindError, unknown_name

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
    >>> stopping = EarlyStopping(patience=2)
    >>> stopping.best([0.9, 0.5, 0.6, 0.55]), stopping.exhausted([0.9, 0.5, 0.6, 0.55])
    (1, True)
    """

    patience: int = 5
    monitor: str = "val_loss"
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "patience", whole_number("The patience of early stopping", self.patience, 1))
        if self.monitor not in _MONITORS:
            raise unknown_name("metric to monitor", self.monitor, _MONITORS)
        object.__setattr__(self, "min_delta", checked_number("min_delta", self.min_delta))
        if not isinstance(self.restore_best, bool):
            raise KindError(f"restore_best must be True or False, not {type(self.restore_best).__name__}.")

    def best(self, values: Sequence[float]) -> int:
        """Return the place of the best value: the first of those that differ too little; NaN is worst."""
        sign, best = _MONITORS[self.monitor], 0
        for place, value in enumerate(values):
            if sign * (value - values[best]) > self.min_delta or (math.isnan(values[best]) and not math.isnan(value)):
                best = place
        return best

    def exhausted(self, values: Sequence[float]) -> bool:
        """Return whether the last ``patience`` values brought nothing better."""
        return len(values) - 1 - self.best(values) >= self.patience
