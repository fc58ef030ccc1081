"""Metrics: scikit-learn's values, and bits that no machine and no NumPy changes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import special
from sklearn import metrics as sklearn

from pellucid import EarlyStopping, Network
from pellucid.core import (
    AUC,
    D2,
    F1,
    METRICS,
    R2,
    Accuracy,
    LogLoss,
    MeanAbsoluteError,
    MeanPinballLoss,
    MeanSquaredError,
    Metric,
    Pinball,
    Spec,
    Task,
    TopK,
    measured,
    metric_from_json,
    metric_of,
    metrics_for,
    tree_sum,
    usual_metrics,
)
from pellucid.core.metrics._classes import log_probabilities
from pellucid.core.metrics._sums import in_order
from pellucid.errors import KindError, SettingError, UnknownNameError
from pellucid.random import Purpose, Stream

Array = np.ndarray[Any, Any]

ROWS = [1, 2, 57, 255, 256, 257, 600, 1300]
SPREADS = [0.0, 1.0, 30.0, 1000.0]
NAN, INF = math.nan, math.inf


# A written order


def tree_by_hand(numbers: list[float]) -> float:
    """The contract's sum, in plain Python floats: leaves of 256 in order, then pairs up a binary tree."""
    sums = []
    for begin in range(0, len(numbers), 256):
        leaf = 0.0
        for number in numbers[begin : begin + 256]:
            leaf = leaf + number
        sums.append(leaf)
    while len(sums) > 1:
        pairs = [sums[i] + sums[i + 1] for i in range(0, len(sums) - 1, 2)]
        sums = pairs + sums[len(pairs) * 2 :]
    return sums[0]


@pytest.mark.parametrize("rows", [*ROWS, 511, 512, 513, 767, 1024, 1793, 10_000])
def test_rows_are_added_up_the_tree(rows: int) -> None:
    """The sum of each column has the bits of the written order, which another order does not have."""
    x = np.random.default_rng(rows).normal(0, 1e3, (rows, 3)) ** 3
    expected = [tree_by_hand(column) for column in x.T.tolist()]
    assert [total.hex() for total in expected] == [total.hex() for total in tree_sum(x).tolist()]
    assert expected[0] == float(tree_sum(x[:, 0]))
    if rows > 1000:
        assert expected != [in_order(column) for column in x.T.tolist()]


def test_a_sum_is_never_minus_zero() -> None:
    """A sum begins with 0, so that nothing but zeros of either sign is 0."""
    assert 1.0 == math.copysign(1.0, float(tree_sum(np.array([-0.0, -0.0]))))


def rows_of(task: Task, rows: int, outputs: int) -> tuple[Array, Array]:
    """Outputs and targets drawn from our own stream: the same bits everywhere."""
    stream = Stream(rows, Purpose.DATASET, layer=99)
    numbers = stream.uniform(2 * rows * outputs).reshape(2, rows, outputs)
    A = 8.0 * numbers[0] - 4.0
    if task is Task.VALUES:
        return A, A + numbers[1]
    return A, (numbers[1] > 0.6 if task is Task.YES_NO else (numbers[1, :, 0] * outputs).astype(np.int64))


PINNED = {
    (Accuracy(), Task.CLASSES): "0x1.0a3d70a3d70a4p-2",
    (TopK(2), Task.CLASSES): "0x1.f8e9282c1c5b6p-2",
    (LogLoss(), Task.CLASSES): "0x1.68835841d72f3p+1",
    (AUC(), Task.CLASSES): "0x1.fe81295b95715p-2",
    (F1(), Task.CLASSES): "0x1.0a0609743f39ap-2",
    (Accuracy(), Task.YES_NO): "0x1.0ef755dbc422bp-4",
    (LogLoss(), Task.YES_NO): "0x1.379e1cfb8419cp+0",
    (AUC(), Task.YES_NO): "0x1.fd7a0fc0434b0p-2",
    (F1(), Task.YES_NO): "0x1.c775b701900fap-2",
    (MeanSquaredError(), Task.VALUES): "0x1.585c19fd4affep-2",
    (MeanAbsoluteError(), Task.VALUES): "0x1.0211d493c0b68p-1",
    (R2(), Task.VALUES): "0x1.e10347da778b7p-1",
    (MeanPinballLoss(0.9), Task.VALUES): "0x1.d0867ea38e154p-2",
    (D2(), Task.VALUES): "0x1.81d9b3b5d092ep-1",
}


