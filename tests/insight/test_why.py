"""Why: contributions add up to the difference of two outputs, and are those that the rule's source states."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from pellucid.core import ACTIVATIONS, Activation, Dense, Dropout, Parameters, Spec, initial_parameters
from pellucid.engine import Backend, NativeEngine, ReadableCore, instruction_sets
from pellucid.errors import DataError, KindError, SettingError, ShapeError, UnknownNameError
from pellucid.insight._why import View, Why, why

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()[:1]},
}
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
N_IN = 5
X = np.array([0.7, -1.2, 0.1, 2.3, -0.4])


def network(widths: list[int | Dense | Dropout], seed: int = 3, **settings: Any) -> tuple[Spec, Parameters]:
    """Return a network whose biases are not 0."""
    spec = Spec.of(widths, **{"dtype": "float64", **settings})
    parameters = initial_parameters(spec, seed)
    random = np.random.default_rng(seed)
    for layer in parameters.layers():
        layer.b[...] = random.normal(scale=0.5, size=layer.b.shape)
    return spec, parameters


def numbers(view: View) -> list[float]:
    """Return every bar of a view but the rounding."""
    parts = (view.bars, view.baseline, *view.biases.values(), *view.at_zero.values())
    return [number for part in parts for number in part.tolist()]


def check_sums(found: Why, most: float) -> None:
    """Each view adds up to the difference, its rounding at most a share of the sizes added up."""
    assert found.output - found.other == found.difference
    for view in found.views.values():
        bars = numbers(view)
        assert math.fsum([*bars, view.rounding]) == pytest.approx(found.difference, rel=1e-15, abs=1e-30)
        assert abs(view.rounding) <= most * math.fsum(map(abs, bars))


@every_backend
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5, 6])
def test_every_view_adds_up(backend: Backend, activation: str, depth: int) -> None:
    """For all activations and depths, scaled inputs, dropout layers, two outputs or one, and any baseline."""
    hidden: list[int | Dropout] = [Dropout(0.2), *(width for width in range(8, 8 + depth - 1)), Dropout(0.5)]
    shift = [0.3, -0.2, 0.0, 1.0, 5.0]
    spec, parameters = network([N_IN, *hidden, 3], activation=activation, input_scale=0.7, input_shift=shift)
    for (this, rather), baseline in product([(0, 1), (2, 0), (1, None)], [None, X[::-1], X, 1e-9 + X]):
        found = why(spec, parameters, backend, X, this, rather, baseline=baseline)
        assert ["input", *spec.names[:-1]] == list(found.views)
        check_sums(found, 1e-9)
        outputs = backend.forward(spec, parameters.vector, X[np.newaxis])[0]
        assert outputs[this] - (0 if rather is None else outputs[rather]) == found.difference


@every_backend
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_single_precision_rounds_more(backend: Backend, activation: str) -> None:
    """With float32 the numbers explained are the engine's, and the rounding is of that type's size."""
    spec, parameters = network([N_IN, 30, 30, 4], activation=activation, dtype="float32")
    found = why(spec, parameters, backend, X.astype(np.float32), 0, 1)
    check_sums(found, 1e-5)
    outputs = backend.forward(spec, parameters.vector, X[np.newaxis].astype(np.float32))[0].astype(np.float64)
    assert outputs[0] - outputs[1] == found.difference


@every_backend
@pytest.mark.parametrize("output", ["sigmoid", "tanh", "softplus", "relu"])
def test_outputs_with_an_activation(backend: Backend, output: str) -> None:
    """For values, the output's activation is explained, whatever its function."""
    spec, parameters = network([N_IN, 7, 6, Dense(2, output)], loss="mse", activation="tanh")
    for this, rather in [(0, None), (1, 0)]:
        check_sums(why(spec, parameters, backend, X, this, rather, baseline=X / 2), 1e-9)


@every_backend
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_layer_before_the_output(backend: Backend, activation: str) -> None:
    """Its bars are (w_this − w_rather)·a, and the bias bar is b_this − b_rather, whatever the baseline."""
    spec, parameters = network([N_IN, 7, 6, 4], activation=activation)
    view = why(spec, parameters, backend, X, 2, 3, baseline=X[::-1])["layer_2"]
    W, b = parameters["output"]
    a = backend.trace(spec, parameters.vector, X[np.newaxis]).layers["layer_2"].A[0]
    expected = [(W[2, j] - W[3, j]) * a[j] for j in range(6)]
    np.testing.assert_allclose(view.bars, expected, rtol=1e-14)
    np.testing.assert_array_equal(np.array([0, 0, b[2], -b[3]]), view.biases["output"])
    assert not view.baseline.any()
    assert not view.at_zero


