"""A network as an ONNX model: raw inputs in, probabilities and labels out, or values in their own units."""

from __future__ import annotations

import json
import os
from typing import Any, Final

import numpy as np

from pellucid.core import Activation, Name, Parameters, Spec, Task
from pellucid.errors import SettingError
from pellucid.files._onnx._activations import activate
from pellucid.files._onnx._board import Board
from pellucid.files._onnx._library import library
from pellucid.storage import write_atomically
from pellucid.version import __version__

OPSET: Final = 20
"""The first that knows gelu; ONNX Runtime reads it since 1.17."""
IR_VERSION: Final = 9
"""The one that came with this opset."""

SPEC: Final = "pellucid.spec"
"""The key of the metadata under which the whole spec stands, as JSON."""

_MOST_BYTES: Final = 2**31 - 2**20
"""What one file can hold, with room for all but the numbers: its lengths are of 32 bits."""

_OUTPUT_OPERATORS: Final = {"softmax": "Softmax", "sigmoid": "Sigmoid", "exp": "Exp"}


def save_onnx(path: str | os.PathLike[str], spec: Spec, parameters: Parameters) -> None:
    """Write a network as an ONNX file, atomically; see `onnx_of`."""
    write_atomically(path, [onnx_of(spec, parameters).SerializeToString(deterministic=True)])


def onnx_of(spec: Spec, parameters: Parameters) -> Any:
    """Return a network as an ``onnx.ModelProto``.

    Its input "X", shape (N, n_in), of the network's dtype, is taken as it is: the model scales. Its outputs are

    - "probabilities", shape (N, classes), and "label", shape (N,), a name or a place; one yes-or-no output has the two
      columns no and yes; of several, "label" is 0 or 1 for each, shape (N, n_out);
    - or "values", shape (N, n_out), in their own units (float64 where these are not the network's).

    Dropout is left out. The metadata tell the whole spec, the features and the names of classes or targets as JSON.

    Raises
    ------
    SettingError
        An activation or the loss is the user's own, a number is not finite, a class's name does not fit into 64 bits,
        or the model does not fit into one file.
    MissingLibraryError
        The library onnx is not installed.
    """
    _check(spec, parameters)
    onnx, board = library(), Board(np.dtype(spec.dtype))
    outputs = _ended(board, spec, _layers(board, spec, parameters, _scaled(board, spec)))
    helper, kind = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype(board.dtype)
    given = helper.make_tensor_value_info("X", kind, ["N", spec.input.width], _told("inputs", spec.input.features))
    graph = helper.make_graph(board.nodes, "network", [given], outputs, board.constants, _description(spec))
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="pellucid",
        producer_version=__version__,
        doc_string=_description(spec),
    )
    helper.set_model_props(model, _metadata(spec))
    return model


def _check(spec: Spec, parameters: Parameters) -> None:
    """Raise `SettingError` where no ONNX model can hold the network."""
    own = [
        f"the activation {layer.activation.name!r}" for layer in spec.dense if isinstance(layer.activation, Activation)
    ]
    if own or spec.loss.is_own:
        named = own[0] if own else f"the loss {spec.loss.name!r}"
        raise SettingError(
            f"The network uses {named}, which its user wrote; an ONNX model holds ONNX's own operators alone. Give one "
            "of the families of docs/families.md."
        )
    if not np.isfinite(parameters.vector).all():
        raise SettingError("The network holds NaN or infinity, so no ONNX model is made. Set finite weights first.")
    if parameters.vector.nbytes > _MOST_BYTES:
        raise SettingError(
            f"The network's numbers take {parameters.vector.nbytes:,} bytes; an ONNX file of one piece holds "
            f"{_MOST_BYTES:,}. Make it smaller, or save it with net.save."
        )
    for name in spec.output.names or ():
        if isinstance(name, int) and not -(2**63) <= name < 2**63:
            raise SettingError(f"The name {name} does not fit into 64 bits, as a label must. Give it as a text.")


def _scaled(board: Board, spec: Spec) -> str:
    """Set down what makes of X what the first layer sees: (x − shift)·scale."""
    x, scale, shift = "X", np.asarray(spec.input.scale), np.asarray(spec.input.shift)
    if (shift != 0).any():
        x = board.node("Sub", [x, board.constant("input.shift", shift)], "input.shifted")
    if (scale != 1).any():
        x = board.node("Mul", [x, board.constant("input.scale", scale)], "input.scaled")
    return x


def _layers(board: Board, spec: Spec, parameters: Parameters, x: str) -> str:
    """Set down the layers; return the last one's output."""
    for name, layer in zip(parameters, spec.dense, strict=True):
        W, b = parameters[name]
        numbers = [board.constant(f"{name}.weight", W), board.constant(f"{name}.bias", b)]
        x = board.node("Gemm", [x, *numbers], name, transB=1)
        if layer.activation != "identity":
            x = activate(board, str(layer.activation), x, f"{name}.{layer.activation}")
    return x


