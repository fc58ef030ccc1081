"""Models of Keras and PyTorch, whichever it is, as one spec and vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from pellucid.core import Loss, Name, Spec
from pellucid.errors import SettingError
from pellucid.files._keras import is_keras, parts_of_keras
from pellucid.files._parts import assembled
from pellucid.files._torch import is_torch, parts_of_torch
from pellucid.files._torch_state import is_state, parts_of_state

__all__ = ["is_from_elsewhere", "parts_from_elsewhere"]


def is_from_elsewhere(model: object) -> bool:
    """Return whether this is a model of Keras's or PyTorch's, or a state dict."""
    return is_keras(model) or is_torch(model) or is_state(model)


def parts_from_elsewhere(
    model: Any,
    *,
    loss: str | Loss | None = None,
    classes: Sequence[Name] | None = None,
    targets: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
    activation: str | Sequence[str] | None = None,
) -> tuple[Spec, NDArray[Any]]:
    """Return spec and parameters of a model for which `is_from_elsewhere`.

    Raises
    ------
    KindError, SettingError, ShapeError
        It cannot be represented, or what is said of it contradicts it.
    """
    if is_state(model):
        width, parts, dtype = parts_of_state(model, activation)
    elif activation is not None:
        raise SettingError("activation belongs to state dicts; a model tells its own. Leave it out.")
    else:
        width, parts, dtype = parts_of_keras(model) if is_keras(model) else parts_of_torch(model)
    return assembled(width, parts, dtype=dtype, loss=loss, classes=classes, targets=targets, features=features)
