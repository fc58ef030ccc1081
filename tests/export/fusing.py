"""Triples for which a·b + c is hard to round once, and the exact answers."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

_SMALLEST = -149
"""The smallest float is 2 to this power."""


def rounded(exact: Fraction) -> float:
    """Return the nearest float of 32 bits, of two the even one; infinity where it would be 2¹²⁸ or more."""
    if exact == 0:
        return 0.0
    size = abs(exact)
    power = size.numerator.bit_length() - size.denominator.bit_length()
    power -= size < Fraction(2) ** power  # now 2^power ≤ size < 2^(power + 1)
    unit = Fraction(2) ** max(power - 23, _SMALLEST)
    whole = round(size / unit)  # of two the even one
    found = whole * unit
    value = float("inf") if found >= 2**128 else float(found)
    return -value if exact < 0 else value


def exactly_fused(a: float, b: float, c: float) -> float:
    """Return a·b + c, rounded once; of a zero the sign that IEEE 754 gives it."""
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact != 0:
        value = rounded(exact)
        return value if value != 0 or exact > 0 else -0.0
    product = float(a) * float(b)  # in 64 bits no product of two floats is lost: a zero is one
    return product + float(c)  # so the sign is that of adding in 64 bits


@cache
def triples(count: int) -> tuple[Any, Any]:
    """Return at least so many triples, float32 (n, 3), and for each the exact answer, float32 (n,)."""
    rng = np.random.default_rng(7)
    each = count // 8 + 1
    with np.errstate(over="ignore", under="ignore"):
        parts = [
            _usual(rng, each),
            _ties(rng, each),
            _near_ties(rng, each),
            _cancelled(rng, each),
            _tiny(rng, each),
            _tiny_ties(rng, each),
            _huge(rng, each),
            _zeros(rng, each),
        ]
    found = np.concatenate([np.stack(part, axis=1).astype(np.float32) for part in parts])
    found = found[np.isfinite(found).all(axis=1)]
    with np.errstate(over="ignore"):
        answers = np.array([exactly_fused(*row) for row in found.tolist()], np.float64).astype(np.float32)
    return found, answers


def _floats(rng: np.random.Generator, count: int) -> Any:
    return rng.integers(2**23, 2**24, count) * rng.choice([-1.0, 1.0], count) / 2**23


def _powers(rng: np.random.Generator, count: int, low: int, high: int) -> Any:
    return 2.0 ** rng.integers(low, high, count)


def _usual(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    return _floats(rng, n), _floats(rng, n) * _powers(rng, n, -30, 30), _floats(rng, n) * _powers(rng, n, -30, 30)


def _ties(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """c + (half a unit of c, exactly)."""
    c = _floats(rng, n)
    split = _powers(rng, n, -20, 20)
    return split * rng.choice([-1, 1], n), 2.0**-24 / split, c


def _near_ties(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """c + half a unit of c and a hair: (1 + u)(1 − v) is nearly 1, above it or below it."""
    u, v = (rng.integers(1, 6, n) * 2.0**-23 for _ in range(2))
    sign = rng.choice([-1, 1], n)
    split = _powers(rng, n, -20, 20)
    return sign * (1 + u) * split, (1 - np.where(rng.random(n) < 0.5, u, v / 2)) * 2.0**-24 / split, _floats(rng, n)


def _cancelled(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """c is the product's nearest float with the other sign: what is left is what rounding lost."""
    a, b = _floats(rng, n), _floats(rng, n) * _powers(rng, n, -60, 60)
    a, b = a.astype(np.float32), b.astype(np.float32)
    return a, b, -(a * b)


def _tiny(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """The result lies among the subnormal floats, or near them."""
    a, b = _floats(rng, n) * _powers(rng, n, -75, -60), _floats(rng, n) * _powers(rng, n, -90, -60)
    return a, b, rng.integers(-(2**23), 2**23, n) * 2.0**-149


def _tiny_ties(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """c is subnormal, and the product half of the smallest float, or a hair more or less."""
    u = rng.integers(-2, 3, n) * 2.0**-23
    a = rng.choice([-1, 1], n) * (1 + np.maximum(u, 0)) * 2.0**-75
    return a, (1 + np.minimum(u, 0)) * 2.0**-75, rng.integers(-(2**20), 2**20, n) * 2.0**-149


def _huge(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """The largest float and about half of its unit: some go to infinity, some by a hair do not."""
    largest = float(np.finfo(np.float32).max)
    u = rng.integers(-2, 3, n) * 2.0**-23
    sign = rng.choice([-1, 1], n)
    a = sign * (1 + np.maximum(u, 0)) * 2.0**51
    b = (1 + np.minimum(u, 0)) * _powers(rng, n, 51, 54)
    return a, b, sign * (largest - rng.integers(0, 2, n) * 2.0**104)


def _zeros(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """Zeros of either sign, beside numbers so small that their product is nearly one."""
    few = [0.0, -0.0, 1.0, -1.0, 2.0**-149, -(2.0**-149), 2.0**-126, 3e38]
    a, b, c = (rng.choice(few, n) for _ in range(3))
    return a, b, c