@every_backend
def test_linear_networks(backend: Backend) -> None:
    """Where all is linear, an input's bar is its Shapley value: the mean over all orders of what adding it changes."""
    spec, parameters = network([4, 3, 3, 2], activation="identity", input_scale=2.0, input_shift=0.5)
    x, baseline = np.array([1.0, -2.0, 0.3, 4.0]), np.array([0.5, 1.0, -1.0, 2.0])
    found = why(spec, parameters, backend, x, 0, 1, baseline=baseline)

    def value(players: tuple[int, ...]) -> float:
        row = baseline.copy()
        row[list(players)] = x[list(players)]
        output = backend.forward(spec, parameters.vector, row[np.newaxis])[0]
        return float(output[0] - output[1])

    for i in range(4):
        others = [j for j in range(4) if j != i]
        expected = 0.0
        for chosen in product([False, True], repeat=3):
            players = tuple(j for j, here in zip(others, chosen, strict=True) if here)
            share = math.factorial(len(players)) * math.factorial(3 - len(players)) / math.factorial(4)
            expected += share * (value((*players, i)) - value(players))
        assert expected == pytest.approx(found["input"].bars[i], rel=1e-12)
    assert value(()) == found.baseline_difference


@every_backend
def test_one_hidden_layer_of_relu(backend: Backend) -> None:
    """Inputs' bars and biases are those that loops by hand over the rule give."""
    spec, parameters = network([N_IN, 6, 3])
    baseline = np.array([0.2, 0.4, -1.0, -1.0, 0.5])
    view = why(spec, parameters, backend, X, 0, 2, baseline=baseline)["input"]
    (W, b), (V, c) = parameters["layer_1"], parameters["output"]
    bars, own, biases = [0.0] * N_IN, [0.0] * N_IN, [0.0] * 6
    for j in range(6):
        z = sum(W[j, i] * X[i] for i in range(N_IN)) + b[j]
        z0 = sum(W[j, i] * baseline[i] for i in range(N_IN)) + b[j]
        m = (V[0, j] - V[2, j]) * (max(z, 0) - max(z0, 0)) / (z - z0)
        m0 = (V[0, j] - V[2, j]) * max(z0, 0) / z0
        biases[j] = m0 * b[j]
        for i in range(N_IN):
            bars[i] += m * W[j, i] * (X[i] - baseline[i])
            own[i] += m0 * W[j, i] * baseline[i]
    for expected, actual in [(bars, view.bars), (own, view.baseline), (biases, view.biases["layer_1"])]:
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(np.array([c[0], 0, -c[2]]), view.biases["output"])


@every_backend
def test_a_hidden_layer_beside_a_baseline(backend: Backend) -> None:
    """A deeper layer's bars are m·(a − a⁰), m worked out by hand; f(0) of the sigmoid stands apart."""
    spec, parameters = network([N_IN, 4, 3, 2], activation="sigmoid")
    view = why(spec, parameters, backend, X, 0)["layer_1"]

    def passed(x: Any) -> tuple[Any, Any, Any]:
        a = 1 / (1 + np.exp(-(parameters["layer_1"].W @ x + parameters["layer_1"].b)))
        z = parameters["layer_2"].W @ a + parameters["layer_2"].b
        return a, z, 1 / (1 + np.exp(-z))

    (a, z, top), (a0, z0, top0), v = passed(X), passed(0 * X), parameters["output"].W[0]
    bars = (v * (top - top0) / (z - z0)) @ parameters["layer_2"].W * (a - a0)
    np.testing.assert_allclose(view.bars, bars, rtol=1e-10)
    np.testing.assert_allclose(view.at_zero["layer_2"], 0.5 * v, rtol=1e-15)
    np.testing.assert_allclose(view.biases["layer_2"], v * (top0 - 0.5) / z0 * parameters["layer_2"].b, rtol=1e-10)
    np.testing.assert_allclose(view.baseline, (v * (top0 - 0.5) / z0) @ parameters["layer_2"].W * a0, rtol=1e-10)


@every_backend
def test_the_usual_baseline_is_zero_after_scaling(backend: Backend) -> None:
    """It is the row that the shift is, whose own bars are 0; giving it by hand changes nothing but the name."""
    shift = [0.1, 0.2, 1 / 3, -7.7, 1e5]
    spec, parameters = network([N_IN, 4, 3, 2], activation="softplus", input_shift=shift, input_scale=0.01)
    usual = why(spec, parameters, backend, X, 0, 1)
    given = why(spec, parameters, backend, X, 0, 1, baseline=np.array(shift), baseline_name="mine")
    assert not usual["input"].baseline.any()
    np.testing.assert_array_equal(given["input"].bars, usual["input"].bars)
    assert ("zero", "mine") == (usual.baseline_name, given.baseline_name)


