"""Activations: how a neuron answers its weighted sum. Each derivative stands beneath its function.

A slope is given both z and a = f(z), since one of them is always the shorter way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member
from pellucid.errors import UnknownNameError

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "activation_named",
    "identity",
    "identity_slope",
    "relu",
    "relu_slope",
    "sigmoid",
    "sigmoid_slope",
    "tanh",
    "tanh_slope",
]

Array = NDArray[Any]


def identity(Z: Array) -> Array:
    """Return a = z: the neuron answers its weighted sum as it is."""
    return Z


def identity_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = 1."""
    return np.ones_like(Z)


def sigmoid(Z: Array) -> Array:
    """Return a = 1 / (1 + e⁻ᶻ), between 0 and 1.

    For z < 0 the equal form eᶻ / (1 + eᶻ) is used, so that no power overflows.

    Examples
    --------
    >>> float(sigmoid(np.array(2.13)))
    0.8937850083248244
    """
    power = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1, power) / (1 + power)


def sigmoid_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = a·(1 − a), at most ¼."""
    return A * (1 - A)


def tanh(Z: Array) -> Array:
    """Return a = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ), between −1 and 1."""
    return np.tanh(Z)


def tanh_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = 1 − a²."""
    return 1 - A * A


def relu(Z: Array) -> Array:
    """Return a = max(0, z). Source: Nair & Hinton (2010), Rectified linear units."""
    return np.maximum(Z, 0)


def relu_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = 1 where z > 0, else 0 (0 at the kink z = 0, by convention)."""
    return (Z > 0).astype(Z.dtype)


@dataclass(frozen=True)
class Activation:
    """One member of the family: its function, the slope of it, and the formula for reading."""

    name: str
    function: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    formula: str


ACTIVATIONS: Final = {
    activation.name: activation
    for activation in (
        Activation("identity", identity, identity_slope, "a = z"),
        Activation("sigmoid", sigmoid, sigmoid_slope, "a = 1 / (1 + e⁻ᶻ)"),
        Activation("tanh", tanh, tanh_slope, "a = tanh(z)"),
        Activation("relu", relu, relu_slope, "a = max(0, z)"),
    )
}


def activation_named(name: object) -> Activation:
    """Return the activation of this name.

    Raises
    ------
    UnknownNameError
        There is none of this name; softmax belongs to the loss ``cross_entropy``.
    """
    if name == "softmax":
        raise UnknownNameError(
            "Unknown activation 'softmax': the loss 'cross_entropy' already contains it. Leave the activation out, "
            f"or give one of: {', '.join(ACTIVATIONS)}."
        )
    return member("activation", name, ACTIVATIONS)
