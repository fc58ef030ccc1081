"""Optimisers: steps worked out by hand, what they keep, and which settings they refuse."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, dataclass
from fractions import Fraction
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
    RMSprop,
    Sgd,
    SgdVelocity,
    optimizer_of,
)
from pellucid.core.optimizers import flush_tiny
from pellucid.errors import KindError, SettingError, UnknownNameError

TINY = 2.0**-100


@dataclass(frozen=True)
class Worked:
    """Three steps from w = 1 with the gradients 2, −1, 0.5 and the rates 0.1, 0.1, 0.05, worked out by hand."""

    optimizer: Optimizer
    weights: tuple[float, float, float]
    kept: dict[str, tuple[float, float, float]]


GRADIENTS, RATES = (2.0, -1.0, 0.5), (0.1, 0.1, 0.05)

WORKED = {
    # 1 − 0.1·2;  0.8 + 0.1·1;  0.9 − 0.05·0.5
    "sgd": Worked(Sgd(), (0.8, 0.9, 0.875), {}),
    # v: 2;  0.5·2 − 1 = 0;  0.5·0 + 0.5;  w: 1 − 0.1·v …
    "momentum": Worked(Sgd(momentum=0.5), (0.8, 0.8, 0.775), {"velocity": (2.0, 0.0, 0.5)}),
    # the step is g + μ·v: 2 + 0.5·2 = 3;  −1 + 0 = −1;  0.5 + 0.5·0.5 = 0.75
    "nesterov": Worked(Sgd(momentum=0.5, nesterov=True), (0.7, 0.8, 0.7625), {"velocity": (2.0, 0.0, 0.5)}),
    # v: −0.1·2 = −0.2;  0.5·−0.2 + 0.1 = 0;  0 − 0.05·0.5;  w: 1 + v …
    "velocity": Worked(SgdVelocity(0.5), (0.8, 0.8, 0.775), {"scaled_velocity": (-0.2, 0.0, -0.025)}),
    # the way is μ·v − η·g: −0.1 − 0.2;  0 + 0.1;  −0.0125 − 0.025
    "velocity of nesterov's": Worked(
        SgdVelocity(0.5, nesterov=True), (0.7, 0.8, 0.7625), {"scaled_velocity": (-0.2, 0.0, -0.025)}
    ),
    # m: 1, 0, 0.25;  v: 2, 1.5, 0.875 (β = ½);  corrected by 1 − ½ᵗ = ½, ¾, ⅞;  ε = 1
    # m̂: 2, 0, 2/7;  v̂: 4, 2, 1;  steps: 0.1·2/(2 + 1), 0, 0.05·(2/7)/(1 + 1)
    "adam": Worked(
        Adam(beta_1=0.5, beta_2=0.5, epsilon=1.0),
        (1 - 0.2 / 3, 1 - 0.2 / 3, 1 - 0.2 / 3 - 0.05 / 7),
        {"mean": (1.0, 0.0, 0.25), "square": (2.0, 1.5, 0.875)},
    ),
    # m and v as before; steps: 0.1·(√½/½)·1/(√2 + 1), 0, 0.05·(√⅞/⅞)·¼/(√⅞ + 1)
    "adam_hat": Worked(
        AdamHat(beta_1=0.5, beta_2=0.5, epsilon=1.0),
        (
            1 - 0.1 * math.sqrt(2) / (math.sqrt(2) + 1),
            1 - 0.1 * math.sqrt(2) / (math.sqrt(2) + 1),
            1 - 0.1 * math.sqrt(2) / (math.sqrt(2) + 1) - 0.0125 / (0.875 + math.sqrt(0.875)),
        ),
        {"mean": (1.0, 0.0, 0.25), "square": (2.0, 1.5, 0.875)},
    ),
    # β = 0: each step is η·g / (|g| + ε), with ε = 2
    "adam without memory": Worked(
        Adam(beta_1=0.0, beta_2=0.0, epsilon=2.0),
        (0.95, 0.95 + 0.1 / 3, 0.95 + 0.1 / 3 - 0.01),
        {"mean": (2.0, -1.0, 0.5), "square": (4.0, 1.0, 0.25)},
    ),
    # the same steps, after w ← w·(1 − η·λ) with λ = 1: 0.9·1 − 0.1·2/4;  0.9·0.85 + 0.1/3;  …
    "adamw without memory": Worked(
        AdamW(beta_1=0.0, beta_2=0.0, epsilon=2.0, decay=1.0),
        (0.85, 0.765 + 0.1 / 3, 0.95 * (0.765 + 0.1 / 3) - 0.01),
        {"mean": (2.0, -1.0, 0.5), "square": (4.0, 1.0, 0.25)},
    ),
    # v: 0.25·4 = 1;  0.75 + 0.25 = 1;  0.75 + 0.0625 (β = ¾); steps g / (√v + 1)
    "rmsprop": Worked(
        RMSprop(beta=0.75, epsilon=1.0),
        (0.9, 0.95, 0.95 - 0.025 / (1 + math.sqrt(0.8125))),
        {"square": (1.0, 1.0, 0.8125)},
    ),
    # v: 4, 5, 5.25; steps g / (√v + 1)
    "adagrad": Worked(
        Adagrad(epsilon=1.0),
        (
            1 - 0.2 / 3,
            1 - 0.2 / 3 + 0.1 / (1 + math.sqrt(5)),
            1 - 0.2 / 3 + 0.1 / (1 + math.sqrt(5)) - 0.025 / (1 + math.sqrt(5.25)),
        ),
        {"square": (4.0, 5.0, 5.25)},
    ),
}


@pytest.mark.parametrize("worked", WORKED.values(), ids=WORKED)
def test_steps_are_those_worked_out_by_hand(worked: Worked) -> None:
    """Weights and kept vectors are the hand-worked ones after each of three steps."""
    w = np.array([1.0])
    slots = worked.optimizer.init(w)
    for k, (gradient, rate) in enumerate(zip(GRADIENTS, RATES, strict=True)):
        worked.optimizer.update(w, np.array([gradient]), slots, rate, k + 1)
        assert worked.weights[k] == pytest.approx(w[0], rel=1e-15)
        assert {name: pytest.approx(values[k], rel=1e-15) for name, values in worked.kept.items()} == {
            name: slot[0] for name, slot in slots.items()
        }


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("worked", WORKED.values(), ids=WORKED)
def test_a_step_changes_its_own_vectors_in_place_and_nothing_else(worked: Worked, dtype: str) -> None:
    """Parameters and slots keep their memory and type; the gradient keeps its numbers."""
    optimizer = worked.optimizer
    w = np.linspace(-1, 1, 6, dtype=dtype)
    gradient = np.linspace(2, -3, 6, dtype=dtype)
    before = gradient.copy()
    slots = optimizer.init(w)
    held = dict(slots)
    assert set(optimizer.slots) == set(slots)
    for slot in slots.values():
        assert (w.shape, w.dtype) == (slot.shape, slot.dtype)
        assert not slot.any()
    for t in (1, 2, 3):
        optimizer.update(w, gradient, slots, 0.01, t)
    assert before.tobytes() == gradient.tobytes()
    assert all(held[name] is slot and slot.dtype == dtype for name, slot in slots.items())
    assert dtype == w.dtype


@pytest.mark.parametrize("worked", WORKED.values(), ids=WORKED)
def test_a_rate_of_zero_leaves_the_parameters(worked: Worked) -> None:
    """With rate 0 only the kept vectors move."""
    w = np.array([0.5, -2.0])
    worked.optimizer.update(w, np.array([3.0, 4.0]), worked.optimizer.init(w), 0.0, 1)
    assert [0.5, -2.0] == w.tolist()


@pytest.mark.parametrize("worked", WORKED.values(), ids=WORKED)
def test_each_weight_is_moved_by_its_own_gradient_alone(worked: Worked) -> None:
    """Steps on a vector are steps on its elements, bit for bit."""
    random = np.random.default_rng(1)
    together, gradients = random.normal(size=5), random.normal(size=(4, 5))
    alone = [together[place : place + 1].copy() for place in range(5)]
    optimizer = worked.optimizer
    slots, own = optimizer.init(together), [optimizer.init(w) for w in alone]
    for t, gradient in enumerate(gradients, start=1):
        optimizer.update(together, gradient, slots, 0.1, t)
        for place, w in enumerate(alone):
            optimizer.update(w, gradient[place : place + 1], own[place], 0.1, t)
    assert np.concatenate(alone).tobytes() == together.tobytes()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_first_step_of_adam_has_the_size_of_the_rate(scale: float) -> None:
    """Whatever the gradient's size, the first step is the learning rate against its sign (Kingma & Ba, §2.1)."""
    w = np.zeros(2)
    adam = Adam(epsilon=1e-20)
    adam.update(w, np.array([3.0, -0.1]) * scale, adam.init(w), 0.01, 1)
    np.testing.assert_allclose(w, [-0.01, 0.01], rtol=1e-12)


