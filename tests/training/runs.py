"""The table of runs that pausing, seeking, saving and early stopping are tried on, and how runs are compared."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid import (
    Adam,
    AdamHat,
    BinaryCrossEntropy,
    Chain,
    ClipNorm,
    ClipValue,
    Dropout,
    EarlyStopping,
    InverseScaling,
    Network,
    Run,
    Sgd,
    SgdVelocity,
    WeightDecay,
)
from pellucid.random import LegacyShuffle
from pellucid.training import Timeline

Array = NDArray[Any]

ROWS, INPUTS, CLASSES = 57, 5, 3


@functools.cache
def table(seed: int = 2019) -> tuple[Array, Array, Array]:
    """X, labels that depend on it, and weights; the same for every test, and never written to."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(ROWS, INPUTS)).astype(np.float32)
    y = (X[:, :CLASSES] + 0.3 * random.normal(size=(ROWS, CLASSES))).argmax(axis=1)
    weights = random.uniform(0.0, 2.0, ROWS)
    for array in (X, y, weights):
        array.setflags(write=False)
    return X, y, weights


def values() -> Array:
    """Two targets far from 0, for regression."""
    X, y, _ = table()
    return np.column_stack([100 + 20 * X[:, 0] + X[:, 1] ** 2, 1e-3 * (X[:, 2] + y)])


@dataclass(frozen=True)
class Case:
    """A run: how its network is built, and what it is given."""

    name: str
    settings: dict[str, Any] = field(default_factory=dict)
    layers: tuple[Any, ...] = (INPUTS, 8, 4, CLASSES)
    built: dict[str, Any] = field(default_factory=dict)
    data: Callable[[], dict[str, Any]] = dict
    recipe: dict[str, Any] = field(default_factory=dict)  # what no verb of a network takes

    def given(self) -> dict[str, Any]:
        """X, y, and what else is to be given again when the run is loaded."""
        X, y, _ = table()
        return {"X": X, "y": y, **self.data()}

    def network(self) -> Network:
        return Network(self.layers, seed=7, **self.built)

    def start(self, **more: Any) -> Run:
        run = self.network().start(**self.given(), **{"epochs": 5, "batch_size": 10, **self.settings, **more})
        return with_recipe(run, **self.recipe) if self.recipe else run


def with_recipe(run: Run, **changes: Any) -> Run:
    """Return a run that was not begun as one of a recipe with other settings."""
    like = run._timeline
    more = like.threads, like.recompute, like.keyframe_bytes
    recipe = replace(like.recipe, **changes)
    return Run(run.network, Timeline(recipe, run.network.parameters, like.data, like.backend, *more), run._callbacks)


def legacy(seed: int) -> LegacyShuffle:
    """Return orders as scikit-learn draws them."""
    return LegacyShuffle.of(np.random.RandomState(seed))


def _held_out() -> dict[str, Any]:
    X, y, _ = table(1)
    return {"validation": (X[:20], y[:20])}


