"""Bars: contributions from a common zero, the sign told by side, by hatching and by the number's own sign."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from typing import Final

from pellucid.drawing._html import Html, element, figure
from pellucid.drawing._table import scrolling

__all__ = ["added_up", "bars", "sum_bars"]

_DIGITS: Final = 6
_MOST_PLACES: Final = 12
_WIDE: Final = Context(prec=400)  # of whatever size a float is, down to the last decimal shown

Rows = Sequence[tuple[str, float]]


def bars(
    rows: Rows,
    *,
    head: tuple[str, str] = ("", ""),
    caption: str | None = None,
    texts: Sequence[str] | None = None,
    total: tuple[str, str] | None = None,
    signed: bool = True,
) -> Html:
    """Return a table of bars.

    Parameters
    ----------
    rows : pairs of (name, value)
    head : what the names and the values are
    caption : what is told beneath
    texts : the values as they are to be written; None: as `figure` writes them
    total : name and text of a last row without a bar
    signed : whether values are written with their sign and an arrow
    """
    written = [figure(value, signed=signed) for _, value in rows] if texts is None else texts
    finite = [value for _, value in rows if math.isfinite(value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    columns = [(head[0], None), ("", None), (head[1], "n")]
    top = element("tr", *(element("th", name, class_=right, scope="col") for name, right in columns))
    body = [
        _row(name, text, _bar(value, low, high, signed), _arrow(value) if signed else "")
        for (name, value), text in zip(rows, written, strict=True)
    ]
    if total is not None:
        body.append(_row(*total, None, "", class_="sum"))
    return scrolling(element("thead", top) if any(head) else Html(), element("tbody", *body), caption=caption)


def sum_bars(
    rows: Rows,
    rounding: float,
    total: tuple[str, float],
    *,
    head: tuple[str, str] = ("", ""),
    caption: str | None = None,
) -> Html:
    """Return bars that add up, digit by digit, to what stands in the last row: see `added_up`.

    Parameters
    ----------
    rows : pairs of (name, value)
    rounding : what they leave over
    total : name and value of the sum
    head, caption : as of `bars`
    """
    texts, rest, whole = added_up(rows, rounding, total[1])
    drawn = [*rows, ("rounding", float(rest.replace("−", "-")))]
    return bars(drawn, head=head, caption=caption, texts=[*texts, rest], total=(total[0], whole))


def _row(name: str, text: str, bar: Html | None, arrow: str, class_: str | None = None) -> Html:
    drawn = element("td", bar, class_="bar", aria_hidden="true")
    number = element("td", f"{arrow} {text}".strip(), class_="n")
    return element("tr", element("th", name, scope="row"), drawn, number, class_=class_)


def _arrow(value: float) -> str:
    return "▲" if value > 0 else "▼" if value < 0 else ""


def _bar(value: float, low: float, high: float, signed: bool) -> Html | None:
    if not math.isfinite(value) or value == 0:
        return None
    span = high - low
    begin, width = 100 * (min(value, 0.0) - low) / span, 100 * abs(value) / span
    kind = ("up" if value > 0 else "down") if signed else "plain"
    return element("div", class_=kind, style=f"margin-left:{begin:.2f}%;width:{width:.2f}%")


def added_up(rows: Rows, rest: float, total: float) -> tuple[list[str], str, str]:
    """Return the rows, what is left and their sum with as many decimals each, so that they add up as they are shown.

    What is left, such as the rounding of a machine, takes in what rounding to these decimals leaves over.

    Returns
    -------
    texts of the rows, text of the rest, text of the sum

    Examples
    --------
    >>> added_up([("a", 1 / 3), ("b", 1 / 3), ("c", 1 / 3)], 0.0, 1.0)
    (['+0.33333', '+0.33333', '+0.33333'], '+0.00001', '+1.00000')
    """
    largest = max(abs(value) for value in (total, rest, *(value for _, value in rows)))
    order = math.floor(math.log10(largest)) if 0 < largest < math.inf else 0
    unit = Decimal((0, (1,), -min(max(_DIGITS - 1 - order, 0), _MOST_PLACES)))
    with localcontext(_WIDE):
        shown = [Decimal(value).quantize(unit) for _, value in rows]
        whole = Decimal(total).quantize(unit)
        return [_signed(one) for one in shown], _signed(whole - sum(shown, Decimal(0))), _signed(whole)


def _signed(value: Decimal) -> str:
    return f"{value + 0:+f}".replace("-", "−")
