"""The native engine against the readable core, on networks and batches of every odd size."""

from __future__ import annotations

import multiprocessing
import os
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.recorded import send_bits
from pellucid.core import (
    ACTIVATIONS,
    MAE,
    MSE,
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    BinaryCrossEntropy,
    Chain,
    ClipNorm,
    ClipValue,
    CrossEntropy,
    Dense,
    Dropout,
    HalfSquare,
    Huber,
    Optimizer,
    Pinball,
    Poisson,
    RMSprop,
    Sgd,
    SgdVelocity,
    Spec,
    Task,
    WeightDecay,
    initial_parameters,
)
from pellucid.engine import Job, NativeEngine, ReadableCore, State, instruction_sets

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="there is no native engine here")

WIDTHS = st.sampled_from([1, 2, 3, 5, 7, 8, 13, 15, 16, 17, 31, 32, 33, 48, 64, 97, 131])
# Of the largest number there is: sums of a thousand terms, each rounded once. In float32 the core is asked in float64.
LOSSES = [CrossEntropy(), CrossEntropy(0.1), BinaryCrossEntropy(), MSE(), MAE(), Huber(), Huber(0.3)]
LOSSES += [Pinball(0.7), Pinball((0.2, 0.9)), Poisson()]
LOSSES += [HalfSquare(), BinaryCrossEntropy(sum_outputs=True), Poisson(sum_outputs=True)]
OPTIMIZERS = [Sgd(), Sgd(0.9), Sgd(0.9, nesterov=True), Adam(), AdamW(), RMSprop(), Adagrad()]
OPTIMIZERS += [SgdVelocity(), SgdVelocity(0.8, nesterov=True), AdamHat()]
OPTIMIZERS += [
    Chain(ClipNorm(0.05), Sgd(0.9), WeightDecay(0.1)),
    Chain(ClipValue(0.01), Sgd()),
    Chain(ClipNorm(), Adam()),
    Chain(ClipNorm(0.05), SgdVelocity(), WeightDecay(0.1)),
]
ROUNDING = {"float32": 2e-4, "float64": 1e-11}
NETWORKS = 10_000 if os.environ.get("CI") == "true" else 1_000


@st.composite
def jobs(draw: Any) -> Job:
    """Return a job: a network of any shape, with any activations, loss, weights, penalty and dropout."""
    loss = draw(st.sampled_from(LOSSES))
    hidden: list[Any] = []
    for width in draw(st.lists(WIDTHS, max_size=4)):
        hidden.append(Dense(width, draw(st.sampled_from(list(ACTIVATIONS)))))
        if draw(st.booleans()) and draw(st.booleans()):
            hidden.append(Dropout(draw(st.sampled_from([0.0, 0.1, 0.5]))))
    n_in, n_out = draw(WIDTHS), max(2, draw(WIDTHS)) if loss.task is Task.CLASSES else draw(WIDTHS)
    n_out *= loss.outputs_per_target
    rows = draw(st.sampled_from([1, 2, 3, 15, 16, 17, 40, 255, 256, 257, 600]))
    spec = Spec.of(
        [n_in, *hidden, n_out],
        loss=loss,
        dtype=draw(st.sampled_from(["float32", "float64"])),
        input_scale=draw(st.sampled_from([1.0, 0.5])),
        input_shift=draw(st.sampled_from([0.0, 0.25])),
    )
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from([np.uint8, np.float32, np.float64]))
    X = np.where(random.random((rows, n_in)) < draw(st.sampled_from([0.0, 0.9])), 0, random.uniform(0, 3, (rows, n_in)))
    T: Any = random.integers(0, n_out, rows)
    if spec.loss.task is not Task.CLASSES:
        T = random.integers(0, 2, (rows, n_out)).astype(spec.dtype)
        if (
            spec.loss.task is Task.VALUES and not spec.loss.counts
        ):  # which no output meets exactly: there mae's slope jumps
            T += random.normal(size=T.shape).astype(spec.dtype)
    weights = random.integers(0, 3, rows).astype(spec.dtype) if draw(st.booleans()) else None
    optimizer: Optimizer = draw(st.sampled_from(OPTIMIZERS))
    (l1, l2), batch = draw(st.sampled_from([(0.0, 0.0), (0.0, 0.01), (0.01, 0.02)])), draw(st.integers(1, rows))
    factors = draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(spec.dense), max_size=len(spec.dense)))
    rates = tuple(factors) if draw(st.booleans()) and any(factors) else ()
    alpha, before = draw(st.sampled_from([0.0, 0.5])), draw(st.sampled_from([0, 1000]))
    more = {"alpha": alpha, "steps_before": before}
    return Job(spec, X.astype(kind), T, weights, optimizer, l2, batch, 7, l1, rates, **more)


