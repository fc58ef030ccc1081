"""scikit-learn's MLPClassifier. It starts from weights of its own, and knows no falling rate for Adam."""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from tasks import Task, scaled

warnings.simplefilter("ignore", ConvergenceWarning)


class Trainer:
    def __init__(self, task: Task, threads: int | None) -> None:
        self.task = task
        self.X, self.y = task.floats()

    def prepare(self, seed: int, epochs: int) -> None:
        self.network = MLPClassifier(
            self.task.widths[1:-1],
            batch_size=self.task.batch,
            learning_rate_init=self.task.rate,
            alpha=0,
            max_iter=epochs,
            n_iter_no_change=epochs + 1,
            random_state=seed,
        )

    def fit(self) -> None:
        self.network.fit(self.X, self.y)

    steps = fit

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        return self.network.score(scaled(X), y)


class Predictor:
    def __init__(self, task: Task, threads: int | None) -> None:
        self.rows, y = (scaled(task.test_data()[0]), task.test_data()[1])
        self.network = MLPClassifier(task.widths[1:-1], max_iter=1).fit(self.rows[:100], y[:100])
        start = task.start(seed=0)
        self.network.coefs_ = [np.ascontiguousarray(W.T) for W, _ in start]
        self.network.intercepts_ = [b for _, b in start]

    def __call__(self, X: np.ndarray) -> np.ndarray:
        return self.network.predict_proba(X)
