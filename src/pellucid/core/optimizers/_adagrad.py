"""Adagrad: rates of their own for weights that are seldom touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from pellucid.checks import positive
from pellucid.core.optimizers._optimizer import Optimizer, Slots, Vector, flush_tiny


@final
@dataclass(frozen=True)
class Adagrad(Optimizer):
    """Adagrad: each weight's gradient over the root of the sum of all its squares.

    With gradient g and learning rate η::

        v ← v + g²
        w ← w − η · g / (√v + ε)

    Inputs that are seldom on keep large steps: for sparse data. Steps shrink as the run goes on.

    Parameters
    ----------
    epsilon : float, ≥ 1e-37
        Added to the root, as in PyTorch.

    Raises
    ------
    SettingError
        epsilon is outside its range.

    Examples
    --------
    >>> adagrad, w = Adagrad(), np.array([1.0])
    >>> slots = adagrad.init(w)
    >>> for t, g in enumerate([3.0, 4.0], start=1):
    ...     adagrad.update(w, np.array([g]), slots, 0.1, t)
    >>> round(float(w[0]), 6)  # 1 − 0.1·3/3 − 0.1·4/5
    0.82

    Source: Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and stochastic optimization.
    """

    epsilon: float = 1e-10

    name: ClassVar[str] = "adagrad"
    learning_rate: ClassVar[float] = 0.01

    def __post_init__(self) -> None:
        object.__setattr__(self, "epsilon", positive("epsilon", self.epsilon, usual=1e-10, least=1e-37))

    @property
    def slots(self) -> tuple[str, ...]:
        """``square``, the sum of the squares."""
        return ("square",)

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        v = slots["square"]
        v += gradient * gradient
        flush_tiny(v)
        parameters -= rate * gradient / (np.sqrt(v) + self.epsilon)
