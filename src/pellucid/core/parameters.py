"""Parameters: one flat vector, and named views into it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core.initializers import initializer_named
from pellucid.random import Purpose, Stream

if TYPE_CHECKING:
    from pellucid.core.spec import Spec

__all__ = [
    "LayerParameters",
    "Parameters",
    "fingerprint",
    "initial_parameters",
    "on_cache_lines",
    "places_heard",
    "places_of",
    "zeros_on_cache_lines",
]

Vector = NDArray[Any]

_CACHE_LINE: Final = 64


def on_cache_lines(vector: Vector) -> Vector:
    """Return a copy whose memory begins where a cache line does.

    A row of weights then lies in as few cache lines as can be, and no two threads write into the same one. It
    decides speed alone: any vector will do.
    """
    copy = _aligned(np.empty(vector.nbytes + _CACHE_LINE, dtype=np.uint8), vector.dtype)
    copy[...] = vector
    return copy


def zeros_on_cache_lines(n: int, dtype: np.dtype[Any]) -> Vector:
    """Return n zeros whose memory begins where a cache line does, and is taken only where they are written to."""
    return _aligned(np.zeros(n * dtype.itemsize + _CACHE_LINE, dtype=np.uint8), dtype)


def _aligned(room: Vector, dtype: np.dtype[Any]) -> Vector:
    """Return the room, but a cache line's length, from where a cache line begins."""
    begin = -room.ctypes.data % _CACHE_LINE
    return room[begin : begin + room.nbytes - _CACHE_LINE].view(dtype)


class LayerParameters(NamedTuple):
    """Views of one layer: W[j] is neuron j, shape (n_out, n_in); b, shape (n_out,)."""

    W: Vector
    b: Vector


class Parameters:
    """One contiguous vector; each layer's W and b are writable views into it.

    Layer by layer it holds W, then b. W is stored input-major (the weights of one input lie together), so the
    logical W, shape (n_out, n_in), is a transposed view. Gradients and optimisers' slots have the same layout.

    Parameters
    ----------
    spec : Spec
    vector : array, shape (spec.n_parameters,), of the spec's dtype; zeros if not given

    Attributes
    ----------
    vector : array
    parts : where each layer's numbers lie in the vector, W and b

    Examples
    --------
    >>> from pellucid.core import Spec
    >>> parameters = Parameters(Spec.of([2, 3, 2]))
    >>> parameters["layer_1"].W.shape, parameters.vector.size
    ((3, 2), 17)
    """

    def __init__(self, spec: Spec, vector: Vector | None = None) -> None:
        if vector is None:
            vector = zeros_on_cache_lines(spec.n_parameters, np.dtype(spec.dtype))
        if vector.shape != (spec.n_parameters,) or vector.dtype != spec.dtype:
            raise ValueError(f"expected {spec.n_parameters} numbers of {spec.dtype}, got {vector.shape} {vector.dtype}")
        self.vector = vector
        self._spec = spec
        self._layers: dict[str, LayerParameters] = {}
        self.parts: list[slice] = []
        end = 0
        for name, (n_out, n_in) in zip(spec.names, spec.shapes, strict=True):
            begin, middle, end = end, end + n_in * n_out, end + n_in * n_out + n_out
            self.parts.append(slice(begin, end))
            self._layers[name] = LayerParameters(vector[begin:middle].reshape(n_in, n_out).T, vector[middle:end])

    def __reduce__(self) -> tuple[type[Parameters], tuple[Spec, Vector]]:
        """Copy and pickle the one vector; the views are made anew."""
        return Parameters, (self._spec, self.vector)

    def __getitem__(self, name: str) -> LayerParameters:
        return self._layers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._layers)

    def layers(self) -> tuple[LayerParameters, ...]:
        """Return the layers' views, first to last."""
        return tuple(self._layers.values())


def _begins(spec: Spec) -> dict[str, int]:
    """Return where each layer's parameters begin in the vector."""
    begins, at = {}, 0
    for name, (n_out, n_in) in zip(spec.names, spec.shapes, strict=True):
        begins[name] = at
        at += (n_in + 1) * n_out
    return begins


def places_of(spec: Spec, layer: str, neuron: int | None = None) -> NDArray[np.int64]:
    """Return where a layer's, or one neuron's, weights and bias (last) lie in the vector of parameters.

    Examples
    --------
    >>> from pellucid.core import Spec
    >>> places_of(Spec.of([2, 3, 2]), "layer_1", 1).tolist()  # neuron j = 1: its two weights, and its bias
    [1, 4, 7]
    """
    n_out, n_in = dict(zip(spec.names, spec.shapes, strict=True))[layer]
    begin = _begins(spec)[layer]
    return begin + (np.arange((n_in + 1) * n_out) if neuron is None else np.arange(n_in + 1) * n_out + neuron)


def places_heard(spec: Spec, layer: str, neuron: int) -> NDArray[np.int64]:
    """Return where the weights lie by which the next layer hears a neuron; of an output neuron, its own parameters.

    Examples
    --------
    >>> from pellucid.core import Spec
    >>> places_heard(Spec.of([2, 3, 2]), "layer_1", 1).tolist()
    [11, 12]
    """
    place = spec.names.index(layer)
    if place == len(spec.names) - 1:
        return places_of(spec, layer, neuron)
    after = spec.names[place + 1]
    n_out = spec.shapes[place + 1][0]
    return _begins(spec)[after] + neuron * n_out + np.arange(n_out)


def initial_parameters(spec: Spec, seed: int) -> Parameters:
    """Return the numbers that a network starts from: the same bits for a seed on every machine."""
    parameters = Parameters(spec)
    for number, (layer, part) in enumerate(zip(spec.dense, parameters.layers(), strict=True), start=1):
        initialize = initializer_named(layer.initializer or "glorot")
        n_out, n_in = part.W.shape
        part.W[...], part.b[...] = initialize(Stream(seed, Purpose.INITIAL, layer=number), n_out, n_in)
    return parameters


def fingerprint(vector: Vector) -> str:
    """Return the SHA-256 of the little-endian numbers in storage order, as 64 hexadecimal digits."""
    little = np.ascontiguousarray(vector, dtype=vector.dtype.newbyteorder("<"))
    return hashlib.sha256(little.view(np.uint8).data).hexdigest()
