"""What a job says beside its rule: whole epochs in one call, a penalty by weight of the batch, steps made before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pellucid.core import (
    Adam,
    AdamHat,
    Chain,
    ClipNorm,
    Dropout,
    Optimizer,
    Parameters,
    Sgd,
    SgdVelocity,
    Spec,
    initial_parameters,
    loss_and_gradient,
)
from pellucid.engine import Backend, Job, NativeEngine, ReadableCore, State, instruction_sets

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()},
}
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
RULES = [Sgd(), SgdVelocity(), SgdVelocity(0.8, nesterov=True), AdamHat(), Chain(ClipNorm(0.1), Adam())]
every_rule = pytest.mark.parametrize("rule", RULES, ids=str)

EPOCHS, ROWS = 3, 30


def a_job(rule: Optimizer, *, weighted: bool = True, dtype: str = "float64", batch: int = 8, **more: Any) -> Job:
    """Return a job on thirty rows, some of which weigh nothing, with dropout."""
    spec = Spec.of([6, Dropout(0.2), 17, Dropout(0.3), 4], dtype=dtype, activation="tanh")
    random = np.random.default_rng(4)
    X, T = random.normal(size=(ROWS, 6)).astype(dtype), random.integers(0, 4, ROWS)
    weights = random.integers(0, 3, ROWS).astype(dtype) if weighted else None
    return Job(spec, X, T, weights, rule, 0.01, batch, 5, **more)


def begun(job: Job) -> State:
    start = initial_parameters(job.spec, 1).vector
    return State(0, start, job.optimizer.init(start))


def left(state: State) -> tuple[int, bytes, dict[str, bytes]]:
    return state.step, state.parameters.tobytes(), {name: slot.tobytes() for name, slot in state.slots.items()}


@every_backend
@every_rule
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("batch", [1, 7, 8, 29, 30, 40])
def test_whole_epochs_in_one_call(backend: Backend, rule: Optimizer, threads: int, batch: int) -> None:
    """Each ends with its own short batch: the steps, losses and hits are those of a call for each epoch."""
    job = a_job(rule, alpha=0.5, batch=batch)
    each = -(-ROWS // batch)
    random = np.random.default_rng(2)
    orders, rates = [random.permutation(ROWS) for _ in range(EPOCHS)], random.uniform(0.01, 0.1, EPOCHS * each)
    together, apart = begun(job), begun(job)
    whole = backend.train(job, together, np.concatenate(orders), rates, epoch=ROWS, threads=threads)
    parts = [
        backend.train(job, apart, order, rates[each * k : each * (k + 1)], threads=1) for k, order in enumerate(orders)
    ]
    assert EPOCHS * each == apart.step
    assert left(apart) == left(together)
    assert np.concatenate([part.losses for part in parts]).tobytes() == whole.losses.tobytes()
    assert np.concatenate([part.hits for part in parts]).tobytes() == whole.hits.tobytes()


@every_backend
def test_a_call_may_end_within_an_epoch(backend: Backend) -> None:
    """Fewer rates than there are batches make fewer steps, the first of a later epoch among them."""
    job = a_job(Sgd())
    order, few, many = np.tile(np.arange(ROWS), EPOCHS), begun(job), begun(job)
    made = backend.train(job, few, order, np.full(6, 0.1), epoch=ROWS)
    longer = backend.train(job, many, order, np.full(12, 0.1), epoch=ROWS)
    assert (6, 12) == (few.step, many.step)
    assert made.losses.tobytes() == longer.losses[:6].tobytes()
    for rest in (order[46:60], order[60:]):  # two batches of the second epoch were made
        backend.train(job, few, rest, np.full(-(-len(rest) // 8), 0.1))
    assert left(many) == left(few)


@every_backend
@every_rule
@pytest.mark.parametrize("weighted", [True, False])
def test_alpha_is_a_penalty_by_the_total_weight(backend: Backend, rule: Optimizer, weighted: bool) -> None:
    """A step with alpha is that with l2 greater by alpha over the batch's total weight."""
    order = np.random.default_rng(2).permutation(ROWS)
    job = a_job(rule, weighted=weighted, alpha=0.5)
    state, expected = begun(job), begun(job)
    backend.train(job, state, order, np.full(4, 0.1))
    for k in range(4):
        rows = order[8 * k : 8 * k + 8]
        total = float(len(rows) if job.weights is None else job.weights[rows].sum())
        assert job.l2_of(total) == 0.01 + 0.5 / total
        backend.train(replace(job, alpha=0.0, l2=0.01 + 0.5 / total), expected, rows, np.full(1, 0.1))
    assert left(expected) == left(state)


@every_backend
def test_alpha_is_part_of_the_slope(backend: Backend) -> None:
    """A step of plain descent is that by the slope of loss and penalty, taken by central differences."""
    job = replace(a_job(Sgd(), alpha=0.5), l2=0.0)
    rows, spec = np.arange(8), job.spec
    weights = job.weights[rows]
    total = float(weights.sum())

    def whole(vector: Any) -> float:
        parameters = Parameters(spec, vector)
        made = loss_and_gradient(spec, parameters, job.X[rows], job.T[rows], weights, drop=(5, 0))
        squares = sum(float((layer.W**2).sum()) for layer in parameters.layers())
        return made.loss + 0.5 * squares / 2 / total

    state = begun(job)
    start, slope = state.parameters.copy(), np.empty(spec.n_parameters)
    for place in range(spec.n_parameters):
        ends = []
        for h in (1e-5, -1e-5):
            near = start.copy()
            near[place] += h
            ends.append(whole(near))
        slope[place] = (ends[0] - ends[1]) / 2e-5
    backend.train(job, state, rows, np.full(1, 0.25))
    np.testing.assert_allclose((start - state.parameters) / 0.25, slope, rtol=0, atol=1e-8)


@every_backend
def test_a_batch_that_weighs_nothing_has_the_whole_penalty(backend: Backend) -> None:
    """Where all weights are 0 the total counts as 1, and so the penalty alone moves the weights."""
    job = replace(a_job(Sgd(), alpha=0.5), weights=np.zeros(ROWS), l2=0.0)
    state = begun(job)
    start = Parameters(job.spec, state.parameters.copy())
    backend.train(job, state, np.arange(8), np.full(1, 0.25))
    for before, after in zip(start.layers(), Parameters(job.spec, state.parameters).layers(), strict=True):
        np.testing.assert_allclose(after.W, before.W * (1 - 0.25 * 0.5), rtol=1e-14)
        np.testing.assert_array_equal(after.b, before.b)


@every_backend
@every_rule
def test_steps_before_count(backend: Backend, rule: Optimizer) -> None:
    """A run that goes on from another's parameters and slots makes its steps: bias correction and dropout go on."""
    order = np.random.default_rng(2).permutation(ROWS)
    job = a_job(rule, alpha=0.5)
    whole = begun(job)
    first = backend.train(job, whole, order[:16], np.full(2, 0.1))
    slots = {name: slot.copy() for name, slot in whole.slots.items()}
    later = State(0, whole.parameters.copy(), slots)
    rest = backend.train(job, whole, order[16:], np.full(2, 0.1))
    again = backend.train(replace(job, steps_before=2), later, order[16:], np.full(2, 0.1))
    assert (2, 2, 2) == tuple(len(made.losses) for made in (first, rest, again))
    assert rest.losses.tobytes() == again.losses.tobytes()
    assert left(whole)[1:] == left(later)[1:]
    assert (4, 2) == (whole.step, later.step)
    assert (5, 3) == replace(job, steps_before=2).dropout(1)
