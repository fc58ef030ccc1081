"""Formulas with their numbers: data first, then text, LaTeX or MathML.

A `Line` says ``name = expression = result``, and multiplies out: whoever computes the expression from the numbers as
they are shown, and rounds to as many places as the result has, gets the result. Where rounding of what is shown stands
in the way, it is a term of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Activation

if TYPE_CHECKING:
    from pellucid.insight._notation import Notation

__all__ = [
    "Apply",
    "Expression",
    "Formula",
    "Gathered",
    "Line",
    "Number",
    "Omitted",
    "Power",
    "Product",
    "Quotient",
    "Root",
    "Sum",
    "activated",
    "column",
    "line",
    "number",
    "weighted",
]

_PRECISE: Final = Context(prec=60, traps=[])  # what is not finite is looked for, not raised


@dataclass(frozen=True)
class Number:
    """A number as it is shown: its value is what its text says, nothing more.

    Attributes
    ----------
    text : str, such as ``0.90``, ``-3.145`` or ``1.5e-07``
    note : what is said of it, in brackets behind it
    """

    text: str
    note: str = ""

    def value(self) -> Decimal:
        return Decimal(self.text)

    @property
    def negative(self) -> bool:
        return self.text.startswith("-")

    @property
    def places(self) -> int:
        """The power of ten of its last digit."""
        exponent = Decimal(self.text).as_tuple().exponent
        return exponent if isinstance(exponent, int) else 0


@dataclass(frozen=True)
class Sum:
    """Terms, added up."""

    terms: tuple[Expression, ...]

    def value(self) -> Decimal:
        return sum((term.value() for term in self.terms), Decimal(0))


@dataclass(frozen=True)
class Product:
    """Factors, multiplied."""

    factors: tuple[Expression, ...]

    def value(self) -> Decimal:
        product = Decimal(1)
        for factor in self.factors:
            product *= factor.value()
        return product


@dataclass(frozen=True)
class Quotient:
    """One over another."""

    above: Expression
    below: Expression

    def value(self) -> Decimal:
        return self.above.value() / self.below.value()


@dataclass(frozen=True)
class Power:
    """A whole power."""

    base: Expression
    exponent: int

    def value(self) -> Decimal:
        return self.base.value() ** self.exponent


@dataclass(frozen=True)
class Root:
    """A square root."""

    of: Expression

    def value(self) -> Decimal:
        return self.of.value().sqrt()


@dataclass(frozen=True)
class Apply:
    """A function of one number, or of several.

    Attributes
    ----------
    name : such as ``sigmoid``, ``ln``, ``max``
    arguments : tuple
    function : of as many floats, to a float
    """

    name: str
    arguments: tuple[Expression, ...]
    function: Callable[..., float]

    def value(self) -> Decimal:
        try:
            return Decimal(float(self.function(*(float(argument.value()) for argument in self.arguments))))
        except (OverflowError, ValueError):  # such as the logarithm of a probability that is shown as 0
            return Decimal("nan")


@dataclass(frozen=True)
class Gathered:
    """Many terms as their sum, and how many they are."""

    total: Number
    count: int
    zeros: int = 0

    def value(self) -> Decimal:
        return self.total.value()


@dataclass(frozen=True)
class Omitted:
    """Terms that are left out of what is shown: an ellipsis stands for them."""

    terms: tuple[Expression, ...]

    def value(self) -> Decimal:
        return Sum(self.terms).value()


Expression = Number | Omitted | Sum | Product | Quotient | Power | Root | Apply | Gathered


# How numbers are shown


def number(value: float, digits: int = 6, dtype: str | np.dtype[Any] = "float64", note: str = "") -> Number:
    """Return a number as its shortest text that gives it back, or, where that is long, rounded to significant digits.

    Examples
    --------
    >>> number(0.45).text, number(np.float32(0.1), dtype="float32").text, number(1 / 3, 4).text, number(1.5e-9).text
    ('0.45', '0.1', '0.3333', '1.5e-09')
    """
    if not math.isfinite(value):
        return Number(str(float(value)), note)
    with localcontext(_PRECISE):
        shortest = Decimal(repr(float(np.dtype(dtype).type(value)))) if np.dtype(dtype) == np.float64 else _short(value)
        rounded = Decimal(f"{float(value):.{digits - 1}e}")
        best = shortest if len(shortest.normalize().as_tuple().digits) <= digits else rounded
        return Number(_text(best), note)


def _short(value: float) -> Decimal:
    return Decimal(np.format_float_scientific(np.float32(value), unique=True))


def _text(value: Decimal) -> str:
    """Return plain digits for what is of a usual size, else a power of ten."""
    if value == 0:
        return "0"
    if Decimal("1e-5") <= abs(value) < Decimal("1e7"):
        return format(value.normalize(), "f")
    digits, exponent = f"{value.normalize():e}".split("e")
    return f"{digits}e{int(exponent):+03d}"


def column(values: Sequence[float], digits: int = 6, dtype: str | np.dtype[Any] = "float64") -> list[Number]:
    """Return numbers that stand beneath one another; short ones with as many decimals as the longest of them.

    Examples
    --------
    >>> [one.text for one in column([0.9, 0.39, 1.0])]
    ['0.90', '0.39', '1.00']
    """
    shown = [number(value, digits, dtype) for value in values]
    decimals = max((-one.places for one in shown), default=0)
    if not 0 < decimals <= 4 or any("e" in one.text for one in shown):
        return shown
    return [replace(one, text=f"{one.value():.{decimals}f}") for one in shown]


# Lines


@dataclass(frozen=True)
class Line:
    """One line of a formula: ``name = expression = result``.

    Attributes
    ----------
    name : str
    expression : Expression, or None where there is only the result
    result : Number
    symbols : the same without numbers, such as ``Σ w·x + b``; or empty
    """

    name: str
    expression: Expression | None
    result: Number
    symbols: str = ""

    def text(self) -> str:
        """Return it as text, such as ``z = 0.90·0.45 + 0.51 = 0.915``."""
        from pellucid.insight._notation import TEXT

        return self._in(TEXT)

    def latex(self) -> str:
        """Return it as LaTeX, without dollars."""
        from pellucid.insight._notation import LATEX

        return self._in(LATEX)

    def mathml(self) -> str:
        """Return it as a ``<math>`` element."""
        from pellucid.insight._notation import MATHML

        return f'<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow>{self._in(MATHML)}</mrow></math>'

    def _in(self, notation: Notation) -> str:
        parts = [notation.name(self.name)]
        if self.symbols:
            parts.append(notation.name(self.symbols))
        if self.expression is not None:
            parts.append(notation.of(self.expression))
        return notation.equals.join([*parts, notation.of(self.result)])

    def multiplies_out(self) -> bool:
        """Return whether the expression, computed from what is shown, rounds to the result."""
        if self.expression is None:
            return True
        with localcontext(_PRECISE):
            off = abs(self.expression.value() - self.result.value())
            return off <= Decimal((0, (5,), self.result.places - 1)) * (1 + Decimal("1e-9"))


def line(name: str, expression: Expression, result: Number, symbols: str = "") -> Line:
    """Return a line that multiplies out: with a term for the rounding of what is shown, where that is needed."""
    plain = Line(name, expression, result, symbols)
    with localcontext(_PRECISE):
        if not (expression.value().is_finite() and result.value().is_finite()):
            return Line(name, None, result, symbols)
    if plain.multiplies_out():
        return plain
    with localcontext(_PRECISE):
        off = result.value() - expression.value()
        rounding = Number(_text(off.quantize(Decimal((0, (1,), result.places - 1)))), "rounding")
        terms = expression.terms if isinstance(expression, Sum) else (expression,)
        return Line(name, Sum((*terms, rounding)), result, symbols)


@dataclass(frozen=True, repr=False)
class Formula:
    """Lines that follow from one another.

    Examples
    --------
    >>> print(Formula((line("y", Product((Number("2"), Number("3.5"))), Number("7")),)))
    y = 2·3.5 = 7
    """

    lines: tuple[Line, ...]

    def text(self) -> str:
        """Return the lines as text, one beneath another."""
        return "\n".join(one.text() for one in self.lines)

    def latex(self) -> str:
        """Return the lines as LaTeX, aligned at their first equals sign."""
        rows = [one.latex().replace(" = ", " &= ", 1) for one in self.lines]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def mathml(self) -> str:
        """Return the lines as ``<math>`` elements."""
        return "\n".join(one.mathml() for one in self.lines)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from pellucid.insight._html import formula_html

        return formula_html(self)


def activated(activation: Activation, z: Number) -> Expression:
    """Return f(z) of an activation, with z as it is shown."""
    if activation.name == "identity":
        return z
    if activation.name == "relu":
        return Apply("max", (Number("0"), z), max)
    function = activation.function

    def of(x: float) -> float:
        with np.errstate(all="ignore"):
            return float(function(np.array([[x]]))[0, 0])

    return Apply(activation.name, (z,), of)


def weighted(
    inputs: NDArray[Any], weights: NDArray[Any], terms: int, dtype: str, *, largest: bool
) -> tuple[list[Expression], list[int]]:
    """Return the products x·w as terms, and which inputs they are of: so many, the rest as their sum.

    The largest come first where ``largest``, else they stand in the order of the inputs.
    """
    products = inputs.astype(np.float64) * weights.astype(np.float64)
    order = np.argsort(-np.abs(products), kind="stable") if largest else np.arange(len(products))
    places = [int(i) for i in order[:terms] if not largest or products[i] != 0]
    x, w = column(inputs[places].tolist(), dtype=dtype), column(weights[places].tolist(), dtype=dtype)
    shown: list[Expression] = [Product(pair) for pair in zip(x, w, strict=True)]
    if not shown:
        return [Number("0", f"all {len(products):,} products are 0")], places
    rest = np.delete(products, places)
    if len(rest):
        shown.append(Gathered(number(float(rest.sum())), len(rest), int((rest == 0).sum())))
    return shown, places
