"""AdamW: Adam, with weights that decay apart from the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from pellucid.checks import checked_number, fraction, positive
from pellucid.core.optimizers._adam import adam_step
from pellucid.core.optimizers._optimizer import Optimizer, Slots, Vector


@final
@dataclass(frozen=True)
class AdamW(Optimizer):
    """AdamW: Adam, and beside it a decay of all parameters that no gradient scales.

    With learning rate η, before Adam's step::

        w ← w − η·λ·w

    Unlike the penalty ``l2``, it is not divided by the root of the squares, so it holds all weights alike.

    Parameters
    ----------
    beta_1, beta_2, epsilon : as in `Adam`
    decay : float, λ ≥ 0
        Of all parameters, biases too, as in PyTorch and Optax (weight_decay there).

    Raises
    ------
    SettingError
        A setting is outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> adamw, w = AdamW(decay=0.5), np.array([1.0])
    >>> adamw.update(w, np.array([0.0]), adamw.init(w), 0.1, 1)
    >>> float(w[0])  # 1 − 0.1·0.5·1
    0.95

    Source: Loshchilov & Hutter (2019), Decoupled weight decay regularization, algorithm 2.
    """

    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    decay: float = 0.01

    name: ClassVar[str] = "adamw"
    learning_rate: ClassVar[float] = 0.001

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta_1", fraction("beta_1", self.beta_1, usual=0.9))
        object.__setattr__(self, "beta_2", fraction("beta_2", self.beta_2, usual=0.999))
        object.__setattr__(self, "epsilon", positive("epsilon", self.epsilon, usual=1e-8))
        object.__setattr__(self, "decay", checked_number("decay", self.decay, usual=0.01))

    @property
    def slots(self) -> tuple[str, ...]:
        """``mean`` and ``square``, the paper's m and v."""
        return ("mean", "square")

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        parameters *= 1 - rate * self.decay
        adam_step(parameters, gradient, slots, rate, t, self.beta_1, self.beta_2, self.epsilon)
