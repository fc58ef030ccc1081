"""L-BFGS: SciPy's, over the engine's full-batch loss and gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pellucid.errors import warn

__all__ = ["Found", "minimized"]

Vector = NDArray[np.float64]


class Found(NamedTuple):
    """Where it ended: the loss, and after how many iterations."""

    loss: float
    iterations: int


def minimized(
    loss_and_gradient: Callable[[Vector], tuple[float, Vector]],
    parameters: Vector,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    tell: Callable[[int, float], None] | None,
) -> Found:
    """Minimise a loss from where the parameters stand, in place.

    SciPy's own sums are held to one thread, whose number would decide bits.

    Source: Byrd, Lu, Nocedal & Zhu (1995), A limited memory algorithm for bound constrained optimization.
    """
    from scipy.optimize import minimize
    from sklearn.exceptions import ConvergenceWarning

    made = 0

    def after(intermediate_result: Any) -> None:
        nonlocal made
        made += 1
        if tell is not None:
            tell(made, float(intermediate_result.fun))

    with threadpool_limits(1, "blas"):
        result = minimize(
            loss_and_gradient,
            parameters.copy(),
            method="L-BFGS-B",
            jac=True,
            callback=after if tell is not None else None,
            options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
        )
    parameters[...] = result.x
    if result.status != 0:
        warn(
            f"L-BFGS has not converged after {result.nit} iterations and {result.nfev} evaluations of the loss "
            f"({result.message}). Increase max_iter ({max_iter}) or max_fun ({max_fun}), or scale the data: see "
            "sklearn.preprocessing.",
            ConvergenceWarning,
            through=("sklearn", "joblib"),
        )
    return Found(float(result.fun), min(int(result.nit), max_iter))
