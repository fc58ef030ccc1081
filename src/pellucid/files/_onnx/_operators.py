"""ONNX's operators that work number by number, for folding constants and for telling activations apart.

Each takes its node's settings first. Source: ONNX, Operator schemas, https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import ACTIVATIONS

Array = NDArray[Any]
Settings = Mapping[str, Any]

_erf = np.frompyfunc(math.erf, 1, 1)
_gelu_exactly, _sigmoid, _softplus = (ACTIVATIONS[name].function for name in ("gelu", "sigmoid", "softplus"))


def _exp_minus_1(x: Array) -> Array:
    return np.expm1(np.minimum(x, 0))


def _gelu(settings: Settings, x: Array) -> Array:
    if settings.get("approximate", "none") == "none":
        return _gelu_exactly(np.asarray(x, dtype=np.float64))
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _selu(settings: Settings, x: Array) -> Array:
    alpha, gamma = settings.get("alpha", 1.6732632423543772), settings.get("gamma", 1.0507009873554805)
    return gamma * np.where(x > 0, x, alpha * _exp_minus_1(x))


def _celu(settings: Settings, x: Array) -> Array:
    alpha = settings.get("alpha", 1.0)
    return np.maximum(x, 0) + alpha * _exp_minus_1(x / alpha)


def _hard_sigmoid(settings: Settings, x: Array) -> Array:
    return np.clip(settings.get("alpha", 0.2) * x + settings.get("beta", 0.5), 0, 1)


def _clip(settings: Settings, x: Array, low: Array | None = None, high: Array | None = None) -> Array:
    low = settings.get("min", -np.inf) if low is None else low
    high = settings.get("max", np.inf) if high is None else high
    return np.minimum(np.maximum(x, low), high)


ELEMENTWISE: Final[dict[str, Callable[..., Array]]] = {
    "Abs": lambda _, x: np.abs(x),
    "Add": lambda _, x, y: x + y,
    "And": lambda _, x, y: x & y,
    "Celu": _celu,
    "Clip": _clip,
    "Div": lambda _, x, y: x / y,
    "Elu": lambda settings, x: np.where(x > 0, x, settings.get("alpha", 1.0) * _exp_minus_1(x)),
    "Equal": lambda _, x, y: x == y,
    "Erf": lambda _, x: np.asarray(_erf(x), dtype=np.float64),
    "Exp": lambda _, x: np.exp(x),
    "Gelu": _gelu,
    "Greater": lambda _, x, y: x > y,
    "GreaterOrEqual": lambda _, x, y: x >= y,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda _, x: x * np.clip(x / 6 + 0.5, 0, 1),
    "LeakyRelu": lambda settings, x: np.where(x > 0, x, settings.get("alpha", 0.01) * x),
    "Less": lambda _, x, y: x < y,
    "LessOrEqual": lambda _, x, y: x <= y,
    "Log": lambda _, x: np.log(x),
    "Max": lambda _, *x: reduce(np.maximum, x),
    "Min": lambda _, *x: reduce(np.minimum, x),
    "Mish": lambda _, x: x * np.tanh(_softplus(x)),
    "Mul": lambda _, x, y: x * y,
    "Neg": lambda _, x: -x,
    "Not": lambda _, x: ~x,
    "Or": lambda _, x, y: x | y,
    "PRelu": lambda _, x, slope: np.where(x > 0, x, slope * x),
    "Pow": lambda _, x, y: np.power(x, y),
    "Reciprocal": lambda _, x: 1 / x,
    "Relu": lambda _, x: np.maximum(x, 0),
    "Selu": _selu,
    "Sigmoid": lambda _, x: _sigmoid(x),
    "Sign": lambda _, x: np.sign(x),
    "Softplus": lambda _, x: _softplus(x),
    "Softsign": lambda _, x: x / (1 + np.abs(x)),
    "Sqrt": lambda _, x: np.sqrt(x),
    "Sub": lambda _, x, y: x - y,
    "Sum": lambda _, *x: reduce(np.add, x),
    "Swish": lambda settings, x: x * _sigmoid(settings.get("alpha", 1.0) * x),
    "Tanh": lambda _, x: np.tanh(x),
    "ThresholdedRelu": lambda settings, x: np.where(x > settings.get("alpha", 1.0), x, 0),
    "Where": lambda _, condition, x, y: np.asarray(np.where(condition, x, y)),
}
