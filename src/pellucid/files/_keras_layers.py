"""Networks of ours as layers of Keras's, which this file alone imports; it is loaded when the first is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from pellucid.files._parts import Activate, Drop, Linear, Part, Scaled, Scaling, Values

__all__ = ["sequential"]

Array = NDArray[Any]

_NAMES: Final = {"exp": "exponential"}
"""Where Keras calls a function otherwise, its name there."""


def sequential(named: Mapping[str, Part], width: int, dtype: str) -> Any:
    """Return the parts as a Sequential that takes rows of this width."""
    model = keras.Sequential([keras.Input((width,), dtype=dtype, name="input")])
    for name, part in named.items():
        for layer in _layers(name, part, dtype):
            model.add(layer)
        if isinstance(part, Linear):
            model.layers[-1].set_weights([np.ascontiguousarray(part.W.T), part.b])
    return model


def _layers(name: str, part: Part, dtype: str) -> Iterator[Any]:
    match part:
        case Linear(_, b):
            yield keras.layers.Dense(len(b), name=name, dtype=dtype)
        case Scaled(shift, scale):  # two layers, each of which keeps its numbers to the last bit
            if np.any(shift):
                yield keras.layers.Rescaling(1.0, _plain(-np.asarray(shift)), name=f"{name}_shift", dtype=dtype)
            yield keras.layers.Rescaling(_plain(scale), name=name, dtype=dtype)
        case Scaling(factor, plus):
            yield keras.layers.Rescaling(_plain(factor), _plain(plus), name=name, dtype=dtype)
        case Drop(rate):
            yield keras.layers.Dropout(rate, name=name, dtype=dtype)
        case Activate("leaky_relu"):
            yield keras.layers.LeakyReLU(negative_slope=0.01, name=name, dtype=dtype)
        case Activate(activation):
            yield keras.layers.Activation(_NAMES.get(activation, activation), name=name, dtype=dtype)


def _plain(values: Values) -> float | list[float]:
    """Return numbers as a file of Keras's holds them."""
    plain: float | list[float] = np.asarray(values, dtype=np.float64).tolist()
    return plain
