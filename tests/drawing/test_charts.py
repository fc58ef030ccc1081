"""Charts go through their data; histograms are as tall as their counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import markup
from pellucid.drawing import Series, chart, histograms
from pellucid.drawing._chart import thinned, ticks


def points(line: markup.Node) -> np.ndarray:
    return np.array([pair.split(",") for pair in line.attributes["points"].split()], dtype=np.float64)


def lines(tree: markup.Node) -> list[markup.Node]:
    return [one for one in tree.all("polyline") if one.attributes["class"].startswith("line")]


def test_lines_go_through_their_points() -> None:
    """Places are linear in x and in −y, by one scale for all lines: as a fit over all points finds."""
    random = np.random.default_rng(4)
    series = [Series(f"<{name}>", np.arange(5.0, 45), random.normal(size=40)) for name in "ab"]
    tree = markup.read(chart(series, "two lines", x="step", y="loss"))
    drawn = np.concatenate([points(one) for one in lines(tree)])
    for place, values in enumerate([np.tile(series[0].x, 2), np.concatenate([one.y for one in series])]):
        slope, begin = np.polyfit(values, drawn[:, place], 1)
        np.testing.assert_allclose(drawn[:, place], slope * values + begin, atol=0.06)
        assert (slope < 0) == (place == 1)
    assert ["<a>", "<b>"] == [one.text for one in tree.all("div", class_="legend")[0].all("span")]
    assert ["line s0", "line s1"] == [one.attributes["class"] for one in lines(tree)]


def test_labels_stand_where_their_numbers_are() -> None:
    tree = markup.read(chart([Series("y", np.array([0.0, 10.0]), np.array([0.0, 1.0]))], "a line", x="x"))
    (first, last), (low, high) = points(lines(tree)[0]).T
    found = {one.text: one.attributes for one in tree.all("text")}
    assert float(found["4"]["x"]) == pytest.approx(first + 0.4 * (last - first), abs=0.1)
    assert float(found["0.5"]["y"]) - 4 == pytest.approx(low + 0.5 * (high - low), abs=0.1)


def test_what_is_not_finite_is_a_gap_and_a_point_alone_a_dot() -> None:
    y = np.array([1.0, 2.0, np.nan, 3.0, np.inf, 4.0, 5.0])
    tree = markup.read(chart([Series("y", np.arange(7.0), y)], "gaps", x="x"))
    assert [2, 2] == [len(points(one)) for one in lines(tree)]
    assert 1 == len(tree.all("circle"))


@pytest.mark.parametrize("y", [[1.0], [2.0, 2.0], [np.nan, np.nan]])
def test_there_is_a_chart_of_what_does_not_vary(y: list[float]) -> None:
    markup.read(chart([Series("y", np.arange(float(len(y))), np.array(y))], "flat", x="x"))


def test_of_many_points_ends_and_extremes_are_kept() -> None:
    random = np.random.default_rng(5)
    y = random.normal(size=50_000)
    y[random.integers(0, 50_000, 200)] = np.nan
    few = thinned(Series("y", np.arange(50_000.0), y))
    assert len(few.x) <= 4 * 260
    assert (0, 49_999) == (few.x[0], few.x[-1])
    assert (np.nanmin(y), np.nanmax(y)) == (np.nanmin(few.y), np.nanmax(few.y))
    np.testing.assert_array_equal(y[few.x.astype(int)], few.y)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 8))
def test_ticks_are_few_even_and_within(low: float, span: float, most: int) -> None:
    found = np.array(ticks(low, low + span, most))
    assert 1 <= len(found) <= most + 1
    assert (found >= low - 1e-6 * span).all()
    assert (found <= low + span * (1 + 1e-6)).all()
    np.testing.assert_allclose(np.diff(found, 2), 0, atol=1e-6 * span)


def test_histograms_are_as_tall_as_their_counts() -> None:
    """Each within its own band, its greatest count the tallest; names too long are cut, and the rest is counted."""
    counts = np.array([[0, 4, 2], [10, 0, 5], [0, 0, 0]])
    tree = markup.read(histograms(np.array([0.0, 1, 2, 3]), counts, ["<a>", "b" * 40, "c"], "three"))
    heights = [float(one.attributes["height"]) for one in tree.all("rect")]
    np.testing.assert_allclose(heights, [23, 11.5, 23, 11.5], atol=0.06)
    texts = [one.text for one in tree.all("text")]
    assert ["<a>", "6", "b" * 14 + "…", "15", "c", "0", "0", "3"] == texts
