"""The progress bar: epoch, loss, accuracy, samples a second and time left, from the stream of events."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, final

from pellucid.training.events import EpochEnded, Event, RunEnded, RunPaused, RunStarted, StepsMade

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["ProgressBar", "wants_progress"]


def wants_progress(asked: bool | None) -> bool:
    """Return whether to show progress: as asked, or else where somebody looks at the terminal."""
    return sys.stderr.isatty() if asked is None else asked


@final
class ProgressBar:
    """A listener that draws a run's progress on standard error, or on a console of rich's.

    A line for each epoch that has ended, if ``lines``, and below it the bar.
    """

    def __init__(self, console: Console | None = None, *, lines: bool = False) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[measured]}"),
            TimeRemainingColumn(compact=True),
            console=console or Console(stderr=True),
            transient=True,
        )
        self._lines = lines
        self._measured = ""
        self._rows_per_step = 0.0
        self._epochs = self._steps_per_epoch = 0

    def __call__(self, event: Event) -> None:
        """Draw what has happened."""
        match event:
            case RunStarted():
                self._steps_per_epoch = event.steps_per_epoch
                self._epochs = event.total_steps // event.steps_per_epoch
                self._rows_per_step = event.rows / event.steps_per_epoch
                self._task = self._progress.add_task(
                    self._epoch(event.step), total=event.total_steps, completed=event.step, measured=""
                )
                self._progress.start()
            case StepsMade():
                speed = self._progress.tasks[self._task].speed
                rows = "" if speed is None else f"   {speed * self._rows_per_step:,.0f} samples/s"
                shown = self._measured or f"loss {event.losses[-1]:.4f}"
                self._progress.update(
                    self._task, completed=event.step, description=self._epoch(event.step - 1), measured=shown + rows
                )
            case EpochEnded():
                self._measured = measured(event)
                if self._lines:
                    self._progress.console.print(f"epoch {event.epoch:>3}   {self._measured}", highlight=False)
            case RunPaused() | RunEnded():
                self.close()
                if isinstance(event, RunPaused) or not event.reason.startswith("all epochs made"):
                    self._progress.console.print(f"Step {event.step}: {event.reason}.", highlight=False)

    def close(self) -> None:
        """Take the bar away."""
        if self._progress.live.is_started:
            self._progress.stop()

    def _epoch(self, step: int) -> str:
        return f"epoch {step // self._steps_per_epoch + 1}/{self._epochs}"


def measured(event: EpochEnded) -> str:
    """Return an epoch's metrics as a line for a screen."""
    parts = []
    for name, value in event.metrics.items():
        label = name.replace("val_", "validation ")
        parts.append(f"{label} {100 * value:.2f} %" if name.endswith("accuracy") else f"{label} {value:.4f}")
    return "   ".join(parts)
