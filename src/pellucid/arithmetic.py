"""Elementary functions whose bits are the same on every machine.

A library's ``log`` or ``cos`` may differ in the last bit from one processor to the next, and so may
everything that is computed from it. Here they are built from ``+ − × ÷`` and exact scaling by powers
of two alone, each operation rounded once as IEEE 754 demands, in the order in which it is written: any
language that does the same gets the same bits. They decide what a run starts from (random numbers,
initialisers, toy data) and how its rate goes; accuracy is stated with each and tested against exact values.

Source: the reductions and series of any calculus book; the error bounds are ours, by test.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ARITHMETIC", "cos_turns", "exact_mean", "exact_sum", "exp", "integer_power", "log", "log1p", "sin_turns"]

ARITHMETIC: Final = 1
"""The version of this definition of arithmetic. A file of another version claims no equality of bits."""

Float64 = NDArray[np.float64]

# ln 2 in two parts: the first has 21 significant bits, so that k·LN2_HIGH is exact for every exponent k.
_LN2_HIGH: Final = float.fromhex("0x1.62e42p-1")
_LN2_LOW: Final = float.fromhex("0x1.fdf473de6af28p-22")
_LN2_INVERSE: Final = float.fromhex("0x1.71547652b82fep+0")
_SQRT_HALF: Final = float.fromhex("0x1.6a09e667f3bcdp-1")

_EXP_TERMS: Final = tuple(1.0 / math.factorial(n) for n in range(2, 15))
_ATANH_TERMS: Final = tuple(1.0 / n for n in range(3, 25, 2))
_TWO_PI: Final = float.fromhex("0x1.921fb54442d18p+2")
_SIN_TERMS: Final = tuple((-1.0) ** n / math.factorial(2 * n + 1) for n in range(1, 9))
_COS_TERMS: Final = tuple((-1.0) ** n / math.factorial(2 * n) for n in range(1, 10))


def _polynomial(x: Float64, coefficients: tuple[float, ...]) -> Float64:
    """Return c₀ + x·(c₁ + x·(c₂ + …)), Horner's rule with a product and a sum for each term."""
    total = np.full_like(x, coefficients[-1])
    for c in coefficients[-2::-1]:
        total *= x
        total += c
    return total


def log(x: ArrayLike) -> Float64:
    """Return the natural logarithm of positive, finite numbers.

    With x = 2ᵏ·m and m in [√½, √2):  ln x = k·ln 2 + 2·artanh(s),  s = (m − 1) / (m + 1), and
    artanh(s) = s + s³/3 + s⁵/5 + … to s²³, where the rest is below 2⁻⁵⁷ of the sum.

    Parameters
    ----------
    x : array of float64, any shape
        Positive and finite; elsewhere the result means nothing.

    Returns
    -------
    array of float64, of the same shape
        Within 2 units in the last place.

    Examples
    --------
    >>> float(log(10.0)) == 2.302585092994046
    True
    """
    m, k = np.frexp(np.asarray(x, dtype=np.float64))
    low = m < _SQRT_HALF
    m = np.where(low, m + m, m)
    k = np.where(low, k - 1, k).astype(np.float64)
    s = (m - 1.0) / (m + 1.0)
    s2 = s * s
    tail = (s + s) * (s2 * _polynomial(s2, _ATANH_TERMS))
    return np.asarray(k * _LN2_HIGH + ((s + s) + (tail + k * _LN2_LOW)))


def log1p(x: ArrayLike) -> Float64:
    """Return ln(1 + x) of finite numbers above −1, exact in its digits where x is tiny, too.

    With u = 1 + x as rounded, and r = x − (u − 1) what the rounding lost:  ln(1 + x) = ln u + ln(1 + r/u), where the
    latter is r/u to within 2⁻⁵⁴ of the sum.

    Parameters
    ----------
    x : array of float64, any shape
        Above −1 and finite; elsewhere the result means nothing.

    Returns
    -------
    array of float64, of the same shape
        Within 3 units in the last place.

    Source: Goldberg (1991), What every computer scientist should know about floating-point arithmetic, theorem 4,
    with a sum for its quotient.

    Examples
    --------
    >>> log1p([0.0, 1e-20, 1.0]).tolist()
    [0.0, 1e-20, 0.6931471805599453]
    """
    x = np.asarray(x, dtype=np.float64)
    u = 1.0 + x
    return np.asarray(log(u) + (x - (u - 1.0)) / u)