@every_backend
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_equal_to_the_baseline(backend: Backend, activation: str) -> None:
    """Beside itself no input contributes, and where z − z⁰ is but rounding the multiplier is the derivative."""
    spec, parameters = network([N_IN, 7, 6, 4], activation=activation)
    assert not why(spec, parameters, backend, X, 0, 1, baseline=X)["input"].bars.any()
    near = why(spec, parameters, backend, X, 0, 1, baseline=X + 4e-16)["input"]
    step = np.zeros(N_IN)
    for i in range(N_IN):
        step[i] = 1e-6
        ahead, behind = (backend.forward(spec, parameters.vector, (X + s * step)[np.newaxis])[0] for s in (1, -1))
        slope = ((ahead[0] - ahead[1]) - (behind[0] - behind[1])) / 2e-6
        moved = X[i] - (X[i] + 4e-16)
        assert near.bars[i] == pytest.approx(slope * moved, rel=0.2, abs=1e-18)
        step[i] = 0.0


def test_activations_of_ones_own() -> None:
    """One whose activation of 0 is not 0 adds up like the others."""
    raised = Activation("raised", lambda Z: np.cos(Z) + 2, lambda Z, A: -np.sin(Z))
    spec, parameters = network([N_IN, Dense(6, raised), Dense(5, raised), 3])
    found = why(spec, parameters, ReadableCore(), X, 0, 1, baseline=X / 3)
    check_sums(found, 1e-9)
    assert ["layer_1", "layer_2"] == list(found["input"].at_zero)


def test_largest_first() -> None:
    """`largest` sorts by size; of equal ones, the first comes first."""
    view = View("layer_1", ("a", "b", "c", "d"), np.array([1.0, -3.0, 2.0, -2.0]), np.zeros(4), {}, {}, 0.0, -2.0)
    assert [("b", -3.0), ("c", 2.0), ("d", -2.0)] == [(bar.name, bar.contribution) for bar in view.largest(3)]
    assert 4 == len(view.largest(99))
    assert [("b", -3.0), ("3 others", 1.0), ("rounding", 0.0), ("sum", -2.0)] == list(view.rows(1))


def test_names_and_the_list_shown() -> None:
    """Outputs, features and neurons have the network's names; the list adds up in the order shown."""
    spec = Spec.of([2, 2, 2], classes=["cat", "dog"], features=["ear", "tail"], dtype="float64")
    parameters = Parameters(spec)
    parameters["layer_1"].W[...], parameters["layer_1"].b[...] = [[1, -1], [1, 1]], [0, -1]
    parameters["output"].W[...], parameters["output"].b[...] = [[2, 0], [0, 1]], [0.5, 0]
    found = why(spec, parameters, ReadableCore(), [3.0, 1.0], 0, 1)
    expected = """\
why cat, rather than dog: 4.5 − 3 = 1.5
layer_1
  node_1                   +4
  node_2                   −3
  biases of output         +0.5
  rounding                 +0
  sum                      +1.5
input
  ear                      +3.75
  tail                     −2.75
  biases of layer_1        +0
  biases of output         +0.5
  rounding                 +0
  sum                      +1.5
  (the same difference for the baseline 'zero': +0.5)"""
    assert expected == repr(found)
    yes_no = Spec.of([2, 1], loss="binary_cross_entropy", classes=["ham", "spam"])
    assert ("spam", None) == why(yes_no, initial_parameters(yes_no, 0), ReadableCore(), [1.0, 2.0], 0).names


def test_what_cannot_be_asked_is_refused() -> None:
    """Places that there are not, equal ones, rows of another shape, outputs that are not finite."""
    spec, parameters = network([N_IN, 4, 3])
    core = ReadableCore()
    with pytest.raises(SettingError, match=r"must lie in 0 … 2; 3 was given"):
        why(spec, parameters, core, X, 3)
    with pytest.raises(KindError, match="must be a whole number"):
        why(spec, parameters, core, X, "7")  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=r"^Both outputs are 1, whose difference is 0\."):
        why(spec, parameters, core, X, 1, 1)
    with pytest.raises(ShapeError, match=r"^x has shape \(1, 5\); one row, shape \(5,\), is accepted\."):
        why(spec, parameters, core, X[np.newaxis], 1)
    with pytest.raises(ShapeError, match=r"^x has shape \(1, 2\); one row"):
        why(spec, parameters, core, [[1.0, 2.0]], 1)
    with pytest.raises(ShapeError, match="rows of different lengths"):
        why(spec, parameters, core, [[1.0], [2.0, 3.0]], 1)
    with pytest.raises(KindError, match="x holds texts"):
        why(spec, parameters, core, ["1"] * 5, 1)
    with pytest.raises(ShapeError, match="The baseline has 4 columns, but the network has 5 inputs"):
        why(spec, parameters, core, X, 1, baseline=X[:4])
    with pytest.raises(UnknownNameError, match="Unknown view 'layer_2'"):
        why(spec, parameters, core, X, 1)["layer_2"]
    parameters["layer_1"].b[0] = -np.inf  # which relu makes 0: the outputs are finite
    with pytest.raises(DataError, match="Not all numbers on the way of x through the network are finite"):
        why(spec, parameters, core, X, 1)
