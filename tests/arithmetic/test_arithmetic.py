"""Elementary functions: accurate as stated, against exact values, and the same bits everywhere."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pellucid import arithmetic
from pellucid.arithmetic import cos_turns, exact_mean, exact_sum, exp, integer_power, log, log1p, sin_turns
from pellucid.random import Purpose, Stream

# Source: OEIS A000796.
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459")

SMALLEST_NORMAL = 2.0**-1022
LARGEST = float(np.finfo(np.float64).max)


def exact_log(x: float) -> Decimal:
    """Return ln x to 60 digits, by Python's own decimal arithmetic."""
    with localcontext() as context:
        context.prec = 60
        return Decimal(x).ln()


def exact_sin_turns(t: float) -> Decimal:
    """Return sin(2πt) to 50 digits: the turns reduced as an exact fraction, then the series."""
    turns = Fraction(t) - round(Fraction(t))
    with localcontext() as context:
        context.prec = 60
        angle = 2 * PI * Decimal(turns.numerator) / Decimal(turns.denominator)
        term = total = angle
        for n in range(2, 80, 2):
            term = -term * angle * angle / (n * (n + 1))
            total += term
        return total


def exact_cos_turns(t: float) -> Decimal:
    """Return cos(2πt), which is 1 − 2·sin²(πt)."""
    turns = Fraction(t) / 2
    turns -= round(turns)
    with localcontext() as context:
        context.prec = 60
        angle = 2 * PI * Decimal(turns.numerator) / Decimal(turns.denominator)
        term = total = angle
        for n in range(2, 80, 2):
            term = -term * angle * angle / (n * (n + 1))
            total += term
        return 1 - 2 * total * total


def ulps_off(exact: Decimal, value: float) -> float:
    """Return how many units in the last place of the exact value lie between the two."""
    if exact == 0:
        return 0.0 if value == 0 else math.inf
    return float(abs(Decimal(value) - exact) / Decimal(math.ulp(float(exact))))


def samples() -> list[float]:
    """Return positive numbers of all magnitudes, and those near where the reduction changes its mind."""
    words = Stream(0, Purpose.DATASET, layer=99).words_64(1500)
    anywhere = (words >> np.uint64(1)).view(np.float64)
    bits = np.array([0.5, math.sqrt(0.5), 1.0, math.sqrt(2.0), 2.0, math.e, 10.0]).view(np.int64)
    near = (bits[:, None] + np.arange(-20, 21)).ravel().view(np.float64)
    close_to_one = 1.0 + np.outer([-1.0, 1.0], 2.0 ** -np.arange(2.0, 53.0)).ravel()
    fine = anywhere[np.isfinite(anywhere) & (anywhere >= SMALLEST_NORMAL)]
    return [*fine.tolist(), *near.tolist(), *close_to_one.tolist(), SMALLEST_NORMAL, LARGEST, 5e-324, 1e-310]


def test_log_is_within_two_units() -> None:
    """ln x is within 2 units in the last place of the exact value, from the smallest number to the largest."""
    numbers = samples()
    off = [ulps_off(exact_log(x), y) for x, y in zip(numbers, log(numbers).tolist(), strict=True)]
    assert max(off) <= 2.0


@settings(deadline=None, max_examples=300)
@given(st.floats(min_value=5e-324, max_value=LARGEST))
@example(1.0)
def test_log_is_within_two_units_anywhere(x: float) -> None:
    """So it is wherever one looks; ln 1 is 0."""
    assert ulps_off(exact_log(x), float(log(x))) <= 2.0


@settings(deadline=None, max_examples=1000)
@given(st.floats(-1, 1, exclude_min=True) | st.floats(-1e-3, 1e-3) | st.floats(0, LARGEST))
@example(0.0)
@example(-0.5)
@example(2.0**-53)
@example(math.nextafter(-1.0, 0.0))
@example(LARGEST)
def test_log1p_is_within_three_units(x: float) -> None:
    """ln(1 + x) is within 3 units in the last place of the exact value, also where 1 + x rounds to 1."""
    with localcontext() as context:
        context.prec = 400
        exact = (1 + Decimal(x)).ln() if abs(x) > 1e-100 else Decimal(x)
    assert abs(exact) < SMALLEST_NORMAL or ulps_off(exact, float(log1p(x))) <= 3.0


