"""What scikit-learn's users have asked for, as further keyword arguments: each does what its name says."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import recall_score, roc_auc_score
from sklearn.preprocessing import scale

from pellucid import Activation, AdamW, Cosine, CrossEntropy, Dropout, Huber, Loss, Pinball, Run, Task
from pellucid.errors import DataError, SettingError
from pellucid.estimators import MLPClassifier, MLPRegressor
from pellucid.training import EpochEnded, RunStarted

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(scope="module")
def iris() -> tuple[Any, Any]:
    X, y = load_iris(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def cancer() -> tuple[Any, Any]:
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def diabetes() -> tuple[Any, Any]:
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


def test_class_weight_is_that_weight_of_each_row(cancer: Any) -> None:
    """A dict of weights, and "balanced", give the bits of the same weights given row by row."""
    X, y = cancer
    plain = {"hidden_layer_sizes": (8,), "max_iter": 10, "random_state": 0}
    by_class = MLPClassifier(**plain, class_weight={0: 3.0, 1: 0.5}).fit(X, y)
    by_row = MLPClassifier(**plain).fit(X, y, sample_weight=np.where(y == 0, 3.0, 0.5))
    assert by_class.network_.fingerprint == by_row.network_.fingerprint
    balanced = MLPClassifier(**plain, class_weight="balanced").fit(X, y)
    shares = len(y) / (2 * np.bincount(y))
    by_row = MLPClassifier(**plain).fit(X, y, sample_weight=shares[y])
    assert balanced.loss_ == pytest.approx(by_row.loss_, rel=1e-12)


def test_class_weight_finds_the_rare_class() -> None:
    """Of one rare class in twenty, more are found where classes weigh alike."""
    rng = np.random.RandomState(0)
    X = np.vstack([rng.normal(0, 1, (950, 2)), rng.normal(1.2, 1, (50, 2))])
    y = np.array(["usual"] * 950 + ["rare"] * 50)
    found = [
        recall_score(
            y, MLPClassifier((10,), class_weight=w, max_iter=60, random_state=0).fit(X, y).predict(X), pos_label="rare"
        )
        for w in (None, "balanced")
    ]
    assert found[1] > found[0] + 0.3


def test_dropout_stands_behind_each_hidden_layer(iris: Any) -> None:
    """One rate, or one for each layer; the same random_state gives the same masks."""
    model = MLPClassifier((8, 6), dropout=(0.2, 0.5), max_iter=30, random_state=0).fit(*iris)
    layers = model.network_.spec.layers
    assert [Dropout(0.2), Dropout(0.5)] == [layer for layer in layers if isinstance(layer, Dropout)]
    again = MLPClassifier((8, 6), dropout=(0.2, 0.5), max_iter=30, random_state=0).fit(*iris)
    other = MLPClassifier((8, 6), max_iter=30, random_state=0).fit(*iris)
    assert model.network_.fingerprint == again.network_.fingerprint != other.network_.fingerprint
    with pytest.raises(SettingError, match="2 hidden layers"):
        MLPClassifier((8, 6), dropout=(0.2,)).fit(*iris)


def test_an_activation_a_layer(iris: Any) -> None:
    """Names of Pellucid's, scikit-learn's "logistic", and one's own."""
    square = Activation("square", lambda Z: Z * Z, lambda Z, A: 2 * Z)
    model = MLPClassifier(
        (8, 6, 4), ["gelu", "logistic", square], max_iter=300, learning_rate_init=0.01, random_state=0
    )
    assert model.fit(*iris).score(*iris) > 0.9
    assert ["gelu", "sigmoid", square, "identity"] == [layer.activation for layer in model.network_.spec.dense]
    assert "this machine" in model.run_.exactness


@pytest.mark.parametrize("loss", ["absolute_error", "mae", "huber", Huber(0.3), "pinball", Pinball(0.5)])
def test_losses_of_values(diabetes: Any, loss: Any) -> None:
    """Losses that outliers pull less hard at are minimised, and end near the median."""
    X, y = diabetes
    y = np.where(np.arange(len(y)) % 20 == 0, y + 50, y)
    model = MLPRegressor(loss, (20,), learning_rate_init=0.01, random_state=0).fit(X, y)
    straight = MLPRegressor("squared_error", (20,), learning_rate_init=0.01, random_state=0).fit(X, y)
    errors = [np.median(np.abs(y - one.predict(X))) for one in (model, straight)]
    assert errors[0] < errors[1]


def test_quantiles_are_prediction_intervals(diabetes: Any) -> None:
    """Pinball's quantiles have a column each, and about as many values lie below."""
    X, y = diabetes
    model = MLPRegressor(Pinball((0.1, 0.5, 0.9)), (20,), learning_rate_init=0.01, random_state=0, max_iter=300)
    below = model.fit(X, y).predict(X) > y[:, np.newaxis]
    assert (442, 3) == below.shape
    assert [0.1, 0.5, 0.9] == pytest.approx(below.mean(axis=0), abs=0.06)


