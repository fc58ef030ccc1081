"""Metrics: scikit-learn's values, the written order of their sums, and bits that no machine and no NumPy changes."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid import Dense, EarlyStopping, Network, Pinball
from pellucid.core import METRICS, Spec, Task, measured, metric_from_json, metric_of, metrics_of, usual_metrics
from pellucid.core.metrics import TopK, tree_sum
from pellucid.datasets import load_toy
from pellucid.errors import KindError, SettingError, UnknownNameError
from pellucid.random import Purpose, Stream

Judge = Callable[[str], Any]
SIZES = [2, 3, 40, 255, 256, 257, 600, 1300]
SPREADS = [0.0, 0.5, 30.0]  # of outputs: all alike, near one another, sure


def measure(spec: Spec, output: Any, T: Any, *names: Any) -> dict[str, float]:
    """Return metrics of some outputs."""
    found = measured(spec, output, T, np.zeros(len(output)), metrics_of(spec, names))
    del found["loss"]
    return found


def drawn(seed: int, rows: int, columns: int, spread: float, *, coarse: bool = False) -> Any:
    """Return outputs; coarse ones often meet."""
    Z = np.random.default_rng([seed, rows]).normal(0, 1, (rows, columns)) * spread
    return (np.round(Z) if coarse else Z).astype(np.float32)


def softmax(Z: Any) -> Any:
    powers = np.exp(Z.astype(np.float64) - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def by_hand(values: list[float]) -> float:
    """Add numbers up in the order of the contract, one by one."""
    leaves = []
    for begin in range(0, max(len(values), 1), 256):
        total = 0.0
        for value in values[begin : begin + 256]:
            total += value
        leaves.append(total)
    while len(leaves) > 1:
        pairs = [a + b for a, b in zip(leaves[::2], leaves[1::2], strict=False)]
        leaves = pairs + leaves[len(pairs) * 2 :]
    return leaves[0]


@pytest.mark.parametrize("n", [0, 1, 2, 255, 256, 257, 511, 513, 1024, 2561, 10_000])
def test_sums_are_made_in_the_order_of_the_contract(n: int) -> None:
    """To the last bit: leaves of 256 in order, then pairwise; of tables column by column."""
    values = np.random.default_rng(n).normal(size=(n, 3)) * 10.0 ** np.random.default_rng(1).integers(-9, 9, (n, 3))
    for column in range(3):
        assert by_hand(values[:, column].tolist()) == tree_sum(values[:, column])
    assert [by_hand(values[:, c].tolist()) for c in range(3)] == tree_sum(values).tolist()


@pytest.mark.parametrize("coarse", [False, True], ids=["", "with ties"])
@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("n", [2, 4])
def test_of_classes(n: int, rows: int, spread: float, coarse: bool, judge: Judge) -> None:
    """Accuracy, log loss, F1 and AUC are scikit-learn's, and top-k is its own where no outputs are equal."""
    sk = judge("sklearn.metrics")
    spec, Z = Spec.of([1, n]), drawn(n, rows, n, spread, coarse=coarse)
    T = np.resize(np.arange(n), rows) if rows < 2 * n else np.random.default_rng(rows).integers(0, n, rows)
    P, said = softmax(Z), Z.argmax(axis=1)
    found = measure(spec, Z, T, "accuracy", "log_loss", "f1", "auc", "top_2")
    assert sk.accuracy_score(T, said) == found["accuracy"]
    log_p = Z.astype(np.float64) - Z.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    assert -log_p[np.arange(rows), T].mean() == pytest.approx(found["log_loss"], rel=1e-12, abs=1e-15)
    if n == 2:
        assert sk.f1_score(T, said, zero_division=0.0) == pytest.approx(found["f1"], rel=1e-15)
        areas = [sk.roc_auc_score(T, P[:, 1])] if len(set(T.tolist())) == 2 else []
    else:
        assert sk.f1_score(T, said, average="macro", zero_division=0.0) == pytest.approx(found["f1"], rel=1e-14)
        areas = [sk.roc_auc_score(T == j, P[:, j]) for j in range(n) if 0 < (T == j).sum() < rows]
    if spread < 30 and not coarse:  # else equal numbers become unequal, or the other way about, in another's softmax
        assert np.mean(areas) == pytest.approx(found["auc"], rel=1e-14)
        labels = list(range(n))
        if n > 2 and spread:
            assert sk.top_k_accuracy_score(T, Z, k=2, labels=labels) == found["top_2"]
    assert 0 <= found["auc"] <= 1


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("n", [1, 3])
def test_of_yes_or_no(n: int, rows: int, spread: float, judge: Judge) -> None:
    """Output by output, scikit-learn's; accuracy asks for all of a row's outputs."""
    sk = judge("sklearn.metrics")
    spec, Z = Spec.of([1, n], loss="binary_cross_entropy"), drawn(n, rows, n, spread, coarse=True)
    T = (np.random.default_rng(rows).random((rows, n)) < 0.4).astype(np.float32)
    T[:2] = [[0] * n, [1] * n]
    found = measure(spec, Z, T, "accuracy", "log_loss", "f1", "auc")
    assert ((Z > 0) == (T == 1)).all(axis=1).mean() == found["accuracy"]
    assert np.logaddexp(0, np.where(T == 1, -Z, Z).astype(float)).mean() == pytest.approx(found["log_loss"], rel=1e-12)
    f1 = [sk.f1_score(T[:, j], Z[:, j] > 0, zero_division=0.0) for j in range(n)]
    assert np.mean(f1) == pytest.approx(found["f1"], rel=1e-14)
    assert np.mean([sk.roc_auc_score(T[:, j], Z[:, j]) for j in range(n)]) == pytest.approx(found["auc"], rel=1e-14)


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("n", [1, 3])
def test_of_values(n: int, rows: int, judge: Judge) -> None:
    """In the targets' own units, averaged over targets; a target that never varies as scikit-learn counts it."""
    sk = judge("sklearn.metrics")
    random = np.random.default_rng(rows)
    y = random.normal(100, 20, (rows, n))
    net = Network([2, n], loss="mse", dtype="float64")
    net.fit(X := random.normal(size=(rows, 2)), y, epochs=1)
    P = net.predict(X).reshape(rows, n)
    found = net.evaluate(X, y, metrics=["mae", "pinball_0.9", "pinball"])
    assert sk.mean_squared_error(y, P) == pytest.approx(found["mse"], rel=1e-11)
    assert sk.r2_score(y, P) == pytest.approx(found["r2"], rel=1e-11)
    assert sk.mean_absolute_error(y, P) == pytest.approx(found["mae"], rel=1e-11)
    assert sk.mean_pinball_loss(y, P, alpha=0.9) == pytest.approx(found["pinball_0.9"], rel=1e-11)
    assert found["mae"] / 2 == pytest.approx(found["pinball"], rel=1e-11)
    assert found["r2"] == net.score(X, y)


