"""Pipelines of scikit-learn's that scale before a network: the scaling becomes that of the network's inputs."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PolynomialFeatures, RobustScaler, StandardScaler

from files.foreign import difference
from pellucid import Network, estimators
from pellucid.core import Task
from pellucid.errors import KindError, RunError, SettingError

SCALERS: dict[str, tuple[Any, ...]] = {
    "standard": (StandardScaler(),),
    "without mean": (StandardScaler(with_mean=False),),
    "without deviation": (StandardScaler(with_std=False),),
    "without either": (StandardScaler(with_mean=False, with_std=False),),
    "between two numbers": (MinMaxScaler((-1, 3)),),
    "largest": (MaxAbsScaler(),),
    "passed through": ("passthrough", None),
    "several": (MaxAbsScaler(), "passthrough", StandardScaler(), MinMaxScaler()),
}
NETWORKS: dict[str, Any] = {
    "theirs, classes": MLPClassifier((5,), max_iter=4, random_state=0),
    "theirs, values": MLPRegressor(hidden_layer_sizes=(5, 3), max_iter=4, random_state=0),
    "ours, classes": estimators.MLPClassifier((5,), max_iter=4, random_state=0),
    "ours, values": estimators.MLPRegressor(hidden_layer_sizes=(5,), max_iter=4, random_state=0),
}


def fitted(steps: tuple[Any, ...], network: Any, X: Any) -> Any:
    """Return the steps and a network as a pipeline that learnt a little."""
    pipeline = make_pipeline(*steps, network)
    y = np.arange(len(X)) % 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pipeline.fit(X, y if hasattr(network, "predict_proba") else y * 0.5)


def rows(dtype: str) -> Any:
    """Return rows far from 0 and of different spread, one column of which is constant, and one 0."""
    X = np.random.default_rng(5).normal([3, -4, 0.1, 0, 0], [1, 2, 0.02, 0, 0], (60, 5))
    X[:, 3] = 7
    return X.astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("scalers", SCALERS)
def test_a_pipeline_is_a_network_that_scales_its_inputs(scalers: str, network: str, dtype: str) -> None:
    """Raw rows in, the pipeline's own outputs out; the weights are the last step's to the last bit."""
    X = rows(dtype)
    pipeline = fitted(SCALERS[scalers], NETWORKS[network], X)
    net = Network.of(pipeline)
    classes = net.spec.loss.task is not Task.VALUES
    expected = pipeline.predict_proba(X) if classes else pipeline.predict(X)
    assert difference(expected, net.predict_proba(X) if classes else net.predict(X)) <= 1e-5
    assert Network.of(pipeline[-1]).fingerprint == net.fingerprint
    for layer, weights in zip(net, pipeline[-1].coefs_, strict=True):
        np.testing.assert_array_equal(weights.T, net[layer].weights)


def test_the_scaling_is_the_steps_own() -> None:
    """One after the other: (x − shift)·scale."""
    X = rows("float64")
    scaler = StandardScaler()
    net = Network.of(fitted((scaler,), NETWORKS["theirs, classes"], X))
    np.testing.assert_array_equal(scaler.mean_, net.spec.input.shift)
    np.testing.assert_array_equal(1 / scaler.scale_, net.spec.input.scale)


def test_features_are_called_as_the_first_step_knows_them() -> None:
    """A table's columns; none where that has no names, whatever the last step calls what it was given."""
    pandas = pytest.importorskip("pandas")
    X, names = rows("float64"), ["a", "b", "c", "d", "e"]
    table = pandas.DataFrame(X, columns=names)
    network = NETWORKS["theirs, classes"]
    assert tuple(names) == Network.of(fitted((StandardScaler(), MinMaxScaler()), network, table)).spec.input.features
    assert tuple(names) == Network.of(fitted(("passthrough",), network, table)).spec.input.features
    nameless = StandardScaler().set_output(transform="pandas")
    assert Network.of(fitted((nameless,), network, X)).spec.input.features is None


class Own(Pipeline):  # type: ignore[misc]
    """A pipeline that may do what it likes."""


class OwnScaler(StandardScaler):  # type: ignore[misc]
    """A scaler that may do what it likes."""


@pytest.mark.parametrize(
    ("steps", "error", "told"),
    [
        ((PCA(2),), KindError, "step 'pca' is a PCA, which would be lost.*MaxAbsScaler without clip"),
        ((StandardScaler(), PolynomialFeatures()), KindError, "step 'polynomialfeatures' is a PolynomialFeatures"),
        ((RobustScaler(),), KindError, "step 'robustscaler' is a RobustScaler"),
        ((FeatureUnion([("s", StandardScaler())]),), KindError, "step 'featureunion' is a FeatureUnion"),
        ((make_pipeline(StandardScaler()),), KindError, "step 'pipeline' is a Pipeline"),
        ((OwnScaler(),), KindError, "step 'ownscaler' is an OwnScaler"),
        ((MinMaxScaler(clip=True),), SettingError, "step 'minmaxscaler' is a MinMaxScaler with clip=True"),
        ((MaxAbsScaler(clip=True),), SettingError, "step 'maxabsscaler' is a MaxAbsScaler with clip=True"),
    ],
)
def test_what_would_be_lost_is_refused_by_name(steps: tuple[Any, ...], error: type[Exception], told: str) -> None:
    """Step and kind are named, and what to do instead."""
    pipeline = fitted(steps, NETWORKS["theirs, classes"], rows("float64"))
    with pytest.raises(error, match=told):
        Network.of(pipeline)


def test_what_ends_in_no_network_is_refused() -> None:
    """So are pipelines of one's own kind, those that were not fitted, and what is said of them besides."""
    X = rows("float64")
    network = NETWORKS["theirs, classes"]
    done = fitted((StandardScaler(),), network, X)
    for pipeline, error, told in (
        (make_pipeline(StandardScaler(), LogisticRegression()), KindError, "last step 'logisticregression' is a Log"),
        (Pipeline([("scale", StandardScaler()), ("rest", "passthrough")]), KindError, "'rest' is 'passthrough'"),
        (Own(done.steps), KindError, "This Own is made from scikit-learn's Pipeline"),
        (make_pipeline(StandardScaler(), MLPClassifier()), RunError, "not fitted yet"),
        (make_pipeline(StandardScaler(), done[-1]), RunError, "step 'standardscaler', a StandardScaler, is not fitted"),
    ):
        with pytest.raises(error, match=told):
            Network.of(pipeline)
    with pytest.raises(SettingError, match="a Pipeline was given, which tells them itself"):
        Network.of(done, classes=["a", "b", "c"])
    done[0].scale_ = np.zeros(5)
    with pytest.raises(SettingError, match="'standardscaler' scale by numbers that are too large"):
        Network.of(done)
