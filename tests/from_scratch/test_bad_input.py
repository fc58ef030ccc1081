"""What cannot be used is refused, saying what was wrong, given and accepted; and nothing has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pellucid.from_scratch import (
    ScratchNetwork,
    backward_propagate,
    calculate_weighted_sum,
    center_weights,
    forward_propagate,
    initialize_neural_network,
    mean_squared_error,
    mean_squared_error_slope,
    train,
)


@pytest.fixture
def network() -> ScratchNetwork:
    np.random.seed(1)
    return initialize_neural_network(3, 1, [4], 2)


@pytest.mark.parametrize(
    ("inputs", "weights", "bias"),
    [
        ([1, 2, 3], [1, 2], 0),
        ([1, 2], [1], 0),
        ([1], [1, 2], 0),
        ([1, 2], [[1, 2]], 0),
        ([[[1, 2]]], [1, 2], 0),
        ([1, 2], [1, 2], [0, 0]),
        ([1, 2], [1, 2], [[0]]),
        (1, 2, 0),
    ],
)
def test_shapes_of_a_neuron(inputs: Any, weights: Any, bias: Any) -> None:
    """Inputs and weights that are not equally many are not stretched to fit each other."""
    with pytest.raises(ValueError, match=r"one weight for each of its inputs, and one bias\. Given: inputs"):
        calculate_weighted_sum(inputs, weights, bias)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 2, [4], 2), r"each of the 2 hidden layers has\. Given: \[4\]"),
        ((3, 1, 4, 2), r"Given: 4\. Accepted: a list"),
        ((3, 0, [4], 2), r"each of the 0 hidden layers"),
        ((0, 1, [4], 2), r"a whole number from 1 up\. Given: 0"),
        ((3, 1, [0], 2), r"a whole number from 1 up\. Given: 0"),
        ((3, 1, [4], -2), r"a whole number from 1 up\. Given: -2"),
        ((3.0, 1, [4], 2), r"a whole number from 1 up\. Given: 3\.0"),
        ((3, 1, [4.5], 2), r"a whole number from 1 up\. Given: 4\.5"),
        ((3, 1, [4], True), r"a whole number from 1 up\. Given: True"),
        ((3, 1, [4], "2"), r"a whole number from 1 up\. Given: '2'"),
    ],
)
def test_shape_of_a_network(arguments: Any, message: str) -> None:
    """A network that cannot be built is refused before NumPy's generator is touched."""
    np.random.seed(5)
    expected = np.random.uniform()
    np.random.seed(5)
    with pytest.raises(ValueError, match=message):
        initialize_neural_network(*arguments)
    assert np.random.uniform() == expected


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ([1, 2], ValueError, r"Given: \(2,\)\. Accepted: \(3,\) for one sample, \(rows, 3\) for several"),
        ([[1, 2, 3, 4]], ValueError, r"Given: \(1, 4\)"),
        (np.ones((2, 2, 3)), ValueError, r"Given: \(2, 2, 3\)"),
        (np.ones((0, 3)), ValueError, r"Given: \(0, 3\)"),
        (5, ValueError, r"Given: \(\)"),
        ([1, 2, np.nan], ValueError, r"Inputs must be finite"),
        ([1, 2, np.inf], ValueError, r"Inputs must be finite"),
        (["1", "2", "3"], TypeError, r"Inputs must be numbers\. Given: <U1"),
        ([1, 2, 3j], TypeError, r"Inputs must be numbers\. Given: complex128"),
        (None, TypeError, r"Inputs must be numbers\. Given: object"),
        ([[1, 2, 3], [1, 2]], ValueError, r"Inputs must be rows of equal length"),
    ],
)
def test_inputs(network: ScratchNetwork, inputs: Any, error: type[Exception], message: str) -> None:
    """Inputs must be as many finite numbers as the network takes in, forwards, backwards and in training."""
    before = repr(network)
    with pytest.raises(error, match=message):
        forward_propagate(network, inputs)
    with pytest.raises(error, match=message):
        backward_propagate(network, inputs, [0, 1])
    with pytest.raises(error, match=message):
        train(network, inputs, [0, 1])
    assert repr(network) == before


