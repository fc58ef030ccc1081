"""The front door: a network predicts, is measured, is trained and changed, for every task."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from pellucid import Dense, Dropout, Network, from_scratch
from pellucid.core import Parameters, softmax
from pellucid.errors import DataError, KindError, PellucidError, SettingError, ShapeError
from training import runs

X, Y, WEIGHTS = runs.table()


def test_classes() -> None:
    """Several classes: the likeliest place, probabilities that add up to 1, accuracy and mean loss."""
    net = Network([5, 8, 3], seed=3)
    net.fit(X, Y, epochs=3)
    P = net.predict_proba(X)
    assert (57, 3) == P.shape
    np.testing.assert_allclose(1, P.sum(axis=1), rtol=1e-6)
    predicted = net.predict(X)
    np.testing.assert_array_equal(P.argmax(axis=1), predicted)
    measured = net.evaluate(X, Y)
    assert {"loss", "accuracy"} == set(measured)
    assert (predicted == Y).mean() == measured["accuracy"] == net.score(X, Y)
    assert -np.log(P[np.arange(57), Y]).mean() == pytest.approx(measured["loss"], rel=1e-6)


@pytest.mark.parametrize("names", [["low", "mid", "high"], [30, 10, 20]])
def test_named_classes(names: list[Any]) -> None:
    """Names of classes, texts or numbers, come in as labels and go out as predictions, and change no bit."""
    plain, named = Network([5, 8, 3], seed=3), Network([5, 8, 3], seed=3, classes=names)
    plain.fit(X, Y, epochs=3)
    labels = np.asarray(names)[Y]
    named.fit(X, labels, epochs=3)
    assert plain.fingerprint == named.fingerprint
    np.testing.assert_array_equal(np.asarray(names)[plain.predict(X)], named.predict(X))
    assert plain.score(X, Y) == named.score(X, labels) == named.score(X, labels.tolist())


def test_one_hot_targets() -> None:
    """One-hot rows say the same as places."""
    first, second = Network([5, 8, 3]), Network([5, 8, 3])
    first.fit(X, Y, epochs=2)
    second.fit(X, np.eye(3)[Y], epochs=2)
    assert first.fingerprint == second.fingerprint
    assert first.evaluate(X, Y) == second.evaluate(X, np.eye(3, dtype=bool)[Y])


@pytest.mark.parametrize(("names", "labels"), [(None, (0, 1)), (["no", "yes"], ("no", "yes")), ([5, 3], (5, 3))])
def test_yes_or_no(names: Any, labels: tuple[Any, Any]) -> None:
    """One output: the class by its name, and probabilities of no and of yes."""
    y = (Y == 1).astype(int)
    net = Network([5, 8, 1], loss="binary_cross_entropy", classes=names, seed=2)
    net.fit(X, np.asarray(labels)[y], epochs=20, learning_rate=0.02)
    P = net.predict_proba(X)
    assert (57, 2) == P.shape
    np.testing.assert_allclose(1, P.sum(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(np.asarray(labels)[(P[:, 1] > 0.5).astype(int)], net.predict(X))
    assert net.score(X, np.asarray(labels)[y]) > 0.8
    np.testing.assert_allclose(
        -np.log(P[np.arange(57), y]).mean(), net.evaluate(X, np.asarray(labels)[y])["loss"], rtol=1e-5
    )


def test_several_yes_or_no() -> None:
    """Several outputs, each yes or no: a row is right where all of its outputs are."""
    T = np.column_stack([X[:, 0] > 0, X[:, 1] > 0])
    net = Network([5, 8, 2], loss="binary_cross_entropy", seed=2)
    net.fit(X, T, epochs=20, learning_rate=0.02)
    P, predicted = net.predict_proba(X), net.predict(X)
    assert (57, 2) == P.shape == predicted.shape
    np.testing.assert_array_equal(P > 0.5, predicted == 1)
    assert (predicted == T).all(axis=1).mean() == net.score(X, T)


def test_values_in_their_own_units() -> None:
    """Predictions and mse are in the units of y; r2 is averaged over targets."""
    y = runs.values()
    net = Network([5, 16, 2], loss="mse", seed=1)
    net.fit(X, y, epochs=100, learning_rate=0.02)
    predicted, measured = net.predict(X), net.evaluate(X, y)
    assert (57, 2) == predicted.shape
    squares = ((predicted - y) ** 2).mean(axis=0)
    assert squares.mean() == pytest.approx(measured["mse"])
    assert (1 - squares / y.var(axis=0)).mean() == pytest.approx(measured["r2"])
    assert measured["r2"] == net.score(X, y) > 0.8
    with pytest.raises(SettingError, match=r"^The loss 'mse' gives values, not probabilities\. Use predict\(\)\.$"):
        net.predict_proba(X)


@pytest.mark.parametrize(
    ("loss", "y", "usual", "more"),
    [
        ("cross_entropy", Y, ["loss", "accuracy"], ["top_2", "log_loss", "auc", "f1"]),
        ("binary_cross_entropy", np.eye(3)[Y], ["loss", "accuracy"], ["log_loss", "auc", "f1"]),
        ("mae", np.eye(3)[Y], ["loss", "mse", "r2"], ["mae", "pinball_0.9"]),
    ],
)
def test_metrics_that_are_asked_for(loss: str, y: np.ndarray, usual: list[str], more: list[str]) -> None:
    """They come after what is measured anyway, once each; `score` and the others stay as they are."""
    net = Network([5, 8, 3], loss=loss, seed=3)
    net.fit(X, y, epochs=3)
    plain, asked = net.evaluate(X, y), net.evaluate(X, y, [*more, usual[1]])
    assert [usual, usual + more] == [list(plain), list(asked)]
    assert plain == {name: asked[name] for name in usual}
    assert plain[usual[-1]] == net.score(X, y)
    if "log_loss" in more:  # another name for the loss
        assert asked["loss"] == pytest.approx(asked["log_loss"], rel=1e-5)


def test_a_metric_that_does_not_fit_changes_nothing() -> None:
    """A metric of another task is refused before anything is trained."""
    net = Network([5, 8, 3])
    before = net.fingerprint
    with pytest.raises(SettingError, match=r"^The metric 'r2' is for a value for each output; 'cross_entropy' has one"):
        net.fit(X, Y, validation=0.2, metrics="r2")
    with pytest.raises(
        SettingError, match=r"^The metric 'mae' is for a value for each output; 'cross_entropy' has one"
    ):
        net.evaluate(X, Y, metrics=["auc", "mae"])
    assert before == net.fingerprint


def test_units_do_not_matter() -> None:
    """y·1000 + 5 gives the same network, and the same predictions in other units."""
    y = np.round(X[:, 0].astype(np.float64) * 64) / 64
    first, second = (Network([5, 8, 1], loss="mse", dtype="float64", seed=4) for _ in range(2))
    first.fit(X, y, epochs=5)
    second.fit(X, y * 1000 + 5, epochs=5)
    assert (57,) == first.predict(X).shape
    np.testing.assert_allclose(first.parameters, second.parameters, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(first.predict(X) * 1000 + 5, second.predict(X), rtol=1e-9)
    assert first.score(X, y) == pytest.approx(second.score(X, y * 1000 + 5))


def test_a_target_that_never_varies() -> None:
    """A constant target keeps the scale 1 and is predicted near its value."""
    net = Network([5, 4, 1], loss="mse", seed=0)
    net.fit(X, np.full(57, 12345.678), epochs=200, learning_rate=0.02)
    assert (1.0,) == net.spec.output.scale
    assert (12345.678,) == net.spec.output.shift
    np.testing.assert_allclose(12345.678, net.predict(X), atol=0.5)


def test_the_first_y_decides_the_units() -> None:
    """A second fit keeps the scale of the first, so that what was learnt stays true."""
    net = Network([5, 4, 1], loss="mse")
    net.fit(X, X[:, 0], epochs=1)
    output = net.spec.output
    before = net.predict(X)
    net.fit(X, X[:, 0] * 1000, epochs=1, learning_rate=0.0)
    assert output == net.spec.output
    np.testing.assert_array_equal(before, net.predict(X))


def test_float64() -> None:
    """A float64 network computes in float64 throughout."""
    net = Network([5, 8, 3], dtype="float64")
    assert np.float64 == net.parameters.dtype == net.predict_proba(X).dtype
    net.fit(X, Y, epochs=1)
    assert np.float64 == net.parameters.dtype


def test_sample_weights_are_repeated_rows() -> None:
    """In full-batch gradient descent a weight of 3 does what the row three times does."""
    weights = np.arange(57) % 3 + 1
    net, other = Network([5, 6, 3], dtype="float64"), Network([5, 6, 3], dtype="float64")
    settings: dict[str, Any] = {"epochs": 20, "optimizer": "sgd", "batch_size": 1000, "shuffle": False}
    net.fit(X, Y, sample_weight=weights, **settings)
    other.fit(np.repeat(X, weights, axis=0), np.repeat(Y, weights), **settings)
    np.testing.assert_allclose(net.parameters, other.parameters, rtol=1e-10, atol=1e-13)


def test_a_weight_of_zero_is_no_row() -> None:
    """A row of weight 0 teaches nothing."""
    weights = (np.arange(57) % 2).astype(float)
    net, other = Network([5, 6, 3], dtype="float64"), Network([5, 6, 3], dtype="float64")
    settings: dict[str, Any] = {"epochs": 20, "optimizer": "sgd", "batch_size": 1000, "shuffle": False}
    net.fit(X, Y, sample_weight=weights, **settings)
    other.fit(X[1::2], Y[1::2], **settings)
    np.testing.assert_allclose(net.parameters, other.parameters, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("of_classes", ["balanced", {0: 3.0, 2: 0.25}])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_class_weights_are_sample_weights(of_classes: Any, weights: Any) -> None:
    """Class weights give the bits of the sample weights that they stand for."""
    counts = np.bincount(Y)
    factors = 57 / (3 * counts) if of_classes == "balanced" else np.array([3.0, 1.0, 0.25])
    meant = factors[Y] if weights is None else weights.astype(np.float32) * factors[Y]
    first, second = Network([5, 6, 3]), Network([5, 6, 3])
    first.fit(X, Y, epochs=3, class_weight=of_classes, sample_weight=weights)
    second.fit(X, Y, epochs=3, sample_weight=meant)
    assert first.fingerprint == second.fingerprint


def test_class_weights_by_name() -> None:
    """Named classes are weighed by their names."""
    first, second = Network([5, 6, 3], classes=["a", "b", "c"]), Network([5, 6, 3])
    first.fit(X, np.array(list("abc"))[Y], epochs=2, class_weight={"b": 5})
    second.fit(X, Y, epochs=2, class_weight={1: np.float32(5)})
    assert first.fingerprint == second.fingerprint


def test_balanced_counts_the_rows_that_are_trained_on() -> None:
    """With rows held out, "balanced" is balance among the others."""
    case: dict[str, Any] = {"epochs": 2, "validation": 0.4, "seed": 5}
    first, second = Network([5, 6, 3]), Network([5, 6, 3])
    run = first.fit(X, Y, class_weight="balanced", **case)
    rows = run._timeline.data.rows
    assert rows is not None
    counts = np.bincount(Y[rows], minlength=3)
    second.fit(X, Y, sample_weight=(len(rows) / (3 * counts))[Y], **case)
    assert first.fingerprint == second.fingerprint


def test_a_fraction_holds_out_the_same_rows_for_the_same_seed() -> None:
    """The rows held out are a function of seed, fraction and count; with them given apart, the bits are the same."""
    held = []
    for seed in (3, 3, 4):
        data = Network([5, 6, 3]).start(X, Y, validation=0.3, seed=seed)._timeline.data
        assert data.rows is not None
        assert data.held_out is not None
        assert (40, 17) == (len(data.rows), len(data.held_out[0]))
        held.append(data.rows.tolist())
    assert held[0] == held[1] != held[2]
    out = sorted(set(range(57)) - set(held[0]))
    net, other = Network([5, 6, 3]), Network([5, 6, 3])
    run = net.fit(X, Y, validation=0.3, seed=3, epochs=3)
    apart = other.fit(X[held[0]], Y[held[0]], validation=(X[out], Y[out]), seed=3, epochs=3)
    assert net.fingerprint == other.fingerprint
    assert apart.history.epochs == run.history.epochs


def test_a_loop_of_ones_own() -> None:
    """`loss_and_gradient` is the gradient that full-batch gradient descent steps against."""
    net, other = Network([5, 6, 3], dtype="float64"), Network([5, 6, 3], dtype="float64")
    losses = []
    for _ in range(10):
        loss, gradient = net.loss_and_gradient(X, Y, sample_weight=WEIGHTS, l2=0.01)
        losses.append(loss)
        net.parameters[:] -= 0.1 * gradient
    run = other.fit(
        X,
        Y,
        sample_weight=WEIGHTS,
        l2=0.01,
        epochs=10,
        batch_size=57,
        optimizer="sgd",
        learning_rate=0.1,
        shuffle=False,
    )
    np.testing.assert_allclose(losses, run.history.loss, rtol=1e-12)
    np.testing.assert_allclose(net.parameters, other.parameters, rtol=1e-10, atol=1e-14)
    net.parameters -= 1
    assert other.parameters[0] - 1 == pytest.approx(net.parameters[0])


def test_fit_goes_on_from_current_weights() -> None:
    """A second fit starts where the first ended, with a fresh optimiser; `fit` trains the network itself."""
    net = Network([5, 6, 3])
    vector = net.parameters
    first = net.fit(X, Y, epochs=1)
    second = net.fit(X, Y, epochs=1)
    assert vector is net.parameters
    assert first.fingerprint == second.recipe.start == second.at(0).fingerprint
    assert 0 == np.abs(second.at(0).slots["mean"]).max()


def test_seeds() -> None:
    """The same seed gives the same network and run; a run may have a seed of its own."""
    fingerprints = [
        Network([5, 6, 3], seed=a).fit(X, Y, epochs=1, seed=b).fingerprint
        for a, b in [(1, None), (1, None), (1, 1), (1, 2), (2, 1)]
    ]
    assert fingerprints[0] == fingerprints[1] == fingerprints[2]
    assert 3 == len(set(fingerprints))


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_the_data_are_not_copied(dtype: Any) -> None:
    """Bytes stay bytes and floats what they are: the run reads the user's own array."""
    table = np.abs(X * 30).astype(dtype)
    run = Network([5, 6, 3], input_scale=1 / 255).start(table, Y)
    assert table is run._timeline.data.X
    assert table is run._timeline.job(0).X
    assert table is Network([5, 6, 3], input_scale=1 / 255).start(table, Y, validation=0.2)._timeline.job(0).X


