"""Tensors of a model that do not depend on its input: stored, or computed from such by a few harmless operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import KindError, ModelFileError, brief
from pellucid.files._onnx._library import library
from pellucid.files._onnx._nodes import Node, refused
from pellucid.files._onnx._operators import ELEMENTWISE

Array = NDArray[Any]
Shape = tuple[int | None, ...]

_DEEPEST: Final = 50
"""How many nodes may stand one behind another in what makes a constant."""

_MOST: Final = 1 << 24
"""How many numbers may be computed that are more than those they are made of: a small file must not fill the memory."""

FLOATS: Final = {1: "float32", 10: "float16", 11: "float64", 16: "bfloat16"}
"""ONNX's numbers of the floating-point types that are read; halves are read as float32, which holds them exactly."""


@final
class Constants:
    """By name the tensors that are known without the input.

    Parameters
    ----------
    stored : the model's initializers by name, onnx.TensorProto
    made : by the tensor's name, the node that makes it
    live : names of the tensors that depend on the input

    Attributes
    ----------
    shapes : of the live tensors that were met so far; None for a length that the model leaves open
    n_stored : how many stored numbers were looked at so far
    """

    def __init__(self, stored: Mapping[str, Any], made: Mapping[str, Node], live: set[str]) -> None:
        self._stored, self._made, self._live = stored, made, live
        self._known: dict[str, Array] = {}
        self._room = _MOST
        self.shapes: dict[str, Shape] = {}
        self.n_stored = 0

    def __contains__(self, name: str) -> bool:
        return bool(name) and name not in self._live

    def __getitem__(self, name: str) -> Array:
        return self._at(name, 0)

    def _at(self, name: str, depth: int) -> Array:
        if name not in self._known:
            if name in self._stored:
                self._known[name] = array_of(self._stored[name])
                self.n_stored += self._known[name].size
            else:
                self._known[name] = self._computed(self._made[name], name, depth + 1)
        return self._known[name]

    def _computed(self, node: Node, name: str, depth: int) -> Array:
        if depth > _DEEPEST:
            raise refused(node, f"makes a constant of more than {_DEEPEST} nodes one behind another")
        if node.op == "Shape":
            return self._shape(node)
        if node.op not in _FOLDED and node.op not in ELEMENTWISE:
            raise refused(node, "makes a constant in a way that is not followed")
        taken = node.inputs[:1] if node.op == "CastLike" else node.inputs
        inputs = [self._at(given, depth) if given else None for given in taken]
        try:
            with np.errstate(all="ignore"):
                self._take_room(node, inputs)
                if node.op in _FOLDED:
                    found = _FOLDED[node.op](node, *inputs)
                else:
                    found = np.asarray(ELEMENTWISE[node.op](node.settings, *inputs))
        except (ValueError, TypeError, IndexError, KeyError, OverflowError, AttributeError) as error:
            raise refused(node, f"cannot be computed: {brief(error)}", "Get a fresh copy of the file.") from None
        if node.outputs[0] != name:
            raise refused(node, "makes several constants")
        return found

    def _take_room(self, node: Node, inputs: Sequence[Array | None]) -> None:
        """Raise where a node makes more numbers than there is room for."""
        given = [array for array in inputs if array is not None]
        if node.op in _AS_MANY:
            size = 0
        elif node.op == "Concat":
            size = sum(array.size for array in given)
        elif node.op == "ConstantOfShape":
            size = math.prod(given[0].ravel().tolist())
        elif node.op == "Gather":
            size = given[0].size * given[1].size
        else:
            size = math.prod(np.broadcast_shapes(*(array.shape for array in given)))
        self._room -= size
        if self._room < 0:
            raise refused(node, f"makes constants of more than {_MOST:,} numbers", "Store them in the model.")

    def _shape(self, node: Node) -> Array:
        """Return a tensor's shape; 0, for "as it is", where the model leaves the number of rows open."""
        shape = self.shapes.get(node.input(0))
        if shape is None:
            shape = self[node.input(0)].shape if node.input(0) in self else ()
        told = [(-1 if place else 0) if n is None else n for place, n in enumerate(shape)]
        return np.array(told[node.settings.get("start", 0) : node.settings.get("end", len(told))], dtype=np.int64)


def array_of(tensor: Any) -> Array:
    """Return a stored tensor's numbers; raise `ModelFileError` where they are not whole."""
    try:
        array: Array = library().numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, UnicodeDecodeError) as error:
        raise ModelFileError(
            f"The ONNX model's tensor {brief(repr(tensor.name), 100)} is not whole: {brief(error)}. Get a fresh copy."
        ) from None
    return array


def _constant(node: Node) -> Array:
    given = node.settings
    if "value" in given:
        return array_of(given["value"])
    kinds = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
    for name, kind in kinds.items():
        if name in given:
            return np.asarray(given[name], dtype=kind)
    raise KeyError("its value is of a kind that is not read")


def _of_shape(node: Node, shape: Array) -> Array:
    value = array_of(node.settings["value"]) if "value" in node.settings else np.zeros(1, dtype=np.float32)
    return np.broadcast_to(value.reshape(()), tuple(shape.tolist()))


def _cast(node: Node, x: Array) -> Array:
    to = node.settings["to"]
    kind = to if isinstance(to, int) else library().TensorProto.DataType.Value(to)
    return x.astype(library().helper.tensor_dtype_to_np_dtype(kind))


def axes_of(node: Node, given: Array | None) -> list[int] | None:
    """Return the axes that a node names, as a setting (early versions) or by an input."""
    found = node.settings.get("axes") if given is None else given.ravel().tolist()
    return None if found is None else [int(axis) for axis in found]


def _squeeze(node: Node, x: Array, axes: Array | None = None) -> Array:
    named = axes_of(node, axes)
    return np.squeeze(x, None if named is None else tuple(named))


def _unsqueeze(node: Node, x: Array, axes: Array | None = None) -> Array:
    return np.expand_dims(x, tuple(axes_of(node, axes) or ()))


def _reshape(node: Node, x: Array, shape: Array | None = None) -> Array:
    target = node.settings["shape"] if shape is None else shape.tolist()
    return x.reshape([x.shape[place] if n == 0 else n for place, n in enumerate(target)])


def _concat(node: Node, *parts: Array) -> Array:
    return np.concatenate(parts, axis=node.settings.get("axis", 1))


def _gather(node: Node, x: Array, places: Array) -> Array:
    return np.asarray(np.take(x, places, axis=node.settings.get("axis", 0)))


def _transpose(node: Node, x: Array) -> Array:
    return np.transpose(x, node.settings.get("perm"))


_FOLDED: Final[dict[str, Callable[..., Array]]] = {
    "Cast": _cast,
    "CastLike": lambda _, x: x,  # to the type of what is computed
    "Concat": _concat,
    "Constant": _constant,
    "ConstantOfShape": _of_shape,
    "Gather": _gather,
    "Identity": lambda _, x: x,
    "Reshape": _reshape,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}


_AS_MANY: Final = {"Cast", "CastLike", "Constant", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
"""What makes as many numbers as it is given."""


def weights_in(array: Array, node: Node) -> Array:
    """Return an array of a node's weights; raise where these are no floating-point numbers."""
    if array.dtype.name in {"float16", "bfloat16"}:
        return array.astype(np.float32)
    if array.dtype not in (np.float32, np.float64):
        raise KindError(
            f"The ONNX model's {node} has weights of {array.dtype}; {', '.join(FLOATS.values())} are accepted. Convert "
            "the model first."
        )
    return array
