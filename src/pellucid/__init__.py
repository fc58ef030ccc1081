"""Pellucid: feed-forward neural networks that one can see through.

The front door is `Network`. This module loads its rooms when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from pellucid.core import Adam, Dense, Dropout, Sgd
    from pellucid.network import Moment, Network, Run
    from pellucid.training import EarlyStopping

__all__ = ["Adam", "Dense", "Dropout", "EarlyStopping", "Moment", "Network", "Run", "Sgd", "__version__"]

_HOMES = {
    "Adam": "pellucid.core",
    "Dense": "pellucid.core",
    "Dropout": "pellucid.core",
    "EarlyStopping": "pellucid.training",
    "Moment": "pellucid.network",
    "Network": "pellucid.network",
    "Run": "pellucid.network",
    "Sgd": "pellucid.core",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