def wide(job: Job) -> Job:
    """Return the same job in float64, for the core."""
    spec = Spec(job.spec.input, job.spec.layers, job.spec.loss, job.spec.output, "float64")
    T = job.T if job.T.dtype == np.int64 else job.T.astype(np.float64)
    X = job.X if job.X.dtype == np.uint8 else job.X.astype(np.float32 if job.spec.dtype == "float32" else job.X.dtype)
    weights = None if job.weights is None else job.weights.astype(np.float64)
    return replace(job, spec=spec, X=X, T=T, weights=weights)


@settings(max_examples=NETWORKS, deadline=None)
@given(job=jobs(), instructions=st.sampled_from(instruction_sets() or [""]), threads=st.integers(1, 3))
def test_outputs_losses_and_gradients_are_the_cores(job: Job, instructions: str, threads: int) -> None:
    """Within the stated rounding of the largest number, for every shape, kind of data and number of threads."""
    engine, core, asked = NativeEngine(instructions), ReadableCore(), wide(job)
    vector = initial_parameters(job.spec, 3).vector
    rounding = ROUNDING[job.spec.dtype]

    def check(expected: Any, actual: Any) -> None:
        size = max(1.0, float(np.abs(expected).max(initial=0)))
        np.testing.assert_allclose(actual, expected, rtol=0, atol=rounding * size)

    asked_vector = vector.astype(np.float64)
    check(core.forward(asked.spec, asked_vector, asked.X), engine.forward(job.spec, vector, job.X, threads=threads))
    expected = core.loss_and_gradient(asked.spec, asked_vector, asked.X, asked.T, asked.weights, asked.l1, asked.l2)
    actual = engine.loss_and_gradient(job.spec, vector, job.X, job.T, job.weights, job.l1, job.l2, threads=threads)
    check(expected[0], actual[0])
    check(expected[1], actual[1])
    assert engine.forward(job.spec, vector, job.X[:0]).shape == (0, job.spec.n_outputs)

    states = [State(0, v, job.optimizer.init(v)) for v in (asked_vector, vector)]
    # A slope that never shrinks may bring an output onto its target, where rounding decides the next step; one that
    # grows like eᶻ multiplies the rounding of the step before; equal numbers bring weighted sums onto a relu's kink,
    # and after a step rounding decides on which side of it they lie.
    kinked = any(layer.activation in {"relu", "leaky_relu", "selu"} for layer in job.spec.dense)
    bounded = isinstance(job.optimizer, Chain) and isinstance(job.optimizer.clip, ClipValue)
    most = 1 if kinked or bounded or isinstance(job.spec.loss, (MAE, Pinball, Poisson)) else 3
    rows = len(job.T)
    order, rates = np.random.default_rng(1).permutation(rows), np.full(min(most, -(-rows // job.batch_size)), 0.01)
    made = [
        core.train(asked, states[0], order, rates),
        engine.train(job, states[1], order, rates, threads=threads),
    ]
    check(made[0].losses, made[1].losses)
    rule = job.optimizer.rule if isinstance(job.optimizer, Chain) else job.optimizer
    if isinstance(rule, (Sgd, SgdVelocity)):  # Adam turns the sign of a gradient near 0 into a whole step
        check(states[0].parameters, states[1].parameters)
    assert states[0].step == states[1].step == len(rates)


def test_several_threads_may_predict_at_once() -> None:
    """Each gets the bits that it would get alone."""
    spec = Spec.of([70, 40, 5])
    vector, engine = initial_parameters(spec, 1).vector, NativeEngine()
    tables = [np.random.default_rng(i).normal(size=(1 + 300 * i, 70)).astype(np.float32) for i in range(6)]
    expected = [engine.forward(spec, vector, X).tobytes() for X in tables]
    found: list[bytes] = [b""] * 6

    def ask(i: int) -> None:
        for _ in range(20):
            found[i] = engine.forward(spec, vector, tables[i], threads=2).tobytes()

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert expected == found


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_forking_and_spawning_are_safe(method: str) -> None:
    """A child of a process that has computed on several threads computes the same bits."""
    if method == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    context = multiprocessing.get_context(method)
    here, there = context.Pipe()
    other_here, other_there = context.Pipe()
    send_bits(other_there)
    child = context.Process(target=send_bits, args=(there,))
    child.start()
    assert here.poll(60)
    assert other_here.recv() == here.recv()
    child.join(60)
    assert 0 == child.exitcode
