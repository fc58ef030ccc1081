"""A layer of a trace: its numbers, as arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import LayerParameters, Parameters, activation_of
from pellucid.errors import RunError
from pellucid.insight._names import input_names, input_place, node_place
from pellucid.insight._neuron_view import NeuronView

if TYPE_CHECKING:
    from pellucid.insight._trace import Trace

__all__ = ["LayerTrace", "needed"]

Array = NDArray[Any]


@final
class LayerTrace:
    """The numbers of one layer.

    Of a single row arrays have the shapes told below; of a batch, an axis of rows before it, but for dW and db, which
    are of the batch's loss.

    Attributes
    ----------
    trace : Trace, of which it is a part
    name, activation : str
    """

    def __init__(self, of: Trace, name: str) -> None:
        self.trace, self.name = of, name
        self._numbers = of.numbers[name]
        self._part: LayerParameters = Parameters(of.spec, of.parameters)[name]
        layer = of.spec.dense[of.spec.names.index(name)]
        self.function = activation_of(layer.activation or "identity")
        self.activation = self.function.name

    @property
    def weights(self) -> Array:
        """W, shape (n_out, n_in)."""
        return self._part.W

    @property
    def biases(self) -> Array:
        """b, shape (n_out,)."""
        return self._part.b

    @property
    def inputs(self) -> Array:
        """What comes in, shape (n_in,); units that are dropped in training are 0, the others scaled."""
        return self._row(self._numbers.X)

    @property
    def z(self) -> Array:
        """Weighted sums z = Σ w·x + b, shape (n_out,)."""
        return self._row(self._numbers.Z)

    @property
    def a(self) -> Array:
        """Activations a = f(z), shape (n_out,)."""
        return self._row(self._numbers.A)

    @property
    def slope(self) -> Array:
        """f′(z), shape (n_out,)."""
        return self._row(self._numbers.slope)

    @property
    def dA(self) -> Array:
        """dL/da, shape (n_out,): of a row's own loss, times the row's weight."""
        return self._row(needed(self._numbers.dA))

    @property
    def delta(self) -> Array:
        """δ = dL/dz = dL/da·f′(z), shape (n_out,): of a row's own loss, times the row's weight."""
        return self._row(needed(self._numbers.delta))

    @property
    def dX(self) -> NDArray[np.float64]:
        """dL/dx = Σ δ·w over the layer's neurons, shape (n_in,), of what comes in, scaled; in double precision."""
        delta = needed(self._numbers.delta).astype(np.float64)
        return self._row(delta @ self.weights.astype(np.float64))

    @property
    def dW(self) -> Array:
        """dL/dW = Σ δ·x over rows / total, shape (n_out, n_in); of a step of a run, with its penalties' slopes."""
        gradient = self.trace.of_batch
        if gradient is not None:
            return Parameters(self.trace.spec, gradient)[self.name].W
        return np.asarray(needed(self._numbers.delta)[0][:, np.newaxis] * self._numbers.X[0])

    @property
    def db(self) -> Array:
        """dL/db = Σ δ over rows / total, shape (n_out,)."""
        gradient = self.trace.of_batch
        if gradient is not None:
            return Parameters(self.trace.spec, gradient)[self.name].b
        return np.asarray(needed(self._numbers.delta)[0])

    def _row(self, array: Array) -> Array:
        return array[0] if self.trace.single else array

    @property
    def input_names(self) -> list[str]:
        """Names of what comes in: features, or neurons of the layer before."""
        return input_names(self.trace.spec, self.name)

    def place_of(self, node: int | str) -> int:
        """Return the row of W of a neuron named ``node_3``, or numbered from 1."""
        return node_place(self.trace.spec, self.name, node)

    def input_place(self, given: int | str) -> int:
        """Return the column of W of an input, by its place from 0 or its name."""
        return input_place(self.trace.spec, self.name, given)

    def __getitem__(self, node: int | str) -> NeuronView:
        """Return the numbers of a neuron, by its name such as ``node_1``, or its number from 1."""
        return NeuronView(self, self.place_of(node))

    def __iter__(self) -> Iterator[str]:
        return (f"node_{j}" for j in range(1, len(self) + 1))

    def __len__(self) -> int:
        return len(self.biases)

    def __repr__(self) -> str:
        return f"{self.name}: {len(self)} neurons of {self.weights.shape[1]} inputs, {self.activation}, traced"

    def _repr_html_(self) -> str:
        from pellucid.insight._html import layer_html

        return layer_html(self)


def needed(numbers: Array | None) -> Array:
    """Return numbers of the way back, or raise where there was none."""
    if numbers is None:
        raise RunError("Nothing was passed back, since no target was given. Give trace(x, y).")
    return numbers
