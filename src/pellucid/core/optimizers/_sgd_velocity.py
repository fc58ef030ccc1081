"""Stochastic gradient descent whose velocity holds the learning rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from pellucid.checks import checked_number, yes_or_no
from pellucid.core.optimizers._optimizer import Optimizer, Slots, Vector, flush_tiny


@final
@dataclass(frozen=True)
class SgdVelocity(Optimizer):
    """Stochastic gradient descent with the rate inside the velocity, as scikit-learn and Keras have it.

    With gradient g, learning rate η and momentum μ::

        v ← μ·v − η·g,   w ← w + v                      momentum
        v ← μ·v − η·g,   w ← w + μ·v − η·g              Nesterov's

    While η stays the same these are the steps of `Sgd`; where it changes, earlier gradients keep the rate of
    their time.

    Parameters
    ----------
    momentum : float, 0 ≤ μ ≤ 1
    nesterov : bool

    Raises
    ------
    SettingError, KindError
        A setting is outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> sgd, w = SgdVelocity(momentum=0.5), np.array([1.0])
    >>> slots = sgd.init(w)
    >>> for rate in (0.1, 0.01):
    ...     sgd.update(w, np.array([1.0]), slots, rate, 1)
    >>> round(float(w[0]), 12)  # 1 − 0.1, then − 0.5·0.1 − 0.01
    0.84

    Source: Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and momentum, eq. 1–4.
    """

    momentum: float = 0.9
    nesterov: bool = False

    name: ClassVar[str] = "sgd_velocity"
    learning_rate: ClassVar[float] = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "momentum", checked_number("momentum", self.momentum, most=1.0, usual=0.9))
        object.__setattr__(self, "nesterov", yes_or_no("nesterov", self.nesterov))

    @property
    def slots(self) -> tuple[str, ...]:
        """``scaled_velocity``: not that of `Sgd`, to which a run could not change over."""
        return ("scaled_velocity",)

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        v, down = slots["scaled_velocity"], -rate * gradient
        v *= self.momentum
        v += down
        flush_tiny(v)
        parameters += self.momentum * v + down if self.nesterov else v
