"""Keras 3's models as a row of parts, read off their attributes: nothing is imported. Back, by `_keras_layers`."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Spec
from pellucid.errors import KindError, MissingLibraryError, SettingError
from pellucid.files._apart import apart
from pellucid.files._parts import Activate, Drop, Linear, Part, Scaled, Scaling
from pellucid.files._reading import Usual, check_kind, check_untouched, check_usual, dtype_for, numbers_of

__all__ = ["is_keras", "keras_of", "parts_of_keras"]

Array = NDArray[Any]
Shape = tuple[int, ...]

_HOME: Final = "keras.src."
_HOMES: Final = (_HOME, "torch.nn.modules.")  # of which layers are made where PyTorch computes
_GRAPHS: Final = ("keras.src.models.functional", "keras.src.models.sequential")
_FUNCTIONS: Final = {
    **{name: name for name in ("sigmoid", "tanh", "relu", "elu", "selu", "gelu", "silu", "softplus", "softmax")},
    "linear": "identity",
    "exponential": "exp",
}
"""By the name of a function in keras.activations, with its usual settings, ours."""
_ACTIVATIONS: Final[Mapping[str, tuple[str, Usual]]] = {
    "ReLU": ("relu", {"max_value": (None,), "threshold": (0.0,), "negative_slope": (0.0,)}),
    "LeakyReLU": ("leaky_relu", {"negative_slope": (0.01,)}),
    "ELU": ("elu", {"alpha": (1.0,)}),
    "Softmax": ("softmax", {"axis": (-1, 1)}),
}
"""By the name of a layer of Keras's, our activation, and the settings with which they are the same."""


def is_keras(model: object) -> bool:
    """Return whether this is a model or layer of Keras's; with PyTorch beneath, it is a module of PyTorch's, too."""
    return _is_a("Layer", model)


def _is_a(kind: str, model: object) -> bool:
    return any(one.__module__.startswith("keras.") and one.__name__ == kind for one in type(model).__mro__)


def parts_of_keras(model: Any) -> tuple[int, list[Part], str]:
    """Return the number of inputs, the parts and the number type of a Sequential or a Functional model.

    Batch norm uses its moving statistics, as in inference. Inputs of several axes count as they lie flat.

    Raises
    ------
    KindError, SettingError
        A layer cannot be represented, or the graph branches or merges; the layer is named.
    """
    layers = list(_layers(model))
    shape = tuple(model.inputs[0].shape[1:])
    if not all(isinstance(size, int) for size in shape):
        raise SettingError(
            f"The model takes inputs of shape {shape}; sizes that are known are accepted. Name them all."
        )
    width, parts = math.prod(shape), list[Part]()
    for layer in layers:
        parts.extend(_parts(layer, shape))
        shape = _shape_after(layer, shape)
    return width, parts, dtype_for(layer.kernel.dtype for layer in layers if type(layer).__name__ == "Dense")


def _layers(model: Any) -> Iterator[Any]:
    """Go through the layers of a model, and of models within it, in the order in which they compute."""
    what = f"{type(model).__name__} {model.name!r}"
    if type(model).call.__module__ not in _GRAPHS:
        raise KindError(
            f"{what} computes by a function of its own, which cannot be read. Give its layers in their order, as "
            "keras.Sequential([keras.Input((n,)), …]), with the same weights."
        )
    check_untouched(what, model)
    check_kind(what, model, _HOMES)
    if not getattr(model, "inputs", None):
        raise SettingError(f"{what} has no weights yet. Call it on a row of data first, or begin it with keras.Input.")
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise SettingError(
            f"{what} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; one of each is accepted. Give "
            "keras.Model(input, output) of the way through it that is meant."
        )
    row = list(model.layers) if type(model).call.__module__ == _GRAPHS[1] else _chain(model)
    for layer in row:
        if _is_a("Model", layer):
            yield from _layers(layer)
        else:
            yield layer


def _chain(model: Any) -> list[Any]:
    """Return what a graph goes through from its input to its output; raise where anything joins in."""
    row: list[Any] = []
    tensor = model.outputs[0]
    while tensor is not model.inputs[0]:
        layer, call, _ = tensor._keras_history  # noqa: SLF001  # there is no public way to ask for a graph
        tensors = layer._inbound_nodes[call].input_tensors  # noqa: SLF001
        if len(tensors) != 1:
            raise SettingError(
                f"{_what(layer)} joins {len(tensors)} branches of the graph, and a network of Pellucid's has one layer "
                "after the other. Train a model without it."
            )
        row.append(layer)
        tensor = tensors[0]
    return row[::-1]


def _what(layer: Any) -> str:
    return f"{type(layer).__name__} {layer.name!r}"


def _parts(layer: Any, shape: Shape) -> Iterator[Part]:
    kind, what = type(layer).__name__, _what(layer)
    is_known = type(layer).__module__.startswith(f"{_HOME}layers.")
    check_untouched(what, layer)
    if is_known:
        check_kind(what, layer, _HOMES)
    if is_known and kind in _ACTIVATIONS:
        ours, usual = _ACTIVATIONS[kind]
        check_usual(what, layer, usual)
        if ours == "softmax":
            _check_flat(what, shape)
        yield Activate(ours, what)
    elif is_known and kind in _READERS:
        yield from _READERS[kind](layer, shape)
    else:
        raise KindError(
            f"The model has {what}, which no network of Pellucid's can represent. Accepted are {', '.join(_READERS)} "
            f"and {', '.join(_ACTIVATIONS)}. Train a model without it."
        )


