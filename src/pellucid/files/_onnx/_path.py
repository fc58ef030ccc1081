"""The way of a graph from its one input to what it predicts: stretches between which one tensor is handed on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from pellucid.errors import KindError, brief
from pellucid.files._onnx._constants import FLOATS, Constants, Shape
from pellucid.files._onnx._nodes import Node, nodes_of

_LABELLING: Final = frozenset(
    {"ArgMax", "ai.onnx.ml.ArrayFeatureExtractor", "ai.onnx.ml.LabelEncoder", "ai.onnx.ml.ZipMap"}
)
_AFTER_LABELS: Final = _LABELLING | {"Cast", "Gather", "Identity", "Reshape", "Squeeze", "Unsqueeze"}
"""What makes names of probabilities, and what may stand behind it."""


class Stretch(NamedTuple):
    """Nodes between two tensors through which everything passes.

    Attributes
    ----------
    nodes : in the order of computing; mostly one, several where branches part and meet again
    start, end : names of the tensors
    """

    nodes: tuple[Node, ...]
    start: str
    end: str


class Path(NamedTuple):
    """A model's main path.

    Attributes
    ----------
    stretches : from the input to the prediction
    constants : tensors that do not depend on the input
    shape : the input's
    kind : number of its type in ONNX
    labels : nodes that take what lies on the path, and are not on it
    names_likeliest : whether the model shows nothing but the likeliest class
    """

    stretches: list[Stretch]
    constants: Constants
    shape: Shape
    kind: int
    labels: list[Node]
    names_likeliest: bool


def path_of(model: Any) -> Path:
    """Return the main path of a model that was checked.

    Raises
    ------
    KindError
        It has several inputs, or several outputs none of which is made from the others, or none of them depends on
        the input.
    """
    graph = model.graph
    nodes = nodes_of(
        graph, {given.domain if given.domain != "ai.onnx" else "": given.version for given in model.opset_import}
    )
    stored = {tensor.name: tensor for tensor in graph.initializer}
    given = {value.name: value.type.tensor_type for value in graph.input if value.name not in stored}
    made = {output: node for node in nodes for output in node.outputs if output}
    live = _live(nodes, given)
    end, names_likeliest = _prediction(graph, made, live)
    way = _before(end, made, live)
    inputs = sorted({name for node in way for name in node.inputs if name in given} | ({end} & given.keys()))
    if len(inputs) != 1:
        raise KindError(
            f"The ONNX model's prediction depends on {len(inputs)} inputs ({brief(', '.join(inputs)) or 'none'}); a "
            "dense network has one. Join them outside the model, or store what is constant in it."
        )
    start = inputs[0]
    constants = Constants(stored, made, live)
    shape = _shape(given[start])
    constants.shapes[start] = shape
    on_way = {id(node) for node in way}
    labels = [node for node in nodes if id(node) not in on_way and any(name in live for name in node.inputs)]
    kind = given[start].elem_type
    return Path(_stretches(way, start, end, live), constants, shape, kind, labels, names_likeliest)


def _shape(kind: Any) -> Shape:
    if not kind.HasField("shape"):
        return (None, None)
    return tuple(dim.dim_value if dim.HasField("dim_value") and dim.dim_value > 0 else None for dim in kind.shape.dim)


def _live(nodes: Sequence[Node], given: Iterable[str]) -> set[str]:
    """Return the names of the tensors that depend on the input, by more than its shape and type."""
    live = set(given)
    for node in nodes:
        by_value = () if node.op == "Shape" else node.inputs[:1] if node.op == "CastLike" else node.inputs
        if any(name in live for name in by_value):
            live.update(node.outputs)
    return live


def _prediction(graph: Any, made: dict[str, Node], live: set[str]) -> tuple[str, bool]:
    """Return the tensor that is the prediction, and whether the model shows its likeliest class alone.

    It is the output that is made from all others, where labels count as what they are read from.
    """
    shown, labels = [], []
    for output in graph.output:
        if output.type.HasField("tensor_type") and output.type.tensor_type.elem_type in FLOATS:
            shown.append(output.name)
            continue
        node = made.get(output.name)
        while node is not None and node.op in _AFTER_LABELS and node.op != "ArgMax":
            taken = next((name for name in node.inputs if name in live), "")
            if node.op == "ai.onnx.ml.ZipMap":
                shown.append(taken)
                break
            node = made.get(taken)
        if node is not None and node.op == "ArgMax":
            labels.append(node.input(0))
    candidates = [name for name in shown or labels if name in live]
    if not candidates:
        raise KindError(
            "None of the ONNX model's outputs is made of floating-point numbers from its input; a network's is. Let "
            "the model show what it predicts."
        )
    last = max(candidates, key=lambda name: made[name].place if name in made else -1)
    before = {name for node in _before(last, made, live) for name in node.inputs}
    if before.issuperset(set(candidates) - {last}):
        return last, not shown
    raise KindError(
        f"The ONNX model has the outputs {brief(', '.join(candidates))}, none of which is made from all others; a "
        "dense network has one. Leave the others out."
    )


def _before(end: str, made: dict[str, Node], live: set[str]) -> list[Node]:
    """Return the nodes through which a tensor depends on the input, in the order of computing."""
    found: dict[int, Node] = {}
    waiting = [end]
    while waiting:
        node = made.get(waiting.pop())
        if node is not None and id(node) not in found:
            found[id(node)] = node
            waiting += [name for name in node.inputs if name in live]
    return sorted(found.values(), key=lambda node: node.place)


def _stretches(way: Sequence[Node], start: str, end: str, live: set[str]) -> list[Stretch]:
    """Part the way where a single tensor is all that what follows takes."""
    last_use = {name: place for place, node in enumerate(way) for name in node.inputs if name in live}
    last_use[end] = len(way)
    used_up: dict[int, list[str]] = {}
    for name, place in last_use.items():
        used_up.setdefault(place, []).append(name)
    found: list[Stretch] = []
    begin, taken, waiting = 0, start, {start}
    for place, node in enumerate(way):
        waiting.update(name for name in node.outputs if last_use.get(name, -1) > place)
        waiting.difference_update(used_up.get(place, ()))
        if len(waiting) == 1:
            (handed_on,) = waiting
            found.append(Stretch(tuple(way[begin : place + 1]), taken, handed_on))
            begin, taken = place + 1, handed_on
    return found
