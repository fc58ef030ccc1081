"""Losses of values: how far an output is from its target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import positive
from pellucid.core.losses._loss import Loss, Task

Array = NDArray[Any]


@final
@dataclass(frozen=True)
class MSE(Loss):
    """Mean squared error: L = mean over outputs of (a − t)². Its best answer is the mean of the targets."""

    name: ClassVar[str] = "mse"
    task: ClassVar[Task] = Task.VALUES
    formula: ClassVar[str] = "L = mean of (a − t)²"

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/da = 2·(a − t) / n_out."""
        with np.errstate(over="ignore", invalid="ignore"):
            difference = A - T
            L = (difference * difference).mean(axis=1)

        def back() -> Array:
            with np.errstate(over="ignore"):
                return difference * (2.0 / A.shape[1])

        return L, back


@final
@dataclass(frozen=True)
class HalfSquare(Loss):
    """Half the square: L = ½·Σ over outputs of (a − t)², whose slope is the difference itself.

    For one output it is half the mean squared error; for several it is n_out / 2 times that.

    Source: Bishop (2006), Pattern recognition and machine learning, eq. 5.14.
    """

    name: ClassVar[str] = "half_square"
    task: ClassVar[Task] = Task.VALUES
    formula: ClassVar[str] = "L = Σ ½·(a − t)²"

    @property
    def summed(self) -> bool:
        """It is a sum over outputs."""
        return True

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/da = a − t."""
        with np.errstate(over="ignore", invalid="ignore"):
            difference = A - T
            L = (difference * difference).sum(axis=1) / 2

        def back() -> Array:
            return difference

        return L, back


@final
@dataclass(frozen=True)
class MAE(Loss):
    """Mean absolute error: L = mean over outputs of |a − t|. Its best answer is the median of the targets."""

    name: ClassVar[str] = "mae"
    task: ClassVar[Task] = Task.VALUES
    formula: ClassVar[str] = "L = mean of |a − t|"

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/da = ±1 / n_out, 0 where a = t."""
        with np.errstate(over="ignore", invalid="ignore"):
            difference = A - T
            L = (np.abs(difference) / A.shape[1]).sum(axis=1)  # a sum first might overflow

        def back() -> Array:
            return np.sign(difference) / A.shape[1]

        return L, back


@final
@dataclass(frozen=True)
class Huber(Loss):
    """Huber's loss: half the square up to δ, a straight line beyond, so that outliers pull no harder.

    With d = a − t, L = mean over outputs of ½·d² where |d| ≤ δ, else δ·(|d| − ½·δ).

    Parameters
    ----------
    delta : float, δ ≥ 1e-30
        In units of the targets as they are learned: of their standard deviations, where these are standardised.

    Raises
    ------
    SettingError
        delta is outside its range.

    Examples
    --------
    >>> L, back = Huber(delta=2.0).function(np.array([[1.0], [5.0]]), np.zeros((2, 1)))
    >>> L.tolist(), back().tolist()
    ([0.5, 8.0], [[1.0], [2.0]])

    Source: Huber (1964), Robust estimation of a location parameter.
    """

    delta: float = 1.0

    name: ClassVar[str] = "huber"
    task: ClassVar[Task] = Task.VALUES
    formula: ClassVar[str] = "L = mean of ½·d², or δ·(|d| − ½·δ) beyond δ,  d = a − t"

    def __post_init__(self) -> None:
        object.__setattr__(self, "delta", positive("delta", self.delta, usual=1.0, least=1e-30))

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/da = d / n_out, within ±δ / n_out."""
        delta = A.dtype.type(self.delta)
        with np.errstate(over="ignore", invalid="ignore"):
            difference = A - T
            size = np.abs(difference)
            near = np.minimum(size, delta)
            L = (near * (size - near / 2) / A.shape[1]).sum(axis=1)  # near: ½·size²; far: δ·(size − ½·δ)

        def back() -> Array:
            return np.clip(difference, -delta, delta) / A.shape[1]

        return L, back