@settings(deadline=None, max_examples=1000)
@given(st.floats(-700, 700) | st.floats(-1, 1))
@example(0.0)
@example(700.0)
@example(-700.0)
def test_exp_is_within_two_units(x: float) -> None:
    """eˣ is within 2 units in the last place of the exact value, and e⁰ is 1."""
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(x).exp()
    assert ulps_off(exact, float(exp(x))) <= 2.0


TURNS = [
    *[k / 8 for k in range(-17, 18)],
    *np.nextafter(np.arange(-17, 18) / 8, -9).tolist(),
    *np.nextafter(np.arange(-17, 18) / 8, 9).tolist(),
    *Stream(1, Purpose.DATASET, layer=99).uniform(1500).tolist(),
    *(-Stream(2, Purpose.DATASET, layer=99).uniform(500)).tolist(),
    *(1e6 * (Stream(3, Purpose.DATASET, layer=99).uniform(200) - 0.5)).tolist(),
    *(10.0 ** -np.arange(1.0, 30.0)).tolist(),
    *(-(10.0 ** -np.arange(1.0, 30.0))).tolist(),
    2.0**52 + 0.5,
    -(2.0**51) - 0.25,
    2.0**60,
    2.0**300,
    -(2.0**1000),
]


@pytest.mark.parametrize(
    ("function", "exact"), [(sin_turns, exact_sin_turns), (cos_turns, exact_cos_turns)], ids=["sin", "cos"]
)
def test_sine_and_cosine_are_within_two_to_minus_52(function, exact) -> None:  # type: ignore[no-untyped-def]
    """sin 2πt and cos 2πt are within 2⁻⁵² of the exact value, for turns of either sign and any size."""
    values = function(TURNS).tolist()
    off = [abs(Decimal(value) - exact(t)) for t, value in zip(TURNS, values, strict=True)]
    assert max(off) <= Decimal(2) ** -52
    assert -1 <= min(values)
    assert 1 >= max(values)


@settings(deadline=None)
@given(st.floats(-4, 4))
def test_quarters_belong_together(t: float) -> None:
    """cos is even, sin is odd, and both agree with the mathematics library as far as that is accurate."""
    assert abs(cos_turns(t) - cos_turns(-t)) <= 2.0**-52
    assert abs(sin_turns(t) + sin_turns(-t)) <= 2.0**-52
    assert math.isclose(math.sin(2 * math.pi * t), float(sin_turns(t)), abs_tol=1e-14)
    assert math.isclose(math.cos(2 * math.pi * t), float(cos_turns(t)), abs_tol=1e-14)


# Found by this very code; each is within the accuracy tested above. They may never change: every random
# normal number, and so every run that starts from them, would.
PINNED = [
    (log, 0.1, "-0x1.26bb1bbb55515p+1"),
    (log, 0.7, "-0x1.6d3c324e13f50p-2"),
    (log, 0.7071067811865476, "-0x1.62e42fefa39eep-2"),
    (log, 1.0, "0x0.0p+0"),
    (log, 1.0000000000000002, "0x1.0000000000000p-52"),
    (log, 3.0, "0x1.193ea7aad030bp+0"),
    (log, 10.0, "0x1.26bb1bbb55516p+1"),
    (log, 2.0**-53, "-0x1.25e4f7b2737fap+5"),
    (log, 1e300, "0x1.5963447f87fb5p+9"),
    (log1p, 1e-10, "0x1.b7cdfd9d1d693p-34"),
    (log1p, 2.0**-53, "0x1.0000000000000p-53"),
    (log1p, 0.1, "0x1.8663f793c46c7p-4"),
    (log1p, -0.3, "-0x1.6d3c324e13f4fp-2"),
    (log1p, 5.0, "0x1.cab0bfa2a2002p+0"),
    (exp, 1.0, "0x1.5bf0a8b14576ap+1"),
    (exp, -0.1, "0x1.cf46d99d52b3ap-1"),
    (exp, -300.7, "0x1.225720438e36dp-434"),
    (sin_turns, 0.1, "0x1.2cf2304755a5ep-1"),
    (sin_turns, 0.125, "0x1.6a09e667f3bcdp-1"),
    (sin_turns, 0.3, "0x1.e6f0e13445500p-1"),
    (sin_turns, 0.6, "-0x1.2cf2304755a5dp-1"),
    (sin_turns, 0.999, "-0x1.9bc5a9d91f67fp-8"),
    (sin_turns, -0.3, "-0x1.e6f0e13445500p-1"),
    (cos_turns, 0.1, "0x1.9e3779b97f4a8p-1"),
    (cos_turns, 0.125, "0x1.6a09e667f3bccp-1"),
    (cos_turns, 0.3, "-0x1.3c6ef372fe94ep-2"),
    (cos_turns, 0.6, "-0x1.9e3779b97f4a8p-1"),
    (cos_turns, 0.999, "0x1.fffd69aa0b99dp-1"),
    (cos_turns, 1234.56789, "-0x1.d21eeb76194d5p-1"),
]


