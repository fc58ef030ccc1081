"""Elements of HTML: whatever is put into one is escaped, unless it is HTML already."""

from __future__ import annotations

from html import escape
from typing import Final, final

import numpy as np

__all__ = ["Html", "element", "figure"]

_VOID: Final = {"img", "br"}


@final
class Html(str):
    """Text that is HTML already; every other text is escaped where it is shown."""

    __slots__ = ()


def element(tag: str, *parts: object, **attributes: object) -> Html:
    """Return an element with its parts in it: HTML as it is, texts escaped, numbers as `figure` writes them.

    Parameters
    ----------
    tag : str
    parts : Html, text, numbers; None is left out
    attributes : by name, ``class_`` for ``class``, ``aria_label`` for ``aria-label``; None is left out

    Examples
    --------
    >>> element("td", "a < b", class_="n")
    '<td class="n">a &lt; b</td>'
    """
    told = "".join(f' {_name(name)}="{escape(str(value))}"' for name, value in attributes.items() if value is not None)
    inner = "".join(_inner(part) for part in parts if part is not None)
    return Html(f"<{tag}{told}>" if tag in _VOID else f"<{tag}{told}>{inner}</{tag}>")


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _inner(part: object) -> str:
    return part if isinstance(part, Html) else escape(figure(part))


def figure(value: object, digits: int = 6, *, signed: bool = False) -> str:
    """Return a number as it is shown, rounded to significant digits; a text as it is; nothing for None.

    Examples
    --------
    >>> figure(-0.12345678), figure(2 / 3, signed=True), figure(60000), figure("7"), figure(float("nan"))
    ('−0.123457', '+0.666667', '60,000', '7', 'NaN')
    """
    if value is None:
        return ""
    if isinstance(value, (bool, np.bool_, str)):
        return str(value)
    if isinstance(value, (int, np.integer)):
        return f"{int(value):{'+' if signed else ''},}".replace("-", "−")
    if isinstance(value, (float, np.floating)):
        text = f"{float(value) + 0.0:{'+' if signed else ''}.{digits}g}"
        return "NaN" if "nan" in text else text.replace("-", "−").replace("inf", "∞")
    return str(value)
