"""Turns: every contender is asked once in each round, so that what slows the machine for a while slows all of them."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peers import PEERS
from worker import Worker

PAUSE = 0.05  # seconds between turns: a BLAS lets its threads spin for some 20 ms after its last product

Turn = Callable[[Worker], float]


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def say(text: str) -> None:
    """Tell how far it is; what was measured is printed elsewhere."""
    sys.stderr.write(f"    {text}\n")


@dataclass
class Contest:
    """Who takes part in this run, and their processes, each started when first needed."""

    peers: Sequence[str]
    rounds: int
    seeds: int
    threads: Sequence[int]
    probes: dict[str, float] = field(default_factory=dict)  # of the last choice of threads
    _workers: dict[tuple[str, int | None], Worker] = field(default_factory=dict)

    def worker(self, peer: str, threads: int | None) -> Worker:
        if (peer, threads) not in self._workers:
            self._workers[peer, threads] = Worker(peer, threads)
        return self._workers[peer, threads]

    def workers(self, *peers: str) -> list[Worker]:
        """Return those of the peers that take part, each on all numbers of threads that it may be its best on."""
        return [
            self.worker(peer, threads)
            for peer in peers
            if peer in self.peers
            for threads in PEERS[peer].threads
            if threads is None or threads in self.threads
        ]

    def sgemm(self) -> list[Worker]:
        return [self.worker("openblas", threads) for threads in self.threads]

    def best(self, workers: Sequence[Worker], probe: Turn) -> list[Worker]:
        """Return each peer on its better number of threads, by the better of two probes."""
        seconds = {worker: min(probe(worker) for _ in range(2)) for worker in workers}
        self.probes = {worker.name: seconds[worker] for worker in workers}
        peers = dict.fromkeys(worker.peer for worker in workers)
        return [min((w for w in workers if w.peer == peer), key=seconds.__getitem__) for peer in peers]

    def play(self, workers: Sequence[Worker], turn: Turn, rounds: int | None = None) -> dict[str, list[float]]:
        """Return what each contender needed in each round."""
        samples: dict[str, list[float]] = {worker.name: [] for worker in workers}
        for _ in range(rounds or self.rounds):
            for worker in workers:
                samples[worker.name].append(turn(worker))
                time.sleep(PAUSE)
        return samples

    def close(self) -> None:
        for worker in self._workers.values():
            worker.close()


@dataclass
class Result:
    """What a case showed: by contender its samples, one for each round, and what else is worth keeping."""

    title: str
    unit: str  # of the samples: s, bytes
    samples: dict[str, list[float]]
    facts: dict[str, Any] = field(default_factory=dict)
