"""A recipe is every setting that decides a bit: it goes to JSON and back, and has a digest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

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
    MeanPinballLoss,
    Sgd,
    SgdVelocity,
    TopK,
    WeightDecay,
)
from pellucid.core import SCHEDULES, Spec
from pellucid.errors import KindError, ModelFileError, PellucidError, SettingError, UnknownNameError
from pellucid.random import LegacyShuffle
from pellucid.training import Recipe

LEGACY = LegacyShuffle.of(np.random.RandomState(0))
SPEC = Spec.of([4, 8, Dropout(0.1), 3], classes=["è", "b", "c"], input_scale=1 / 3)
RECIPES = [
    Recipe(SPEC, "abc"),
    Recipe(
        SPEC, "", 3, 7, Sgd(0.9, True), 1 / 3, "linear", 1e-300, 2**64 - 1, False, "balanced", 0.1, EarlyStopping(3)
    ),
    Recipe(SPEC, "", optimizer=Adam(0.1, 0.2, 1e-3), class_weight=(("è", 2.0), ("b", 1 / 3))),
    Recipe(SPEC, "", optimizer=Chain(ClipNorm(0.5), Sgd(0.9), WeightDecay(0.1)), l1=1e-9, layer_rates={"output": 0.1}),
    Recipe(Spec.of([4, 2], classes=[7, 9]), "", class_weight=((7, 2.0),), early_stopping=EarlyStopping(1, "loss", 0.1)),
    Recipe(SPEC, "", early_stopping=EarlyStopping(1, "val_top_2"), metrics=(TopK(2), "auc")),
    Recipe(Spec.of([4, 2], loss="mse"), "", metrics=(MeanPinballLoss(1 / 3), "r2")),
    Recipe(SPEC, "", optimizer=SgdVelocity(0.8, nesterov=True), shuffle=LEGACY, alpha=1e-4, steps_before=10**6),
    Recipe(Spec.of([4, 2], loss="half_square"), "", optimizer=AdamHat(0.8), schedule=InverseScaling(0.4, 3, 57, 114)),
    Recipe(Spec.of([4, 2], loss=BinaryCrossEntropy(sum_outputs=True)), "", optimizer=AdamHat(), shuffle=LEGACY),
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_json_round_trip(recipe: Recipe) -> None:
    """Every bit of every setting survives JSON."""
    again = Recipe.from_json(recipe.to_json())
    assert recipe == again
    assert recipe.to_json() == again.to_json()
    assert recipe.digest == again.digest


def test_each_setting_is_in_the_digest() -> None:
    """Whatever is changed, the digest is another one."""
    assert len(RECIPES) == len({recipe.digest for recipe in RECIPES})
    changes: list[dict[str, Any]] = [
        {"epochs": 9},
        {"batch_size": 63},
        {"optimizer": Adam(0.8)},
        {"learning_rate": 0.002},
        {"schedule": "linear"},
        {"l1": 1e-9},
        {"l2": 1e-9},
        {"layer_rates": {"layer_1": 0.0}},
        {"layer_rates": {"output": 0.0}},
        {"layer_rates": {"output": 0.5}},
        {"optimizer": Chain(Adam())},
        {"optimizer": Chain(ClipNorm(), Adam())},
        {"optimizer": Chain(ClipValue(), Adam())},
        {"seed": 1},
        {"shuffle": False},
        {"shuffle": LEGACY},
        {"shuffle": LegacyShuffle(LEGACY.key, 3)},
        {"alpha": 1e-9},
        {"steps_before": 1},
        {"optimizer": AdamHat()},
        {"schedule": "inverse_scaling"},
        {"schedule": InverseScaling(steps=7)},
        {"class_weight": "balanced"},
        {"validation": 0.2},
        {"early_stopping": EarlyStopping()},
        {"early_stopping": EarlyStopping(monitor="val_auc")},
        {"metrics": "auc"},
        {"metrics": ("auc", "f1")},
    ]
    digests = {Recipe(SPEC, "", **change).digest for change in changes} | {Recipe(SPEC, "").digest}
    assert len(changes) + 1 == len(digests)


def test_what_says_nothing_is_left_out() -> None:
    """Factors of 1, and settings that came later, change no digest of a recipe that was made without them."""
    plain = Recipe(SPEC, "")
    assert plain == Recipe(SPEC, "", layer_rates={"output": 1, "layer_1": 1.0})
    assert {"l1", "layer_rates", "alpha", "steps_before"}.isdisjoint(json.loads(plain.to_json()))
    assert (("layer_1", 0.0), ("output", 2.0)) == Recipe(SPEC, "", layer_rates={"output": 2, "layer_1": 0}).layer_rates


def test_orders_of_scikit_learn_are_told_by_their_state() -> None:
    """The generator's words and place stand in the JSON, so that the orders can be drawn again."""
    told = json.loads(Recipe(SPEC, "", shuffle=LEGACY).to_json())
    assert {"key": LEGACY.key, "position": LEGACY.position} == told["shuffle"]
    assert LegacyShuffle(**told["shuffle"]) == Recipe.from_json(json.dumps(told)).shuffle


