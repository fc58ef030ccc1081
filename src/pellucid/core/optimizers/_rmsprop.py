"""RMSprop: gradients over the root of the mean of their squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from pellucid.checks import fraction, positive
from pellucid.core.optimizers._optimizer import Optimizer, Slots, Vector, flush_tiny


@final
@dataclass(frozen=True)
class RMSprop(Optimizer):
    """RMSprop: each weight's gradient over the root of the recent mean of its squares.

    With gradient g and learning rate η::

        v ← β·v + (1 − β)·g²
        w ← w − η · g / (√v + ε)

    Parameters
    ----------
    beta : float, 0 ≤ β < 1
        PyTorch calls it alpha, Keras rho (0.9 there).
    epsilon : float, ≥ 1e-37
        Added to the root, as in PyTorch; Keras adds it beneath.

    Raises
    ------
    SettingError
        A setting is outside its range.

    Examples
    --------
    >>> rmsprop, w = RMSprop(beta=0.75), np.array([1.0])
    >>> rmsprop.update(w, np.array([5.0]), rmsprop.init(w), 0.1, 1)
    >>> round(float(w[0]), 6)  # 1 − 0.1·5/√(0.25·25)
    0.8

    Source: Hinton, Srivastava & Swersky (2012), Neural networks for machine learning, lecture 6e.
    """

    beta: float = 0.99
    epsilon: float = 1e-8

    name: ClassVar[str] = "rmsprop"
    learning_rate: ClassVar[float] = 0.01

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", fraction("beta", self.beta, usual=0.99))
        object.__setattr__(self, "epsilon", positive("epsilon", self.epsilon, usual=1e-8, least=1e-37))

    @property
    def slots(self) -> tuple[str, ...]:
        """``square``, the mean of the squares."""
        return ("square",)

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        v = slots["square"]
        v *= self.beta
        v += (1 - self.beta) * (gradient * gradient)
        flush_tiny(v)
        parameters -= rate * gradient / (np.sqrt(v) + self.epsilon)
