"""An ONNX model as a spec and parameters: exactly, where Pellucid wrote it; else as the network that it computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Loss, Name, Parameters, Spec
from pellucid.errors import KindError, ModelFileError, SettingError
from pellucid.files._apart import apart
from pellucid.files._container import readable
from pellucid.files._onnx._constants import FLOATS
from pellucid.files._onnx._opened import opened
from pellucid.files._onnx._path import Path, path_of
from pellucid.files._onnx._walk import Walk
from pellucid.files._onnx._write import SPEC
from pellucid.files._parts import OUTPUTS, Activate, Drop, Linear, Part, Scaled, Scaling, assembled

Array = NDArray[Any]

_WIDEST: Final = 4_096
"""Of layers that only hand numbers on, whose weights are the square of it."""


def parts_of_onnx(
    model: object,
    *,
    loss: str | Loss | None = None,
    classes: Sequence[Name] | None = None,
    targets: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
) -> tuple[Spec, Array]:
    """Return spec and parameters of the dense network that an ONNX model holds.

    Parameters
    ----------
    model : path, bytes or onnx.ModelProto
    loss, classes, targets, features : see `assembled`; a model that Pellucid wrote tells them itself

    Raises
    ------
    ModelFileError
        It is no ONNX model, not whole or not valid, its numbers are not finite or lie in another file, or its metadata
        describe another network than it computes.
    KindError, SettingError
        It is no dense network, or what was given contradicts it; a node that cannot be represented is named.
    MissingLibraryError
        The library onnx is not installed.
    """
    proto = opened(model)
    path = path_of(proto)
    walk = Walk(path)
    walk.go(path.stretches)
    told = {prop.key: prop.value for prop in proto.metadata_props}.get(SPEC)
    if told is not None:
        if any(given is not None for given in (loss, classes, targets, features)):
            raise SettingError(
                "Pellucid wrote this ONNX model, which tells its loss and names itself. Leave loss, classes, targets "
                "and features out."
            )
        return _as_told(told, walk.parts)
    if walk.width is None:
        raise KindError("The ONNX model leaves open how many inputs it has. Export it with a fixed number of them.")
    _check_widths(walk.width, walk.parts)
    if loss is None and path.names_likeliest and not _ends_in_output(walk.parts):
        loss = "cross_entropy"
    if classes is None and targets is None:
        classes = _classes(path, walk)
    spec, vector = assembled(
        walk.width,
        _with_a_layer(walk.width, walk.parts),
        dtype=_dtype(path, walk),
        loss=loss,
        classes=classes,
        targets=targets,
        features=features,
    )
    if not np.isfinite(vector).all():
        raise ModelFileError("The ONNX model holds NaN or infinity, or numbers that become so. Get a fresh copy.")
    return spec, vector


def _with_a_layer(width: int, parts: list[Part]) -> list[Part]:
    """Return the parts of a model that has no layer and yet does something, with one that hands its inputs on."""
    if any(isinstance(part, Linear) for part in parts) or all(isinstance(part, Drop) for part in parts):
        return parts
    while isinstance(parts[-1], Drop):
        parts = parts[:-1]
    end = len(parts) - _ends_in_output(parts)
    between = any(isinstance(part, Activate) for part in parts[:end])
    return parts if between else [*parts[:end], Linear(np.eye(width), np.zeros(width)), *parts[end:]]


def _dtype(path: Path, walk: Walk) -> str:
    """Return the type of the weights; where there are none, of the input."""
    of_layers = {part.W.dtype for part in walk.parts if isinstance(part, Linear)} or walk.dtypes
    wide = np.dtype(np.float64) in of_layers if of_layers else FLOATS.get(path.kind) == "float64"
    return "float64" if wide else "float32"


def _ends_in_output(parts: Sequence[Part]) -> bool:
    last = next((part for part in reversed(parts) if not isinstance(part, Drop)), None)
    return isinstance(last, Activate) and last.name in OUTPUTS


def _check_widths(width: int, parts: Sequence[Part]) -> None:
    """Raise where numbers would be handed on by so many weights that a small file could fill the memory."""
    if not any(isinstance(part, Linear) for part in parts) and width > _WIDEST:
        raise KindError(
            f"The ONNX model has no weights, and {width:,} inputs are too many for a layer that only hands them on; up "
            f"to {_WIDEST:,} are accepted. Give the model dense layers."
        )
    fresh = False
    for part in parts:
        if isinstance(part, Linear):
            width, fresh = len(part.b), True
        elif isinstance(part, Activate):
            if not fresh and width > _WIDEST:
                raise KindError(
                    f"The ONNX model's {part.of} follows no weights of its own, and {width:,} numbers are too many for "
                    f"a layer that only hands them on; up to {_WIDEST:,} are accepted. Give the model dense layers."
                )
            fresh = False
        elif isinstance(part, Scaling) and not fresh and (np.asarray(part.factor) <= 0).any() and width > _WIDEST:
            raise KindError(
                f"The ONNX model scales {width:,} numbers behind an activation by factors that are not above 0; up to "
                f"{_WIDEST:,} are accepted. Fold them into the weights."
            )


def _classes(path: Path, walk: Walk) -> list[Name] | None:
    """Return the classes' names, where the nodes that make labels tell them, and they are as many as classes."""
    last = walk.parts[-1] if walk.parts else None
    if not _ends_in_output(walk.parts) or not isinstance(last, Activate) or last.name == "exp":
        return None
    several = 2 if walk.layout.width == 1 else walk.layout.width
    for node in path.labels:
        names: list[Name] = []
        if node.op == "ai.onnx.ml.ZipMap":
            told = node.settings.get("classlabels_strings") or node.settings.get("classlabels_int64s") or []
            names = [name.decode("utf-8", "replace") if isinstance(name, bytes) else int(name) for name in told]
        elif node.op in {"ai.onnx.ml.ArrayFeatureExtractor", "Gather"} and node.input(0) in path.constants:
            array = path.constants[node.input(0)]
            if array.dtype.kind in "iuO":
                names = [int(name) if array.dtype.kind in "iu" else str(name) for name in array.ravel()]
        if len(names) == several and len(set(names)) == several:
            return names
    return None


# What Pellucid wrote


def _as_told(text: str, parts: Sequence[Part]) -> tuple[Spec, Array]:
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
