"""Schedules: how the learning rate goes through a run.

A schedule is a factor of the learning rate at step k of n, k = 0 … n − 1; many steps may be given as an array. It
decides bits, so it is made of ``+ − × ÷`` in float64 and of `pellucid.arithmetic` alone.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import cos_turns, exp, integer_power, log
from pellucid.checks import checked_number, is_number, member, whole_number
from pellucid.core.named import made, told_briefly, unusual
from pellucid.errors import KindError, SettingError

__all__ = [
    "SCHEDULES",
    "Constant",
    "Cosine",
    "Exponential",
    "InverseScaling",
    "Linear",
    "OneCycle",
    "Schedule",
    "StepDown",
    "WarmUp",
    "schedule_from_json",
    "schedule_of",
]

Steps = int | NDArray[np.int64]
Factors = float | NDArray[np.float64]


@dataclass(frozen=True)
class Schedule(ABC):
    """A schedule's settings, and its function.

    Attributes
    ----------
    name : str
    """

    name: ClassVar[str]

    @abstractmethod
    def factor(self, k: Steps, n: int) -> Factors:
        """Return the factor of the learning rate at step k of n, k = 0 … n − 1."""

    def to_json(self) -> str | dict[str, Any]:
        """Return what stands for it in JSON: its name, and with it the settings that are not the usual ones."""
        told = {k: value.to_json() if isinstance(value, Schedule) else value for k, value in unusual(self).items()}
        return told_briefly(self.name, told)


@final
@dataclass(frozen=True)
class Constant(Schedule):
    """The same rate throughout: 1."""

    name: ClassVar[str] = "constant"

    def factor(self, k: Steps, n: int) -> Factors:
        """Return 1."""
        return 1.0


@final
@dataclass(frozen=True)
class Linear(Schedule):
    """A straight fall from 1 towards ``last``, which would be reached at step n: 1 − (1 − last)·k/n.

    Examples
    --------
    >>> [Linear().factor(k, 4) for k in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """

    last: float = 0.0

    name: ClassVar[str] = "linear"

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", checked_number("last", self.last, most=1.0, usual=0.0))

    def factor(self, k: Steps, n: int) -> Factors:
        """Return 1 − (1 − last)·k/n."""
        return 1.0 - (1.0 - self.last) * (k / n)


@final
@dataclass(frozen=True)
class StepDown(Schedule):
    """Falls at once, ``drops`` times, by the factor ``by``; all stretches between are of one length.

    Examples
    --------
    >>> [StepDown(drops=2, by=0.5).factor(k, 6) for k in range(6)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """

    drops: int = 2
    by: float = 0.1

    name: ClassVar[str] = "step"

    def __post_init__(self) -> None:
        object.__setattr__(self, "drops", whole_number("drops", self.drops, 1, 1000, usual=2))
        object.__setattr__(self, "by", checked_number("by", self.by, most=1.0, usual=0.1))

    def factor(self, k: Steps, n: int) -> Factors:
        """Return by^⌊(drops + 1)·k/n⌋."""
        powers = np.array([integer_power(self.by, i) for i in range(self.drops + 1)])
        return _alike(k, powers[np.minimum(np.asarray(k, dtype=np.int64) * (self.drops + 1) // n, self.drops)])


@final
@dataclass(frozen=True)
class Exponential(Schedule):
    """Falls by the same share at every step, from 1 towards ``last``: last^(k/n).

    Examples
    --------
    >>> [round(float(Exponential(last=0.01).factor(k, 4)), 6) for k in range(4)]
    [1.0, 0.316228, 0.1, 0.031623]
    """

    last: float = 0.01

    name: ClassVar[str] = "exponential"

    def __post_init__(self) -> None:
        if not is_number(self.last) or not 0 < self.last <= 1:
            raise SettingError(
                f"last must be a number above 0, up to 1; {self.last!r} was given. A usual value is 0.01."
            )
        object.__setattr__(self, "last", float(self.last))

    def factor(self, k: Steps, n: int) -> Factors:
        """Return e^(ln(last)·k/n)."""
        return _alike(k, exp(log(self.last) * (np.asarray(k) / n)))


@final
@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine wave, slow at both ends, from 1 towards ``last``: last + (1 − last)·(1 + cos(π·k/n))/2.

    Source: Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts, eq. 5, without restarts.

    Examples
    --------
    >>> [round(float(Cosine().factor(k, 4)), 6) for k in range(4)]
    [1.0, 0.853553, 0.5, 0.146447]
    """

    last: float = 0.0

    name: ClassVar[str] = "cosine"

    def __post_init__(self) -> None:
        object.__setattr__(self, "last", checked_number("last", self.last, most=1.0, usual=0.0))

    def factor(self, k: Steps, n: int) -> Factors:
        """Return last + (1 − last)·(1 + cos(π·k/n))/2."""
        return _alike(k, _wave(np.asarray(k) / n, 1.0, self.last))


@final
@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up from ``first`` to 1 during the share ``rise`` of the run, then down towards ``last``, by half cosine waves.

    Source: Smith & Topin (2019), Super-convergence, with the waves and settings of PyTorch and Optax.

    Examples
    --------
    >>> [round(float(OneCycle(rise=0.5).factor(k, 4)), 6) for k in range(4)]
    [0.04, 0.52, 1.0, 0.500002]
    """

    rise: float = 0.3
    first: float = 0.04
    last: float = 4e-6

    name: ClassVar[str] = "one_cycle"

    def __post_init__(self) -> None:
        for setting, usual in (("rise", 0.3), ("first", 0.04), ("last", 4e-6)):
            object.__setattr__(self, setting, checked_number(setting, getattr(self, setting), most=1.0, usual=usual))

    def factor(self, k: Steps, n: int) -> Factors:
        """Return the rising wave for k < ⌊rise·n⌋, else the falling one."""
        top, steps = int(self.rise * n), np.asarray(k)
        up = _wave(np.minimum(steps, top) / max(top, 1), self.first, 1.0)
        down = _wave(np.maximum(steps - top, 0) / max(n - top, 1), 1.0, self.last)
        return _alike(k, np.where(steps < top, up, down))


@final
@dataclass(frozen=True)
class InverseScaling(Schedule):
    """Falls from epoch to epoch with a power of the rows seen so far: 1 in the first, then 1/(rows seen + 1)^power.

    Parameters
    ----------
    power : float, ≥ 0
    steps : int, 1 … 2³¹
        How many steps an epoch has.
    rows : int, 1 … 2⁵³
        How many rows it sees.
    before : int, 0 … 2⁵³
        How many rows earlier runs have seen.

    Examples
    --------
    >>> [round(float(InverseScaling(0.5, steps=2, rows=99).factor(k, 6)), 6) for k in range(4)]
    [1.0, 1.0, 0.1, 0.1]

    Source: scikit-learn's MLPClassifier(learning_rate="invscaling").
    """

    power: float = 0.5
    steps: int = 1
    rows: int = 1
    before: int = 0

    name: ClassVar[str] = "inverse_scaling"

    def __post_init__(self) -> None:
        object.__setattr__(self, "power", checked_number("power", self.power, usual=0.5))
        for setting, least, most in (("steps", 1, 2**31), ("rows", 1, 2**53), ("before", 0, 2**53)):
            object.__setattr__(self, setting, whole_number(setting, getattr(self, setting), least, most))

    def factor(self, k: Steps, n: int) -> Factors:
        """Return 1 for k < steps, else 1/(before + rows·⌊k/steps⌋ + 1)^power."""
        epoch = np.asarray(k) // self.steps
        seen = self.before + float(self.rows) * epoch + 1.0
        power = min(self.power, 1e6)  # whose factors are 0 already; the product below cannot overflow
        return _alike(k, np.where(epoch == 0, 1.0, exp(-power * log(seen))))


@final
@dataclass(frozen=True)
class WarmUp(Schedule):
    """Up in equal parts during the first ``steps`` steps, then another schedule over those that are left.

    Parameters
    ----------
    steps : int, 1 … 2³¹
        The factor is 1/steps at the first step, and 1 at step number ``steps``.
    then : a schedule, or its name

    Source: Goyal et al. (2017), Accurate, large minibatch SGD, §2.2.

    Examples
    --------
    >>> warm = WarmUp(4, "linear")
    >>> [float(warm.factor(k, 8)) for k in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25]
    """

    steps: int = 100
    then: Schedule | str = Constant()

    name: ClassVar[str] = "warm_up"

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", whole_number("steps", self.steps, 1, 2**31, usual=100))
        object.__setattr__(self, "then", schedule_of(self.then))
        if isinstance(self.then, WarmUp):
            raise SettingError(
                "A warm-up stands in front of another schedule, not of a warm-up. Give one of all steps."
            )

    def factor(self, k: Steps, n: int) -> Factors:
        """Return (k + 1)/steps for k < steps, else the other schedule's factor at k − steps of n − steps."""
        steps = np.asarray(k)
        later = schedule_of(self.then).factor(np.maximum(steps - self.steps, 0), max(n - self.steps, 1))
        return _alike(k, np.where(steps < self.steps, (steps + 1) / self.steps, later))


def _wave(t: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Return half a cosine wave from ``start`` (t = 0) to ``end`` (t = 1)."""
    return end + (start - end) * (0.5 * (1.0 + cos_turns(0.5 * t)))


def _alike(k: Steps, factors: NDArray[np.float64]) -> Factors:
    """Return a number for a number, an array for an array."""
    return float(factors) if np.ndim(k) == 0 else np.asarray(factors)


SCHEDULES: Final[dict[str, type[Schedule]]] = {
    schedule.name: schedule
    for schedule in (Constant, Linear, StepDown, Exponential, Cosine, OneCycle, InverseScaling, WarmUp)
}


def schedule_of(given: object) -> Schedule:
    """Return a schedule given by its name, with its usual settings, or as it is.

    Raises
    ------
    UnknownNameError, KindError
        There is none of this name; or it is neither a name nor a schedule of this family: a file could not tell
        what another one does.

    Examples
    --------
    >>> schedule_of("cosine")
    Cosine(last=0.0)
    """
    if isinstance(given, Schedule) and type(given) in SCHEDULES.values():
        return given
    if not isinstance(given, str):
        kind = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        raise KindError(
            f"The schedule must be a name ({', '.join(SCHEDULES)}) or a schedule such as Cosine(last=0.1), not {kind}."
        )
    return member("schedule", given, SCHEDULES)()


def schedule_from_json(given: object) -> Schedule:
    """Return the schedule that `Schedule.to_json` wrote."""
    if not isinstance(given, dict):
        return schedule_of(given)
    settings = dict(given)
    if "then" in settings:
        settings["then"] = schedule_from_json(settings["then"])
    return made("schedule", settings, SCHEDULES)