class Quartic(Loss):
    """Σ (a − t)⁴."""

    name, task, formula = "quartic", Task.VALUES, "L = (a − t)⁴"

    def function(self, A: Any, T: Any) -> Any:
        return ((A - T) ** 4).sum(axis=1), lambda: 4 * (A - T) ** 3


def test_a_loss_of_ones_own(diabetes: Any) -> None:
    """A `Loss` is minimised as it is; one for another task is refused."""
    X, y = diabetes
    model = MLPRegressor(Quartic(), (10,), solver="lbfgs", max_iter=50, random_state=0).fit(X, y)
    first = MLPRegressor(Quartic(), (10,), solver="lbfgs", max_iter=1, random_state=0).fit(X, y)
    assert model.loss_ < 0.5 * first.loss_
    with pytest.raises(SettingError, match="predicts values"):
        MLPRegressor(CrossEntropy()).fit(X, y)


def test_label_smoothing_keeps_probabilities_from_the_ends(cancer: Any, iris: Any) -> None:
    """Of several classes, and of two: no probability gets as near to 0 or 1."""
    for X, y in (cancer, iris):
        largest = [
            MLPClassifier(learning_rate_init=0.02, label_smoothing=e, random_state=0).fit(X, y).predict_proba(X).max()
            for e in (0.0, 0.2)
        ]
        assert largest[1] < 0.99 < largest[0]
    with pytest.raises(SettingError, match="label_smoothing"):
        MLPClassifier(label_smoothing=0.1).fit(*make_multilabel_classification(50, random_state=0))


def test_optimizers_and_schedules_of_pellucid(iris: Any) -> None:
    """They take the place of solver and learning_rate, and stand in the recipe."""
    model = MLPClassifier((8,), optimizer=AdamW(decay=0.1), schedule="cosine", max_iter=40, random_state=0).fit(*iris)
    assert (AdamW(decay=0.1), Cosine()) == (model.run_.recipe.optimizer, model.run_.recipe.schedule)
    assert (
        MLPClassifier((8,), optimizer="rmsprop", solver="lbfgs", max_iter=5).fit(*iris).run_.recipe.optimizer.name
        == "rmsprop"
    )


def test_validation_data_and_eval_metric(cancer: Any) -> None:
    """They are measured after each epoch, and early stopping watches the metric."""
    X, y = cancer
    held = X[::3], y[::3]
    seen = np.arange(len(y)) % 3 != 0
    model = MLPClassifier(
        (8,), validation_data=held, eval_metric="auc", early_stopping=True, tol=0, random_state=0, max_iter=300
    ).fit(X[seen], y[seen])
    assert model.n_iter_ == len(model.validation_scores_) == len(model.validation_loss_curve_) == len(model.loss_curve_)
    assert model.n_iter_ < 300
    assert max(model.validation_scores_) == model.best_validation_score_
    assert roc_auc_score(held[1], model.predict_proba(held[0])[:, 1]) == pytest.approx(model.best_validation_score_)


def test_a_metric_where_less_is_better(cancer: Any) -> None:
    """The log-loss of the rows held out falls, and the network ends on its least."""
    X, y = cancer
    model = MLPClassifier(
        (8,), validation_data=(X[:100], y[:100]), eval_metric="log_loss", early_stopping=True, random_state=0
    )
    model.fit(X[100:], y[100:])
    assert min(model.validation_scores_) == model.best_validation_score_ < model.validation_scores_[0]


def test_an_eval_metric_of_ones_own(iris: Any) -> None:
    """A function of the true and the predicted labels, the more the better."""
    X, y = iris
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = MLPClassifier(
        (8,),
        validation_data=(X, names),
        eval_metric=lambda truth, predicted: recall_score(truth, predicted, labels=["virginica"], average="macro"),
        early_stopping=True,
        random_state=0,
    ).fit(X, names)
    assert recall_score(names, model.predict(X), labels=["virginica"], average="macro") == model.best_validation_score_


