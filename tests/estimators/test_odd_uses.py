"""Odd but legal uses, and wrong ones: as scikit-learn has them, or refused with a reason."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sklearn.neural_network as theirs
from scipy import sparse
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.preprocessing import scale

from pellucid import Pinball, Run
from pellucid.engine import default_backend
from pellucid.errors import DataError, KindError, RunError, SettingError
from pellucid.estimators import MLPClassifier, MLPRegressor
from pellucid.training import EpochEnded

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
X = scale(X)
R, T = (scale(part) for part in load_diabetes(return_X_y=True))
FEW: dict[str, Any] = {"hidden_layer_sizes": (5,), "random_state": 0, "max_iter": 4}


def test_an_interrupted_fit_has_counted_its_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the midst of a call of many epochs: they are all counted, and can be gone on from."""
    engine, calls = type(default_backend()), []
    train = engine.train

    def interrupted(*given: Any, **settings: Any) -> Any:
        calls.append(given)
        if len(calls) == 5:
            signal.raise_signal(signal.SIGINT)
        return train(*given, **settings)

    monkeypatch.setattr(engine, "train", interrupted)
    model = MLPClassifier((5,), max_iter=10**6, n_iter_no_change=10**6, random_state=0)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.warns(UserWarning, match="interrupted"):
            model.fit(X, Y)
    finally:
        signal.signal(signal.SIGINT, before)
    assert model.n_iter_ == len(model.loss_curve_) == model.run_.last_step > 0
    assert 150 * model.n_iter_ == model.t_
    assert model.loss_ == model.loss_curve_[-1] < model.loss_curve_[0]


def test_an_interrupted_fit_by_lbfgs_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was learnt before stays."""
    model = MLPClassifier((5,), solver="lbfgs", random_state=0, max_iter=50).fit(X, Y)
    before = model.network_.fingerprint, model.n_iter_

    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(type(default_backend()), "loss_and_gradient", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, Y)
    assert before == (model.network_.fingerprint, model.n_iter_)


def test_one_class_alone_is_predicted_rightly() -> None:
    """So says the score of the rows held out, as scikit-learn's."""
    fits = [package.MLPClassifier(**FEW, early_stopping=True).fit(X, ["z"] * 150) for package in (theirs, _ours())]
    assert fits[0].validation_scores_ == fits[1].validation_scores_ == [1.0] * 4


def _ours() -> Any:
    from pellucid import estimators

    return estimators


@pytest.mark.parametrize("labels", [Y, np.array(list("abc"))[Y], Y > 0, Y - 1, np.array(["0", "1", "2"])[Y]])
def test_class_weights_are_named_as_the_classes_are(labels: Any) -> None:
    """Each member of classes_ is a key, and nothing else is."""
    first = labels[0]
    weighed = MLPClassifier(**FEW, class_weight={first: 9.0}).fit(X, labels)
    by_row = MLPClassifier(**FEW).fit(X, labels, sample_weight=np.where(labels == first, 9.0, 1.0))
    assert by_row.network_.fingerprint == weighed.network_.fingerprint
    with pytest.raises(ValueError, match="class_weight"):
        MLPClassifier(**FEW, class_weight={"nobody": 2.0}).fit(X, labels)


def test_warm_starts_under_early_stopping_go_scikit_learn_s_way() -> None:
    """The best weights of an earlier fit do not throw away what a later one learns."""
    settings = {"random_state": 0, "early_stopping": True, "warm_start": True, "max_iter": 5}
    fits = [package.MLPClassifier((5,), **settings) for package in (theirs, _ours())]
    for _ in range(8):
        for model in fits:
            model.fit(X, Y)
    for expected, actual in zip(fits[0].coefs_, fits[1].coefs_, strict=True):
        np.testing.assert_allclose(actual, expected, rtol=1e-9, atol=1e-9)


