"""The estimators beside what they are used with: tables of every kind, pipelines, searches, files, threads."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import sklearn
import skops.io
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_multilabel_classification
from sklearn.ensemble import BaggingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV, cross_val_score
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.neural_network import MLPRegressor as TheirRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from pellucid import Network
from pellucid.engine import usable_processors
from pellucid.errors import KindError, RunError, ShapeError
from pellucid.estimators import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_iris(return_X_y=True)
NAMES = ["sepal length", "sepal width", "petal length", "petal width"]


def model(**settings: Any) -> MLPClassifier:
    return MLPClassifier(**{"hidden_layer_sizes": (8,), "max_iter": 20, "random_state": 0, **settings})


@pytest.fixture(scope="module")
def plain() -> MLPClassifier:
    return model().fit(X, Y)


TABLES = {
    "pandas": lambda x: pd.DataFrame(x, columns=NAMES),
    "polars": lambda x: pl.DataFrame(x, schema=NAMES),
    "pyarrow": lambda x: pa.table(dict(zip(NAMES, x.T, strict=True))),
    "lists": lambda x: x.tolist(),
    "columns first": np.asfortranarray,
    "a view": lambda x: np.repeat(np.repeat(x, 2, axis=0), 2, axis=1)[::2, ::2],
    "read-only": lambda x: np.frombuffer(x.tobytes()).reshape(x.shape),
    "csr": sparse.csr_array,
    "csc": sparse.csc_matrix,
}


@pytest.mark.parametrize("table", TABLES)
def test_tables_of_every_kind(plain: MLPClassifier, table: str) -> None:
    """The same numbers give the same bits, whatever they come in; names of columns are learnt, and checked."""
    given = TABLES[table](X)
    labels = pd.Series(Y) if table == "pandas" else pl.Series(Y) if table == "polars" else Y
    fitted = model().fit(given, labels)
    assert plain.network_.fingerprint == fitted.network_.fingerprint
    np.testing.assert_array_equal(plain.predict_proba(X), fitted.predict_proba(given))
    if table in {"pandas", "polars", "pyarrow"}:
        assert NAMES == fitted.feature_names_in_.tolist() == list(fitted.network_.spec.input.features)
        with pytest.warns(UserWarning, match="does not have valid feature names"):
            fitted.predict(X)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float16, np.float32, bool])
def test_numbers_of_every_kind(kind: type) -> None:
    """float32 is computed in float32, all else in float64."""
    rows = (X * 10).astype(kind)
    fitted = model().fit(rows, Y)
    expected = np.float32 if kind is np.float32 else np.float64
    assert {np.dtype(expected)} == {part.dtype for part in fitted.coefs_}
    assert expected == fitted.predict_proba(rows).dtype


@pytest.mark.parametrize(
    "labels",
    [Y, Y.astype(float), np.array(["a", "b", "c"])[Y], np.array(["a", "b", "c"], dtype=object)[Y], Y > 0, Y * 7 - 3],
)
def test_labels_of_every_kind(labels: Any) -> None:
    """Predictions are labels as they were given, and the network's names are theirs."""
    fitted = model(max_iter=200, learning_rate_init=0.02).fit(X, labels)
    assert (labels.astype(str).dtype if labels.dtype == object else labels.dtype) == fitted.predict(X).dtype
    assert fitted.score(X, labels) > 0.9
    names = fitted.network_.predict(X)
    assert (
        np.mean(
            np.asarray(names).astype(str)
            == labels.astype(int if labels.dtype.kind == "f" else labels.dtype).astype(str)
        )
        > 0.9
        or labels.dtype == bool
    )


@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
def test_the_same_bits_on_any_number_of_threads(solver: str) -> None:
    """random_state=0 gives the same weights on 1, 2, 3 threads, as a clone, after pickling, and in another process."""
    digits, of = load_digits(return_X_y=True)
    one = MLPClassifier((70,), solver=solver, max_iter=8, random_state=0, n_threads=1).fit(digits, of)
    for other in (
        clone(one),
        clone(one).set_params(n_threads=2),
        clone(one).set_params(n_threads=3),
        clone(one).set_params(n_threads=None),
    ):
        again = pickle.loads(pickle.dumps(other)).fit(digits, of)
        assert one.network_.fingerprint == again.network_.fingerprint
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from sklearn.datasets import load_digits\nfrom pellucid.estimators import MLPClassifier\n"
        f"m = MLPClassifier((70,), solver={solver!r}, max_iter=8, random_state=0).fit(*load_digits(return_X_y=True))\n"
        "print(m.network_.fingerprint)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
    )
    assert one.network_.fingerprint == done.stdout.strip()