@pytest.mark.parametrize(("function", "x", "expected"), PINNED)
def test_bits_are_pinned(function, x: float, expected: str) -> None:  # type: ignore[no-untyped-def]
    """A value has these bits on every machine."""
    assert expected == float(function(x)).hex()


@pytest.mark.parametrize("function", [exp, log, log1p, sin_turns, cos_turns])
def test_place_and_shape_do_not_matter(function) -> None:  # type: ignore[no-untyped-def]
    """An element's bits depend on itself alone, not on its neighbours, the shape, or the layout in memory."""
    x = Stream(4, Purpose.DATASET, layer=99).uniform(1001) + 2.0**-60
    whole = function(x)
    assert np.array_equal(whole, np.array([float(function(element)) for element in x.tolist()]))
    assert np.array_equal(whole[::-3], function(x[::-3]))
    assert np.array_equal(whole[1:].reshape(10, 4, 25), function(x[1:].reshape(10, 4, 25)))
    assert () == function(0.5).shape
    assert (0,) == function([]).shape


def test_arguments_stay_as_they_are() -> None:
    """No function writes into what it is given."""
    x = np.linspace(0.1, 0.9, 9)
    before = x.copy()
    for function in (log, sin_turns, cos_turns):
        function(x)
    assert np.array_equal(before, x)


@settings(deadline=None)
@given(st.floats(-2, 2), st.integers(0, 300))
@example(0.999, 6_000)
@example(0.0, 0)
def test_integer_power_is_near_the_exact_one(base: float, exponent: int) -> None:
    """Each squaring and product rounds once, so the relative error stays below 2⁻⁵² for each doubling and unit."""
    exact = Fraction(base) ** exponent
    value = integer_power(base, exponent)
    if abs(exact) < Fraction(2) ** -900 and exact != 0:
        return  # below, numbers lose digits one by one
    assert abs(Fraction(value) - exact) <= abs(exact) * max(1, exponent) * Fraction(2) ** -52


def test_integer_power_squares_from_the_highest_bit() -> None:
    """The order of its products is part of the definition: 13 is 1101, so ((b²·b)²)²·b."""
    b = 0.9
    b3 = b * b * b
    expected = (b3 * b3) * (b3 * b3) * b
    assert expected == integer_power(b, 13)
    assert [1.0, 0.9, 0.9 * 0.9] == [integer_power(0.9, e) for e in range(3)]
    assert "0x1.43ebcf574745bp-9" == integer_power(0.999, 6000).hex()


@settings(deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), max_size=40), st.randoms(use_true_random=False))
def test_exact_sum_knows_no_order(numbers: list[float], random) -> None:  # type: ignore[no-untyped-def]
    """The sum is the exact one, rounded once, whatever the order."""
    shuffled = list(numbers)
    random.shuffle(shuffled)
    expected = float(sum(map(Fraction, numbers), Fraction(0)))
    assert expected == exact_sum(np.array(numbers)) == exact_sum(np.array(shuffled))


def test_exact_sum_keeps_what_plain_sums_lose() -> None:
    """Large terms that cancel leave the small one; any shape and number type is taken."""
    assert 1.0 == exact_sum(np.array([1e16, 1.0, -1e16]))
    assert 6.0 == exact_sum(np.array([[1, 2], [3, 0]]))
    assert 0.0 == exact_sum(np.array([]))
    assert 0.10000000149011612 == exact_sum(np.array([0.1], dtype=np.float32))


@settings(deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40))
def test_exact_mean_is_the_exact_sum_over_the_count(numbers: list[float]) -> None:
    """The mean is the rounded sum, divided once."""
    expected = float(sum(map(Fraction, numbers), Fraction(0))) / len(numbers)
    assert expected == exact_mean(np.array(numbers))


def test_version() -> None:
    """This is arithmetic 1. Whoever changes a bit of it changes this number too."""
    assert 1 == arithmetic.ARITHMETIC