def _shape_after(layer: Any, shape: Shape) -> Shape:
    kind = type(layer).__name__
    if kind == "Dense":
        return (int(layer.units),)
    if kind == "Flatten":
        return (math.prod(shape),)
    return tuple(layer.compute_output_shape((None, *shape))[1:]) if kind == "Reshape" else shape


def _check_flat(what: str, shape: Shape) -> None:
    """Raise where a layer would go over the last of several axes."""
    if len(shape) != 1:
        raise SettingError(
            f"{what} works along the last axis of rows of shape {shape}; flat rows are accepted. "
            "Put a Flatten before it."
        )


def _dense(layer: Any, shape: Shape) -> Iterator[Part]:
    what = _what(layer)
    _check_flat(what, shape)
    if getattr(layer, "quantization_mode", None):
        raise SettingError(
            f"{what} is quantised; weights of floating-point numbers are accepted. Give the model before."
        )
    W = numbers_of(layer.kernel).T
    yield Linear(W, np.zeros(len(W)) if layer.bias is None else numbers_of(layer.bias))
    yield from _activation(layer, shape)


def _activation(layer: Any, shape: Shape) -> Iterator[Part]:
    function = layer.activation
    name, what = getattr(function, "__name__", type(function).__name__), _what(layer)
    if hasattr(function, "compute_output_shape"):  # a layer in place of a function
        yield from _parts(function, shape)
    elif function.__module__ == f"{_HOME}activations.activations" and name in _FUNCTIONS:
        if name == "softmax":
            _check_flat(what, shape)
        yield Activate(_FUNCTIONS[name], f"{what}'s {name}")
    else:
        raise SettingError(
            f"{what} has the activation {function.__module__}.{name}, which no network of Pellucid's can represent. Of "
            f"keras.activations {', '.join(_FUNCTIONS)} are accepted, and the layer LeakyReLU(0.01). Train it with one."
        )


def _batch_norm(layer: Any, shape: Shape) -> Iterator[Part]:
    check_usual(_what(layer), layer, {"axis": (-1, len(shape))})
    mean, variance = numbers_of(layer.moving_mean), numbers_of(layer.moving_variance)
    yield Scaled(_flat(mean, shape), _flat(1 / np.sqrt(variance + layer.epsilon), shape))
    factor = numbers_of(layer.gamma) if layer.scale else np.ones(())
    plus = numbers_of(layer.beta) if layer.center else np.zeros(())
    if layer.scale or layer.center:
        yield Scaling(_flat(factor, shape), _flat(plus, shape))


def _normalization(layer: Any, shape: Shape) -> Iterator[Part]:
    mean, variance = numbers_of(layer.mean)[0], numbers_of(layer.variance)[0]
    least = sys.modules["keras"].config.epsilon()
    spread = np.maximum(np.sqrt(variance), least)
    if layer.invert:
        yield Scaling(_flat(spread, shape), _flat(mean, shape))
    else:
        yield Scaled(_flat(mean, shape), _flat(1 / spread, shape))


def _rescaling(layer: Any, shape: Shape) -> Iterator[Part]:
    yield Scaling(_flat(np.asarray(layer.scale), shape), _flat(np.asarray(layer.offset), shape))


def _flat(numbers: Array, shape: Shape) -> Array:
    """Return one number as it is, and others as they lie over a row of this shape."""
    return numbers if numbers.ndim == 0 else np.broadcast_to(numbers, shape).ravel()


def _dropout(layer: Any, shape: Shape) -> Iterator[Part]:
    check_usual(_what(layer), layer, {"noise_shape": (None,)})
    if layer.rate:
        yield Drop(layer.rate)


def _flatten(layer: Any, shape: Shape) -> Iterator[Part]:
    if len(shape) > 1:
        check_usual(_what(layer), layer, {"data_format": ("channels_last",)})
    yield from ()


_READERS: Final[Mapping[str, Callable[[Any, Shape], Iterator[Part]]]] = {
    "Dense": _dense,
    "Activation": _activation,
    "BatchNormalization": _batch_norm,
    "Normalization": _normalization,
    "Rescaling": _rescaling,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Reshape": lambda layer, shape: iter([]),
    "Identity": lambda layer, shape: iter([]),
    "InputLayer": lambda layer, shape: iter([]),
}


def keras_of(spec: Spec, parameters: Parameters, *, logits: bool = False) -> Any:
    """Return the network as a `keras.Sequential` of Keras's own layers, with copies of its weights.

    Raises
    ------
    MissingLibraryError
        Keras 3, or what it computes with, is not installed.
    SettingError
        See `apart`.
    """
    named = apart(spec, parameters, logits=logits)
    try:
        from pellucid.files._keras_layers import sequential
    except ModuleNotFoundError as error:
        if str(error.name).startswith("pellucid"):
            raise
        raise MissingLibraryError(
            f"A model of Keras's needs Keras 3 and a library that computes for it; {error.name} is not installed. "
            "Install both with: pip install keras torch, and set KERAS_BACKEND=torch before Python starts."
        ) from None
    return sequential(named, spec.input.width, spec.dtype)
