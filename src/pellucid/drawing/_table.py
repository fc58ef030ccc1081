"""Tables: numbers to the right, headings that say what they head."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Final

from pellucid.drawing._html import Html, element

__all__ = ["facts", "scrolling", "table"]

_WRITTEN: Final = re.compile(r"[▲▼ ]*[+−]?[0-9][0-9.,]*(e[+−]?[0-9]+)?%?")


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str | None = None) -> Html:
    """Return a table; the first cell of a row heads it. It scrolls where it is wider than the page.

    Parameters
    ----------
    head : names of the columns
    rows : of texts, numbers or Html; columns of numbers, those written as texts too, stand to the right
    caption : what is told beneath

    Examples
    --------
    >>> table(["layer", "neurons"], [["layer_1", 32]]).count('class="n"')  # the column's heading and its number
    2
    """
    kept = [list(row) for row in rows]
    numeric = [any(_is_number(row[place]) for row in kept) for place in range(len(head))]
    numeric[0] = any(isinstance(row[0], Real) for row in kept)  # a class may be called 7
    names = [element("th", name, class_=_class(right), scope="col") for name, right in zip(head, numeric, strict=True)]
    body = [element("tr", _heading(row[0], numeric[0]), *map(_cell, row[1:], numeric[1:])) for row in kept]
    return scrolling(element("thead", element("tr", *names)), element("tbody", *body), caption=caption)


def facts(rows: Mapping[str, object], caption: str | None = None) -> Html:
    """Return a table of two columns without a head: what there is to know, by name; None is left out.

    Numbers stand to the right where there is nothing else.
    """
    known = {name: value for name, value in rows.items() if value is not None}
    right = all(map(_is_number, known.values()))
    body = [element("tr", element("th", name, scope="row"), _cell(value, right)) for name, value in known.items()]
    return scrolling(element("tbody", *body), caption=caption)


def scrolling(*parts: Html, caption: str | None = None) -> Html:
    """Return a table of its parts, within what scrolls."""
    told = None if caption is None else element("caption", caption)
    return element("div", element("table", told, *parts), class_="scroll")


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return _WRITTEN.fullmatch(value) is not None
    return isinstance(value, Real) and not isinstance(value, bool)


def _class(right: bool) -> str | None:
    return "n" if right else None


def _heading(value: object, right: bool) -> Html:
    return element("th", value, class_=_class(right), scope="row")


def _cell(value: object, right: bool) -> Html:
    return element("td", value, class_=_class(right))
