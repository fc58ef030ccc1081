"""Half precision in the midst of a model: numbers of more digits that are rounded to halves on the way."""

from __future__ import annotations

from typing import Final

import numpy as np

from pellucid.files._onnx._constants import FLOATS, Constants
from pellucid.files._onnx._nodes import Node, refused
from pellucid.files._onnx._path import Path
from pellucid.files._onnx._row import Row

_HALVES: Final = {"float16", "bfloat16"}


def check_digits(path: Path, row: Row) -> None:
    """Raise where a node rounds to halves what the network would go on with whole.

    Where all weights are halves, the model is one of halves, whose computing in float32 is what is promised of it.

    Raises
    ------
    KindError
        The node is named.
    """
    known = row.stored_as or {FLOATS.get(path.kind, "")}
    if known <= _HALVES or not row.parts:
        return
    for stretch in path.stretches:
        for node in stretch.nodes:
            kind = _made(node, path.constants)
            if kind in _HALVES:
                raise refused(
                    node,
                    f"rounds to {kind} between weights of more digits, which a network of Pellucid's does not",
                    "Take it out of the model, or convert the whole model to float32.",
                )


def _made(node: Node, constants: Constants) -> str:
    """Return the type that a node casts to; "" where it casts to none that is known."""
    if node.op == "Cast":
        to = node.settings.get("to")
        return FLOATS.get(to, "") if isinstance(to, int) else str(to).lower()
    if node.op == "CastLike" and node.input(1) in constants:
        return str(np.asarray(constants[node.input(1)]).dtype.name)
    return ""