@pytest.mark.parametrize(("met", "expected"), [(True, 1.0), (False, 0.0)])
def test_targets_that_never_vary(met: bool, expected: float, judge: Judge) -> None:
    """r2 is 1 where they are met exactly, else 0."""
    spec = Spec.of([1, 1], loss="mse", standardize_targets=False, dtype="float64")
    T = np.full((1000, 1), 0.5)
    Z = T.copy() if met else T + 1
    assert expected == judge("sklearn.metrics").r2_score(T, Z) == measure(spec, Z, T, "r2")["r2"]


def test_of_quantiles() -> None:
    """Each output with its own quantile; d2 is 0 for y's own quantiles, and 1 for y itself."""
    spec = Spec.of([1, 4], loss=Pinball((0.25, 0.9)), standardize_targets=False, dtype="float64")
    Y = np.random.default_rng(0).normal(size=(401, 2))
    T = np.repeat(Y, 2, axis=1)
    best = np.quantile(Y, [0.25, 0.9], axis=0, method="inverted_cdf").T.reshape(1, 4)
    found = measure(spec, np.repeat(best, 401, axis=0), T, "d2", "pinball")
    assert 0.0 == pytest.approx(found["d2"], abs=1e-15)
    loss = spec.loss.function(np.repeat(best, 401, axis=0), T)[0].mean()
    assert loss == pytest.approx(found["pinball"], rel=1e-14)
    assert {"d2": 1.0, "pinball": 0.0} == measure(spec, T, T, "d2", "pinball")


def test_of_counts() -> None:
    """Predictions are e^z."""
    spec = Spec.of([1, 1], loss="poisson", dtype="float64")
    T = np.array([[1.0], [2.0], [4.0]])
    found = measure(spec, np.log(T + 1), T, "mae", "mse")
    assert found == pytest.approx({"mae": 1.0, "mse": 1.0}, rel=1e-15)


