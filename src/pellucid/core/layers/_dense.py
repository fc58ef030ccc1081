"""The dense layer: every neuron sees every input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core.activations import Activation
from pellucid.core.parameters import LayerParameters

Array = NDArray[Any]


class DensePass(NamedTuple):
    """What a dense layer made of a batch: weighted sums, activations, and the way back."""

    Z: Array
    A: Array
    back: Callable[[Array, LayerParameters, bool], tuple[Array, Array | None]]


def dense(X: Array, layer: LayerParameters, activation: Activation) -> DensePass:
    """Pass a batch through a layer: Z = X·Wᵀ + b,  A = f(Z).

    Parameters
    ----------
    X : array, shape (batch, n_in)
    layer : its W, shape (n_out, n_in), and b, shape (n_out,)
    activation : f

    Returns
    -------
    DensePass
        Z and A, shape (batch, n_out), and ``back(dA, gradient, wanted)``: given dL/dA it writes

            dZ = dA·f′(Z),  dW = dZᵀ·X,  db = Σ dZ over the batch

        into ``gradient`` and returns dZ, and dX = dZ·W, or None where it is not wanted.

    Source: Rumelhart, Hinton & Williams (1986), Learning representations by back-propagating errors.
    """
    Z = X @ layer.W.T
    Z += layer.b
    A = activation.function(Z)

    def back(dA: Array, gradient: LayerParameters, wanted: bool) -> tuple[Array, Array | None]:
        dZ = dA * activation.slope(Z, A)
        np.matmul(X.T, dZ, out=gradient.W.T)  # the transpose: how W is stored
        np.sum(dZ, axis=0, out=gradient.b)
        return dZ, dZ @ layer.W if wanted else None

    return DensePass(Z, A, back)
