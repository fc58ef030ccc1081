"""What both kinds of file share: kind, version, and the SHA-256 that guards the content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ModelFileError
from pellucid.storage import pack_tensors, read_tensors, write_atomically

Array = NDArray[Any]
Path = str | os.PathLike[str]

VERSION: Final = "1"


def write(path: Path, kind: str, tensors: Mapping[str, Array], texts: Mapping[str, str]) -> None:
    """Write a file of this kind, atomically."""
    metadata = {"format": kind, "version": VERSION, **texts}
    metadata["sha256"] = _digest(tensors, metadata)
    write_atomically(path, pack_tensors(tensors, metadata))


def read(path: Path, kind: str, needed: tuple[str, ...]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read a file of this kind; return its arrays and texts, the needed ones among them.

    Raises
    ------
    ModelFileError
        The file cannot be opened, is no whole container, of another kind or version, or its content was changed.
    """
    try:
        tensors, texts = read_tensors(path)
    except OSError as error:
        raise ModelFileError(f"{os.fspath(path)} cannot be read: {error.strerror}. Look at the path.") from error
    found = texts.get("format")
    if found != kind:
        raise ModelFileError(
            f"{os.fspath(path)} is {'of the kind ' + repr(found) if found else 'no file of Pellucid'}; "
            f"{kind!r} is accepted here. Models are loaded with Network.load, runs with Run.load."
        )
    if texts.get("version") != VERSION:
        raise ModelFileError(
            f"{os.fspath(path)} has version {texts.get('version')!r}; this release reads version {VERSION!r}. "
            "A newer release of Pellucid reads it."
        )
    missing = [name for name in needed if name not in texts]
    if missing:
        raise ModelFileError(f"{os.fspath(path)} lacks {', '.join(missing)} in its header; it is not whole.")
    if texts.pop("sha256", None) != _digest(tensors, texts):
        raise ModelFileError(
            f"{os.fspath(path)} was damaged: its content does not match the digest in its header. Take it again from "
            "where it came."
        )
    return tensors, texts


def _digest(tensors: Mapping[str, Array], texts: Mapping[str, str]) -> str:
    """Return the SHA-256 of the texts, then of arrays: names, types, shapes, little-endian bytes, in order of names."""
    sha = hashlib.sha256(json.dumps(dict(texts), sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        little = np.ascontiguousarray(tensor, dtype=tensor.dtype.newbyteorder("<"))
        sha.update(f"{name} {little.dtype.str} {tensor.shape};".encode())
        sha.update(little.reshape(-1).view(np.uint8).data)
    return sha.hexdigest()
