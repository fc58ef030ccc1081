"""What of ledgers and comparisons is drawn as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pellucid.drawing import Series

if TYPE_CHECKING:
    from pellucid.insight._compare import Comparison
    from pellucid.insight._ledger import Ledger

__all__ = ["apart_by_layer", "class_sums", "value_by_step", "weight_name"]

_MOST_CLASSES: Final = 4


def weight_name(ledger: Ledger) -> str:
    """Return what a ledger's weight is called, as a receipt calls it."""
    neuron = f"{ledger.layer}/node_{ledger.node + 1}"
    if ledger.input is None:
        return f"{neuron}, bias"
    return f"{neuron}, weight of {ledger.input_name}"


def value_by_step(ledger: Ledger) -> Series:
    """Return the weight at each step, from the first to the last, changes by hand included."""
    moved = np.concatenate([[0.0], ledger.by_step + ledger.others["by hand"]])
    return Series("weight", np.arange(ledger.first, ledger.last + 1), ledger.value_first + np.cumsum(moved))


def class_sums(ledger: Ledger) -> list[Series]:
    """Return what the examples of the classes that moved the weight most added up to, by step."""
    sums = np.cumsum(ledger.by_step_and_class, axis=0)
    most = np.argsort(-np.abs(sums[-1]), kind="stable")[:_MOST_CLASSES]
    steps = np.arange(ledger.first + 1, ledger.last + 1)
    return [Series(f"class {ledger.names[place]}", steps, sums[:, place]) for place in most]


def apart_by_layer(comparison: Comparison) -> list[Series]:
    """Return √(mean Δ²) over each layer's neurons, by step."""
    return [
        Series(name, comparison.steps, np.sqrt((apart**2).mean(axis=1))) for name, apart in comparison.apart.items()
    ]
