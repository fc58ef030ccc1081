"""Cross-entropy of a sigmoid for each output, acting on logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.activations import sigmoid
from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


def binary_cross_entropy(Z: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
    """Return L = mean over outputs of −t·ln p − (1 − t)·ln(1 − p), with p = sigmoid(z), for each sample.

    For t = 1 a term is ln(1 + e⁻ᶻ), for t = 0 it is ln(1 + eᶻ): one function of s = (1 − 2t)·z, computed as
    max(s, 0) + ln(1 + e⁻|ˢ|), where no power overflows.

    Parameters
    ----------
    Z : array, shape (batch, n_out), the logits
    T : array, like Z, each 0 or 1

    Returns
    -------
    L : array, shape (batch,), from 0 upwards
    back : returns dL/dZ, like Z

    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, §6.2.2.2.
    """
    S = np.where(T == 1, -Z, Z)
    L = ((np.maximum(S, 0) + np.log1p(np.exp(-np.abs(S)))) / Z.shape[1]).sum(axis=1)  # a sum first might overflow

    def back() -> Array:
        """dL/dz = (p − t) / n_out."""
        return (sigmoid(Z) - T) / Z.shape[1]

    return L, back


BINARY_CROSS_ENTROPY = Loss(
    "binary_cross_entropy",
    Task.YES_NO,
    binary_cross_entropy,
    sigmoid,
    owns_output=True,
    formula="L = mean of −t·ln p − (1 − t)·ln(1 − p),  p = sigmoid(z)",
)
