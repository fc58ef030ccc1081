"""Operators that stand alone on the path, and the part of a dense network that each of them is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.files._onnx._nodes import Node, refused
from pellucid.files._onnx._recognition import hands_on
from pellucid.files._onnx._row import Row
from pellucid.files._onnx._shapes import Layout, flattened, reshaped, squeezed, unsqueezed
from pellucid.files._parts import Activate, Drop

Array = NDArray[Any]
Reader = Callable[[Row, Node, str], None]
"""Goes on by a node that takes the tensor of this name."""


def _gemm(row: Row, node: Node, x: str) -> None:
    """Gemm: α·X·B + β·C."""
    if node.input(0) != x or node.input(1) not in row.constants:
        raise refused(node, "multiplies from the left, so that samples are columns")
    if node.settings.get("transA", 0):
        _columns(row, node)
    B = row.constant(node.input(1), node)
    if B.ndim != 2:
        raise refused(node, f"multiplies by weights of shape {B.shape}")
    W = B if node.settings.get("transB", 0) else B.T
    alpha, beta = node.settings.get("alpha", 1.0), node.settings.get("beta", 1.0)
    b = _bias(row, node, len(W)) if node.input(2) else None
    if b is not None and beta != 1:
        b = b * b.dtype.type(beta)
    row.linear(W if alpha == 1 else W * W.dtype.type(alpha), b, node)


def _bias(row: Row, node: Node, width: int) -> Array:
    C = row.constant(node.input(2), node)
    rows = C.reshape(-1, *(C.shape[-1:] or (1,)))
    if rows.shape[1] not in {1, width} or len(rows) == 0 or (rows != rows[0]).any():
        raise refused(node, f"adds a bias of shape {C.shape}, which differs from row to row")
    return np.array(np.broadcast_to(rows[0], (width,)))


def _columns(row: Row, node: Node) -> None:
    """Take the samples, so far columns, as rows; raise where they were rows of something before."""
    layout = row.layout
    if row.parts or len(layout.rows) != 1 or len(layout.row) != 1:
        raise refused(node, "turns rows into columns")
    row.layout = Layout(layout.row, layout.rows)
    row.width = row.layout.width


def _matmul(row: Row, node: Node, x: str) -> None:
    """MatMul: X·B."""
    if node.input(0) != x or node.input(1) not in row.constants:
        raise refused(node, "multiplies from the left, so that samples are columns")
    B = row.constant(node.input(1), node)
    if B.ndim > 2 and set(B.shape[:-2]) == {1}:
        B = B.reshape(B.shape[-2:])
    if B.ndim not in {1, 2}:
        raise refused(node, f"multiplies by a stack of matrices, of shape {B.shape}")
    row.linear(B.reshape(len(B), -1).T, None, node)


def _aligned(row: Row, node: Node, constant: Array) -> Array:
    """Return a constant whose axes stand where the first versions' setting ``axis`` puts them."""
    axis = node.settings.get("axis")
    if axis is None or node.version >= 7:
        return constant
    behind = len(row.layout.shape) - axis % max(1, len(row.layout.shape)) - constant.ndim
    return constant.reshape(constant.shape + (1,) * max(0, behind))


def _other(row: Row, node: Node, x: str) -> tuple[Array, bool]:
    """Return the constant that a node of two inputs computes with, and whether it stands first."""
    first = node.input(0) != x
    return _aligned(row, node, row.constant(node.input(0 if first else 1), node)), first


def _add(row: Row, node: Node, x: str) -> None:
    row.plus(_other(row, node, x)[0], node)


def _sub(row: Row, node: Node, x: str) -> None:
    constant, first = _other(row, node, x)
    if first:
        row.factor(-np.ones((), dtype=constant.dtype), node)
    row.plus(constant, node, 1 if first else -1)


def _mul(row: Row, node: Node, x: str) -> None:
    row.factor(_other(row, node, x)[0], node)


def _div(row: Row, node: Node, x: str) -> None:
    constant, first = _other(row, node, x)
    if first or (constant == 0).any():
        raise refused(node, "divides by what it is given, or by 0")
    row.factor(1 / constant.astype(np.float64), node)


