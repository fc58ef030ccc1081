"""Models that Pellucid wrote: the spec that their metadata tell, held against what their graph computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Parameters, Spec
from pellucid.errors import ModelFileError
from pellucid.files._apart import apart
from pellucid.files._container import readable
from pellucid.files._parts import Activate, Linear, Part, Scaled, Scaling

Array = NDArray[Any]


def as_told(text: str, parts: Sequence[Part]) -> tuple[Spec, Array]:
    """Return the spec that the metadata tell, and the graph's own weights; raise where the two do not fit."""
    if not readable(text.encode("utf-8", "replace")):
        raise ModelFileError("The ONNX model's metadata describe a network at too great a length. Get a fresh copy.")
    spec = Spec.from_json(text)
    layers = [part for part in parts if isinstance(part, Linear)]
    fits = spec.shapes == tuple(layer.W.shape for layer in layers)
    if fits and all(layer.W.dtype == layer.b.dtype == spec.dtype for layer in layers):
        parameters = Parameters(spec)
        for (W, b), layer in zip(parameters.layers(), layers, strict=True):
            W[...], b[...] = layer.W, layer.b
        if not np.isfinite(parameters.vector).all():
            raise ModelFileError("The ONNX model holds NaN or infinity, which is never written. Get a fresh copy.")
        if _plain(parts, spec.dtype) == _plain(list(apart(spec, parameters).values()), spec.dtype):
            return spec, parameters.vector
    raise ModelFileError(
        "The ONNX model's metadata describe another network than its graph computes: it was changed since Pellucid "
        "wrote it. To read the graph alone, load it with onnx.load, delete its metadata_props, and give that."
    )


def _plain(parts: Sequence[Part], dtype: str) -> list[tuple[object, ...]]:
    """Return what parts do in a form that can be compared; weights, which are taken as they are, by their shape."""
    plain: list[tuple[object, ...]] = []
    linear = False
    for part in parts:
        if isinstance(part, Linear):
            plain.append(("linear", part.W.shape))
            linear = True
        elif isinstance(part, Activate):
            plain.append(("activate", part.name))
        elif isinstance(part, (Scaled, Scaling)):
            plain.append(_plain_scaling(part, "float64" if linear else dtype))
    return plain


def _plain_scaling(part: Scaled | Scaling, dtype: str) -> tuple[object, ...]:
    """Return a scaling's two numbers, one for each where they differ, as they are in the graph."""
    kind, first, second = (
        "scaled",
        *((part.shift, part.scale) if isinstance(part, Scaled) else (part.plus, part.factor)),
    )
    if isinstance(part, Scaling) and np.any(np.asarray(first) != 0):
        kind = "scaling"
    return kind, *(_told(np.asarray(numbers, dtype=dtype)) for numbers in (first, second))


def _told(numbers: Array) -> list[float]:
    flat = numbers.ravel()
    return flat[:1].tolist() if (flat == flat[0]).all() else flat.tolist()
