"""Scikit-learn's own test file, its classes rebound to ours: all pass but five that read what is private there."""

from __future__ import annotations

import ast
import inspect
import itertools
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network.tests import test_mlp

from pellucid.estimators import MLPClassifier, MLPRegressor

PRIVATE = {  # each is answered by a test of ours, of the same public behaviour
    "test_gradient": "test_the_gradient_is_that_of_the_loss",
    "test_learning_rate_warmstart": "test_the_rate_after_a_warm_start",
    "test_adaptive_learning_rate": "test_the_rate_adapts",
    "test_n_iter_no_change": "test_epochs_without_progress_are_counted",
    "test_n_iter_no_change_inf": "test_without_a_limit_all_epochs_are_made",
}


def rebound() -> dict[str, Any]:
    """Return the tests of that file, which find our classes under the names of theirs."""
    found = types.ModuleType("rebound")
    tree = ast.parse(inspect.getsource(test_mlp))
    for node in tree.body:  # only the import changes
        if isinstance(node, ast.ImportFrom) and node.module == "sklearn.neural_network":
            node.module = "pellucid.estimators"
    exec(compile(tree, test_mlp.__file__, "exec"), found.__dict__)
    assert (found.MLPClassifier, found.MLPRegressor) == (MLPClassifier, MLPRegressor)
    return {name: test for name, test in vars(found).items() if name.startswith("test_")}


def cases() -> list[Any]:
    """Return every call that pytest would make of them."""
    found = []
    for name, test in rebound().items():
        tables = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
        choices = [[(mark.args[0], values) for values in mark.args[1]] for mark in tables]
        for number, chosen in enumerate(itertools.product(*choices)):
            given: dict[str, Any] = {}
            for names, values in chosen:
                several = [one.strip() for one in names.split(",")]
                given |= dict(zip(several, values if len(several) > 1 else [values], strict=True))
            found.append(pytest.param(test, given, id=f"{name}-{number}"))
    return found


@pytest.fixture
def global_random_seed() -> int:
    return 42


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("test", "given"), [case for case in cases() if case.values[0].__name__ not in PRIVATE])
def test_as_there(test: Any, given: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """What scikit-learn asserts of its own classes holds of ours."""
    wanted = set(inspect.signature(test).parameters) - given.keys()
    test(**given, **{name: request.getfixturevalue(name) for name in wanted})


def test_none_is_left_out() -> None:
    """Five are answered below, each of which is there; all others were called above."""
    there = set(rebound())
    assert there >= PRIVATE.keys()
    assert len(there) >= 40
    assert set(globals()) >= set(PRIVATE.values())
    assert Path(test_mlp.__file__).name == "test_mlp.py"


@pytest.mark.parametrize("labels", [2, 3])
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
def test_the_gradient_is_that_of_the_loss(labels: int, activation: str) -> None:
    """The gradient of a fitted estimator's network agrees with central differences of its loss."""
    rng = np.random.RandomState(42)
    X, y = rng.rand(5, 10), 1 + (np.arange(5) + 1) % labels
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = MLPClassifier(10, activation, solver="lbfgs", alpha=1e-5, max_iter=1, random_state=1).fit(X, y)
    net = model.network_
    _, gradient = net.loss_and_gradient(X, y, l2=1e-5 / 5)
    expected = np.empty_like(gradient)
    for place in range(len(expected)):
        sides = []
        for sign in (1, -1):
            net.parameters[place] += sign * 1e-5
            sides.append(net.loss_and_gradient(X, y, l2=1e-5 / 5)[0])
            net.parameters[place] -= sign * 1e-5
        expected[place] = (sides[0] - sides[1]) / 2e-5
    np.testing.assert_allclose(gradient, expected, atol=1e-7)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling"])
def test_the_rate_after_a_warm_start(learning_rate: str) -> None:
    """A second fit begins at learning_rate_init; with invscaling its later epochs count the rows seen before, too."""
    X, y = [[3, 2], [1, 6], [5, 6], [-2, -4]], [1, 1, 1, 0]
    model = MLPClassifier(
        4, solver="sgd", learning_rate=learning_rate, max_iter=2, power_t=0.25, warm_start=True, random_state=0
    )
    model.fit(X, y).fit(X, y)
    rates = [model.run_.at(step).learning_rate for step in range(2)]
    assert (16, rates[0]) == (model.t_, model.learning_rate_init)
    expected = 1.0 if learning_rate == "constant" else (8 + 4 + 1) ** -0.25
    assert rates[1] == pytest.approx(model.learning_rate_init * expected, rel=1e-14)


def test_the_rate_adapts() -> None:
    """Where there is no progress the rate is divided by 5, as recorded edits, until it is below 1e-6."""
    model = MLPClassifier(tol=0.5, max_iter=3000, solver="sgd", learning_rate="adaptive", random_state=0)
    model.fit([[3, 2], [1, 6]], [1, 0])
    rates = [edit.settings["learning_rate"] for edit in model.run_.edits]
    assert model.n_iter_ < model.max_iter
    assert [pytest.approx(1e-3 / 5**number) for number in range(1, len(rates) + 1)] == rates
    assert rates[-1] < 1e-6 <= rates[-2]


@pytest.mark.parametrize("limit", [2, 5, 10, 50, 100])
def test_epochs_without_progress_are_counted(limit: int) -> None:
    """Training ends after one epoch more than the limit without progress, counted from the loss curve."""
    X, y = load_digits(n_class=2, return_X_y=True)
    model = MLPClassifier(tol=0.01, max_iter=3000, solver="sgd", n_iter_no_change=limit, random_state=0)
    model.fit(X[:100] / 16, y[:100])
    best, without = np.inf, 0
    for loss in model.loss_curve_:
        assert without <= limit
        without = without + 1 if loss > best - model.tol else 0
        best = min(best, loss)
    assert limit + 1 == without
    assert model.n_iter_ < model.max_iter


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_without_a_limit_all_epochs_are_made() -> None:
    """n_iter_no_change=inf never ends the training."""
    X, y = load_iris(return_X_y=True)
    model = MLPClassifier(tol=1e9, max_iter=300, solver="sgd", n_iter_no_change=np.inf, random_state=0).fit(X, y)
    assert 300 == model.n_iter_ == len(model.loss_curve_)
