"""A model from a path, from bytes or as it is: whole, checked, and with all its numbers in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pellucid.errors import KindError, ModelFileError, SettingError, brief
from pellucid.files._onnx._library import decode_error, library

_MOST_NODES: Final = 100_000


def opened(model: object) -> Any:
    """Return an ``onnx.ModelProto``.

    Nothing in it is executed, and no file is read but the one that is named.

    Raises
    ------
    ModelFileError
        It cannot be read, is no ONNX model, not whole, or its numbers lie in other files.
    KindError
        It is neither a path, bytes nor an ``onnx.ModelProto``.
    """
    onnx = library()
    if isinstance(model, onnx.ModelProto):
        found = model
    elif isinstance(model, (bytes, bytearray, memoryview)):
        found = _parsed(bytes(model), "these bytes")
    elif isinstance(model, (str, os.PathLike)):
        found = _parsed(_content(model), os.fspath(model))
    else:
        raise KindError(
            f"An ONNX model is given by its path, as bytes or as an onnx.ModelProto; {type(model).__name__} was given."
        )
    _check(found)
    return found


def _content(path: str | os.PathLike[str]) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ModelFileError(f"{os.fspath(path)} cannot be read: {error.strerror}. Look at the path.") from error
    except ValueError as error:  # a path with a zero byte
        raise ModelFileError(f"{os.fspath(path)!r} is no path: {error}. Look at it.") from error


def _parsed(content: bytes, name: str) -> Any:
    onnx = library()
    try:
        model = onnx.load_model_from_string(content)
    except (decode_error(), RuntimeError, ValueError) as error:
        raise ModelFileError(
            f"No ONNX model can be read from {brief(name)}: {brief(error)}. Give a whole file that ends in .onnx."
        ) from None
    if not model.ir_version or not model.HasField("graph"):
        raise ModelFileError(
            f"No ONNX model can be read from {brief(name)}: there is no graph. Give a whole file that ends in .onnx."
        )
    return model


def _check(model: Any) -> None:
    """Raise where a model is not whole, or too much for a dense network."""
    onnx = library()
    if not all(isinstance(text, str) for text in _texts(model)):
        raise ModelFileError("The ONNX model has names that are no texts in UTF-8. Get a fresh copy.")
    for tensor in _tensors(model.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            raise ModelFileError(
                f"The ONNX model keeps the numbers of {brief(repr(tensor.name), 100)} in another file, which is not "
                "read. Load it with onnx.load, which fetches them, and give what that returns."
            )
    if model.functions or model.graph.sparse_initializer:
        raise SettingError(
            "The ONNX model has functions or sparse tensors of its own, which are not read. Inline its functions with "
            "onnx.inliner.inline_local_functions, or store its tensors whole."
        )
    if len(model.graph.node) > _MOST_NODES:
        raise SettingError(
            f"The ONNX model has {len(model.graph.node):,} nodes; up to {_MOST_NODES:,} are read. Simplify it first."
        )
    try:
        onnx.checker.check_model(_with_shapes(model))
    except (onnx.checker.ValidationError, ValueError, RuntimeError, TypeError) as error:
        raise ModelFileError(f"The ONNX model is not valid: {brief(error)} Get a fresh copy.") from None


def _with_shapes(model: Any) -> Any:
    """Return the model as ONNX's checker wants it, in which every input and output has a shape.

    Where the file leaves one out, runtimes infer it, and nothing here asks for it; what is read is the model as it is.
    """
    if all(_has_shape(value) for value in (*model.graph.input, *model.graph.output)):
        return model
    checked = library().ModelProto()
    checked.CopyFrom(model)
    for value in (*checked.graph.input, *checked.graph.output):
        if not _has_shape(value):
            value.type.tensor_type.shape.SetInParent()
    return checked


def _has_shape(value: Any) -> bool:
    """Return whether a shape is given, or none can be: of sequences and maps, and where there is no type."""
    return not value.type.HasField("tensor_type") or value.type.tensor_type.HasField("shape")


def _texts(model: Any) -> Iterator[object]:
    """Return all texts that are looked at; those that are not UTF-8 come as bytes."""
    graph = model.graph
    for prop in model.metadata_props:
        yield from (prop.key, prop.value)
    for named in (*graph.input, *graph.output, *graph.initializer):
        yield named.name
    for node in graph.node:
        yield from (node.op_type, node.name, node.domain, *node.input, *node.output)
        yield from (attribute.name for attribute in node.attribute)
    yield from (opset.domain for opset in model.opset_import)


def _tensors(graph: Any) -> Iterator[Any]:
    """Return the tensors of a graph, and of the graphs within it."""
    waiting = [graph]
    while waiting:
        one = waiting.pop()
        yield from one.initializer
        for sparse in one.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        for node in one.node:
            for attribute in node.attribute:
                yield attribute.t
                yield from attribute.tensors
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs
