"""The network and the recipe for MNIST, of ``demo`` and of ``train mnist``."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["HIDDEN", "NETWORK", "RECIPE"]

HIDDEN: Final = (32, 32)
NETWORK: Final[dict[str, Any]] = {"initializer": "glorot", "input_scale": 1 / 255}
RECIPE: Final[dict[str, Any]] = {
    "epochs": 6,
    "batch_size": 64,
    "optimizer": "adam",
    "learning_rate": 6e-3,
    "schedule": "linear",
}
