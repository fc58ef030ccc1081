"""Backends: each does in a few fat calls what the core does step by step, and reports what happened."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from pellucid.core import (
    Adam,
    Dense,
    Dropout,
    Optimizer,
    Parameters,
    Sgd,
    Spec,
    Task,
    forward,
    initial_parameters,
    loss_and_gradient,
    right,
)
from pellucid.engine import Backend, Job, NativeEngine, ReadableCore, State, default_backend, instruction_sets
from pellucid.random import Purpose, Stream

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()},
}
SEED, ROWS, BATCH = 2019, 50, 16  # an epoch of three batches of 16 and one of 2

every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)


@dataclass(frozen=True)
class Run:
    """A network and how it is trained."""

    spec: Spec
    optimizer: Optimizer
    l2: float = 0.0
    weighted: bool = False

    def job(self) -> Job:
        """Return the job on random data of the spec's kind."""
        random = np.random.default_rng(1)
        spec = self.spec
        X = random.integers(0, 256, (ROWS, 6), dtype=np.uint8)
        T: Any = random.integers(0, spec.n_outputs, ROWS)
        if spec.loss.task is not Task.CLASSES:
            T = random.integers(0, 2, (ROWS, spec.n_outputs)).astype(spec.dtype)
        weights = random.integers(0, 3, ROWS).astype(spec.dtype) if self.weighted else None
        return Job(spec, X, T, weights, self.optimizer, self.l2, BATCH, SEED)

    def state(self) -> State:
        """Return the start of a run."""
        parameters = initial_parameters(self.spec, SEED).vector
        return State(0, parameters, self.optimizer.init(parameters))


SCALE = 1 / 255
RUNS = {
    "adam": Run(Spec.of([6, 8, 5, 3], input_scale=SCALE), Adam()),
    "adam, double": Run(Spec.of([6, 8, 5, 3], input_scale=SCALE, dtype="float64"), Adam()),
    "momentum, weights, l2": Run(Spec.of([6, 7, 3], input_scale=SCALE), Sgd(0.9), 0.01, weighted=True),
    "dropout": Run(Spec.of([6, Dropout(0.1), 8, Dropout(0.5), 3], input_scale=SCALE), Sgd(0.9, nesterov=True)),
    "yes-no": Run(Spec.of([6, Dense(8, "tanh"), 2], loss="binary_cross_entropy", input_scale=SCALE), Sgd()),
    "values": Run(Spec.of([6, 8, Dense(2, "sigmoid")], loss="mse", input_scale=SCALE), Adam(), 0.001),
}

every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


def order(epoch: int, first: int = 0) -> np.ndarray:
    """Return the rows of an epoch in order, from one of its steps on."""
    return Stream(SEED, Purpose.SHUFFLE, epoch=epoch).permutation(ROWS)[first * BATCH :]


RATES = np.array([0.02, 0.01, 0.03, 0.005])


def bits(state: State) -> list[bytes]:
    """Return every byte of a state."""
    return [str(state.step).encode(), *(v.tobytes() for v in (state.parameters, *state.slots.values()))]


def by_hand(job: Job, state: State, rows_in_order: np.ndarray, rates: np.ndarray) -> tuple[list[float], list[int]]:
    """Make an epoch's first steps from the core's own functions; return losses and hits."""
    losses, hits = [], []
    parameters = Parameters(job.spec, state.parameters)
    for number, rate in enumerate(rates.tolist()):
        first = number * job.batch_size
        rows = rows_in_order[first : first + job.batch_size]
        weights = None if job.weights is None else job.weights[rows]
        made = loss_and_gradient(
            job.spec, parameters, job.X[rows], job.T[rows], weights, l2=job.l2, drop=(job.seed, state.step)
        )
        state.step += 1
        job.optimizer.update(state.parameters, made.gradient.vector, state.slots, rate, state.step)
        losses.append(made.loss)
        judged = job.spec.loss.task is not Task.VALUES
        hits.append(int(right(made.output, job.T[rows]).sum()) if judged else 0)
    return losses, hits


