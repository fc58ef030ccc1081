"""Formulas and receipts in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.drawing import Html, element, facts, figure, page, part

if TYPE_CHECKING:
    from pellucid.insight._formula import Formula
    from pellucid.insight._receipt import Receipt

__all__ = ["formula_html", "formula_lines", "receipt_html"]


def formula_lines(formula: Formula) -> Html:
    """Return the lines of a formula as MathML, one beneath another; they scroll where they are long."""
    lines = (element("div", Html(one.mathml()), aria_label=one.text(), role="math") for one in formula.lines)
    return element("div", *lines, class_="lines")


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
