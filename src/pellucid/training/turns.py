"""Turns: a lock that is given in the order in which it was asked for.

A run that goes on holds its timeline for some 30 ms at a time. Python's own lock would mostly go back to who has just
let go of it, and a question from another thread could wait until the run's end.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType
from typing import final

__all__ = ["Turns"]


@final
class Turns:
    """A lock for ``with``: reentrant, and handed to whoever has waited longest.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns, turns:
    ...     print("mine, twice over")
    mine, twice over
    """

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._mutex:
            if self._owner in {None, me}:  # while somebody waits, it always has an owner
                self._owner, self._depth = me, self._depth + 1
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append((me, turn))
        try:
            turn.acquire()  # released by who hands over
        except BaseException:  # Ctrl-C while it waits
            self._give_up(me, turn)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._mutex:
            self._depth -= 1
            if not self._depth:
                self._hand_over()

    def _hand_over(self) -> None:
        self._owner = None
        if self._waiting:
            self._owner, turn = self._waiting.popleft()
            self._depth = 1
            turn.release()

    def _give_up(self, me: int, turn: threading.Lock) -> None:
        with self._mutex:
            if (me, turn) in self._waiting:
                self._waiting.remove((me, turn))
            else:  # it was handed over just then
                self._depth = 0
                self._hand_over()
