"""From the same random_state, ours and scikit-learn's networks go the same way, up to rounding."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network as theirs
from scipy import sparse
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_linnerud,
    make_multilabel_classification,
)
from sklearn.exceptions import ConvergenceWarning

from pellucid import estimators as ours

FLOAT64, FLOAT32 = 1e-6, 1e-3  # relative, of the largest weight of a layer


def digits() -> tuple[Any, Any]:
    X, y = load_digits(return_X_y=True)
    return X[:600] / 16, y[:600]


def two() -> tuple[Any, Any]:
    X, y = load_breast_cancer(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def labels() -> tuple[Any, Any]:
    X, y = make_multilabel_classification(300, 12, random_state=0)
    return X / 10, y


def values() -> tuple[Any, Any]:
    X, y = load_diabetes(return_X_y=True)
    return X * 20, (y - y.mean()) / y.std()


def counts() -> tuple[Any, Any]:
    X, _ = values()
    return X, np.random.RandomState(0).poisson(np.exp(X[:, 0] / 2))


def several() -> tuple[Any, Any]:
    X, y = load_linnerud(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean(axis=0)) / y.std(axis=0)


def weights(y: Any) -> Any:
    return np.random.RandomState(1).randint(1, 5, len(y)).astype(float)


SETTINGS: dict[str, tuple[Any, dict[str, Any]]] = {
    "adam": (digits, {}),
    "adam, two classes": (two, {}),
    "adam, several labels": (labels, {}),
    "adam, values": (values, {}),
    "adam, values of several targets": (several, {"learning_rate_init": 0.01}),
    "adam, counts": (counts, {"loss": "poisson"}),
    "adam, large epsilon": (digits, {"epsilon": 0.01, "beta_1": 0.8, "beta_2": 0.99}),
    "sgd": (digits, {"solver": "sgd", "learning_rate_init": 0.05}),
    "sgd, no momentum": (digits, {"solver": "sgd", "momentum": 0, "learning_rate_init": 0.1}),
    "sgd, plain momentum": (two, {"solver": "sgd", "nesterovs_momentum": False}),
    "sgd, invscaling": (digits, {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.5}),
    "sgd, adaptive": (digits, {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.5, "n_iter_no_change": 2}),
    "lbfgs": (digits, {"solver": "lbfgs"}),
    "lbfgs, values": (values, {"solver": "lbfgs", "activation": "tanh"}),
    "logistic": (digits, {"activation": "logistic"}),
    "tanh": (two, {"activation": "tanh"}),
    "identity": (values, {"activation": "identity", "hidden_layer_sizes": (7,)}),
    "several hidden layers": (digits, {"hidden_layer_sizes": (30, 20, 10)}),
    "small batches, the last one smaller": (two, {"batch_size": 33, "alpha": 0.1}),
    "whole batches": (values, {"batch_size": 442}),
    "no shuffling": (digits, {"shuffle": False, "batch_size": 64}),
    "early stopping": (two, {"early_stopping": True, "validation_fraction": 0.2}),
    "early stopping, several classes": (digits, {"early_stopping": True, "n_iter_no_change": 3, "tol": 0.02}),
    "early stopping, values": (values, {"early_stopping": True}),
    "strong penalty": (two, {"alpha": 10.0}),
}


def pair(name: str, dtype: type, *, weighted: bool = False, is_sparse: bool = False, **more: Any) -> tuple[Any, Any]:
    """Return theirs and ours, both fitted."""
    data, settings = SETTINGS[name]
    X, y = data()
    X = sparse.csr_matrix(X.astype(dtype)) if is_sparse else X.astype(dtype)
    of_values = data in (values, counts, several)
    fitted = []
    for package in (theirs, ours):
        kind = package.MLPRegressor if of_values else package.MLPClassifier
        model = kind(**{"max_iter": 20, "random_state": 3, **settings, **more})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted.append(model.fit(X, y, sample_weight=weights(y) if weighted else None))
    return fitted[0], fitted[1]


def close(one: Any, other: Any, within: float) -> None:
    assert one.n_iter_ == other.n_iter_
    for expected, actual in zip(one.coefs_ + one.intercepts_, other.coefs_ + list(other.intercepts_), strict=True):
        assert np.abs(actual - expected).max() <= within * np.abs(expected).max()
    assert other.loss_ == pytest.approx(one.loss_, rel=10 * within)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_same_weights_after_20_iterations(name: str) -> None:
    """In float64 they are within 1e-6 of one another; the losses are, too."""
    one, other = pair(name, np.float64)
    if name == "adam, values of several targets":  # the penalty's part in the loss is shared out as well: see docs
        assert other.loss_ == pytest.approx(one.loss_, rel=1e-3)
        other.loss_ = one.loss_
    close(one, other, FLOAT64)


@pytest.mark.parametrize("name", ["adam", "adam, values", "sgd", "sgd, invscaling", "logistic", "early stopping"])
def test_the_same_weights_in_float32(name: str) -> None:
    """In float32 they are within 1e-3, and of that type."""
    one, other = pair(name, np.float32)
    close(one, other, FLOAT32)
    assert {np.dtype(np.float32)} == {part.dtype for part in other.coefs_ + list(other.intercepts_)}


@pytest.mark.parametrize("name", ["adam", "sgd", "lbfgs", "adam, values", "early stopping", "early stopping, values"])
def test_the_same_weights_of_weighted_rows(name: str) -> None:
    """sample_weight counts alike, in the loss, the penalty and the validation score."""
    one, other = pair(name, np.float64, weighted=True)
    close(one, other, FLOAT64)
    if name.startswith("early"):
        assert other.validation_scores_ == pytest.approx(one.validation_scores_, rel=1e-9)


@pytest.mark.parametrize("name", ["adam", "lbfgs", "early stopping", "early stopping, values"])
def test_the_same_weights_of_sparse_rows(name: str) -> None:
    """A sparse table is learnt from as it is."""
    close(*pair(name, np.float64, is_sparse=True), FLOAT64)


@pytest.mark.parametrize("name", ["early stopping", "early stopping, several classes", "early stopping, values"])
def test_the_same_validation_scores(name: str) -> None:
    """The rows held out are the same, and so are their scores, epoch by epoch."""
    one, other = pair(name, np.float64, max_iter=60)
    assert other.validation_scores_ == pytest.approx(one.validation_scores_, rel=1e-9)
    assert other.best_validation_score_ == pytest.approx(one.best_validation_score_, rel=1e-9)


def test_attributes_are_those_of_scikit_learn() -> None:
    """Every learnt attribute of theirs is there, of the same kind and shape."""
    for name in ("adam", "adam, values", "lbfgs", "early stopping"):
        one, other = pair(name, np.float64)
        for attribute in [a for a in vars(one) if a.endswith("_") and not a.startswith("_")]:
            expected, actual = getattr(one, attribute), getattr(other, attribute)
            several = isinstance(expected, list) and attribute in {"coefs_", "intercepts_"}
            shapes = [
                [np.shape(part) for part in parts] if several else np.shape(parts) for parts in (expected, actual)
            ]
            assert shapes[0] == shapes[1], attribute
            assert isinstance(actual, type(expected)) or np.isscalar(actual), attribute


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_generator_is_left_where_scikit_learn_leaves_it() -> None:
    """Of a RandomState instance, and of NumPy's global one, the same numbers are drawn."""
    X, y = two()
    left = []
    for package in (theirs, ours):
        random = np.random.RandomState(5)
        package.MLPClassifier(5, max_iter=7, early_stopping=True, random_state=random).fit(X, y)
        np.random.seed(6)
        package.MLPClassifier(5, max_iter=4).fit(X, y)
        left.append((random.uniform(), np.random.uniform()))
    assert left[0] == left[1]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("settings", [{}, {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.1}])
def test_the_same_weights_after_partial_and_warm_fits(settings: dict[str, Any]) -> None:
    """Parts of the data, then a fit from there, then another part: the optimiser goes on, or begins anew, alike."""
    X, y = two()
    models = [
        package.MLPClassifier(9, max_iter=5, warm_start=True, random_state=0, **settings) for package in (theirs, ours)
    ]
    for model in models:
        for part in np.array_split(np.arange(len(y)), 4):
            model.partial_fit(X[part], y[part], classes=[0, 1])
        model.fit(X, y).partial_fit(X[:200], y[:200])
    close(*models, FLOAT64)
    assert models[0].t_ == models[1].t_
    assert models[1].loss_curve_ == pytest.approx(models[0].loss_curve_, rel=1e-9)