@pytest.mark.parametrize(("metric", "task"), PINNED)
def test_bits_are_the_same_everywhere(metric: Metric, task: Task) -> None:
    """Every bit of every member's value is pinned, so that another machine or NumPy is found out."""
    assert PINNED[metric, task] == metric.value(*rows_of(task, 1300, 4)).hex()


def test_every_member_is_pinned() -> None:
    """Each metric is pinned for each task that it has."""
    assert {(kind, task) for kind in METRICS.values() for task in kind.tasks} == {(type(m), task) for m, task in PINNED}


# scikit-learn's values


def shares(A: Array) -> Array:
    return np.asarray(special.softmax(A, axis=1))


def areas(A: Array, T: Array) -> float:
    """Mean area of each class against the rest, by ln p as we have it: another's last bit would part equal rows."""
    return float(np.mean([sklearn.roc_auc_score(T == j, log_probabilities(A)[:, j]) for j in range(4)]))


def log_losses(A: Array, T: Array) -> float:
    """Mean over outputs; scikit-learn takes the columns no and yes."""
    P = special.expit(np.stack([-A, A], axis=-1))
    return float(np.mean([sklearn.log_loss(T[:, j], P[:, j], labels=[0, 1]) for j in range(A.shape[1])]))


def explained_of_medians(A: Array, T: Array) -> float:
    """scikit-learn's d2_pinball_score takes a quantile between two rows; here it is NumPy's of the same definition."""
    missed = np.abs(T - A).sum(axis=0)
    whole = np.abs(T - np.quantile(T, 0.5, axis=0, method="inverted_cdf")).sum(axis=0)
    shares = [1 - m / w if w else float(m == 0) for m, w in zip(missed, whole, strict=True)]
    return float(np.mean(shares))


JUDGES: dict[tuple[Metric, Task], Callable[[Array, Array], float]] = {
    (Accuracy(), Task.CLASSES): lambda A, T: sklearn.accuracy_score(T, A.argmax(axis=1)),
    (Accuracy(), Task.YES_NO): lambda A, T: sklearn.accuracy_score(T, A > 0),
    (TopK(1), Task.CLASSES): lambda A, T: sklearn.top_k_accuracy_score(T, A, k=1, labels=range(4)),
    (TopK(3), Task.CLASSES): lambda A, T: sklearn.top_k_accuracy_score(T, A, k=3, labels=range(4)),
    (LogLoss(), Task.CLASSES): lambda A, T: sklearn.log_loss(T, shares(A), labels=range(4)),
    (LogLoss(), Task.YES_NO): log_losses,
    (AUC(), Task.CLASSES): areas,
    (AUC(), Task.YES_NO): lambda A, T: sklearn.roc_auc_score(T, A),
    (F1(), Task.CLASSES): lambda A, T: sklearn.f1_score(
        T, A.argmax(axis=1), labels=range(4), average="macro", zero_division=0
    ),
    (F1(), Task.YES_NO): lambda A, T: sklearn.f1_score(T, A > 0, average="macro", zero_division=0),
    (MeanSquaredError(), Task.VALUES): lambda A, T: sklearn.mean_squared_error(T, A),
    (MeanAbsoluteError(), Task.VALUES): lambda A, T: sklearn.mean_absolute_error(T, A),
    (R2(), Task.VALUES): lambda A, T: sklearn.r2_score(T, A),
    (MeanPinballLoss(0.9), Task.VALUES): lambda A, T: sklearn.mean_pinball_loss(T, A, alpha=0.9),
    (MeanPinballLoss(), Task.VALUES): lambda A, T: sklearn.mean_pinball_loss(T, A, alpha=0.5),
    (D2(), Task.VALUES): explained_of_medians,
}


