"""The way along a model's main path: stretch after stretch becomes a part of a dense network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, final

import numpy as np

from pellucid.errors import KindError, PellucidError, brief
from pellucid.files._onnx._constants import FLOATS
from pellucid.files._onnx._nodes import Node, refused
from pellucid.files._onnx._operators import ELEMENTWISE
from pellucid.files._onnx._path import Path, Stretch
from pellucid.files._onnx._readers import ARITHMETIC, IN_PLACE, READERS, RESHAPING, Reader
from pellucid.files._onnx._recognition import activation_in, softmax_in, straight_line_in
from pellucid.files._onnx._row import Row
from pellucid.files._onnx._shapes import Layout
from pellucid.files._parts import Activate

_LONGEST: Final = 6
"""How many stretches one behind another are tried as one activation."""


def row_of(path: Path) -> Row:
    """Return the row of parts that a path is.

    Raises
    ------
    KindError
        Something on it is nothing of a dense network's; the node is named.
    """
    return _Walk(path).row


@final
class _Walk:
    """Where one is on the path, and the row of parts so far."""

    def __init__(self, path: Path) -> None:
        self.row = Row(path.constants, _layout(path))
        self._floats = path.kind in FLOATS
        self._ended = False
        stretches, place = path.stretches, 0
        if stretches and stretches[-1].nodes[-1].op in RESHAPING:
            stretches = stretches[:-1]  # how the numbers of the prediction are laid out in the end
        while place < len(stretches):
            place += self._step(stretches[place : place + _LONGEST])
            path.constants.shapes[stretches[place - 1].end] = self.row.layout.shape

    def _step(self, ahead: Sequence[Stretch]) -> int:
        """Go on with what lies ahead; return how many stretches were taken."""
        first = ahead[0].nodes[0]
        self._check_kind(ahead[0])
        if self._ended and first.op not in IN_PLACE:
            raise refused(first, "goes on after the probabilities of no and yes")
        if len(ahead[0].nodes) == 1 and first.op in READERS:
            self._read(READERS[first.op], first, ahead[0].start)
            return 1
        taken = self._activation(ahead)
        if taken:
            return taken
        if len(ahead[0].nodes) == 1 and first.op in ARITHMETIC:
            self._read(ARITHMETIC[first.op], first, ahead[0].start)
            return 1
        line = straight_line_in(ahead[0], self.row.constants)
        if line is not None:
            self.row.scaling(np.asarray(line[0]), np.asarray(line[1]))
        elif not self._no_and_yes(ahead[0]):
            raise _refused(ahead[0])
        return 1

    def _read(self, reader: Reader, node: Node, start: str) -> None:
        """Go on by a node; refuse it where its settings or constants are none that its operator can have."""
        try:
            reader(self.row, node, start)
        except PellucidError:
            raise
        except (TypeError, ValueError, IndexError, KeyError, AttributeError, ArithmeticError) as error:
            raise refused(node, f"cannot be read ({brief(error)})", "Get a fresh copy of the file.") from None

    def _check_kind(self, stretch: Stretch) -> None:
        """Raise where whole numbers would be computed with; a Cast, or a Scaler, makes others of them."""
        node = stretch.nodes[0]
        if node.op in {"Cast", "ai.onnx.ml.Scaler"}:
            self._floats = True
        elif not self._floats and node.op not in IN_PLACE:
            raise refused(node, "computes with whole numbers", "Let the model take floating-point numbers.")

    def _activation(self, ahead: Sequence[Stretch]) -> int:
        """Add an activation that some of the stretches make, as many as can be; return how many."""
        found = activation_in(ahead, self.row.constants)
        if found is None:
            return self._softmax(ahead)
        name, taken = found
        self.row.add(Activate(name, str(ahead[taken - 1].nodes[-1])))
        return taken

    def _softmax(self, ahead: Sequence[Stretch]) -> int:
        """Add a softmax that some of the stretches make out of other operators; return how many."""
        rank = len(self.row.layout.shape) if len(self.row.layout.row) == 1 else 0
        if not rank or ahead[0].nodes[0].op not in {"ReduceMax", "Exp"}:
            return 0
        taken = softmax_in(ahead, self.row.constants, rank)
        if taken:
            self.row.add(Activate("softmax", str(ahead[taken - 1].nodes[-1])))
        return taken

    def _no_and_yes(self, stretch: Stretch) -> bool:
        """Return whether the stretch puts 1 − p before p, the probabilities of no and yes; it changes nothing."""
        last = self.row.parts[-1] if self.row.parts else None
        ops = [node.op for node in stretch.nodes]
        if (
            ops != ["Sub", "Concat"]
            or not isinstance(last, Activate)
            or last.name != "sigmoid"
            or self.row.layout.width != 1
        ):
            return False
        minus, both = stretch.nodes
        whole = minus.input(0) in self.row.constants and (self.row.constants[minus.input(0)] == 1).all()
        right = minus.input(1) == stretch.start and both.inputs == (minus.outputs[0], stretch.start)
        self._ended = bool(whole and right and both.settings.get("axis") in {-1, len(self.row.layout.shape) - 1})
        self.row.layout = Layout(self.row.layout.rows, (2,))
        return self._ended


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
        if node.op in _DECIDING:
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
    "ReduceMax": _last_axis,
    "Reshape": _second_axis,
    "Softmax": _of_softmax,
}
