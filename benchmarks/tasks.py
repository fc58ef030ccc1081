"""What is trained or asked: a network, its data, and how a step is made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np

from pellucid import Network
from pellucid.datasets import load_mnist

ADAM_FLOPS = 12  # for each parameter: two running means 7, root, sum, quotient, product, difference


@dataclass(frozen=True)
class Task:
    """A network of relu layers for classes, trained by Adam in float32; the data are the first ``rows``."""

    widths: tuple[int, ...]
    batch: int
    rows: int = 60_000
    digits: bool = True  # MNIST's images, or else numbers normally distributed
    rate: float = 1e-4
    schedule: str = "constant"
    initializer: str = "glorot"

    @property
    def steps(self) -> int:
        """Steps that see every row once; the last batch may be smaller."""
        return math.ceil(self.rows / self.batch)

    @property
    def parameters(self) -> int:
        return sum((n_in + 1) * n_out for n_in, n_out in pairwise(self.widths))

    @property
    def flops(self) -> int:
        """Operations of a whole step: three matrix products for each layer, two for the first, and Adam."""
        products = [2 * self.batch * n_in * n_out for n_in, n_out in pairwise(self.widths)]
        return 3 * sum(products) - products[0] + ADAM_FLOPS * self.parameters

    def factor(self, step: int, total: int) -> float:
        """Return what the learning rate is multiplied with at a step (0 for the first)."""
        return 1 - step / total if self.schedule == "linear" else 1.0

    def network(self, seed: int) -> Network:
        """Return our network as it starts."""
        scale = 1 / 255 if self.digits else 1.0
        return Network([*self.widths], initializer=self.initializer, input_scale=scale, seed=seed)

    def start(self, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the weights (n_out, n_in) and biases of each layer at the start: the same for every contender."""
        network = self.network(seed)
        return [(network[name].weights.copy(), network[name].biases.copy()) for name in network]

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Return X, y as they are: digits as bytes."""
        if self.digits:
            return load_mnist().X_train[: self.rows], load_mnist().y_train[: self.rows].astype(np.int64)
        return normal_numbers(self.rows, self.widths[0], self.widths[-1])

    def floats(self) -> tuple[np.ndarray, np.ndarray]:
        """Return X, y for a peer: float32, already scaled."""
        X, y = self.data()
        return scaled(X), y

    def test_data(self) -> tuple[np.ndarray, np.ndarray]:
        return load_mnist().X_test, load_mnist().y_test.astype(np.int64)


def scaled(X: np.ndarray) -> np.ndarray:
    """Return bytes as float32 from 0 to 1; float32 as it is."""
    return X if X.dtype == np.float32 else X.astype(np.float32) / np.float32(255)


@cache
def normal_numbers(rows: int, n_in: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return normal inputs, and as their classes the largest of as many random sums."""
    draw = np.random.default_rng(2019)
    X = draw.standard_normal((rows, n_in), dtype=np.float32)
    return X, (X @ draw.standard_normal((n_in, classes), dtype=np.float32)).argmax(axis=1)
