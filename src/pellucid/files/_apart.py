"""A network of ours as a row of parts, each with a name: what writers of other libraries' models go through."""

from __future__ import annotations

import numpy as np

from pellucid.core import Activation, Dense, Dropout, Loss, Parameters, Spec
from pellucid.errors import SettingError
from pellucid.files._parts import Activate, Drop, Linear, Part, Scaled, Scaling

__all__ = ["apart"]


def apart(spec: Spec, parameters: Parameters, *, logits: bool = False) -> dict[str, Part]:
    """Return by name what the network does, one after the other; `assembled` makes the same network of it.

    Parameters
    ----------
    spec : Spec
    parameters : Parameters
        The parts hold views of them.
    logits : bool
        Whether to leave the loss's output function off.

    Raises
    ------
    SettingError
        An activation, or the loss's output function, is of the user's own.

    Examples
    --------
    >>> spec = Spec.of([784, 32, Dropout(0.1), 10], input_scale=1 / 255)
    >>> list(apart(spec, Parameters(spec)))
    ['input_scaled', 'layer_1', 'layer_1_relu', 'layer_1_dropout', 'output', 'output_softmax']
    """
    named: dict[str, Part] = {}
    at, layers = "input", iter(parameters)

    def put(name: str, part: Part) -> None:
        while name in named:  # dropout behind dropout
            name = f"{name}_again"
        named[name] = part

    shift, scale = np.asarray(spec.input.shift), np.asarray(spec.input.scale)
    if np.any(shift != 0) or np.any(scale != 1):
        put(f"{at}_scaled", Scaled(shift, scale))
    for layer in spec.layers:
        if isinstance(layer, Dropout):
            put(f"{at}_dropout", Drop(layer.rate))
            continue
        at = next(layers)
        put(at, Linear(*parameters[at]))
        if layer.activation != "identity":
            name = _name_of(layer)
            put(f"{at}_{name}", Activate(name, at))
    ending = _ending(spec.loss)
    if ending is not None and not logits:
        put(f"{at}_{ending}", Activate(ending, at))
    factor, plus = np.asarray(spec.output.scale or 1.0), np.asarray(spec.output.shift or 0.0)
    if np.any(factor != 1) or np.any(plus != 0):
        put(f"{at}_units", Scaling(factor, plus))
    return named


def _name_of(layer: Dense) -> str:
    if isinstance(layer.activation, Activation):
        raise SettingError(
            f"The activation {layer.activation.name!r} is of your own, and other libraries' models cannot hold it. "
            "Give the layer one of the family's (docs/families.md), or build the model by hand."
        )
    return str(layer.activation)


def _ending(loss: Loss) -> str | None:
    """Return the output function that the loss owns."""
    if loss.is_own and type(loss).output is not Loss.output:
        raise SettingError(
            f"The loss {loss.name!r} is of your own and has an output function, which other libraries' models cannot "
            "hold. Give logits=True to leave it off."
        )
    return None if loss.is_own else loss.output_name
