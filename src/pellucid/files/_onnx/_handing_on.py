"""Layers that only hand numbers on, which stand where a model has an activation and no weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pellucid.errors import KindError
from pellucid.files._parts import OUTPUTS, Activate, Drop, Linear, Part, Scaling

_WIDEST: Final = 4_096
"""Of such layers, whose weights are the square of it."""


def ends_in_output(parts: Sequence[Part]) -> bool:
    """Return whether the last of the parts is an output function that a loss owns."""
    last = next((part for part in reversed(parts) if not isinstance(part, Drop)), None)
    return isinstance(last, Activate) and last.name in OUTPUTS


def with_a_layer(width: int, parts: list[Part]) -> list[Part]:
    """Return the parts of a model that has no layer and yet does something, with one that hands its inputs on."""
    if any(isinstance(part, Linear) for part in parts) or all(isinstance(part, Drop) for part in parts):
        return parts
    while isinstance(parts[-1], Drop):
        parts = parts[:-1]
    end = len(parts) - ends_in_output(parts)
    between = any(isinstance(part, Activate) for part in parts[:end])
    return parts if between else [*parts[:end], Linear(np.eye(width), np.zeros(width)), *parts[end:]]


def check_widths(width: int, parts: Sequence[Part]) -> None:
    """Raise where numbers would be handed on by so many weights that a small file could fill the memory."""
    if not any(isinstance(part, Linear) for part in parts) and width > _WIDEST:
        raise KindError(
            f"The ONNX model has no weights, and {width:,} inputs are too many for a layer that only hands them on; up "
            f"to {_WIDEST:,} are accepted. Give the model dense layers."
        )
    fresh, handed_on = False, 0
    for part in parts:
        if isinstance(part, Linear):
            width, fresh = len(part.b), True
        elif isinstance(part, Activate):
            handed_on += 0 if fresh else width**2
            if handed_on > _WIDEST**2:
                raise KindError(
                    f"The ONNX model's {part.of} follows no weights of its own. Layers that only hand numbers on would "
                    f"have {handed_on:,} weights; up to {_WIDEST**2:,} are accepted. Give the model dense layers."
                )
            fresh = False
        elif isinstance(part, Scaling) and not fresh and (np.asarray(part.factor) <= 0).any() and width > _WIDEST:
            raise KindError(
                f"The ONNX model scales {width:,} numbers behind an activation by factors that are not above 0; up to "
                f"{_WIDEST:,} are accepted. Fold them into the weights."
            )
