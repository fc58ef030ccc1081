"""What both kinds of file share: kind, version, and the SHA-256 that guards the content."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import ModelFileError
from pellucid.storage import DTYPE_NAMES, pack_tensors, read_tensors, write_atomically
from pellucid.version import __version__

Array = NDArray[Any]
Path = str | os.PathLike[str]

VERSION: Final = "2"
_READ: Final = ("1", "2", "3")
_KINDS: Final = ("pellucid.model", "pellucid.run")

MAX_TEXT_BYTES: Final = 3 << 20
MAX_BRACKETS: Final = 50_000
MAX_COLONS: Final = 200_000
"""What a text may hold. JSON of many small things takes twenty times its length when it is read."""


class Content(NamedTuple):
    """What a whole file holds.

    Attributes
    ----------
    path : str
    kind : "pellucid.model" or "pellucid.run"
    version : str
    release : the release of Pellucid that wrote it, or None for version 1
    arrays : by name; texts are among them, as arrays of their bytes
    """

    path: str
    kind: str
    version: str
    release: str | None
    arrays: dict[str, Array]

    def expect(self, kind: str) -> Content:
        """Return it, or raise `ModelFileError` where it is of another kind."""
        if self.kind != kind:
            raise ModelFileError(
                f"{self.path} is of the kind {self.kind!r}; {kind!r} is accepted here. Models are loaded with "
                "Network.load, runs with Run.load."
            )
        return self

    def text(self, name: str) -> str:
        """Take a text out of the arrays; raise `ModelFileError` where there is none, or it is too long to be read."""
        array = self.arrays.pop(name, None)
        if array is None or array.dtype != np.uint8 or array.ndim != 1:
            raise ModelFileError(f"{self.path} lacks the text {name!r}; it is not whole. Get a fresh copy.")
        content = array.tobytes()
        if not readable(content):
            raise ModelFileError(
                f"{self.path} has a text {name!r} of {len(content)} bytes; {_LIMITS} are read. Get a fresh copy."
            )
        try:
            return content.decode()
        except ValueError:
            raise ModelFileError(f"{self.path} has a text {name!r} that is not UTF-8. Get a fresh copy.") from None


_LIMITS: Final = f"texts of up to {MAX_TEXT_BYTES} bytes with up to {MAX_BRACKETS} brackets and {MAX_COLONS} colons"


def readable(text: bytes) -> bool:
    brackets, colons = text.count(b"[") + text.count(b"{"), text.count(b":")
    return len(text) <= MAX_TEXT_BYTES and brackets <= MAX_BRACKETS and colons <= MAX_COLONS


def write(
    path: Path, kind: str, tensors: Mapping[str, Array], texts: Mapping[str, str], version: str | None = None
) -> None:
    """Write a file of this kind, atomically; each text is an array of its bytes in UTF-8, so that it may be long.

    ``version``: the oldest that tells all of it; None: the usual one.
    Arrays of long numbers come first and texts last, so that each begins at a multiple of its numbers' size.

    Raises
    ------
    ModelFileError
        `read` would refuse the file; nothing is written.
    """
    arrays = dict(sorted(tensors.items(), key=lambda item: -item[1].itemsize))
    for name, text in texts.items():
        content = text.encode()
        if not readable(content):
            raise ModelFileError(
                f"The text {name!r} takes {len(content)} bytes; a file holds {_LIMITS}. Shorten the names of inputs "
                "and classes, or give one scale and shift for all inputs."
            )
        arrays[name] = np.frombuffer(content, dtype=np.uint8)
    metadata = {"format": kind, "version": version or VERSION, "release": __version__}
    write_atomically(path, pack_tensors(arrays, metadata | {"sha256": _digest(arrays, metadata)}))


def read(path: Path) -> Content:
    """Read a file of either kind.

    Raises
    ------
    ModelFileError
        The file cannot be opened, is no whole container, no file of Pellucid's, of a version that this release does not
        read, or its content was changed.
    """
    name = os.fspath(path)
    try:
        arrays, metadata = read_tensors(path)
    except OSError as error:
        raise ModelFileError(f"{name} cannot be read: {error.strerror}. Look at the path.") from error
    except ModelFileError:
        raise
    except ValueError as error:  # a path with a zero byte
        raise ModelFileError(f"{name!r} is no path: {error}. Look at it.") from error
    kind, version, release = (metadata.get(key) for key in ("format", "version", "release"))
    if kind not in _KINDS:
        raise ModelFileError(
            f"{name} is {'of the kind ' + repr(kind) if kind else 'no file of Pellucid'}; "
            f"{' and '.join(map(repr, _KINDS))} are accepted. Give a file that Pellucid wrote."
        )
    known = release is not None and re.fullmatch(r"[0-9A-Za-z.+]{1,40}", release)
    if version not in _READ:
        raise ModelFileError(
            f"{name} has version {version!r}{f', written by Pellucid {release}' if known else ''}; this is Pellucid "
            f"{__version__}, which reads the versions {', '.join(_READ[:-1])} and {_READ[-1]}. "
            f"Pellucid {release if known else 'of a later release'} reads it: install that, or a later one."
        )
    sha256 = metadata.pop("sha256", None)
    expected = {"format", "version"} if version == "1" else {"format", "version", "release"}
    if (
        metadata.keys() != expected
        or (version != "1" and not known)
        or sha256 != _digest(arrays, {} if version == "1" else metadata)
    ):
        raise ModelFileError(
            f"{name} was damaged: its content does not match the digest in its header. Get a fresh copy."
        )
    return Content(name, kind, version, release, arrays)


def _digest(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> str:
    """Return the SHA-256 of the metadata but for the digest itself (none in version 1), and of all arrays, by name.

    Of each of the metadata: the name, a zero byte, the text, a zero byte. Of each array: the name, a zero byte, the
    type as the header calls it, a zero byte, the shape's numbers with commas between them, a zero byte, and the
    bytes, little-endian and row-major.
    """
    sha = hashlib.sha256()
    for name in sorted(metadata):
        sha.update(f"{name}\0{metadata[name]}\0".encode())
    for name in sorted(arrays):
        little = np.ascontiguousarray(arrays[name], dtype=arrays[name].dtype.newbyteorder("<"))
        shape = ",".join(str(n) for n in arrays[name].shape)
        sha.update(f"{name}\0{DTYPE_NAMES[little.dtype]}\0{shape}\0".encode())
        sha.update(little.reshape(-1).view(np.uint8).data)
    return sha.hexdigest()
