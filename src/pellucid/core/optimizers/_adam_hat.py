"""Adam with its ε before the bias correction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np

from pellucid.arithmetic import integer_power
from pellucid.core.optimizers._adam import Adam
from pellucid.core.optimizers._optimizer import Slots, Vector


@final
@dataclass(frozen=True)
class AdamHat(Adam):
    """Adam, ε̂ added before the bias correction: the paper's quicker order, as scikit-learn and Keras have it.

    With gradient g, learning rate η, at step t = 1, 2, …, and m and v as in `Adam`::

        w ← w − η·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε̂)

    It is `Adam` with ε = ε̂/√(1 − β₂ᵗ): early steps are shorter where gradients are about ε̂.

    Parameters
    ----------
    beta_1, beta_2, epsilon : as of `Adam`

    Raises
    ------
    SettingError
        A setting is outside its range.

    Examples
    --------
    >>> adam, w = AdamHat(epsilon=1.0), np.array([1.0])
    >>> adam.update(w, np.array([1.0]), adam.init(w), 1.0, 1)
    >>> round(float(w[0]), 6)  # 1 − √0.001/0.1 · 0.1/(√0.001 + 1)
    0.969347

    Source: Kingma & Ba (2015), Adam: a method for stochastic optimization, the end of section 2.
    """

    name: ClassVar[str] = "adam_hat"

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        whole = float(np.sqrt(1 - integer_power(self.beta_2, t)))
        Adam(self.beta_1, self.beta_2, self.epsilon / whole).update(parameters, gradient, slots, rate, t)
