"""Numbers that may be an image, or are told one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Spec
from pellucid.drawing import Html, bars, figure, image, side_of

__all__ = ["input_side", "largest_bars", "largest_rows", "signed_image"]

Array = NDArray[Any]


def input_side(spec: Spec, layer: str | None = None) -> int | None:
    """Return the side of the image that a network's inputs may be; of a layer, where these are what comes into it."""
    if spec.input.features is not None or layer not in {None, spec.names[0]}:
        return None
    return side_of(spec.input.width)


def signed_image(values: Array, side: int, what: str, *, size: int = 140, caption: str | None = None) -> Html:
    """Return numbers of both signs as an image, with the largest of them beneath."""
    largest = figure(float(np.abs(values).max()), 3)
    told = f"{what}, up to ±{largest}" if caption is None else caption
    return image(values.reshape(side, side), what, signed=True, size=size, caption=told)


def largest_rows(values: Array, names: Sequence[str], n: int = 10) -> list[tuple[str, float]]:
    """Return the values farthest from 0 by name, what is not finite before all, and the others' sum."""
    sizes = np.where(np.isfinite(values), np.abs(values), np.inf)
    order = np.argsort(-sizes, kind="stable")[:n]
    rows = [(names[place], float(values[place])) for place in order]
    rest = np.delete(values, order)
    total = math.fsum(rest.tolist()) if np.isfinite(rest).all() else math.nan
    return [*rows, (f"{len(rest)} more, together", total)] if len(rest) else rows


def largest_bars(values: Array, names: Sequence[str], what: str, n: int = 10) -> Html:
    """Return the values farthest from 0 as bars."""
    caption = f"the {n} largest of {len(values):,}" if len(values) > n else None
    return bars(largest_rows(values, names, n)[:n], head=("input", what), caption=caption)
