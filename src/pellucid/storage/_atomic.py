"""Write a file so that a crash leaves the old one or the new one, never a mixture."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

Buffer = bytes | memoryview

# What is answered where a folder cannot be flushed in principle: it may not be opened, or it has no such operation.
_CANNOT_FLUSH: Final = {
    *(errno.EACCES, errno.EPERM, errno.EISDIR),
    *(errno.EBADF, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP),
}


def write_atomically(path: str | os.PathLike[str], parts: Iterable[Buffer]) -> None:
    """Write the parts, one after the other, as the file at this path.

    They go to a temporary file in the same folder, are flushed to the disk, and only then take the name over
    from what stood there; last, the folder itself is flushed, if the system lets it be. A link is followed, not
    replaced, and what is no plain file, such as a device, is not written over. The new file has the old one's
    permissions, and belongs to who writes it; another name of the old file (a hard link) keeps the old content.

    Parameters
    ----------
    path : path of the file; its folder must exist
    parts : bytes or memoryviews

    Raises
    ------
    OSError
        As the operating system says; the old file is untouched and the temporary one removed. Only where it was the
        folder that could not be flushed does the new file stand there already, which the message then says.

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
    permissions = _permissions(target)
    # 50 characters take 200 bytes at most, so that the name stays within the 255 that file systems accept.
    temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(8)}.tmp")

    def opener(name: str, flags: int) -> int:
        # At no moment may more people read the new file than the old one.
        return os.open(name, flags, 0o666 if permissions is None else permissions)

    try:
        with open(temporary, "xb", opener=opener) as file:
            if permissions not in {None, stat.S_IMODE(os.fstat(file.fileno()).st_mode)}:
                temporary.chmod(permissions)  # what the umask took away
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)


def _permissions(target: Path) -> int | None:
    """Return who may do what with the file that is there, or None where none is.

    A link can be met here only where it could not be followed, because it leads in a circle or cannot be read.
    """
    try:
        mode = os.lstat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise FileExistsError(errno.EEXIST, "Only a plain file is written over, and this is none", os.fspath(target))
    return mode & 0o777


def _flush_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk, where the system can.

    Windows cannot open a folder, some file systems cannot flush one, and one may be allowed to write into a folder
    but not to read it. The new file is whole and in its place by then, so none of this is an error; a disk that
    fails is one, since the name might still be the old file's after a power cut.
    """
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            with contextlib.suppress(OSError):  # it was opened to be read, so that nothing is lost by it
                os.close(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_FLUSH:
            message = f"The new file is in its place, but a power cut may undo it; save again ({error.strerror})"
            raise OSError(error.errno, message, os.fspath(folder)) from error
