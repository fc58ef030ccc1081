"""Line charts as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.drawing._html import Html, element, figure

__all__ = ["Series", "chart"]

Array = NDArray[Any]

_WIDTH, _HEIGHT = 600, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 10, 18, 38
_COLUMNS: Final = 260
_KINDS: Final = 4


class Series(NamedTuple):
    """A line of a chart: its name, and where it goes through; each of x and y of shape (points,)."""

    name: str
    x: Array
    y: Array


class _Scale(NamedTuple):
    """From values to places on the picture."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)


def chart(series: Sequence[Series], alt: str, *, x: str, y: str = "") -> Html:
    """Return lines in a frame, each with a colour and a dash of its own, and a legend where there are several.

    Of very many points, the least and the greatest of each column of the picture are drawn. What is not finite is a
    gap.

    Parameters
    ----------
    series : Series, …
    alt : what it shows, for those who do not see it
    x, y : what the axes are
    """
    thin = [thinned(one) for one in series]
    across = _scale(np.concatenate([one.x for one in thin]), _LEFT, _WIDTH - _RIGHT, wide=False)
    up = _scale(np.concatenate([one.y for one in thin]), _HEIGHT - _BOTTOM, _TOP, wide=True)
    lines = [mark for place, one in enumerate(thin) for mark in _line(one, place, across, up)]
    drawn = element(
        "svg", element("title", alt), *_axes(across, up, x, y), *lines,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=alt,
    )  # fmt: skip
    return element("div", drawn, _legend([one.name for one in series]) if len(series) > 1 else None, class_="scroll")


def thinned(one: Series) -> Series:
    """Return a series of few points: the first, the least, the greatest and the last of each column."""
    x, y = np.asarray(one.x, dtype=np.float64), np.asarray(one.y, dtype=np.float64)
    if len(x) <= 4 * _COLUMNS:
        return Series(one.name, x, y)
    kept: set[int] = set()
    for places in np.array_split(np.arange(len(x)), _COLUMNS):
        part = np.where(np.isfinite(y[places]), y[places], np.nan)
        kept |= {int(places[0]), int(places[-1])}
        if not np.isnan(part).all():
            kept |= {int(places[np.nanargmin(part)]), int(places[np.nanargmax(part)])}
    order = np.array(sorted(kept))
    return Series(one.name, x[order], y[order])


def _scale(values: Array, begin: float, end: float, *, wide: bool) -> _Scale:
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    margin = 0.04 * (high - low) if wide else 0.0
    return _Scale(low - margin, high + margin, begin, end)


def _line(one: Series, place: int, across: _Scale, up: _Scale) -> list[Html]:
    """Return a polyline for each stretch without a gap, and a dot for a stretch of one point."""
    kind = f"s{place % _KINDS}"
    points = [(across.at(x), up.at(y)) if np.isfinite(y) else None for x, y in zip(one.x, one.y, strict=True)]
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [_stretch(stretch, kind) for stretch in stretches if stretch]


def _stretch(points: list[tuple[float, float]], kind: str) -> Html:
    if len(points) == 1:
        return element("circle", cx=f"{points[0][0]:.1f}", cy=f"{points[0][1]:.1f}", r=3, class_=f"dot {kind}")
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=f"line {kind}")


def _axes(across: _Scale, up: _Scale, x: str, y: str) -> list[Html]:
    base, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    drawn = [element("path", d=f"M{_LEFT},{_TOP}V{base}H{right}", class_="rule")]
    for tick in ticks(up.low, up.high):
        drawn.append(_text(_LEFT - 6, up.at(tick) + 4, figure(tick, 4), "end"))
        drawn.append(element("path", d=f"M{_LEFT - 3},{up.at(tick):.1f}H{_LEFT}", class_="rule"))
    for tick in ticks(across.low, across.high, 6):
        drawn.append(_text(across.at(tick), base + 15, figure(int(tick) if tick == int(tick) else tick, 4), "middle"))
        drawn.append(element("path", d=f"M{across.at(tick):.1f},{base}v3", class_="rule"))
    drawn.append(_text((_LEFT + right) / 2, _HEIGHT - 6, x, "middle"))
    return [*drawn, _text(_LEFT, _TOP - 7, y, "start")] if y else drawn


def _text(x: float, y: float, text: str, anchor: str) -> Html:
    return element("text", text, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers between two, at most so many and one more.

    Examples
    --------
    >>> ticks(0.03, 2.3, 4), ticks(0, 938, 6)
    ([1.0, 2.0], [0.0, 200.0, 400.0, 600.0, 800.0])
    """
    rough = (high - low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * k for k in (1, 2, 5, 10) if size * k >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _legend(names: list[str]) -> Html:
    def sample(place: int) -> Html:
        line = element("path", d="M0,4H28", class_=f"line s{place % _KINDS}")
        return element("svg", line, viewBox="0 0 28 8", aria_hidden="true")

    return element("div", *(element("span", sample(i), name) for i, name in enumerate(names)), class_="legend")