def test_digest_is_the_same_in_every_process() -> None:
    """The digest depends on no hash seed and no order of a dictionary."""
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "from training.test_recipe import RECIPES\n"
        "print(*(recipe.digest for recipe in RECIPES))"
    )
    for seed in ("1", "2"):
        out = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        assert [recipe.digest for recipe in RECIPES] == out.split()


def test_a_recipe_without_metrics_is_told_as_before() -> None:
    """Its JSON, and so its digest, is that of releases that knew of none; and theirs can be read."""
    assert "metrics" not in json.loads(Recipe(SPEC, "").to_json())
    assert () == Recipe.from_json(Recipe(SPEC, "").to_json()).metrics


def test_numbers_of_numpy_are_taken_as_plain_ones() -> None:
    """NumPy's numbers and booleans give the recipe that Python's give."""
    given = Recipe(
        SPEC, "", np.int64(3), np.uint8(7), learning_rate=np.float32(0.5), l2=np.float64(1), shuffle=np.bool_(False)
    )
    assert Recipe(SPEC, "", 3, 7, learning_rate=0.5, l2=1, shuffle=False).to_json() == given.to_json()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": 0}, SettingError, "epochs must be a whole number ≥ 1; 0 was given."),
        ({"epochs": 10**10}, SettingError, "epochs must be at most 1,000,000,000; 10000000000 was given."),
        ({"epochs": 1.0}, KindError, "epochs must be a whole number, not float (1.0). Give an int ≥ 1."),
        ({"epochs": True}, KindError, "epochs must be a whole number, not bool (True). Give an int ≥ 1."),
        ({"batch_size": -1}, SettingError, "batch_size must be a whole number ≥ 1; -1 was given."),
        ({"learning_rate": -0.1}, SettingError, "learning_rate must be a finite number ≥ 0; -0.1 was given."),
        ({"learning_rate": float("nan")}, SettingError, "learning_rate must be a finite number ≥ 0; nan was given."),
        ({"learning_rate": "0.1"}, KindError, "learning_rate must be a number ≥ 0, not str ('0.1')."),
        ({"learning_rate": True}, KindError, "learning_rate must be a number ≥ 0, not bool (True)."),
        ({"l1": -1}, SettingError, "l1 must be a finite number ≥ 0; -1 was given."),
        ({"alpha": -1}, SettingError, "alpha must be a finite number ≥ 0; -1 was given."),
        ({"alpha": "0.1"}, KindError, "alpha must be a number ≥ 0, not str ('0.1')."),
        ({"alpha": True}, KindError, "alpha must be a number ≥ 0, not bool (True)."),
        ({"steps_before": -1}, SettingError, "steps_before must lie in 0 … 2147483648; -1 was given."),
        ({"steps_before": 0.5}, KindError, "steps_before must be a whole number, not float (0.5)."),
        ({"steps_before": 10**30}, SettingError, f"steps_before must lie in 0 … 2147483648; {10**30} was given."),
        (
            {"layer_rates": 3},
            KindError,
            "layer_rates must be a dict of layer: factor, not int. Give {'layer_1': 0.1}, say.",
        ),
        (
            {"layer_rates": {"layer_2": 1}},
            UnknownNameError,
            "Unknown layer, in layer_rates, 'layer_2'. Accepted: layer_1, output. Did you mean 'layer_1'?",
        ),
        (
            {"layer_rates": {"output": -1}},
            SettingError,
            "layer_rates['output'] must be a finite number ≥ 0; -1 was given.",
        ),
        (
            {"layer_rates": {"output": 0, "layer_1": 0}},
            SettingError,
            "layer_rates freezes every layer: nothing would be learnt. Give one of them a factor above 0.",
        ),
        ({"l2": 10**400}, SettingError, f"l2 must be a finite number ≥ 0; {10**400} was given."),
        (
            {"schedule": "linera"},
            UnknownNameError,
            f"Unknown schedule 'linera'. Accepted: {', '.join(SCHEDULES)}. Did you mean 'linear'?",
        ),
        ({"seed": 0.5}, KindError, "The seed must be a whole number, not float (0.5). Give an int such as 0."),
        ({"seed": 2**64}, SettingError, "The seed must lie in 0 … 18446744073709551615; 184467"),
        ({"shuffle": "no"}, KindError, "shuffle must be True or False, not str ('no')."),
        ({"shuffle": {"key": "", "position": 0}}, KindError, "shuffle must be True or False, not dict ({'key'"),
        ({"validation": 1.0}, SettingError, "validation must be a fraction between 0 and 1, or a pair (X, y); 1.0 was"),
        ({"optimizer": "adam"}, KindError, "optimizer must be one such as Adam() or Sgd(), not str."),
        (
            {"metrics": "mse"},
            SettingError,
            "The metric 'mse' is for a value for each output; 'cross_entropy' has one of",
        ),
        (
            {"early_stopping": EarlyStopping(1, "val_r2")},
            SettingError,
            "The metric 'r2' is for a value for each output; 'cross_entropy' has one of several classes. Accepted:",
        ),
        ({"early_stopping": 3}, KindError, "early_stopping must be a number of epochs (its patience) or an EarlySt"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, Any], error: type[PellucidError], message: str) -> None:
    """Each setting outside what is accepted is refused, with the reason."""
    with pytest.raises(error) as raised:
        Recipe(SPEC, "", **settings)
    assert message == str(raised.value)[: len(message)]


