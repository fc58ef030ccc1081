"""An ONNX model as a spec and parameters: exactly, where Pellucid wrote it; else as the network that it computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Loss, Name, Spec
from pellucid.errors import KindError, ModelFileError, SettingError
from pellucid.files._onnx._constants import FLOATS
from pellucid.files._onnx._halves import check_digits
from pellucid.files._onnx._handing_on import check_widths, ends_in_output, with_a_layer
from pellucid.files._onnx._opened import opened
from pellucid.files._onnx._path import Path, path_of
from pellucid.files._onnx._row import Row
from pellucid.files._onnx._told import as_told
from pellucid.files._onnx._walk import row_of
from pellucid.files._onnx._write import SPEC
from pellucid.files._parts import Activate, Linear, assembled

Array = NDArray[Any]


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
    row = row_of(path)
    check_digits(path, row)
    told = {prop.key: prop.value for prop in proto.metadata_props}.get(SPEC)
    if told is not None:
        if any(given is not None for given in (loss, classes, targets, features)):
            raise SettingError(
                "Pellucid wrote this ONNX model, which tells its loss and names itself. Leave loss, classes, targets "
                "and features out."
            )
        return as_told(told, row.parts)
    if row.width is None:
        raise KindError("The ONNX model leaves open how many inputs it has. Export it with a fixed number of them.")
    check_widths(row.width, row.parts)
    if loss is None and path.names_likeliest and not ends_in_output(row.parts):
        loss = "cross_entropy"
    if classes is None and targets is None:
        classes = _classes(path, row)
    spec, vector = assembled(
        row.width,
        with_a_layer(row.width, row.parts),
        dtype=_dtype(path, row),
        loss=loss,
        classes=classes,
        targets=targets,
        features=features,
    )
    if not np.isfinite(vector).all():
        raise ModelFileError("The ONNX model holds NaN or infinity, or numbers that become so. Get a fresh copy.")
    return spec, vector


def _dtype(path: Path, row: Row) -> str:
    """Return the type of the weights; where there are none, of the input."""
    of_layers = {part.W.dtype for part in row.parts if isinstance(part, Linear)} or row.dtypes
    wide = np.dtype(np.float64) in of_layers if of_layers else FLOATS.get(path.kind) == "float64"
    return "float64" if wide else "float32"


def _classes(path: Path, row: Row) -> list[Name] | None:
    """Return the classes' names, where the nodes that make labels tell them, and they are as many as classes."""
    last = row.parts[-1] if row.parts else None
    if not ends_in_output(row.parts) or not isinstance(last, Activate) or last.name == "exp":
        return None
    several = 2 if row.layout.width == 1 else row.layout.width
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
