"""Plots draw the data, on axes given or new; one file imports Matplotlib, when it is needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

import pellucid
from pellucid.drawing import Series, plot_bars, plot_histograms, plot_series
from pellucid.errors import MissingLibraryError


@pytest.fixture(autouse=True)
def closed() -> Any:
    yield
    plt.close("all")


def test_series_are_drawn_on_new_axes() -> None:
    series = [Series("a", np.arange(3), np.array([1.0, 4.0, 2.0])), Series("b", np.array([2]), np.array([3.0]))]
    ax = plot_series(series, title="t", x="step", y="loss", point=(1.5, 2.5))
    drawn = {line.get_label(): line.get_xydata().tolist() for line in ax.get_lines()}
    assert {"a": [[0, 1], [1, 4], [2, 2]], "b": [[2, 3]], "(1.5, 2.5)": [[1.5, 2.5]]} == drawn
    assert ("t", "step", "loss") == (ax.get_title(), ax.get_xlabel(), ax.get_ylabel())
    assert ["a", "b", "(1.5, 2.5)"] == [one.get_text() for one in ax.get_legend().get_texts()]


def test_bars_are_drawn_from_zero_and_hatched_below() -> None:
    _, ax = plt.subplots()
    assert plot_bars([("a", 2.0), ("b", -1.5)], ax, title="t", x="x") is ax
    assert [(2.0, None), (-1.5, "////")] == [(bar.get_width(), bar.get_hatch()) for bar in ax.patches]
    assert ["a", "b"] == [one.get_text() for one in ax.get_yticklabels()]
    assert ax.yaxis_inverted()


def test_histograms_stand_upon_one_another() -> None:
    counts, edges = np.array([[1, 2], [3, 4]]), np.array([0.0, 0.5, 2.0])
    ax = plot_histograms(edges, counts, ["no", "yes"], title="t", x="a")
    boxes = [(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in ax.patches]
    assert [(0, 0, 0.5, 1), (0.5, 0, 1.5, 2), (0, 1, 0.5, 3), (0.5, 2, 1.5, 4)] == boxes


def test_without_matplotlib_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(MissingLibraryError, match=r"pip install pellucid\[notebook\]"):
        plot_bars([("a", 1.0)], title="t", x="x")


def test_one_file_imports_matplotlib() -> None:
    package = Path(pellucid.__file__).parent
    files = [file for file in package.rglob("*.py") if "import matplotlib" in file.read_text(encoding="utf-8")]
    assert [package / "drawing" / "_plots.py"] == files
