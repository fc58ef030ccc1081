"""A process of its own for each contender, so that no pool of threads disturbs another's turn."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import statistics
import time
from multiprocessing.connection import Connection
from typing import Any

from peers import PEERS

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PELLUCID_NUM_THREADS")
WARM_CALLS = 200


class Worker:
    """A contender's process, seen from outside: ``worker("fit", seed=0, epochs=6)`` calls `Contender.fit` there."""

    def __init__(self, peer: str, threads: int | None) -> None:
        self.peer, self.threads = peer, threads
        kept = {name: os.environ.pop(name, None) for name in POOLS}
        if threads is not None:  # libraries read these when they are loaded
            os.environ.update(dict.fromkeys(POOLS, str(threads)))
        try:
            processes = multiprocessing.get_context("spawn")
            self._line, theirs = processes.Pipe()
            self._process = processes.Process(target=serve, args=(theirs, peer, threads), daemon=True)
            self._process.start()
        finally:
            for name, value in kept.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value

    @property
    def name(self) -> str:
        return PEERS[self.peer].name + (f", {self.threads} thr." if self.threads else "")

    def __call__(self, what: str, **arguments: Any) -> Any:
        self._line.send((what, arguments))
        answer, error = self._line.recv()
        if error is not None:
            raise RuntimeError(f"{self.name}, {what}: {error}")
        return answer

    def close(self) -> None:
        self._line.close()
        self._process.join(timeout=10)


def serve(line: Connection, peer: str, threads: int | None) -> None:
    """Answer what is asked until nobody asks any more; what runs in the process."""
    if threads == 1 and peer == "jax_scan" and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # XLA has no setting for its number of threads
    contender = None
    while True:
        try:
            what, arguments = line.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            contender = contender or Contender(peer, threads)
            line.send((getattr(contender, what)(**arguments), None))
        except Exception as error:  # noqa: BLE001  # told to whoever asked
            line.send((None, f"{type(error).__name__}: {error}"))


class Contender:
    """A peer on its threads, and what can be timed of it."""

    def __init__(self, peer: str, threads: int | None) -> None:
        self.module, self.threads = importlib.import_module(f"peers.{peer}"), threads

    def train(self, task: Any) -> float:
        """Get ready to train; return the seconds that compiling took."""
        self.trainer = None  # its memory first
        self.trainer = self.module.Trainer(task, self.threads)
        return getattr(self.trainer, "compile_seconds", 0.0)

    def fit(self, seed: int, epochs: int, *, scored: bool = False) -> tuple[float, float | None]:
        """Return the seconds of a whole training, and the share of the test images that it then reads."""
        seconds = self._timed(self.trainer.prepare, self.trainer.fit, seed, epochs)
        return seconds, self.trainer.score(*self.trainer.task.test_data()) if scored else None

    def steps(self, seed: int, epochs: int) -> float:
        """Return the seconds that a step takes, its share of what an epoch costs included."""
        seconds = self._timed(self.trainer.prepare, self.trainer.steps, seed, epochs)
        return seconds / (epochs * self.trainer.task.steps)

    def _timed(self, prepare: Any, run: Any, seed: int, epochs: int) -> float:
        prepare(seed, epochs)
        begun = time.perf_counter()
        run()
        return time.perf_counter() - begun

    def predict(self, task: Any) -> list[float]:
        """Get ready to predict; return the first image's probabilities."""
        self.predictor = self.module.Predictor(task, self.threads)
        return self.predictor(self.predictor.rows[:1])[0].tolist()

    def latency(self, calls: int) -> float:
        """Return the median seconds of a call with one row."""
        rows, seconds = [self.predictor.rows[i : i + 1] for i in range(1000)], []
        for call in range(-WARM_CALLS, calls):
            row = rows[call % len(rows)]
            begun = time.perf_counter()
            self.predictor(row)
            seconds.append(time.perf_counter() - begun)
        return statistics.median(seconds[WARM_CALLS:])

    def throughput(self, calls: int) -> float:
        """Return the mean seconds of a call with all rows."""
        self.predictor(self.predictor.rows)
        begun = time.perf_counter()
        for _ in range(calls):
            self.predictor(self.predictor.rows)
        return (time.perf_counter() - begun) / calls

    def products(self, shapes: list[tuple[int, int, int]], repeats: int) -> float:
        """Return the seconds of multiplying (m, k) by (k, n) for each of the shapes, in float32."""
        import numpy as np

        if hasattr(self.module, "products"):  # its own, in its own layout
            return self.module.products(shapes, repeats)
        draw = np.random.default_rng(2019)
        pairs = [(draw.random((m, k), np.float32), draw.random((k, n), np.float32)) for m, k, n in shapes]
        for A, B in pairs:
            self.module.multiply(A, B)
        begun = time.perf_counter()
        for _ in range(repeats):
            for A, B in pairs:
                self.module.multiply(A, B)
        return (time.perf_counter() - begun) / repeats
