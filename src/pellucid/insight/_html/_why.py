"""Answers to why, in a notebook: bars that add up as they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pellucid.drawing import SIGNS, Html, facts, figure, image, page, part, sentence, side_of, sum_bars, thumbnails
from pellucid.insight._html._pictures import signed_image

if TYPE_CHECKING:
    from pellucid.insight._bars import View
    from pellucid.insight._why import Why

__all__ = ["view_html", "why_html"]


def why_html(why: Why) -> str:
    """Return an answer as HTML: the two outputs, then each view of their difference, the nearest to them first."""
    this, rather = why.names
    alone = why.rather is None
    title = f"Why {this}" if alone else f"Why {this}, rather than {rather}"
    told = facts(
        {
            f"output of {this}": why.output,
            f"output of {rather}": None if alone else why.other,
            "difference": None if alone else why.difference,
            f"difference beside the baseline {why.baseline_name!r}": why.baseline_difference,
        }
    )
    views = reversed(list(why.views.values()))
    parts = (part(_heading(view), *_inputs(why, view), view_bars(view)) for view in views)
    return page(title, told, *parts)


def _heading(view: View) -> str:
    return "By the inputs" if view.place == "input" else f"By the neurons of {view.place}"


def _inputs(why: Why, view: View) -> list[Html]:
    """Return the row, and what each input contributes, as images, where they may be images."""
    side = side_of(len(view.bars)) if view.place == "input" and view.names[0] in {"input_0", "input_1"} else None
    if side is None:
        return []
    shown = [] if why.inputs is None else [image(why.inputs.reshape(side, side), "inputs", caption="inputs")]
    return [thumbnails(*shown, signed_image(view.bars, side, "contributions")), sentence(SIGNS, class_="note")]


def view_html(view: View) -> str:
    """Return one view as HTML."""
    return page(_heading(view), view_bars(view))


def view_bars(view: View, n: int = 10) -> Html:
    """Return the bars of a view; with the rounding they add up to the sum, digit by digit."""
    *rows, (_, rounding), (total, difference) = view.rows(n)
    caption = (
        f"The engine's arithmetic rounded {figure(np.abs(rounding), 2)}; the rest of that row is digits not shown."
    )
    return sum_bars(rows, rounding, (total, difference), head=("", "contribution"), caption=caption)