def exp(x: ArrayLike) -> Float64:
    """Return eˣ for |x| ≤ 700.

    With x = k·ln 2 + r and |r| ≤ ½·ln 2:  eˣ = 2ᵏ·eʳ, and eʳ = 1 + r + r²·(1/2! + r/3! + …) to r¹⁴, where the rest is
    below 2⁻⁶² of the sum.

    Parameters
    ----------
    x : array of float64, any shape

    Returns
    -------
    array of float64, of the same shape
        Within 2 units in the last place.

    Examples
    --------
    >>> exp([0.0, -1.0]).tolist()
    [1.0, 0.36787944117144233]
    """
    x = np.asarray(x, dtype=np.float64)
    k = np.floor(x * _LN2_INVERSE + 0.5)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    return np.asarray(np.ldexp(1.0 + (r + (r * r) * _polynomial(r, _EXP_TERMS)), k.astype(np.int64)))


def _sin_cos(t: ArrayLike) -> tuple[Float64, Float64, NDArray[np.int64]]:
    """Split turns exactly into quarters and a rest within ±⅛; return the rest's sine and cosine, and the quarters."""
    turns = np.asarray(t, dtype=np.float64)
    quarter = np.floor(turns * 4.0 + 0.5)
    angle = (turns - quarter * 0.25) * _TWO_PI  # the difference is exact, for numbers of either sign
    square = angle * angle
    sine = angle + angle * (square * _polynomial(square, _SIN_TERMS))
    cosine = 1.0 + square * _polynomial(square, _COS_TERMS)
    return sine, cosine, (quarter - 4.0 * np.floor(quarter * 0.25)).astype(np.int64)


def sin_turns(t: ArrayLike) -> Float64:
    """Return sin(2πt), the sine of t whole turns.

    Turns are split exactly into quarters and a rest within ±⅛ turn, where the Taylor series is used.

    Parameters
    ----------
    t : array of float64, any shape
        Turns; finite.

    Returns
    -------
    array of float64, of the same shape
        Within 2⁻⁵² absolutely.

    Examples
    --------
    >>> sin_turns([0.0, 0.25, 0.5, 0.75]).tolist()
    [0.0, 1.0, 0.0, -1.0]
    """
    sine, cosine, quarter = _sin_cos(t)
    value = np.where(quarter & 1, cosine, sine)
    return np.where(quarter & 2, 0.0 - value, value)


def cos_turns(t: ArrayLike) -> Float64:
    """Return cos(2πt), the cosine of t whole turns; see `sin_turns`.

    Examples
    --------
    >>> cos_turns([0.0, 0.25, 0.5, 0.75]).tolist()
    [1.0, 0.0, -1.0, 0.0]
    """
    sine, cosine, quarter = _sin_cos(t)
    value = np.where(quarter & 1, sine, cosine)
    return np.where((quarter + 1) & 2, 0.0 - value, value)


def integer_power(base: float, exponent: int) -> float:
    """Return baseᵉ for a whole exponent e ≥ 0, by squaring from the highest bit down.

    Examples
    --------
    >>> integer_power(0.5, 10), integer_power(0.0, 0)
    (0.0009765625, 1.0)
    """
    result = 1.0
    for bit in f"{exponent:b}":
        result *= result
        if bit == "1":
            result *= base
    return result


def exact_sum(x: NDArray[Any]) -> float:
    """Return the sum of all elements, rounded once: no order of adding can change it.

    Source: Shewchuk (1997), Adaptive precision floating-point arithmetic; Python's ``math.fsum``.
    """
    return math.fsum(np.asarray(x, dtype=np.float64).ravel())


def exact_mean(x: NDArray[Any]) -> float:
    """Return the exactly rounded sum divided by the count."""
    return exact_sum(x) / x.size
