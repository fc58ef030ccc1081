"""The progress of a run on the command's own console, and the seconds that it took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.network import Callback, Run
    from pellucid.training import Event

__all__ = ["Progress", "stopped"]

_LINES: Final = 9  # epochs that have a line


@final
class Progress:
    """A progress bar for the callbacks of a run; nothing where there is no console. How it ended the command says.

    Attributes
    ----------
    callbacks : tuple of functions, to be given to `Network.start`
    """

    def __init__(self, screen: Console | None) -> None:
        from pellucid.training import ProgressBar, RunPaused

        self._screen = screen
        self._bar = None if screen is None else ProgressBar(screen, lines=_LINES, endings=False)
        self._pause, self._paused = RunPaused, False
        self.callbacks: tuple[Callback, ...] = (self._told,)

    def _told(self, event: Event, _run: Run) -> None:
        self._paused = isinstance(event, self._pause)
        if self._bar is not None:
            self._bar(event)

    def finish(self, run: Run) -> float:
        """Bring the run to its end, or to where Ctrl-C stops it; return the seconds that it took."""
        begun = time.perf_counter()
        try:
            run.advance(run.total_steps, progress=False)
        except KeyboardInterrupt:
            if not self._paused:  # a second Ctrl-C: away at once
                raise
        finally:
            if self._bar is not None:
                self._bar.close()
        if self._screen is not None:
            self._screen.print()
        return time.perf_counter() - begun


def stopped(run: Run) -> str:
    """Return what to say of a run that Ctrl-C has paused."""
    return f"Stopped by Ctrl-C on step {run.step:,} of {run.total_steps:,}."
