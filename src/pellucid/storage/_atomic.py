"""Write a file so that a crash leaves the old one or the new one, never a mixture."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

Buffer = bytes | memoryview


def write_atomically(path: str | os.PathLike[str], parts: Iterable[Buffer]) -> None:
    """Write the parts, one after the other, as the file at this path.

    They go to a temporary file in the same folder, are flushed to the disk, and only then take the name over
    from what stood there; last, the folder itself is flushed. A link is followed, not replaced.

    Parameters
    ----------
    path : path of the file; its folder must exist
    parts : bytes or memoryviews

    Raises
    ------
    OSError
        As the operating system says; the old file is untouched and the temporary one removed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_atomically(Path(folder) / "note", [b"one ", b"whole"])
    ...     (Path(folder) / "note").read_bytes()
    b'one whole'
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name[:200]}.{secrets.token_hex(8)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with open(descriptor, "wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)


def _flush_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can (Windows cannot open a folder)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
