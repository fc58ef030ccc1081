"""Schedules: how the learning rate goes through a run.

A schedule is a factor of the learning rate at step k of n, k = 0 … n − 1; many steps may be given as an array. It
decides bits, so it is made of ``+ − × ÷`` in float64 alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member

__all__ = ["SCHEDULES", "constant", "linear", "schedule_named"]

Step = int | NDArray[np.int64]
Factor = float | NDArray[np.float64]
Schedule = Callable[[Step, int], Factor]


def constant(k: Step, n: int) -> Factor:
    """Return 1."""
    return 1.0


def linear(k: Step, n: int) -> Factor:
    """Return 1 − k/n: a straight fall from 1 towards 0, which would be reached at step n.

    Examples
    --------
    >>> [linear(k, 4) for k in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    return 1.0 - k / n


SCHEDULES: Final[dict[str, Schedule]] = {"constant": constant, "linear": linear}


def schedule_named(name: object) -> Schedule:
    """Return the schedule of this name, or raise `UnknownNameError`."""
    return member("schedule", name, SCHEDULES)
