"""Which numbers of a tensor are a row's: its first axes are those of rows, the others those of a row's numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.files._onnx._constants import Shape, axes_of
from pellucid.files._onnx._nodes import Node, refused

Array = NDArray[Any]


class Layout(NamedTuple):
    """Lengths of the axes of rows, and of those of a row's numbers; None where the model leaves one open."""

    rows: Shape
    row: Shape

    @property
    def shape(self) -> Shape:
        """Of the whole tensor."""
        return self.rows + self.row

    @property
    def width(self) -> int | None:
        """How many numbers a row has."""
        return None if None in self.row else math.prod(n for n in self.row if n is not None)

    def one_for_each(self, constant: Array, node: Node) -> Array:
        """Return a constant that meets each row alike as one number, or one for each of a row's numbers.

        Raises
        ------
        KindError
            It differs from row to row, or makes a row longer.
        """
        if constant.size and (constant == constant.flat[0]).all() and constant.ndim <= len(self.shape):
            longer = any(n > 1 and known == 1 for n, known in zip(constant.shape[::-1], self.row[::-1], strict=False))
            if not longer:
                return constant.reshape(-1)[:1].reshape(())
        rank = len(self.shape)
        surplus = max(0, constant.ndim - rank)
        lengths = (1,) * (rank - constant.ndim) + constant.shape[surplus:]
        of_rows, of_row = lengths[: len(self.rows)], lengths[len(self.rows) :]
        fits = all(n in {1, known} or known is None for n, known in zip(of_row, self.row, strict=True))
        if any(n != 1 for n in constant.shape[:surplus] + of_rows) or not fits:
            raise refused(
                node,
                f"combines rows of shape {_told(self.row)} with a constant of shape {constant.shape}, which is not one "
                "for each of a row's numbers",
            )
        known_row = [n if known is None else known for n, known in zip(of_row, self.row, strict=True)]
        return np.broadcast_to(constant.reshape(of_row), known_row).reshape(-1)


def _told(lengths: Shape) -> str:
    return f"({', '.join('?' if n is None else str(n) for n in lengths)})"


def flattened(layout: Layout, node: Node) -> Layout:
    """Return the layout behind a Flatten."""
    axis, rank = node.settings.get("axis", 1), len(layout.shape)
    axis = axis + rank if axis < 0 else axis
    if axis != len(layout.rows):
        raise refused(node, f"flattens from axis {axis} on, in the midst of rows or of their numbers")
    return Layout((None,), (layout.width,))


def reshaped(layout: Layout, node: Node, target: Sequence[int]) -> Layout:
    """Return the layout behind a Reshape, which may not tear rows apart."""
    lengths: list[int | None] = [
        (layout.shape[place] if place < len(layout.shape) else None) if n == 0 else n for place, n in enumerate(target)
    ]
    for begin in (1, *(place for place in range(len(lengths) + 1) if place != 1)):
        row = lengths[begin:]
        whole = all(n is not None and n > 0 for n in row) and layout.width == math.prod(n or 0 for n in row)
        if begin <= len(lengths) and whole:
            rows = tuple(None if n == -1 else n for n in lengths[:begin])
            return Layout(rows, tuple(row))
    same_rows = len(lengths) == 2 and lengths[1] == -1 and len(layout.rows) == 1
    if same_rows and (target[0] == 0 or lengths[0] == layout.rows[0]):
        return Layout(layout.rows, (layout.width,))
    raise refused(node, f"makes {_told(layout.shape)} into {_told(tuple(lengths))}, which tears rows apart")


def squeezed(layout: Layout, node: Node, given: Array | None) -> Layout:
    """Return the layout without axes of length 1."""
    rank, axes = len(layout.shape), axes_of(node, given)
    left_out = (
        {place for place, n in enumerate(layout.shape) if n == 1} if axes is None else {axis % rank for axis in axes}
    )
    if any(layout.shape[axis] not in {1, None} for axis in left_out):
        raise refused(node, f"squeezes axes of {_told(layout.shape)} that are not 1 long")
    kept = [(place, n) for place, n in enumerate(layout.shape) if place not in left_out]
    begin = len(layout.rows)
    return Layout(tuple(n for place, n in kept if place < begin), tuple(n for place, n in kept if place >= begin))


def unsqueezed(layout: Layout, node: Node, given: Array | None) -> Layout:
    """Return the layout with further axes of length 1; between rows and their numbers, one of the numbers."""
    axes = axes_of(node, given) or []
    rank, begin = len(layout.shape) + len(axes), len(layout.rows)
    lengths: list[int | None] = list(layout.shape)
    for axis in sorted(axis % rank for axis in axes):
        lengths.insert(axis, 1)
        begin += axis < begin
    return Layout(tuple(lengths[:begin]), tuple(lengths[begin:]))
