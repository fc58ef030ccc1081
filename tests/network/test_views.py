"""Layers and nodes are windows onto the parameters: what is written into them is the network's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid import Network
from pellucid.errors import SettingError, ShapeError, UnknownNameError


@pytest.fixture
def net() -> Network:
    return Network([2, 3, 2], seed=0)


def test_a_node_as_in_the_column(net: Network) -> None:
    """``net["layer_1"]["node_1"]["weights"]`` and attributes are the same views, of the column's shapes."""
    node = net["layer_1"]["node_1"]
    assert ((2,), (1,)) == (node.weights.shape, node.bias.shape)
    assert node["weights"] is node.weights
    assert node["bias"] is node.bias
    node["weights"] = [0.2, 0.5]
    node.bias = 0.03
    node.weights[1] += 1.0
    np.testing.assert_array_equal(np.float32([0.2, 1.5]), net["layer_1"].weights[0])
    assert np.float32(0.03) == net["layer_1"].biases[0]
    assert np.float32(0.2) == net.parameters[0]


def test_writing_reaches_the_vector(net: Network) -> None:
    """Layer by layer, W stored input-major, then b: each number has its place in the vector."""
    net.parameters[:] = np.arange(17)
    np.testing.assert_array_equal([[0, 3], [1, 4], [2, 5]], net["layer_1"].weights)
    np.testing.assert_array_equal([6, 7, 8], net["layer_1"].biases)
    np.testing.assert_array_equal([10, 12, 14], net["output"]["node_2"].weights)
    net["output"].weights = np.full((2, 3), 7.0)
    net["output"].biases = 9
    net["layer_1"]["node_3"].weights *= 2
    np.testing.assert_array_equal([0, 1, 4, 3, 4, 10, 6, 7, 8, *[7] * 6, 9, 9], net.parameters)


def test_what_views_say(net: Network) -> None:
    """Layers list their nodes; both show themselves in a line."""
    layer = net["layer_1"]
    layer.weights, layer.biases = [[0.5, -1], [0, 0], [0, 0]], 0.25
    assert ["node_1", "node_2", "node_3"] == list(layer)
    assert 3 == len(layer)
    assert "layer_1: 3 neurons of 2 inputs, relu" == repr(layer)
    assert "layer_1/node_1: 2 weights, -1 … 0.5, bias 0.25, relu" == repr(layer["node_1"])
    assert ("layer_1/node_2", 2, "relu") == (layer["node_2"].name, layer["node_2"].number, layer["node_2"].activation)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1, 2, 3], ShapeError, "weights of layer_1/node_1 must have the shape (2,); (3,) was given. "),
        ([[1, 2]], ShapeError, "weights of layer_1/node_1 must have the shape (2,); (1, 2) was given. "),
        ([1, np.nan], SettingError, "weights of layer_1/node_1 must be finite in float32; NaN or infinity was given."),
        (1e300, SettingError, "weights of layer_1/node_1 must be finite in float32; NaN or infinity was given."),
        ("ab", SettingError, "weights of layer_1/node_1 must be real numbers; 'ab' was given. Give (2,) of them."),
        ([1, None], SettingError, "weights of layer_1/node_1 must be "),
        ([1j, 2], SettingError, "weights of layer_1/node_1 must be real numbers; [1j, 2] was given."),
        ([[1], [1, 2]], SettingError, "weights of layer_1/node_1 must be real numbers; "),
    ],
)
def test_values_that_are_refused(net: Network, value: Any, error: type[Exception], message: str) -> None:
    """What does not fit, or is not finite, is refused, and no number has changed."""
    before = net.fingerprint
    with pytest.raises(error) as raised:
        net["layer_1"]["node_1"].weights = value
    assert message == str(raised.value)[: len(message)]
    assert before == net.fingerprint


def test_names_that_are_refused(net: Network) -> None:
    """A layer, node or part that is not there is refused with those that are."""
    wide = Network([2, 100, 2])
    cases = [
        (lambda: net["layer_2"], "Unknown layer 'layer_2'. Accepted: layer_1, output. Did you mean 'layer_1'?"),
        (lambda: net[0], "Unknown layer 0. Accepted: layer_1, output."),  # type: ignore[index]
        (lambda: net["output"]["node_3"], "output has no node 'node_3'; it has node_1 … node_2."),
        (lambda: wide["layer_1"]["node_0"], "layer_1 has no node 'node_0'; it has node_1 … node_100."),
        (
            lambda: net["output"]["node_1"]["weight"],
            "Unknown part of output/node_1 'weight'. Accepted: weights, bias. Did you mean 'weights'?",
        ),
    ]
    for refused, message in cases:
        with pytest.raises(UnknownNameError) as error:
            refused()
        assert message == str(error.value)[: len(message)]
