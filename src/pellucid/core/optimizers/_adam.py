"""Adam: steps of similar size for all weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pellucid.arithmetic import integer_power
from pellucid.checks import fraction, positive
from pellucid.core.optimizers._optimizer import Optimizer, Slots, Vector, flush_tiny


@dataclass(frozen=True)
class Adam(Optimizer):
    """Adam: the mean of the gradients over the root of the mean of their squares.

    With gradient g, learning rate η, at step t = 1, 2, …::

        m ← β₁·m + (1 − β₁)·g          mean of the gradients
        v ← β₂·v + (1 − β₂)·g²         mean of their squares
        w ← w − η · (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)

    Parameters
    ----------
    beta_1, beta_2 : float, 0 ≤ β < 1
    epsilon : float, ≥ 1e-37
        Added after the bias correction, as in the paper's algorithm 1 and in PyTorch.

    Raises
    ------
    SettingError
        A setting is outside its range.

    Examples
    --------
    >>> adam, w = Adam(), np.array([1.0])
    >>> adam.update(w, np.array([123.0]), adam.init(w), 0.01, 1)
    >>> round(float(w[0]), 9)  # the first step has the size of the rate, whatever the gradient's
    0.99

    Source: Kingma & Ba (2015), Adam: a method for stochastic optimization, algorithm 1.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    name: ClassVar[str] = "adam"
    learning_rate: ClassVar[float] = 0.001

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta_1", fraction("beta_1", self.beta_1, usual=0.9))
        object.__setattr__(self, "beta_2", fraction("beta_2", self.beta_2, usual=0.999))
        object.__setattr__(self, "epsilon", positive("epsilon", self.epsilon, usual=1e-8, least=1e-37))

    @property
    def slots(self) -> tuple[str, ...]:
        """``mean`` and ``square``, the paper's m and v."""
        return ("mean", "square")

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        m, v = slots["mean"], slots["square"]
        m *= self.beta_1
        m += (1 - self.beta_1) * gradient
        flush_tiny(m)
        square = gradient * gradient
        square *= 1 - self.beta_2
        v *= self.beta_2
        v += square
        flush_tiny(v)
        root = np.sqrt(v / (1 - integer_power(self.beta_2, t)), out=square)
        root += self.epsilon
        parameters -= rate / (1 - integer_power(self.beta_1, t)) * m / root
