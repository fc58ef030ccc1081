"""Activations: how a neuron answers its weighted sum. Each derivative stands beneath its function.

A slope is given both z and a = f(z), since one of them is always the shorter way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member
from pellucid.core.own import Custom, check_derivative, check_like, given_again, is_own
from pellucid.errors import KindError, SettingError, UnknownNameError

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "activation_of",
    "elu",
    "elu_slope",
    "gelu",
    "gelu_slope",
    "identity",
    "identity_slope",
    "leaky_relu",
    "leaky_relu_slope",
    "relu",
    "relu_slope",
    "selu",
    "selu_slope",
    "sigmoid",
    "sigmoid_slope",
    "silu",
    "silu_slope",
    "softplus",
    "softplus_slope",
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


_LEAK: Final = 0.01


def leaky_relu(Z: Array) -> Array:
    """Return a = z where z > 0, else 0.01·z: what is negative still passes a little on.

    Source: Maas, Hannun & Ng (2013), Rectifier nonlinearities improve neural network acoustic models.
    """
    return np.where(Z > 0, Z, _LEAK * Z)


def leaky_relu_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = 1 where z > 0, else 0.01."""
    return np.where(Z > 0, Z.dtype.type(1), Z.dtype.type(_LEAK))


def elu(Z: Array) -> Array:
    """Return a = z where z > 0, else eᶻ − 1, at least −1.

    Source: Clevert, Unterthiner & Hochreiter (2016), Fast and accurate deep network learning by exponential linear
    units.
    """
    return np.where(Z > 0, Z, np.expm1(np.minimum(Z, 0)))


def elu_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = 1 where z > 0, else eᶻ."""
    return np.exp(np.minimum(Z, 0))


_SELU_SCALE: Final = 1.0507009873554805
_SELU_FLOOR: Final = 1.7580993408473766
"""λ and λ·α of the source: with them, mean 0 and variance 1 are a fixed point from layer to layer."""


def selu(Z: Array) -> Array:
    """Return a = λ·z where z > 0, else λ·α·(eᶻ − 1), with λ = 1.0507… and λ·α = 1.7580….

    Source: Klambauer, Unterthiner, Mayr & Hochreiter (2017), Self-normalizing neural networks.
    """
    return np.where(Z > 0, _SELU_SCALE * np.maximum(Z, 0), _SELU_FLOOR * np.expm1(np.minimum(Z, 0)))


def selu_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = λ where z > 0, else λ·α·eᶻ."""
    return np.where(Z > 0, Z.dtype.type(_SELU_SCALE), _SELU_FLOOR * np.exp(np.minimum(Z, 0)))


def _finite(Z: Array) -> Array:
    """Return z, infinite ones as the largest numbers there are: times a 0 these are 0, as the limit is."""
    most = np.finfo(Z.dtype).max
    return np.clip(Z, -most, most)


_erfc = np.frompyfunc(math.erfc, 1, 1)


def _normal(Z: Array) -> Array:
    """Return Φ(z) = ½·erfc(−z/√2), how much of a normal distribution lies below z."""
    return np.asarray(0.5 * _erfc(Z.astype(np.float64) * -math.sqrt(0.5)), dtype=Z.dtype)


def gelu(Z: Array) -> Array:
    """Return a = z·Φ(z), with Φ the normal distribution function: z, as likely as z is above a normal number.

    Source: Hendrycks & Gimpel (2016), Gaussian error linear units, the exact form.
    """
    return np.where(Z > 0, Z, _finite(Z)) * _normal(Z)


def gelu_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = Φ(z) + z·φ(z), with φ(z) = e^(−z²/2) / √(2π)."""
    near = np.clip(Z, -40, 40)
    return _normal(Z) + near * np.exp(-0.5 * near * near) * Z.dtype.type(1 / math.sqrt(2 * math.pi))


def silu(Z: Array) -> Array:
    """Return a = z·σ(z), with σ the sigmoid; also called swish.

    Source: Elfwing, Uchibe & Doya (2018), Sigmoid-weighted linear units for neural network function approximation.
    """
    return np.where(Z > 0, Z, _finite(Z)) * sigmoid(Z)


def silu_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = σ(z)·(1 + z·(1 − σ(z)))."""
    power = sigmoid(Z)
    return power * (1 + _finite(Z) * sigmoid(-Z))


def softplus(Z: Array) -> Array:
    """Return a = ln(1 + eᶻ), a smooth relu, computed as max(z, 0) + ln(1 + e⁻|ᶻ|), where no power overflows.

    Source: Dugas, Bengio, Bélisle, Nadeau & Garcia (2001), Incorporating second-order functional knowledge.
    """
    return np.maximum(Z, 0) + np.log1p(np.exp(-np.abs(Z)))


def softplus_slope(Z: Array, A: Array) -> Array:
    """Return da/dz = σ(z), the sigmoid."""
    return sigmoid(Z)


