"""What is no model of another library's, although it is near one: what to give instead."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pellucid.errors import KindError, brief
from pellucid.files._reading import with_article
from pellucid.files._torch_state import is_state, is_tensor

__all__ = ["no_model"]

_BY_ENDING: Final = {
    ".onnx": "Network.from_onnx(path) reads an ONNX model",
    ".safetensors": "Network.load(path) reads a file of Pellucid's",
    ".keras": "Give what keras.models.load_model(path) returns",
    ".pt": "Give what torch.load(path) returns",
    ".pth": "Give what torch.load(path) returns",
}


def no_model(given: object) -> KindError:
    """Return the error for what `Network.of` cannot take.

    Examples
    --------
    >>> print(no_model("net.onnx"))
    A model was expected, and a path was given: 'net.onnx'. Network.from_onnx(path) reads an ONNX model.
    """
    if isinstance(given, (str, os.PathLike)):
        ending = Path(os.fsdecode(given)).suffix.lower()
        next_step = _BY_ENDING.get(ending, "; ".join(list(_BY_ENDING.values())[:2]))
        return KindError(f"A model was expected, and a path was given: {brief(repr(str(given)), 200)}. {next_step}.")
    if isinstance(given, Mapping):
        within = [name for name, value in given.items() if is_state(value)]
        if within:
            return KindError(
                f"The {type(given).__name__} that was given is a checkpoint, which holds a state dict as "
                f"{brief(repr(within[0]), 60)}, and more. Give the state dict alone: checkpoint[{within[0]!r}]."
            )
        others = [name for name, value in given.items() if not is_tensor(value)]
        if 0 < len(others) < len(given):
            return KindError(
                f"A state dict of PyTorch's holds tensors alone; {brief(repr(others[0]), 60)} of what was given is of "
                f"the type {type(given[others[0]]).__name__}. Leave it out."
            )
    if isinstance(given, (bytes, bytearray, memoryview)) or type(given).__name__ == "ModelProto":
        return KindError(
            f"{type(given).__name__} was given; models of scikit-learn, Keras and PyTorch are accepted here. "
            "Network.from_onnx reads ONNX models, from bytes, too."
        )
    return KindError(
        f"No network can be made of {with_article(type(given).__name__)}; fitted MLPClassifier and MLPRegressor, "
        "Pellucid's or scikit-learn's, models of Keras 3, and modules and state dicts of PyTorch are accepted. "
        "Give one of them."
    )
