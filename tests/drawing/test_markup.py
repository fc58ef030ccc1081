"""What is drawn as HTML: escaped, whole, by itself, and of the very numbers."""

from __future__ import annotations

import pytest

from drawing import markup
from pellucid.drawing import Html, element, facts, figure, page, part, sentence, table

HOSTILE = "<b>&\"'</td><script>alert(1)</script>"


def test_every_text_is_escaped_once() -> None:
    """A text comes out as it went in, wherever it is put, and opens no element."""
    html = page(
        HOSTILE,
        part(HOSTILE, sentence(HOSTILE)),
        table([HOSTILE, "n"], [[HOSTILE, HOSTILE]], HOSTILE),
        facts({HOSTILE: HOSTILE}),
        element("div", HOSTILE, title=HOSTILE),
    )
    tree = markup.read(html)
    assert 10 == tree.text.count(HOSTILE)
    assert HOSTILE == tree.all("div", role="group")[0].attributes["aria-label"]
    assert not tree.all("b")


def test_html_is_put_in_as_it_is() -> None:
    assert "<p><em>a &lt; b</em></p>" == element("p", Html("<em>a &lt; b</em>"), None)


@pytest.mark.parametrize(
    ("expected", "value", "signed"),
    [
        ("0", 0, False),
        ("0", -0.0, False),
        ("+0", 0.0, True),
        ("−1,234,567", -1234567, False),
        ("1.23457e+06", 1234567.0, False),
        ("−∞", float("-inf"), False),
        ("+0.1", 0.1, True),
        ("True", True, False),
        ("", None, False),
    ],
)
def test_numbers_are_written_as_people_write_them(expected: str, value: object, signed: bool) -> None:
    assert expected == figure(value, signed=signed)


def test_numbers_stand_to_the_right_whether_numbers_or_texts() -> None:
    """In a column of numbers the heading does, too; a class that is called 7 does not."""
    tree = markup.read(table(["class", "share", "note"], [["7", "12.5%", "x"], ["8", 3, "y"]]))
    head = tree.all("thead")[0]
    assert ["share"] == [one.text for one in head.all("th", class_="n")]
    assert ["12.5%", "3"] == [one.text for one in tree.all("td", class_="n")]


def test_a_page_follows_light_and_dark() -> None:
    """Both are in its style, by the notebook's word or else the system's, and it has a ground of its own."""
    style = markup.read(page("x")).all("style")[0].inner[0]
    assert isinstance(style, str)
    for host in ('[data-jp-theme-light="false"]', ".vscode-dark", '[data-theme="dark"]', "light dark", "background:"):
        assert host in style
    assert all(rule.strip().startswith((".pellucid", "[data", ".vscode")) for rule in _selectors(style))


def _selectors(style: str) -> list[str]:
    """Return every selector of the style, so that none can reach what is not ours."""
    rules = [rule.partition("{")[0] for rule in style.split("}") if rule.strip()]
    selectors = [one for rule in rules for one in rule.split(",")]
    assert all(".pellucid" in one for one in selectors)
    return selectors
