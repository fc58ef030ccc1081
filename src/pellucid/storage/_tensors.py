"""The container: named arrays and named texts in one file, in the safetensors layout.

::

    8 bytes   n, the header's length, little-endian
    n bytes   the header, JSON: {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets"}, …}
    the rest  the arrays' bytes, little-endian, row-major, one after the other without a gap

Source: the safetensors format, as its README specifies it.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from io import FileIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import strict_json
from pellucid.errors import ModelFileError

MAX_HEADER_BYTES: Final = 1 << 20
MAX_TENSORS: Final = 10_000

_METADATA: Final = "__metadata__"
_DTYPES: Final[dict[str, np.dtype[Any]]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}
DTYPE_NAMES: Final = {dtype: name for name, dtype in _DTYPES.items()}

Array = NDArray[Any]


def pack_tensors(tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> list[bytes | memoryview]:
    """Return a file's parts, for `write_atomically`.

    Parameters
    ----------
    tensors : arrays of float32, float64, int64 or uint8, by name
    metadata : texts by name

    Raises
    ------
    ModelFileError
        `read_tensors` would refuse the file: there are too many tensors or too much text, or the name
        ``__metadata__`` is taken by a tensor.
    """
    if len(tensors) > MAX_TENSORS or _METADATA in tensors:
        raise ModelFileError(
            f"A file holds at most {MAX_TENSORS} tensors, none of them named {_METADATA!r}; {len(tensors)} were given. "
            "Give fewer, or another name."
        )
    header: dict[str, object] = {_METADATA: dict(metadata)}
    parts: list[bytes | memoryview] = []
    end = 0
    for name, tensor in tensors.items():
        little = np.ascontiguousarray(tensor, dtype=tensor.dtype.newbyteorder("<"))
        begin, end = end, end + little.nbytes
        header[name] = {"dtype": DTYPE_NAMES[little.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
        parts.append(little.reshape(-1).view(np.uint8).data)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER_BYTES:
        raise ModelFileError(
            f"A file's names and texts may take {MAX_HEADER_BYTES} bytes; they take {len(text)}. Shorten them."
        )
    return [len(text).to_bytes(8, "little"), text, *parts]


def read_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """Read a container; return its arrays and its texts, by name.

    The header is believed in nothing: its length, each type, shape and offset are held against the file's
    size before an array is made; gaps, overlaps, repeated names and left-over bytes are refused.

    Raises
    ------
    ModelFileError
        The file is no such container, or not a whole one.
    OSError
        As the operating system says.
    """
    if not Path(path).is_file() and Path(path).exists():  # a pipe would wait for ever
        raise _broken(path, "it is no plain file")
    with open(path, "rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(_exactly(path, file, 8) if size >= 8 else b"", "little")
        if size < 8 or length > min(size - 8, MAX_HEADER_BYTES):
            raise _broken(path, f"its first bytes claim a header of {length} bytes in a file of {size}")
        header = _parsed(path, bytes(_exactly(path, file, length)))
        metadata = _metadata(path, header.pop(_METADATA, {}))
        if len(header) > MAX_TENSORS:
            raise _broken(path, f"its header names {len(header)} tensors; at most {MAX_TENSORS} are read")
        entries = sorted(_entries(path, header), key=lambda entry: entry[3:])
        data_bytes = size - 8 - length
        end = 0
        for name, _, _, begin, stop in entries:
            if begin != end:
                raise _broken(path, f"tensor {name!r} begins at byte {begin}, where {end} was expected")
            end = stop
        if end != data_bytes:
            raise _broken(path, f"its tensors take {end} bytes, but {data_bytes} are there")
        tensors: dict[str, Array] = {}
        for name, dtype, shape, begin, stop in entries:
            tensors[name] = np.frombuffer(_exactly(path, file, stop - begin), dtype=dtype).reshape(shape)
            tensors[name].setflags(write=False)
    return tensors, metadata


def _exactly(path: str | os.PathLike[str], file: FileIO, n: int) -> bytearray:
    """Read n bytes that the file's size says are there."""
    try:
        content, have = bytearray(n), 0
    except MemoryError:
        raise _broken(path, f"its next {n} bytes do not fit into memory") from None
    while have < n:
        got = file.readinto(memoryview(content)[have:])
        if not got:
            raise _broken(path, "it became shorter while it was read")
        have += got
    return content


def _broken(path: str | os.PathLike[str], why: str) -> ModelFileError:
    return ModelFileError(
        f"{os.fspath(path)} is not a whole model or run file: {why}. "
        "Give a file written by Pellucid, or take it again from where it came."
    )


def _parsed(path: str | os.PathLike[str], text: bytes) -> dict[str, Any]:
    if any(space in text for space in (b"\t", b"\n", b"\r")):  # so that no byte of the header can be changed unseen
        raise _broken(path, "its header holds white space other than blanks")
    try:
        header = strict_json(text.decode())
    except (ValueError, RecursionError) as error:
        raise _broken(path, f"its header is not JSON ({error})") from None
    if not isinstance(header, dict):
        raise _broken(path, "its header is not an object of names and entries")
    return header


def _metadata(path: str | os.PathLike[str], metadata: object) -> dict[str, str]:
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise _broken(path, "its metadata are not texts")
    return metadata


def _entries(
    path: str | os.PathLike[str], header: Mapping[str, object]
) -> list[tuple[str, np.dtype[Any], tuple[int, ...], int, int]]:
    entries = []
    for name, entry in header.items():
        match entry:
            case {"dtype": str(kind), "shape": list(shape), "data_offsets": [begin, stop], **rest} if not rest:
                whole = all(type(n) is int and n >= 0 for n in [*shape, begin, stop])
            case _:
                raise _broken(path, f"the entry of tensor {name!r} is malformed")
        if kind not in _DTYPES:
            raise _broken(path, f"tensor {name!r} is of type {kind!r}; known are {', '.join(_DTYPES)}")
        itemsize = _DTYPES[kind].itemsize
        if (
            not whole
            or len(shape) > 8
            or math.prod(shape) * itemsize != stop - begin
            or math.prod(n or 1 for n in shape) * itemsize >= 2**63  # one side is 0, and the others too long for NumPy
        ):
            raise _broken(path, f"tensor {name!r} has a shape that contradicts its offsets")
        entries.append((name, _DTYPES[kind], tuple(shape), begin, stop))
    return entries
