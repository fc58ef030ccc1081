"""Pellucid as a user calls it."""

from __future__ import annotations

import os

import numpy as np

from pellucid.engine import _native, instruction_sets
from tasks import Task


class Trainer:
    def __init__(self, task: Task, threads: int | None) -> None:
        self.task, self.threads = task, threads
        self.X, self.y = task.data()

    def prepare(self, seed: int, epochs: int) -> None:
        self.network = self.task.network(seed)
        self.settings = {
            "epochs": epochs,
            "batch_size": self.task.batch,
            "learning_rate": self.task.rate,
            "schedule": self.task.schedule,
            "threads": self.threads,
        }
        self.run = self.network.start(self.X, self.y, **self.settings)

    def fit(self) -> None:
        self.network.fit(self.X, self.y, **self.settings, progress=False)

    def steps(self) -> None:
        self.run.advance(self.run.total_steps)

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        return self.network.score(X, y)


class Predictor:
    def __init__(self, task: Task, threads: int | None) -> None:
        self.network, self.threads = task.network(seed=0), threads
        self.rows = task.test_data()[0]

    def __call__(self, X: np.ndarray) -> np.ndarray:
        return self.network.predict_proba(X, threads=self.threads)


def products(shapes: list[tuple[int, int, int]], repeats: int) -> float:
    """Return the seconds of the products alone, with batch and activations lying as they do in training."""
    name, threads = instruction_sets()[0], int(os.environ["PELLUCID_NUM_THREADS"])
    return sum(_native.product_seconds(name, *shape, repeats, threads) for shape in shapes)
