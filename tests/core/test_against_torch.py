"""A hundred steps against PyTorch: the whole of the parameters, for every optimiser and schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pellucid.core import (
    OPTIMIZERS,
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    Optimizer,
    Parameters,
    RMSprop,
    Sgd,
    SgdVelocity,
    Spec,
    initial_parameters,
    loss_and_gradient,
    schedule_of,
)

STEPS, BATCH, ROWS = 100, 16, 90


@dataclass(frozen=True)
class Pair:
    """One of our optimisers, and the name and settings of the same in PyTorch."""

    ours: Optimizer
    name: str
    settings: dict[str, Any]
    rate: float


PAIRS = {
    "sgd": Pair(Sgd(), "SGD", {}, 0.2),
    "momentum 0.5": Pair(Sgd(momentum=0.5), "SGD", {"momentum": 0.5}, 0.1),
    "momentum 0.9": Pair(Sgd(momentum=0.9), "SGD", {"momentum": 0.9}, 0.05),
    "nesterov": Pair(Sgd(momentum=0.9, nesterov=True), "SGD", {"momentum": 0.9, "nesterov": True}, 0.05),
    "adam": Pair(Adam(), "Adam", {}, 0.01),
    "adam 0.5 0.9": Pair(Adam(0.5, 0.9), "Adam", {"betas": (0.5, 0.9)}, 0.01),
    "adam 0 0.999": Pair(Adam(0.0), "Adam", {"betas": (0.0, 0.999)}, 0.01),
    "adam eps 1e-3": Pair(Adam(epsilon=1e-3), "Adam", {"eps": 1e-3}, 0.01),
    "adam eps 1": Pair(Adam(0.8, 0.99, 1.0), "Adam", {"betas": (0.8, 0.99), "eps": 1.0}, 0.3),
    "adamw": Pair(AdamW(), "AdamW", {"weight_decay": 0.01}, 0.01),
    "adamw 0.3": Pair(
        AdamW(0.8, 0.99, 1e-3, 0.3), "AdamW", {"betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.3}, 0.05
    ),
    "rmsprop": Pair(RMSprop(), "RMSprop", {}, 0.003),
    "rmsprop 0.9": Pair(RMSprop(0.9, 1e-3), "RMSprop", {"alpha": 0.9, "eps": 1e-3}, 0.003),
    "adagrad": Pair(Adagrad(), "Adagrad", {}, 0.05),
    "adagrad eps 1": Pair(Adagrad(1.0), "Adagrad", {"eps": 1.0}, 0.3),
}


@contextmanager
def on_one_thread(torch: Any) -> Iterator[None]:
    """Small products on many threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def in_torch(torch: Any, parameters: Parameters) -> tuple[list[Any], Any]:
    """Return PyTorch's layers of the same numbers, three of them, and the network that they make with tanh."""
    layers = []
    for part in parameters.layers():
        linear = torch.nn.Linear(part.W.shape[1], part.W.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(part.W)))
            linear.bias.copy_(torch.from_numpy(part.b.copy()))
        layers.append(linear)
    tanh = torch.nn.Tanh()
    return layers, torch.nn.Sequential(layers[0], tanh, layers[1], tanh, layers[2])


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return the batches of a hundred steps: ninety rows of three classes in a fresh order each epoch."""
    random = np.random.default_rng(7)
    X = random.normal(size=(ROWS, 6))
    T = (X @ random.normal(size=(6, 3))).argmax(axis=1)
    made = 0
    while made < STEPS:
        order = random.permutation(ROWS)
        for first in range(0, ROWS, BATCH):
            rows = order[first : first + BATCH]
            yield X[rows], T[rows]
            made += 1
            if made == STEPS:
                return


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("schedule", ["constant", "linear"])
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_a_hundred_steps_are_those_of_pytorch(
    judge: Callable[[str], Any], pair: Pair, schedule: str, l2: float
) -> None:
    """From the same start, on the same batches, every parameter is within 1e-6 (float64).

    ``l2`` is written into the loss, of weights alone; the schedule is PyTorch's LambdaLR.
    """
    torch = judge("torch")
    spec = Spec.of([6, 8, 5, 3], activation="tanh", dtype="float64")
    parameters = initial_parameters(spec, seed=2019)
    start = parameters.vector.copy()
    factor = schedule_of(schedule).factor

    layers, model = in_torch(torch, parameters)
    theirs = getattr(torch.optim, pair.name)(model.parameters(), lr=pair.rate, **pair.settings)
    scheduler = torch.optim.lr_scheduler.LambdaLR(theirs, lambda k: factor(k, STEPS))

    slots = pair.ours.init(parameters.vector)
    with on_one_thread(torch):
        for k, (X, T) in enumerate(batches()):
            theirs.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(torch.from_numpy(X)), torch.from_numpy(T))
            loss = loss + 0.5 * l2 * sum((linear.weight**2).sum() for linear in layers)
            loss.backward()
            theirs.step()
            scheduler.step()

            ours = loss_and_gradient(spec, parameters, X, T, l2=l2)
            pair.ours.update(parameters.vector, ours.gradient.vector, slots, pair.rate * factor(k, STEPS), k + 1)

    expected = np.concatenate(
        [numbers.detach().numpy().ravel() for linear in layers for numbers in (linear.weight.T, linear.bias)]
    )
    assert expected.shape == parameters.vector.shape
    assert 0.1 < np.abs(start - expected).max(), "the network has hardly moved, so the comparison says nothing"
    np.testing.assert_allclose(parameters.vector, expected, rtol=0, atol=1e-6)


def test_every_optimiser_is_compared() -> None:
    """A new optimiser is compared before it is believed, here or in test_against_sklearn.py."""
    assert {AdamHat, SgdVelocity, *(type(pair.ours) for pair in PAIRS.values())} == set(OPTIMIZERS.values())
