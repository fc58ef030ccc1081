"""Colour scales that do not move with the step: the same colour is the same number at every moment."""

from __future__ import annotations

import math
import threading
from typing import final
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scales", "rounded_up"]


def rounded_up(size: float) -> float:
    """Return the next of 1, 1.5, 2, 3, 5, 7, 10, 15, … (and their tenths) that is not smaller.

    Examples
    --------
    >>> rounded_up(0.37), rounded_up(5), rounded_up(12.0), rounded_up(0)
    (0.5, 5.0, 15.0, 1.0)
    """
    if not size > 0 or not math.isfinite(size):
        return 1.0
    ten = 10.0 ** math.floor(math.log10(size))
    step = next(step for step in (1, 1.5, 2, 3, 5, 7, 10) if size <= step * ten * (1 + 1e-9))
    return float(f"{step * ten:.1e}")


@final
class Scales:
    """Scales by name, each the round number that holds whatever was met; they grow, and never shrink."""

    def __init__(self) -> None:
        self._found: dict[object, float] = {}
        self._met: WeakSet[object] = WeakSet()
        self._lock = threading.Lock()

    def new(self, met: object) -> bool:
        """Return whether something is met for the first time, as long as it is kept."""
        with self._lock:
            known = met in self._met
            self._met.add(met)
        return not known

    def of(self, name: object, *met: NDArray[np.floating]) -> float:
        """Return a scale, ±, widened to hold what is met now."""
        size = max((float(np.abs(some).max()) for some in met if some.size), default=0.0)
        with self._lock:
            known = self._found.get(name, 0.0)
            if size > known or not known:
                known = self._found[name] = max(known, rounded_up(size))
            return known
