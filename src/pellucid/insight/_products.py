"""Products of rows' gradients, none of which is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pellucid.core import LayerNumbers, Traced
from pellucid.engine import Job
from pellucid.insight._replay import layer_rate

__all__ = ["gradient_products"]

Array = NDArray[np.float64]


def gradient_products(job: Job, traced: Traced, one: Traced) -> Array:
    """Return the product of each row's gradient with that of one other row, over all that the job trains.

        ⟨∇Lᵢ, ∇L⟩ = Σ over layers of factor · (δᵢ·δ)(xᵢ·x + 1)

    Parameters
    ----------
    job : Job
    traced : of the rows, each with its weight
    one : of the other row

    Returns
    -------
    float64, shape (batch,)
    """
    spec, products, begin = job.spec, np.zeros(len(traced.layers["output"].Z)), 0
    for number, (name, (n_out, n_in)) in enumerate(zip(spec.names, spec.shapes, strict=True)):
        factor, end = layer_rate(job, number), begin + (n_in + 1) * n_out
        if factor:
            free = None if job.held is None else _free(job.held, begin, end).reshape(n_in + 1, n_out)
            products += factor * _products(traced.layers[name], one.layers[name], free)
        begin = end
    return products


def _free(held: NDArray[np.int64], begin: int, end: int) -> Array:
    """Return 1 for each parameter of a layer that may change, 0 for the others."""
    free = np.ones(end - begin)
    free[held[(held >= begin) & (held < end)] - begin] = 0.0
    return free


def _products(rows: LayerNumbers, one: LayerNumbers, free: Array | None) -> Array:
    """Return the product of each row's gradient with that of the other row, in one layer, shape (batch,).

    ``free``, shape (n_in + 1, n_out), is 1 for parameters that may change, and 0 for others, which count for nothing.
    """
    assert rows.delta is not None  # noqa: S101  # there are targets
    assert one.delta is not None  # noqa: S101
    delta, x = one.delta[0].astype(np.float64), one.X[0].astype(np.float64)
    if free is None:
        return np.asarray((rows.delta @ delta) * (rows.X @ x + 1))
    sums = (rows.X * x) @ free[:-1] + free[-1]
    return np.asarray((rows.delta * delta * sums).sum(axis=1))