def test_partial_fit_goes_on_after_a_fit_that_was_stopped() -> None:
    """What the fit has counted is not of the parts that follow; without early_stopping nothing holds them up."""
    settings = {"early_stopping": True, "validation_data": (X[:30], Y[:30]), "n_iter_no_change": 2}
    model = MLPClassifier((5,), random_state=0, max_iter=100, learning_rate_init=0.01, **settings).fit(X, Y)
    before = model.network_.fingerprint
    model.partial_fit(X, Y)
    assert before != model.network_.fingerprint
    assert not model.early_stopped_
    while not model.early_stopped_:
        model.partial_fit(X, Y)
    before = model.network_.fingerprint
    model.set_params(early_stopping=False).partial_fit(X, Y)
    assert before != model.network_.fingerprint


@pytest.mark.parametrize("metric", ["accuracy", "log_loss"])
def test_a_metric_that_is_named_counts_rows_alike(metric: str) -> None:
    """Also where rows have weights of their own, which scikit-learn's own score counts."""
    weights = np.where(Y == 2, 1000.0, 1.0)
    fits = [
        MLPClassifier(**FEW, early_stopping=True, eval_metric=name).fit(X, Y, sample_weight=weights)
        for name in (metric, None)
    ]
    assert 4 == len(fits[0].validation_scores_)
    assert fits[0].loss_curve_ == fits[1].loss_curve_
    assert fits[0].validation_scores_ == [row[f"val_{metric}"] for row in fits[0].run_.history.epochs]
    assert fits[0].validation_scores_ != fits[1].validation_scores_


def test_a_pending_normal_number_is_kept() -> None:
    """A generator's second normal number, drawn already, is not lost by a fit."""
    left = []
    for package in (theirs, _ours()):
        random = np.random.RandomState(0)
        random.standard_normal()
        package.MLPClassifier(**{**FEW, "random_state": random}).fit(X, Y)
        left.append((random.standard_normal(), random.standard_normal()))
    assert left[0] == left[1]


def test_curves_of_several_targets_are_of_one_scale() -> None:
    """The loss of the same rows and weights is the same in both."""
    both = np.column_stack([T, T])
    model = MLPRegressor(**FEW, validation_data=(R, both), batch_size=442, alpha=0, learning_rate_init=1e-12)
    model.fit(R, both)
    assert model.validation_loss_curve_ == pytest.approx(model.loss_curve_, rel=1e-6)


def test_sparse_labels_come_back_sparse() -> None:
    """As scikit-learn's do."""
    table, labels = make_multilabel_classification(120, n_features=6, n_classes=4, random_state=0)
    model = MLPClassifier(**FEW).fit(table, sparse.csr_matrix(labels))
    assert sparse.issparse(model.predict(table))
    np.testing.assert_array_equal(
        MLPClassifier(**FEW).fit(table, labels).predict(table), model.predict(table).toarray()
    )


def test_numbers_of_another_byte_order() -> None:
    """Big-endian tables, such as some file formats hold, are read."""
    model = MLPClassifier(**FEW, validation_data=(X.astype(">f8"), Y)).fit(X.astype(">f8"), Y)
    for kind in (">f8", ">f4", ">i4"):
        rows = (X * 8).astype(kind)
        np.testing.assert_array_equal(
            model.predict_proba(rows.astype("=f8")), model.predict_proba(rows.astype(kind)).astype("=f8")
        )


def test_other_generators_draw_orders_of_our_own() -> None:
    """A RandomState that is no Mersenne Twister serves, too."""
    fits = [
        MLPClassifier(**{**FEW, "random_state": np.random.RandomState(np.random.PCG64(s))}).fit(X, Y) for s in (0, 0, 1)
    ]
    assert fits[0].network_.fingerprint == fits[1].network_.fingerprint != fits[2].network_.fingerprint


def test_quantiles_are_watched_by_their_own_metric() -> None:
    """D² of quantiles where none is named; a function sees a column for each."""
    quantiles = Pinball((0.1, 0.5, 0.9))
    model = MLPRegressor(quantiles, **FEW, early_stopping=True).fit(R, T)
    assert 4 == len(model.validation_scores_)
    own = MLPRegressor(quantiles, **FEW, early_stopping=True, eval_metric=lambda y, p: -np.abs(y - p[:, 1]).mean()).fit(
        R, T
    )
    assert own.best_validation_score_ == max(own.validation_scores_)


