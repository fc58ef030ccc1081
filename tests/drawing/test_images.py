"""Images are the very numbers: decoded by the standard, and by Pillow."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from drawing import markup
from pellucid.drawing import image, png

PICTURES = [
    np.random.default_rng(1).integers(0, 256, (28, 28), dtype=np.uint8),
    np.random.default_rng(2).integers(0, 256, (3, 5), dtype=np.uint8),
    np.random.default_rng(3).integers(0, 256, (8, 9, 4), dtype=np.uint8),
    np.zeros((1, 1), np.uint8),
]


@pytest.mark.parametrize("pixels", PICTURES, ids=[str(one.shape) for one in PICTURES])
def test_pillow_reads_what_was_written(pixels: np.ndarray, judge: Callable[[str], Any]) -> None:
    with judge("PIL.Image").open(io.BytesIO(png(pixels))) as read:
        assert "PNG" == read.format
        np.testing.assert_array_equal(np.asarray(read), pixels)


def test_greys_span_black_to_white() -> None:
    values = np.array([[-1.0, 0.0], [1.0, 3.0]])
    tree = markup.read(image(values, "four", caption="beneath"))
    one = tree.all("img")[0]
    assert [[0, 64], [128, 255]] == markup.pixels(one).tolist()
    assert "four, 2 by 2, from −1 to 3" == one.attributes["alt"]
    assert ("140", "140", "beneath") == (one.attributes["width"], one.attributes["height"], tree.text)


@pytest.mark.parametrize("value", [0.0, 7.0, np.nan, np.inf])
def test_one_value_alone_is_black(value: float) -> None:
    assert not markup.pixels(markup.read(image(np.full((8, 8), value), "same")).all("img")[0]).any()


def test_signs_are_told_by_colour_and_by_hatching() -> None:
    """Opacity is |value| / largest; above 0 all pixels of a square are alike, below 0 half of them are paler."""
    values = np.array([[1.0, -1.0], [0.5, 0.0]])
    drawn = markup.pixels(markup.read(image(values, "signs", signed=True, size=16)).all("img")[0])
    assert (16, 16, 4) == drawn.shape
    squares = {name: drawn[r : r + 8, c : c + 8] for name, r, c in [("+", 0, 0), ("−", 0, 8), ("½", 8, 0), ("0", 8, 8)]}
    assert {255} == set(squares["+"][..., 3].ravel().tolist())
    assert {128} == set(squares["½"][..., 3].ravel().tolist())
    assert {0} == set(squares["0"][..., 3].ravel().tolist())
    assert [32, 32] == [int((squares["−"][..., 3] == opacity).sum()) for opacity in (255, 76)]
    red, blue = squares["+"][0, 0], squares["−"][0, 0]
    assert red[0] > red[2]
    assert blue[2] > blue[0]