def test_ties_do_not_flatter() -> None:
    """A network that says the same of all classes has its class among the first k in k of n rows."""
    spec, T = Spec.of([1, 5]), np.resize(np.arange(5), 50)
    found = measure(spec, np.zeros((50, 5), np.float32), T, "top_1", "top_3", "top_5", "auc")
    assert {"top_1": 0.2, "top_3": 0.6, "top_5": 1.0, "auc": 0.5} == found
    assert found["top_1"] == measure(spec, np.zeros((50, 5), np.float32), T, "accuracy")["accuracy"]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite(wrong: float) -> None:
    """A diverged network gives NaN, infinity or a share, and no warning."""
    outputs = {"cross_entropy": 3, "binary_cross_entropy": 2, "mse": 2, "poisson": 2, "pinball": 3}
    for loss, n in outputs.items():
        spec = Spec.of([1, n], loss=loss, standardize_targets=False)
        Z = np.ones((5, n), np.float32)
        Z[2, 1] = wrong
        T: Any = np.array([0, 1, 2, 1, 0]) if loss == "cross_entropy" else np.resize([0, 1], (5, n)).astype(np.float32)
        names = [name for name, kind in METRICS.items() if spec.loss.task in kind.tasks]
        fitting = ["pinball", "d2"] if loss == "pinball" else names
        found = measure(spec, Z, T, *fitting)
        assert len(fitting) == len(found)
        if math.isnan(wrong) and loss != "cross_entropy":
            assert all(math.isnan(found[name]) for name in ("log_loss", "mse", "r2", "pinball") if name in found)


def test_what_does_not_occur() -> None:
    """AUC leaves it out, and is NaN where nothing is left; F1 leaves out what neither occurs nor is predicted."""
    spec, Z = Spec.of([1, 4]), drawn(0, 60, 3, 1.0)
    Z = np.column_stack([Z, np.full(60, -9, np.float32)])
    T = np.random.default_rng(0).integers(0, 3, 60)
    three = measure(Spec.of([1, 3]), Z[:, :3], T, "f1")
    assert three["f1"] == pytest.approx(measure(spec, Z, T, "f1")["f1"], rel=1e-15)
    assert 0 < measure(spec, Z, T, "auc")["auc"] < 1
    assert math.isnan(measure(spec, Z, np.zeros(60, int), "auc")["auc"])


PINNED = "f3ee2c59a594ab2d"


def test_the_bits_are_pinned() -> None:
    """Metrics of numbers from our own streams: no machine and no release of NumPy may change a bit of them."""
    found: list[float] = []
    yes_no = "binary_cross_entropy"
    for loss, n in (("cross_entropy", 2), ("cross_entropy", 5), (yes_no, 1), (yes_no, 3)):
        spec = Spec.of([1, n], loss=loss)
        Z = (Stream(2019, Purpose.DATASET, layer=n).normal(1300 * n).reshape(1300, n) * 3).astype(np.float32)
        answers = Stream(2019, Purpose.DATASET, layer=9).uniform(1300 * n).reshape(1300, n)
        T: Any = (answers[:, 0] * n).astype(int) if spec.loss.task is Task.CLASSES else np.round(answers)
        names = ["accuracy", "log_loss", "auc", "f1", *(["top_2"] if spec.loss.task is Task.CLASSES else [])]
        found += measure(spec, Z, T, *names).values()
    for loss, n in (("mse", 2), ("poisson", 2), ("pinball", 3)):
        spec = Spec.of([1, n], loss=loss, standardize_targets=False)
        Z = Stream(2019, Purpose.DATASET, layer=n).normal(1300 * n).reshape(1300, n).astype(np.float32)
        T = np.floor(Stream(2019, Purpose.DATASET, layer=9).uniform(1300 * n).reshape(1300, n) * 9).astype(np.float32)
        found += measure(spec, Z, T, "pinball", "d2", *([] if loss == "pinball" else ["mse", "mae", "r2"])).values()
    assert PINNED == hashlib.sha256(struct.pack(f"<{len(found)}d", *found)).hexdigest()[:16]


def test_every_metric_is_tried() -> None:
    """The table is what the documentation says, and what the tests above measure."""
    names = "accuracy, top_k, log_loss, auc, f1, mse, mae, r2, pinball, d2"
    assert names == ", ".join(METRICS)
    for name, kind in METRICS.items():
        metric = metric_of(name)
        assert kind is type(metric)
        assert metric == metric_from_json(metric.to_json())
        assert metric.formula
    assert [TopK(3), metric_of("pinball_0.05")] == [metric_of("top_3"), metric_from_json("pinball_0.05")]


