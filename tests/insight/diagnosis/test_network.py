"""What is wrong with a network is found in its numbers, and counted as counting by hand gives it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid.core import ACTIVATIONS, Parameters, SparseRows, Spec, initial_parameters, loss_and_gradient
from pellucid.engine import Backend, ReadableCore, default_backend
from pellucid.insight.diagnosis import Diagnosis, Finding, diagnose_network
from pellucid.insight.diagnosis._neighbours import nearest

Array = np.ndarray[Any, Any]
ROWS = 300


def table(width: int = 6, seed: int = 1) -> tuple[Array, Array]:
    """Inputs near 0 ± 1, and three classes that depend on them."""
    X = np.random.default_rng(seed).normal(size=(ROWS, width))
    return X, X[:, :3].argmax(axis=1)


def network(*hidden: int, activation: str = "relu", **settings: Any) -> tuple[Spec, Parameters]:
    spec = Spec.of([6, *hidden, 3], activation=activation, **settings)
    return spec, initial_parameters(spec, 3)


def diagnosed(
    spec: Spec, parameters: Parameters, X: Array, T: Array | None, backend: Backend | None = None
) -> Diagnosis:
    return diagnose_network(spec, parameters.vector, backend or default_backend(), X, T)


def only(diagnosis: Diagnosis, kind: str) -> Finding:
    (finding,) = diagnosis.of(kind)
    return finding


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_new_network_on_scaled_inputs_is_healthy(activation: str) -> None:
    """Nothing worse than a note is found in one as it is built, but that it does not yet know each class."""
    X, T = table()
    spec, parameters = network(32, 16, activation=activation)
    diagnosis = diagnosed(spec, parameters, X, T)
    assert set(diagnosis.kinds()) <= {"class_never_predicted", "constant_output"}, diagnosis
    assert ROWS == diagnosis.n_rows


@pytest.mark.parametrize(("bias", "severity"), [(-1.5, "note"), (-50.0, "serious")])
def test_dead_neurons_are_those_that_no_row_activates(bias: float, severity: str) -> None:
    """Their numbers are those of a forward pass written out here, and the severity follows their share."""
    X, T = table()
    spec, parameters = network(20)
    W, b = parameters["layer_1"]
    b[:] = np.where(np.arange(20) < (2 if severity == "note" else 19), -50, bias)
    Z = X @ W.T.astype(np.float64) + b
    expected = tuple(int(j) + 1 for j in np.flatnonzero((Z <= 0).all(axis=0)))
    found = only(diagnosed(spec, parameters, X, T), "dead_neurons")
    assert expected == found.neurons
    assert ("layer_1", severity, len(expected) / 20) == (found.layer, found.severity, found.evidence["share"])
    assert Z[:, [j - 1 for j in expected]].max() == pytest.approx(found.evidence["largest_z"], rel=1e-5)
    assert {"activation": "leaky_relu"} == found.change


@pytest.mark.parametrize(("activation", "flat"), [("tanh", 2.2), ("sigmoid", 4.4)])
def test_saturated_neurons_are_those_whose_sums_are_large(activation: str, flat: float) -> None:
    """A slope of 5 % of the steepest is reached at |z| = 2.2 (tanh) and 4.4 (sigmoid)."""
    X, T = table()
    spec, parameters = network(16, activation=activation)
    W, b = parameters["layer_1"]
    W[:12] *= 60
    expected = tuple(int(j) + 1 for j in np.flatnonzero((np.abs(X @ W.T + b) > flat).mean(axis=0) >= 0.8))
    found = only(diagnosed(spec, parameters, X, T), "saturated_neurons")
    assert expected == found.neurons
    assert "warning" == found.severity
    assert {"initializer": "glorot"} == found.change


def test_saturation_by_biases_asks_for_another_activation() -> None:
    """Where the weights are as they should be, smaller ones would not help."""
    X, T = table()
    spec, parameters = network(16, activation="tanh")
    parameters["layer_1"].b[:] = 9
    found = only(diagnosed(spec, parameters, X, T), "saturated_neurons")
    assert ({"activation": "relu"}, 16, "serious") == (found.change, found.evidence["stuck"], found.severity)


@pytest.mark.parametrize(
    ("activation", "factor", "twins"),
    [("relu", 2.0, True), ("relu", -1.0, False), ("tanh", 2.0, False), ("tanh", -1.0, True), ("sigmoid", 1.0, True)],
)
def test_twins_compute_the_same_but_for_a_factor(activation: str, factor: float, twins: bool) -> None:
    """What the activation lets pass decides: their outputs are then in proportion, which is tried here."""
    X, T = table()
    spec, parameters = network(8, activation=activation)
    W, b = parameters["layer_1"]
    b[:] = np.linspace(-0.5, 0.5, 8)
    W[4:], b[4:] = factor * W[:4], factor * b[:4]
    A = diagnosed_outputs(spec, parameters, X)
    in_proportion = np.allclose(A[:, 4:] * A[:, :4].sum(), A[:, :4] * A[:, 4:].sum(), rtol=1e-3, atol=1e-3)
    assert twins == in_proportion
    found = diagnosed(spec, parameters, X, T).of("twin_neurons")
    assert ([tuple(range(1, 9))] if twins else []) == [finding.neurons for finding in found]


def diagnosed_outputs(spec: Spec, parameters: Parameters, X: Array) -> Array:
    return default_backend().trace(spec, parameters.vector, X).layers["layer_1"].A.astype(np.float64)


def test_twins_are_told_whether_they_stay_twins() -> None:
    """Only neurons whose outgoing weights are the same get the same gradient: the engine's own says so."""
    X, T = table()
    spec, parameters = network(6, activation="tanh")
    parameters["layer_1"].W[...] = 0.3
    parameters["output"].W[:, :4] = 0.2
    found = only(diagnosed(spec, parameters, X, T), "twin_neurons")
    assert (6, 5, "serious") == (found.evidence["twins"], found.evidence["spare"], found.severity)
    gradient = loss_and_gradient(spec, parameters, X, T).gradient["layer_1"].W
    same = int(np.isclose(gradient[1:], gradient[0], rtol=1e-6).all(axis=1).sum())
    assert same == found.evidence["outgoing"] == 3


