"""Gradients through the depth: whether what reaches the first layer is still of the size of what left the last."""

from __future__ import annotations

import numpy as np

from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._thresholds import (
    EXPLODING_SERIOUS,
    EXPLODING_WARNING,
    VANISHING_SERIOUS,
    VANISHING_WARNING,
)

__all__ = ["depth_ratio", "gradients_through_depth"]


def depth_ratio(look: Look) -> float | None:
    """Return RMS δ of the first layer / RMS δ of the output; None where that is 0 or there are no targets."""
    sizes = _sizes(look)
    if len(sizes) < 2 or not np.isfinite(sizes).all() or sizes[-1] == 0:
        return None
    return sizes[0] / sizes[-1]


def _sizes(look: Look) -> list[float]:
    """Return RMS δ of each layer, over rows and neurons."""
    deltas = [numbers.delta for numbers in look.numbers.layers.values()]
    return [float(np.sqrt(np.mean(np.square(delta, dtype=np.float64)))) for delta in deltas if delta is not None]


def gradients_through_depth(look: Look) -> list[Finding]:
    """Return a finding where RMS δ = dL/dz of the first layer is another size than that of the output.

    Source: Hochreiter (1991); Bengio, Simard & Frasconi (1994), Learning long-term dependencies with gradient descent
    is difficult; Glorot & Bengio (2010).
    """
    ratio = depth_ratio(look)
    if ratio is None:
        return []
    sizes = _sizes(look)
    evidence = {"first_delta": sizes[0], "last_delta": sizes[-1], "ratio": ratio, "layers": len(sizes)}
    if ratio <= VANISHING_WARNING:
        return [_vanishing(look, evidence)]
    return [_exploding(evidence)] if ratio >= EXPLODING_WARNING else []


def _vanishing(look: Look, evidence: dict[str, float]) -> Finding:
    ratio = evidence["ratio"]
    return Finding(
        "vanishing_gradients",
        severity(-ratio, -VANISHING_WARNING, -VANISHING_SERIOUS),
        f"δ is {evidence['last_delta']:.3g} at the output and {evidence['first_delta']:.3g} at layer_1 (root mean "
        f"squares), {ratio:.2g} times as much, over {evidence['layers']:.0f} layers: the first layers hardly learn.",
        evidence,
        "Use relu with weights from he, whose slope of 1 passes gradients on; or fewer layers.",
        {"activation": "relu", "initializer": "he"},
        look.spec.names[0],
    )


def _exploding(evidence: dict[str, float]) -> Finding:
    ratio = evidence["ratio"]
    return Finding(
        "exploding_gradients",
        severity(ratio, EXPLODING_WARNING, EXPLODING_SERIOUS),
        f"δ is {evidence['last_delta']:.3g} at the output and {evidence['first_delta']:.3g} at layer_1 (root mean "
        f"squares), {ratio:.3g} times as much, over {evidence['layers']:.0f} layers: steps there overshoot.",
        evidence,
        "Start from weights whose size suits the number of inputs (he for relu, glorot for tanh and sigmoid).",
        {"initializer": "glorot"},
        "layer_1",
    )
