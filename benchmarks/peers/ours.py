"""Pellucid as a user calls it."""

from __future__ import annotations

import numpy as np

import pellucid.engine
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


def multiply(A: np.ndarray, B: np.ndarray) -> np.ndarray:
    """Return A·B as the native engine computes it; AttributeError without one."""
    return pellucid.engine.multiply(A, B)
