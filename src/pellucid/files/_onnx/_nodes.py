"""Nodes of a graph as plain Python, and the error for one that no dense network has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

from pellucid.errors import KindError, brief
from pellucid.files._onnx._library import library

_DOMAINS: Final = {"": "", "ai.onnx": "", "ai.onnx.ml": "ai.onnx.ml"}
"""By the names of domains, whose nodes these are: ONNX's own, and its annex of classical models."""


@final
@dataclass(frozen=True)
class Node:
    """A node: its operator and name, the tensors it takes and makes, and its settings.

    ``version``: of ONNX's operators in its model; ``place``: in the order of computing. An input that is left out is
    called "".
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: dict[str, Any]
    version: int
    place: int

    def __str__(self) -> str:
        return f"node {brief(repr(self.name), 100)} ({brief(self.op, 60)})"

    def input(self, place: int) -> str:
        """Return the name of an input, "" where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else ""


def nodes_of(graph: Any, versions: dict[str, int]) -> list[Node]:
    """Return the graph's nodes, in their order, which is one in which they can be computed."""
    return [_node(node, versions, place) for place, node in enumerate(graph.node)]


def _node(node: Any, versions: dict[str, int], place: int) -> Node:
    domain = _DOMAINS.get(node.domain)
    op = node.op_type if domain == "" else f"{node.domain if domain is None else domain}.{node.op_type}"
    return Node(
        op,
        node.name or node.output[0] if node.output else node.name,
        tuple(node.input),
        tuple(node.output),
        {attribute.name: _setting(attribute) for attribute in node.attribute},
        versions.get("", 1),
        place,
    )


def _setting(attribute: Any) -> Any:
    value = library().helper.get_attribute_value(attribute)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def refused(node: Node, why: str, next_step: str = "Export a model of dense layers alone.") -> KindError:
    """Return the error for a node that cannot be represented; ``why`` goes on after its name."""
    return KindError(f"The ONNX model's {node} {why}, so no network can be made of it. {next_step}")
