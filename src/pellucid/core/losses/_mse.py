"""Mean squared error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.activations import identity
from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


def mse(A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
    """Return L = mean over outputs of (a − t)² for each sample.

    Parameters
    ----------
    A : array, shape (batch, n_out), the outputs
    T : array, like A, the targets

    Returns
    -------
    L : array, shape (batch,), from 0 upwards
    back : returns dL/dA, like A
    """
    with np.errstate(over="ignore", invalid="ignore"):
        difference = A - T
        L = (difference * difference).mean(axis=1)

    def back() -> Array:
        """dL/da = 2·(a − t) / n_out."""
        with np.errstate(over="ignore"):
            return difference * (2.0 / A.shape[1])

    return L, back


MSE = Loss("mse", Task.VALUES, mse, identity, owns_output=False, formula="L = mean of (a − t)²")