def _ended(board: Board, spec: Spec, a: str) -> list[Any]:
    """Set down what is shown of the last layer's output; return the graph's outputs."""
    match spec.loss.task:
        case Task.VALUES:
            return _values(board, spec, a)
        case Task.CLASSES:
            return _classes(board, spec, a)
        case Task.YES_NO:
            return _yes_no(board, spec, a)


def _shown(board: Board, spec: Spec, a: str, output: str) -> str:
    """Set down the output function that the loss owns, if it owns one."""
    if spec.loss.output_name is None:
        return a
    settings = {"axis": 1} if spec.loss.task is Task.CLASSES else {}
    return board.node(_OUTPUT_OPERATORS[spec.loss.output_name], [a], output, **settings)


def _values(board: Board, spec: Spec, a: str) -> list[Any]:
    """Values, in their own units."""
    a, dtype = _shown(board, spec, a, "rates"), board.dtype
    scale, shift = (np.asarray(given, dtype=np.float64) for given in _units(spec))
    if (scale != 1).any() or (shift != 0).any():
        if dtype != np.float64:
            dtype = np.dtype(np.float64)
            a = board.node("Cast", [a], "output.float64", to=library().TensorProto.DOUBLE)
        if (scale != 1).any():
            a = board.node("Mul", [a, board.constant("output.scale", scale, dtype)], "output.scaled")
        if (shift != 0).any():
            a = board.node("Add", [a, board.constant("output.shift", shift, dtype)], "output.shifted")
    board.node("Identity", [a], "values")
    return [_output(spec, "values", dtype, spec.n_outputs, _told("targets", spec.output.names))]


def _units(spec: Spec) -> tuple[Any, Any]:
    """Return scale and shift of the output; 1 and 0 where they wait for the first y."""
    return (1.0, 0.0) if spec.output.scale is None else (spec.output.scale, spec.output.shift)


def _classes(board: Board, spec: Spec, z: str) -> list[Any]:
    """The classes' probabilities, and the likeliest, of the largest sum."""
    _shown(board, spec, z, "probabilities")
    place = board.node("ArgMax", [z], "place", axis=1, keepdims=0)
    return [_probabilities(spec, spec.n_outputs), _label(board, spec, place, None)]


def _yes_no(board: Board, spec: Spec, z: str) -> list[Any]:
    """The probabilities of no and yes, or of yes for each output; yes is a sum above 0."""
    several = spec.n_outputs > 1
    p = _shown(board, spec, z, "probabilities" if several else "yes")
    above = board.node("Greater", [z, board.constant("zero", 0)], "above_0")
    place = board.node("Cast", [above], "answers", to=library().TensorProto.INT64)
    if several:
        return [_probabilities(spec, spec.n_outputs), _label(board, spec, place, spec.n_outputs)]
    no = board.node("Sub", [board.constant("one", 1), p], "no")
    board.node("Concat", [no, p], "probabilities", axis=1)
    place = board.node("Squeeze", [place, board.constant("axis_1", [1], np.int64)], "place")
    return [_probabilities(spec, 2), _label(board, spec, place, None)]


def _probabilities(spec: Spec, width: int) -> Any:
    return _output(spec, "probabilities", np.dtype(spec.dtype), width, _told("classes", spec.output.names))


def _label(board: Board, spec: Spec, place: str, width: int | None) -> Any:
    """Set down the label: the name at each place, or the place itself where there are no names."""
    names = spec.output.names
    kind: np.dtype[Any] = np.dtype(np.int64)
    if names is None or width is not None:
        board.node("Identity", [place], "label")
    else:
        kind = np.dtype(object if isinstance(names[0], str) else np.int64)
        board.node("Gather", [board.constant("classes", names, kind), place], "label", axis=0)
    return _output(spec, "label", kind, width, "the likeliest class" if width is None else "1 for yes, 0 for no")


def _output(spec: Spec, name: str, dtype: np.dtype[Any], width: int | None, told: str) -> Any:
    helper = library().helper
    shape: list[str | int] = ["N"] if width is None else ["N", width]
    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(dtype), shape, told)


def _told(what: str, names: tuple[Name, ...] | None) -> str:
    return what if names is None else f"{what}: {json.dumps(names, ensure_ascii=False)}"


def _description(spec: Spec) -> str:
    widths = "-".join(str(width) for width in (spec.input.width, *(layer.width for layer in spec.dense)))
    return f"A dense network {widths}, trained on the loss {spec.loss.name}; written by Pellucid {__version__}."


def _metadata(spec: Spec) -> dict[str, str]:
    """Return what the file tells besides the graph: the spec, and the names that a reader of Python's is spared."""
    names = "targets" if spec.loss.task is Task.VALUES else "classes"
    told = {"features": spec.input.features, names: spec.output.names}
    return {SPEC: spec.to_json()} | {
        key: json.dumps(value, ensure_ascii=False) for key, value in told.items() if value is not None
    }