def drawn(task: Task, rows: int, spread: float, *, whole: bool) -> tuple[Array, Array]:
    """Random outputs, whole numbers where many are to be equal, and targets that have to do with them."""
    random = np.random.default_rng([rows, int(spread), whole])
    A = random.normal(0, spread, (rows, 4))
    A = np.round(A) if whole else A
    near = A + random.normal(0, spread + 1, A.shape)
    if task is Task.VALUES:
        return A, near
    return A, (near > 0 if task is Task.YES_NO else near.argmax(axis=1))


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize(("metric", "task"), JUDGES)
def test_values_are_those_of_scikit_learn(metric: Metric, task: Task, rows: int) -> None:
    """Constant, near, far and tied outputs, of one row and of several leaves: scikit-learn's values to 1e-12.

    Where it has no value, for want of a class or of a second row, what ours is, is said elsewhere.
    """
    for spread in SPREADS:
        for whole in (False, True):
            A, T = drawn(task, rows, spread, whole=whole)
            if isinstance(metric, TopK) and (whole or not spread):
                continue  # scikit-learn lets equal outputs of higher place come first
            if isinstance(metric, LogLoss) and spread > 1:
                continue  # scikit-learn takes probabilities, and cuts those off that are near 0
            if isinstance(metric, R2) and rows == 1:
                continue
            present = T.sum(axis=0) if task is Task.YES_NO else np.bincount(T, minlength=4) if T.ndim == 1 else [1]
            if isinstance(metric, AUC) and not all(0 < n < rows for n in present):
                assert math.isnan(metric.value(A, T))
                continue
            assert JUDGES[metric, task](A, T) == pytest.approx(metric.value(A, T), rel=1e-12, abs=1e-15)


def test_every_member_is_judged() -> None:
    """Each metric has a judge for each task that it has."""
    assert {(kind, task) for kind in METRICS.values() for task in kind.tasks} == {(type(m), task) for m, task in JUDGES}


@pytest.mark.parametrize("metric", [AUC(), F1()])
@pytest.mark.parametrize("rows", [57, 600])
def test_of_two_classes_it_is_the_second(metric: Metric, rows: int) -> None:
    """Two classes are yes or no of the second; and so they are for one yes-no output of the difference."""
    A, T = drawn(Task.CLASSES, rows, 3.0, whole=True)
    A, T = A[:, :2], (T > 1).astype(np.int64)
    margin = A[:, 1] - A[:, 0]
    judged = sklearn.roc_auc_score(T, margin) if metric == AUC() else sklearn.f1_score(T, margin > 0)
    assert judged == pytest.approx(metric.value(A, T), rel=1e-14)
    assert metric.value(A, T) == metric.value(margin[:, np.newaxis], (T == 1)[:, np.newaxis])


def test_log_probabilities_tell_apart_what_rounds_to_1() -> None:
    """They are SciPy's, and exact in their digits where the probability is nearly 1."""
    for spread in SPREADS:
        A, _ = drawn(Task.CLASSES, 600, spread, whole=False)
        np.testing.assert_allclose(log_probabilities(A), special.log_softmax(A, axis=1), rtol=1e-13, atol=1e-15)
    assert [[-math.exp(-50), -50.0]] == [
        pytest.approx(row) for row in log_probabilities(np.array([[50.0, 0.0]])).tolist()
    ]


@pytest.mark.parametrize("spread", [30.0, 300.0, 1000.0, 1e300])
def test_log_loss_of_huge_logits(spread: float) -> None:
    """Where probabilities round to 0 or 1, it is still the mean of the loss of each row by its logits."""
    A, T = drawn(Task.CLASSES, 600, spread, whole=False)
    rows = -special.log_softmax(A, axis=1)[np.arange(600), T]
    assert rows.mean() == pytest.approx(LogLoss().value(A, T), rel=1e-12)
    A, T = drawn(Task.YES_NO, 600, spread, whole=False)
    assert np.logaddexp(0, np.where(T, -A, A)).mean() == pytest.approx(LogLoss().value(A, T), rel=1e-12)


