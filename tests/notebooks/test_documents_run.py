"""What docs/coming_from.md shows happens, and what it says of scikit-learn's settings holds."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Network, Sgd

pytestmark = pytest.mark.checkout

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "coming_from.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL)

Judge = Callable[[str], Any]


@pytest.mark.parametrize(("block", "metric", "least"), [(0, "accuracy", 0.95), (1, "r2", 0.4)])
def test_the_blocks_run_as_they_stand(block: int, metric: str, least: float, judge: Judge) -> None:
    """Each program runs, and is good on rows that it has not seen."""
    judge("sklearn")
    names: dict[str, Any] = {}
    exec(BLOCKS[block], names)
    measured = names["net"].evaluate(names["X_test"], names["y_test"])
    assert measured[metric] >= least
    assert len(names["run"].history) > 1


def test_there_are_two_blocks() -> None:
    """One for those who come from each library."""
    assert 2 == len(BLOCKS)


# loss, outputs, of alpha / batch_size: l2, of learning_rate_init: learning_rate
CONVERTED = [
    ("cross_entropy", 3, 1.0, 1.0),
    ("binary_cross_entropy", 1, 1.0, 1.0),
    ("binary_cross_entropy", 4, 1 / 4, 4.0),
    ("mse", 1, 2.0, 1 / 2),
    ("mse", 3, 2 / 3, 3 / 2),
]


@pytest.mark.parametrize(("loss", "k", "of_alpha", "of_rate"), CONVERTED)
def test_alpha_as_l2(loss: str, k: int, of_alpha: float, of_rate: float, judge: Judge) -> None:
    """With l2 made from alpha as the document says, a step of plain gradient descent is scikit-learn's."""
    neural_network = judge("sklearn.neural_network")
    rng = np.random.default_rng(0)
    n, alpha, rate = 20, 3.0, 0.05
    X = rng.normal(size=(n, 5))
    y = {
        "cross_entropy": np.arange(n) % 3,
        "binary_cross_entropy": np.arange(n) % 2 if k == 1 else (rng.random((n, k)) < 0.5).astype(int),
        "mse": rng.normal(size=n) if k == 1 else rng.normal(size=(n, k)),
    }[loss]
    kind = neural_network.MLPRegressor if loss == "mse" else neural_network.MLPClassifier
    theirs = kind(
        hidden_layer_sizes=(6,), activation="tanh", solver="sgd", momentum=0, alpha=alpha, batch_size=n, random_state=0
    )
    theirs.set_params(learning_rate_init=rate, max_iter=1, warm_start=True, shuffle=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one epoch is not enough
        theirs.fit(X, y)
        as_it_is = {"standardize_targets": False} if loss == "mse" else {}
        net = Network([5, 6, k], activation="tanh", loss=loss, dtype="float64", **as_it_is)
        for layer, W, b in zip(net, theirs.coefs_, theirs.intercepts_, strict=True):
            net[layer].weights, net[layer].biases = W.T, b
        theirs.fit(X, y)
    net.fit(X, y, epochs=1, batch_size=n, optimizer=Sgd(), learning_rate=rate * of_rate, l2=alpha / n * of_alpha)
    for layer, W, b in zip(net, theirs.coefs_, theirs.intercepts_, strict=True):
        np.testing.assert_allclose(net[layer].weights.T, W, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(net[layer].biases, b, rtol=1e-10, atol=1e-12)
