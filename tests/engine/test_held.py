"""Parameters that are held keep every bit through any number of steps, on any number of threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pellucid.core import Adam, Chain, ClipNorm, Optimizer, Sgd, Spec, initial_parameters
from pellucid.engine import Backend, Job, NativeEngine, ReadableCore, State, instruction_sets

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()},
}


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("rule", [Sgd(0.9), Adam(), Chain(ClipNorm(0.1), Adam())], ids=str)
@pytest.mark.parametrize("widths", [(6, 8, 3), (40, 64, 64, 10)], ids=str)
def test_steps_with_held_parameters(backend: Backend, threads: int, rule: Optimizer, widths: tuple[int, ...]) -> None:
    """Many steps in one call are the same as single ones after each of which the held parameters are put back."""
    spec = Spec.of(list(widths))
    random = np.random.default_rng(3)
    X, T = random.normal(size=(90, widths[0])).astype(np.float32), random.integers(0, widths[-1], 90)
    places = np.sort(random.choice(spec.n_parameters, spec.n_parameters // 5, replace=False))
    job = Job(spec, X, T, None, rule, 0.0, 16, 5, held=places)
    start = initial_parameters(spec, 1).vector
    state, expected = State(0, start.copy(), rule.init(start)), State(0, start.copy(), rule.init(start))
    order, rates = random.permutation(90), np.full(6, 0.05)
    backend.train(job, state, order, rates, threads=threads)
    for k in range(6):
        backend.train(replace(job, held=None), expected, order[16 * k :], rates[k : k + 1], threads=1)
        expected.parameters[places] = start[places]
    np.testing.assert_array_equal(state.parameters[places], start[places])
    free = np.delete(np.arange(spec.n_parameters), places)
    assert (state.parameters[free] != start[free]).mean() > 0.5
    np.testing.assert_array_equal(state.parameters, expected.parameters)
    for name, slot in state.slots.items():
        np.testing.assert_array_equal(slot, expected.slots[name])
