"""Notations: a formula's data as text, as LaTeX and as MathML."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from html import escape
from typing import Final, final

from pellucid.insight._formula import Apply, Expression, Gathered, Number, Omitted, Power, Product, Quotient, Root, Sum

__all__ = ["LATEX", "MATHML", "TEXT", "Notation"]

_SUPERSCRIPTS: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_GREEK: Final = {
    "δ": "\\delta",
    "η": "\\eta",
    "Δ": "\\Delta",
    "m̂": "\\hat{m}",
    "v̂": "\\hat{v}",
    "‖g‖": "\\lVert g\\rVert",
}
_FUNCTIONS: Final = {"ln": "\\ln", "−ln": "-\\ln", "max": "\\max", "exp": "\\exp", "tanh": "\\tanh"}


def leads_negative(expression: Expression) -> bool:
    """Return whether it begins with a minus, which a sum may take as its own sign."""
    match expression:
        case Number():
            return expression.negative
        case Gathered():
            return expression.total.negative
        case Product():
            return leads_negative(expression.factors[0])
        case Quotient():
            return leads_negative(expression.above)
    return False


def positive(expression: Expression) -> Expression:
    """Return it without the minus with which it begins."""
    match expression:
        case Number():
            return Number(expression.text[1:], expression.note)
        case Gathered():
            return Gathered(Number(expression.total.text[1:]), expression.count, expression.zeros)
        case Product():
            return Product((positive(expression.factors[0]), *expression.factors[1:]))
        case Quotient():
            return Quotient(positive(expression.above), expression.below)
    return expression


class Notation(ABC):
    """How expressions are written: a sum takes a leading minus as its sign, a product puts it in brackets."""

    equals: str

    def of(self, expression: Expression) -> str:
        """Return an expression in this notation."""
        write: Callable[[Expression], str] = getattr(self, type(expression).__name__.lower())
        return write(expression)

    def terms(self, expression: Sum, plus: str, minus: str) -> str:
        """Return the terms with their signs between them."""
        first, *others = expression.terms
        text = self.of(first)
        for term in others:
            negative = leads_negative(term)
            text += (minus if negative else plus) + self.of(positive(term) if negative else term)
        return text

    def factors(self, expression: Product) -> list[str]:
        """Return the factors, in brackets where they would be misread."""
        return [self.bracketed(factor, alone=not i) for i, factor in enumerate(expression.factors)]

    def bracketed(self, expression: Expression, *, alone: bool = False) -> str:
        """Return it in brackets if it is a sum, or, unless it stands first, begins with a minus."""
        text = self.of(expression)
        misread = isinstance(expression, Sum) or (not alone and leads_negative(expression))
        return self.brackets(text) if misread else text

    @staticmethod
    def remark(gathered: Gathered) -> str:
        """Return how many terms stand there."""
        return f"{gathered.count:,} more" + (f", {gathered.zeros:,} of them 0" if gathered.zeros else "")

    @abstractmethod
    def name(self, name: str) -> str: ...
    @abstractmethod
    def brackets(self, text: str) -> str: ...
    @abstractmethod
    def number(self, one: Number) -> str: ...
    @abstractmethod
    def omitted(self, one: Omitted) -> str: ...
    @abstractmethod
    def sum(self, one: Sum) -> str: ...
    @abstractmethod
    def product(self, one: Product) -> str: ...
    @abstractmethod
    def quotient(self, one: Quotient) -> str: ...
    @abstractmethod
    def power(self, one: Power) -> str: ...
    @abstractmethod
    def root(self, one: Root) -> str: ...
    @abstractmethod
    def apply(self, one: Apply) -> str: ...
    @abstractmethod
    def gathered(self, one: Gathered) -> str: ...


@final
class _Text(Notation):
    equals = " = "

    def name(self, name: str) -> str:
        return name

    def brackets(self, text: str) -> str:
        return f"({text})"

    def number(self, one: Number) -> str:
        return one.text.replace("-", "−") + (f" ({one.note})" if one.note else "")

    def omitted(self, one: Omitted) -> str:
        return "…"

    def sum(self, one: Sum) -> str:
        return self.terms(one, " + ", " − ")

    def product(self, one: Product) -> str:
        return "·".join(self.factors(one))

    def quotient(self, one: Quotient) -> str:
        below = self.of(one.below)
        plain = isinstance(one.below, (Number, Root, Apply, Power)) and not leads_negative(one.below)
        return f"{self.bracketed(one.above, alone=True)} / {below if plain else self.brackets(below)}"

    def power(self, one: Power) -> str:
        return self.bracketed(one.base) + str(one.exponent).translate(_SUPERSCRIPTS)

    def root(self, one: Root) -> str:
        inner = self.of(one.of)
        return f"√{inner}" if isinstance(one.of, Number) else f"√({inner})"

    def apply(self, one: Apply) -> str:
        return f"{one.name}({', '.join(map(self.of, one.arguments))})"

    def gathered(self, one: Gathered) -> str:
        return f"{self.of(one.total)} ({self.remark(one)})"


@final
class _Latex(Notation):
    equals = " = "

    def name(self, name: str) -> str:
        if name in _GREEK or len(name) == 1:
            return _GREEK.get(name, name)
        escaped = re.sub(r"[%$&#_{}]", lambda m: f"\\{m[0]}", name).replace("δ", "$\\delta$")
        return f"\\text{{{escaped}}}"

    def brackets(self, text: str) -> str:
        return f"\\left({text}\\right)"

    def number(self, one: Number) -> str:
        power = re.sub(r"e([+-])0*(\d+)", lambda m: f"\\cdot 10^{{{m[1].strip('+')}{m[2]}}}", one.text)
        return power + (f"\\;(\\text{{{one.note}}})" if one.note else "")

    def omitted(self, one: Omitted) -> str:
        return "\\dots"

    def sum(self, one: Sum) -> str:
        return self.terms(one, " + ", " - ")

    def product(self, one: Product) -> str:
        return " \\cdot ".join(self.factors(one))

    def quotient(self, one: Quotient) -> str:
        return f"\\frac{{{self.of(one.above)}}}{{{self.of(one.below)}}}"

    def power(self, one: Power) -> str:
        return f"{self.bracketed(one.base)}^{{{one.exponent}}}"

    def root(self, one: Root) -> str:
        return f"\\sqrt{{{self.of(one.of)}}}"

    def apply(self, one: Apply) -> str:
        plain = one.name.replace("_", "\\_").replace("±", "\\pm ")
        name = _FUNCTIONS.get(one.name) or f"\\operatorname{{{plain}}}"
        return f"{name}({', '.join(map(self.of, one.arguments))})"

    def gathered(self, one: Gathered) -> str:
        return f"\\underbrace{{{self.of(one.total)}}}_{{\\text{{{self.remark(one)}}}}}"


@final
class _MathML(Notation):
    equals = "<mo>=</mo>"

    def name(self, name: str) -> str:
        return f"<mi>{escape(name)}</mi>"  # long ones, too: beside <mtext>, which counts as space, an = has none

    def brackets(self, text: str) -> str:
        return f"<mo>(</mo>{text}<mo>)</mo>"

    def number(self, one: Number) -> str:
        sign = "<mo>−</mo>" if one.negative else ""
        digits, _, exponent = one.text.removeprefix("-").partition("e")
        power = str(int(exponent or 0)).replace("-", "−")
        ten = f"<mo>·</mo><msup><mn>10</mn><mn>{power}</mn></msup>" if exponent else ""
        note = f"<mtext>&#160;({escape(one.note)})</mtext>" if one.note else ""
        whole = f"{sign}<mn>{digits}</mn>{ten}{note}"
        return f"<mrow>{whole}</mrow>" if sign else whole  # where it comes first in its row, a minus is a sign

    def omitted(self, one: Omitted) -> str:
        return "<mo>…</mo>"

    def sum(self, one: Sum) -> str:
        return f"<mrow>{self.terms(one, '<mo>+</mo>', '<mo>−</mo>')}</mrow>"

    def product(self, one: Product) -> str:
        return f"<mrow>{'<mo>·</mo>'.join(self.factors(one))}</mrow>"

    def quotient(self, one: Quotient) -> str:
        return f"<mfrac><mrow>{self.of(one.above)}</mrow><mrow>{self.of(one.below)}</mrow></mfrac>"

    def power(self, one: Power) -> str:
        return f"<msup><mrow>{self.bracketed(one.base)}</mrow><mn>{one.exponent}</mn></msup>"

    def root(self, one: Root) -> str:
        return f"<msqrt><mrow>{self.of(one.of)}</mrow></msqrt>"

    def apply(self, one: Apply) -> str:
        arguments = "<mo>,</mo>".join(map(self.of, one.arguments))
        return f"<mrow><mi>{escape(one.name)}</mi>{self.brackets(arguments)}</mrow>"

    def gathered(self, one: Gathered) -> str:
        return f"<munder><mrow>{self.of(one.total)}</mrow><mtext>{self.remark(one)}</mtext></munder>"


TEXT: Final = _Text()
LATEX: Final = _Latex()
MATHML: Final = _MathML()
