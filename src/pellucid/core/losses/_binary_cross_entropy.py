"""Cross-entropy of a sigmoid for each output, acting on logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import yes_or_no
from pellucid.core.activations import sigmoid
from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


@final
@dataclass(frozen=True)
class BinaryCrossEntropy(Loss):
    """Binary cross-entropy: L = mean over outputs of −t·ln p − (1 − t)·ln(1 − p), with p = sigmoid(z), of logits z.

    For t = 1 a term is ln(1 + e⁻ᶻ), for t = 0 it is ln(1 + eᶻ): one function of s = (1 − 2t)·z, computed as
    max(s, 0) + ln(1 + e⁻|ˢ|), where no power overflows. With several outputs, each is a yes or no of its own (what is
    called multilabel).

    Parameters
    ----------
    sum_outputs : bool
        Whether L is the sum over outputs, not their mean.

    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, §6.2.2.2.
    """

    sum_outputs: bool = False

    name: ClassVar[str] = "binary_cross_entropy"
    task: ClassVar[Task] = Task.YES_NO
    owns_output: ClassVar[bool] = True
    output_name: ClassVar[str | None] = "sigmoid"
    formula: ClassVar[str] = "L = mean of −t·ln p − (1 − t)·ln(1 − p),  p = sigmoid(z)"

    def __post_init__(self) -> None:
        object.__setattr__(self, "sum_outputs", yes_or_no("sum_outputs", self.sum_outputs))

    @property
    def summed(self) -> bool:
        """Whether it is a sum over outputs, not their mean."""
        return self.sum_outputs

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/dz = (p − t) / n_out, or, summed, p − t; each t is 0 or 1."""
        n = 1 if self.sum_outputs else A.shape[1]
        S = np.where(T == 1, -A, A)
        with np.errstate(over="ignore"):  # a mean cannot, were it not for a sum first
            L = ((np.maximum(S, 0) + np.log1p(np.exp(-np.abs(S)))) / n).sum(axis=1)

        def back() -> Array:
            return (sigmoid(A) - T) / n

        return L, back

    def output(self, A: Array) -> Array:
        """Return p = sigmoid(z)."""
        return sigmoid(A)
