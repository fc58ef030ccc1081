"""Poisson regression, for counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import yes_or_no
from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


@final
@dataclass(frozen=True)
class Poisson(Loss):
    """Half the Poisson deviance, for counts, acting on the logarithm of what is predicted.

    With a = eᶻ, L = mean over outputs of a − t + t·ln(t/a): 0 where a = t, and a where t = 0.

    With u = z − ln t that is t·(eᵘ − 1 − u), and is computed so where |u| ≤ 1, where the three terms nearly cancel.

    Parameters
    ----------
    sum_outputs : bool
        Whether L is the sum over outputs, not their mean.

    Examples
    --------
    >>> L, back = Poisson().function(np.log([[3.0], [1.0]]), np.array([[3.0], [0.0]]))
    >>> L.tolist(), back().round(12).tolist()
    ([0.0, 1.0], [[0.0], [1.0]])

    Source: McCullagh & Nelder (1989), Generalized linear models, §2.3; without the terms of t alone, it is PyTorch's
    PoissonNLLLoss(log_input=True).
    """

    sum_outputs: bool = False

    name: ClassVar[str] = "poisson"
    task: ClassVar[Task] = Task.VALUES
    owns_output: ClassVar[bool] = True
    output_name: ClassVar[str | None] = "exp"
    counts: ClassVar[bool] = True
    formula: ClassVar[str] = "L = mean of a − t + t·ln(t/a),  a = eᶻ"

    def __post_init__(self) -> None:
        object.__setattr__(self, "sum_outputs", yes_or_no("sum_outputs", self.sum_outputs))

    @property
    def summed(self) -> bool:
        """Whether it is a sum over outputs, not their mean."""
        return self.sum_outputs

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/dz = (eᶻ − t) / n_out, or, summed, eᶻ − t; each t ≥ 0."""
        n = 1 if self.sum_outputs else A.shape[1]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            power = np.exp(A)
            u = A - np.log(np.maximum(T, np.finfo(A.dtype).tiny))
            near = T * np.maximum(np.expm1(np.clip(u, -1, 1)) - u, 0)
            some = np.where(np.abs(u) > 1, power - T - T * u, near)
            L = (np.where(np.isposinf(power) | (T == 0), power, some) / n).sum(axis=1)

        def back() -> Array:
            with np.errstate(over="ignore", under="ignore"):
                return (power - T) / n

        return L, back

    def output(self, A: Array) -> Array:
        """Return a = eᶻ."""
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(A)
