"""Small runs of every optimiser, for tests of what is told of their steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.core import (
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    Chain,
    ClipNorm,
    ClipValue,
    Dropout,
    InverseScaling,
    Optimizer,
    RMSprop,
    Sgd,
    SgdVelocity,
    Spec,
    WeightDecay,
    initial_parameters,
    weights_of_classes,
)
from pellucid.engine import backend_for, default_backend
from pellucid.random import LegacyShuffle
from pellucid.training import Edit, Recipe, Timeline, TrainingData

Array = NDArray[Any]

ROWS, CLASSES = 57, ("cat", "dog", "owl")
DROPPING = (Dropout(0.2), 8, Dropout(0.4), 4)


@dataclass(frozen=True)
class Signs(Optimizer):
    """An optimiser as users write them: steps of one size, with a memory of its own."""

    kept: float = 0.5

    name: ClassVar[str] = "signs"
    learning_rate: ClassVar[float] = 0.01

    @property
    def slots(self) -> tuple[str, ...]:
        return ("velocity",)

    def update(self, parameters: Any, gradient: Any, slots: Any, rate: float, t: int) -> None:
        slots["velocity"] *= self.kept
        slots["velocity"] += gradient
        parameters -= rate * np.sign(slots["velocity"])


@dataclass(frozen=True)
class Case:
    """A run: its recipe, hidden layers, and what happens on the way."""

    optimizer: Optimizer
    rate: float = 0.05
    recipe: dict[str, Any] = field(default_factory=dict)
    hidden: tuple[Any, ...] = (8, 4)
    loss: str = "cross_entropy"
    weighted: bool = False
    edited: dict[str, Any] = field(default_factory=dict)
    by_hand: bool = False

    def timeline(self, dtype: str = "float64", epochs: int = 4) -> Timeline:
        random = np.random.default_rng(5)
        X = random.normal(size=(ROWS, 5))
        places = (X[:, :3] + 0.3 * random.normal(size=(ROWS, 3))).argmax(axis=1)
        outputs, T, names = self._targets(X, places)
        spec = Spec.of([5, *self.hidden, outputs], activation="tanh", loss=self.loss, dtype=dtype, **names)
        given = {"batch_size": 10, "epochs": epochs, "learning_rate": self.rate, "optimizer": self.optimizer, "seed": 3}
        recipe = Recipe(spec, start="", **{**given, **self.recipe})
        weights = random.uniform(0, 2, ROWS).astype(dtype) if self.weighted else None
        if recipe.class_weight is not None:
            weights = weights_of_classes(spec, T, weights, recipe.class_weight)
        data = TrainingData(X.astype(dtype), T.astype(T.dtype if T.dtype.kind == "i" else dtype), weights)
        backend = backend_for(spec, default_backend(), self.optimizer)
        return Timeline(recipe, initial_parameters(spec, 7).vector, data, backend)

    def _targets(self, X: Array, places: Array) -> tuple[int, Array, dict[str, Any]]:
        if self.loss in {"mse", "half_square"}:
            return 2, X[:, :2] ** 2, {}
        if self.loss == "binary_cross_entropy":
            return 1, (places == 1).astype(np.float64)[:, np.newaxis], {"classes": ["no", "yes"]}
        return 3, places, {"classes": CLASSES}

    def run(self, dtype: str = "float64", epochs: int = 4) -> Timeline:
        """Return the timeline at its end; edits lie at step 9 and a change by hand at 11 and at the end."""
        timeline = self.timeline(dtype, epochs)
        if self.edited:
            timeline.advance(9)
            timeline.edit([Edit(9, self.edited)])
        if self.by_hand:
            timeline.advance(11 - timeline.step)
            timeline.state.parameters[::3] += 0.125
            timeline.advance(timeline.total_steps - 1 - timeline.step)
            timeline.state.parameters[::2] -= 0.25
        timeline.advance()
        return timeline


CASES = {
    "sgd": Case(Sgd(), 0.3),
    "sgd with penalties": Case(Sgd(), 0.3, {"l1": 2e-3, "l2": 0.02}, DROPPING),
    "momentum": Case(Sgd(0.9), recipe={"schedule": "cosine", "l2": 0.02}, weighted=True),
    "nesterov": Case(Sgd(0.8, nesterov=True), hidden=DROPPING, by_hand=True),
    "adam": Case(Adam(), recipe={"l1": 2e-3, "l2": 0.02}, weighted=True),
    "adam, yes or no": Case(Adam(), recipe={"class_weight": "balanced"}, loss="binary_cross_entropy", by_hand=True),
    "adamw": Case(AdamW(decay=0.2), recipe={"schedule": "linear"}, hidden=DROPPING),
    "rmsprop": Case(RMSprop(), recipe={"class_weight": (("cat", 2.0), ("owl", 0.5))}, edited={"l2": 0.05}),
    "adagrad": Case(Adagrad(), recipe={"l2": 0.02}, hidden=DROPPING, loss="mse", weighted=True),
    "norm clipped": Case(
        Chain(ClipNorm(0.2), Adam(), WeightDecay(0.1)),
        recipe={"l1": 1e-3, "l2": 0.01, "layer_rates": {"layer_2": 0.5, "output": 2.0}},
    ),
    "norm clipped, frozen": Case(Chain(ClipNorm(0.2), Sgd(0.9)), recipe={"layer_rates": {"layer_1": 0.0}, "l2": 0.01}),
    "value clipped": Case(Chain(ClipValue(0.02), Sgd(0.9), WeightDecay(0.3)), recipe={"l1": 1e-3}, hidden=DROPPING),
    "chain of rmsprop": Case(Chain(RMSprop(), WeightDecay(0.1)), 0.01, by_hand=True, edited={"learning_rate": 0.02}),
    "velocity": Case(
        SgdVelocity(),
        recipe={
            "schedule": InverseScaling(0.5, 6, ROWS),
            "alpha": 0.5,
            "shuffle": LegacyShuffle.of(np.random.RandomState(3)),
        },
        weighted=True,
    ),
    "velocity of nesterov's": Case(
        SgdVelocity(0.8, nesterov=True),
        recipe={"schedule": "cosine", "l1": 2e-3, "l2": 0.02, "alpha": 0.1},
        hidden=DROPPING,
        by_hand=True,
        edited={"learning_rate": 0.1},
    ),
    "half squares": Case(
        AdamHat(),
        recipe={"alpha": 0.5, "steps_before": 100},
        hidden=DROPPING,
        loss="half_square",
        weighted=True,
    ),
    "velocity clipped": Case(
        Chain(ClipNorm(0.2), SgdVelocity(), WeightDecay(0.1)),
        recipe={"alpha": 0.5, "layer_rates": {"layer_2": 0.5, "output": 2.0}},
        edited={"optimizer": Chain(ClipValue(0.05), SgdVelocity(0.5, nesterov=True))},
    ),
    "settings change": Case(Sgd(0.9), edited={"optimizer": Sgd(0.5, nesterov=True), "layer_rates": {"output": 0.0}}),
    "neurons frozen": Case(Adam(), edited={"frozen": ["layer_1/node_2", "layer_1/node_5", "output"]}),
    "of the user's own": Case(Signs(), 0.01, {"l2": 0.01}),
    "own in a chain": Case(Chain(ClipNorm(0.1), Signs(), WeightDecay(0.1)), 0.01),
    "own, then momentum": Case(Signs(), 0.01, edited={"optimizer": Sgd(0.9), "learning_rate": 0.05}),
}