CASES = [
    Case("sgd", {"optimizer": "sgd"}),
    Case("momentum", {"optimizer": Sgd(momentum=0.9), "learning_rate": 0.02, "schedule": "linear"}),
    Case("nesterov", {"optimizer": Sgd(momentum=0.8, nesterov=True), "learning_rate": 0.02, "shuffle": False}),
    Case("adam", {"learning_rate": 0.01}),
    Case("dropout", {"optimizer": Adam(beta_1=0.8), "seed": 11}, (INPUTS, Dropout(0.2), 8, Dropout(0.5), CLASSES)),
    Case("weights", {"l2": 0.01, "class_weight": "balanced"}, data=lambda: {"sample_weight": table()[2]}),
    Case(
        "chain",
        {"optimizer": Chain(ClipNorm(0.2), Adam(), WeightDecay(0.1)), "layer_rates": {"layer_2": 0.5}, "l1": 1e-3},
    ),
    Case("frozen", {"layer_rates": {"layer_1": 0}, "optimizer": Chain(ClipValue(0.1), Sgd(0.9))}),
    Case("quantiles", {}, (INPUTS, 6, 6), {"loss": "pinball"}, lambda: {"y": values()}),
    Case("counts", {}, (INPUTS, 6, 1), {"loss": "poisson"}, lambda: {"y": table()[1]}),
    Case("validation", {"optimizer": "sgd"}, data=_held_out),
    Case("fraction", {"validation": 0.25, "class_weight": {0: 2.0, 2: 0.5}}),
    Case("early stopping", {"early_stopping": EarlyStopping(2), "learning_rate": 0.1, "epochs": 15}, data=_held_out),
    Case(
        "metrics",
        {"metrics": ["auc", "top_2"], "early_stopping": EarlyStopping(20, "val_log_loss"), "learning_rate": 0.05},
        data=_held_out,
    ),
    Case(
        "metrics of values",
        {"metrics": ["r2", "pinball_0.9"], "validation": 0.25, "early_stopping": EarlyStopping(20, "val_mae")},
        (INPUTS, 6, 2),
        {"loss": "mse"},
        lambda: {"y": values()},
    ),
    Case(
        "velocity",
        {
            "optimizer": SgdVelocity(0.8, nesterov=True),
            "learning_rate": 0.05,
            "schedule": InverseScaling(0.5, steps=6, rows=ROWS),
        },
        recipe={"alpha": 0.5, "shuffle": legacy(3)},
    ),
    Case(
        "half squares",
        {"optimizer": AdamHat(), "learning_rate": 0.01},
        (INPUTS, Dropout(0.3), 6, 2),
        {"loss": "half_square"},
        lambda: {"y": values(), "sample_weight": table()[2]},
        {"alpha": 0.5, "steps_before": 40},
    ),
    Case(
        "orders of a fraction",
        {"optimizer": SgdVelocity(), "validation": 0.25, "early_stopping": EarlyStopping(20), "epochs": 8},
        (INPUTS, 6, 1),
        {"loss": BinaryCrossEntropy(sum_outputs=True)},
        lambda: {"y": (table()[1] == 1).astype(int)},
        {"shuffle": legacy(4)},
    ),
    Case("one batch", {"batch_size": 1000, "epochs": 12}),
    Case("single rows", {"batch_size": 1, "epochs": 1}),
    Case("bytes", {}, built={"input_scale": 1 / 255, "dtype": "float64"}, data=lambda: {"X": _bytes()}),
    Case("values", {"learning_rate": 0.01}, (INPUTS, 6, 2), {"loss": "mse"}, lambda: {"y": values()}),
    Case(
        "yes or no", {}, (INPUTS, 6, 1), {"loss": "binary_cross_entropy"}, lambda: {"y": (table()[1] == 1).astype(int)}
    ),
]


def _bytes() -> Array:
    return np.clip(table()[0] * 40 + 128, 0, 255).astype(np.uint8)


def named(name: str) -> Case:
    """Return the case of this name."""
    return next(case for case in CASES if case.name == name)


def state(run: Run) -> tuple[int, bytes, dict[str, bytes]]:
    """Where a run stands, bit for bit: step, parameters, and what the optimiser keeps."""
    here = run._timeline.state
    return here.step, here.parameters.tobytes(), {name: slot.tobytes() for name, slot in here.slots.items()}


def record(run: Run) -> tuple[bytes, bytes, str, str | None, int]:
    """What a run has measured and how it ended, bit for bit; NaN equals NaN."""
    history = run.history
    return history.loss.tobytes(), history.hits.tobytes(), repr(history.epochs), run.ended, run.last_step


@functools.cache
def uninterrupted(name: str) -> tuple[Run, bytes]:
    """Return the finished run of a case, and the bytes of its network."""
    run = named(name).start()
    run.finish()
    return run, run.network.parameters.tobytes()


def check_same(name: str, run: Run) -> None:
    """Fail unless a finished run equals the uninterrupted one of the case: state, record, network."""
    whole, network = uninterrupted(name)
    assert record(whole) == record(run)
    assert state(whole) == state(run)
    assert network == run.network.parameters.tobytes()


def steps(name: str, count: int) -> list[int]:
    """Return random steps of a case's run, the same each time; its ends and an epoch's end are among them."""
    whole, _ = uninterrupted(name)
    random = np.random.default_rng(sum(map(ord, name)))
    drawn = random.integers(0, whole.last_step + 1, count - 3).tolist()
    return [0, whole._timeline.steps_per_epoch, whole.last_step, *drawn]
