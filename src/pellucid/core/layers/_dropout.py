"""Dropout: in training, each unit is left out with probability p; the rest speak louder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.random import Stream

Array = NDArray[Any]


def dropout_mask(stream: Stream, batch: int, width: int, rate: float, dtype: np.dtype[Any]) -> Array:
    """Return the factors of one step: 1 / (1 − rate) for a unit that is kept, else 0.

    Unit j of the batch's position i is kept where word i·width + j of the stream is at least rate·2³².

    Returns
    -------
    array of dtype, shape (batch, width)
    """
    threshold = np.uint32(min(round(rate * 2.0**32), 2**32 - 1))
    kept = stream.words(batch * width).reshape(batch, width) >= threshold
    return kept * dtype.type(1.0 / (1.0 - rate))


def dropout(X: Array, mask: Array) -> tuple[Array, Callable[[Array], Array]]:
    """Return X·mask and the way back, dX = dA·mask.

    The expected value stays that of X, so nothing changes when the network is used.

    Source: Srivastava et al. (2014), Dropout: a simple way to prevent neural networks from overfitting.
    """

    def back(dA: Array) -> Array:
        return dA * mask

    return X * mask, back
