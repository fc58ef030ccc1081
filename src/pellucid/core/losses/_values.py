"""Losses of values: how far an output is from its target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import is_number, positive
from pellucid.core.losses._loss import Loss, Task
from pellucid.errors import SettingError

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


@final
@dataclass(frozen=True)
class Pinball(Loss):
    """The pinball loss, whose best answers are quantiles: q of all targets lie below the answer for the quantile q.

    With d = t − a, L = mean over outputs of q·d where d > 0, else (q − 1)·d.

    Parameters
    ----------
    quantiles : one or several numbers, 0 < q < 1, rising
        The network has an output for each quantile of each target, a target's quantiles side by side.

    Raises
    ------
    SettingError
        The quantiles are not such numbers.

    Examples
    --------
    >>> L, back = Pinball(0.9).function(np.array([[1.0], [1.0]]), np.array([[3.0], [0.0]]))
    >>> L.round(12).tolist(), back().round(12).tolist()  # too low costs nine times what too high does
    ([1.8, 0.1], [[-0.9], [0.1]])

    Source: Koenker & Bassett (1978), Regression quantiles.
    """

    quantiles: tuple[float, ...] | float = (0.1, 0.5, 0.9)

    name: ClassVar[str] = "pinball"
    task: ClassVar[Task] = Task.VALUES
    formula: ClassVar[str] = "L = mean of q·d, or (q − 1)·d below 0,  d = t − a"

    def __post_init__(self) -> None:
        given = self.quantiles
        quantiles = tuple(given) if isinstance(given, (tuple, list, np.ndarray)) else (given,)
        sound = all(is_number(q) and 0 < q < 1 for q in quantiles) and all(q < r for q, r in pairwise(quantiles))
        if not quantiles or not sound:
            raise SettingError(
                f"quantiles must be rising numbers between 0 and 1; {given!r} was given. Give (0.1, 0.5, 0.9), say."
            )
        object.__setattr__(self, "quantiles", tuple(float(q) for q in quantiles))

    @property
    def outputs_per_target(self) -> int:
        """One for each quantile."""
        return np.size(self.quantiles)

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/da = −q / n_out where a < t, (1 − q) / n_out where a > t, else 0."""
        q = np.resize(np.asarray(self.quantiles), A.shape[1])
        above, below = q.astype(A.dtype), (1 - q).astype(A.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            difference = T - A
            L = (np.where(difference > 0, above * difference, -below * difference) / A.shape[1]).sum(axis=1)

        def back() -> Array:
            return np.where(difference > 0, -above, np.where(difference < 0, below, difference)) / A.shape[1]

        return L, back


@final
@dataclass(frozen=True)
class Poisson(Loss):
    """Half the Poisson deviance, for counts, acting on the logarithm of what is predicted.

    With a = eᶻ, L = mean over outputs of a − t + t·ln(t/a): 0 where a = t, and a where t = 0.

    With u = z − ln t that is t·(eᵘ − 1 − u), and is computed so where |u| ≤ 1, where the three terms nearly cancel.

    Examples
    --------
    >>> L, back = Poisson().function(np.log([[3.0], [1.0]]), np.array([[3.0], [0.0]]))
    >>> L.tolist(), back().round(12).tolist()
    ([0.0, 1.0], [[0.0], [1.0]])

    Source: McCullagh & Nelder (1989), Generalized linear models, §2.3; without the terms of t alone, it is PyTorch's
    PoissonNLLLoss(log_input=True).
    """

    name: ClassVar[str] = "poisson"
    task: ClassVar[Task] = Task.VALUES
    owns_output: ClassVar[bool] = True
    counts: ClassVar[bool] = True
    formula: ClassVar[str] = "L = mean of a − t + t·ln(t/a),  a = eᶻ"

    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L ≥ 0 for each sample, and dL/dz = (eᶻ − t) / n_out; each t ≥ 0."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            power = np.exp(A)
            u = A - np.log(np.maximum(T, np.finfo(A.dtype).tiny))
            near = T * np.maximum(np.expm1(np.clip(u, -1, 1)) - u, 0)
            some = np.where(np.abs(u) > 1, power - T - T * u, near)
            L = (np.where(np.isposinf(power) | (T == 0), power, some) / A.shape[1]).sum(axis=1)

        def back() -> Array:
            with np.errstate(over="ignore", under="ignore"):
                return (power - T) / A.shape[1]

        return L, back

    def output(self, A: Array) -> Array:
        """Return a = eᶻ."""
        with np.errstate(over="ignore", under="ignore"):
            return np.exp(A)
