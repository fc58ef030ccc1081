"""A model's main path as a row of parts of a dense network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import KindError, brief
from pellucid.files._onnx._constants import FLOATS, Constants, weights_in
from pellucid.files._onnx._nodes import Node, refused
from pellucid.files._onnx._operators import ELEMENTWISE
from pellucid.files._onnx._path import Path, Stretch
from pellucid.files._onnx._recognition import activation_in, hands_on, straight_line_in
from pellucid.files._onnx._shapes import Layout, flattened, reshaped, squeezed, unsqueezed
from pellucid.files._parts import Activate, Drop, Linear, Part, Scaled, Scaling

Array = NDArray[Any]

_LONGEST: Final = 8
"""How many stretches one behind another are tried as one activation."""


@final
class Walk:
    """What was met on the way so far.

    Attributes
    ----------
    parts : list of parts
    width : number of the model's inputs, or None as long as it is not known
    layout : which numbers of the tensor at hand are a row's
    dtypes : types of the weights that were met
    """

    def __init__(self, path: Path) -> None:
        self.parts: list[Part] = []
        self.constants: Constants = path.constants
        self.layout = _layout(path)
        self.width = self.layout.width
        self.dtypes: set[np.dtype[Any]] = set()
        self._without_bias = False
        self._floats = path.kind in FLOATS

    def go(self, stretches: Sequence[Stretch]) -> None:
        """Go through stretches, one or several at a time, to their end."""
        place = 0
        while place < len(stretches):
            place += self._step(stretches[place : place + _LONGEST])
            self.constants.shapes[stretches[place - 1].end] = self.layout.shape

    def _step(self, ahead: Sequence[Stretch]) -> int:
        """Go on with what lies ahead; return how many stretches were taken."""
        first = ahead[0].nodes[0]
        self._check_kind(ahead[0])
        if len(ahead[0].nodes) == 1 and first.op in _READERS:
            _READERS[first.op](self, first, ahead[0].start)
            return 1
        taken = self._activation(ahead)
        if taken:
            return taken
        if len(ahead[0].nodes) == 1 and first.op in _ARITHMETIC:
            _ARITHMETIC[first.op](self, first, ahead[0].start)
            return 1
        line = straight_line_in(ahead[0].nodes, ahead[0].start, ahead[0].end, self.constants)
        if line is not None:
            self._scaling(np.asarray(line[0]), np.asarray(line[1]))
        elif not self._no_and_yes(ahead[0]):
            raise _refused(ahead[0])
        return 1

    def _check_kind(self, stretch: Stretch) -> None:
        """Raise where whole numbers would be computed with; a Cast, or a Scaler, makes others of them."""
        node = stretch.nodes[0]
        if node.op in {"Cast", "ai.onnx.ml.Scaler"}:
            self._floats = True
        elif not self._floats and node.op not in _IN_PLACE:
            raise refused(node, "computes with whole numbers", "Let the model take floating-point numbers.")

    def _activation(self, ahead: Sequence[Stretch]) -> int:
        """Add an activation that some of the stretches make, as many as can be; return how many."""
        for taken in range(len(ahead), 0, -1):
            nodes = [node for stretch in ahead[:taken] for node in stretch.nodes]
            name = activation_in(nodes, ahead[0].start, ahead[taken - 1].end, self.constants)
            if name is not None:
                self.add(Activate(name, str(nodes[-1])))
                return taken
        return 0

    def _no_and_yes(self, stretch: Stretch) -> bool:
        """Return whether the stretch puts 1 − p before p, the probabilities of no and yes; it changes nothing."""
        last = self.parts[-1] if self.parts else None
        ops = [node.op for node in stretch.nodes]
        if (
            ops != ["Sub", "Concat"]
            or not isinstance(last, Activate)
            or last.name != "sigmoid"
            or self.layout.width != 1
        ):
            return False
        minus, both = stretch.nodes
        whole = minus.input(0) in self.constants and (self.constants[minus.input(0)] == 1).all()
        right = minus.input(1) == stretch.start and both.inputs == (minus.outputs[0], stretch.start)
        return bool(whole and right and both.settings.get("axis") in {-1, len(self.layout.shape) - 1})

    # Parts

    def add(self, part: Part) -> None:
        """Add a part."""
        self._without_bias = False
        self.parts.append(part)

    def constant(self, name: str, node: Node) -> Array:
        """Return a constant that a node computes with; raise where it is none."""
        if name not in self.constants:
            raise refused(node, "takes something else than a stored constant besides what it is given")
        array = weights_in(self.constants[name], node)
        self.dtypes.add(array.dtype)
        return array

    def linear(self, W: Array, b: Array | None, node: Node) -> None:
        """Add W·x + b; W of shape (n_out, n_in), and without b what is added next is the bias."""
        width = self.layout.width
        if len(self.layout.row) > 1 or width not in {None, W.shape[1]}:
            raise refused(node, f"has weights for {W.shape[1]} numbers where rows have the shape {self.layout.row}")
        if self.width is None and not self.parts:
            self.width = W.shape[1]
        self.add(Linear(W, np.zeros(len(W), dtype=W.dtype) if b is None else b))
        self._without_bias = b is None
        self.layout = Layout(self.layout.rows, (len(W),))

    def factor(self, factor: Array, node: Node) -> None:
        """Go on with x·factor."""
        each = self._each(factor, node)
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Scaled) and (np.asarray(last.scale) == 1).all():
            self.parts[-1] = Scaled(last.shift, each)
        else:
            self._scaling(each, np.zeros(()))

    def plus(self, plus: Array, node: Node, sign: int = 1) -> None:
        """Go on with x + plus, or x − plus, which may be a bias still missing."""
        each = self._each(plus, node)
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Linear) and self._without_bias:
            self.add(Linear(last.W, np.broadcast_to(sign * each, last.b.shape)))
        elif isinstance(last, Scaling) and (np.asarray(last.plus) == 0).all():
            self.parts[-1] = Scaling(last.factor, sign * each)
        elif sign < 0:
            self.add(Scaled(each, np.ones(())))
        else:
            self._scaling(np.ones(()), each)

    def _scaling(self, factor: Array, plus: Array) -> None:
        self.add(Scaling(factor, plus))

    def _each(self, constant: Array, node: Node) -> Array:
        each = self.layout.one_for_each(constant, node)
        if each.ndim and self.layout.width is None:
            self.layout = Layout(self.layout.rows, (len(each),) if len(self.layout.row) == 1 else self.layout.row)
            self.width = self.layout.width if self.width is None and not self._layers() else self.width
        return each

    def _layers(self) -> bool:
        return any(isinstance(part, Linear) for part in self.parts)


def _refused(stretch: Stretch) -> KindError:
    """Return the error for a stretch that is nothing of a dense network's."""
    if len(stretch.nodes) == 1:
        return _refused_node(stretch.nodes[0])
    first, last = stretch.nodes[0], stretch.nodes[-1]
    return refused(
        first, f"begins branches that meet again in the {last}, and that are together no activation of Pellucid's"
    )