# What is said of odd cases


@pytest.mark.parametrize("k", [1, 2, 3])
def test_a_constant_network_is_right_for_the_first_classes(k: int) -> None:
    """Of equal outputs those of lower place come first, so no tie is counted for more than one class."""
    A, T = np.zeros((40, 4)), np.arange(40) % 4
    assert k / 4 == TopK(k).value(A, T)
    assert 0.25 == Accuracy().value(A, T)


@pytest.mark.parametrize(
    ("metric", "A", "T", "expected"),
    [
        (Accuracy(), [[NAN, 1.0], [0.0, NAN], [NAN, NAN]], [1, 0, 0], 0.0),
        (Accuracy(), [[NAN], [1.0], [0.0]], [[False], [True], [False]], 2 / 3),
        (Accuracy(), [[INF, 0.0], [-INF, 0.0], [INF, INF]], [0, 1, 0], 1.0),
        (TopK(2), [[NAN, 1.0, 0.0], [NAN, 1.0, 2.0], [NAN, 1.0, 2.0]], [0, 1, 2], 1 / 3),
        (LogLoss(), [[INF, 0.0]], [0], 0.0),
        (LogLoss(), [[INF, 0.0]], [1], INF),
        (LogLoss(), [[INF, INF]], [1], math.log(2)),
        (LogLoss(), [[-INF, -INF]], [1], math.log(2)),
        (LogLoss(), [[NAN, 0.0]], [1], NAN),
        (LogLoss(), [[INF], [-INF]], [[True], [False]], 0.0),
        (LogLoss(), [[INF]], [[False]], INF),
        (LogLoss(), [[NAN]], [[False]], NAN),
        (AUC(), [[0.0, 1.0], [0.0, INF], [INF, INF]], [1, 1, 0], 1.0),
        (AUC(), [[0.0], [NAN]], [[True], [False]], NAN),
        (AUC(), [[0.0], [1.0]], [[True], [True]], NAN),
        (AUC(), [[0.0, 1.0, 2.0], [1.0, 0.0, 3.0]], [0, 1], NAN),
        (F1(), [[NAN, 1.0], [0.0, 1.0]], [1, 1], 2 / 3),
        (F1(), [[1.0, NAN], [0.0, 1.0]], [1, 1], 2 / 3),
        (F1(), [[NAN, 0.0, 0.0]], [0], 0.0),
        (F1(), [[0.0], [-1.0]], [[False], [False]], 0.0),
        (MeanSquaredError(), [[1e300]], [[0.0]], INF),
        (MeanSquaredError(), [[NAN]], [[0.0]], NAN),
        (MeanAbsoluteError(), [[-INF]], [[0.0]], INF),
        (MeanPinballLoss(0.9), [[INF], [0.0]], [[0.0], [0.0]], INF),
        (R2(), [[3.0]], [[3.0]], 1.0),
        (R2(), [[3.0]], [[4.0]], 0.0),
        (R2(), [[0.1]] * 3, [[0.1]] * 3, 1.0),
        (R2(), [[0.1], [0.1], [0.2]], [[0.1]] * 3, 0.0),
        (R2(), [[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]], [[0.1, 1.0], [0.1, 2.0], [0.1, 3.0]], 0.75),
        (R2(), [[NAN], [0.0]], [[0.0], [1.0]], NAN),
    ],
)
def test_odd_cases_have_the_result_that_is_stated(metric: Metric, A: Any, T: Any, expected: float) -> None:
    """NaN, infinity, a class that is not there and a target that never varies give no warning and no surprise."""
    with np.errstate(all="ignore"):
        value = metric.value(np.array(A), np.array(T))
    assert (math.isnan(expected) and math.isnan(value)) or expected == value


