"""Histograms one beneath another, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.drawing._html import Html, element, figure

__all__ = ["histograms"]

_WIDTH, _LEFT, _RIGHT, _BAND, _TALLEST = 600, 110, 70, 28, 23
_MOST: Final = 24


def histograms(edges: NDArray[Any], counts: NDArray[Any], names: Sequence[object], alt: str) -> Html:
    """Return one histogram for each name over common edges, each as tall as its own greatest count.

    Parameters
    ----------
    edges : array, shape (bins + 1,)
    counts : array of int, shape (names, bins)
    names : what each is called; of more than 24, the first are drawn
    alt : what it shows, for those who do not see it
    """
    shown = list(zip(names, counts, strict=True))[:_MOST]
    bands = [part for place, (name, row) in enumerate(shown) for part in _band(place, str(name), row)]
    base = _BAND * len(shown)
    ends = [
        element("text", figure(float(edges[0]), 4), x=_LEFT, y=base + 14, text_anchor="start"),
        element("text", figure(float(edges[-1]), 4), x=_WIDTH - _RIGHT, y=base + 14, text_anchor="end"),
    ]
    drawn = element(
        "svg", element("title", alt), *bands, *ends,
        viewBox=f"0 0 {_WIDTH} {base + 18}", role="img", aria_label=alt,
    )  # fmt: skip
    more = len(names) - len(shown)
    return element("div", drawn, element("p", f"… and {more} more", class_="note") if more else None, class_="scroll")


def _band(place: int, name: str, counts: NDArray[Any]) -> list[Html]:
    base, most = _BAND * (place + 1) - 3, max(1, int(counts.max()))
    width = (_WIDTH - _LEFT - _RIGHT) / len(counts)
    parts = [element("text", name if len(name) <= 15 else f"{name[:14]}…", x=_LEFT - 8, y=base - 4, text_anchor="end")]
    for k in np.flatnonzero(counts):
        height = max(1.0, _TALLEST * int(counts[k]) / most)
        box = {"x": f"{_LEFT + k * width:.1f}", "y": f"{base - height:.1f}", "height": f"{height:.1f}"}
        parts.append(element("rect", **box, width=f"{max(1.0, width - 1):.1f}", class_="count"))
    parts.append(element("path", d=f"M{_LEFT},{base}H{_WIDTH - _RIGHT}", class_="rule"))
    return [*parts, element("text", int(counts.sum()), x=_WIDTH - _RIGHT + 8, y=base - 4)]