def test_without_early_stopping_validation_data_is_only_measured(iris: Any) -> None:
    """The curve of the validation loss is there, and the weights are those without it."""
    X, y = iris
    plain = {"hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0}
    watched = MLPClassifier(**plain, validation_data=(X, y)).fit(X, y)
    assert MLPClassifier(**plain).fit(X, y).network_.fingerprint == watched.network_.fingerprint
    assert 20 == len(watched.validation_loss_curve_)
    assert watched.validation_loss_curve_[-1] < watched.validation_loss_curve_[0]


def test_callbacks_hear_of_each_epoch_and_may_stop(iris: Any) -> None:
    """They are functions of (event, run), as of `Network.fit`."""
    heard = []

    def stop(event: Any, run: Run) -> None:
        if isinstance(event, EpochEnded):
            heard.append(event.metrics["loss"])
            if event.epoch == 7:
                run.stop("seven is enough")

    model = MLPClassifier((8,), callbacks=[stop], random_state=0).fit(*iris)
    assert (7, heard, "seven is enough") == (model.n_iter_, model.loss_curve_, model.run_.ended)


def test_a_progress_bar(iris: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bar is told of the whole fit, though it is made in several calls, and is taken away in the end."""
    told: list[Any] = []

    class Bar:
        __call__ = staticmethod(told.append)
        close = staticmethod(lambda: told.append("closed"))

    monkeypatch.setattr("pellucid.estimators._epochs.ProgressBar", Bar)
    MLPClassifier((8,), progress=True, max_iter=30, random_state=0).fit(*iris)
    kinds = [type(event) for event in told]
    assert (1, 30) == (kinds.count(RunStarted), kinds.count(EpochEnded))
    assert (RunStarted, "closed") == (kinds[0], told[-1])


def test_partial_fit_of_several_labels() -> None:
    """Part after part, as of one label; a part need not hold every label."""
    X, y = make_multilabel_classification(200, random_state=0)
    model = MLPClassifier((30,), solver="sgd", learning_rate_init=0.1, random_state=0)
    for _ in range(60):
        for part in np.array_split(np.arange(200), 4):
            model.partial_fit(X[part], y[part], classes=np.arange(5))
    assert model.score(X, y) > 0.6
    assert (200, 5) == model.predict_proba(X).shape


def test_partial_fit_with_early_stopping(cancer: Any) -> None:
    """With validation_data: the best weights are put back when the score gets no better, and stay."""
    X, y = cancer
    model = MLPClassifier(
        (8,),
        early_stopping=True,
        validation_data=(X[:150], y[:150]),
        learning_rate_init=0.02,
        tol=0.001,
        random_state=0,
    )
    for _epoch in range(200):
        model.partial_fit(X[150:], y[150:], classes=[0, 1])
        if model.early_stopped_:
            break
    assert _epoch < 199
    assert max(model.validation_scores_) == model.best_validation_score_ == model.score(X[:150], y[:150])
    before = model.network_.fingerprint
    with pytest.warns(UserWarning, match="changes nothing"):
        model.partial_fit(X[150:], y[150:])
    assert before == model.network_.fingerprint


def test_hidden_activations_are_the_traces(iris: Any) -> None:
    """By number, from behind or by name, as a trace has them; a sparse table and a table with names, too."""
    model = MLPClassifier((8, 6), ["relu", "tanh"], dropout=0.1, max_iter=20, random_state=0).fit(*iris)
    trace = model.network_.trace(iris[0])
    for layer, name in ((1, "layer_1"), (-1, "layer_2"), ("layer_2", "layer_2")):
        np.testing.assert_array_equal(trace[name].a, model.hidden_activations(iris[0], layer))
    for layer in (0, 3, -3, "output", 1.5):
        with pytest.raises(SettingError, match="no hidden layer"):
            model.hidden_activations(iris[0], layer)


def test_divergence_is_told_clearly(iris: Any) -> None:
    """Where numbers cease to be finite, the error names step, layer and cause; the estimator is as it was."""
    model = MLPRegressor(
        "squared_error",
        (20,),
        "identity",
        solver="sgd",
        learning_rate_init=50.0,
        max_iter=50,
        warm_start=True,
        random_state=0,
    )
    X, y = iris
    with pytest.raises(DataError, match=r"Solver produced non-finite.*diverged at step \d+ .*Likely cause"):
        model.fit(X, y)
    assert not hasattr(model, "coefs_")
    model.set_params(learning_rate_init=1e-3).fit(X, y)
    before = model.network_.fingerprint, list(model.loss_curve_), model.n_iter_
    with pytest.raises(DataError, match="Solver produced non-finite"):
        model.set_params(learning_rate_init=50.0).fit(X, y)
    assert before == (model.network_.fingerprint, model.loss_curve_, model.n_iter_)


def test_an_interrupted_fit_keeps_what_was_learnt(iris: Any) -> None:
    """Ctrl-C ends a fit with a warning; the epochs before it are kept."""

    def interrupt(event: Any, run: Run) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 5:
            raise KeyboardInterrupt

    model = MLPClassifier((8,), callbacks=[interrupt], random_state=0)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(*iris)
    assert model.predict(iris[0]).shape == (150,)


def test_warnings_say_where_they_come_from(iris: Any) -> None:
    """Of a fit that has not converged the user's own line is named."""
    with warnings.catch_warnings(record=True) as met:
        warnings.simplefilter("always")
        MLPClassifier((4,), max_iter=2).fit(*iris)
        MLPClassifier((4,), max_iter=2, solver="lbfgs").fit(*iris)
    assert [ConvergenceWarning] * 2 == [warning.category for warning in met]
    assert {__file__} == {warning.filename for warning in met}
