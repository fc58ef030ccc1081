"""Dead neurons: those that no row makes answer, so that nothing passes them, forward or backward."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._look import Look
from pellucid.insight.diagnosis._severity import severity
from pellucid.insight.diagnosis._thresholds import DEAD_SERIOUS, DEAD_WARNING, SILENT

__all__ = ["dead_neurons"]

_NAMED: Final = 8


def dead_neurons(look: Look) -> list[Finding]:
    """Return a finding for each hidden layer with neurons whose a and f′(z) are 0 on every row.

    Source: Lu, Shin, Su & Karniadakis (2020), Dying ReLU and initialization: theory and numerical examples.
    """
    return [finding for layer in look.hidden if (finding := _of(look, layer)) is not None]


def _of(look: Look, layer: str) -> Finding | None:
    numbers = look.numbers.layers[layer]
    rows, width = numbers.A.shape
    dead = np.asarray(((np.abs(numbers.A) <= SILENT) & (np.abs(numbers.slope) <= SILENT)).all(axis=0))
    if not dead.any():
        return None
    count = int(dead.sum())
    share = count / width
    activation = look.spec.dense[look.spec.names.index(layer)].activation
    return Finding(
        "dead_neurons",
        severity(share, DEAD_WARNING, DEAD_SERIOUS),
        f"{count} of {layer}'s {width} neurons ({share:.0%}) answer 0 on each of {look.rows}: {_named(dead)}. With a "
        "slope of 0 there, no row's gradient reaches the weights that lead into them.",
        {"dead": count, "width": width, "share": share, "rows": rows, "largest_z": float(numbers.Z[:, dead].max())},
        f"Give the layer leaky_relu instead of {activation}, which passes a little on everywhere; where they died in "
        "the run, a lower learning rate, too.",
        {"activation": "leaky_relu"},
        layer,
        tuple(int(j) + 1 for j in np.flatnonzero(dead)),
    )


def _named(dead: NDArray[np.bool_]) -> str:
    names = [f"node_{j + 1}" for j in np.flatnonzero(dead)]
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
