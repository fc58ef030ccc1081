"""Cross-entropy of a sigmoid for each output, acting on logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

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

    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, §6.2.2.2.
    """

    name: ClassVar[str] = "binary_cross_entropy"
    task: ClassVar[Task] = Task.YES_NO
    owns_output: ClassVar[bool] = True
    formula: ClassVar[str] = "L = mean of −t·ln p − (1 − t)·ln(1 − p),  p = sigmoid(z)"

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/dz = (p − t) / n_out; each t is 0 or 1."""
        S = np.where(T == 1, -A, A)
        # a sum first might overflow
        L = ((np.maximum(S, 0) + np.log1p(np.exp(-np.abs(S)))) / A.shape[1]).sum(axis=1)

        def back() -> Array:
            return (sigmoid(A) - T) / A.shape[1]

        return L, back

    def output(self, A: Array) -> Array:
        """Return p = sigmoid(z)."""
        return sigmoid(A)
