"""Pellucid: feed-forward neural networks that one can see through.

The front door is `Network`. This module loads its rooms when they are first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pellucid.version import __version__

if TYPE_CHECKING:
    from pellucid.core import (
        Activation,
        Adagrad,
        Adam,
        AdamHat,
        AdamW,
        BinaryCrossEntropy,
        Chain,
        ClipNorm,
        ClipValue,
        Cosine,
        CrossEntropy,
        Dense,
        Dropout,
        Exponential,
        Huber,
        InverseScaling,
        Linear,
        Loss,
        MeanPinballLoss,
        OneCycle,
        Optimizer,
        Pinball,
        Poisson,
        RMSprop,
        Sgd,
        SgdVelocity,
        StepDown,
        Task,
        TopK,
        WarmUp,
        WeightDecay,
    )
    from pellucid.explorer import explore
    from pellucid.network import Breakpoint, Moment, Network, Run
    from pellucid.training import EarlyStopping

__all__ = [
    "Activation",
    "Adagrad",
    "Adam",
    "AdamHat",
    "AdamW",
    "BinaryCrossEntropy",
    "Breakpoint",
    "Chain",
    "ClipNorm",
    "ClipValue",
    "Cosine",
    "CrossEntropy",
    "Dense",
    "Dropout",
    "EarlyStopping",
    "Exponential",
    "Huber",
    "InverseScaling",
    "Linear",
    "Loss",
    "MeanPinballLoss",
    "Moment",
    "Network",
    "OneCycle",
    "Optimizer",
    "Pinball",
    "Poisson",
    "RMSprop",
    "Run",
    "Sgd",
    "SgdVelocity",
    "StepDown",
    "Task",
    "TopK",
    "WarmUp",
    "WeightDecay",
    "__version__",
    "explore",
]

_HOMES = {
    "Activation": "pellucid.core",
    "Adagrad": "pellucid.core",
    "Adam": "pellucid.core",
    "AdamHat": "pellucid.core",
    "AdamW": "pellucid.core",
    "BinaryCrossEntropy": "pellucid.core",
    "Breakpoint": "pellucid.network",
    "Chain": "pellucid.core",
    "ClipNorm": "pellucid.core",
    "ClipValue": "pellucid.core",
    "Cosine": "pellucid.core",
    "CrossEntropy": "pellucid.core",
    "Dense": "pellucid.core",
    "Dropout": "pellucid.core",
    "EarlyStopping": "pellucid.training",
    "Exponential": "pellucid.core",
    "Huber": "pellucid.core",
    "InverseScaling": "pellucid.core",
    "Linear": "pellucid.core",
    "Loss": "pellucid.core",
    "MeanPinballLoss": "pellucid.core",
    "Moment": "pellucid.network",
    "Network": "pellucid.network",
    "OneCycle": "pellucid.core",
    "Optimizer": "pellucid.core",
    "Pinball": "pellucid.core",
    "Poisson": "pellucid.core",
    "RMSprop": "pellucid.core",
    "Run": "pellucid.network",
    "Sgd": "pellucid.core",
    "SgdVelocity": "pellucid.core",
    "StepDown": "pellucid.core",
    "Task": "pellucid.core",
    "TopK": "pellucid.core",
    "WarmUp": "pellucid.core",
    "WeightDecay": "pellucid.core",
    "explore": "pellucid.explorer",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pellucid' has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
