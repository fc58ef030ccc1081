"""Ctrl-C as a wish, not an accident: the running steps are finished first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["interruptible"]


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """Within this block a first Ctrl-C sets the event; a second one raises `KeyboardInterrupt` at once.

    Only where Python would have raised it: in the main thread, under Python's own handler.
    """
    wished = threading.Event()
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield wished
        return

    def wish(number: int, frame: FrameType | None) -> None:
        if wished.is_set():
            signal.default_int_handler(number, frame)
        wished.set()

    signal.signal(signal.SIGINT, wish)
    try:
        yield wished
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