@every_backend
@pytest.mark.parametrize("method", ["forward", "use", "losses", "loss_and_gradient", "train"])
def test_signatures_are_those_of_the_protocol(backend: Backend, method: str) -> None:
    """Names, kinds, order, defaults and annotations of every parameter are the protocol's."""
    assert inspect.signature(getattr(Backend, method)) == inspect.signature(getattr(type(backend), method))


@every_backend
def test_nothing_beside_the_protocol_is_public(backend: Backend) -> None:
    """The protocol is small: a backend has its members and no others."""
    expected = {name for name in vars(Backend) if not name.startswith("_")}
    assert {"name", "exactness", "forward", "use", "losses", "loss_and_gradient", "trace", "train"} == expected
    assert expected == {name for name in dir(backend) if not name.startswith("_")}
    assert isinstance(backend.name, str)
    assert backend.exactness == "everywhere" or backend.exactness.startswith("this machine (")


def test_a_backend_is_there_without_asking() -> None:
    """The default is one of those tested here."""
    assert default_backend().name in BACKENDS


@every_run
def test_the_readable_core_trains_as_the_core_does_by_hand(run: Run) -> None:
    """Two epochs, the last batch of each smaller: parameters, slots, losses and hits to the last bit."""
    job, actual, expected = run.job(), run.state(), run.state()
    for epoch in range(2):
        steps = ReadableCore().train(job, actual, order(epoch), RATES)
        losses, hits = by_hand(job, expected, order(epoch), RATES)
        assert losses == steps.losses.tolist()
        assert hits == steps.hits.tolist()
        assert (np.float64, np.int64, False) == (steps.losses.dtype, steps.hits.dtype, steps.diverged)
    assert bits(expected) == bits(actual)
    assert 8 == actual.step
    assert actual.finite()


@every_backend
@every_run
@pytest.mark.parametrize("cuts", [[1, 2, 3], [2], [3], []], ids=str)
def test_many_steps_in_one_call_are_single_steps(backend: Backend, run: Run, cuts: list[int]) -> None:
    """However an epoch is cut into calls, the bits are the same."""
    job, whole, parts = run.job(), run.state(), run.state()
    expected = backend.train(job, whole, order(0), RATES)
    losses, hits = [], []
    for rates in np.split(RATES, cuts):
        steps = backend.train(job, parts, order(0, parts.step), rates)
        losses += steps.losses.tolist()
        hits += steps.hits.tolist()
    assert (expected.losses.tolist(), expected.hits.tolist()) == (losses, hits)
    assert bits(whole) == bits(parts)


@every_backend
def test_no_steps_are_no_change(backend: Backend) -> None:
    """A call for no steps reports none and leaves the state."""
    run = RUNS["adam"]
    state = run.state()
    before = bits(state)
    steps = backend.train(run.job(), state, order(0), np.empty(0))
    assert (0, 0, False) == (len(steps.losses), len(steps.hits), steps.diverged)
    assert before == bits(state)


@every_backend
@every_run
def test_training_changes_the_state_in_place_and_the_data_not_at_all(backend: Backend, run: Run) -> None:
    """The vectors stay the caller's own; X, T, weights, order and rates keep their numbers."""
    job, state, rows, rates = run.job(), run.state(), order(0), RATES.copy()
    given = [job.X, job.T, rows, rates] + ([] if job.weights is None else [job.weights])
    before, start = [array.tobytes() for array in given], state.parameters.copy()
    held = (state.parameters, *state.slots.values())
    for array in given:
        array.flags.writeable = False
    backend.train(job, state, rows, rates)
    assert before == [array.tobytes() for array in given]
    assert all(one is other for one, other in zip(held, (state.parameters, *state.slots.values()), strict=True))
    assert (start != state.parameters).any()


