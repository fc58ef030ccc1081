"""The row of parts that a model's path is turned into, and what it is turned by: weights, factors and sums."""

from __future__ import annotations

from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.files._onnx._constants import Constants, weights_in
from pellucid.files._onnx._nodes import Node, refused
from pellucid.files._onnx._shapes import Layout
from pellucid.files._parts import Linear, Part, Scaled, Scaling

Array = NDArray[Any]

_SHARED: Final = 8
_ANYWAY: Final = 1 << 24
"""How often weights may be shared, on an average, and how many there may be anyway: each layer gets its own."""


@final
class Row:
    """Parts in the making.

    Parameters
    ----------
    constants : of the model
    layout : which numbers of the tensor at hand are a row's

    Attributes
    ----------
    parts : list of parts
    width : number of the model's inputs, or None as long as it is not known
    dtypes : types of the numbers that were met
    stored_as : what these types are called in the model, where halves are not read as float32 yet
    """

    def __init__(self, constants: Constants, layout: Layout) -> None:
        self.parts: list[Part] = []
        self.constants, self.layout = constants, layout
        self.width = layout.width
        self.dtypes: set[np.dtype[Any]] = set()
        self.stored_as: set[str] = set()
        self._without_bias = False
        self._n_weights = 0

    def add(self, part: Part) -> None:
        """Add a part."""
        self._without_bias = False
        self.parts.append(part)

    def constant(self, name: str, node: Node) -> Array:
        """Return a constant that a node computes with; raise where it is none."""
        array = self.setting(name, node)
        self.dtypes.add(array.dtype)
        self.stored_as.add(self.constants[name].dtype.name)
        return array

    def setting(self, name: str, node: Node) -> Array:
        """Return a constant that no numbers of the network are made of; raise where it is none."""
        if name not in self.constants:
            raise refused(node, "takes something else than a stored constant besides what it is given")
        return weights_in(self.constants[name], node)

    def linear(self, W: Array, b: Array | None, node: Node) -> None:
        """Add W·x + b; W of shape (n_out, n_in), and without b what is added next is the bias."""
        width = self.layout.width
        if len(self.layout.row) > 1 or width not in {None, W.shape[1]}:
            raise refused(node, f"has weights for {W.shape[1]} numbers where rows have the shape {self.layout.row}")
        self._n_weights += W.size
        if self._n_weights > _SHARED * self.constants.n_stored + _ANYWAY:
            raise refused(node, "uses weights again that so many others use that the network would fill the memory")
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
            self.scaling(each, np.zeros(()))

    def plus(self, plus: Array, node: Node, sign: int = 1) -> None:
        """Go on with x + plus, or x − plus, which may be a bias still missing."""
        each = self._each(plus, node)
        last = self.parts[-1] if self.parts else None
        if isinstance(last, Linear) and self._without_bias:
            self.parts[-1] = Linear(last.W, np.broadcast_to(sign * each, last.b.shape))
            self._without_bias = False
        elif isinstance(last, Scaling) and (np.asarray(last.plus) == 0).all():
            self.parts[-1] = Scaling(last.factor, sign * each)
        elif sign < 0:
            self.add(Scaled(each, np.ones(())))
        else:
            self.scaling(np.ones(()), each)

    def scaling(self, factor: Array, plus: Array) -> None:
        """Go on with x·factor + plus."""
        self.add(Scaling(factor, plus))

    def _each(self, constant: Array, node: Node) -> Array:
        each = self.layout.one_for_each(constant, node)
        if each.ndim and self.layout.width is None:
            self.layout = Layout(self.layout.rows, (len(each),) if len(self.layout.row) == 1 else self.layout.row)
            self.width = self.layout.width if self.width is None and not self._layers() else self.width
        return each

    def _layers(self) -> bool:
        return any(isinstance(part, Linear) for part in self.parts)
