"""Bars: as long as their numbers are large, from one zero, and their digits add up."""

from __future__ import annotations

import math
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drawing import markup
from pellucid.drawing import added_up, bars, sum_bars

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False) | st.floats(-1e-3, 1e-3)


@given(st.lists(NUMBERS, max_size=12))
def test_what_is_shown_adds_up_to_the_digit(values: list[float]) -> None:
    """The rows and the rest add up to the sum exactly, and each row is within half a digit of its value."""
    total = math.fsum(values)
    texts, rest, whole = added_up([("", value) for value in values], 0.0, total)
    assert markup.number(whole) == sum(map(markup.number, texts), markup.number(rest))
    for text, value in zip([*texts, whole], [*values, total], strict=True):
        shown = markup.number(text)
        assert abs(shown - Decimal(value)) <= Decimal((0, (5,), shown.as_tuple().exponent - 1))


def test_sizes_that_floats_alone_have_are_written_out() -> None:
    texts, rest, whole = added_up([("", 1e300), ("", -1e300)], 0.0, 0.0)
    assert [*map(Decimal.from_float, (1e300, -1e300)), 0, 0] == [markup.number(one) for one in (*texts, rest, whole)]


def test_bars_are_as_long_as_their_numbers_from_one_zero() -> None:
    values = [3.0, -1.0, 0.5, 0.0, float("nan")]
    tree = markup.read(bars([(f"n{i}", value) for i, value in enumerate(values)], head=("name", "value")))
    drawn = [cell.all("div") for cell in tree.all("td", class_="bar")]
    assert [1, 1, 1, 0, 0] == list(map(len, drawn))
    places = [tuple(map(float, re.findall(r"([\d.]+)%", one[0].attributes["style"]))) for one in drawn[:3]]
    assert [(25.0, 75.0), (0.0, 25.0), (25.0, 12.5)] == places
    assert ["up", "down", "up"] == [one[0].attributes["class"] for one in drawn[:3]]
    assert ["▲ +3", "▼ −1", "▲ +0.5", "+0", "NaN"] == [row[-1] for row in markup.rows(tree)]


def test_without_signs_there_are_no_arrows() -> None:
    tree = markup.read(bars([("a", 0.25), ("b", 0.75)], signed=False))
    assert ["0.25", "0.75"] == [row[-1] for row in markup.rows(tree)]


@pytest.mark.parametrize("total", [1.0, 1 / 3, -2e-7])
def test_a_sum_has_its_rounding_in_a_row_of_its_own(total: float) -> None:
    tree = markup.read(sum_bars([("a", total / 3), ("b", total / 7)], total - total / 3 - total / 7, ("all", total)))
    assert ["a", "b", "rounding", "all"] == [row[0] for row in markup.rows(tree)]
    assert markup.adds_up(tree)