def _refused_node(node: Node) -> KindError:
    settings = ", ".join(f"{name}={brief(value, 40)}" for name, value in sorted(node.settings.items()))
    if node.op == "LogSoftmax":
        return refused(node, "shows logarithms", "Take it off the model, and give loss='cross_entropy'.")
    if node.op in ELEMENTWISE:
        return refused(node, f"{f'with {settings} ' if settings else ''}is no activation of Pellucid's")
    return refused(node, "is nothing that a dense network has")


def _layout(path: Path) -> Layout:
    """Return which axes of the input are those of rows: what first treats several of them says so."""
    shape = path.shape
    begin = int(len(shape) > 1)
    for stretch in path.stretches:
        node = stretch.nodes[0]
        if len(stretch.nodes) > 1 or node.op not in _DECIDING:
            continue
        begin = _DECIDING[node.op](node, len(shape))
        break
    return Layout(shape[:begin], shape[begin:])


def _last_axis(node: Node, rank: int) -> int:
    return max(0, rank - 1)


def _second_axis(node: Node, rank: int) -> int:
    return min(1, rank)


def _flattened_from(node: Node, rank: int) -> int:
    axis: int = node.settings.get("axis", 1)
    return min(rank, max(0, axis + rank if axis < 0 else axis))


def _of_softmax(node: Node, rank: int) -> int:
    return _last_axis(node, rank) if node.version >= 13 else _flattened_from(node, rank)


