"""Losses: how wrong an output is. A loss owns the output function that belongs to it."""

from typing import Final

from pellucid.checks import member
from pellucid.core.losses._binary_cross_entropy import BINARY_CROSS_ENTROPY
from pellucid.core.losses._cross_entropy import CROSS_ENTROPY, softmax
from pellucid.core.losses._loss import Loss, Task
from pellucid.core.losses._mse import MSE

__all__ = ["LOSSES", "Loss", "Task", "loss_named", "softmax"]

LOSSES: Final = {loss.name: loss for loss in (CROSS_ENTROPY, BINARY_CROSS_ENTROPY, MSE)}


def loss_named(name: object) -> Loss:
    """Return the loss of this name, or raise `UnknownNameError`."""
    return member("loss", name, LOSSES)
