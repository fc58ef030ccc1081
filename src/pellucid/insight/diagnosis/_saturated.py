"""Saturated neurons: those that stand at an end of their activation, where it is flat."""

from __future__ import annotations

from typing import Final

import numpy as np

from pellucid.core import Activation
from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._thresholds import FLAT, FLAT_ROWS, SATURATED_SERIOUS, SATURATED_WARNING

__all__ = ["saturated_neurons"]

_STEEPEST: Final = {"sigmoid": 0.25, "tanh": 1.0, "elu": 1.0, "selu": 1.0507009873554805}
_LARGE_GAIN: Final = 4.0  # times the spread that glorot gives weights


def saturated_neurons(look: Look) -> list[Finding]:
    """Return a finding for each hidden layer with neurons that are flat, and not at 0, on almost every row.

    Source: Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    return [finding for layer in look.hidden if (finding := _of(look, layer)) is not None]


def _of(look: Look, layer: str) -> Finding | None:
    activation = look.spec.dense[look.spec.names.index(layer)].activation
    if isinstance(activation, Activation) or activation not in _STEEPEST:
        return None
    numbers = look.numbers.layers[layer]
    part = numbers.slope / _STEEPEST[activation]
    flat = (part <= FLAT).mean(axis=0)
    saturated = flat >= FLAT_ROWS
    if not saturated.any():
        return None
    rows, width = part.shape
    count = int(saturated.sum())
    share = count / width
    stuck = int((np.ptp(numbers.A, axis=0)[saturated] < 0.1).sum())
    remedy, change = _remedy(look, layer, activation)
    return Finding(
        "saturated_neurons",
        severity(share, SATURATED_WARNING, SATURATED_SERIOUS),
        f"{count} of {layer}'s {width} neurons ({share:.0%}) stand at an end of {activation} on at least "
        f"{FLAT_ROWS:.0%} of {rows} rows, where its slope is below {FLAT:.0%} of the steepest; {stuck} of them at the "
        "same end on all. Little of the gradient passes them.",
        {
            "saturated": count,
            "stuck": stuck,
            "width": width,
            "share": share,
            "rows": rows,
            "median_slope": float(np.median(numbers.slope[:, saturated])),
            "median_z": float(np.median(np.abs(numbers.Z[:, saturated]))),
        },
        remedy,
        change,
        layer,
        tuple(int(j) + 1 for j in np.flatnonzero(saturated)),
    )


def _remedy(look: Look, layer: str, activation: str) -> tuple[str, dict[str, str]]:
    """Return what to do: start from smaller weights where they are large, else another activation."""
    W = look.parameters[layer].W
    gain = float(np.sqrt(np.mean(np.square(W, dtype=np.float64)) * sum(W.shape) / 2))
    if gain > _LARGE_GAIN:
        return (
            f"Start from smaller weights: these are {gain:.3g} times as large as glorot makes them.",
            {"initializer": "glorot"},
        )
    return f"Bring the inputs near 0, or give the layer relu instead of {activation}.", {"activation": "relu"}
