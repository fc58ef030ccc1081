"""The model file: a spec, and W and b of each layer."""

from __future__ import annotations

import os

import numpy as np

from pellucid.core import Custom, Parameters, Spec
from pellucid.errors import ModelFileError
from pellucid.files._container import Path, read, write
from pellucid.random import checked_seed

KIND = "pellucid.model"


def save_model(path: Path, spec: Spec, parameters: Parameters, seed: int) -> None:
    """Write a network as a file in the safetensors layout.

    ``layer_1.weight``, shape (n_out, n_in), and ``layer_1.bias`` for each layer; ``spec`` and ``seed`` as texts.
    """
    tensors = {}
    for name in parameters:
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = parameters[name]
    write(path, KIND, tensors, {"spec": spec.to_json(), "seed": str(seed)})


def load_model(path: Path, custom: Custom | None = None) -> tuple[Spec, Parameters, int]:
    """Read a network: spec, parameters and seed.

    Raises
    ------
    ModelFileError
        The file is no model file, not whole, or of another version.
    """
    tensors, texts = read(path, KIND, ("spec", "seed"))
    spec = Spec.from_json(texts["spec"], custom)
    expected: dict[str, tuple[int, ...]] = {
        f"{name}.weight": shape for name, shape in zip(spec.names, spec.shapes, strict=True)
    }
    expected |= {f"{name}.bias": shape[:1] for name, shape in zip(spec.names, spec.shapes, strict=True)}
    found = {name: tensor.shape for name, tensor in tensors.items()}
    if found != expected or any(tensor.dtype != np.dtype(spec.dtype) for tensor in tensors.values()):
        raise ModelFileError(f"{os.fspath(path)} holds other arrays than its spec describes; it is not whole.")
    parameters = Parameters(spec)
    for name in parameters:
        W, b = parameters[name]
        W[...], b[...] = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    try:
        seed = checked_seed(int(texts["seed"]))
    except ValueError:
        raise ModelFileError(f"{os.fspath(path)} has the seed {texts['seed']!r}, which is no seed.") from None
    return spec, parameters, seed