@pytest.mark.parametrize("t", [1, 2, 10, 1000, 123_457])
@pytest.mark.parametrize("beta", [0.9, 0.999])
def test_the_bias_correction_is_exact_to_rounding(beta: float, t: int) -> None:
    """From m = v = 0, a single step numbered t divides by 1 − βᵗ, here taken from exact fractions."""
    bias = 1 - float(Fraction(beta) ** min(t, 2000)) if t <= 2000 else 1.0
    adam, w = Adam(beta_1=beta, beta_2=0.0, epsilon=1e-37), np.zeros(1)
    adam.update(w, np.ones(1), adam.init(w), 1.0, t)
    assert -(1 - beta) / bias == pytest.approx(w[0], rel=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_moments_below_two_to_the_minus_100_become_zero(dtype: str) -> None:
    """2⁻¹⁰⁰ itself stays, what is next below it goes, whatever its sign; NaN and infinity stay."""
    below = np.nextafter(np.array(TINY, dtype=dtype), np.array(0, dtype=dtype))
    given = [TINY, -TINY, below, -below, np.finfo(dtype).smallest_subnormal, 1.0, 0.0, math.inf, -math.inf, math.nan]
    slot = np.array(given, dtype=dtype)
    assert flush_tiny(slot) is None
    expected = np.array([TINY, -TINY, 0, 0, 0, 1, 0, math.inf, -math.inf, math.nan], dtype=dtype)
    np.testing.assert_array_equal(expected, slot)


@pytest.mark.parametrize(
    "name", ["momentum", "nesterov", "velocity", "velocity of nesterov's", "adam", "adamw without memory", "rmsprop"]
)
def test_no_slot_ever_holds_a_tiny_number(name: str) -> None:
    """Weights that see one signal and then none end with slots of exactly 0 within 300 steps."""
    optimizer = WORKED[name].optimizer
    w = np.zeros(3, dtype=np.float32)
    slots = optimizer.init(w)
    gradient = np.array([1.0, -1e-20, 0.0], dtype=np.float32)
    for t in range(1, 300):
        optimizer.update(w, gradient, slots, 0.1, t)
        gradient = np.zeros_like(gradient)
        for slot in slots.values():
            assert ((slot == 0) | (np.abs(slot) >= TINY)).all()
    assert not any(slot.any() for slot in slots.values())


REFUSED: dict[str, tuple[Any, str]] = {
    "momentum of 1": (lambda: Sgd(momentum=1.0), r"momentum must be a number ≥ 0 and < 1; 1\.0 was given"),
    "momentum below 0": (lambda: Sgd(momentum=-0.1), r"-0\.1 was given\. A usual value is 0\.9"),
    "momentum NaN": (lambda: Sgd(momentum=math.nan), "nan was given"),
    "momentum a text": (lambda: Sgd(momentum="0.9"), "'0.9' was given"),
    "momentum None": (lambda: Sgd(momentum=None), "None was given"),
    "nesterov alone": (lambda: Sgd(nesterov=True), "nesterov=True needs a momentum above 0; 0 was given. Give"),
    "velocity above 1": (lambda: SgdVelocity(1.1), "momentum must lie in 0 … 1; 1.1 was given"),
    "velocity below 0": (lambda: SgdVelocity(-0.1), "-0.1 was given"),
    "epsilon of adam_hat": (lambda: AdamHat(epsilon=0), "epsilon must be a finite number above 0, at least 1e-37"),
    "beta_1 of 1": (lambda: Adam(beta_1=1), "beta_1 must be a number ≥ 0 and < 1; 1 was given"),
    "beta_2 above 1": (lambda: Adam(beta_2=1.5), "beta_2 must be a number ≥ 0 and < 1; 1.5 was given"),
    "beta_2 a list": (lambda: Adam(beta_2=[0.9]), r"\[0\.9\] was given"),
    "epsilon of 0": (
        lambda: Adam(epsilon=0.0),
        "epsilon must be a finite number above 0, at least 1e-37; 0.0 was given. The usual",
    ),
    "epsilon NaN": (lambda: Adam(epsilon=math.nan), "nan was given"),
    "epsilon infinite": (lambda: Adam(epsilon=math.inf), "inf was given"),
    "epsilon a text": (lambda: Adam(epsilon="small"), "'small' was given"),
}


@pytest.mark.parametrize(("make", "message"), REFUSED.values(), ids=REFUSED)
def test_bad_settings_are_refused_with_what_was_given(make: Any, message: str) -> None:
    """The message says what is accepted and what was given."""
    with pytest.raises(SettingError, match=message):
        make()


def test_an_optimiser_is_found_by_name_or_taken_as_it_is() -> None:
    """A name gives the usual settings; an optimiser is handed through."""
    mine = Adam(beta_1=0.8)
    assert mine is optimizer_of(mine)
    assert {
        "sgd": Sgd(),
        "sgd_velocity": SgdVelocity(),
        "adam": Adam(),
        "adam_hat": AdamHat(),
        "adamw": AdamW(),
        "rmsprop": RMSprop(),
        "adagrad": Adagrad(),
    } == {name: optimizer_of(name) for name in OPTIMIZERS}
    assert (0.9, 0.999, 1e-8) == (Adam().beta_1, Adam().beta_2, Adam().epsilon)
    assert {
        "sgd": 0.1,
        "sgd_velocity": 0.1,
        "adam": 0.001,
        "adam_hat": 0.001,
        "adamw": 0.001,
        "rmsprop": 0.01,
        "adagrad": 0.01,
    } == {name: kind.learning_rate for name, kind in OPTIMIZERS.items()}
    assert all(name == kind.name for name, kind in OPTIMIZERS.items())


@pytest.mark.parametrize("wrong", [1, "yes", None])
def test_nesterov_s_way_is_yes_or_no(wrong: object) -> None:
    """Anything but True and False is refused; momentum 0 is accepted with either."""
    with pytest.raises(KindError, match=f"nesterov must be True or False, not {type(wrong).__name__}"):
        SgdVelocity(nesterov=wrong)  # type: ignore[arg-type]
    assert SgdVelocity(0.0, nesterov=True) == SgdVelocity(0, np.bool_(True))  # type: ignore[arg-type]


def test_no_run_changes_over_to_a_velocity_of_another_kind() -> None:
    """That of `Sgd` points up the slope and holds no rate, that of `SgdVelocity` down, with it: two names."""
    assert set(Sgd(0.9).slots).isdisjoint(SgdVelocity(0.9).slots)
    assert Adam().slots == AdamHat().slots


def test_what_is_no_optimiser_is_refused() -> None:
    """An unknown name is told with the nearest known one; another object with its kind."""
    with pytest.raises(
        UnknownNameError,
        match=r"Unknown optimizer 'adamm'\. Accepted: sgd, .*, adagrad\. Did you mean 'adam'",
    ):
        optimizer_of("adamm")
    with pytest.raises(KindError, match=r"a name \(sgd, .*, adagrad\) or an optimiser such as .*, not float"):
        optimizer_of(0.1)


@pytest.mark.parametrize("optimizer", [Sgd(momentum=0.9), Adam()], ids=["sgd", "adam"])
def test_settings_are_frozen(optimizer: Any) -> None:
    """An optimiser cannot change in the middle of a run."""
    with pytest.raises(FrozenInstanceError):
        optimizer.name = "another"
