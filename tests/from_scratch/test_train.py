"""Learning: the slopes are right, a step goes downhill, and real tasks are learnt."""

from __future__ import annotations

import copy
import time
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.datasets import load_digits

from pellucid import Network
from pellucid.from_scratch import (
    ScratchNetwork,
    backward_propagate,
    calculate_weighted_sum,
    center_weights,
    forward_propagate,
    initialize_neural_network,
    mean_squared_error,
    mean_squared_error_slope,
    sigmoid_activation,
    sigmoid_slope,
    train,
)

XOR_INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])


def network_after(seed: int, *shape: int) -> ScratchNetwork:
    """Build a centred network with these widths, input first, after seeding NumPy's generator."""
    np.random.seed(seed)
    num_inputs, *hidden, num_outputs = shape
    return center_weights(initialize_neural_network(num_inputs, len(hidden), hidden, num_outputs))


def arrays_of(network: ScratchNetwork) -> Iterator[tuple[str, str, str, np.ndarray]]:
    for layer_name, layer in network.items():
        for node_name, node in layer.items():
            for part, array in node.items():
                yield layer_name, node_name, part, array


def central_difference(function, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    return (function(at + step) - function(at - step)) / (2 * step)


def test_sigmoid_slope_is_the_sigmoid_s_derivative() -> None:
    """The slope agrees with the central difference, is ¼ at zero, and keeps its digits far out."""
    z = np.linspace(-8, 8, 161)
    np.testing.assert_allclose(sigmoid_slope(z), central_difference(sigmoid_activation, z), rtol=1e-5)
    assert sigmoid_slope(0) == 0.25
    assert sigmoid_slope(1_000_000) == sigmoid_slope(-1_000_000) == 0.0
    np.testing.assert_allclose(sigmoid_slope([-50, 50]), np.exp(-50), rtol=1e-15)


def test_mean_squared_error_by_hand() -> None:
    """The loss is the mean of the squares, and its slope twice the difference, over rows times outputs."""
    activations, targets = np.array([[0.5, 0.0], [1.0, 0.75]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    assert mean_squared_error(activations, targets) == (0.25 + 0.0625) / 4
    np.testing.assert_array_equal(mean_squared_error_slope(activations, targets), [[0.25, 0], [0, -0.125]])


@pytest.mark.parametrize("shape", [(3, 2), (4, 5, 1), (5, 4, 3, 2)])
@pytest.mark.parametrize("rows", [1, 6])
def test_gradient_is_the_slope_of_the_loss(shape: tuple[int, ...], rows: int) -> None:
    """Every number of the gradient agrees with moving that weight or bias a little up and down."""
    network = network_after(11, *shape)
    inputs = np.random.uniform(-1, 1, size=(rows, shape[0]))
    targets = np.random.uniform(0, 1, size=(rows, shape[-1]))
    loss, gradient = backward_propagate(network, inputs, targets)
    assert loss == mean_squared_error(forward_propagate(network, inputs), targets)
    for layer_name, node_name, part, array in arrays_of(network):
        slopes = gradient[layer_name][node_name][part]
        assert slopes.shape == array.shape
        for i, value in enumerate(array):

            def loss_at(moved: float, array: np.ndarray = array, i: int = i) -> float:
                array[i] = moved
                return mean_squared_error(forward_propagate(network, inputs), targets)

            expected = central_difference(loss_at, value, 1e-5)
            array[i] = value
            assert slopes[i] == pytest.approx(expected, rel=1e-6, abs=1e-10)


def test_gradient_of_one_neuron_by_hand() -> None:
    """For the column's neuron and target 0: δ = 2 a · a (1 − a), and the slopes are δ times the inputs."""
    network = ScratchNetwork(output={"node_1": {"weights": np.array([0.2, 0.5]), "bias": np.array([0.03])}})
    a = 0.8937850083248244
    delta = 2 * a * a * (1 - a)
    loss, gradient = backward_propagate(network, [0.5, 4], [0])
    assert loss == pytest.approx(a * a, rel=1e-15)
    np.testing.assert_allclose(gradient["output"]["node_1"]["weights"], [0.5 * delta, 4 * delta], rtol=1e-14)
    np.testing.assert_allclose(gradient["output"]["node_1"]["bias"], [delta], rtol=1e-14)


def test_gradient_of_a_batch_is_the_average_over_its_rows() -> None:
    """The gradient of several rows is the mean of the gradients of each."""
    network = network_after(5, 3, 4, 2)
    inputs, targets = np.random.uniform(size=(5, 3)), np.random.uniform(size=(5, 2))
    _, together = backward_propagate(network, inputs, targets)
    singly = [backward_propagate(network, x, y)[1] for x, y in zip(inputs, targets, strict=True)]
    for layer_name, node_name, part, actual in arrays_of(together):
        expected = np.mean([gradient[layer_name][node_name][part] for gradient in singly], axis=0)
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-16)


def test_gradient_leaves_the_network_alone() -> None:
    """Going forward and backward changes no weight."""
    network = network_after(5, 3, 4, 2)
    before = repr(network)
    backward_propagate(network, [0.1, 0.2, 0.3], [0, 1])
    assert repr(network) == before


def test_one_step_is_the_formula() -> None:
    """One epoch of one batch moves each weight by minus the learning rate times its slope."""
    network = network_after(3, 2, 3, 1)
    before = copy.deepcopy(network)
    loss, gradient = backward_propagate(network, XOR_INPUTS, XOR)
    losses = train(network, XOR_INPUTS, XOR, epochs=1, learning_rate=0.5, batch_size=4)
    assert losses == pytest.approx([loss], rel=1e-14)
    for layer_name, node_name, part, array in arrays_of(before):
        moved = array - 0.5 * gradient[layer_name][node_name][part]
        np.testing.assert_allclose(network[layer_name][node_name][part], moved, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_learns_xor_from_the_column_s_start(seed: int) -> None:
    """From weights between 0 and 1 as the column draws them, all four answers come within 0.1."""
    np.random.seed(seed)
    network = initialize_neural_network(2, 1, [4], 1)
    losses = train(network, XOR_INPUTS, XOR, epochs=2000, learning_rate=2.5, batch_size=4)
    np.testing.assert_allclose(forward_propagate(network, XOR_INPUTS)[:, 0], XOR, atol=0.1)
    assert len(losses) == 2000
    assert losses[-1] < 0.01 < losses[0]


def test_learns_handwritten_digits(record_property: pytest.RecordProperty) -> None:
    """After 1,000 of scikit-learn's 8 × 8 digits it reads 90 % of them, and 90 % of the 797 unseen ones."""
    digits = load_digits()
    images, numbers = digits.data / 16, digits.target
    network = network_after(2019, 64, 32, 10)
    start = time.perf_counter()
    train(network, images[:1000], numbers[:1000], epochs=20, learning_rate=15, batch_size=10)
    record_property("seconds", time.perf_counter() - start)
    right = np.argmax(forward_propagate(network, images), axis=1) == numbers
    record_property("share of seen ones", right[:1000].mean())
    record_property("share of unseen ones", right[1000:].mean())
    assert right[:1000].mean() >= 0.9
    assert right[1000:].mean() >= 0.9


def test_saturation() -> None:
    """From the column's start 64 inputs saturate every output, which leaves no slope; centring cures it."""
    np.random.seed(2019)
    network = initialize_neural_network(64, 1, [32], 10)
    images = load_digits().data[:100] / 16
    node = network["layer_1"]["node_1"]
    assert np.all(sigmoid_slope(calculate_weighted_sum(images, node["weights"], node["bias"])) < 0.01)
    assert np.all(forward_propagate(network, images) > 0.999)
    activations = forward_propagate(center_weights(network), images)
    assert np.all((activations > 0.05) & (activations < 0.95))


def test_centring_keeps_the_draw_and_spreads_it() -> None:
    """Centred weights are the drawn ones moved: both signs, variance 1 / n_in, biases 0, order unchanged."""
    np.random.seed(1)
    network = initialize_neural_network(300, 1, [50], 4)
    before = copy.deepcopy(network)
    assert center_weights(network) is network
    weights = np.stack([node["weights"] for node in network["layer_1"].values()])
    drawn = np.stack([node["weights"] for node in before["layer_1"].values()])
    np.testing.assert_array_equal(np.argsort(weights, axis=None), np.argsort(drawn, axis=None))
    assert weights.mean() == pytest.approx(0, abs=0.002)
    assert weights.var() == pytest.approx(1 / 300, rel=0.05)
    assert all(node["bias"] == 0 for layer in network.values() for node in layer.values())


@pytest.mark.parametrize("batch_size", [1, 3, 4, 100])
def test_same_seed_same_training(batch_size: int) -> None:
    """The same arguments give the same bits, wherever NumPy's global generator stands."""
    outcomes = []
    for global_seed in (1, 2):
        network = network_after(9, 2, 3, 1)
        np.random.seed(global_seed)
        losses = train(network, XOR_INPUTS, XOR, epochs=5, batch_size=batch_size, seed=4)
        outcomes.append((losses, repr(network)))
    assert outcomes[0] == outcomes[1]


def test_seed_decides_the_order_of_the_rows() -> None:
    """Another seed visits the rows in another order, and training leaves NumPy's global generator alone."""
    np.random.seed(3)
    expected = np.random.uniform()
    networks = [network_after(9, 2, 3, 1) for _ in range(2)]
    np.random.seed(3)
    for seed, network in enumerate(networks):
        train(network, XOR_INPUTS, XOR, epochs=3, batch_size=1, seed=seed)
    assert np.random.uniform() == expected
    assert repr(networks[0]) != repr(networks[1])


def test_every_row_counts_once_an_epoch() -> None:
    """With a rate too small to matter, an epoch's loss is the loss over all rows, whatever the batches."""
    inputs, targets = np.random.RandomState(0).uniform(size=(2, 10, 3))
    for batch_size in (1, 4, 10):
        network = network_after(2, 3, 4, 3)
        expected = mean_squared_error(forward_propagate(network, inputs), targets)
        losses = train(network, inputs, targets, epochs=2, learning_rate=1e-12, batch_size=batch_size)
        np.testing.assert_allclose(losses, [expected, expected], rtol=1e-9)


def test_ways_to_give_targets() -> None:
    """Numbers of classes, their table of 0 and 1, and a column instead of a vector are the same targets."""
    numbers = np.array([2, 0, 1, 2])
    table = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    several, single = network_after(1, 2, 3), network_after(1, 2, 1)
    expected = backward_propagate(several, XOR_INPUTS, table)
    for targets in (numbers, numbers.tolist(), numbers.astype(np.uint8), table.astype(bool)):
        assert repr(backward_propagate(several, XOR_INPUTS, targets)) == repr(expected)
    assert repr(backward_propagate(several, [0, 1], 2)) == repr(backward_propagate(several, [[0, 1]], [[0, 0, 1]]))
    expected = backward_propagate(single, XOR_INPUTS, XOR)
    assert repr(backward_propagate(single, XOR_INPUTS, XOR[:, np.newaxis])) == repr(expected)
    assert repr(backward_propagate(single, [0, 1], 1)) == repr(backward_propagate(single, [[0, 1]], [[1]]))


def test_agrees_with_the_fast_network() -> None:
    """`Network`, given the same numbers, has the same outputs, loss and gradient but for rounding."""
    network = network_after(8, 5, 4, 3)
    inputs, targets = np.random.uniform(-1, 1, size=(7, 5)), np.random.uniform(size=(7, 3))
    expected_loss, expected_gradient = backward_propagate(network, inputs, targets)
    fast = Network.from_scratch(network)
    loss, gradient = fast.loss_and_gradient(inputs, targets)
    np.testing.assert_allclose(fast.predict(inputs), forward_propagate(network, inputs), rtol=1e-12)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    np.testing.assert_allclose(gradient, Network.from_scratch(expected_gradient).parameters, rtol=1e-11)