@pytest.mark.parametrize("fill", [NAN, INF, -INF, 3e38])
@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "mse"])
def test_measuring_gives_no_warning(loss: str, fill: float) -> None:
    """Whatever a network gives, all that can be measured of it is, in silence, and as a plain float."""
    spec = Spec.of([2, 4], loss=loss, standardize_targets=False if loss == "mse" else None)
    A, T = drawn(spec.loss.task, 30, 1.0, whole=False)
    A = A.astype(np.float32)
    A[::7, 1] = fill
    metrics = metrics_for(spec, [name for name in METRICS if spec.loss.task in METRICS[name].tasks and name != "top_k"])
    values = measured(spec, A, T if T.ndim == 1 else T.astype(np.float32), np.ones(30), metrics)
    assert ["loss", *(metric.shown for metric in metrics)] == list(values)
    assert {float} == {type(value) for value in values.values()}


def test_values_are_measured_in_their_own_units() -> None:
    """Outputs and targets are brought back with the spec's scale and shift, in float64."""
    spec = Spec.from_json(Spec.of([2, 2], loss="mse").to_json().replace('"scale": null, "shift": null', SCALED))
    A, T = np.array([[1, 1], [0, 2]], np.float32), np.zeros((2, 2), np.float32)
    values = measured(spec, A, T, np.array([1.0, 2.0]), [MeanAbsoluteError(), MeanSquaredError()])
    assert {"loss": 1.5, "mae": (5.0 + 2.0 * 1.5) / 2, "mse": (50.0 + 4.0 * 2.5) / 2} == values


SCALED = '"scale": [10.0, 2.0], "shift": [100.0, -1.0]'


# The family


@pytest.mark.parametrize("metric", {metric for metric, _ in [*PINNED, *JUDGES]})
def test_names_and_json_lead_back(metric: Metric) -> None:
    """What a metric is shown as, and its JSON, give the same metric again."""
    assert metric == metric_of(metric.shown) == metric_of(metric) == metric_from_json(metric.to_json())
    assert metric.better in {-1, 1}
    assert metric.formula


@pytest.mark.parametrize(
    ("given", "metric"),
    [
        ("top_k", TopK(5)),
        ("top_12", TopK(12)),
        ("pinball", MeanPinballLoss()),
        ("d2", D2()),
        ("pinball_.25", MeanPinballLoss(0.25)),
        ("pinball_1e-05", MeanPinballLoss(1e-05)),
    ],
)
def test_a_setting_stands_in_the_name(given: str, metric: Metric) -> None:
    """Those that have a setting can be named with it, or without for the usual one."""
    assert metric == metric_of(given)


def test_each_metric_is_measured_once() -> None:
    """One name or several, by name or as they are: each once, in the order given."""
    spec = Spec.of([2, 4])
    assert (AUC(),) == metrics_for(spec, "auc") == metrics_for(spec, AUC()) == metrics_for(spec, ("auc", AUC()))
    assert (TopK(2), AUC()) == metrics_for(spec, ["top_2", "auc", TopK(2)])
    assert () == metrics_for(spec, None) == metrics_for(spec, [])


class Mine(MeanAbsoluteError.__base__):  # type: ignore[misc, name-defined]
    """A metric of the user's own."""

    name, tasks = "mine", (Task.CLASSES,)

    def value(self, A: Any, T: Any) -> float:
        raise AssertionError


CLASSES, VALUES = Spec.of([2, 3]), Spec.of([2, 3], loss="mse")
OF_CLASSES, OF_VALUES = "accuracy, top_k, log_loss, auc, f1", "The metric 'r2' is for a value for each output"


