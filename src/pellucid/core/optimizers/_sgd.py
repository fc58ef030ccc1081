"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from pellucid.checks import fraction
from pellucid.core.optimizers._optimizer import Optimizer, Slots, Vector, flush_tiny
from pellucid.errors import KindError, SettingError


@final
@dataclass(frozen=True)
class Sgd(Optimizer):
    """Stochastic gradient descent: a step against the gradient.

    With gradient g, learning rate η and momentum μ::

        w ← w − η·g                                     μ = 0
        v ← μ·v + g,   w ← w − η·v                      momentum
        v ← μ·v + g,   w ← w − η·(g + μ·v)              Nesterov's

    The convention is that of Sutskever et al. as PyTorch writes it: the rate stands outside the velocity v.

    Parameters
    ----------
    momentum : float, 0 ≤ μ < 1
    nesterov : bool
        Needs a momentum above 0.

    Raises
    ------
    SettingError
        The momentum is outside its range, or nesterov without one.

    Examples
    --------
    >>> import numpy as np
    >>> sgd, w = Sgd(momentum=0.9), np.array([1.0])
    >>> slots = sgd.init(w)
    >>> for t in (1, 2):
    ...     sgd.update(w, np.array([1.0]), slots, 0.1, t)
    >>> round(float(w[0]), 12)  # 1 − 0.1·1 − 0.1·1.9
    0.71

    Source: Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and momentum.
    """

    momentum: float = 0.0
    nesterov: bool = False

    name: ClassVar[str] = "sgd"
    learning_rate: ClassVar[float] = 0.1

    def __post_init__(self) -> None:
        object.__setattr__(self, "momentum", fraction("momentum", self.momentum, usual=0.9))
        if not isinstance(self.nesterov, bool):
            raise KindError(f"nesterov must be True or False, not {type(self.nesterov).__name__} ({self.nesterov!r}).")
        if self.nesterov and self.momentum == 0:
            raise SettingError("nesterov=True needs a momentum above 0; 0 was given. Give momentum=0.9, say.")

    @property
    def slots(self) -> tuple[str, ...]:
        """``velocity``, where there is momentum."""
        return ("velocity",) if self.momentum else ()

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        if not self.momentum:
            parameters -= rate * gradient
            return
        v = slots["velocity"]
        v *= self.momentum
        v += gradient
        flush_tiny(v)
        parameters -= rate * (gradient + self.momentum * v) if self.nesterov else rate * v
