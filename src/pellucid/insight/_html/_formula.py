"""Formulas and receipts in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pellucid.drawing import Html, element, facts, figure, page, part
from pellucid.insight._formula import Expression, Formula, Line, Sum
from pellucid.insight._notation import MATHML, leads_negative, positive

if TYPE_CHECKING:
    from pellucid.insight._receipt import Receipt

__all__ = ["formula_html", "formula_lines", "receipt_html"]

_NAMESPACE: Final = "http://www.w3.org/1998/Math/MathML"


def formula_lines(formula: Formula) -> Html:
    """Return the lines of a formula as MathML, one beneath another; a long sum goes on in the next line."""
    lines = (element("div", _pieces(one), aria_label=one.text(), role="math") for one in formula.lines)
    return element("div", *lines, class_="lines")


def _pieces(one: Line) -> Html:
    """Return a line as a ``<math>`` element for each term: browsers break lines between elements, never within one."""
    shown, equals = [MATHML.name(name) for name in (one.name, one.symbols) if name], MATHML.equals
    pieces = [equals.join(shown)]
    if isinstance(one.expression, Sum):
        first, *others = one.expression.terms
        pieces += [equals + MATHML.of(first), *map(_signed, others)]
    elif one.expression is not None:
        pieces.append(equals + MATHML.of(one.expression))
    pieces.append(equals + MATHML.of(one.result))
    return Html(" ".join(f'<math xmlns="{_NAMESPACE}"><mrow>{piece}</mrow></math>' for piece in pieces))


def _signed(term: Expression) -> str:
    """Return a term with the sign that stands before it; the empty row makes it one between two, not the term's own."""
    negative = leads_negative(term)
    return f"<mrow></mrow><mo>{'−' if negative else '+'}</mo>" + MATHML.of(positive(term) if negative else term)


def formula_html(formula: Formula) -> str:
    """Return a formula as HTML."""
    return page("Formula", formula_lines(formula))


def receipt_html(receipt: Receipt) -> str:
    """Return a receipt as HTML: what it says in short, then each part beneath its heading."""
    short = facts(
        {
            "gradient": receipt.gradient,
            "before the step": receipt.old,
            "after the step": receipt.new,
            "how far it moved": None if receipt.step is None else figure(receipt.step, signed=True),
        }
    )
    parts = (part(heading, formula_lines(formula)) for heading, formula in receipt.parts)
    return page(f"Receipt of {receipt.name}", short, *parts)
