"""Ctrl-C as a wish, not an accident: the running steps are finished first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final

__all__ = ["Interruption", "interruptible"]


@final
class Interruption:
    """What Ctrl-C has asked for so far.

    Attributes
    ----------
    wished : bool
        Whether it was pressed.
    """

    def __init__(self) -> None:
        self.wished = False
        self._held = self._pending = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Take note of a first Ctrl-C; raise `KeyboardInterrupt` for another, at once or when it is no longer held."""
        if not self.wished:
            self.wished = True
        elif self._held:
            self._pending = True
        else:
            signal.default_int_handler(number, frame)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let nothing be interrupted within this short block."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._pending:
            self._pending = False
            raise KeyboardInterrupt


@contextmanager
def interruptible() -> Iterator[Interruption]:
    """Within this block a first Ctrl-C is noted; a second one raises `KeyboardInterrupt` at once.

    Only where Python would have raised it: in the main thread, under Python's own handler.
    """
    interruption = Interruption()
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield interruption
        return
    note = interruption.note  # one object: each look at a method makes another
    signal.signal(signal.SIGINT, note)
    try:
        yield interruption
    finally:
        if signal.getsignal(signal.SIGINT) is note:
            signal.signal(signal.SIGINT, signal.default_int_handler)