@pytest.mark.parametrize(
    ("spec", "given", "error", "message"),
    [
        (CLASSES, "rocauc", UnknownNameError, f"Unknown metric 'rocauc'. Accepted: {', '.join(METRICS)}."),
        (CLASSES, "top_", UnknownNameError, "Unknown metric 'top_'. Accepted: accuracy, top_k,"),
        (CLASSES, 3, UnknownNameError, "Unknown metric 3. Accepted: accuracy, top_k,"),
        (CLASSES, [None], UnknownNameError, "Unknown metric None. Accepted: accuracy, top_k,"),
        (CLASSES, Mine(), KindError, "A metric must be one of the family (accuracy, top_k, "),
        (CLASSES, "top_0", SettingError, "k must be a whole number ≥ 1; 0 was given."),
        (VALUES, "pinball_1.5", SettingError, "quantile must be a number above 0 and below 1; 1.5 was given. Give 0.9"),
        (
            CLASSES,
            "r2",
            SettingError,
            f"{OF_VALUES}; 'cross_entropy' has one of several classes. Accepted: {OF_CLASSES}.",
        ),
        (VALUES, "auc", SettingError, "The metric 'auc' is for one of several classes, or yes or no for each output; "),
        (VALUES, ["mse", "top_2"], SettingError, "The metric 'top_2' is for one of several classes; 'mse' has a value"),
        (CLASSES, "top_3", SettingError, "The metric 'top_3' would always be 1: the network has 3 classes. Accepted: "),
    ],
)
def test_metrics_that_are_refused(spec: Spec, given: Any, error: type[Exception], message: str) -> None:
    """What is unknown, out of range or of another task is refused, with what is accepted."""
    with pytest.raises(error) as raised:
        metrics_for(spec, given)
    assert message == str(raised.value)[: len(message)]


@pytest.mark.parametrize("quantile", [0, 1, -0.5, NAN, INF, "0.5", True])
def test_a_quantile_lies_between_0_and_1(quantile: Any) -> None:
    """Anything else is refused."""
    with pytest.raises(SettingError, match=r"^quantile must be a number above 0 and below 1; "):
        MeanPinballLoss(quantile)


def test_of_quantiles() -> None:
    """Each output has its own quantile; d2 is 0 for y's own quantiles, and 1 for y itself."""
    spec = Spec.of([1, 4], loss=Pinball((0.25, 0.9)), standardize_targets=False, dtype="float64")
    Y = np.random.default_rng(0).normal(size=(401, 2))
    T = np.repeat(Y, 2, axis=1)
    best = np.quantile(Y, [0.25, 0.9], axis=0, method="inverted_cdf").T.reshape(1, 4).repeat(401, axis=0)
    losses = spec.loss.function(best, T)[0]
    found = measured(spec, best, T, losses, usual_metrics(spec))
    assert ["loss", "pinball", "d2"] == list(found)
    assert found["loss"] == pytest.approx(found["pinball"], rel=1e-14)
    assert 0.0 == pytest.approx(found["d2"], abs=1e-15)
    assert {"pinball": 0.0, "d2": 1.0, "loss": 0.0} == measured(
        spec, T, T, losses * 0, metrics_for(spec, ["pinball", "d2"])
    )
    assert metrics_for(spec, "d2") == metrics_for(spec, [D2(), D2((0.25, 0.9))])
    assert all(metric == metric_from_json(metric.to_json()) for metric in usual_metrics(spec))
    for other, message in (("mse", "is for one output a target"), ("pinball_0.5", "is of another quantile than")):
        with pytest.raises(SettingError, match=rf"The metric '{other}' {message}.* Accepted: pinball, d2\.$"):
            metrics_for(spec, other)


def test_of_counts() -> None:
    """Predictions are e^z, of our own exp."""
    spec = Spec.of([1, 1], loss="poisson", dtype="float64")
    T = np.array([[1.0], [2.0], [4.0]])
    found = measured(spec, np.log(T + 1), T, np.zeros(3), metrics_for(spec, ["mae", "mse"]))
    assert {"loss": 0.0, "mae": 1.0, "mse": 1.0} == pytest.approx(found, rel=1e-15)


def test_a_network_of_quantiles_is_watched_by_d2() -> None:
    """Names of quantile metrics are those of the history, and its score is the last of them."""
    X = np.linspace(-1, 1, 200)[:, np.newaxis]
    net = Network([1, 3], loss="pinball")
    run = net.fit(X, X[:, 0], epochs=30, learning_rate=0.05, validation=0.2, early_stopping=EarlyStopping(9, "val_d2"))
    assert ["epoch", "step", "loss", "val_loss", "val_d2"] == run.history.keys()
    assert net.score(X, X[:, 0]) == net.evaluate(X, X[:, 0])["d2"] > 0.7
