"""Random networks, data and recipes: one case a seed, of every loss, optimiser, activation and setting."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pellucid import (
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    BinaryCrossEntropy,
    Chain,
    ClipNorm,
    ClipValue,
    CrossEntropy,
    Dense,
    Dropout,
    Huber,
    Network,
    Pinball,
    Poisson,
    RMSprop,
    Run,
    Sgd,
    SgdVelocity,
    WeightDecay,
)
from pellucid.core import ACTIVATIONS
from pellucid.errors import DivergedError
from training.runs import with_recipe

RULES = [
    Sgd(),
    Sgd(0.9),
    Sgd(0.8, nesterov=True),
    Adam(),
    AdamW(decay=0.05),
    RMSprop(),
    Adagrad(),
    Chain(ClipNorm(0.05), Sgd(0.5)),
    Chain(ClipNorm(50.0), Adam()),
    Chain(ClipValue(0.01), RMSprop(), WeightDecay(0.1)),
    Chain(Adam(), WeightDecay(0.02)),
    SgdVelocity(0.8),
    SgdVelocity(nesterov=True),
    AdamHat(),
    Chain(ClipNorm(0.05), SgdVelocity(0.5), WeightDecay(0.1)),
    Chain(ClipValue(0.01), AdamHat(epsilon=0.01)),
]
LOSSES = [
    "cross_entropy",
    CrossEntropy(0.1),
    "binary_cross_entropy",
    "mse",
    "mae",
    Huber(0.5),
    Pinball((0.1, 0.9)),
    "poisson",
    "half_square",
    BinaryCrossEntropy(sum_outputs=True),
    Poisson(sum_outputs=True),
]


@dataclass(frozen=True)
class Case:
    """A network, data and settings, all drawn from a seed."""

    network: Network
    X: Any
    y: Any
    settings: dict[str, Any]
    random: np.random.Generator
    recipe: dict[str, Any] = field(default_factory=dict)

    def run(self, steps: int) -> Run:
        run = with_recipe(self.network.start(self.X, self.y, **self.settings), **self.recipe)
        with contextlib.suppress(DivergedError):  # then it stands on its last finite step
            run.advance(steps)
        return run


def drawn(seed: int, *, dtype: str | None = None, dropout: bool = True) -> Case:
    """Return the case of a seed."""
    random = np.random.default_rng(seed)
    loss: Any = LOSSES[seed % len(LOSSES)]
    n_in, n_out, rows = int(random.integers(1, 9)), 2 * int(random.integers(1, 4)), int(random.integers(8, 40))
    layers: list[Any] = [n_in]
    for _ in range(random.integers(0, 4)):
        if dropout and random.random() < 0.3:
            layers.append(Dropout(float(random.choice([0.1, 0.5]))))
        layers.append(Dense(int(random.integers(1, 13)), str(random.choice(list(ACTIVATIONS)))))
    layers.append(n_out)
    network = Network(
        layers,
        loss=loss,
        dtype=dtype or str(random.choice(["float32", "float64"])),
        seed=seed,
        input_scale=float(random.choice([1.0, 0.5])),
    )
    X = random.normal(size=(rows, n_in))
    y, settings, recipe = _targets(network, random, rows, n_out), _settings(network, random, rows), {}
    if random.random() < 0.3:
        recipe["alpha"] = 0.2
    if random.random() < 0.2:
        recipe["steps_before"] = 7
    return Case(network, X, y, settings, random, recipe)


def _targets(network: Network, random: np.random.Generator, rows: int, n_out: int) -> Any:
    match network.spec.loss.name:
        case "cross_entropy":
            return np.arange(rows) % n_out
        case "binary_cross_entropy":
            return random.integers(0, 2, (rows, n_out))
        case "pinball":
            return random.normal(size=(rows, n_out // 2))
        case "poisson":
            return random.poisson(2.0, (rows, n_out))
    return random.normal(size=(rows, n_out))


def _settings(network: Network, random: np.random.Generator, rows: int) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "optimizer": RULES[random.integers(len(RULES))],
        "learning_rate": 0.0005 if network.spec.loss.counts else 0.01,
        "batch_size": int(random.integers(1, 9)),
        "epochs": 3,
        "schedule": str(random.choice(["constant", "linear"])),
    }
    if random.random() < 0.4:
        settings |= {"l1": 0.003, "l2": 0.02}
    if random.random() < 0.3:
        settings["sample_weight"] = random.uniform(0.1, 2.0, rows)
    if random.random() < 0.3 and len(network) > 1:
        settings["layer_rates"] = {"layer_1": float(random.choice([0.0, 0.5]))}
    return settings
