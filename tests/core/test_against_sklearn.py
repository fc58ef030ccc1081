"""A hundred steps against scikit-learn's optimisers, for those that are named variants because of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from pellucid.core import (
    AdamHat,
    Optimizer,
    Parameters,
    SgdVelocity,
    Spec,
    initial_parameters,
    loss_and_gradient,
    schedule_of,
)

STEPS, BATCH = 100, 16
PAIRS: dict[str, tuple[Optimizer, Callable[[list[Any]], Any], float]] = {
    "velocity": (SgdVelocity(), lambda parts: SGDOptimizer(parts, momentum=0.9, nesterov=False), 0.05),
    "velocity of nesterov's": (
        SgdVelocity(nesterov=True),
        lambda parts: SGDOptimizer(parts, momentum=0.9, nesterov=True),
        0.05,
    ),
    "velocity 0": (SgdVelocity(0.0), lambda parts: SGDOptimizer(parts, momentum=0.0, nesterov=False), 0.2),
    "velocity 1": (
        SgdVelocity(1.0, nesterov=True),
        lambda parts: SGDOptimizer(parts, momentum=1.0, nesterov=True),
        0.003,
    ),
    "adam": (AdamHat(), AdamOptimizer, 0.01),
    "adam 0.5 0.9": (AdamHat(0.5, 0.9), lambda parts: AdamOptimizer(parts, beta_1=0.5, beta_2=0.9), 0.01),
    "adam eps 1": (AdamHat(epsilon=1.0), lambda parts: AdamOptimizer(parts, epsilon=1.0), 0.3),
}


def parts_of(parameters: Parameters) -> list[np.ndarray]:
    """Return its W and b, layer by layer, as views."""
    return [part for layer in parameters.layers() for part in layer]


@pytest.mark.parametrize("schedule", ["constant", "linear"])
@pytest.mark.parametrize("name", PAIRS)
def test_a_hundred_steps_are_those_of_scikit_learn(name: str, schedule: str) -> None:
    """From the same start, by the same gradients at the same rates, every parameter is within 1e-12 (float64)."""
    ours, make, rate = PAIRS[name]
    random = np.random.default_rng(7)
    spec = Spec.of([6, 8, 5, 3], activation="tanh", dtype="float64")
    mine, other = (initial_parameters(spec, seed=2019) for _ in range(2))
    start, factor, slots = mine.vector.copy(), schedule_of(schedule).factor, ours.init(mine.vector)
    theirs = make(parts_of(other))
    X = random.normal(size=(90, 6))
    T = (X @ random.normal(size=(6, 3))).argmax(axis=1)
    for k in range(STEPS):
        rows, now = random.permutation(90)[:BATCH], rate * factor(k, STEPS)
        of_mine, of_other = (loss_and_gradient(spec, parameters, X[rows], T[rows]) for parameters in (mine, other))
        ours.update(mine.vector, of_mine.gradient.vector, slots, now, k + 1)
        theirs.learning_rate = theirs.learning_rate_init = now
        theirs.update_params(parts_of(other), parts_of(of_other.gradient))
    assert 0.1 < np.abs(start - other.vector).max(), "the network has hardly moved, so the comparison says nothing"
    np.testing.assert_allclose(mine.vector, other.vector, rtol=0, atol=1e-12)