def test_pickles_hold_the_network_and_no_data(plain: MLPClassifier, tmp_path: Path) -> None:
    """They predict the same, go on the same, do not grow, and know no run."""
    again = pickle.loads(pickle.dumps(plain))
    np.testing.assert_array_equal(plain.predict_proba(X), again.predict_proba(X))
    with pytest.raises(AttributeError, match="comes from a pickle"):
        _ = again.run_
    assert len(pickle.dumps(plain)) < 20_000
    sizes = []
    for _ in range(3):
        again.partial_fit(X, Y)
        sizes.append(len(pickle.dumps(again)))
    assert sizes[-1] - sizes[0] < 200
    joblib.dump(plain, tmp_path / "model.joblib")
    assert plain.network_.fingerprint == joblib.load(tmp_path / "model.joblib").network_.fingerprint


def test_the_safe_way_to_share_is_a_model_file(plain: MLPClassifier, tmp_path: Path) -> None:
    """`network_.save` writes no code, and loads to the same predictions."""
    plain.network_.save(tmp_path / "iris.safetensors")
    net = Network.load(tmp_path / "iris.safetensors")
    np.testing.assert_array_equal(plain.predict(X), net.predict(X))
    np.testing.assert_array_equal(plain.predict_proba(X), net.predict_proba(X))


def test_skops_reads_what_it_is_told_to_trust(plain: MLPClassifier, tmp_path: Path) -> None:
    """A skops file names the types it holds; trusted, it loads to the same predictions."""
    skops.io.dump(plain, tmp_path / "model.skops")
    types = skops.io.get_untrusted_types(file=tmp_path / "model.skops")
    assert all(name.startswith(("pellucid.", "sklearn.", "numpy.")) for name in types)
    again = skops.io.load(tmp_path / "model.skops", trusted=types)
    np.testing.assert_array_equal(plain.predict_proba(X), again.predict_proba(X))


def test_searches_pipelines_and_ensembles() -> None:
    """They clone, fit and score it as any estimator of scikit-learn's, in processes of their own, too."""
    rows, labels = load_breast_cancer(return_X_y=True)
    piped = make_pipeline(StandardScaler(), model(max_iter=15, learning_rate_init=0.02))
    for search in (GridSearchCV, HalvingGridSearchCV):
        found = search(piped, {"mlpclassifier__hidden_layer_sizes": [(4,), (16,)]}, cv=3, n_jobs=2).fit(rows, labels)
        assert found.best_score_ > 0.85
    assert cross_val_score(piped, rows, labels, cv=3).mean() > 0.85
    calibrated = CalibratedClassifierCV(piped, cv=3).fit(rows, labels)
    assert (len(rows), 2) == calibrated.predict_proba(rows).shape
    importances = permutation_importance(piped.fit(rows, labels), rows, labels, n_repeats=2, random_state=0)
    assert importances.importances_mean.max() > 0
    bagged = BaggingClassifier(piped, n_estimators=3, random_state=0).fit(rows, labels)
    assert bagged.score(rows, labels) > 0.85


def test_processes_side_by_side_share_the_processors() -> None:
    """Joblib's workers are told how many threads each may use, and the engine keeps to it."""
    workers = 2
    each = joblib.Parallel(n_jobs=workers)(joblib.delayed(usable_processors)() for _ in range(workers))
    assert all(threads <= max(1, (os.cpu_count() or 1) // workers) for threads in each)


def test_metadata_routing() -> None:
    """sample_weight is routed where it is asked for."""
    with sklearn.config_context(enable_metadata_routing=True):
        asking = model().set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        piped = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), asking)
        weights = np.where(Y == 0, 5.0, 1.0)
        routed = piped.fit(X, Y, sample_weight=weights)
    direct = model().fit(StandardScaler().fit_transform(X), Y, sample_weight=weights)
    assert direct.network_.fingerprint == routed[-1].network_.fingerprint