_DECIDING: Final[dict[str, Callable[[Node, int], int]]] = {
    "Flatten": _flattened_from,
    "Gemm": _second_axis,
    "MatMul": _last_axis,
    "Reshape": _second_axis,
    "Softmax": _of_softmax,
}


# Operators


def _gemm(walk: Walk, node: Node, x: str) -> None:
    """Gemm: α·X·B + β·C."""
    if node.input(0) != x or node.input(1) not in walk.constants:
        raise refused(node, "multiplies from the left, so that samples are columns")
    if node.settings.get("transA", 0):
        _columns(walk, node)
    B = walk.constant(node.input(1), node)
    W = B if node.settings.get("transB", 0) else B.T
    alpha, beta = node.settings.get("alpha", 1.0), node.settings.get("beta", 1.0)
    b = _bias(walk, node, len(W)) if node.input(2) else None
    if b is not None and beta != 1:
        b = b * b.dtype.type(beta)
    walk.linear(W if alpha == 1 else W * W.dtype.type(alpha), b, node)


def _bias(walk: Walk, node: Node, width: int) -> Array:
    C = walk.constant(node.input(2), node)
    rows = C.reshape(-1, *(C.shape[-1:] or (1,)))
    if rows.shape[1] not in {1, width} or len(rows) == 0 or (rows != rows[0]).any():
        raise refused(node, f"adds a bias of shape {C.shape}, which differs from row to row")
    return np.array(np.broadcast_to(rows[0], (width,)))


def _columns(walk: Walk, node: Node) -> None:
    """Take the samples, so far columns, as rows; raise where they were rows of something before."""
    layout = walk.layout
    if walk.parts or len(layout.rows) != 1 or len(layout.row) != 1:
        raise refused(node, "turns rows into columns")
    walk.layout = Layout(layout.row, layout.rows)
    walk.width = walk.layout.width


def _matmul(walk: Walk, node: Node, x: str) -> None:
    """MatMul: X·B."""
    if node.input(0) != x or node.input(1) not in walk.constants:
        raise refused(node, "multiplies from the left, so that samples are columns")
    B = walk.constant(node.input(1), node)
    if B.ndim > 2 and set(B.shape[:-2]) == {1}:
        B = B.reshape(B.shape[-2:])
    if B.ndim not in {1, 2}:
        raise refused(node, f"multiplies by a stack of matrices, of shape {B.shape}")
    walk.linear(B.reshape(len(B), -1).T, None, node)


def _aligned(walk: Walk, node: Node, constant: Array) -> Array:
    """Return a constant whose axes stand where the first versions' setting ``axis`` puts them."""
    axis = node.settings.get("axis")
    if axis is None or node.version >= 7:
        return constant
    behind = len(walk.layout.shape) - axis % max(1, len(walk.layout.shape)) - constant.ndim
    return constant.reshape(constant.shape + (1,) * max(0, behind))


def _other(walk: Walk, node: Node, x: str) -> tuple[Array, bool]:
    """Return the constant that a node of two inputs computes with, and whether it stands first."""
    first = node.input(0) != x
    return _aligned(walk, node, walk.constant(node.input(0 if first else 1), node)), first


def _add(walk: Walk, node: Node, x: str) -> None:
    walk.plus(_other(walk, node, x)[0], node)


def _sub(walk: Walk, node: Node, x: str) -> None:
    constant, first = _other(walk, node, x)
    if first:
        walk.factor(-np.ones((), dtype=constant.dtype), node)
    walk.plus(constant, node, 1 if first else -1)


def _mul(walk: Walk, node: Node, x: str) -> None:
    walk.factor(_other(walk, node, x)[0], node)


def _div(walk: Walk, node: Node, x: str) -> None:
    constant, first = _other(walk, node, x)
    if first or (constant == 0).any():
        raise refused(node, "divides by what it is given, or by 0")
    walk.factor(1 / constant.astype(np.float64), node)


