"""AdamW: Adam, with weights that decay apart from the gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, final

from pellucid.checks import checked_number
from pellucid.core.optimizers._adam import Adam
from pellucid.core.optimizers._optimizer import Slots, Vector


@final
@dataclass(frozen=True)
class AdamW(Adam):
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

    decay: float = 0.01

    name: ClassVar[str] = "adamw"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "decay", checked_number("decay", self.decay, usual=0.01))

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make one step, in place; see the class for the formula."""
        parameters *= 1 - rate * self.decay
        super().update(parameters, gradient, slots, rate, t)
