"""Activations, losses and optimisers of the user's own: believed once they are checked, told by name in files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from pellucid import Activation, Dense, Loss, Network, Optimizer, Task
from pellucid.core import (
    ACTIVATIONS,
    Adam,
    Chain,
    ClipNorm,
    CrossEntropy,
    Spec,
    activation_of,
    loss_of,
    optimizer_from_json,
)
from pellucid.datasets import load_toy
from pellucid.errors import KindError, ModelFileError, SettingError
from pellucid.training import Recipe


def square(Z: Any) -> Any:
    return Z * Z


def double(Z: Any, A: Any) -> Any:
    return 2 * Z


SQUARE = Activation("square", square, double, "a = z²")


@dataclass(frozen=True)
class Quartic(Loss):
    """L = mean of s·(a − t)⁴."""

    strength: float = 1.0
    name = "quartic"
    task = Task.VALUES

    def function(self, A: Any, T: Any) -> Any:
        D = A - T
        return self.strength * (D**4).mean(axis=1), lambda: self.strength * 4 * D**3 / A.shape[1]


@dataclass(frozen=True)
class OwnCrossEntropy(Loss):
    """The family's cross-entropy under another name."""

    name = "own_cross_entropy"
    task = Task.CLASSES
    owns_output = True

    def function(self, A: Any, T: Any) -> Any:
        return CrossEntropy().function(A, T)

    def output(self, A: Any) -> Any:
        return CrossEntropy().output(A)


@dataclass(frozen=True)
class Signs(Optimizer):
    """w ← w − η·s·sign g."""

    strength: float = 1.0
    name = "signs"
    learning_rate = 0.01
    slots = ()

    def update(self, parameters: Any, gradient: Any, slots: Any, rate: float, t: int) -> None:
        parameters -= rate * self.strength * np.sign(gradient)


def test_an_own_part_computes_what_the_same_of_the_family_does() -> None:
    """A tanh and a cross-entropy written anew train to the core's own bits."""
    toy = load_toy("moons", n=120)
    mine = Activation("mine", np.tanh, lambda Z, A: 1 - A * A, initializer="glorot")
    given = {"epochs": 5, "batch_size": 20, "optimizer": Signs()}  # which keeps both on the core
    ours = Network([2, Dense(6, "tanh"), 2]).fit(toy.X, toy.y, **given)
    own = Network([2, Dense(6, mine), 2], loss=OwnCrossEntropy()).fit(toy.X, toy.y, **given)
    assert ours.fingerprint == own.fingerprint
    assert ours.network.predict_proba(toy.X) == pytest.approx(own.network.predict_proba(toy.X), abs=1e-6)
    assert ours.history["accuracy"].tolist() == own.history["accuracy"].tolist()


def test_an_activation_may_be_given_as_it_is() -> None:
    """One of the family's own is its name; one of the user's own names the layer, and is used for all hidden ones."""
    assert Dense(3, "relu") == Dense(3, ACTIVATIONS["relu"])
    net = Network([4, 3, 5, 2], activation=SQUARE)
    assert ["square", "square", "identity"] == [net[name].activation for name in net]
    assert "square" in repr(net.summary())
    X = np.linspace(-1, 1, 8).reshape(2, 4).astype(np.float32)
    first = net["layer_1"]
    hidden = (X @ first.weights.T + first.biases) ** 2
    assert (net["layer_2"].weights.shape, hidden.shape) == ((5, 3), (2, 3))
    second = (hidden @ net["layer_2"].weights.T + net["layer_2"].biases) ** 2
    expected = (second @ net["output"].weights.T + net["output"].biases).argmax(axis=1)
    assert expected.tolist() == net.predict(X).tolist()


CUSTOM = {"square": SQUARE, "quartic": Quartic, "signs": Signs}
SPEC = Spec.of([2, Dense(3, SQUARE), 4, 1], loss=Quartic(0.5))


def test_a_spec_and_a_recipe_give_them_back() -> None:
    """With their settings, to the same digest."""
    assert SPEC == Spec.from_json(SPEC.to_json(), CUSTOM)
    assert len({SPEC, Spec.of([2, Dense(3, SQUARE), 4, 1], loss=Quartic(0.5))}) == 1
    recipe = Recipe(SPEC, "", optimizer=Chain(ClipNorm(0.5), Signs(2.0)))
    again = Recipe.from_json(recipe.to_json(), CUSTOM)
    assert (recipe, recipe.digest) == (again, again.digest)
    assert Signs() == optimizer_from_json(Signs().to_json(), CUSTOM)


NOT_GIVEN: dict[str, tuple[dict[str, object] | None, str]] = {
    "none": (None, r"names the activation 'square', which its user wrote; .* with custom=\{'square': …\}"),
    "another": ({"cube": SQUARE}, "names the activation 'square'"),
    "a function": (
        {"square": square},
        r"custom\['square'\] must be the activation of this name, an object",
    ),
    "another name": (
        {"square": Activation("cube", square, double)},
        r"custom\['square'\] must be the activation",
    ),
    "the loss missing": ({"square": SQUARE}, "names the loss 'quartic'"),
    "a loss as an object": (
        {"square": SQUARE, "quartic": Quartic()},
        "the loss of this name, a class of the kind Loss",
    ),
    "an optimiser": ({"square": SQUARE, "quartic": Signs}, "the loss of this name, a class of the kind Loss"),
}


