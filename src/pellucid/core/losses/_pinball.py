"""The pinball loss, for quantiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import is_number
from pellucid.core.losses._loss import Loss, Task
from pellucid.errors import SettingError

Array = NDArray[Any]


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
