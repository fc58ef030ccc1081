"""Schedules: how the learning rate goes, in numbers that have the same bits everywhere."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core import SCHEDULES, schedule_named
from pellucid.errors import UnknownNameError

STEPS = st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))

EXACT = {
    "constant": lambda k, n: Fraction(1),
    "linear": lambda k, n: 1 - Fraction(k, n),
}


def test_the_table_holds_every_schedule() -> None:
    """Each schedule has an exact formula to be compared with."""
    assert set(EXACT) == set(SCHEDULES)


@pytest.mark.parametrize("name", SCHEDULES)
@settings(deadline=None)
@given(place=STEPS)
def test_a_schedule_is_its_formula(name: str, place: tuple[int, int]) -> None:
    """At every step it is within 2⁻⁵³ of the exact fraction, and lies in 0 < factor ≤ 1."""
    k, n = place
    factor = schedule_named(name)(k, n)
    assert abs(Fraction(factor) - EXACT[name](k, n)) <= Fraction(1, 2**53)
    assert 0 < factor <= 1


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("n", [1, 2, 3, 7, 469])
def test_a_schedule_starts_at_one_and_never_rises(name: str, n: int) -> None:
    """The first step has the whole learning rate, no later one has more than the one before."""
    factors = [SCHEDULES[name](k, n) for k in range(n)]
    assert 1.0 == factors[0]
    assert sorted(factors, reverse=True) == factors


def test_linear_falls_in_equal_steps() -> None:
    """Over 8 steps it is 1, ⅞, … ⅛."""
    assert [1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125] == [schedule_named("linear")(k, 8) for k in range(8)]


@pytest.mark.parametrize("given", ["linaer", ["linear"], None])
def test_an_unknown_schedule_is_refused(given: object) -> None:
    """The message names those there are."""
    with pytest.raises(UnknownNameError, match=r"Unknown schedule .*\. Accepted: constant, linear\."):
        schedule_named(given)