@final
@dataclass(frozen=True)
class Activation:
    """One member of the family, or one of the user's own.

    Parameters
    ----------
    name : str
        A file tells one of the user's own by it; give it again at load, with ``custom={name: activation}``.
    function : function of Z, shape (batch, n_out), to A, like Z
    slope : function of Z and A, like Z, to dA/dZ, like Z
    formula : str, for reading
    initializer : str
        A layer's usual one.
    surrogate : bool
        Whether the slope is meant to be another than the derivative, as that of a step function must be.

    Raises
    ------
    SettingError, KindError
        When it is used: the name is taken, a function returns another shape or type, or the slope is not the
        derivative, by central differences.

    Examples
    --------
    >>> from pellucid import Activation, Dense, Network
    >>> bent = Activation("bent", lambda Z: Z / (1 + np.abs(Z)), lambda Z, A: (1 - np.abs(A)) ** 2)
    >>> Network([4, Dense(8, bent), 3])["layer_1"]
    layer_1: 8 neurons of 4 inputs, bent
    """

    name: str
    function: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]
    formula: str = ""
    initializer: str = "he"
    surrogate: bool = False

    def __str__(self) -> str:
        return self.name


ACTIVATIONS: Final = {
    activation.name: activation
    for activation in (
        Activation("identity", identity, identity_slope, "a = z", "glorot"),
        Activation("sigmoid", sigmoid, sigmoid_slope, "a = 1 / (1 + e⁻ᶻ)", "glorot"),
        Activation("tanh", tanh, tanh_slope, "a = tanh(z)", "glorot"),
        Activation("relu", relu, relu_slope, "a = max(0, z)", "he"),
        Activation("leaky_relu", leaky_relu, leaky_relu_slope, "a = z, or 0.01·z below 0", "he"),
        Activation("elu", elu, elu_slope, "a = z, or eᶻ − 1 below 0", "he"),
        Activation("selu", selu, selu_slope, "a = 1.0507·z, or 1.7581·(eᶻ − 1) below 0", "lecun"),
        Activation("gelu", gelu, gelu_slope, "a = z·Φ(z)", "he"),
        Activation("silu", silu, silu_slope, "a = z / (1 + e⁻ᶻ)", "he"),
        Activation("softplus", softplus, softplus_slope, "a = ln(1 + eᶻ)", "he"),
    )
}


def activation_of(given: object, custom: Custom | None = None) -> Activation:
    """Return an activation given by its name, as it is, or as a file tells it.

    Raises
    ------
    UnknownNameError
        There is none of this name; softmax belongs to the loss ``cross_entropy``.
    SettingError, KindError, ModelFileError
        One of the user's own that cannot be used, or was not given again.
    """
    if isinstance(given, Activation):
        return given if ACTIVATIONS.get(given.name) is given else _own(given)
    if isinstance(given, Mapping) and is_own(given):
        return _own(given_again("activation", given, custom, Activation, made=False))
    if given == "softmax":
        raise UnknownNameError(
            "Unknown activation 'softmax': the loss 'cross_entropy' already contains it. Leave the activation out, "
            f"or give one of: {', '.join(ACTIVATIONS)}."
        )
    if callable(given):
        raise KindError(
            "A function alone is no activation, since its slope is needed, too, and a name. "
            'Give Activation("bent", function, slope).'
        )
    return member("activation", given, ACTIVATIONS)


@cache
def _own(activation: Activation) -> Activation:
    """Return an activation of the user's own, or raise where it cannot be used."""
    name = activation.name
    if not isinstance(name, str) or not name.isidentifier() or name in ACTIVATIONS:
        raise SettingError(
            f"An activation of one's own needs a name such as 'bent', which none of {', '.join(ACTIVATIONS)} has; "
            f"{name!r} was given."
        )
    if not callable(activation.function) or not callable(activation.slope):
        raise KindError(f"The activation {name!r} needs two functions, of Z and of (Z, A); another thing was given.")
    Z = np.array([[-2.7, -1.1, -0.3, 0.2, 0.9, 3.1]])
    _slope_of(activation, Z.astype(np.float32))
    slope = _slope_of(activation, Z)
    if not activation.surrogate:
        numeric = (activation.function(Z + 1e-6) - activation.function(Z - 1e-6)) / 2e-6
        check_derivative(f"the activation {name!r}", numeric[0], slope[0], Z[0])
    return activation


def _slope_of(activation: Activation, Z: Array) -> Array:
    """Return the slope, or raise where it or the function returns something that is not like Z."""
    A = activation.function(Z.copy())
    check_like(f"The function of the activation {activation.name!r}", A, Z)
    slope = activation.slope(Z.copy(), A.copy())
    check_like(f"The slope of the activation {activation.name!r}", slope, Z)
    return slope
