"""Whether all processors are quicker than one, here and now: other programs may want them, too."""

from __future__ import annotations

from typing import Final, final

__all__ = ["Crowd"]

_FIRST, _LONGEST = 2, 64  # calls between two trials
_WORSE: Final = 1.5


@final
class Crowd:
    """Learns from call to call of the backend whether one thread would be quicker than all; no bit depends on it.

    Threads wait for one another many times in a step. Where another program has one of the processors, each such
    wait can last a slice of its time, and many threads take several times as long as one. So now and then, and at
    once where calls have become slower, the other choice is tried.

    Examples
    --------
    >>> crowd = Crowd()
    >>> for _ in range(9):  # where one thread takes a third of the time
    ...     all_threads = crowd.choice()
    ...     crowd.learn(all_threads, 3.0 if all_threads else 1.0)
    >>> crowd.choice()
    False
    """

    def __init__(self) -> None:
        self._seconds: dict[bool, float] = {}
        self._left, self._pause = _FIRST, _FIRST  # calls until the next trial, and between two

    def choice(self) -> bool:
        """Return whether the next call is best made on all threads."""
        best = self._best()
        return best if self._left > 0 else not best

    def _best(self) -> bool:
        return self._seconds.get(True, 0.0) <= self._seconds.get(False, float("inf"))

    def learn(self, all_threads: bool, seconds: float) -> None:
        """Learn how long a step of a call took, which was made on all threads, or on one."""
        best, before = self._best(), self._seconds.get(all_threads)
        self._seconds[all_threads] = seconds if before is None else (before + seconds) / 2
        if self._left <= 0:  # this was a trial
            self._pause = _FIRST if self._best() != best else min(2 * self._pause, _LONGEST)
            self._left = self._pause
        elif before is not None and seconds > _WORSE * before and all_threads:
            self._left = min(self._left, 1)
        self._left -= 1
