"""A state dict of PyTorch's, which holds weights by name and nothing of what stands between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from pellucid.core import activation_of
from pellucid.errors import KindError, SettingError, brief
from pellucid.files._parts import Activate, Linear, Part, Scaled, Scaling
from pellucid.files._reading import dtype_for, numbers_of

__all__ = ["is_state", "is_tensor", "parts_of_state"]

_KINDS: Final = {
    frozenset({"weight", "bias"}): "linear",
    frozenset({"weight"}): "linear",
    frozenset({"shift", "scale"}): "scaled",
    frozenset({"factor", "plus"}): "scaling",
}
"""By the names of its tensors, what a layer is; scaled and scaling are those of our own modules."""


def is_state(model: object) -> bool:
    """Return whether this is a dictionary of PyTorch's tensors."""
    return isinstance(model, Mapping) and bool(model) and all(map(is_tensor, model.values()))


def is_tensor(value: object) -> bool:
    """Return whether this is a tensor of PyTorch's."""
    return any((kind.__module__, kind.__name__) == ("torch", "Tensor") for kind in type(value).__mro__)


def parts_of_state(state: Mapping[str, Any], activation: str | Sequence[str] | None) -> tuple[int, list[Part], str]:
    """Return the number of inputs, the parts and the number type of Linear layers that follow one another.

    Parameters
    ----------
    state : dict of name: tensor
        ``NAME.weight``, shape (n_out, n_in), and ``NAME.bias`` where there is one, in the order of the layers.
    activation : str, or one for each hidden layer; None where there is no hidden layer

    Raises
    ------
    KindError
        There are tensors of other layers, which are named.
    SettingError, UnknownNameError
        The activation was not given or is not known, or there are not as many as hidden layers.
    """
    layers: dict[str, dict[str, Any]] = {}
    for name, tensor in state.items():
        if type(tensor).__name__.startswith("Uninitialized"):
            raise SettingError(
                f"The state dict's {name!r} has no numbers yet: a lazy layer makes them when it is first called. Run "
                "the model on a row of data first."
            )
        layer, _, what = str(name).rpartition(".")
        layers.setdefault(layer, {})[what] = tensor
    row = [_part(name, tensors) for name, tensors in layers.items()]
    linear = [part for part in row if isinstance(part, Linear)]
    if not linear:
        raise KindError("The state dict has no Linear's weights, so no network can be made of it. Give one that has.")
    named = iter(_activations(activation, len(linear) - 1))
    parts: list[Part] = []
    for part in row:
        parts.append(part)
        if isinstance(part, Linear) and part is not linear[-1]:
            name = next(named)
            parts.append(Activate(name, name))
    return linear[0].W.shape[1], parts, dtype_for(tensor.dtype for tensor in state.values())


def _activations(given: str | Sequence[str] | None, n_hidden: int) -> list[str]:
    """Return the hidden layers' activations by name."""
    if given is None and n_hidden:
        raise SettingError(
            "A state dict does not tell activations. Give that of the hidden layers with it, as in activation='relu', "
            f"or a list of {n_hidden}."
        )
    names = [given] * n_hidden if isinstance(given, str) else list(given or ())
    if len(names) != n_hidden:
        raise SettingError(
            f"activation must be one name, or one for each of the {n_hidden} hidden layers; {len(names)} were given."
        )
    return [activation_of(name).name for name in names]


def _part(name: str, tensors: Mapping[str, Any]) -> Part:
    kind = _KINDS.get(frozenset(tensors))
    numbers = {what: numbers_of(tensor) for what, tensor in tensors.items()}
    if kind == "scaled":
        return Scaled(numbers["shift"], numbers["scale"])
    if kind == "scaling":
        return Scaling(numbers["factor"], numbers["plus"])
    if kind == "linear" and numbers["weight"].ndim == 2:
        W = numbers["weight"]
        return Linear(W, numbers.get("bias", np.zeros(len(W))))
    shown = brief(", ".join(f"{what} {tuple(tensor.shape)}" for what, tensor in tensors.items()), 200)
    raise KindError(
        f"The state dict's layer {name!r} ({shown}) is no Linear, and a state dict does not tell what it computes. "
        "Give the model itself, the torch.nn.Sequential."
    )
