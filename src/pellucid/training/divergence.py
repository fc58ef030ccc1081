"""When numbers cease to be finite: where it happened, and what probably made it happen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, forward, loss_and_gradient, scaled
from pellucid.engine import Job, State

__all__ = ["explain_divergence"]

_LARGE_INPUT = 100.0
_LARGE_STEP = 0.1


def explain_divergence(job: Job, before: State, batch: NDArray[np.int64], rate: float) -> tuple[str, str]:
    """Return the layer in which a step's numbers cease to be finite, and the likely cause.

    Parameters
    ----------
    job : Job
    before : State
        The last finite state, from which the step was made.
    batch : the rows of X that the step saw
    rate : float
        Its learning rate.
    """
    spec, parameters = job.spec, Parameters(job.spec, before.parameters)
    X, T = job.X[batch], job.T[batch]
    weights = None if job.weights is None else job.weights[batch]
    with np.errstate(all="ignore"):
        passed = forward(spec, parameters, X, (job.seed, before.step))
        result = loss_and_gradient(spec, parameters, X, T, weights, l2=job.l2, drop=(job.seed, before.step))
        largest_input = float(np.abs(scaled(spec, X)).max())
    layer = next((name for name, Z in passed.weighted_sums.items() if not np.isfinite(Z).all()), None)
    if layer is None and not np.isfinite(result.loss):
        layer = "the loss"
    if layer is None:
        backwards = reversed(list(result.gradient))
        layer = next((n for n in backwards if not all(np.isfinite(part).all() for part in result.gradient[n])), None)
    if layer is None:
        layer = f"the update ({job.optimizer.name})"
    return layer, _cause(largest_input, rate, float(np.abs(before.parameters).max()))


def _cause(largest_input: float, rate: float, largest_parameter: float) -> str:
    if largest_input > _LARGE_INPUT:
        return (
            f"the inputs are large (up to {largest_input:.4g} after scaling); give the network an input_scale "
            "that brings them near 1"
        )
    if rate > _LARGE_STEP or largest_parameter > _LARGE_INPUT:
        return (
            f"the learning rate is too high ({rate:.4g}; the largest weight had grown to {largest_parameter:.4g}); "
            "try a tenth of it"
        )
    return (
        f"the steps grew without bound (learning rate {rate:.4g}, largest weight {largest_parameter:.4g}); "
        "try a tenth of the learning rate, and look for targets far from 0"
    )
