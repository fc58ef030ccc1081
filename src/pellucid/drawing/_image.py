"""Images of weights and inputs: greys, or the two signs in two colours, one of them hatched."""

from __future__ import annotations

import base64
import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.drawing._html import Html, element, figure
from pellucid.drawing._png import png

__all__ = ["SIGNS", "image", "side_of", "signed_pixels", "thumbnails"]

Array = NDArray[Any]

SIGNS: Final = "▲ orange, plain: above 0; ▼ blue, hatched: below 0; the fainter, the nearer to 0."
"""What is to be told beneath signed images."""

_LEAST_SIDE: Final = 8
_ABOVE, _BELOW = (232, 112, 24), (56, 132, 232)
_PALER: Final = 0.3
_STEPS: Final = 32  # more than can be told apart, and a third smaller than with all 256


def side_of(n: int) -> int | None:
    """Return the side of a square picture of n numbers, or None where there is none of 8 or more.

    Examples
    --------
    >>> side_of(784), side_of(64), side_of(49), side_of(100 + 1)
    (28, 8, None, None)
    """
    side = math.isqrt(n)
    return side if side * side == n and side >= _LEAST_SIDE else None


def image(values: Array, alt: str, *, caption: str = "", signed: bool = False, size: int = 140) -> Html:
    """Return a picture with what it shows as its text.

    Parameters
    ----------
    values : array, shape (rows, columns)
        The least is black and the greatest white; where signed, 0 is clear and the farthest from 0 has full colour.
    alt : what it shows, for those who do not see it; the range is added
    caption : what is told beneath
    signed : bool
    size : about how many pixels its longer side has on the screen
    """
    cell = max(1, size // max(values.shape))
    width, height = cell * values.shape[1], cell * values.shape[0]
    pixels = signed_pixels(values, cell) if signed else grey_pixels(values)
    data = base64.b64encode(png(pixels)).decode("ascii")
    told = f"{alt}, {values.shape[0]} by {values.shape[1]}, from {figure(values.min(), 3)} to {figure(values.max(), 3)}"
    drawn = element("img", src=f"data:image/png;base64,{data}", alt=told, width=width, height=height)
    return element("figure", drawn, element("figcaption", caption) if caption else None)


def thumbnails(*images: Html, small: bool = False) -> Html:
    """Return images side by side, in as many rows as they need."""
    return element("div", *images, class_="pictures small" if small else "pictures")


def _finite(values: Array) -> NDArray[np.float64]:
    """Return the values, 0 in the place of what is not finite."""
    return np.where(np.isfinite(values), values, 0).astype(np.float64)


def grey_pixels(values: Array) -> NDArray[np.uint8]:
    """Return greys: the least value black, the greatest white; all black where there is but one."""
    V = _finite(values)
    span = float(V.max() - V.min())
    return np.rint(255 * (V - V.min()) / span if span else np.zeros_like(V)).astype(np.uint8)


def signed_pixels(values: Array, cell: int = 1) -> NDArray[np.uint8]:
    """Return red, green, blue and opacity, each value as a square of cell × cell pixels.

    Opacity grows with the distance from 0, so that 0 is whatever lies behind; below 0 stripes are paler.
    """
    V = _finite(values).repeat(cell, axis=0).repeat(cell, axis=1)
    largest = float(np.abs(V).max(initial=0.0))
    strength = np.rint(_STEPS * np.abs(V) / largest) / _STEPS if largest else np.zeros_like(V)
    row, column = np.indices(V.shape)
    strength[(V < 0) & ((row + column) % 4 < 2)] *= _PALER
    colours = np.where(V[..., np.newaxis] < 0, np.array(_BELOW), np.array(_ABOVE))
    return np.concatenate([colours, np.rint(255 * strength)[..., np.newaxis]], axis=2).astype(np.uint8)