@pytest.mark.parametrize("given", [X.tolist(), np.asfortranarray(X), X[::1].astype(">f4"), X.astype(object)])
def test_forms_of_data(given: Any) -> None:
    """Lists, other memory orders, other byte orders and objects that are numbers are taken for what they hold."""
    net = Network([5, 6, 3])
    np.testing.assert_allclose(net.predict_proba(X), net.predict_proba(given), rtol=1e-6)


def test_predict_in_many_threads_at_once() -> None:
    """Threads that predict at once get what one alone gets."""
    net = Network([5, 32, 3], seed=1)
    table = np.tile(X, (60, 1))
    expected = net.predict_proba(table)
    found: list[Any] = []
    threads = [
        threading.Thread(target=lambda: found.extend(net.predict_proba(table) for _ in range(5))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 30 == len(found)
    for actual in found:
        np.testing.assert_array_equal(expected, actual)


def test_threads_argument() -> None:
    """The number of threads is accepted everywhere and is no part of the recipe."""
    net = Network([5, 6, 3])
    np.testing.assert_allclose(net.predict_proba(X), net.predict_proba(X, threads=2), rtol=1e-6)
    assert net.evaluate(X, Y, threads=1) == net.evaluate(X, Y)
    first, second = Network([5, 6, 3]).start(X, Y, threads=1), Network([5, 6, 3]).start(X, Y)
    assert first.recipe.digest == second.recipe.digest


def test_copy() -> None:
    """A copy has the same numbers in memory of its own."""
    net = Network([5, 6, 3], classes=["a", "b", "c"], seed=9)
    other = net.copy()
    assert (net.fingerprint, net.spec, net.seed) == (other.fingerprint, other.spec, other.seed)
    other["output"].biases = 1
    assert net.fingerprint != other.fingerprint
    assert (0 == net["output"].biases).all()


def test_what_it_says_of_itself() -> None:
    """A network shows its widths, parameters and loss; its layers can be gone through by name."""
    net = Network([784, 32, Dropout(0.1), 32, 10])
    assert "Network 784-32-32-10: 26,506 parameters, cross_entropy" == repr(net)
    assert ["layer_1", "layer_2", "output"] == list(net)
    assert 3 == len(net)
    assert "output" in net


def test_parameters_are_copied_in() -> None:
    """Assigning parameters copies them in; what does not fit is refused and changes nothing."""
    net = Network([2, 3, 2])
    values = np.arange(17.0)
    net.parameters = values
    values[:] = 0
    np.testing.assert_array_equal(np.arange(17), net.parameters)
    for wrong in (
        np.zeros(16),
        np.zeros((17, 1)),
        3.0,
        "abc",
        ["a"] * 17,
        np.full(17, np.nan),
        [1e300] * 17,
        [1j] * 17,
    ):
        with pytest.raises((ShapeError, SettingError), match="The network's parameters must"):
            net.parameters = wrong
        np.testing.assert_array_equal(np.arange(17), net.parameters)


def column() -> from_scratch.ScratchNetwork:
    np.random.seed(2019)
    return from_scratch.initialize_neural_network(10, 5, [32] * 5, 2)


def test_from_scratch_and_back() -> None:
    """The column's dictionaries become a network of the same bits, and come back as they were."""
    given = column()
    net = Network.from_scratch(given)
    assert 4642 == net.n_parameters
    again = net.to_scratch()
    assert repr(given) == repr(again)
    assert isinstance(again, from_scratch.ScratchNetwork)
    table = np.random.default_rng(0).uniform(size=(20, 10))
    for inputs, outputs in zip(table, net.predict(table), strict=True):
        expected = from_scratch.forward_propagate(given, inputs)
        if isinstance(expected, tuple):
            expected = expected[0]
        np.testing.assert_allclose(np.asarray(expected).reshape(-1), outputs, rtol=0, atol=1e-12)
    assert Network.from_scratch(again).fingerprint == net.fingerprint


def test_from_scratch_refusals() -> None:
    """Dictionaries that are no such network are refused with what is wrong in them."""
    node = {"weights": np.zeros(2), "bias": np.zeros(1)}
    wrong: list[tuple[Any, type[PellucidError], str]] = [
        (3, KindError, "is a dictionary of layers"),
        ({}, KindError, "is a dictionary of layers"),
        ({"layer_1": {"node_1": node}}, KindError, "is a dictionary of layers"),
        ({"output": {}, "layer_1": {}}, SettingError, "in this order"),
        (
            {"layer_2": {"node_1": node}, "output": {"node_1": node}},
            SettingError,
            r"must be named \['layer_1', 'output'\]",
        ),
        ({"output": {"node_2": node}}, KindError, "output must be a dictionary of node_1, node_2"),
        ({"output": {"node_1": {"weights": [1.0]}}}, KindError, "output must be a dictionary of node_1"),
        ({"output": {"node_1": {**node, "bias": [1.0, 2.0]}}}, ShapeError, "one bias each"),
        ({"output": {}}, ShapeError, "nodes of equally many weights"),
        (
            {"layer_1": {"node_1": node}, "output": {"node_1": node}},
            ShapeError,
            "output has 2 weights a node, but 1 nodes lie before it",
        ),
    ]
    for given, error, message in wrong:
        with pytest.raises(error, match=message):
            Network.from_scratch(given)
    for net in (
        Network([2, 3, 2]),
        Network([2, Dense(3, "sigmoid"), Dense(2, "sigmoid")], loss="mse", input_scale=2.0),
        Network([2, Dense(3, "tanh"), Dense(2, "sigmoid")], loss="mse"),
    ):
        with pytest.raises(SettingError, match="Dictionaries from scratch hold a network that is sigmoid throughout"):
            net.to_scratch()


def test_from_scratch_refuses_nan() -> None:
    """Dictionaries that hold NaN or infinity are no network."""
    for value in (np.nan, np.inf):
        given = column()
        given["layer_2"]["node_3"]["weights"][4] = value
        with pytest.raises(DataError, match=r"layer_2 holds NaN or infinity; finite weights and biases are accepted\."):
            Network.from_scratch(given)


def test_predictions_are_those_of_the_readable_core() -> None:
    """What `predict_proba` gives is softmax of W·x + b, worked out here by hand."""
    net = Network([5, 4, 3], seed=8, dtype="float64", input_scale=0.5, input_shift=1.0)
    first, last = net["layer_1"], net["output"]
    hidden = np.maximum((X.astype(np.float64) - 1) * 0.5 @ first.weights.T + first.biases, 0)
    np.testing.assert_allclose(softmax(hidden @ last.weights.T + last.biases), net.predict_proba(X), rtol=1e-12)
    assert Parameters(net.spec, net.parameters)["output"].W.base is not None
