"""Which activation some nodes compute: told by what they return for many numbers, however they are written.

One library writes gelu as a single node, another with erf, a third with a polynomial; softplus may be Log(Exp + 1).
A table of patterns would never be whole, and could mistake a constant. So the nodes are computed here, in float64, and
what they return is compared with every member of the family.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import ACTIVATIONS, softmax
from pellucid.files._onnx._constants import FLOATS, Constants, axes_of
from pellucid.files._onnx._nodes import Node
from pellucid.files._onnx._operators import ELEMENTWISE
from pellucid.files._onnx._path import Stretch

Array = NDArray[Any]

_NEAR: Final = np.concatenate([np.linspace(-12, 12, 97), [1e-6, 1e-3, -1e-3, 20, -20, 50, -50]])
_FAR: Final = np.array([500.0, -500.0, 1e4, -1e4, 1e30, -1e30])
"""Where a power may overflow in what is a right formula otherwise, so that what is not finite says nothing."""
_PROBES: Final = np.concatenate([_NEAR, _FAR])

_ROWS: Final = _NEAR[:100].reshape(20, 5)
"""What tells functions of whole rows."""

_TOLERANCE: Final = 1e-6
"""Of constants that went through float32; other functions of this kind differ by 10⁻³ or more."""


def hands_on(node: Node) -> bool:
    """Return whether a node hands its numbers on as they are, but for their floating-point type."""
    to = node.settings.get("to")
    return node.op in {"CastLike", "Identity"} or (node.op == "Cast" and (to in FLOATS or str(to).lower() in _NAMES))


_NAMES: Final = {*FLOATS.values(), "float", "double"}
"""By which the first versions named a type."""


def activation_in(ahead: Sequence[Stretch], constants: Constants) -> tuple[str, int] | None:
    """Return which activation, or "exp", as many stretches as can be compute number by number, and how many they are.

    None: they compute none.
    """
    answers = _answers(ahead, constants, _PROBES)
    names, known = _known()
    for taken in range(len(answers), 0, -1):
        found = answers[taken - 1]
        if np.isfinite(found[: len(_NEAR)]).all():
            near = (_apart(found, known) <= _TOLERANCE) | ~np.isfinite(found)
            if near.all(axis=1).any():
                return names[int(near.all(axis=1).argmax())], taken
    return None


def straight_line_in(stretch: Stretch, constants: Constants) -> tuple[float, float] | None:
    """Return factor and plus where a stretch computes x·factor + plus, the same for every number; else None."""
    answers = _answers([stretch], constants, _PROBES)
    if not answers or not np.isfinite(answers[0]).all():
        return None
    at_0, at_1 = (float(answers[0][_PROBES.tolist().index(x)]) for x in (0.0, 1.0))
    line = _PROBES * (at_1 - at_0) + at_0
    return (at_1 - at_0, at_0) if np.allclose(answers[0], line, rtol=1e-12, atol=1e-12) else None


def softmax_in(ahead: Sequence[Stretch], constants: Constants, rank: int) -> int:
    """Return how many stretches compute the softmax over the last axis of tensors of this rank; 0 where none do."""
    answers = _answers(ahead, constants, _ROWS, rank)
    expected = softmax(_ROWS)
    return next(
        (taken for taken, found in enumerate(answers, start=1) if (_apart(found, expected) <= _TOLERANCE).all()), 0
    )


def _apart(answers: Array, known: Array) -> Array:
    """Return how far answers are from what is known, relative to it where that is above 1; far where it is infinite."""
    with np.errstate(all="ignore"):
        apart = np.abs(answers - known) / np.maximum(1, np.abs(known))
    return np.where(np.isfinite(apart), apart, np.inf)


@cache
def _known() -> tuple[list[str], Array]:
    """Return what each activation makes of the probes, a row for each name."""
    with np.errstate(all="ignore"):
        known = {name: member.function(_PROBES) for name, member in ACTIVATIONS.items() if name != "identity"}
        known["exp"] = np.exp(_PROBES)
    return list(known), np.array(list(known.values()))


def _answers(ahead: Sequence[Stretch], constants: Constants, probes: Array, rank: int = 0) -> list[Array]:
    """Return what each stretch makes of the probes, as long as stretches treat every number alike.

    ``rank``: of the tensors, where rows may be reduced over the last axis; 0: they may not.
    """
    values: dict[str, Array] = {ahead[0].start: probes}
    answers: list[Array] = []
    for stretch in ahead:
        for node in stretch.nodes:
            found = _answer(node, values, constants, rank)
            if found is None or found.shape not in {probes.shape, (*probes.shape[:-1], 1)}:
                return answers
            values[node.outputs[0]] = found
        if values[stretch.end].shape != probes.shape:
            return answers
        answers.append(values[stretch.end].astype(np.float64))
    return answers


def _answer(node: Node, values: Mapping[str, Array], constants: Constants, rank: int) -> Array | None:
    inputs = [values[name] if name in values else _one_number(name, constants) for name in node.inputs]
    if rank and node.op in _REDUCERS:
        return _reduced(node, inputs, constants, rank)
    if any(name and given is None for name, given in zip(node.inputs, inputs, strict=True)):
        return None
    return _of(node, inputs)


_REDUCERS: Final[dict[str, Any]] = {"ReduceMax": np.max, "ReduceSum": np.sum}


def _reduced(node: Node, inputs: Sequence[Any], constants: Constants, rank: int) -> Array | None:
    given = node.input(1)
    if inputs[0] is None or (given and given not in constants):
        return None
    axes = axes_of(node, constants[given] if given else None)
    if axes not in ([-1], [rank - 1]) or not node.settings.get("keepdims", 1):
        return None
    return np.asarray(_REDUCERS[node.op](inputs[0], axis=-1, keepdims=True))


def _of(node: Node, inputs: Sequence[Any]) -> Array | None:
    if hands_on(node):
        return np.asarray(inputs[0], dtype=np.float64)
    if node.op not in ELEMENTWISE:
        return None
    try:
        with np.errstate(all="ignore"):
            return np.asarray(ELEMENTWISE[node.op](node.settings, *inputs))
    except (TypeError, ValueError, OverflowError):
        return None


def _one_number(name: str, constants: Constants) -> Array | None:
    """Return a constant that is the same for every number, of those that are left out None as it stands for."""
    if name not in constants:
        return None
    array = constants[name]
    if array.dtype.kind not in "fiub" or not array.size or (array != array.flat[0]).any():
        return None
    one = array.reshape(-1)[:1][0]
    return np.asarray(one if array.dtype.kind == "b" else np.float64(one))