def test_predictions_from_several_threads(plain: MLPClassifier) -> None:
    """predict is safe from several threads at once."""
    expected, found = plain.predict_proba(X), []
    threads = [threading.Thread(target=lambda: found.append(plain.predict_proba(X))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((expected == one).all() for one in found)


def test_the_fast_path_gives_what_the_checked_one_gives(plain: MLPClassifier) -> None:
    """One row or many, at once or by scikit-learn's own validation; what cannot be used is refused as there."""
    for rows in (X[:1], X[:3], X, np.tile(X, (20, 1))):
        np.testing.assert_array_equal(plain.predict_proba(rows), plain.predict_proba(rows.tolist()))
        np.testing.assert_array_equal(plain.predict(rows), plain.predict(rows.tolist()))
    theirs = Theirs((8,), max_iter=20, random_state=0).fit(X, Y)
    broken: list[Any] = [
        X[:, :3],
        X[0],
        np.where(X > 7, np.nan, X),
        np.where(X > 7, np.inf, X),
        X[:0],
        X[:, :, np.newaxis],
        [["a"] * 4],
        None,
    ]
    for rows in broken:
        with pytest.raises((ValueError, TypeError)) as expected:
            theirs.predict(rows)
        with pytest.raises(type(expected.value)) as actual:
            plain.predict(rows)
        assert str(expected.value).replace("MLPClassifier", "") == str(actual.value).replace("MLPClassifier", "")


def test_weights_are_views_and_assigning_copies_in(plain: MLPClassifier) -> None:
    """What is written into coefs_ is in the network, and what is written there is in coefs_."""
    fitted = clone(plain).fit(X, Y)
    fitted.coefs_[0][2, 3] = 5.0
    assert 5.0 == fitted.network_["layer_1"]["node_4"].weights[2]
    fitted.network_["output"]["node_1"].bias[0] = -2.0
    assert -2.0 == fitted.intercepts_[1][0]
    fitted.coefs_[1] = np.zeros((8, 3))
    fitted.intercepts_ = [np.ones(8), [0, 0, 9]]
    assert {2} == set(fitted.predict(X).tolist())
    for wrong in ([np.ones(8)], [np.ones(8), np.ones(4)]):
        before = fitted.network_.fingerprint
        with pytest.raises(ShapeError, match="shapes"):
            fitted.intercepts_ = wrong
        assert before == fitted.network_.fingerprint
    view = fitted.coefs_[0]
    fitted.partial_fit(X, Y)
    assert view is not fitted.coefs_[0]
    np.testing.assert_array_equal(view, fitted.coefs_[0])


@pytest.mark.parametrize(
    "kind", ["several classes", "two classes", "several labels", "values", "several values", "counts", "float32"]
)
def test_networks_of_scikit_learn_s_own(kind: str) -> None:
    """`Network.of` takes their fitted models, each weight to the last bit, and what insight shows is of them."""
    rows, values = load_diabetes(return_X_y=True)
    rows, values = scale(rows), scale(values)
    counts = np.random.RandomState(0).poisson(2, len(values))
    several = make_multilabel_classification(200, 6, n_classes=4, random_state=0)
    data: dict[str, tuple[Any, Any, Any]] = {
        "several classes": (Theirs((9, 5), "logistic"), X, np.array(["x", "y", "z"])[Y]),
        "two classes": (Theirs(7, "tanh"), X, Y > 0),
        "several labels": (Theirs(7), *several),
        "values": (TheirRegressor("squared_error", 7, "identity"), rows, values),
        "several values": (TheirRegressor("squared_error", (7, 6)), rows, np.column_stack([values, rows[:, 0]])),
        "counts": (TheirRegressor("poisson", 7), rows, counts),
        "float32": (Theirs(7), X.astype(np.float32), Y),
    }
    theirs, given, wanted = data[kind]
    theirs.set_params(max_iter=15, random_state=0).fit(given, wanted)
    net = Network.of(theirs)
    for name, weights, biases in zip(net, theirs.coefs_, theirs.intercepts_, strict=True):
        np.testing.assert_array_equal(weights.T, net[name].weights)
        np.testing.assert_array_equal(biases, net[name].biases)
    shown = net.predict_proba(given) if hasattr(theirs, "predict_proba") else net.predict(given)
    expected = theirs.predict_proba(given) if hasattr(theirs, "predict_proba") else theirs.predict(given)
    if kind == "two classes":
        shown = np.asarray(shown).reshape(len(given), -1)[:, -1:]
        expected = expected[:, 1:]
    within = 1e-5 if kind == "float32" else 1e-11
    np.testing.assert_allclose(np.asarray(shown).reshape(np.shape(expected)), expected, rtol=within, atol=within)
    trace = net.trace(given[0])
    assert "layer_1/node_1: z =" in repr(trace["layer_1"]["node_1"])


def test_what_holds_no_network_is_refused() -> None:
    """Network.of names what it was given, and what it takes."""
    for nothing in (StandardScaler(), 3):
        with pytest.raises(KindError, match="No network can be made of"):
            Network.of(nothing)
    for unfitted in (Theirs(), make_pipeline(StandardScaler(), Theirs())):
        with pytest.raises(RunError, match="not fitted"):
            Network.of(unfitted)
    with pytest.raises(AttributeError, match="not fitted"):
        Network.of(MLPClassifier())


def test_all_of_insight_works_on_a_fitted_estimator() -> None:
    """Trace, receipt, ledger, why, diagnosis, and any step of the run, for classes and for values."""
    fitted = model(max_iter=30).fit(X, np.array(["x", "y", "z"])[Y])
    run = fitted.run_
    receipt = run.at(7).trace().receipt("layer_1", "node_2", 1)
    assert "alpha" not in str(receipt)
    assert str(receipt)
    assert fitted.network_.trace(X[0]).why("x", rather_than="y")
    assert run.ledger("layer_1", "node_2", 1)
    assert fitted.network_.diagnose(X) is not None
    end = run.fingerprint
    run.seek(3)
    assert end == run.finish(progress=False).fingerprint == fitted.network_.fingerprint
    rows, values = load_diabetes(return_X_y=True)
    regressor = MLPRegressor("squared_error", (5,), solver="sgd", max_iter=10, random_state=0).fit(
        scale(rows), scale(values)
    )
    lines = str(regressor.run_.at(4).trace().receipt("output", "node_1", 1))
    assert "μ·v − η·g" in lines


@pytest.mark.parametrize("few", [True, False])
def test_the_iterations_of_lbfgs_are_a_run(few: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each can be stood in, and looked into; the last is the fitted network, and losses are those that SciPy saw."""
    if not few:
        monkeypatch.setattr("pellucid.estimators._lbfgs._MOST_BYTES", 0)
    fitted = model(solver="lbfgs", max_iter=12).fit(X, Y)
    run = fitted.run_
    assert (12, fitted.n_iter_) == (run.step, run.last_step)
    assert fitted.network_.fingerprint == run.fingerprint
    assert "L-BFGS" in run.exactness
    for step in (0, 1, 5, 11, 12):
        shorter = model(solver="lbfgs", max_iter=max(step, 1)).fit(X, Y)
        if step:
            assert shorter.network_.fingerprint == run.at(step).network.fingerprint
        if step < 12:
            loss, _ = run.at(step).network.loss_and_gradient(X, Y, l2=1e-4 / 150)
            assert loss == pytest.approx(run.history.loss[step], rel=1e-12)
            assert (run.at(step).network.predict(X) == Y).mean() == run.history["accuracy"][step]
    run.seek(4)
    assert fitted.network_.fingerprint == run.finish(progress=False).fingerprint
    assert "w new" in str(run.at(3).trace().receipt("output", "node_1", 2))
    del fitted.run_
    with pytest.raises(AttributeError, match="no run_"):
        _ = fitted.run_


def test_the_data_are_let_go_of() -> None:
    """After ``del model.run_`` nothing refers to them, and predictions go on."""
    fitted = model().fit(X, Y)
    del fitted.run_
    with pytest.raises(AttributeError, match="no run_"):
        _ = fitted.run_
    assert fitted.predict(X[:2]).shape == (2,)


def test_importing_needs_scikit_learn(tmp_path: Path) -> None:
    """Without it the error says what to install, and the rest of the package imports."""
    (tmp_path / "sklearn.py").write_text("raise ModuleNotFoundError('no', name='sklearn')")
    code = "import pellucid\npellucid.Network\ntry:\n  import pellucid.estimators\nexcept ImportError as e:\n  print(e)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert "Install pellucid[sklearn]" in done.stdout


def test_nothing_is_warned_of_on_a_plain_fit() -> None:
    """A fit that converges gives no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLPClassifier((8,), max_iter=2000, learning_rate_init=0.05, random_state=0).fit(X, Y)
