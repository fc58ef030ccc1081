"""Plots of Matplotlib's, which this file alone imports, when the first is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.drawing._chart import Series
from pellucid.errors import MissingLibraryError

__all__ = ["plot_bars", "plot_histograms", "plot_series"]

Axes = Any  # matplotlib.axes.Axes


def _axes(ax: Axes | None) -> Axes:
    """Return the axes given, or new ones in a figure of their own."""
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ModuleNotFoundError:
        raise MissingLibraryError(
            "Plots need the library Matplotlib, which is not installed. Install it with: pip install pellucid[notebook]"
        ) from None
    return plt.subplots(layout="constrained")[1]


def plot_series(
    series: Sequence[Series],
    ax: Axes | None = None,
    *,
    title: str,
    x: str,
    y: str,
    point: tuple[float, float] | None = None,
) -> Axes:
    """Draw lines, each with a dash of its own, and a point if one is given; return the axes."""
    ax = _axes(ax)
    for one, dash in zip(series, _dashes(len(series)), strict=True):
        ax.plot(one.x, one.y, dash, label=one.name, marker="o" if len(one.x) == 1 else None)
    if point is not None:
        ax.plot(*[[value] for value in point], "o", label=f"({point[0]:.6g}, {point[1]:.6g})")
    ax.set(title=title, xlabel=x, ylabel=y)
    if len(series) + (point is not None) > 1:
        ax.legend()
    return ax


def _dashes(n: int) -> list[str]:
    return [("-", "--", ":", "-.")[place % 4] for place in range(n)]


def plot_bars(rows: Sequence[tuple[str, float]], ax: Axes | None = None, *, title: str, x: str) -> Axes:
    """Draw bars from 0, the first on top, those below 0 hatched; return the axes."""
    ax = _axes(ax)
    drawn = ax.barh(range(len(rows)), [value for _, value in rows])
    for bar, (_, value) in zip(drawn, rows, strict=True):
        bar.set(facecolor="tab:orange" if value >= 0 else "white", hatch=None if value >= 0 else "////")
        bar.set_edgecolor("tab:orange" if value >= 0 else "tab:blue")
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.invert_yaxis()
    ax.axvline(0, color="0.5", linewidth=0.8)
    ax.set(title=title, xlabel=x)
    return ax


def plot_histograms(
    edges: NDArray[Any], counts: NDArray[Any], names: Sequence[object], ax: Axes | None = None, *, title: str, x: str
) -> Axes:
    """Draw histograms over common edges, one upon another; return the axes."""
    ax = _axes(ax)
    below = np.zeros(counts.shape[1])
    for name, row in zip(names, counts, strict=True):
        ax.bar(edges[:-1], row, np.diff(edges), below, align="edge", label=str(name))
        below += row
    ax.set(title=title, xlabel=x, ylabel="rows")
    if len(names) > 1:
        ax.legend()
    return ax
