"""The column's network, built from scratch: nested dictionaries, float64, NumPy and nothing else.

One neuron, a network, forwards, how wrong, backwards, training: from top to bottom it reads like the column.
Everything is computed node by node, to be followed rather than to be fast. Inputs are one sample, (n_in,), or
many at once, (rows, n_in). What cannot be used raises a TypeError or ValueError before anything is changed.
The column ends with `train`; what follows it is JSON and the checks.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Layer = dict[str, dict[str, Array]]  # {"node_1": {"weights": (n_in,), "bias": (1,)}, "node_2": …}


class ScratchNetwork(dict[str, Layer]):
    """A network as nested dictionaries: ``network["layer_1"]["node_1"]["weights"]``; its repr is JSON."""

    def __repr__(self) -> str:
        return json.dumps(self, default=np.ndarray.tolist)


# One neuron ---------------------------------------------------------------------------------------


def calculate_weighted_sum(inputs: ArrayLike, weights: ArrayLike, bias: ArrayLike) -> Array:
    """Weigh the inputs, add them up and, last, add the bias: z = x₁w₁ + x₂w₂ + … + b.

    Its slopes: ∂z/∂w₁ = x₁, ∂z/∂b = 1, ∂z/∂x₁ = w₁.

    Parameters
    ----------
    inputs : (n_in,) or (rows, n_in)
    weights : (n_in,)
    bias : a number or (1,)

    Raises
    ------
    ValueError
        If these shapes do not fit together.

    Examples
    --------
    >>> print(calculate_weighted_sum(inputs=[0.5, 4], weights=[0.2, 0.5], bias=0.03))
    2.13
    """
    inputs, weights, bias = (np.asarray(array, dtype=np.float64) for array in (inputs, weights, bias))
    if (
        weights.ndim != 1
        or inputs.ndim not in (1, 2)
        or inputs.shape[-1] != weights.size
        or bias.shape not in ((), (1,))
    ):
        raise ValueError(
            "A neuron needs one weight for each of its inputs, and one bias. "
            f"Given: inputs {inputs.shape}, weights {weights.shape}, bias {bias.shape}. "
            "Accepted: inputs (n_in,) or (rows, n_in), weights (n_in,), bias (1,) or a number."
        )
    z: Array = np.sum(inputs * weights, axis=-1) + bias
    return z


def sigmoid_activation(weighted_sum: ArrayLike) -> Array:
    """Squash any number to between 0 and 1: σ(z) = 1 / (1 + e⁻ᶻ).

    >>> print(sigmoid_activation(2.13), sigmoid_activation([-1_000_000, 0.000001, 1_000_000]))
    0.8937850083248244 [0.        0.50000025 1.        ]
    """
    z = np.asarray(weighted_sum, dtype=np.float64)
    small = np.exp(-np.abs(z))  # at most 1; e⁻ᶻ itself would overflow below z = −709
    a: Array = np.where(z >= 0, 1.0, small) / (1 + small)
    return a


def sigmoid_slope(weighted_sum: ArrayLike) -> Array:
    """Return the sigmoid's derivative: dσ/dz = σ(z) (1 − σ(z)), ¼ at z = 0 and next to nothing far from it.

    >>> print(sigmoid_slope([0, 2.13, 20]))
    [2.50000000e-01 9.49333672e-02 2.06115361e-09]
    """
    z = np.asarray(weighted_sum, dtype=np.float64)
    return sigmoid_activation(z) * sigmoid_activation(-z)  # 1 − σ(z) = σ(−z), which keeps its digits


def node_activation(weighted_sum: ArrayLike) -> Array:
    """Return what a node passes on, a = σ(z): in this network every node is a sigmoid.

    >>> print(node_activation(0))
    0.5
    """
    return sigmoid_activation(weighted_sum)


# A network ----------------------------------------------------------------------------------------


def initialize_neural_network(
    num_inputs: int, num_hidden_layers: int, num_nodes_hidden: Sequence[int], num_nodes_output: int
) -> ScratchNetwork:
    """Build ``layer_1``, ``layer_2``, …, ``output`` with random weights and biases.

    Each is uniform on [0, 1) and rounded to two decimals; drawn node by node, the weights before the bias,
    from NumPy's global generator: after the same ``np.random.seed`` comes the same network.

    Raises
    ------
    ValueError
        If a number is not a whole one from 1 up, or the hidden layers and their nodes disagree.

    Examples
    --------
    >>> np.random.seed(2019)
    >>> initialize_neural_network(2, 1, [1], 1)
    {"layer_1": {"node_1": {"weights": [0.9, 0.39], "bias": [0.62]}},
     "output": {"node_1": {"weights": [0.64], "bias": [0.88]}}}
    """
    if np.shape(num_nodes_hidden) != (num_hidden_layers,):
        raise ValueError(
            f"num_nodes_hidden must say how many nodes each of the {num_hidden_layers!r} hidden layers has. "
            f"Given: {num_nodes_hidden!r}. Accepted: a list with an entry for each, such as [32, 32] for two."
        )
    for number in (num_inputs, *num_nodes_hidden, num_nodes_output):
        _check_whole_number("Every number of inputs and nodes", number, least=1)
    network = ScratchNetwork()
    num_nodes_previous = num_inputs
    for layer, num_nodes in enumerate([*num_nodes_hidden, num_nodes_output], start=1):
        network[f"layer_{layer}" if layer <= num_hidden_layers else "output"] = {
            f"node_{node}": {
                "weights": np.around(np.random.uniform(size=num_nodes_previous), decimals=2),
                "bias": np.around(np.random.uniform(size=1), decimals=2),
            }
            for node in range(1, num_nodes + 1)
        }
        num_nodes_previous = num_nodes
    return network


def center_weights(network: ScratchNetwork) -> ScratchNetwork:
    """Move the starting values, in place, to around zero: w ← (2w − 1) √(3 / n_in), b ← 0.

    While weights lie between 0 and 1, z grows with the number of inputs: with hundreds, every sigmoid stands
    at its flat end (it is saturated), its slope is next to nothing, and nothing is learnt. Weights on either
    side of 0, of variance 1 / n_in, keep z where the slope is steep (LeCun and others, "Efficient BackProp",
    1998, section 4.6).

    >>> from_zero_to_one = {"weights": np.array([0.0, 0.5, 1.0]), "bias": np.array([1.0])}
    >>> center_weights(ScratchNetwork(output={"node_1": from_zero_to_one}))
    {"output": {"node_1": {"weights": [-1.0, 0.0, 1.0], "bias": [0.0]}}}
    """
    _check_network(network)
    for layer in network.values():
        for node in layer.values():
            node["weights"][:] = (2 * node["weights"] - 1) * np.sqrt(3 / node["weights"].size)
            node["bias"][:] = 0
    return network


def forward_propagate(network: ScratchNetwork, inputs: ArrayLike) -> Array:
    """Send inputs through all layers: what one layer passes on is what the next one takes in.

    Inputs (n_in,) give the output layer's activations (n_out,), and inputs (rows, n_in) give (rows, n_out).

    >>> np.random.seed(2019)
    >>> print(forward_propagate(initialize_neural_network(2, 1, [3], 1), [0.5, 4]))
    [0.77786064]
    """
    signals = _as_rows(network, inputs)
    for layer in network.values():
        activations = []
        for node in layer.values():
            weighted_sum = calculate_weighted_sum(signals, node["weights"], node["bias"])
            activations.append(node_activation(weighted_sum))
        signals = np.stack(activations, axis=-1)
    return signals if np.ndim(inputs) == 2 else signals[0]


# How wrong, and which way is better ---------------------------------------------------------------


def mean_squared_error(activations: Array, targets: Array) -> float:
    """Return the loss, how wrong it is: L = mean of (a − y)² over all outputs and rows.

    Both are (rows, n_out), also for a single row or output.

    >>> mean_squared_error(np.array([[0.5, 1.0]]), np.array([[0.0, 1.0]]))
    0.125
    """
    _check_same_table(activations, targets)
    return float(np.mean((activations - targets) ** 2))


def mean_squared_error_slope(activations: Array, targets: Array) -> Array:
    """Return the loss's derivative by every activation: ∂L/∂a = 2 (a − y) / (rows · n_out).

    >>> print(mean_squared_error_slope(np.array([[0.5, 1.0]]), np.array([[0.0, 1.0]])))
    [[0.5 0. ]]
    """
    _check_same_table(activations, targets)
    return 2 * (activations - targets) / targets.size


def backward_propagate(network: ScratchNetwork, inputs: ArrayLike, targets: ArrayLike) -> tuple[float, ScratchNetwork]:
    """Return the loss, and its slope by every weight and bias in dictionaries like the network's.

    From the last layer back to the first, every node has a δ = ∂L/∂z = ∂L/∂a · dσ/dz. From it come, summed
    over the rows, ∂L/∂w = Σ δ x and ∂L/∂b = Σ δ; and the ∂L/∂a of a node in the layer before is the sum of
    δ w over the nodes that it feeds (Rumelhart, Hinton, Williams, "Learning representations by
    back-propagating errors", Nature, 1986).

    Parameters
    ----------
    inputs : (n_in,) or (rows, n_in)
    targets : as `train` takes them; for inputs (n_in,) those of the one sample

    Examples
    --------
    >>> network = from_json('{"output": {"node_1": {"weights": [0.2, 0.5], "bias": [0.03]}}}')
    >>> loss, gradient = backward_propagate(network, [0.5, 4], [0])
    >>> print(loss, gradient["output"]["node_1"]["weights"])
    0.7988516411062064 [0.08485002 0.67880016]
    """
    signals, Y = _as_rows(network, inputs), _as_targets(network, inputs, targets)
    journey = []  # of every layer: its name, what came in, the nodes' weighted sums
    for layer_name, layer in network.items():
        sums = [calculate_weighted_sum(signals, node["weights"], node["bias"]) for node in layer.values()]
        journey.append((layer_name, signals, sums))
        signals = np.stack([node_activation(z) for z in sums], axis=-1)

    gradient = ScratchNetwork((layer_name, {}) for layer_name in network)
    dL_da = mean_squared_error_slope(signals, Y)  # (rows, nodes of the layer)
    for layer_name, x, sums in reversed(journey):
        dL_dx = np.zeros_like(x)
        for j, (node_name, node) in enumerate(network[layer_name].items()):
            delta = dL_da[:, j] * sigmoid_slope(sums[j])
            gradient[layer_name][node_name] = {"weights": delta @ x, "bias": np.sum(delta, keepdims=True)}
            dL_dx += np.outer(delta, node["weights"])
        dL_da = dL_dx  # this layer's inputs are the activations of the layer before
    return mean_squared_error(signals, Y), gradient


def train(
    network: ScratchNetwork,
    X: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int = 100,
    learning_rate: float = 5.0,
    batch_size: int = 10,
    seed: int = 0,
) -> list[float]:
    """Improve the network in place, w ← w − learning_rate · ∂L/∂w, and return the loss of every epoch.

    One such step for each batch of rows (Nielsen, "Neural Networks and Deep Learning", 2015, chapter 1).

    Parameters
    ----------
    X : (rows, n_in)
    y : (rows, n_out), from 0 to 1; or (rows,): with several outputs, the number of the right one from 0 up
    seed : decides in which order each epoch visits the rows

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be used; the network is then as it was.

    Examples
    --------
    >>> np.random.seed(2019)
    >>> network = initialize_neural_network(2, 1, [4], 1)
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> losses = train(network, X, y, epochs=2000, learning_rate=2.5, batch_size=4)
    >>> print(forward_propagate(network, X)[:, 0].round())
    [0. 1. 1. 0.]
    """
    X, Y = _as_rows(network, X), _as_targets(network, X, y)
    _check_whole_number("epochs", epochs, least=1)
    _check_whole_number("batch_size", batch_size, least=1)
    _check_whole_number("seed", seed, least=0)
    _check_above_0("learning_rate", learning_rate)
    shuffle = np.random.RandomState(seed)  # the one generator whose numbers no release of NumPy changes
    losses = []
    for _ in range(epochs):
        loss_of_epoch = 0.0
        for rows in np.split(shuffle.permutation(len(X)), range(batch_size, len(X), batch_size)):
            loss, gradient = backward_propagate(network, X[rows], Y[rows])
            loss_of_epoch += loss * len(rows) / len(X)
            for layer_name, layer in network.items():
                for node_name, node in layer.items():
                    for part in ("weights", "bias"):
                        node[part] -= learning_rate * gradient[layer_name][node_name][part]
        losses.append(loss_of_epoch)
    return losses


# To a text and back -------------------------------------------------------------------------------


def to_json(network: ScratchNetwork) -> str:
    """Return the network as JSON, from which `from_json` makes the same network to the last bit."""
    _check_network(network)
    try:
        return json.dumps(network, default=np.ndarray.tolist, allow_nan=False)
    except ValueError as error:
        raise ValueError(f"JSON has no nan and no infinity: {error}. Train with a lower rate.") from error


def from_json(text: str) -> ScratchNetwork:
    """Return the network that a text of `to_json` holds.

    >>> print(forward_propagate(from_json('{"output": {"node_1": {"weights": [2.1], "bias": [0.03]}}}'), [1]))
    [0.89378501]
    """

    def to_arrays(entries: dict[str, object]) -> dict[str, object]:
        return {k: np.asarray_chkfinite(v, np.float64) if isinstance(v, list) else v for k, v in entries.items()}

    try:
        network = json.loads(text, object_hook=to_arrays)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"The text is no network in JSON: {error}. Give a text that to_json returned.") from error
    _check_network(network)
    return ScratchNetwork(network)


# What is refused ----------------------------------------------------------------------------------


def _check_whole_number(name: str, value: object, *, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} must be a whole number from {least} up. Given: {value!r}. Try {least + 1}.")


def _check_above_0(name: str, value: object) -> None:
    if not isinstance(value, int | float | np.number) or not 0 < value < np.inf:
        raise ValueError(f"{name} must be a number above 0. Given: {value!r}. Try 1.0.")


def _check_same_table(activations: Array, targets: Array) -> None:
    if np.ndim(activations) != 2 or np.shape(activations) != np.shape(targets):
        given = f"{np.shape(activations)} and {np.shape(targets)}"
        raise ValueError(f"Activations and targets must both be (rows, n_out). Given: {given}. Reshape them.")


def _check_network(network: object) -> int:
    """Refuse what is not layers of nodes, each with a weight for every node before it; return n_in."""
    advice = "Build networks with initialize_neural_network, or read them with from_json."
    if not isinstance(network, dict):
        raise TypeError(f"A network is a dictionary of layers. Given: {type(network).__name__}. {advice}")
    names = [*(f"layer_{number}" for number in range(1, len(network))), "output"]
    if list(network) != names:
        raise ValueError(f"A network's layers must be named {names}. Given: {list(network)}. {advice}")
    num_inputs = num_previous = 0  # until the first node has told
    for layer_name, layer in network.items():
        nodes = list(layer) if isinstance(layer, dict) else []
        if not nodes or nodes != [f"node_{number}" for number in range(1, len(nodes) + 1)]:
            given = f"{nodes} in {layer_name}"
            raise ValueError(f"Nodes must be named node_1, node_2, … Given: {given}. {advice}")
        for node_name, node in layer.items():
            if not _is_node(node, num_previous):
                accepted = f"float64 arrays 'weights' of {num_previous or 'n_in'} numbers and 'bias' of 1"
                given = f"{layer_name} / {node_name} = {node!r}"
                raise ValueError(f"A node is a dictionary of two {accepted}. Given: {given}. {advice}")
            num_previous = num_previous or node["weights"].size
        num_inputs, num_previous = num_inputs or num_previous, len(nodes)
    return num_inputs


def _is_node(node: object, num_inputs: int) -> bool:
    if not isinstance(node, dict) or node.keys() != {"weights", "bias"}:
        return False
    w, b = node["weights"], node["bias"]
    if not all(isinstance(array, np.ndarray) and array.dtype == np.float64 for array in (w, b)):
        return False
    return b.shape == (1,) and w.shape == (num_inputs or w.size or 1,)


def _as_numbers(name: str, values: ArrayLike) -> Array:
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be rows of equal length. Given: {error}") from error
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be numbers. Given: {array.dtype}. Accepted: lists or arrays of numbers.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite. Given: nan or infinity among them. Leave those rows out.")
    return array.astype(np.float64, order="C")


def _as_rows(network: ScratchNetwork, inputs: ArrayLike) -> Array:
    """Return the network's inputs as (rows, n_in)."""
    num_inputs, X = _check_network(network), _as_numbers("Inputs", inputs)
    if X.ndim not in (1, 2) or X.shape[-1] != num_inputs or not X.size:
        accepted = f"({num_inputs},) for one sample, (rows, {num_inputs}) for several"
        raise ValueError(f"These inputs do not suit this network. Given: {X.shape}. Accepted: {accepted}.")
    return np.atleast_2d(X)


def _as_targets(network: ScratchNetwork, inputs: ArrayLike, targets: ArrayLike) -> Array:
    """Return the targets of these inputs as (rows, n_out)."""
    Y = given = _as_numbers("Targets", targets)
    num_rows, num_outputs = len(np.atleast_2d(inputs)), len(network["output"])
    if np.ndim(inputs) == 1:
        Y = Y[np.newaxis]
    if Y.ndim == 1 and num_outputs == 1:
        Y = Y[:, np.newaxis]
    elif Y.ndim == 1 and np.isin(Y, range(num_outputs)).all():
        Y = np.eye(num_outputs)[Y.astype(int)]
    if Y.shape != (num_rows, num_outputs) or Y.min() < 0 or Y.max() > 1:
        accepted = f"({num_rows}, {num_outputs}) from 0 to 1, all that a sigmoid can give"
        if num_outputs > 1:
            accepted += f", or ({num_rows},) whole numbers from 0 to {num_outputs - 1}"
        raise ValueError(f"These targets do not suit. Given: {given.shape}, {given}. Accepted: {accepted}.")
    return Y
