"""Our own readable core, whatever other engine there is: NumPy, on one thread."""

from __future__ import annotations

import numpy as np

from pellucid.core import Adam
from pellucid.engine import Job, ReadableCore, State
from pellucid.random import Purpose, Stream
from tasks import Task


class Trainer:
    def __init__(self, task: Task, threads: int | None) -> None:
        self.task, self.core = task, ReadableCore()
        self.X, self.y = task.data()

    def prepare(self, seed: int, epochs: int) -> None:
        self.network, self.epochs, self.seed = self.task.network(seed), epochs, seed

    def fit(self) -> None:
        task, parameters = self.task, self.network.parameters
        job = Job(self.network.spec, self.X, self.y, None, Adam(), 0.0, task.batch, self.seed)
        state = State(0, parameters, job.optimizer.init(parameters))
        for epoch in range(self.epochs):
            order = Stream(self.seed, Purpose.SHUFFLE, epoch=epoch).permutation(task.rows)
            steps = range(epoch * task.steps, (epoch + 1) * task.steps)
            rates = np.array([task.rate * task.factor(step, self.epochs * task.steps) for step in steps])
            self.core.train(job, state, order, rates)

    steps = fit

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        return self.network.score(X, y)


class Predictor:
    def __init__(self, task: Task, threads: int | None) -> None:
        self.network, self.core = task.network(seed=0), ReadableCore()
        self.rows = task.test_data()[0]

    def __call__(self, X: np.ndarray) -> np.ndarray:
        Z = self.core.forward(self.network.spec, self.network.parameters, X)
        return self.network.spec.loss.output(Z)