@pytest.mark.parametrize("name", NOT_GIVEN)
def test_what_is_not_given_again(name: str) -> None:
    """The error names what is missing, or what is wrong with it."""
    custom, message = NOT_GIVEN[name]
    with pytest.raises(ModelFileError, match=message):
        Spec.from_json(SPEC.to_json(), custom)


def test_settings_that_the_class_does_not_have() -> None:
    """A class that has changed since is told apart from a damaged file by the names of its settings."""
    with pytest.raises(ModelFileError, match=r"cannot be read: .*'weight'"):
        Spec.from_json(SPEC.to_json().replace("strength", "weight"), CUSTOM)


def own(**changes: Any) -> type[Loss]:
    """Return a class of loss like `Quartic`, changed."""
    return dataclass(frozen=True)(type("Own", (Quartic,), changes))


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "a name of the family": (
        lambda: activation_of(Activation("relu", square, double)), SettingError, "none of identity, sigmoid, .* has"
    ),
    "no name": (lambda: activation_of(Activation("a b", square, double)), SettingError, "'a b' was given"),
    "a function alone": (lambda: Dense(3, np.tanh), KindError, r"its slope is needed, too, .* Give Activation\("),
    "no function": (lambda: activation_of(Activation("own", 3, double)), KindError, "needs two functions"),
    "another shape": (
        lambda: activation_of(Activation("own", lambda Z: Z[:, :2], double)), KindError,
        r"The function of the activation 'own' must return an array of float32 and shape \(1, 6\); it returned",
    ),
    "another type": (
        lambda: activation_of(Activation("own", square, lambda Z, A: Z.astype(np.float64))), KindError,
        r"The slope of the activation 'own' must return an array of float32 and shape \(1, 6\); it returned float64 \(",
    ),
    "a number": (lambda: activation_of(Activation("own", lambda Z: 1.0, double)), KindError, "it returned float"),
    "a wrong slope": (
        lambda: activation_of(Activation("own", square, lambda Z, A: 3 * Z)), SettingError,
        r"derivative of the activation 'own' is not .* at -2\.7 it says -8\.1, a central difference -5\.4\. Mend",
    ),
    "a loss's name": (lambda: Spec.of([2, 1], loss=own(name="mse")()), SettingError, "which none of cross_entropy, "),
    "no task": (lambda: Spec.of([2, 1], loss=own(name="own", task="values")()), KindError, "needs a task: Task"),
    "logits for probabilities": (
        lambda: Spec.of([2, 2], loss=own(name="own", task=Task.CLASSES, function=OwnCrossEntropy.function)()),
        SettingError, r"The output of the loss 'own' must be probabilities, adding up to 1; for numbers near 0 it",
    ),
    "a class": (lambda: loss_of(Quartic), KindError, r"the class Quartic was given\. Call it\."),
    "odd settings": (
        lambda: Spec.of([2, 1], loss=Quartic(strength=np.float32(2))), SettingError,
        "settings of the loss 'quartic' must be numbers, texts",
    ),
    "a wrong slope of a loss": (
        lambda: Spec.of([2, 1], loss=own(name="own", function=lambda self, A, T: ((A - T)[:, 0] ** 4, lambda: A))()),
        SettingError, "The derivative of the loss 'own' is not that of its function: at ",
    ),
    "one loss for all": (
        lambda: Spec.of([2, 1], loss=own(name="own", function=lambda self, A, T: (A.mean(), lambda: A))()),
        KindError, r"The function of the loss 'own' must return an array of float32 and shape \(6,\); it returned",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_parts_that_cannot_be_used(name: str) -> None:
    """Each is refused when it is given, with the reason, before anything is computed with it."""
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        make()


def test_a_surrogate_may_have_another_slope() -> None:
    """A step answers 0 or 1, and learns by the slope of a sigmoid."""
    step = Activation(
        "step",
        lambda Z: (Z > 0).astype(Z.dtype),
        lambda Z, A: np.exp(-np.abs(Z)) / 4,
        surrogate=True,
        initializer="glorot",
    )
    toy = load_toy("moons", n=300)
    net = Network([2, Dense(24, step), 2])
    net.fit(toy.X, toy.y, epochs=60, batch_size=20, learning_rate=0.02)
    assert net.score(toy.X, toy.y) > 0.85


def test_adam_stays_native_beside_them() -> None:
    """What is of the family is computed natively as ever: the spec says which is which."""
    assert not Spec.of([2, 3], loss=CrossEntropy(0.1)).is_own
    assert SPEC.is_own
    assert not Adam().is_own
    assert Signs().is_own


def test_two_of_one_name_are_refused() -> None:
    """A file could not tell them apart."""
    other = Activation("square", lambda Z: 3 * Z, lambda Z, A: np.full_like(Z, 3))
    with pytest.raises(SettingError, match=r"Two different activations of one's own have the same name"):
        Network([2, Dense(3, SQUARE), Dense(3, other), 2])
    Network([2, Dense(3, SQUARE), Dense(3, SQUARE), 2])


@pytest.mark.parametrize("setting", [np.float32(2), float("nan"), [1.0].append])
def test_settings_of_an_optimiser_that_no_file_holds(setting: Any) -> None:
    """They are refused before a step is made."""
    with pytest.raises(SettingError, match="settings of the optimizer 'signs' must be numbers"):
        Recipe(Spec.of([2, 2]), "", optimizer=Signs(setting))
