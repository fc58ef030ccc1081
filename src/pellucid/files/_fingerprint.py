"""The fingerprint that a file's content has, also where the file names parts that its user wrote."""

from __future__ import annotations

import re

import numpy as np

from pellucid.checks import strict_json
from pellucid.core import fingerprint
from pellucid.errors import ModelFileError
from pellucid.files._container import Content
from pellucid.files._run import KIND as RUN


def fingerprint_in(content: Content) -> str:
    """Return the fingerprint of a model's parameters, or of those on which a run stands.

    Raises
    ------
    ModelFileError
        The content holds no such arrays.
    """
    try:
        if content.kind == RUN:
            told = None if content.version == "1" else strict_json(content.text("run"))["fingerprint"]
            return fingerprint(content.arrays["parameters"]) if told is None else str(told)
        layers = [name.removesuffix(".weight") for name in content.arrays if name.endswith(".weight")]
        parts = []
        for layer in sorted(layers, key=_place):
            parts += [content.arrays[f"{layer}.weight"].T.ravel(), content.arrays[f"{layer}.bias"]]
        return fingerprint(np.concatenate(parts))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelFileError(f"{content.path} holds no whole parameters: {error}. Get a fresh copy.") from None


def _place(layer: str) -> tuple[bool, int]:
    """Return what orders layers: layer_1, layer_2, …, and then the output."""
    number = re.fullmatch(r"layer_([1-9][0-9]{0,8})", layer)
    if layer != "output" and number is None:
        raise ValueError(f"{layer!r} is no layer")
    return layer == "output", 0 if number is None else int(number[1])