def test_the_number_type_is_that_of_the_first_fit() -> None:
    """A warm start goes on in it, as scikit-learn's weights do."""
    model = MLPClassifier(**FEW, warm_start=True).fit(X.astype(np.float32), Y).fit(X, Y)
    assert {np.dtype(np.float32)} == {part.dtype for part in model.coefs_}
    network = model.network_
    assert network is model.fit(X, Y).network_


def test_data_that_changed_are_noticed() -> None:
    """L-BFGS performed again on other data does not come to the same weights, and says so."""
    for change in (1.1, 0.0):
        rows = X.copy()
        model = MLPClassifier((5,), solver="lbfgs", max_iter=30, random_state=0).fit(rows, Y)
        rows *= change
        with pytest.raises(RunError, match="data were changed"):
            _ = model.run_


def test_a_callback_may_stop_at_once() -> None:
    """Before the first epoch's end: nothing was learnt, and nothing fails."""

    def stop(event: Any, run: Run) -> None:
        if not isinstance(event, EpochEnded):
            run.stop("at once")

    model = MLPClassifier(**FEW, callbacks=[stop], batch_size=10).fit(X, Y)
    assert model.n_iter_ <= 1


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: MLPClassifier(solver="lbfgs", dropout=0.5).fit(X, Y), SettingError, "dropout is for training by steps"),
    (
        lambda: MLPClassifier(solver="lbfgs", callbacks=[print]).fit(X, Y),
        SettingError,
        "callbacks is for training by steps",
    ),
    (lambda: MLPClassifier(solver="lbfgs", validation_data=(X, Y)).fit(X, Y), SettingError, "solver='adam' or 'sgd'"),
    (lambda: MLPClassifier(eval_metric="auc").fit(X, Y), SettingError, "early_stopping=True, or validation_data"),
    (
        lambda: MLPClassifier(schedule="cosine").partial_fit(X, Y, classes=range(3)),
        SettingError,
        "schedule goes through",
    ),
    (lambda: MLPClassifier(callbacks=[3]).fit(X, Y), SettingError, r"functions of \(event, run\)"),
    (lambda: MLPClassifier(validation_data=X).fit(X, Y), SettingError, r"must be a pair \(X, y\)"),
    (lambda: MLPClassifier(validation_data=(X, Y[:5])).fit(X, Y), DataError, "a row of y for each of X"),
    (lambda: MLPClassifier(validation_data=(X, Y + 9)).fit(X, Y), DataError, "validation_data cannot be used"),
    (
        lambda: MLPClassifier(early_stopping=True, eval_metric=lambda y, p: None).fit(X, Y),
        SettingError,
        "must return a number",
    ),
    (
        lambda: MLPClassifier(class_weight="balanced").partial_fit(X, Y, classes=range(3)),
        SettingError,
        "dict of weights",
    ),
    (lambda: MLPClassifier((3.7,)).fit(X, Y), KindError, "whole numbers"),
    (lambda: MLPClassifier((5,), dropout=["a"]).fit(X, Y), SettingError, "dropout must be a number"),
    (lambda: MLPClassifier(()).fit(X, Y).hidden_activations(X), SettingError, "no hidden layer"),
    (lambda: MLPRegressor("poisson").fit(R, T), DataError, "loss='squared_error' for numbers of either sign"),
    (
        lambda: MLPClassifier(**FEW, warm_start=True).fit(X, Y).set_params(hidden_layer_sizes=(7,)).fit(X, Y),
        SettingError,
        "4-5-3 units, and what is asked for has 4-7-3",
    ),
]


@pytest.mark.parametrize(("call", "kind", "says"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_wrong_is_said(call: Callable[[], Any], kind: type[Exception], says: str) -> None:
    """What was given, what is accepted, and what to do."""
    with pytest.raises(kind, match=says):
        call()
