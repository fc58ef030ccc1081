"""DeepLIFT's rescale rule: how much of a difference of outputs each activation and each weighted sum accounts for."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Spec, activation_of
from pellucid.engine import Backend
from pellucid.errors import DataError

__all__ = ["INPUT", "Multipliers", "Numbers", "Pass", "multipliers", "nothing", "passed"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

INPUT: Final = "input"
_NOISE: Final = 16
"""How many roundings apart two numbers may be and still count as one: a quotient of such differences says nothing."""


class Numbers(NamedTuple):
    """Weighted sums, activations and slopes f′(z) of one row at one layer, in float64."""

    z: Float64
    a: Float64
    slope: Float64


class Pass(NamedTuple):
    """One row on its way through the network: the scaled inputs, and each layer's numbers."""

    inputs: Float64
    layers: dict[str, Numbers]

    def at(self, place: str) -> Float64:
        """Return the inputs, or a layer's activations."""
        return self.inputs if place == INPUT else self.layers[place].a


class Multipliers(NamedTuple):
    """What a difference of the outputs is, for each unit of difference of an activation (or input), and of a z."""

    by_a: dict[str, Float64]
    by_z: dict[str, Float64]


def passed(spec: Spec, parameters: Parameters, backend: Backend, row: Array, what: str) -> Pass:
    """Return the engine's own numbers of a row."""
    layers = backend.trace(spec, parameters.vector, row).layers
    if not all(np.isfinite(part.Z).all() and np.isfinite(part.A).all() for part in layers.values()):
        raise DataError(
            f"Not all numbers on the way of {what} through the network are finite, so they add up to nothing. "
            "Mend the network's weights, or give a row of a smaller size."
        )
    wide = {name: Numbers(*(part[0].astype(np.float64) for part in (n.Z, n.A, n.slope))) for name, n in layers.items()}
    return Pass(layers[spec.names[0]].X[0].astype(np.float64), wide)


def nothing(spec: Spec) -> Pass:
    """Return what the rule starts from where there is no input and there are no biases: z = 0 everywhere."""
    layers = {}
    for name, layer in zip(spec.names, spec.dense, strict=True):
        Z = np.zeros((1, layer.width))
        a = np.asarray(activation_of(layer.activation or "identity").function(Z.copy()), dtype=np.float64)[0]
        layers[name] = Numbers(Z[0], a, Z[0])
    return Pass(np.zeros(spec.input.width), layers)


def _ratio(here: Numbers, there: Numbers, noise: float) -> Float64:
    """Return Δa/Δz, or the derivative where Δz is 0, to rounding."""
    dz, da = here.z - there.z, here.a - there.a
    size = np.maximum.reduce([np.abs(here.z), np.abs(there.z), np.abs(here.a), np.abs(there.a)])
    same = np.abs(dz) <= noise * size
    return np.where(same, here.slope, da / np.where(same, 1.0, dz))


def multipliers(parameters: Parameters, here: Pass, there: Pass, by_output: Float64) -> Multipliers:
    """Go from the output down: through a neuron by Δa/Δz, through weights linearly."""
    noise = _NOISE * float(np.finfo(parameters.vector.dtype).eps)
    m, found = by_output, Multipliers({}, {})
    for name in reversed(list(parameters)):
        found.by_a[name] = m
        found.by_z[name] = m * _ratio(here.layers[name], there.layers[name], noise)
        m = found.by_z[name] @ parameters[name].W.astype(np.float64)
    found.by_a[INPUT] = m
    return found
