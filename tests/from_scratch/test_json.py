"""A network as text: every bit comes back."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

from pellucid.from_scratch import (
    ScratchNetwork,
    forward_propagate,
    from_json,
    initialize_neural_network,
    to_json,
    train,
)

AWKWARD = [0.1, 1 / 3, -0.0, 5e-324, -1.7976931348623157e308, 2.2250738585072014e-308, 3.0, 1e22]


def bits_of(network: ScratchNetwork) -> list[tuple[str, str, str, bytes]]:
    return [
        (layer_name, node_name, part, array.tobytes())
        for layer_name, layer in network.items()
        for node_name, node in layer.items()
        for part, array in node.items()
    ]


def test_trained_network_comes_back_to_the_bit() -> None:
    """A trained network and the one read from its JSON have the same bits, names and order."""
    np.random.seed(0)
    network = initialize_neural_network(2, 2, [12, 3], 1)
    train(network, [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0], epochs=3)
    returned = from_json(to_json(network))
    assert type(returned) is ScratchNetwork
    assert bits_of(returned) == bits_of(network)
    assert forward_propagate(returned, [0, 1]) == forward_propagate(network, [0, 1])


def test_awkward_numbers_come_back_to_the_bit() -> None:
    """So do minus zero, the smallest and the largest float64, and numbers that look whole."""
    network = ScratchNetwork(output={"node_1": {"weights": np.array(AWKWARD), "bias": np.array([-0.0])}})
    assert bits_of(from_json(to_json(network))) == bits_of(network)


def test_json_is_what_python_shows() -> None:
    """The text of `to_json` is the network's repr."""
    network = initialize_neural_network(2, 1, [2], 1)
    assert to_json(network) == repr(network)


def test_plain_dictionary_will_do() -> None:
    """A plain dictionary of the same make is written, and used, like the real thing."""
    network = initialize_neural_network(2, 1, [2], 1)
    assert to_json(dict(network)) == to_json(network)
    assert forward_propagate(dict(network), [1, 2]) == forward_propagate(network, [1, 2])


def test_text_written_by_hand_is_read() -> None:
    """Whole numbers in the text become float64 like all others, and can be trained."""
    network = from_json('{"output": {"node_1": {"bias": [0], "weights": [1, -1]}}}')
    assert network["output"]["node_1"]["weights"].dtype == np.float64
    train(network, [[0, 1]], [1], epochs=1)
    assert network["output"]["node_1"]["bias"] > 0


def test_copies_are_independent() -> None:
    """A deep copy is a network of its own."""
    network = initialize_neural_network(2, 0, [], 1)
    before = repr(network)
    other = copy.deepcopy(network)
    other["output"]["node_1"]["bias"][0] = 9
    assert type(other) is ScratchNetwork
    assert repr(network) == before != repr(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"output": {"node_1": {"weights": [NaN], "bias": [0]}}}',
        '{"output": {"node_1": {"weights": [1e999], "bias": [0]}}}',
        '{"output": {"node_1": {"weights": [1' + "0" * 400 + '], "bias": [0]}}}',
        '{"output": {"node_1": {"weights": ["a"], "bias": [0]}}}',
        '{"output": {"node_1": {"weights": [[1], [2, 3]], "bias": [0]}}}',
        '{"output": {"node_1": {"weights": [null], "bias": [0]}}}',
        '{"output": {"node_1": {"weights": [{}], "bias": [0]}}}',
        "[" * 100_000,
    ],
)
def test_text_that_is_no_network_in_json(text: str) -> None:
    """Text that is not JSON, or numbers that float64 cannot hold, are refused with the next step."""
    with pytest.raises(ValueError, match=r"The text is no network in JSON: .+ Give a text that to_json"):
        from_json(text)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"output": {}},
        {"output": 5},
        {"output": {"node_1": 5}},
        {"output": {"node_1": {"weights": [1.0]}}},
        {"output": {"node_1": {"weights": 1.0, "bias": [1.0]}}},
        {"output": {"node_1": {"weights": [], "bias": [1.0]}}},
        {"output": {"node_1": {"weights": [[1.0]], "bias": [1.0]}}},
        {"output": {"node_1": {"weights": [1.0], "bias": [1.0, 2.0]}}},
        {"output": {"node_2": {"weights": [1.0], "bias": [1.0]}}},
        {"layer_1": {"node_1": {"weights": [1.0], "bias": [1.0]}}},
        {
            "layer_1": {"node_1": {"weights": [1.0], "bias": [1.0]}},
            "output": {"node_1": {"weights": [1.0, 2.0], "bias": [1.0]}},
        },
        {
            "output": {
                "node_1": {"weights": [1.0], "bias": [1.0]},
                "node_2": {"weights": [1.0, 2.0], "bias": [1.0]},
            },
        },
    ],
)
def test_json_of_something_else(content: object) -> None:
    """JSON that holds no whole network is refused, naming what was given and how to get a network."""
    with pytest.raises(ValueError, match=r"Given: .+ Build networks with initialize_neural_network, or"):
        from_json(json.dumps(content))


def test_json_that_is_a_list() -> None:
    """JSON that is no dictionary at all is of the wrong kind."""
    with pytest.raises(TypeError, match=r"A network is a dictionary of layers\. Given: list"):
        from_json('["output"]')


def test_numbers_that_json_cannot_write() -> None:
    """A weight that is not a number is not written as if it were JSON."""
    network = initialize_neural_network(2, 0, [], 1)
    network["output"]["node_1"]["weights"][0] = np.nan
    with pytest.raises(ValueError, match="JSON has no nan"):
        to_json(network)
