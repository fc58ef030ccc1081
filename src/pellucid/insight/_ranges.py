"""Which activations a neuron can have: the range of its activation function."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np

from pellucid.core import ACTIVATIONS, Activation, activation_of

__all__ = ["range_of"]

_RANGES: Final = {
    "identity": (-math.inf, math.inf),
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "relu": (0.0, math.inf),
    "leaky_relu": (-math.inf, math.inf),
    "elu": (-1.0, math.inf),
    "selu": (-1.7580993408473766, math.inf),
    "gelu": (-0.16997120747990369, math.inf),  # at z = −0.7517915246935645, where Φ(z) + z·φ(z) = 0
    "silu": (-0.27846454276107380, math.inf),  # at z = −1.2784645427610738, where 1 + z·(1 − σ(z)) = 0
    "softplus": (0.0, math.inf),
}
_FAR: Final = 2.0**20


def range_of(activation: str | Activation | None) -> tuple[float, float]:
    """Return the least and the greatest activation of a neuron; ±∞ where there is none.

    Bounds that are only approached (0 and 1 of the sigmoid) count as reached: rounding gets there. The range of an
    activation of the user's own is what 40,001 weighted sums from −2²⁰ to 2²⁰ show of it, without bound where it
    still moves by 1 or more at the end.

    Examples
    --------
    >>> range_of("relu")
    (0.0, inf)
    """
    known = activation_of(activation or "identity")
    return _RANGES[known.name] if ACTIVATIONS.get(known.name) is known else _seen(known)


@cache
def _seen(own: Activation) -> tuple[float, float]:
    """Return the range of an activation of the user's own, by looking."""
    sizes = np.geomspace(2.0**-20, _FAR, 20_000)
    Z = np.concatenate([-sizes[::-1], [0.0], sizes])[np.newaxis, :]
    with np.errstate(all="ignore"):
        A = np.asarray(own.function(Z.copy())[0], dtype=np.float64)
        ends = np.asarray(own.function(np.array([[-_FAR, -_FAR / 2, _FAR / 2, _FAR]]))[0], dtype=np.float64)
    A = A[np.isfinite(A)]
    down = min(ends[0] - ends[1], ends[3] - ends[2]) <= -1
    up = max(ends[0] - ends[1], ends[3] - ends[2]) >= 1
    return -math.inf if down else float(A.min()), math.inf if up else float(A.max())
