"""A network cut apart: one layer, or all layers above one, as a network of their own on the same engine."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from pellucid.core import Dense, Input, Layer, Output, Parameters, SparseRows, Spec
from pellucid.engine import Backend

__all__ = ["Part", "activations", "layers_above"]

Array = NDArray[Any]


class Part(NamedTuple):
    """Some layers of a network as a network of their own: what a backend takes."""

    spec: Spec
    vector: Array

    def output(self, backend: Backend, X: Array | SparseRows) -> Array:
        """Return the last layer's output for each row, shape (rows, n_out)."""
        return backend.forward(self.spec, self.vector, X)


def _layer_alone(spec: Spec, parameters: Parameters, number: int) -> Part:
    """Return one layer, counted from 0; its loss is never asked, and leaves the activation as it is."""
    comes_in = spec.input if number == 0 else Input(spec.shapes[number][1])
    alone = Spec(comes_in, (spec.dense[number],), "mse", Output(), spec.dtype)  # type: ignore[arg-type]  # Spec makes it one
    return Part(alone, parameters.vector[parameters.parts[number]])


def layers_above(spec: Spec, parameters: Parameters, name: str) -> Part:
    """Return the layers above one; its activations are what comes in, so that every output keeps its bits."""
    number = spec.names.index(name)
    upper: list[Layer] = []
    seen = 0
    for layer in spec.layers:
        if seen > number:
            upper.append(layer)
        seen += isinstance(layer, Dense)
    begin = parameters.parts[number + 1].start
    return Part(
        Spec(Input(spec.shapes[number][0]), tuple(upper), spec.loss, spec.output, spec.dtype), parameters.vector[begin:]
    )


def activations(spec: Spec, parameters: Parameters, backend: Backend, X: Array | SparseRows) -> dict[str, Array]:
    """Return the activations of every layer, by name, each of shape (rows, n_out), in the spec's dtype.

    They are those of `Backend.trace`, without what a trace holds beside them.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid.core import initial_parameters
    >>> from pellucid.engine import ReadableCore
    >>> spec = Spec.of([3, 4, 2])
    >>> A = activations(spec, initial_parameters(spec, 0), ReadableCore(), np.ones((5, 3)))
    >>> {name: layer.shape for name, layer in A.items()}
    {'layer_1': (5, 4), 'output': (5, 2)}
    """
    found: dict[str, Array] = {}
    for number, name in enumerate(spec.names):
        X = found[name] = _layer_alone(spec, parameters, number).output(backend, X)
    return found
