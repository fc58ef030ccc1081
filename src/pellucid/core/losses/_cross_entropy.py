"""Cross-entropy of a softmax, acting on logits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import fraction
from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


def _shifted(Z: Array) -> Array:
    """Return z − max z in each row, at most 0; the greatest itself gives 0 even where it is infinite."""
    top = Z.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        shifted = Z - top
    return np.where(Z == top, 0, shifted)


def softmax(Z: Array) -> Array:
    """Return pⱼ = e^zⱼ / Σᵢ e^zᵢ in each row: positive, adding up to 1.

    The row's maximum is taken off first, which changes nothing and lets no power overflow.

    Examples
    --------
    >>> softmax(np.array([[0.0, 0.0], [1e38, -1e38]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    power = np.exp(_shifted(Z))
    power /= power.sum(axis=1, keepdims=True)
    return power


@final
@dataclass(frozen=True)
class CrossEntropy(Loss):
    """Cross-entropy of a softmax: L = −Σⱼ qⱼ·ln pⱼ with p = softmax(z), of logits z.

    Without smoothing qⱼ is 1 for the sample's class t and 0 elsewhere, so L = −ln p_t = ln Σᵢ e^zᵢ − z_t.

    Parameters
    ----------
    smoothing : float, 0 ≤ ε < 1
        How much of a sample is spread over all n classes: q = (1 − ε)·[j = t] + ε/n. It keeps logits from growing for
        ever, at the price of probabilities that are never sure. As label_smoothing in Keras and PyTorch.

    Raises
    ------
    SettingError
        smoothing is outside its range.

    Examples
    --------
    >>> L, back = CrossEntropy().function(np.zeros((1, 2)), np.array([1]))
    >>> L.tolist(), back().tolist()
    ([0.6931471805599453], [[0.5, -0.5]])

    Source: Goodfellow, Bengio & Courville (2016), Deep Learning, §6.2.2.3; Szegedy et al. (2016), Rethinking the
    inception architecture, §7.
    """

    smoothing: float = 0.0

    name: ClassVar[str] = "cross_entropy"
    task: ClassVar[Task] = Task.CLASSES
    owns_output: ClassVar[bool] = True
    output_name: ClassVar[str | None] = "softmax"
    formula: ClassVar[str] = "L = −ln softmax(z)ₜ"

    def __post_init__(self) -> None:
        object.__setattr__(self, "smoothing", fraction("smoothing", self.smoothing, usual=0.1))

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/dz = p − q."""
        rows, spread = np.arange(len(A)), self.smoothing
        shifted = _shifted(A)
        P = np.exp(shifted)
        total = P.sum(axis=1)
        L = np.log(total) - shifted[rows, T]
        if spread:
            with np.errstate(over="ignore"):
                L = np.log(total) - ((1 - spread) * shifted[rows, T] + (spread * (shifted / A.shape[1])).sum(axis=1))

        def back() -> Array:
            dZ = P / total[:, np.newaxis]
            dZ[rows, T] -= 1 - spread
            if spread:
                dZ -= spread / A.shape[1]
            return dZ

        return L, back

    def output(self, A: Array) -> Array:
        """Return p = softmax(z)."""
        return softmax(A)
