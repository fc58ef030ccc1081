"""A graph in the making."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.files._onnx._library import library

Array = NDArray[Any]


class Board:
    """Nodes and constants of a graph in the making; a tensor is its name.

    Attributes
    ----------
    nodes, constants : lists of onnx.NodeProto and onnx.TensorProto
    dtype : of the numbers that the network computes with
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.dtype = dtype

    def constant(self, name: str, values: object, dtype: Any = None) -> str:
        """Set a constant down, of the network's dtype unless another is given, and return its name."""
        array = np.asarray(values, dtype=self.dtype if dtype is None else dtype)
        self.constants.append(library().numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape), name))
        return name

    def node(self, op: str, inputs: list[str], output: str, **settings: object) -> str:
        """Set a node down that makes the tensor ``output``, and return that."""
        self.nodes.append(library().helper.make_node(op, inputs, [output], name=output, **settings))
        return output