def _with(**changes: Any) -> str:
    return json.dumps({**json.loads(RECIPES[1].to_json()), **changes})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "3",
        "{}",
        "[" * 100_000,
        _with(spec=3),
        _with(spec={}),
        _with(optimizer="adam"),
        _with(optimizer={"name": "lion"}),
        _with(optimizer={"name": "sgd", "speed": 3}),
        _with(optimizer={"name": []}),
        _with(optimizer={"name": "chain"}),
        _with(optimizer={"name": "chain", "links": []}),
        _with(optimizer={"name": "chain", "links": ["adam"]}),
        _with(optimizer={"name": "chain", "links": [{"name": "adam"}], "more": 1}),
        _with(optimizer={"name": "chain", "links": [{"name": "chain", "links": [{"name": "adam"}]}]}),
        _with(layer_rates=[["layer_9", 0.1]]),
        _with(layer_rates=3),
        _with(l1=-1),
        _with(alpha=-1),
        _with(alpha="much"),
        _with(steps_before=-1),
        _with(steps_before=0.5),
        _with(shuffle=3),
        _with(shuffle={}),
        _with(shuffle={"key": "00", "position": 0}),
        _with(shuffle={"key": LEGACY.key, "position": 700}),
        _with(shuffle={"key": LEGACY.key, "position": "3"}),
        _with(shuffle={"key": [], "position": 0}),
        _with(shuffle={"key": LEGACY.key, "position": 0, "colour": "red"}),
        _with(optimizer={"name": "sgd_velocity", "nesterov": 1}),
        _with(schedule={"name": "inverse_scaling", "steps": 0}),
        _with(epochs=0),
        _with(epochs=float("inf")),
        _with(epochs="3"),
        _with(class_weight=[1, 2]),
        _with(early_stopping=3),
        _with(early_stopping={"patience": 0}),
        _with(colour="red"),
        _with(seed=-1),
        _with(validation="half"),
        _with(metrics=["lift"]),
        _with(metrics=["mse"]),
        _with(metrics=3),
        _with(metrics=[{"name": "top_k", "depth": 3}]),
        _with(metrics=[{"k": 3}]),
    ],
)
def test_texts_that_are_no_recipe(text: str) -> None:
    """A text that is no recipe is refused as such, whatever is wrong in it."""
    with pytest.raises(ModelFileError, match=r"^The (recipe of the run|description of the network) cannot be read: "):
        Recipe.from_json(text)


def test_another_arithmetic_is_refused() -> None:
    """Steps of another version of the arithmetic would have other bits: such a run is not gone on with."""
    with pytest.raises(ModelFileError) as error:
        Recipe.from_json(_with(arithmetic=2))
    assert (
        "The run was made with version 2 of the arithmetic; this release has version 1 and would not give the same "
        "bits. Go on with the release that made the run." == str(error.value)
    )
