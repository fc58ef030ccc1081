"""Between networks and the column's dictionaries, every bit kept."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from pellucid.core import LayerParameters, Parameters, Spec
from pellucid.errors import DataError, KindError, SettingError, ShapeError
from pellucid.from_scratch import ScratchNetwork

__all__ = ["dictionaries_of", "parts_of"]


def parts_of(network: Mapping[str, Any]) -> dict[str, LayerParameters]:
    """Return W and b of each of the column's layers, by name, float64.

    Raises
    ------
    KindError, SettingError, ShapeError, DataError
        These are no such dictionaries.
    """
    if not isinstance(network, Mapping) or "output" not in network:
        raise KindError("A network from scratch is a dictionary of layers, layer_1 … output; another thing was given.")
    expected = [*(f"layer_{i}" for i in range(1, len(network))), "output"]
    if list(network) != expected:
        raise SettingError(f"The layers must be named {expected}, in this order; {list(network)} was given.")
    parts = {name: _part(name, layer) for name, layer in network.items()}
    for (_, below), (name, above) in pairwise(parts.items()):
        if above.W.shape[1] != len(below.b):
            raise ShapeError(f"{name} has {above.W.shape[1]} weights a node, but {len(below.b)} nodes lie before it.")
    return parts


def _part(name: str, layer: Any) -> LayerParameters:
    try:
        expected = [f"node_{j}" for j in range(1, len(layer) + 1)]
        W = np.array([layer[node]["weights"] for node in expected], dtype=np.float64)
        b = np.array([layer[node]["bias"] for node in expected], dtype=np.float64)
    except (TypeError, KeyError, ValueError) as error:
        raise KindError(
            f"{name} must be a dictionary of node_1, node_2, …, each {{'weights': array, 'bias': array of 1}}; "
            f"it is not ({error})."
        ) from None
    if W.ndim != 2 or not W.size or b.size != len(W):
        raise ShapeError(
            f"{name} must have nodes of equally many weights and one bias each; shapes {W.shape}, {b.shape}."
        )
    if not (np.isfinite(W).all() and np.isfinite(b).all()):
        raise DataError(
            f"{name} holds NaN or infinity; finite weights and biases are accepted. Train it with a lower rate."
        )
    return LayerParameters(W, b.reshape(-1))


def dictionaries_of(spec: Spec, parameters: Parameters) -> ScratchNetwork:
    """Return the column's dictionaries of a network.

    Raises
    ------
    SettingError
        The network is not sigmoid throughout, or scales its inputs or outputs: its dictionaries, which hold
        numbers alone, would say something else.
    """
    plain = spec.input.scale == 1.0 and spec.input.shift == 0.0 and spec.output.scale in {None, 1.0}
    activations = [layer.activation for layer in spec.dense]
    if set(activations) != {"sigmoid"} or not plain:
        raise SettingError(
            "Dictionaries from scratch hold a network that is sigmoid throughout, without scaling; this one has "
            f"the activations {activations}{'' if plain else ' and scales its inputs or outputs'}. "
            'Build it with Dense(width, "sigmoid") layers, loss="mse", and scale the data outside.'
        )
    return ScratchNetwork(
        {
            name: {
                f"node_{j}": {"weights": w.astype(np.float64), "bias": np.array([bias], dtype=np.float64)}
                for j, (w, bias) in enumerate(zip(*parameters[name], strict=True), start=1)
            }
            for name in parameters
        }
    )
