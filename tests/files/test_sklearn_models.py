"""A hundred fitted networks of scikit-learn's, as networks of ours, and back."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier, MLPRegressor

from pellucid import Network
from pellucid.core import Task

TASKS = ("two", "three", "texts", "labels", "value", "values", "counts")
ACTIVATIONS = ("identity", "logistic", "tanh", "relu")


def fitted(number: int) -> tuple[Any, np.ndarray]:
    """The model of a number, of random shape, activation and task, trained a little; and rows to try it on."""
    rng = np.random.default_rng(number)
    task, activation = TASKS[number % len(TASKS)], ACTIVATIONS[int(rng.integers(4))]
    dtype = np.float64 if number % 3 else np.float32
    n_in, layers = int(rng.integers(1, 9)), tuple(int(width) for width in rng.integers(1, 12, rng.integers(0, 4)))
    X = rng.normal(0, 10.0 ** rng.integers(-2, 3), (60, n_in)).astype(dtype)
    y: Any = {
        "two": rng.integers(0, 2, 60),
        "three": rng.integers(0, 3, 60) * 10,
        "texts": np.array(["low", "mid", "high"])[rng.integers(0, 3, 60)],
        "labels": rng.integers(0, 2, (60, 3)),
        "value": rng.normal(size=60),
        "values": rng.normal(size=(60, 2)),
        "counts": rng.poisson(2.0, 60).astype(float),
    }[task]
    settings: dict[str, Any] = {"activation": activation, "max_iter": 3, "random_state": number}
    if task in {"value", "values", "counts"}:
        loss = "poisson" if task == "counts" else "squared_error"
        model: Any = MLPRegressor(hidden_layer_sizes=layers, loss=loss, **settings)
    else:
        model = MLPClassifier(hidden_layer_sizes=layers, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X / np.abs(X).max(), y)
    return model, X / np.abs(X).max()


def shown(model: Any, X: np.ndarray) -> np.ndarray:
    """What scikit-learn says of rows: probabilities, or values."""
    return np.asarray(model.predict_proba(X) if isinstance(model, MLPClassifier) else model.predict(X))


@pytest.mark.parametrize("number", range(100))
def test_outputs_are_the_models_own(number: int) -> None:
    """Within 1e-5 of the largest; predictions are the same; written back into a copy, every weight is the model's."""
    model, X = fitted(number)
    net = Network.of(model)
    expected = shown(model, X)
    actual = net.predict(X) if net.spec.loss.task is Task.VALUES else net.predict_proba(X)
    assert expected.shape == actual.shape
    assert np.abs(expected - actual).max() <= 1e-5 * max(1, np.abs(expected).max())
    back = copy.deepcopy(model)
    back.coefs_ = [net[layer].weights.T.copy() for layer in net]
    back.intercepts_ = [net[layer].biases.copy() for layer in net]
    np.testing.assert_array_equal(expected, shown(back, X))
    again = Network.of(back)
    assert (net.spec, net.fingerprint) == (again.spec, again.fingerprint)
    if isinstance(model, MLPClassifier):
        sure = np.abs(np.sort(expected.reshape(len(X), -1), axis=1)[:, -1] - 0.5) > 1e-4  # no tie that rounding decides
        np.testing.assert_array_equal(model.predict(X)[sure], net.predict(X)[sure])