@every_backend
def test_steps_may_see_fewer_rows_than_there_are(backend: Backend) -> None:
    """Rows held out (here those from 40 on) have no part in the bits."""
    run = RUNS["adam"]
    job = run.job()
    spoilt = replace(job, X=job.X.copy())
    spoilt.X[40:] = 255
    kept = Stream(SEED, Purpose.SHUFFLE).permutation(40)
    one, other = run.state(), run.state()
    backend.train(job, one, kept, RATES[:3])
    backend.train(spoilt, other, kept, RATES[:3])
    assert bits(one) == bits(other)


@every_backend
def test_the_last_batch_is_averaged_over_its_own_rows(backend: Backend) -> None:
    """The fourth step sees two rows, and its loss is their mean."""
    run = RUNS["adam, double"]
    job, state = run.job(), run.state()
    backend.train(job, state, order(0), RATES[:3])
    at = state.parameters.copy()
    loss = backend.train(job, state, order(0, 3), RATES[3:]).losses[0]
    rows = order(0)[48:]
    assert 2 == len(rows)
    expected, _ = backend.loss_and_gradient(job.spec, at, job.X[rows], job.T[rows], None, 0.0, 0.0)
    assert expected == pytest.approx(loss, rel=1e-14)


@every_backend
def test_dropout_masks_are_addressed_by_seed_step_layer_and_position(backend: Backend) -> None:
    """The loss of step 5 is that of masks drawn from (seed, layer 1 or 3, step 5), word position·width + unit."""
    spec = Spec.of([6, Dropout(0.1), Dense(8, "identity"), Dropout(0.5), 3], input_scale=SCALE, dtype="float64")
    run = Run(spec, Sgd())
    job, state = run.job(), run.state()
    backend.train(job, state, order(0), RATES)
    backend.train(job, state, order(1), RATES[:1])
    assert 5 == state.step
    parameters = Parameters(spec, state.parameters.copy())
    loss = backend.train(job, state, order(1, 1), RATES[1:2]).losses[0]

    rows = order(1)[BATCH : 2 * BATCH]
    A = job.X[rows] * SCALE
    for layer, width, rate, name in ((1, 6, 0.1, "layer_1"), (3, 8, 0.5, "output")):
        words = Stream(SEED, Purpose.DROPOUT, layer=layer, step=5).words(BATCH * width).astype(float)
        A = np.where(words.reshape(BATCH, width) < rate * 2**32, 0, A / (1 - rate))
        W, b = parameters[name]
        A = A @ W.T + b
    P = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
    expected = -np.log(P[np.arange(BATCH), job.T[rows]]).mean()
    assert expected == pytest.approx(loss, rel=1e-12)


@every_backend
def test_another_seed_drops_other_units(backend: Backend) -> None:
    """The masks' seed is the job's."""
    run = RUNS["dropout"]
    losses = [
        backend.train(replace(run.job(), seed=seed), run.state(), order(0), RATES).losses.tolist() for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1] != losses[2]


@every_backend
@pytest.mark.parametrize("at", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["adam", "adam, double", "momentum, weights, l2", "values"])
def test_divergence_is_reported_at_exactly_its_step(backend: Backend, name: str, at: int) -> None:
    """The step whose rate is infinite is the last one made; those before it are as they would have been."""
    run = RUNS[name]
    job, state, sound = run.job(), run.state(), run.state()
    rates = RATES.copy()
    rates[at] = np.inf
    steps = backend.train(job, state, order(0), rates)
    assert (at + 1, at + 1, True) == (len(steps.losses), len(steps.hits), steps.diverged)
    assert at + 1 == state.step
    assert not state.finite()
    expected = backend.train(job, sound, order(0), RATES[: at + 1])
    assert not expected.diverged
    assert expected.losses.tolist() == steps.losses.tolist()


