"""The facts of the 2019 column, to the digit."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from pellucid.from_scratch import (
    ScratchNetwork,
    calculate_weighted_sum,
    forward_propagate,
    initialize_neural_network,
    node_activation,
    sigmoid_activation,
)


def column_s_network() -> tuple[np.ndarray, ScratchNetwork]:
    """Draw the column's ten inputs and, after them, its network."""
    np.random.seed(2019)
    inputs = np.around(np.random.uniform(size=10), decimals=2)
    return inputs, initialize_neural_network(10, 5, [32, 32, 32, 32, 32], 2)


def nodes_of(network: ScratchNetwork) -> list[dict[str, np.ndarray]]:
    return [node for layer in network.values() for node in layer.values()]


def test_one_neuron() -> None:
    """Two inputs, two weights and a bias give 2.13, of which the sigmoid is 0.8937850083248244."""
    weighted_sum = calculate_weighted_sum(np.array([0.5, 4]), np.array([0.2, 0.5]), 0.03)
    assert weighted_sum == 2.13
    assert sigmoid_activation(weighted_sum) == 0.8937850083248244
    assert node_activation(weighted_sum) == 0.8937850083248244


def test_sigmoid_far_from_zero_and_near_it() -> None:
    """The sigmoid reaches 1 and 0 without an overflow warning, and about a half near zero."""
    with np.errstate(over="raise", invalid="raise", divide="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sigmoid_activation(1_000_000) == 1.0
        assert sigmoid_activation(-1_000_000) == 0.0
        assert f"{sigmoid_activation(0.000001):.2f}" == "0.50"


def test_sigmoid_of_an_array_is_that_of_its_numbers() -> None:
    """One call on an array gives the bits of one call for each number, in the array's shape."""
    z = np.linspace(-800, 800, 4001).reshape(-1, 1)
    expected = np.array([[sigmoid_activation(number)] for number in z[:, 0]])
    actual = sigmoid_activation(z)
    assert actual.shape == z.shape
    np.testing.assert_array_equal(actual, expected)


def test_column_s_network_has_its_layers_and_nodes() -> None:
    """Five hidden layers of 32 and an output of 2 are 162 neurons with 4,642 parameters."""
    _, network = column_s_network()
    assert list(network) == ["layer_1", "layer_2", "layer_3", "layer_4", "layer_5", "output"]
    assert list(network["layer_1"]) == [f"node_{number}" for number in range(1, 33)]
    assert list(network["output"]) == ["node_1", "node_2"]
    assert set(network["layer_1"]["node_1"]) == {"weights", "bias"}
    assert network["layer_1"]["node_1"]["weights"].shape == (10,)
    assert network["layer_2"]["node_32"]["weights"].shape == (32,)
    assert network["output"]["node_2"]["bias"].shape == (1,)
    assert {array.dtype for node in nodes_of(network) for array in node.values()} == {np.dtype(np.float64)}
    assert len(nodes_of(network)) == 162
    assert sum(node["weights"].size + node["bias"].size for node in nodes_of(network)) == 4_642


def test_mnist_network_has_26506_parameters() -> None:
    """The MNIST network has 26,432 weights and 74 biases."""
    network = initialize_neural_network(784, 2, [32, 32], 10)
    assert sum(node["weights"].size for node in nodes_of(network)) == 26_432
    assert sum(node["bias"].size for node in nodes_of(network)) == 74


def test_column_s_first_node() -> None:
    """After seed 2019 the first node's weighted sum rounds to 3.15 and its activation to 0.96."""
    inputs, network = column_s_network()
    node = network["layer_1"]["node_1"]
    weighted_sum = calculate_weighted_sum(inputs, node["weights"], node["bias"])
    assert np.around(weighted_sum[0], decimals=2) == 3.15
    assert round(float(weighted_sum[0]), 2) == 3.15
    assert np.around(node_activation(weighted_sum)[0], decimals=2) == 0.96


def test_weighted_sum_adds_the_products_first_and_the_bias_last() -> None:
    """The exact sum, 3.145, lies halfway between two decimals, so the bits are those of one expression."""
    inputs, network = column_s_network()
    weights, bias = network["layer_1"]["node_1"]["weights"], network["layer_1"]["node_1"]["bias"]
    expected = np.sum(inputs * weights) + bias
    np.testing.assert_array_equal(calculate_weighted_sum(inputs, weights, bias), expected)
    assert expected[0] == pytest.approx(3.145, abs=1e-15)
    np.testing.assert_array_equal(
        calculate_weighted_sum(np.stack([inputs, inputs]), weights, bias), np.repeat(expected, 2)
    )


def test_values_are_drawn_node_by_node_weights_before_bias() -> None:
    """The numbers come from NumPy's global generator in the column's order, in two decimals, from 0 to 1."""
    np.random.seed(7)
    network = initialize_neural_network(3, 2, [4, 2], 1)
    np.random.seed(7)
    for node in nodes_of(network):
        for part in ("weights", "bias"):
            expected = np.around(np.random.uniform(size=node[part].size), decimals=2)
            np.testing.assert_array_equal(node[part], expected)
            assert np.all((node[part] >= 0) & (node[part] <= 1))


def test_same_seed_same_network() -> None:
    """Two networks built after the same seed are the same, and one built after them is another."""
    first, second = column_s_network()[1], column_s_network()[1]
    assert repr(first) == repr(second)
    assert repr(first) != repr(initialize_neural_network(10, 5, [32] * 5, 2))


def test_repr_is_json() -> None:
    """What Python shows of a network is JSON with the network's own numbers."""
    _, network = column_s_network()
    shown = json.loads(repr(network))
    assert isinstance(network, dict)
    assert shown["layer_1"]["node_1"]["weights"] == network["layer_1"]["node_1"]["weights"].tolist()
    assert shown["output"]["node_2"]["bias"] == network["output"]["node_2"]["bias"].tolist()


def test_forward_propagation_by_hand() -> None:
    """Two inputs through a hidden layer of two and one output give what the formulas give on paper."""
    network = ScratchNetwork(
        layer_1={
            "node_1": {"weights": np.array([0.2, 0.5]), "bias": np.array([0.03])},
            "node_2": {"weights": np.array([-1.0, 0.25]), "bias": np.array([0.0])},
        },
        output={"node_1": {"weights": np.array([2.0, -3.0]), "bias": np.array([0.5])}},
    )
    a_1 = 1 / (1 + np.exp(-2.13))
    a_2 = 1 / (1 + np.exp(-0.5))
    expected = 1 / (1 + np.exp(-(2 * a_1 - 3 * a_2 + 0.5)))
    assert forward_propagate(network, [0.5, 4]) == pytest.approx([expected], rel=1e-15)


def test_forward_propagation_of_many_is_that_of_each() -> None:
    """A table of inputs gives, row by row and to the bit, what its rows give one at a time."""
    _, network = column_s_network()
    inputs = np.random.uniform(-1, 1, size=(17, 10))
    actual = forward_propagate(network, inputs)
    assert actual.shape == (17, 2)
    assert forward_propagate(network, inputs[0]).shape == (2,)
    np.testing.assert_array_equal(actual, [forward_propagate(network, row) for row in inputs])
    np.testing.assert_array_equal(forward_propagate(network, np.asfortranarray(inputs)), actual)


def test_without_hidden_layers() -> None:
    """No hidden layer leaves the output alone, fed by the inputs."""
    network = initialize_neural_network(3, 0, [], 2)
    assert list(network) == ["output"]
    assert network["output"]["node_2"]["weights"].shape == (3,)
