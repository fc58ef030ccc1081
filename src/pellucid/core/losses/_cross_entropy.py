"""Cross-entropy of a softmax, acting on logits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


def _shifted(Z: Array) -> Array:
    """Return z − max z in each row, at most 0; the greatest itself gives 0 even where it is infinite."""
    top = Z.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        shifted = Z - top
    return np.where(Z == top, 0, shifted)


def softmax(Z: Array) -> Array:
    """Return pⱼ = e^zⱼ / Σᵢ e^zᵢ in each row: positive, adding up to 1.

    The row's maximum is taken off first, which changes nothing and lets no power overflow.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [1e38, -1e38]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    power = np.exp(_shifted(Z))
    power /= power.sum(axis=1, keepdims=True)
    return power


def cross_entropy(Z: Array, T: NDArray[np.integer[Any]]) -> tuple[Array, Callable[[], Array]]:
    """Return L = −ln p_t = ln Σᵢ e^zᵢ − z_t for each sample, with p = softmax(z) and t its class.

    Parameters
    ----------
    Z : array, shape (batch, n_out), the logits
    T : array of integers, shape (batch,), each 0 … n_out − 1

    Returns
    -------
    L : array, shape (batch,), from 0 upwards
    back : returns dL/dZ, like Z

    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, §6.2.2.3.
    """
    rows = np.arange(len(Z))
    shifted = _shifted(Z)
    P = np.exp(shifted)
    total = P.sum(axis=1)
    L = np.log(total) - shifted[rows, T]

    def back() -> Array:
        """dL/dz = p − 1 at the sample's own class, p elsewhere."""
        dZ = P / total[:, np.newaxis]
        dZ[rows, T] -= 1
        return dZ

    return L, back


CROSS_ENTROPY = Loss(
    "cross_entropy", Task.CLASSES, cross_entropy, softmax, owns_output=True, formula="L = −ln softmax(z)ₜ"
)
