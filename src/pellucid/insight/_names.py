"""What inputs and outputs are called."""

from __future__ import annotations

import numpy as np

from pellucid.core import Spec, Task
from pellucid.errors import KindError, SettingError, UnknownNameError, unknown_name

__all__ = ["input_names", "input_place", "node_place", "output_names", "signed"]


def input_names(spec: Spec, layer: str) -> list[str]:
    """Return what a layer's inputs are called: features, ``input_0``, …, or the neurons of the layer before.

    Examples
    --------
    >>> input_names(Spec.of([2, 3, 2]), "output")
    ['layer_1/node_1', 'layer_1/node_2', 'layer_1/node_3']
    """
    place = spec.names.index(layer)
    n_in = spec.shapes[place][1]
    if place:
        return [f"{spec.names[place - 1]}/node_{j}" for j in range(1, n_in + 1)]
    return [str(name) for name in spec.input.features or [f"input_{i}" for i in range(n_in)]]


def node_place(spec: Spec, layer: str, given: int | str) -> int:
    """Return which neuron of a layer is meant, from 0, by its name such as ``node_3`` or its number from 1.

    Raises
    ------
    UnknownNameError
        There is none such.
    """
    if layer not in spec.names:
        raise unknown_name("layer", layer, spec.names)
    width = spec.dense[spec.names.index(layer)].width
    number = str(given).removeprefix("node_")
    if isinstance(given, bool) or not (number.isascii() and number.isdigit()) or not 1 <= int(number) <= width:
        raise UnknownNameError(f"{layer} has no node {given!r}; it has node_1 … node_{width}.")
    return int(number) - 1


def input_place(spec: Spec, layer: str, given: object) -> int:
    """Return which of a layer's inputs is meant, by its place from 0 or by its name.

    Raises
    ------
    UnknownNameError, SettingError, KindError
        There is none such.
    """
    names = input_names(spec, layer)
    if isinstance(given, str):
        if given not in names:
            raise unknown_name(f"input of {layer}", given, names)
        return names.index(given)
    if isinstance(given, bool) or not isinstance(given, (int, np.integer)):
        raise KindError(f"An input is given by its place or its name, not {type(given).__name__} ({given!r}).")
    if not 0 <= given < len(names):
        raise SettingError(f"{layer} has the inputs 0 … {len(names) - 1}; {given} was given.")
    return int(given)


def signed(value: float, digits: int = 6) -> str:
    """Return a number with its sign, for a column of a text.

    Examples
    --------
    >>> signed(-0.25), signed(1 / 3)
    ('−0.25', '+0.333333')
    """
    return f"{value + 0.0:+.{digits}g}".replace("-", "−")


def output_names(spec: Spec) -> list[str]:
    """Return what each output is called: its class or target, or its place.

    Examples
    --------
    >>> output_names(Spec.of([2, 3, 2], classes=["no", "yes"])), output_names(Spec.of([2, 2]))
    (['no', 'yes'], ['0', '1'])
    """
    names = spec.output.names
    if names is None or len(names) != spec.n_outputs or (spec.loss.task is Task.YES_NO and spec.n_outputs == 1):
        return [str(j) for j in range(spec.n_outputs)]
    return [str(name) for name in names]
