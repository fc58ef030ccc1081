"""Schedules: how the learning rate goes, in numbers that have the same bits everywhere."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neural_network._stochastic_optimizers import SGDOptimizer

from pellucid.core import (
    SCHEDULES,
    Constant,
    Cosine,
    Exponential,
    InverseScaling,
    Linear,
    OneCycle,
    Schedule,
    StepDown,
    WarmUp,
    schedule_from_json,
    schedule_of,
)
from pellucid.errors import KindError, SettingError, UnknownNameError

STEPS = st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))
NAMES = "constant, linear, step, exponential, cosine, one_cycle, inverse_scaling, warm_up"


def wave(t: float, start: float, end: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * t)) / 2


def one_cycle(k: int, n: int) -> float:
    top = int(0.3 * n)
    return wave(k / top, 0.04, 1) if k < top else wave((k - top) / (n - top), 1, 4e-6)


# Written a second time, with exact fractions or with Python's own functions.
FORMULAS: dict[str, Callable[[int, int], Any]] = {
    "constant": lambda k, n: Fraction(1),
    "linear": lambda k, n: 1 - Fraction(k, n),
    "step": lambda k, n: 1 if 3 * k < n else 0.1 if 3 * k < 2 * n else 0.01,
    "exponential": lambda k, n: 0.01 ** (k / n),
    "cosine": lambda k, n: wave(k / n, 1, 0),
    "one_cycle": one_cycle,
    "inverse_scaling": lambda k, n: (k + 1) ** -0.5,
    "warm_up": lambda k, n: min(1, Fraction(k + 1, 100)),
}
WITH_SETTINGS: dict[Schedule, Callable[[int, int], float]] = {
    Linear(last=0.25): lambda k, n: 1 - 0.75 * k / n,
    StepDown(drops=1, by=0.5): lambda k, n: 1 if 2 * k < n else 0.5,
    Exponential(last=0.5): lambda k, n: 0.5 ** (k / n),
    Cosine(last=0.1): lambda k, n: wave(k / n, 1, 0.1),
    OneCycle(rise=0, first=1, last=0): lambda k, n: wave(k / n, 1, 0),
    InverseScaling(0.25, steps=3, rows=57): lambda k, n: (57 * (k // 3) + 1) ** -0.25,
    InverseScaling(2, steps=2, rows=5, before=7): lambda k, n: 1 if k < 2 else (7 + 5 * (k // 2) + 1) ** -2,
    WarmUp(3, "cosine"): lambda k, n: (k + 1) / 3 if k < 3 else wave((k - 3) / (n - 3), 1, 0),
}


def test_the_table_holds_every_schedule() -> None:
    """Each schedule has a formula to be compared with."""
    assert set(FORMULAS) == set(SCHEDULES)


@pytest.mark.parametrize("name", SCHEDULES)
@settings(deadline=None)
@given(place=STEPS)
def test_a_schedule_is_its_formula(name: str, place: tuple[int, int]) -> None:
    """At every step it is within 1e-14 of the formula (the first two within 2⁻⁵³), and lies in 0 < factor ≤ 1."""
    k, n = place
    factor = schedule_of(name).factor(k, n)
    apart = Fraction(1, 2**53) if name in {"constant", "linear"} else Fraction(1, 10**14)
    assert abs(Fraction(factor) - Fraction(FORMULAS[name](k, n))) <= apart
    assert 0 <= factor <= 1
    assert isinstance(factor, float)


@pytest.mark.parametrize("schedule", WITH_SETTINGS, ids=str)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 469])
def test_settings_and_arrays(schedule: Schedule, n: int) -> None:
    """With settings of its own, too, it is its formula; many steps at once have the bits of each alone."""
    together = np.broadcast_to(schedule.factor(np.arange(n), n), n)
    assert [schedule.factor(k, n) for k in range(n)] == together.tolist()
    assert [WITH_SETTINGS[schedule](k, n) for k in range(n)] == pytest.approx(together.tolist(), abs=1e-14)


@pytest.mark.parametrize("name", [name for name in SCHEDULES if name not in {"one_cycle", "warm_up"}])
@pytest.mark.parametrize("n", [1, 2, 3, 7, 469])
def test_a_schedule_starts_at_one_and_never_rises(name: str, n: int) -> None:
    """The first step has the whole learning rate, no later one has more than the one before."""
    factors = [schedule_of(name).factor(k, n) for k in range(n)]
    assert 1.0 == factors[0]
    assert sorted(factors, reverse=True) == factors


def test_linear_falls_in_equal_steps() -> None:
    """Over 8 steps it is 1, ⅞, … ⅛."""
    assert [1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125] == [Linear().factor(k, 8) for k in range(8)]


def test_the_bits_are_pinned() -> None:
    """They may never change within `ARITHMETIC` 1."""
    schedules = [*(schedule_of(name) for name in SCHEDULES), *WITH_SETTINGS]
    factors = [np.broadcast_to(np.asarray(s.factor(np.arange(469), 469), dtype="<f8"), 469) for s in schedules]
    assert PINNED == hashlib.sha256(np.concatenate(factors).tobytes()).hexdigest()


PINNED = "87b71d5b0e52cfa1fbdafcc7c61dcd8e86ce45dcc7a3e79247d6ff0507b01b47"


@pytest.mark.parametrize("schedule", [*(schedule_of(name) for name in SCHEDULES), *WITH_SETTINGS], ids=str)
def test_json_gives_it_back(schedule: Schedule) -> None:
    """With its settings; usual ones are left out, so that a name alone is read as it always was."""
    written = schedule.to_json()
    assert schedule == schedule_from_json(json.loads(json.dumps(written)))
    assert isinstance(written, str) == (schedule == SCHEDULES[schedule.name]())


@pytest.mark.parametrize("name", ["step", "exponential", "cosine", "warm_up"])
def test_factors_are_those_of_pytorch(judge: Callable[[str], Any], name: str) -> None:
    """Its MultiStepLR, ExponentialLR, CosineAnnealingLR and LinearLR give the same rates, within 1e-12.

    Its OneCycleLR reaches the top one step earlier and the end at the last step; ours has the places of Optax's.
    """
    torch, n = judge("torch"), 90
    lr = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = {
        "step": lambda: lr.MultiStepLR(optimizer, [30, 60], gamma=0.1),
        "exponential": lambda: lr.ExponentialLR(optimizer, 0.01 ** (1 / n)),
        "cosine": lambda: lr.CosineAnnealingLR(optimizer, n),
        "warm_up": lambda: lr.LinearLR(optimizer, 1 / 100, 1.0, 99),
    }[name]()
    ours = schedule_of(name)
    for k in range(n):
        assert theirs.get_last_lr()[0] == pytest.approx(ours.factor(k, n), abs=1e-12)
        optimizer.step()
        theirs.step()


@pytest.mark.parametrize("power", [0.0, 0.25, 0.5, 1.0])
def test_inverse_scaling_is_that_of_scikit_learn(power: float) -> None:
    """Epoch by epoch, the rate of its SGDOptimizer(lr_schedule="invscaling") after as many rows."""
    theirs = SGDOptimizer([np.zeros(1)], 0.3, "invscaling", power_t=power)
    ours = InverseScaling(power, steps=4, rows=17, before=34)
    for epoch in range(20):
        assert [pytest.approx(theirs.learning_rate, rel=1e-14)] * 4 == [
            0.3 * ours.factor(k, 80) for k in range(4 * epoch, 4 * epoch + 4)
        ]
        theirs.iteration_ends(34 + 17 * (epoch + 1))


def test_inverse_scaling_far_away_is_nothing() -> None:
    """However large its power, its factors are numbers from 0 to 1."""
    factors = np.asarray(InverseScaling(1.7e308, rows=2**53, before=2**53).factor(np.array([0, 1, 2**40]), 2**41))
    assert [1.0, 0.0, 0.0] == factors.tolist()


@pytest.mark.parametrize("given", ["linaer", ""])
def test_an_unknown_schedule_is_refused(given: str) -> None:
    """The message names those there are."""
    with pytest.raises(UnknownNameError, match=rf"Unknown schedule .*\. Accepted: {NAMES}\."):
        schedule_of(given)


@pytest.mark.parametrize(("given", "called"), [(["linear"], "list"), (None, "NoneType"), (Cosine, "the class Cosine")])
def test_what_is_no_schedule_is_refused(given: object, called: str) -> None:
    """The message tells what to give."""
    with pytest.raises(KindError, match=rf"must be a name \({NAMES}\) or a schedule such as Cosine.*not {called}\."):
        schedule_of(given)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Linear(last=1.5), r"last must lie in 0 … 1; 1\.5 was given"),
        (lambda: Cosine(last=-0.1), r"last must lie in 0 … 1; -0\.1 was given"),
        (lambda: Exponential(last=0), r"last must be a number above 0, up to 1; 0 was given"),
        (lambda: StepDown(drops=0), r"drops must lie in 1 … 1000; 0 was given"),
        (lambda: OneCycle(rise=2), r"rise must lie in 0 … 1; 2 was given"),
        (lambda: InverseScaling(-1), r"power must be a finite number ≥ 0; -1 was given"),
        (lambda: InverseScaling(steps=0), r"steps must lie in 1 … 2147483648; 0 was given"),
        (lambda: InverseScaling(steps=10**30), r"steps must lie in 1 … 2147483648; 10{30} was given"),
        (lambda: InverseScaling(rows=0), r"rows must lie in 1 … 9007199254740992; 0 was given"),
        (lambda: InverseScaling(before=-1), r"before must lie in 0 … 9007199254740992; -1 was given"),
        (lambda: InverseScaling(before=10**400), r"before must lie in 0 … 9007199254740992; 10{400} was given"),
        (lambda: WarmUp(10**30), r"steps must lie in 1 … 2147483648; 10{30} was given"),
        (lambda: WarmUp(2, WarmUp(2)), r"A warm-up stands in front of another schedule, not of a warm-up\. Give one"),
        (lambda: WarmUp(0), r"steps must lie in 1 … 2147483648; 0 was given"),
    ],
)
def test_settings_outside_their_range_are_refused(make: Callable[[], Schedule], message: str) -> None:
    """The message says what is accepted."""
    with pytest.raises(SettingError, match=message):
        make()


def test_a_schedule_of_ones_own_is_refused() -> None:
    """A run file could not tell what it does."""

    class Mine(Schedule):
        name = "cosine"

        def factor(self, k: Any, n: int) -> Any:
            return 1.0

    with pytest.raises(KindError, match=r"a schedule such as Cosine\(last=0\.1\), not Mine\."):
        schedule_of(Mine())


def test_the_last_place_is_answered_for() -> None:
    """Where the last step leads to, k = n, has a factor too: a run that stands there shows it."""
    for name in SCHEDULES:
        assert 0 <= schedule_of(name).factor(7, 7) <= 1


def test_constant_is_one() -> None:
    """Whatever the step."""
    assert 1.0 == Constant().factor(3, 4)
