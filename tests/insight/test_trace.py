"""Traces: the column's neuron, shapes, names, and what a trace says where it cannot answer."""

from __future__ import annotations

import re

import numpy as np
import pytest

from insight.arithmetic_of_text import multiplies_out
from insight.random_runs import drawn
from pellucid import Dropout, Network
from pellucid.core import ACTIVATIONS
from pellucid.errors import PellucidError
from pellucid.from_scratch import calculate_weighted_sum, initialize_neural_network


def column() -> tuple[Network, np.ndarray, dict]:
    np.random.seed(2019)
    x = np.around(np.random.uniform(size=10), decimals=2)
    dictionaries = initialize_neural_network(10, 5, [32] * 5, 2)
    return Network.from_scratch(dictionaries), x, dictionaries


def test_the_columns_neuron() -> None:
    """Its formula is the one that the column's numbers give, in text, LaTeX and MathML."""
    net, x, dictionaries = column()
    neuron = net.trace(x)["layer_1"]["node_1"]
    assert "z = 0.90·0.45 + 0.39·0.27 + … + 0.51 = 3.145;  a = sigmoid(3.145) = 0.9587" == neuron.brief()
    assert (
        "z = 0.90·0.45 + 0.39·0.27 + 0.62·0.16 + 0.64·0.89 + 0.88·0.15 + 0.30·0.98 + 0.70·0.03 + 0.90·0.52 + "
        "0.88·0.20 + 0.41·0.89 + 0.51 = 3.145\na = sigmoid(3.145) = 0.9587" == neuron.formula().text()
    )
    assert (
        "z = 0.64·0.89 + 0.90·0.52 + 0.90·0.45 + 1.1924 (7 more) + 0.51 = 3.145"
        == neuron.formula(terms=3).text().splitlines()[0]
    )
    assert neuron.formula(3).latex().startswith("\\begin{aligned}\nz &= 0.64 \\cdot 0.89 + 0.90 \\cdot 0.52")
    assert "a &= \\operatorname{sigmoid}(3.145) = 0.9587" in neuron.latex()
    mathml = neuron.mathml()
    assert 2 == mathml.count("<math ") == mathml.count("</math>")
    assert ["0.90", "0.45", "0.39", "0.27"] == re.findall(r"<mn>([^<]*)</mn>", mathml)[:4]
    node = dictionaries["layer_1"]["node_1"]
    expected = calculate_weighted_sum(x, node["weights"], node["bias"])
    np.testing.assert_allclose(neuron.z, expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("width", [3, 60])
def test_formulas_multiply_out(activation: str, dtype: str, width: int) -> None:
    """For every neuron of a network, as printed."""
    net = Network([width, 20, 7, 3], activation=activation, dtype=dtype, seed=3)
    x = np.random.default_rng(5).normal(size=width) * [0.1, 1, 10][width % 3]
    trace = net.trace(x)
    for layer in trace:
        for node in trace[layer]:
            for line in trace[layer][node].formula(5).text().splitlines():
                assert multiplies_out(line), line


def test_shapes_of_one_row_and_of_a_batch() -> None:
    """One row has no axis of rows; a batch has, but for the gradients, which are of its loss."""
    case = drawn(0)
    net, X, y = Network([4, 5, 3], seed=1), np.ones((6, 4)), np.arange(6) % 3
    one, batch = net.trace(X[0], y[0]), net.trace(X, y)
    assert ((4,), (5,), (5, 4)) == (one["layer_1"].inputs.shape, one["layer_1"].z.shape, one["layer_1"].dW.shape)
    assert ((6, 4), (6, 5), (5, 4)) == (
        batch["layer_1"].inputs.shape,
        batch["layer_1"].delta.shape,
        batch["layer_1"].dW.shape,
    )
    np.testing.assert_array_equal(one["output"].a, batch.sample(0)["output"].a)
    np.testing.assert_array_equal(batch.sample(2)["layer_1"].dW, net.trace(X[2], y[2])["layer_1"].dW)
    assert case.network.trace(case.X).rows == len(case.X)


def test_a_trace_shows_what_the_network_says() -> None:
    """Its output is what prediction computes, its loss and gradient those of loss_and_gradient; bit by bit."""
    for seed in range(40):
        case = drawn(seed)
        net = case.run(1).network
        trace = net.trace(case.X, case.y)
        loss, gradient = net.loss_and_gradient(case.X, case.y)
        np.testing.assert_array_equal(gradient, trace.gradient)
        assert loss == pytest.approx(trace.loss, rel=1e-6)
        shown = trace.shown
        if net.spec.loss.name == "binary_cross_entropy":
            np.testing.assert_allclose(net.predict_proba(case.X), shown, rtol=1e-5)
        elif net.spec.loss.name in {"mse", "mae", "huber"}:
            np.testing.assert_allclose(net.predict(case.X), shown, rtol=1e-5)


def test_a_trace_keeps_its_numbers() -> None:
    """What is done to the network afterwards does not change it."""
    net, x, _ = column()
    trace = net.trace(x)
    before = trace["layer_1"]["node_1"].weights.copy()
    net.parameters[:] = 0
    np.testing.assert_array_equal(before, trace["layer_1"]["node_1"].weights)
    assert 3.145 == pytest.approx(float(trace["layer_1"]["node_1"].z))


def test_dropout_in_the_trace_of_a_step() -> None:
    """Units that the step dropped come in as 0, the others scaled by 1 / (1 − rate); rows of one's own see none."""
    X, y = np.random.default_rng(1).normal(size=(40, 4)) + 3, np.arange(40) % 2
    run = Network([4, 30, Dropout(0.5), 2], activation="softplus").fit(X, y, epochs=1, batch_size=20)
    trace = run.at(1).trace()
    a, x = trace["layer_1"].a, trace["output"].inputs
    dropped = x == 0
    assert 0.3 < dropped.mean() < 0.7
    np.testing.assert_array_equal(x[~dropped], 2 * a[~dropped])
    own = run.at(1).trace(X, y)
    np.testing.assert_array_equal(own["output"].inputs, own["layer_1"].a)


def test_inputs_are_called_by_their_names() -> None:
    """Features in the first layer, neurons of the layer before in the others."""
    net = Network([2, 3, 2], features=["width", "height"])
    trace = net.trace([1.0, 2.0], 0)
    assert ["width", "height"] == trace["layer_1"].input_names
    assert "layer_1/node_3" == trace["output"].input_names[2]
    by_name, by_place = trace.receipt("layer_1", 2, "height"), trace.receipt("layer_1", "node_2", 1)
    assert by_name.text() == by_place.text()


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (lambda t: t["layer_9"], "layer_9"),
        (lambda t: t["output"]["node_9"], "no node 'node_9'"),
        (lambda t: t["output"]["node_1"].formula(), "is of one row; the trace has 6"),
        (lambda t: t.why(), "is of one row; the trace has 6"),
        (lambda t: t.counterfactual(), "is of one row"),
        (lambda t: t.sample(6), "row 6"),
        (lambda t: t.sample(0).why("red"), "red"),
        (lambda t: t.sample(0).why("1", rather_than="1"), "rather than itself"),
    ],
)
def test_what_a_trace_cannot_answer(ask, why: str) -> None:
    """It says so, and what can be asked."""
    net = Network([4, 5, 3], seed=1)
    with pytest.raises(PellucidError, match=why):
        ask(net.trace(np.ones((6, 4)), np.arange(6) % 3))


def test_without_a_target_there_is_no_way_back() -> None:
    """δ and gradients are asked for with a target."""
    trace = Network([4, 5, 3]).trace(np.ones(4))
    for ask in (lambda: trace["output"].delta, lambda: trace["output"].dW, lambda: trace.loss, lambda: trace.gradient):
        with pytest.raises(PellucidError, match=r"Give trace\(x, y\)"):
            ask()
    with pytest.raises(PellucidError, match="x has 5 columns"):
        Network([4, 5, 3]).trace(np.ones(5))
