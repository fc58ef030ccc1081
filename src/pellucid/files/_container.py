"""What both kinds of file share: kind, version, and the SHA-256 that guards the content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ModelFileError
from pellucid.storage import DTYPE_NAMES, pack_tensors, read_tensors, write_atomically

Array = NDArray[Any]
Path = str | os.PathLike[str]

VERSION: Final = "1"


def write(path: Path, kind: str, tensors: Mapping[str, Array], texts: Mapping[str, str]) -> None:
    """Write a file of this kind, atomically; each text is an array of its bytes in UTF-8, so that it may be long.

    Arrays of long numbers come first and texts last, so that each begins at a multiple of its numbers' size.
    """
    arrays = dict(sorted(tensors.items(), key=lambda item: -item[1].itemsize))
    arrays |= {name: np.frombuffer(text.encode(), dtype=np.uint8) for name, text in texts.items()}
    metadata = {"format": kind, "version": VERSION, "sha256": _digest(arrays)}
    write_atomically(path, pack_tensors(arrays, metadata))


def read(path: Path, kind: str, needed: tuple[str, ...]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read a file of this kind; return its arrays, and the needed texts.

    Raises
    ------
    ModelFileError
        The file cannot be opened, is no whole container, of another kind or version, or its content was changed.
    """
    try:
        arrays, metadata = read_tensors(path)
    except OSError as error:
        raise ModelFileError(f"{os.fspath(path)} cannot be read: {error.strerror}. Look at the path.") from error
    found = metadata.get("format")
    if found != kind:
        raise ModelFileError(
            f"{os.fspath(path)} is {'of the kind ' + repr(found) if found else 'no file of Pellucid'}; "
            f"{kind!r} is accepted here. Models are loaded with Network.load, runs with Run.load."
        )
    if metadata.get("version") != VERSION:
        raise ModelFileError(
            f"{os.fspath(path)} has version {metadata.get('version')!r}; this release reads version {VERSION!r}. "
            "A newer release of Pellucid reads it."
        )
    if metadata.keys() != {"format", "version", "sha256"} or metadata["sha256"] != _digest(arrays):
        raise ModelFileError(
            f"{os.fspath(path)} was damaged: its content does not match the digest in its header. Get a fresh copy."
        )
    try:
        texts = {name: _text(arrays.pop(name)) for name in needed}
    except (KeyError, ValueError):
        raise ModelFileError(
            f"{os.fspath(path)} lacks one of the texts {', '.join(needed)}; it is not whole."
        ) from None
    return arrays, texts


def _text(array: Array) -> str:
    if array.dtype != np.uint8 or array.ndim != 1:
        raise ValueError("no array of bytes")
    return array.tobytes().decode()


def _digest(arrays: Mapping[str, Array]) -> str:
    """Return the SHA-256 of all arrays in the order of their names.

    Of each: the name, a zero byte, the type as the header calls it, a zero byte, the shape's numbers with commas
    between them, a zero byte, and the bytes, little-endian and row-major.
    """
    sha = hashlib.sha256()
    for name in sorted(arrays):
        little = np.ascontiguousarray(arrays[name], dtype=arrays[name].dtype.newbyteorder("<"))
        shape = ",".join(str(n) for n in arrays[name].shape)
        sha.update(f"{name}\0{DTYPE_NAMES[little.dtype]}\0{shape}\0".encode())
        sha.update(little.reshape(-1).view(np.uint8).data)
    return sha.hexdigest()
