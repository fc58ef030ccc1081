"""Metrics of quantiles, in the targets' own units; averaged over outputs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core.losses import Pinball, Task
from pellucid.core.metrics._metric import Metric
from pellucid.core.metrics._sums import mean, tree_sum
from pellucid.core.metrics._values import explained
from pellucid.core.spec import Spec
from pellucid.errors import SettingError

__all__ = ["D2", "MeanPinballLoss"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

Quantile = float | tuple[float, ...] | None


@dataclass(frozen=True)
class _OfQuantiles(Metric):
    """What both have: a quantile, or those of the network's loss, the outputs taking them in turn; else a half."""

    quantile: Quantile = None

    tasks: ClassVar[tuple[Task, ...]] = (Task.VALUES,)
    of_quantiles: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.quantile is None:
            return
        try:
            several = Pinball(self.quantile).quantiles
        except SettingError:
            raise SettingError(
                f"quantile must be a number above 0 and below 1; {self.quantile!r} was given. Give 0.9, say."
            ) from None
        alone = not isinstance(self.quantile, (tuple, list))
        object.__setattr__(self, "quantile", np.ravel(several).tolist()[0] if alone else several)

    @property
    def shown(self) -> str:
        """Its name, such as pinball, or pinball_0.9."""
        return f"{self.name}_{self.quantile}" if isinstance(self.quantile, float) else self.name

    def fitted(self, spec: Spec) -> Metric:
        """Return it with the quantiles of the network's loss, where it has such."""
        return replace(self, quantile=spec.loss.quantiles) if isinstance(spec.loss, Pinball) else self

    def misfit(self, spec: Spec) -> str | None:
        """Return why it cannot measure a network: one that has quantiles is measured by these."""
        if isinstance(spec.loss, Pinball) and self.quantile not in {None, spec.loss.quantiles}:
            return f"is of another quantile than the loss, {spec.loss}"
        return super().misfit(spec)

    def of(self, T: Array) -> Float64:
        """Return the quantile of each output."""
        return np.resize(np.asarray(0.5 if self.quantile is None else self.quantile), T.shape[1])


@final
@dataclass(frozen=True)
class MeanPinballLoss(_OfQuantiles):
    """The mean of q·(y − p) where y lies above p, else (1 − q)·(p − y), whose best answer is the quantile q of y.

    Parameters
    ----------
    quantile : float, 0 < q < 1, or None for those of the loss, and ½ where it has none

    Raises
    ------
    SettingError
        quantile is outside its range.

    Source: Koenker & Bassett (1978), Regression quantiles.

    Examples
    --------
    >>> MeanPinballLoss(0.75).value(np.array([[1.0], [5.0]]), np.array([[2.0], [2.0]]))
    0.75
    >>> MeanPinballLoss(0.75).shown, MeanPinballLoss().shown
    ('pinball_0.75', 'pinball')
    """

    name: ClassVar[str] = "pinball"
    better: ClassVar[int] = -1
    formula: ClassVar[str] = "mean of max(q·(y − p), (q − 1)·(y − p))"

    def value(self, A: Float64, T: Array) -> float:
        """Return the mean of max(q·(y − p), (q − 1)·(y − p))."""
        return mean(_pinball(A, T, self.of(T)))


@final
@dataclass(frozen=True)
class D2(_OfQuantiles):
    """The share of the pinball loss that is explained, averaged over outputs: what r2 is for the mean.

    1 is perfect, 0 as good as naming y's own quantile throughout: the least y that at least q of all do not exceed.

    Source: Koenker & Machado (1999), Goodness of fit and related inference processes for quantile regression, eq. 7.

    Examples
    --------
    >>> D2().value(np.array([[1.0], [2.0], [4.0]]), np.array([[1.0], [2.0], [3.0]]))
    0.5
    """

    name: ClassVar[str] = "d2"
    better: ClassVar[int] = +1
    formula: ClassVar[str] = "1 − Σ pinball / Σ pinball of y's own quantile"

    def value(self, A: Float64, T: Array) -> float:
        """Return 1 − Σ pinball / Σ pinball of y's own quantile, averaged over outputs."""
        q = self.of(T)
        places = np.ceil(q * len(T)).astype(np.int64) - 1
        best = np.sort(T, axis=0)[places, np.arange(len(q))]
        return explained(tree_sum(_pinball(A, T, q)), tree_sum(_pinball(best, T, q)))


def _pinball(P: Float64, Y: Array, q: Float64) -> Float64:
    apart = Y - P
    return np.maximum(q * apart, (q - 1.0) * apart)