def _batch_norm(row: Row, node: Node, x: str) -> None:
    """BatchNormalization: (x − mean) / √(var + ε)·scale + B, for each channel."""
    if node.settings.get("training_mode", 0) or len([name for name in node.outputs if name]) > 1:
        raise refused(node, "is in training", "Export the model for inference.")
    scale, B, mean, var = (row.constant(node.input(place), node).astype(np.float64) for place in range(1, 5))
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(var + node.settings.get("epsilon", 1e-5))
        plus = B - mean * factor
    behind = (1,) * max(0, len(row.layout.shape) - 2)
    row.factor(factor.reshape(factor.shape + behind), node)
    row.plus(plus.reshape(plus.shape + behind), node)


def _scaler(row: Row, node: Node, x: str) -> None:
    """Scaler of ai.onnx.ml: (x − offset)·scale."""
    offset, scale = (
        np.asarray(node.settings.get(name, default), np.float64)
        for name, default in (("offset", [0.0]), ("scale", [1.0]))
    )
    row.plus(offset, node, -1)
    row.factor(scale, node)


def _dropout(row: Row, node: Node, x: str) -> None:
    """Dropout, which does nothing in inference; its rate is kept for training on."""
    training = node.input(2) and (node.input(2) not in row.constants or row.constants[node.input(2)].any())
    if training or (node.version < 7 and not node.settings.get("is_test", 0)):
        raise refused(node, "is in training", "Export the model for inference.")
    ratio = node.settings.get("ratio", 0.5)
    if node.input(1):
        ratio = float(row.setting(node.input(1), node).reshape(-1)[0])
    if not 0 <= ratio < 1:
        raise refused(node, f"drops a share of {ratio}; 0 to below 1 is accepted")
    row.add(Drop(float(ratio)))


def _softmax(row: Row, node: Node, x: str) -> None:
    """Softmax over a row's numbers."""
    rank, late = len(row.layout.shape), node.version >= 13
    axis = node.settings.get("axis", -1 if late else 1)
    axis = axis + rank if axis < 0 else axis
    whole = axis == len(row.layout.rows) and (not late or axis == rank - 1)
    if not whole and rank:
        raise refused(node, f"is over axis {axis} of {rank}, not over a row's numbers")
    row.add(Activate("softmax", str(node)))


def _hand_on(row: Row, node: Node, x: str) -> None:
    if not hands_on(node):
        raise refused(node, "makes other than floating-point numbers")


def _flatten(row: Row, node: Node, x: str) -> None:
    row.layout = flattened(row.layout, node)


def _reshape(row: Row, node: Node, x: str) -> None:
    if node.input(1) and (node.input(1) not in row.constants or node.input(0) != x):
        raise refused(node, "takes a shape that is not known before")
    target = row.constants[node.input(1)].ravel().tolist() if node.input(1) else node.settings.get("shape", [])
    row.layout = reshaped(row.layout, node, target)


def _axes(row: Row, node: Node) -> Array | None:
    if node.input(1) and node.input(1) not in row.constants:
        raise refused(node, "takes axes that are not known before")
    return row.constants[node.input(1)] if node.input(1) else None


def _squeeze(row: Row, node: Node, x: str) -> None:
    row.layout = squeezed(row.layout, node, _axes(row, node))


def _unsqueeze(row: Row, node: Node, x: str) -> None:
    row.layout = unsqueezed(row.layout, node, _axes(row, node))


def _transpose(row: Row, node: Node, x: str) -> None:
    rank = len(row.layout.shape)
    order = node.settings.get("perm") or list(range(rank))[::-1]
    if list(order) == [1, 0] and rank == 2:
        _columns(row, node)
    elif list(order) != list(range(rank)):
        raise refused(node, "puts a row's numbers into another order, or rows into columns")


READERS: Final[dict[str, Reader]] = {
    "BatchNormalization": _batch_norm,
    "Cast": _hand_on,
    "CastLike": _hand_on,
    "Dropout": _dropout,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "Identity": _hand_on,
    "MatMul": _matmul,
    "Reshape": _reshape,
    "Softmax": _softmax,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "ai.onnx.ml.Scaler": _scaler,
}
ARITHMETIC: Final[dict[str, Reader]] = {
    "Add": _add,
    "Div": _div,
    "Mul": _mul,
    "Sub": _sub,
}
RESHAPING: Final = frozenset({"Flatten", "Reshape", "Squeeze", "Unsqueeze"})
"""What keeps all numbers in their order."""

IN_PLACE: Final = RESHAPING | {"Identity", "Transpose"}
"""What whole numbers, too, may go through."""
