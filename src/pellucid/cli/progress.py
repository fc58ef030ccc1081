"""The progress of a run on the command's own console, and the seconds that it took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from rich.console import Console

    from pellucid.network import Callback, Run

__all__ = ["Progress"]


@final
class Progress:
    """A progress bar for the callbacks of a run; nothing where there is no console.

    Attributes
    ----------
    callbacks : tuple of functions, to be given to `Network.start`
    """

    def __init__(self, screen: Console | None, *, lines: bool) -> None:
        from pellucid.training import ProgressBar

        self._screen = screen
        self._bar = bar = None if screen is None else ProgressBar(screen, lines=lines)
        self.callbacks: tuple[Callback, ...] = () if bar is None else (lambda event, _run: bar(event),)

    def finish(self, run: Run) -> float:
        """Bring the run to its end, or to where Ctrl-C stops it; return the seconds that it took."""
        begun = time.perf_counter()
        try:
            run.finish()
        finally:
            if self._bar is not None:
                self._bar.close()
        if self._screen is not None and self._screen.is_interactive:
            self._screen.print()  # elsewhere rich ends a bar, even one that it did not draw, with an empty line
        return time.perf_counter() - begun
