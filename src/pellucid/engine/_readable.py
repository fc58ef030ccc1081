"""The readable core as a backend: plain NumPy, on one thread."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core import (
    Parameters,
    Spec,
    Task,
    Traced,
    forward,
    loss_and_gradient,
    right,
    scaled,
    total_weight,
    traced,
)
from pellucid.engine._protocol import Job, State, Steps, Table, Used

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Array = NDArray[Any]
Vector = NDArray[Any]

_ROWS_AT_ONCE = 2048


class _OneBlasThread:
    """Holds BLAS to one thread while at least one call computes.

    The limit is the whole process's: the first call sets it, the last one to leave takes it back.
    """

    def __init__(self) -> None:
        self._lock, self._calls = threading.Lock(), 0
        self._pools: ThreadpoolController | None = None
        self._limit: Any = None

    def enter(self) -> None:
        with self._lock:
            if self._pools is None:
                from threadpoolctl import ThreadpoolController  # 10 ms: when something is computed

                self._pools = ThreadpoolController()
            if self._calls == 0:
                self._limit = self._pools.limit(limits=1, user_api="blas")
            self._calls += 1

    def leave(self) -> None:
        with self._lock:
            self._calls -= 1
            if self._calls == 0:
                self._limit.restore_original_limits()


_BLAS = _OneBlasThread()


@contextmanager
def _computing() -> Iterator[None]:
    """Hold BLAS to one thread: its own make such small products slower, and their number would decide bits.

    Overflow and NaN give no warning here; steps look for them themselves and report them.
    """
    _BLAS.enter()
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        _BLAS.leave()


class ReadableCore:
    """`pellucid.core` behind the protocol `Backend`; always on one thread, however many are allowed."""

    name = "readable core"
    exactness = "this machine (the readable core adds up in the order of NumPy and its BLAS)"

    def forward(self, spec: Spec, parameters: Vector, X: Table, *, threads: int | None = None) -> Array:
        """Return the last layer's output for each row."""
        views = Parameters(spec, parameters)
        output = np.empty((len(X), spec.n_outputs), dtype=spec.dtype)
        with _computing():
            for begin in range(0, len(X), _ROWS_AT_ONCE):
                rows = slice(begin, begin + _ROWS_AT_ONCE)
                output[rows] = forward(spec, views, X[rows]).output
        return output

    def use(self, spec: Spec, parameters: Vector, X: Table, *, shown: bool = False, threads: int | None = None) -> Used:
        """Return the last layer's output, or what is shown of it, and what was met."""
        output, largest = self.forward(spec, parameters, X), 0.0
        for begin in range(0, X.shape[0], _ROWS_AT_ONCE):
            with np.errstate(all="ignore"):
                largest = max(largest, float(np.abs(scaled(spec, X[begin : begin + _ROWS_AT_ONCE])).max()))
        finite = np.isfinite(output).all(axis=1)
        if shown:
            with np.errstate(all="ignore"):
                output = spec.loss.output(output)
            finite &= np.isfinite(output).all(axis=1)
            output[~finite] = np.nan
        return Used(output, bool(finite.all()) and math.isfinite(largest), largest)

    def losses(self, spec: Spec, output: Array, T: Array) -> NDArray[np.float64]:
        """Return the loss of each row."""
        with _computing():
            return np.asarray(spec.loss.function(output, T)[0], dtype=np.float64)

    def loss_and_gradient(
        self,
        spec: Spec,
        parameters: Vector,
        X: Table,
        T: Array,
        weights: Array | None,
        l1: float,
        l2: float,
        *,
        threads: int | None = None,
    ) -> tuple[float, Vector]:
        """Return the loss of all rows and its gradient."""
        with _computing():
            result = loss_and_gradient(spec, Parameters(spec, parameters), X[:], T, weights, l1=l1, l2=l2)
        return result.loss, result.gradient.vector

    def trace(
        self,
        spec: Spec,
        parameters: Vector,
        X: Table,
        T: Array | None = None,
        weights: Array | None = None,
        drop: tuple[int, int] | None = None,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        threads: int | None = None,
    ) -> Traced:
        """Return every number of a pass through the network and, with targets, of the way back."""
        with _computing():
            return traced(spec, Parameters(spec, parameters), X[:], T, weights, drop, l1=l1, l2=l2)

    def train(
        self,
        job: Job,
        state: State,
        order: NDArray[np.int64],
        rates: NDArray[np.float64],
        *,
        epoch: int = 0,
        threads: int | None = None,
    ) -> Steps:
        """Make steps, changing the state in place."""
        losses, hits = np.zeros(len(rates)), np.zeros(len(rates), dtype=np.int64)
        parameters, gradient = Parameters(job.spec, state.parameters), Parameters(job.spec)
        kept = None if job.held is None else state.parameters[job.held]
        counts_hits = job.spec.loss.task is not Task.VALUES
        diverged, made, batches = False, 0, _batches(order, job.batch_size, epoch)
        with _computing():
            for made, (rate, rows) in enumerate(zip(rates.tolist(), batches, strict=False), start=1):
                weights = None if job.weights is None else job.weights[rows]
                result = loss_and_gradient(
                    job.spec,
                    parameters,
                    job.X[rows],
                    job.T[rows],
                    weights,
                    l1=job.l1,
                    l2=job.l2_of(total_weight(len(rows), weights)),
                    drop=job.dropout(state.step),
                    out=gradient,
                )
                state.step += 1
                _update(job, state, gradient, rate)
                if kept is not None:
                    state.parameters[job.held] = kept
                losses[made - 1] = result.loss
                if counts_hits:
                    hits[made - 1] = np.count_nonzero(right(result.output, job.T[rows]))
                diverged = not (np.isfinite(result.loss) and state.finite())
                if diverged:
                    break
        return Steps(losses[:made], hits[:made], diverged)


def _batches(order: NDArray[np.int64], size: int, epoch: int) -> Iterator[NDArray[np.int64]]:
    """Yield the rows that each step sees."""
    for begin in range(0, len(order), epoch or len(order)):
        rows = order[begin : begin + (epoch or len(order))]
        for first in range(0, len(rows), size):
            yield rows[first : first + size]


def _update(job: Job, state: State, gradient: Parameters, rate: float) -> None:
    """Make the optimiser's step of a gradient; where layers have rates of their own, layer by layer."""
    optimizer, vector, step = job.optimizer, gradient.vector, state.step + job.steps_before
    if not job.layer_rates:
        optimizer.update(state.parameters, optimizer.clipped(vector), state.slots, rate, step)
        return
    for part, factor in zip(gradient.parts, job.layer_rates, strict=True):
        if not factor:
            vector[part] = 0
    vector = optimizer.clipped(vector)
    for part, factor in zip(gradient.parts, job.layer_rates, strict=True):
        if factor:
            slots = {name: slot[part] for name, slot in state.slots.items()}
            optimizer.update(state.parameters[part], vector[part], slots, rate * factor, step)
