"""The progress bar: epoch, loss, accuracy, samples a second and time left, from the stream of events."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, final

from pellucid.training.events import EpochEnded, Event, RunEnded, RunPaused, RunStarted, StepsMade

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["ProgressBar", "wants_progress"]

_SPACE: Final = "   "
_GUARD: Final = 4
_OTHERS: Final = _GUARD + 28  # columns of the bar's line for a short bar, percentage, time and the gaps


def wants_progress(asked: bool | None) -> bool:
    """Return whether to show progress: as asked, or else where somebody looks at the terminal."""
    return sys.stderr.isatty() if asked is None else asked


@final
class ProgressBar:
    """A listener that draws a run's progress on standard error, or on a console of rich's.

    Parameters
    ----------
    console : Console of rich, or None for standard error
    lines : how many epochs shall have a line above the bar: the first, the last, and others as far apart as each
        other; all of them where there are no more
    endings : whether to say why a run paused, or ended before its time; False leaves that to the caller
    """

    def __init__(self, console: Console | None = None, *, lines: int = 0, endings: bool = True) -> None:
        from rich.console import Console
        from rich.constrain import Constrain
        from rich.live import Live
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = screen = console or Console(stderr=True)
        self._progress = bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[measured]}"),
            TimeRemainingColumn(compact=True),
            console=screen,
        )
        # Room for the ^C that a terminal writes behind the bar: if that began a new line, the bar would stay there.
        self._live = Live(
            console=screen, get_renderable=lambda: Constrain(bar, max(1, screen.width - _GUARD)), transient=True
        )
        self._lines, self._endings = lines, endings
        self._measured: list[str] = []
        self._loss, self._hits, self._steps = 0.0, 0, 0  # of the epoch that goes on
        self._unshown: EpochEnded | None = None
        self._rows_per_step = 0.0
        self._epoch = self._epochs = 0

    def __call__(self, event: Event) -> None:
        """Draw what has happened."""
        match event:
            case RunStarted():
                self._epoch, self._epochs = event.epoch, event.epochs
                self._rows_per_step = event.rows / event.steps_per_epoch
                self._task = self._progress.add_task(
                    self._told(), total=event.total_steps, completed=event.step, measured=""
                )
                self._live.start()
            case StepsMade():
                speed = self._progress.tasks[self._task].speed
                shown = self._so_far(event)
                if speed is not None:
                    shown.append(f"{speed * self._rows_per_step:,.0f} samples/s")
                epoch = self._told()
                room = self._console.width - len(epoch) - _OTHERS
                self._progress.update(
                    self._task, completed=event.step, description=epoch, measured=_fitting(shown, room)
                )
            case EpochEnded():
                self._measured, self._epoch = measured(event), event.epoch
                self._loss, self._hits, self._steps = 0.0, 0, 0
                self._unshown = event
                if has_line(event.epoch, self._epochs, self._lines):
                    self._show_epoch()
            case RunPaused() | RunEnded():
                self.close()
                if self._lines:
                    self._show_epoch()
                if self._endings:
                    self._say_ending(event)

    def _so_far(self, event: StepsMade) -> list[str]:
        """Return the mean loss, and the accuracy where rows are counted, of the epoch that goes on."""
        self._loss += float(event.losses.sum())
        self._hits += int(event.hits.sum())
        self._steps += len(event.losses)
        shown = [f"loss {self._loss / self._steps:.4f}"]
        if self._hits:
            shown.append(f"accuracy {100 * self._hits / (self._steps * self._rows_per_step):.2f} %")
        return shown

    def close(self) -> None:
        """Take the bar away."""
        if self._live.is_started:
            self._live.stop()

    def _show_epoch(self) -> None:
        """Print the line of the epoch that ended last, unless it is there already."""
        event, self._unshown = self._unshown, None
        if event is not None:
            line = _SPACE.join([f"epoch {event.epoch:>3}", *self._measured])
            self._console.print(line, highlight=False)

    def _say_ending(self, event: RunPaused | RunEnded) -> None:
        if isinstance(event, RunPaused):
            said = f"Stopped by Ctrl-C on step {event.step:,}; run.finish() goes on."
        elif not event.early:
            return
        else:
            said = f"Step {event.step:,}: {event.reason}."
        self._console.print(said, highlight=False)

    def _told(self) -> str:
        return f"epoch {min(self._epoch + 1, self._epochs)}/{self._epochs}"


def has_line(epoch: int, epochs: int, lines: int) -> bool:
    """Return whether an epoch, 1 for the first, is among the so many that are printed.

    Examples
    --------
    >>> [epoch for epoch in range(1, 201) if has_line(epoch, 200, 9)]
    [1, 25, 50, 75, 100, 125, 150, 175, 200]
    """
    parts = lines - 1
    return lines > 0 and (epoch == 1 or epoch * parts // epochs > (epoch - 1) * parts // epochs)


def measured(event: EpochEnded) -> list[str]:
    """Return an epoch's metrics, each with its name, for a screen."""
    parts = []
    for name, value in event.metrics.items():
        label = name.replace("val_", "validation ")
        parts.append(f"{label} {100 * value:.2f} %" if name.endswith("accuracy") else f"{label} {value:.4f}")
    return parts


def _fitting(parts: list[str], room: int) -> str:
    """Return as many of the first parts as there is room for, so that none is cut; the first one always."""
    line, *others = parts
    for part in others:
        if len(line) + len(_SPACE) + len(part) > room:
            break
        line += _SPACE + part
    return line