def test_deltas_through_the_depth_are_those_of_the_loss() -> None:
    """RMS δ of the first layer is what central differences of the loss by its biases give, row by row."""
    X, T = (part[:40] for part in table())
    spec, parameters = network(*[8] * 7, activation="sigmoid", dtype="float64")
    found = only(diagnosed(spec, parameters, X, T, ReadableCore()), "vanishing_gradients")
    squares = []
    for x, t in zip(X, T, strict=True):
        for j in range(8):
            slopes = []
            for step in (1e-4, -1e-4):
                moved = Parameters(spec, parameters.vector.copy())
                moved["layer_1"].b[j] += step
                slopes.append(loss_and_gradient(spec, moved, x[np.newaxis], np.array([t])).loss)
            squares.append(((slopes[0] - slopes[1]) / 2e-4) ** 2)
    assert np.sqrt(np.mean(squares)) == pytest.approx(found.evidence["first_delta"], rel=1e-3)
    assert found.evidence["first_delta"] / found.evidence["last_delta"] == pytest.approx(found.evidence["ratio"])


def test_gradients_explode_where_weights_are_large() -> None:
    """Six relu layers four times too large multiply δ by about 4⁶."""
    X, T = table()
    spec, parameters = network(*[32] * 6)
    for part in parameters.layers():
        part.W[...] *= 4
    found = only(diagnosed(spec, parameters, X, T), "exploding_gradients")
    assert 4**5 / 3 < found.evidence["ratio"] < 4**6


