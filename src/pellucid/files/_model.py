"""The model file: a spec, W and b of each layer, and what an optimiser kept, if wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from pellucid.core import Custom, Parameters, Slots, Spec
from pellucid.errors import ModelFileError
from pellucid.files._container import Content, Path, read, write

KIND = "pellucid.model"

_SLOT = "slot."


def save_model(path: Path, spec: Spec, parameters: Parameters, seed: int, slots: Mapping[str, object] | None) -> None:
    """Write a network as a file in the safetensors layout.

    ``layer_1.weight``, shape (n_out, n_in), and ``layer_1.bias`` for each layer; ``slot.…`` for each vector of an
    optimiser; ``spec`` and ``seed`` as texts.
    """
    tensors = {}
    for name in parameters:
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = parameters[name]
    tensors |= {_SLOT + name: np.asarray(slot) for name, slot in (slots or {}).items()}
    write(path, KIND, tensors, {"spec": spec.to_json(), "seed": str(seed)})


def load_model(path: Path, custom: Custom | None = None) -> tuple[Spec, Parameters, int, Slots]:
    """Read a network: spec, parameters and seed, and what an optimiser kept.

    Raises
    ------
    ModelFileError
        The file is no model file, not whole, or of a version that is not read.
    """
    return model_in(read(path), custom)


def model_in(content: Content, custom: Custom | None = None) -> tuple[Spec, Parameters, int, Slots]:
    """Return what the content of a model file tells."""
    content.expect(KIND)
    spec, seed = Spec.from_json(content.text("spec"), custom), content.text("seed")
    arrays = content.arrays
    slots = {name.removeprefix(_SLOT): arrays.pop(name) for name in list(arrays) if name.startswith(_SLOT)}
    expected: dict[str, tuple[int, ...]] = {
        f"{name}.weight": shape for name, shape in zip(spec.names, spec.shapes, strict=True)
    }
    expected |= {f"{name}.bias": shape[:1] for name, shape in zip(spec.names, spec.shapes, strict=True)}
    found = {name: array.shape for name, array in arrays.items()}
    vectors = all(slot.shape == (spec.n_parameters,) for slot in slots.values())
    one_type = all(array.dtype == np.dtype(spec.dtype) for array in [*arrays.values(), *slots.values()])
    if found != expected or not vectors or not one_type:  # before room is made for so many parameters
        raise ModelFileError(f"{content.path} holds other arrays than its spec describes; it is not whole.")
    if not all(np.isfinite(array).all() for array in [*arrays.values(), *slots.values()]):
        raise ModelFileError(f"{content.path} holds NaN or infinity, which is never written. Get a fresh copy.")
    if not re.fullmatch("[0-9]{1,20}", seed) or int(seed) >= 2**64:
        raise ModelFileError(f"{content.path} has the seed {seed[:40]!r}, which is no seed.")
    parameters = Parameters(spec)
    for name in parameters:
        W, b = parameters[name]
        W[...], b[...] = arrays.pop(f"{name}.weight"), arrays.pop(f"{name}.bias")
    return spec, parameters, int(seed), slots
