"""PyTorch, eager, in the fastest of the ways that its documentation shows: rows by index, the fused Adam."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from torch.nn import CrossEntropyLoss, Linear, ReLU, Sequential

from tasks import Task, scaled


def network_of(task: Task, seed: int) -> Sequential:
    """Return the network with our starting weights."""
    layers = [Linear(n_in, n_out) for n_in, n_out in pairwise(task.widths)]
    with torch.no_grad():
        for layer, (W, b) in zip(layers, task.start(seed), strict=True):
            layer.weight.copy_(torch.from_numpy(W))
            layer.bias.copy_(torch.from_numpy(b))
    parts = [part for layer in layers for part in (layer, ReLU())]
    return Sequential(*parts[:-1])


class Trainer:
    def __init__(self, task: Task, threads: int) -> None:
        torch.set_num_threads(threads)
        self.task, self.loss = task, CrossEntropyLoss()
        self.X, self.y = map(torch.from_numpy, task.floats())

    def prepare(self, seed: int, epochs: int) -> None:
        torch.manual_seed(seed)
        self.epochs, self.network = epochs, network_of(self.task, seed)
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=self.task.rate, fused=True)

    def fit(self) -> None:
        task, optimizer, step = self.task, self.optimizer, 0
        for _ in range(self.epochs):
            for rows in torch.randperm(task.rows).split(task.batch):
                optimizer.param_groups[0]["lr"] = task.rate * task.factor(step, self.epochs * task.steps)
                optimizer.zero_grad()
                self.loss(self.network(self.X[rows]), self.y[rows]).backward()
                optimizer.step()
                step += 1

    steps = fit

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        with torch.inference_mode():
            read = self.network(torch.from_numpy(scaled(X))).argmax(dim=1)
        return float((read.numpy() == y).mean())


class Predictor:
    def __init__(self, task: Task, threads: int) -> None:
        torch.set_num_threads(threads)
        self.network = network_of(task, seed=0).eval()
        self.rows = scaled(task.test_data()[0])

    def __call__(self, X: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return torch.softmax(self.network(torch.from_numpy(X)), dim=1).numpy()