@every_backend
@pytest.mark.parametrize("where", ["parameters", "mean", "square"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_a_state_is_finite_only_if_every_number_is(backend: Backend, where: str, value: float) -> None:
    """One number in any vector is enough, and one step from there reports it."""
    run = RUNS["adam"]
    state = run.state()
    vector = state.parameters if where == "parameters" else state.slots[where]
    assert state.finite()
    vector[3] = value
    assert not state.finite()
    assert backend.train(run.job(), state, order(0), RATES).diverged


def test_a_state_whose_sum_overflows_may_be_finite() -> None:
    """Numbers are looked at themselves where their sum is too large."""
    largest = np.full(4, np.finfo(np.float32).max)
    assert State(0, largest, {}).finite()
    for value in (np.inf, -np.inf, np.nan):
        assert not State(0, np.append(largest, np.float32(value)), {}).finite()
    assert not State(0, np.array([np.inf, -np.inf]), {}).finite()


@every_backend
def test_a_batch_of_weight_zero_teaches_nothing(backend: Backend) -> None:
    """Its loss is 0 (the penalty apart), its gradient 0: plain descent stays where it is."""
    run = replace(RUNS["momentum, weights, l2"], optimizer=Sgd(), l2=0.0)
    job, state = run.job(), run.state()
    before = state.parameters.tobytes()
    job.weights[order(0)[:BATCH]] = 0
    steps = backend.train(job, state, order(0), RATES[:1])
    assert (0.0, False, 1) == (steps.losses[0], steps.diverged, state.step)
    assert before == state.parameters.tobytes()

    loss, gradient = backend.loss_and_gradient(
        job.spec, state.parameters, job.X[:4], job.T[:4], np.zeros(4, np.float32), 0.0, 0.0
    )
    assert 0.0 == loss
    assert not gradient.any()


@every_backend
@pytest.mark.parametrize("rows", [0, 1, 2, 2047, 2048, 2049, 5000])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_forward_is_the_cores(backend: Backend, dtype: str, rows: int) -> None:
    """However many rows, and in whatever blocks, the output is the core's to rounding, without dropout."""
    spec = Spec.of([6, Dense(8, "tanh"), Dropout(0.5), 3], input_scale=SCALE, dtype=dtype)
    parameters = initial_parameters(spec, seed=1)
    X = np.random.default_rng(0).integers(0, 256, (rows, 6), dtype=np.uint8)
    output = backend.forward(spec, parameters.vector, X)
    assert ((rows, 3), dtype) == (output.shape, output.dtype)
    expected = forward(spec, parameters, X).output
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-5 if dtype == "float32" else 1e-14)
    for begin in range(0, rows, 2048):
        block = forward(spec, parameters, X[begin : begin + 2048]).output
        exact = 0 if isinstance(backend, ReadableCore) else 1e-14
        rounding = 1e-6 if dtype == "float32" else exact
        np.testing.assert_allclose(output[begin : begin + 2048], block, rtol=0, atol=rounding)


@every_backend
@every_run
@pytest.mark.parametrize("rows", [1, 3, 4, 50])
def test_what_is_shown_is_the_cores_and_one_row_has_the_bits_of_many(backend: Backend, run: Run, rows: int) -> None:
    """Probabilities are those of the core to rounding; the largest input is found; rows alone are as among others."""
    job = run.job()
    parameters = initial_parameters(job.spec, seed=3)
    used = backend.use(job.spec, parameters.vector, job.X[:rows], shown=True)
    expected = job.spec.loss.output(forward(job.spec, parameters, job.X[:rows]).output)
    np.testing.assert_allclose(used.output, expected, rtol=0, atol=1e-6)
    assert used.finite
    assert float(job.X[:rows].max()) * SCALE == pytest.approx(used.largest)
    if isinstance(backend, NativeEngine):
        for shown in (True, False):
            whole = backend.use(job.spec, parameters.vector, job.X, shown=shown).output
            parts = backend.use(job.spec, parameters.vector, job.X[:rows], shown=shown).output
            assert whole[:rows].tobytes() == parts.tobytes()


@every_backend
@pytest.mark.parametrize("rows", [1, 40])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
def test_what_is_not_finite_is_met(backend: Backend, loss: str, value: float, rows: int) -> None:
    """One input that is not finite, or one that makes an output so, is told, and its row holds no probabilities."""
    spec = Spec.of([70, Dense(4, "relu"), 3], loss=loss)
    parameters = Parameters(spec)
    parameters.vector[:] = 1
    X = np.zeros((rows, 70), np.float32)
    X[-1, 65] = value
    used = backend.use(spec, parameters.vector, X, shown=True)
    assert not used.finite
    if value != -np.inf:  # which relu makes 0
        assert np.isnan(used.output[-1]).all()
    assert np.isfinite(used.output[:-1]).all()


@every_backend
@every_run
def test_loss_and_gradient_are_the_cores_without_dropout(backend: Backend, run: Run) -> None:
    """All rows at once, weights and penalty included, into a vector of its own."""
    job = run.job()
    parameters = initial_parameters(job.spec, seed=3)
    before = parameters.vector.tobytes()
    loss, gradient = backend.loss_and_gradient(job.spec, parameters.vector, job.X, job.T, job.weights, 0.0, job.l2)
    expected = loss_and_gradient(job.spec, parameters, job.X, job.T, job.weights, l2=job.l2)
    rounding = 1e-5 if job.spec.dtype == "float32" else 1e-13
    assert expected.loss == pytest.approx(loss, rel=rounding)
    np.testing.assert_allclose(gradient, expected.gradient.vector, rtol=rounding, atol=rounding)
    assert isinstance(loss, float)
    assert job.spec.dtype == gradient.dtype
    assert before == parameters.vector.tobytes()
    assert not np.shares_memory(gradient, parameters.vector)


@every_backend
def test_numbers_that_are_not_finite_give_no_warning(backend: Backend) -> None:
    """Infinite parameters come out as infinite or NaN results, and nothing is printed about them."""
    run = RUNS["adam"]
    job = run.job()
    parameters = np.full(job.spec.n_parameters, np.inf, np.float32)
    assert not np.isfinite(backend.forward(job.spec, parameters, job.X)).all()
    loss, _ = backend.loss_and_gradient(job.spec, parameters, job.X, job.T, None, 0.0, 0.1)
    assert not np.isfinite(loss)


@every_backend
@every_run
def test_training_lowers_the_loss(backend: Backend, run: Run) -> None:
    """Ten epochs on fifty rows leave the loss below where it began."""
    job, state = run.job(), run.state()
    before, _ = backend.loss_and_gradient(job.spec, state.parameters, job.X, job.T, job.weights, 0.0, job.l2)
    for epoch in range(10):
        backend.train(job, state, order(epoch), np.full(4, 0.02))
    after, _ = backend.loss_and_gradient(job.spec, state.parameters, job.X, job.T, job.weights, 0.0, job.l2)
    assert after < before


@every_backend
@pytest.mark.parametrize("threads", [None, 1, 2])
def test_any_number_of_threads_will_do(backend: Backend, threads: int | None) -> None:
    """The three calls take ``threads`` and agree to rounding."""
    run = RUNS["adam, double"]
    job, state, expected = run.job(), run.state(), run.state()
    backend.train(job, expected, order(0), RATES)
    backend.train(job, state, order(0), RATES, threads=threads)
    np.testing.assert_allclose(state.parameters, expected.parameters, rtol=1e-9)
    assert (ROWS, 3) == backend.forward(job.spec, state.parameters, job.X, threads=threads).shape
    assert 0 < backend.loss_and_gradient(job.spec, state.parameters, job.X, job.T, None, 0.0, 0.0, threads=threads)[0]
