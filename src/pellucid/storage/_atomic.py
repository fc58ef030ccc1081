"""Write a file so that a crash leaves the old one or the new one, never a mixture."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

Buffer = bytes | memoryview


def write_atomically(path: str | os.PathLike[str], parts: Iterable[Buffer]) -> None:
    """Write the parts, one after the other, as the file at this path.

    They go to a temporary file in the same folder, are flushed to the disk, and only then take the name over
    from what stood there; last, the folder itself is flushed, if the system lets it be. A link is followed, not
    replaced, and what is no plain file, such as a device, is not written over.

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
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "There is no such folder; make it first", str(target.parent))
    if target.exists() and not target.is_file():
        raise FileExistsError(errno.EEXIST, "Only a plain file is written over, and this is none", os.fspath(target))
    # 50 characters take 200 bytes at most, so that the name stays within the 255 that file systems accept.
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.tmp")
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
    """Flush a folder's entries to the disk, where the system can.

    Windows cannot open a folder, some file systems cannot flush one, and one may be allowed to write into a folder
    but not to read it. The new file is whole and in its place by then, so none of this is an error.
    """
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
