"""Reads HTML as strictly as it is to be written, and the numbers and pictures out of it."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser

import numpy as np

VOID = {"img", "br"}
MATHML = "http://www.w3.org/1998/Math/MathML"


@dataclass
class Node:
    """An element: its tag, attributes, and what is in it."""

    tag: str
    attributes: dict[str, str]
    inner: list[Node | str] = field(default_factory=list)

    def all(self, tag: str, **attributes: str) -> list[Node]:
        """Return all elements within of a tag, with these attributes (``class_`` for class)."""
        wished = {name.rstrip("_"): value for name, value in attributes.items()}
        return [one for one in self.within() if one.tag == tag and wished.items() <= one.attributes.items()]

    def within(self) -> Iterator[Node]:
        for one in self.inner:
            if isinstance(one, Node):
                yield one
                yield from one.within()

    @property
    def text(self) -> str:
        return "".join(one if isinstance(one, str) else one.text for one in self.inner if _seen(one))


def _seen(one: Node | str) -> bool:
    return isinstance(one, str) or one.tag != "style"


class _Strict(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inner.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop().tag

    def handle_data(self, data: str) -> None:
        self.open[-1].inner.append(data)


def read(html: str) -> Node:
    """Return the tree; every element is closed, nothing runs, nothing comes from elsewhere, pictures have a text."""
    parser = _Strict()
    parser.feed(html)
    parser.close()
    assert len(parser.open) == 1, f"<{parser.open[-1].tag}> is not closed"
    assert "http" not in html.replace(MATHML, "")
    tree = parser.open[0]
    for one in tree.within():
        _checked(one)
    return tree


def _checked(one: Node) -> None:
    assert one.tag not in {"script", "iframe", "object", "link", "h1", "h2", "h3", "h4"}
    assert not any(name.startswith("on") or name == "href" for name in one.attributes)
    if one.tag == "img":
        assert one.attributes["src"].startswith("data:image/png;base64,")
        assert one.attributes["alt"]
    if one.tag == "svg" and "aria-hidden" not in one.attributes:
        assert one.attributes["role"] == "img"
        assert one.attributes["aria-label"]
    if one.tag == "th":
        assert one.attributes["scope"] in {"row", "col"}
    if one.tag == "style":
        assert "url(" not in one.text
        assert "@import" not in one.text


def rows(table: Node) -> list[list[str]]:
    """Return a table's rows as texts, those of its head left out."""
    found = [one for one in table.all("tr") if any(cell.tag == "td" for cell in one.within())]
    return [[cell.text for cell in one.inner if isinstance(cell, Node)] for one in found]


def number(text: str) -> Decimal:
    """Return the number that a text shows."""
    return Decimal(text.strip("▲▼ ").replace("−", "-").replace(",", ""))


def adds_up(table: Node) -> bool:
    """Return whether a table's rows add up to its last one, as they are shown, digit by digit."""
    *parts, total = [number(row[-1]) for row in rows(table)]
    return sum(parts) == total


def rounds_little(table: Node) -> bool:
    """Return whether the row before the sum is the rounding, and at most half a digit for each row and the sum."""
    found = rows(table)
    name, *_, text = found[-2]
    shown = number(text)
    return name == "rounding" and abs(shown) <= len(found) * Decimal((0, (5,), shown.as_tuple().exponent - 1))


def pixels(image: Node) -> np.ndarray:
    """Return an image's pixels: greys, or red, green, blue and opacity; decoded by the standard, all sums checked."""
    data = base64.b64decode(image.attributes["src"].partition(",")[2], validate=True)
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + body),)
        chunks[name], at = body, at + 12 + length
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    width, height, depth, kind, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (8, [0, 0, 0]) == (depth, rest)
    channels = {0: 1, 6: 4}[kind]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width * channels)
    assert not lines[:, 0].any()
    return lines[:, 1:].reshape((height, width) if channels == 1 else (height, width, 4))