@pytest.mark.parametrize(
    ("shift", "scale"), [(0.0, 255.0), (100.0, 1.0), (0.0, 1e-3), (0.0, np.array([1, 1000, 1, 1000, 1, 1]))]
)
def test_unscaled_inputs_are_found_and_the_change_mends_them(shift: float, scale: Any) -> None:
    """With the shift and scale of the change, each column is 0 ± 1, and nothing is found any more."""
    X, T = table()
    spec, parameters = network(16)
    found = only(diagnosed(spec, parameters, X * scale + shift, T), "unscaled_inputs")
    assert found.rank >= 1
    mended, parameters = network(16, **found.change)
    S = (X * scale + shift - np.array(mended.input.shift)) * np.array(mended.input.scale)
    np.testing.assert_allclose(S.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(S.std(axis=0), 1, rtol=1e-9)
    assert diagnosed(mended, parameters, X * scale + shift, T).healthy


def test_bytes_are_scaled_by_255() -> None:
    """Their zeros stay zeros."""
    X = np.random.default_rng(2).integers(0, 256, (ROWS, 6)).astype(np.uint8)
    spec, parameters = network(16)
    found = only(diagnosed(spec, parameters, X, None), "unscaled_inputs")
    assert {"input_shift": 0.0, "input_scale": 1 / 255} == found.change


def test_columns_that_never_vary_are_a_note() -> None:
    """A picture's edge is often empty; only where all columns are, nothing can be learnt."""
    X, T = table()
    X[:, [1, 4]] = 0.25
    spec, parameters = network(16)
    found = only(diagnosed(spec, parameters, X, T), "constant_inputs")
    assert ("note", 2, 1) == (found.severity, found.evidence["constant"], found.evidence["first"])
    assert "serious" == only(diagnosed(spec, parameters, np.ones_like(X), T), "constant_inputs").severity


def test_an_output_that_is_the_same_for_every_row_is_serious() -> None:
    """So it is for classes, for yes or no, and for values."""
    X, T = table()
    for loss, width, targets in [
        ("cross_entropy", 3, T),
        ("binary_cross_entropy", 1, (T == 0)[:, np.newaxis].astype(np.float32)),
        ("mse", 1, X[:, :1].astype(np.float32)),
    ]:
        spec = Spec.of([6, 8, width], loss=loss, standardize_targets=False if loss == "mse" else None)
        parameters = initial_parameters(spec, 1)
        parameters["output"].W[...] = 0
        assert "serious" == only(diagnosed(spec, parameters, X, targets), "constant_output").severity


def test_a_class_that_is_never_predicted_is_a_warning() -> None:
    """A strong bias against the second class keeps it from being named."""
    X, T = table()
    spec, parameters = network(16)
    parameters["output"].b[1] = -50
    found = only(diagnosed(spec, parameters, X, T), "class_never_predicted")
    assert ((2,), int((T == 1).sum())) == (found.neurons, found.evidence["rows"])


def test_rare_classes_are_a_note() -> None:
    """The ratio is that of the rows."""
    X, T = table()
    kept = np.flatnonzero(T < 2)
    kept = np.concatenate([kept[T[kept] == 0], kept[T[kept] == 1][:4]])
    spec, parameters = network(16)
    found = only(diagnosed(spec, parameters, X[kept], T[kept]), "class_imbalance")
    assert ((T == 0).sum() / 4, "note") == (found.evidence["ratio"], found.severity)


def test_sparse_rows_and_the_readable_core_say_the_same() -> None:
    """What is found depends on the numbers alone, not on how they are held or who computes."""
    X, T = table()
    X[X < 0.5] = 0
    X = X.astype(np.float32)
    spec, parameters = network(16, 8)
    parameters["layer_1"].b[:12] = -30
    counts = (X != 0).sum(axis=1)
    sparse = SparseRows(X[X != 0], np.nonzero(X)[1], np.concatenate([[0], np.cumsum(counts)]), X.shape)
    expected = [(one.kind, one.severity, one.neurons) for one in diagnosed(spec, parameters, X, T)]
    assert ("dead_neurons", "warning") in {one[:2] for one in expected}
    for found in (
        diagnose_network(spec, parameters.vector, default_backend(), sparse, T),
        diagnosed(spec, parameters, X, T, ReadableCore()),
    ):
        assert expected == [(one.kind, one.severity, one.neurons) for one in found]


def test_of_many_rows_some_are_drawn_the_same_each_time() -> None:
    """About 2,000 rows are looked at, of alternating classes both, and twice the same ones."""
    X, T = table()
    X, T = np.tile(X, (30, 1)), np.tile([0, 1], ROWS * 15)
    spec, parameters = network(16)
    parameters["output"].b[0] = -50
    first, second = (diagnosed(spec, parameters, X, T) for _ in range(2))
    assert 1500 < first.n_rows <= 2000
    assert repr(first) == repr(second)
    assert 0.4 < only(first, "class_never_predicted").evidence["share"] < 0.6


def test_numbers_that_are_not_finite_raise_nothing() -> None:
    """A network that diverged can be looked at."""
    X, T = table()
    spec, parameters = network(16, 16)
    parameters.vector[:] = 3e38
    assert isinstance(repr(diagnosed(spec, parameters, X, T)), str)


def test_neighbours_are_the_nearest_without_the_row_itself() -> None:
    """Of more rows than are compared at once, those that brute force over all pairs gives."""
    S = np.random.default_rng(5).normal(size=(1500, 4)) * [1, 10, 100, 1]
    among = S[:200]
    reach = np.abs(among - among.mean(axis=0)).max(axis=0)
    for row, near in list(zip(S, nearest(S, among, 5), strict=True))[::50]:
        distances = np.linalg.norm((row - among) / reach, axis=1)
        expected = [place for place in np.argsort(distances) if distances[place] > 1e-9][:5]
        assert set(expected) == set(near)