@pytest.mark.parametrize(
    ("targets", "error", "message"),
    [
        ([[0, 1]], ValueError, r"Accepted: \(2, 2\) from 0 to 1"),
        ([0], ValueError, r"Given: \(1,\), \[0\.\]"),
        ([0, 2], ValueError, r"or \(2,\) whole numbers from 0 to 1\."),
        ([0, 0.5], ValueError, r"whole numbers"),
        ([[0, 1], [1, 1.5]], ValueError, r"all that a sigmoid can give"),
        ([[0, 1], [1, -0.5]], ValueError, r"all that a sigmoid can give"),
        ([[0, 1], [1, np.nan]], ValueError, r"Targets must be finite"),
        (["one", "two"], TypeError, r"Targets must be numbers\. Given: <U3"),
        ([], ValueError, r"Given: \(0,\)"),
        (1, ValueError, r"Given: \(\)"),
    ],
)
def test_targets(network: ScratchNetwork, targets: Any, error: type[Exception], message: str) -> None:
    """Targets must be one row for each row of inputs, within the sigmoid's reach."""
    before = repr(network)
    inputs = [[1, 2, 3], [4, 5, 6]]
    with pytest.raises(error, match=message):
        backward_propagate(network, inputs, targets)
    with pytest.raises(error, match=message):
        train(network, inputs, targets)
    assert repr(network) == before


@pytest.mark.parametrize("name", ["epochs", "batch_size", "seed", "learning_rate"])
@pytest.mark.parametrize("value", [-1, 1.5, None, "fast", True, np.nan, np.inf])
def test_settings(network: ScratchNetwork, name: str, value: Any) -> None:
    """A setting outside its range is refused before the first step, and named with what was given."""
    if name == "learning_rate" and value in (1.5, True):
        return
    before = repr(network)
    with pytest.raises(ValueError, match=rf"^{name} must be a (whole )?number .+ Given: {value!r}\. Try"):
        train(network, [[1, 2, 3]], [[0, 1]], **{name: value})
    assert repr(network) == before


def test_nothing_to_do(network: ScratchNetwork) -> None:
    """No epoch, an empty batch and no rate are refused too; the seed may be 0."""
    for name in ("epochs", "batch_size", "learning_rate"):
        with pytest.raises(ValueError, match=f"^{name} must be"):
            train(network, [[1, 2, 3]], [[0, 1]], **{name: 0})
    train(network, [[1, 2, 3]], [[0, 1]], seed=0)


@pytest.mark.parametrize("loss", [mean_squared_error, mean_squared_error_slope])
def test_activations_and_targets_that_differ_in_shape(loss: Callable[..., Any]) -> None:
    """A column and a row are not stretched to a square, and a vector is not guessed to be either."""
    for activations, targets in [((3, 1), (3,)), ((3, 1), (1, 3)), ((3,), (3,)), ((2, 2), (3, 2))]:
        with pytest.raises(ValueError, match=r"must both be \(rows, n_out\)\. Given: \("):
            loss(np.zeros(activations), np.zeros(targets))


def test_networks(network: ScratchNetwork) -> None:
    """What is no network is refused by all who take one, saying which node is at fault."""
    for broken in (None, [], "network", 5):
        with pytest.raises(TypeError, match=r"A network is a dictionary of layers\. Given: "):
            forward_propagate(broken, [1, 2, 3])
    network["output"]["node_2"]["weights"] = network["output"]["node_2"]["weights"][:3]
    for use in (
        lambda: forward_propagate(network, [1, 2, 3]),
        lambda: backward_propagate(network, [1, 2, 3], [0, 1]),
        lambda: train(network, [[1, 2, 3]], [[0, 1]]),
        lambda: center_weights(network),
    ):
        with pytest.raises(ValueError, match=r"'weights' of 4 numbers and 'bias' of 1\. Given: output / node_2"):
            use()


def test_layers_in_another_order(network: ScratchNetwork) -> None:
    """Layers are visited in the dictionary's order, so another order is refused."""
    turned = ScratchNetwork(output=network["output"], layer_1=network["layer_1"])
    with pytest.raises(ValueError, match=r"must be named \['layer_1', 'output'\]\. Given: \['output', 'layer_1'\]"):
        forward_propagate(turned, [1, 2, 3])


def test_weights_that_are_not_float64(network: ScratchNetwork) -> None:
    """Whole-number weights would be cut off at every step, and lists cannot be stepped: both are refused."""
    for weights in ([0.1, 0.2, 0.3], np.array([1, 2, 3]), np.ones(3, dtype=np.float32)):
        network["layer_1"]["node_1"]["weights"] = weights
        with pytest.raises(ValueError, match=r"two float64 arrays 'weights' of .+ layer_1 / node_1"):
            train(network, [[1, 2, 3]], [[0, 1]])
