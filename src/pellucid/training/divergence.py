"""When numbers cease to be finite: where it happened, and what probably made it happen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Task, forward, loss_and_gradient, scaled, total_weight
from pellucid.engine import Job, State

__all__ = ["explain_divergence"]

_LARGE_INPUT = 100.0
_LARGE_STEP = 0.1
_LARGE_TARGET = 1e6


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
        passed = forward(spec, parameters, X, job.dropout(before.step))
        l2 = job.l2_of(total_weight(len(batch), weights))
        result = loss_and_gradient(spec, parameters, X, T, weights, l1=job.l1, l2=l2, drop=job.dropout(before.step))
        largest_input = float(np.abs(scaled(spec, X)).max())
    layer = next((name for name, Z in passed.weighted_sums.items() if not np.isfinite(Z).all()), None)
    if layer is None and not np.isfinite(result.loss):
        layer = "the loss"
    if layer is None:
        backwards = reversed(list(result.gradient))
        layer = next((n for n in backwards if not all(np.isfinite(part).all() for part in result.gradient[n])), None)
    if layer is None:
        layer = f"the update ({job.optimizer.name})"
    return layer, _cause(
        job, before, T, largest_input, rate, started=layer in passed.weighted_sums or layer == "the loss"
    )


def _cause(job: Job, before: State, T: NDArray[Any], largest_input: float, rate: float, *, started: bool) -> str:
    """Return what probably made it happen; ``started``: before the step's own rate could matter."""
    weight = float(np.abs(before.parameters).max())
    if largest_input > _LARGE_INPUT:
        return (
            f"the inputs are large (up to {largest_input:.4g} after scaling); give the network an input_scale "
            "that brings them near 1"
        )
    if job.spec.loss.task is Task.VALUES and float(np.abs(T).max()) > _LARGE_TARGET:
        return (
            f"the targets are large (up to {float(np.abs(T).max()):.4g}, as the network sees them); bring them near 1, "
            "or let standardize_targets do it"
        )
    if started and before.step == 0:
        return f"the network started with weights up to {weight:.4g}; build it anew, or set smaller ones"
    if rate > _LARGE_STEP or weight > _LARGE_INPUT:
        return f"the learning rate is too high ({rate:.4g}; weights reach {weight:.4g}); try a tenth of it"
    return (
        f"the steps grew without bound (learning rate {rate:.4g}, weights reach {weight:.4g}); "
        "try a tenth of the learning rate"
    )
