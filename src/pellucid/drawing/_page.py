"""The page of one thing: a frame with its own style, in the colours of the notebook around it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pellucid.drawing._html import Html, element

__all__ = ["page", "part", "sentence"]


@cache
def _style() -> Html:
    return Html(Path(__file__).with_name("style.css").read_text(encoding="utf-8"))


def page(title: str, *parts: object) -> Html:
    """Return a page: a title and its parts, with the style that they need and nothing from elsewhere.

    It is no wider than what surrounds it: what is wider scrolls within. Light and dark follow JupyterLab, VS Code, a
    page with ``data-theme``, or else the reader's system.

    Examples
    --------
    >>> page("A title", "some text").endswith('aria-level="4">A title</div>some text</div>')
    True
    """
    heading = element("div", title, class_="title", role="heading", aria_level=4)  # an <h4> would enter the contents
    return element(
        "div", element("style", _style()), heading, *parts, class_="pellucid", role="group", aria_label=title
    )


def part(heading: str, *parts: object) -> Html:
    """Return a part of a page beneath a heading of its own."""
    return element(
        "div", element("div", heading, class_="heading", role="heading", aria_level=5), *parts, class_="part"
    )


def sentence(*parts: object, class_: str = "sentence") -> Html:
    """Return a paragraph."""
    return element("p", *parts, class_=class_)
