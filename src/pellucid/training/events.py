"""Events: what a run tells while it goes on. Progress bar, history, files and pages read this one stream."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Edit", "Edited", "EpochEnded", "Event", "Listener", "RunEnded", "RunPaused", "RunStarted", "StepsMade"]


@dataclass(frozen=True, eq=False, repr=False)
class Edit:
    """A recorded change, in force from ``step`` on: of settings, or of parameters.

    Attributes
    ----------
    step : int
        How many steps had been made.
    settings : dict
        The settings that change, by name; see `Settings.changed`. The schedule goes on to scale a new learning rate.
    parameters : vector or None
        What parameters were changed to: all of them, in the network's own layout, or those at ``places``.
    places : vector of int64, or None for all
    factor : float or None
        What the parameters at ``places`` are multiplied by, where they are scaled and not set.
    """

    step: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    parameters: NDArray[Any] | None = field(default=None, repr=False)
    places: NDArray[np.int64] | None = field(default=None, repr=False)
    factor: float | None = None

    @property
    def learning_rate(self) -> float | None:
        """The new learning rate, or None where it stays."""
        return self.settings.get("learning_rate")

    @property
    def of_parameters(self) -> bool:
        """Whether it changes parameters."""
        return self.parameters is not None or self.factor is not None

    def change(self, vector: NDArray[Any]) -> None:
        """Make the change of parameters, if it is one, in place."""
        if self.factor is not None:
            vector[self.places] *= vector.dtype.type(self.factor)
        elif self.parameters is not None:
            vector[... if self.places is None else self.places] = self.parameters

    def __repr__(self) -> str:
        if self.factor is not None and self.places is not None:
            what = f"{self.places.size:,} parameters times {self.factor!r}"
        elif self.parameters is not None:
            what = f"{self.parameters.size:,} parameters by hand"
        else:
            what = ", ".join(f"{name}={value!r}" for name, value in self.settings.items())
        return f"Edit(step={self.step}, {what})"


@dataclass(frozen=True)
class RunStarted:
    """The first new step of this call is about to be made.

    Attributes
    ----------
    step, total_steps, steps_per_epoch, rows : int
    epoch, epochs : int
        How many epochs have ended, and how many there will be.
    """

    step: int
    total_steps: int
    steps_per_epoch: int
    rows: int
    epoch: int = 0
    epochs: int = 1


@dataclass(frozen=True, eq=False)
class StepsMade:
    """Some steps were made, up to and with ``step``; losses and hits: one for each, see `engine.Steps`."""

    step: int
    losses: NDArray[np.float64]
    hits: NDArray[np.int64]


@dataclass(frozen=True)
class EpochEnded:
    """An epoch was ended.

    Attributes
    ----------
    epoch : int
        1 for the first.
    step : int
    metrics : mapping of str to float
        loss, accuracy (over the epoch, while it went on), val_loss, val_accuracy, and other metrics that were asked for
        (at its end), where there are any.
    """

    epoch: int
    step: int
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Edited:
    """A change was recorded."""

    edit: Edit


@dataclass(frozen=True)
class RunPaused:
    """The call ends here; the run can go on later."""

    step: int
    reason: str


@dataclass(frozen=True)
class RunEnded:
    """The run is over and stands on ``step``; ``early``: before all its epochs were made."""

    step: int
    reason: str
    early: bool = True


Event = RunStarted | StepsMade | EpochEnded | Edited | RunPaused | RunEnded
Listener = Callable[[Event], None]
