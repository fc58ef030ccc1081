"""Layers and nodes of a network: windows onto its parameters, through which they can be changed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.core import Dense, LayerParameters
from pellucid.errors import SettingError, ShapeError, UnknownNameError, unknown_name

__all__ = ["LayerView", "NodeView"]

Array = NDArray[Any]


def copied_in(what: str, into: Array, values: ArrayLike, *, one_for_all: bool = True) -> None:
    """Copy values into a view; raise unless they have its shape and are finite numbers."""
    try:
        with np.errstate(over="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")  # complex numbers would lose a part
            given = np.asarray(values).astype(into.dtype)
    except (TypeError, ValueError, Warning):
        raise SettingError(f"{what} must be real numbers; {values!r} was given. Give {into.shape} of them.") from None
    if given.shape != into.shape and not (one_for_all and given.shape == ()):
        raise ShapeError(
            f"{what} must have the shape {into.shape}; {given.shape} was given. "
            + ("Give one number for all, or each." if one_for_all else "Give a number for each.")
        )
    if not np.isfinite(given).all():
        raise SettingError(f"{what} must be finite in {into.dtype}; NaN or infinity was given. Give finite numbers.")
    into[...] = given


@final
class NodeView:
    """One neuron: its weights, shape (n_in,), and bias, shape (1,), as writable views.

    ``node["weights"]`` and ``node["bias"]`` are the same, as in the column's dictionaries.

    Examples
    --------
    >>> from pellucid import Network
    >>> node = Network([2, 3, 2])["layer_1"]["node_1"]
    >>> node.weights = [0.2, 0.5]
    >>> node.bias = 0.03
    >>> node
    layer_1/node_1: 2 weights, 0.2 … 0.5, bias 0.03, relu
    """

    def __init__(self, layer: str, number: int, activation: str, weights: Array, bias: Array) -> None:
        self.layer, self.number, self.activation = layer, number, activation
        self._parts = {"weights": weights, "bias": bias}

    @property
    def name(self) -> str:
        """Layer and node, such as ``layer_1/node_3``."""
        return f"{self.layer}/node_{self.number}"

    @property
    def weights(self) -> Array:
        """One weight for each input, shape (n_in,); writing into it changes the network."""
        return self._parts["weights"]

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        self["weights"] = values

    @property
    def bias(self) -> Array:
        """The bias, shape (1,); writing into it changes the network."""
        return self._parts["bias"]

    @bias.setter
    def bias(self, value: ArrayLike) -> None:
        self["bias"] = value

    def __getitem__(self, part: str) -> Array:
        if part not in self._parts:
            raise unknown_name(f"part of {self.name}", part, self._parts)
        return self._parts[part]

    def __setitem__(self, part: str, values: ArrayLike) -> None:
        copied_in(f"{part} of {self.name}", self[part], values)

    def __repr__(self) -> str:
        w = self.weights
        return (
            f"{self.name}: {w.size} weights, {w.min():.4g} … {w.max():.4g}, bias {self.bias[0]:.4g}, {self.activation}"
        )


@final
class LayerView:
    """One layer: W, shape (n_out, n_in), where row j is neuron j, and b, shape (n_out,), as writable views.

    Examples
    --------
    >>> from pellucid import Network
    >>> layer = Network([2, 3, 2])["layer_1"]
    >>> layer.weights.shape, layer.biases.shape, list(layer)
    ((3, 2), (3,), ['node_1', 'node_2', 'node_3'])
    """

    def __init__(self, name: str, layer: Dense, parameters: LayerParameters) -> None:
        self.name, self.activation = name, str(layer.activation or "identity")
        self._parameters = parameters

    @property
    def weights(self) -> Array:
        """W, shape (n_out, n_in); writing into it changes the network."""
        return self._parameters.W

    @weights.setter
    def weights(self, values: ArrayLike) -> None:
        copied_in(f"weights of {self.name}", self.weights, values)

    @property
    def biases(self) -> Array:
        """b, shape (n_out,); writing into it changes the network."""
        return self._parameters.b

    @biases.setter
    def biases(self, values: ArrayLike) -> None:
        copied_in(f"biases of {self.name}", self.biases, values)

    def __getitem__(self, node: str) -> NodeView:
        names = list(self)
        if node not in names:
            raise UnknownNameError(f"{self.name} has no node {node!r}; it has node_1 … {names[-1]}.")
        j = names.index(node)
        return NodeView(self.name, j + 1, self.activation, self.weights[j], self.biases[j : j + 1])

    def __iter__(self) -> Iterator[str]:
        return (f"node_{j}" for j in range(1, len(self) + 1))

    def __len__(self) -> int:
        return len(self.biases)

    def __repr__(self) -> str:
        n_out, n_in = self.weights.shape
        return f"{self.name}: {n_out} neurons of {n_in} inputs, {self.activation}"
