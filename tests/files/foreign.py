"""What the tests of other libraries' models share: networks of ours at random, and what a network gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid import Dense, Dropout, Network
from pellucid.core import ACTIVATIONS, Input, Output, Parameters, Spec, Task, loss_of

HUNDRED = range(100)


def outputs(net: Network, X: Any) -> NDArray[Any]:
    """Return what a network gives for each row, shape (rows, n_out): probabilities, of yes for yes-or-no, or values."""
    if net.spec.loss.task is Task.VALUES:
        return np.asarray(net.predict(X)).reshape(len(X), -1)
    return net.predict_proba(X)[:, -net.spec.n_outputs :]


def difference(expected: NDArray[Any], actual: NDArray[Any]) -> float:
    """Return the largest difference, in units of the larger of 1 and the largest number."""
    assert expected.shape == actual.shape
    return float(np.abs(actual - expected).max() / max(1.0, np.abs(expected).max()))


def random_network(seed: int) -> Network:
    """Return a network of any depth, activations, loss, scales and number type, with weights drawn at random."""
    random = np.random.default_rng(seed)
    width, names = int(random.integers(1, 9)), list(ACTIVATIONS)

    def numbers(low: float, n: int) -> Any:
        drawn = random.uniform(low, 3, n).tolist()
        return tuple(drawn) if n > 1 else drawn[0]

    layers: list[Dense | Dropout] = [Dropout(0.1)] if random.random() < 0.2 else []
    for _ in range(random.integers(0, 5)):
        layers.append(Dense(int(random.integers(1, 12)), names[random.integers(len(names))]))
        if random.random() < 0.3:
            layers.append(Dropout(float(random.uniform(0.05, 0.6))))
    loss = loss_of(("cross_entropy", "binary_cross_entropy", "mse", "huber", "poisson")[random.integers(5)])
    n_out = int(random.integers(2 if loss.task is Task.CLASSES else 1, 5))
    layers.append(Dense(n_out, names[random.integers(len(names))] if loss.name == "huber" else "identity"))
    inputs = Input(width, numbers(0.2, width), numbers(-3, width)) if random.random() < 0.7 else Input(width)
    scaled = loss.task is Task.VALUES and not loss.counts and random.random() < 0.7
    output = Output(None, numbers(0.2, n_out), numbers(-3, n_out)) if scaled else Output()
    resolved = [layer.resolved("relu", None) if isinstance(layer, Dense) else layer for layer in layers]
    spec = Spec(inputs, tuple(resolved), loss, output, ("float32", "float64")[random.integers(2)])
    parameters = Parameters(spec)
    for W, b in parameters.layers():
        W[...] = random.normal(size=W.shape) / np.sqrt(W.shape[1])
        b[...] = random.normal(size=b.shape)
    return Network.of_parts(spec, parameters.vector)


def kinds_of(specs: Iterable[Spec]) -> set[str]:
    """Return which tasks there are among networks, and whether with one output or several."""
    return {f"{spec.loss.task.name} {'one' if spec.n_outputs == 1 else 'several'}" for spec in specs}


KINDS = {"CLASSES several", "YES_NO one", "YES_NO several", "VALUES one", "VALUES several"}
"""What there must be among a hundred."""


def random_rows(seed: int, width: int, dtype: str) -> NDArray[Any]:
    """Return 16 rows for a network."""
    return np.random.default_rng([seed, 1]).normal(size=(16, width)).astype(dtype)
