"""Who trains a run in the background: starts and pauses it, goes step by step, stops it at a breakpoint."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import final

from pellucid.errors import PellucidError, RunError
from pellucid.network import Breakpoint, Moment, Run
from pellucid.training import Event, RunPaused

__all__ = ["Trainer"]


@final
class Trainer:
    """A run, and the thread that trains it, if one does; the user may train it elsewhere.

    Attributes
    ----------
    run : Run
    stopped : str
        Why it last came to rest, where that was not its end; else empty.
    breakpoint : Breakpoint or None
    told : str
        The breakpoint in words; else empty.
    pace : float
        Seconds between two steps, 0 for full speed.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.stopped, self.told, self.pace = run, "", "", 0.0
        self.breakpoint: Breakpoint | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._rest = threading.Event()
        self._deaf = run.listen(self._hear)

    def _hear(self, event: Event, run: Run) -> None:
        if isinstance(event, RunPaused):
            self.stopped = f"step {event.step}: paused"

    @property
    def training(self) -> bool:
        """Whether steps are being made, here or by a call of the user's own."""
        return self._mine or self.run.advancing

    @property
    def _mine(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self, pace: float = 0.0) -> None:
        """Go on to the end, or to a breakpoint, in the background; with a pace, or as fast as it can.

        Raises
        ------
        RunError
            The run is at its end.
        """
        with self._starting:
            if self._mine and pace != self.pace:
                self._come_to_rest()
            if self.training:
                return
            if self.run.done:
                raise RunError(f"The run has come to its end ({self.run.ended}). Give it more epochs, or branch.")
            self.stopped, self.pace = "", pace
            self._rest.clear()
            self._thread = threading.Thread(target=self._train, name="pellucid-training", daemon=True)
            self._thread.start()

    def pause(self) -> None:
        """Let it come to rest, whoever trains it; return when it has, if it is trained from here."""
        self.run.pause()  # a call of `step` holds the lock
        with self._starting:
            self._come_to_rest()

    def _come_to_rest(self) -> None:
        self._rest.set()
        self.run.pause()
        while self._mine and self._thread is not None:
            self._thread.join(0.02)
            self.run.pause()  # where the call that makes steps had not begun when it was asked before

    def close(self) -> None:
        """Let it come to rest if it is trained from here, and hear no more of it."""
        with self._starting:
            if self._mine:
                self._come_to_rest()
        self._deaf()

    def step(self, count: int) -> None:
        """Make some steps, then return.

        Raises
        ------
        RunError
            It is trained now, or at its end.
        """
        with self._starting:
            if self.training:
                raise RunError("The run goes on by itself just now. Pause it first; then step.")
            if self.run.done:
                raise RunError(f"The run has come to its end ({self.run.ended}). Give it more epochs, or branch.")
            self.stopped = ""
            self.run.advance(count)

    def _train(self) -> None:
        try:
            if self.pace:
                self._slowly()
            elif self.breakpoint is not None:
                self.stopped = self.run.until(self.breakpoint) or ""
            elif not self._rest.is_set():
                self.run.finish(progress=False)
        except PellucidError as error:  # such as a run that diverged: the page says so
            self.stopped = str(error)

    def _slowly(self) -> None:
        """Make one step after another, with rests between them."""
        check: Callable[[Moment], str | None] = lambda moment: None  # noqa: E731
        if self.breakpoint is not None:
            check = self.breakpoint.begun(self.run.now())
        while not self.run.done and not self._rest.is_set():
            self.run.advance(1)
            reason = check(self.run.now())
            if reason is not None:
                self.stopped = f"step {self.run.step}: {reason}"
                return
            self._rest.wait(self.pace)