def _batch_norm(walk: Walk, node: Node, x: str) -> None:
    """BatchNormalization: (x − mean) / √(var + ε)·scale + B, for each channel."""
    if node.settings.get("training_mode", 0) or len([name for name in node.outputs if name]) > 1:
        raise refused(node, "is in training", "Export the model for inference.")
    scale, B, mean, var = (walk.constant(node.input(place), node).astype(np.float64) for place in range(1, 5))
    with np.errstate(all="ignore"):
        factor = scale / np.sqrt(var + node.settings.get("epsilon", 1e-5))
        plus = B - mean * factor
    behind = (1,) * max(0, len(walk.layout.shape) - 2)
    walk.factor(factor.reshape(factor.shape + behind), node)
    walk.plus(plus.reshape(plus.shape + behind), node)


def _scaler(walk: Walk, node: Node, x: str) -> None:
    """Scaler of ai.onnx.ml: (x − offset)·scale."""
    offset, scale = (
        np.asarray(node.settings.get(name, default), np.float64)
        for name, default in (("offset", [0.0]), ("scale", [1.0]))
    )
    walk.plus(offset, node, -1)
    walk.factor(scale, node)


def _dropout(walk: Walk, node: Node, x: str) -> None:
    """Dropout, which does nothing in inference; its rate is kept for training on."""
    training = node.input(2) and (node.input(2) not in walk.constants or walk.constants[node.input(2)].any())
    if training or (node.version < 7 and not node.settings.get("is_test", 0)):
        raise refused(node, "is in training", "Export the model for inference.")
    ratio = node.settings.get("ratio", 0.5)
    if node.input(1):
        ratio = float(walk.constant(node.input(1), node).reshape(-1)[0])
    if not 0 <= ratio < 1:
        raise refused(node, f"drops a share of {ratio}; 0 to below 1 is accepted")
    walk.add(Drop(float(ratio)))


def _softmax(walk: Walk, node: Node, x: str) -> None:
    """Softmax over a row's numbers."""
    rank, late = len(walk.layout.shape), node.version >= 13
    axis = node.settings.get("axis", -1 if late else 1)
    axis = axis + rank if axis < 0 else axis
    whole = axis == len(walk.layout.rows) and (not late or axis == rank - 1)
    if not whole and rank:
        raise refused(node, f"is over axis {axis} of {rank}, not over a row's numbers")
    walk.add(Activate("softmax", str(node)))


def _hand_on(walk: Walk, node: Node, x: str) -> None:
    if not hands_on(node):
        raise refused(node, "makes other than floating-point numbers")


def _flatten(walk: Walk, node: Node, x: str) -> None:
    walk.layout = flattened(walk.layout, node)


def _reshape(walk: Walk, node: Node, x: str) -> None:
    if node.input(1) and (node.input(1) not in walk.constants or node.input(0) != x):
        raise refused(node, "takes a shape that is not known before")
    target = walk.constants[node.input(1)].ravel().tolist() if node.input(1) else node.settings.get("shape", [])
    walk.layout = reshaped(walk.layout, node, target)


def _axes(walk: Walk, node: Node) -> Array | None:
    if node.input(1) and node.input(1) not in walk.constants:
        raise refused(node, "takes axes that are not known before")
    return walk.constants[node.input(1)] if node.input(1) else None


def _squeeze(walk: Walk, node: Node, x: str) -> None:
    walk.layout = squeezed(walk.layout, node, _axes(walk, node))


def _unsqueeze(walk: Walk, node: Node, x: str) -> None:
    walk.layout = unsqueezed(walk.layout, node, _axes(walk, node))


def _transpose(walk: Walk, node: Node, x: str) -> None:
    rank = len(walk.layout.shape)
    order = node.settings.get("perm") or list(range(rank))[::-1]
    if list(order) == [1, 0] and rank == 2:
        _columns(walk, node)
    elif list(order) != list(range(rank)):
        raise refused(node, "puts a row's numbers into another order, or rows into columns")


_READERS: Final[dict[str, Callable[[Walk, Node, str], None]]] = {
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
_ARITHMETIC: Final[dict[str, Callable[[Walk, Node, str], None]]] = {
    "Add": _add,
    "Div": _div,
    "Mul": _mul,
    "Sub": _sub,
}
_IN_PLACE: Final = {"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"}
"""What whole numbers, too, may go through."""