REFUSED: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "unknown": (lambda: metric_of("acuracy"), UnknownNameError, r"Unknown metric 'acuracy'\. .* Did you mean 'acc"),
    "a number": (lambda: metric_of(3), KindError, r"A metric must be a name \(accuracy, .*\) or one such as T"),
    "top 0": (lambda: metric_of("top_0"), SettingError, "k must be a whole number ≥ 1; 0 was given"),
    "a quantile of 1": (lambda: metric_of("pinball_1.0"), UnknownNameError, "Unknown metric 'pinball_1.0'"),
    "of another task": (
        lambda: metrics_of(Spec.of([1, 2]), "mse"),
        SettingError,
        r"The metric 'mse' is not for the loss 'cross_entropy'\. Metrics for it: accuracy, top_k, log_loss, auc, f1\.",
    ),
    "top-k of yes or no": (
        lambda: metrics_of(Spec.of([1, 2], loss="binary_cross_entropy"), "top_2"), SettingError, "is not for the loss"
    ),
    "mse of quantiles": (
        lambda: metrics_of(Spec.of([1, 3], loss="pinball"), ["pinball", "mse"]), SettingError,
        r"The metric 'mse' is not for the loss 'pinball'\. Metrics for it: pinball, d2\.",
    ),
    "another quantile": (
        lambda: metrics_of(Spec.of([1, 3], loss="pinball"), "pinball_0.5"), SettingError, "has quantiles of its own"
    ),
    "without validation": (
        lambda: Network([2, 2]).start(np.eye(2), [0, 1], metrics="auc"), SettingError,
        r"metrics \(auc\) are measured on validation rows, and there are none\. Give validation=0\.1, say\.",
    ),
    "watching another task's": (
        lambda: Network([2, 1], loss="mse").start(
            np.eye(2), [0, 1], validation=0.5, early_stopping=EarlyStopping(1, "val_auc")
        ),
        SettingError, "The metric 'auc' is not for the loss 'mse'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_metrics_that_are_refused(name: str) -> None:
    """The message says which there are, or which fit the loss."""
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        make()


def test_history_and_early_stopping_know_them() -> None:
    """Named ones are in the history; one that is watched is measured, and stops by its own better."""
    toy = load_toy("moons", n=400, noise=0.3)
    net = Network([2, 8, 2])
    run = net.fit(
        toy.X,
        toy.y,
        epochs=40,
        validation=0.3,
        metrics=["auc", "top_1"],
        early_stopping=EarlyStopping(3, "val_log_loss"),
    )
    expected = ["epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy", "val_auc", "val_top_1", "val_log_loss"]
    assert expected == run.history.keys()
    history = run.history
    assert history["val_accuracy"].tolist() == history["val_top_1"].tolist()
    assert history["val_loss"] == pytest.approx(history["val_log_loss"], rel=1e-6)
    best = int(history["val_log_loss"].argmin())
    assert run.step == history.epochs[best]["step"]
    watched = Network([2, 8, 2]).fit(
        toy.X, toy.y, epochs=40, validation=0.3, early_stopping=EarlyStopping(3, "val_auc")
    )
    best = int(watched.history["val_auc"].argmax())
    assert watched.step == watched.history.epochs[best]["step"]


def test_usual_metrics() -> None:
    """What is measured unless asked otherwise, and the score, which is the last of it."""
    outputs = {"cross_entropy": 2, "binary_cross_entropy": 1, "huber": 1, "poisson": 1, "pinball": 3}
    specs = {loss: Spec.of([1, n], loss=loss) for loss, n in outputs.items()}
    found = {loss: [metric.shown for metric in usual_metrics(spec)] for loss, spec in specs.items()}
    assert {
        "cross_entropy": ["accuracy"],
        "binary_cross_entropy": ["accuracy"],
        "huber": ["mse", "r2"],
        "poisson": ["mse", "r2"],
        "pinball": ["pinball", "d2"],
    } == found
    net = Network([1, Dense(3)], loss="pinball")
    X = np.linspace(-1, 1, 50)[:, np.newaxis]
    net.fit(X, X[:, 0], epochs=50, learning_rate=0.05)
    assert net.score(X, X[:, 0]) == net.evaluate(X, X[:, 0])["d2"] > 0.8
