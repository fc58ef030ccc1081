"""What inputs and outputs are called."""

from __future__ import annotations

from pellucid.core import Spec, Task

__all__ = ["input_names", "output_names"]


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
