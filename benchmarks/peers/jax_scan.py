"""JAX: an epoch is one compiled call, a scan over its steps. Compiling is not part of what is timed.

A scan wants batches of one size, so that a last one that is smaller is left out: up to batch − 1 rows less to see.
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np

from tasks import Task, scaled

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


def output(layers, X):
    for W, b in layers[:-1]:
        X = jax.nn.relu(X @ W + b)
    W, b = layers[-1]
    return X @ W + b


def loss(layers, X, y):
    return -jnp.take_along_axis(jax.nn.log_softmax(output(layers, X)), y[:, None], axis=1).mean()


def adam(state, gradient, rate):
    layers, means, squares, t = state
    t += 1
    means = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, means, gradient)
    squares = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, squares, gradient)
    rate, correction = rate / (1 - BETA_1**t), 1 / (1 - BETA_2**t)
    layers = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v * correction) + EPSILON), layers, means, squares)
    return layers, means, squares, t


def epoch(state, X, y, order, rates):
    """Make a step for each row of ``order``, which holds places of X."""

    def step(state, given):
        rows, rate = given
        return adam(state, jax.grad(loss)(state[0], X[rows], y[rows]), rate), None

    return jax.lax.scan(step, state, (order, rates))[0]


class Trainer:
    def __init__(self, task: Task, threads: int) -> None:
        self.task, self.whole = task, task.rows // task.batch
        X, y = task.floats()
        self.X, self.y = jnp.asarray(X), jnp.asarray(y, dtype=jnp.int32)
        self.prepare(seed=0, epochs=1)
        begun = time.perf_counter()
        example = self.state, self.X, self.y, *self.plan(0)
        self.epoch = jax.jit(epoch, donate_argnums=0).lower(*example).compile()
        self.compile_seconds = time.perf_counter() - begun

    def prepare(self, seed: int, epochs: int) -> None:
        self.epochs, self.draw = epochs, np.random.default_rng(seed)
        layers = [(jnp.asarray(W.T), jnp.asarray(b)) for W, b in self.task.start(seed)]
        zeros = [jax.tree.map(jnp.zeros_like, layers) for _ in range(2)]
        self.state = jax.block_until_ready((layers, *zeros, jnp.int32(0)))

    def plan(self, number: int):
        """Return the order and the rates of an epoch."""
        order = self.draw.permutation(self.task.rows)[: self.whole * self.task.batch]
        total = self.epochs * self.whole
        rates = [
            self.task.rate * self.task.factor(step, total)
            for step in range(number * self.whole, (number + 1) * self.whole)
        ]
        return order.reshape(self.whole, -1).astype(np.int32), np.array(rates, dtype=np.float32)

    def fit(self) -> None:
        for number in range(self.epochs):
            self.state = self.epoch(self.state, self.X, self.y, *self.plan(number))
        jax.block_until_ready(self.state)

    steps = fit

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        return float((np.asarray(output(self.state[0], scaled(X))).argmax(axis=1) == y).mean())
