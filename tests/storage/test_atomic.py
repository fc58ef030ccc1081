"""A file is whole, or as it was before: whatever fails, and whenever."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pellucid.storage import write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="asks for what only POSIX systems have")
not_root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="the superuser may write everywhere")

OLD = b"the old file"
NEW = [b"the ", memoryview(b"new "), b"", b"file"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writes_the_parts_one_after_the_other(tmp_path: Path) -> None:
    """The file holds all parts, and nothing else is left in the folder."""
    write_atomically(tmp_path / "model", NEW)
    assert b"the new file" == (tmp_path / "model").read_bytes()
    assert ["model"] == names(tmp_path)


def test_replaces_the_whole_file(tmp_path: Path) -> None:
    """What stood there before is gone, also where it was longer."""
    (tmp_path / "model").write_bytes(b"x" * 10_000)
    write_atomically(tmp_path / "model", NEW)
    assert b"the new file" == (tmp_path / "model").read_bytes()
    assert ["model"] == names(tmp_path)


@pytest.mark.parametrize("parts", [[], [b""]])
def test_nothing_is_an_empty_file(parts: list[bytes], tmp_path: Path) -> None:
    """No parts give an empty file."""
    write_atomically(tmp_path / "model", parts)
    assert b"" == (tmp_path / "model").read_bytes()


@pytest.mark.parametrize("kind", [str, Path])
def test_paths_of_each_kind(kind: Callable[[Path], str | Path], tmp_path: Path) -> None:
    """A text and a path name the same file."""
    write_atomically(kind(tmp_path / "model"), NEW)
    assert b"the new file" == (tmp_path / "model").read_bytes()


def test_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name without a folder is written where one stands."""
    monkeypatch.chdir(tmp_path)
    write_atomically("model", NEW)
    assert ["model"] == names(tmp_path)


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, "数" * 85, "🙂" * 63, "a b\n'\"", ".hidden"])
@posix
def test_any_name_that_the_system_accepts(name: str, tmp_path: Path) -> None:
    """The temporary name never grows too long where the name itself is not."""
    write_atomically(tmp_path / name, NEW)
    assert [name] == names(tmp_path)


def test_old_file_can_be_read_until_the_last_moment(tmp_path: Path) -> None:
    """While the parts are still being made, the old file stands under its name, and the new one beside it."""
    target = tmp_path / "model"
    target.write_bytes(OLD)

    def parts() -> Iterator[bytes]:
        for part in (b"one ", b"two"):
            assert OLD == target.read_bytes()
            assert 2 == len(names(tmp_path))
            yield part

    write_atomically(target, parts())
    assert b"one two" == target.read_bytes()


@posix
def test_flushed_before_it_takes_the_name_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First all bytes are flushed, then the name changes hands, then the folder is flushed."""
    calls = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        status = os.fstat(descriptor)
        calls.append("flush folder" if stat.S_ISDIR(status.st_mode) else f"flush {status.st_size} bytes")
        fsync(descriptor)

    def noted_replace(source: Path, target: Path) -> None:
        calls.append("replace")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    write_atomically(tmp_path / "model", NEW)
    assert ["flush 12 bytes", "replace", "flush folder"] == calls


@posix
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("there", [True, False])
def test_link_is_followed(depth: int, there: bool, tmp_path: Path) -> None:
    """What a link points to is written, in its own folder; the link, or the chain of them, stays."""
    (tmp_path / "far").mkdir()
    target = tmp_path / "far" / "model"
    if there:
        target.write_bytes(OLD)
    to = target
    for i in range(depth):
        (tmp_path / f"link{i}").symlink_to(to)
        to = tmp_path / f"link{i}"
    write_atomically(to, NEW)
    assert b"the new file" == target.read_bytes()
    assert all((tmp_path / f"link{i}").is_symlink() for i in range(depth))
    assert ["model"] == names(tmp_path / "far")


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_are_those_of_any_new_file(umask: int, tmp_path: Path) -> None:
    """The file may be read and written by whom the umask lets, as if it had been opened in the plain way."""
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "model", NEW)
    finally:
        os.umask(before)
    assert oct(0o666 & ~umask) == oct(stat.S_IMODE((tmp_path / "model").stat().st_mode))


@posix
@pytest.mark.parametrize("permissions", [0o600, 0o444, 0o666, 0o755, 0o4755])
def test_permissions_of_the_old_file_are_kept(permissions: int, tmp_path: Path) -> None:
    """Who might read or write the old file may do so with the new one, whatever the umask; the rest is dropped."""
    (tmp_path / "model").write_bytes(OLD)
    (tmp_path / "model").chmod(permissions)
    seen = []

    def parts() -> Iterator[bytes]:
        temporary = next(path for path in tmp_path.iterdir() if path.name != "model")
        seen.append(oct(stat.S_IMODE(temporary.stat().st_mode)))
        yield b"new"

    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "model", parts())
    finally:
        os.umask(before)
    expected = oct(permissions & 0o777)
    assert [expected] == seen
    assert expected == oct(stat.S_IMODE((tmp_path / "model").stat().st_mode))


@posix
def test_other_names_of_the_old_file_keep_it(tmp_path: Path) -> None:
    """A hard link is a second name of the old file, and stays one."""
    (tmp_path / "model").write_bytes(OLD)
    (tmp_path / "second").hardlink_to(tmp_path / "model")
    write_atomically(tmp_path / "model", NEW)
    assert b"the new file" == (tmp_path / "model").read_bytes()
    assert OLD == (tmp_path / "second").read_bytes()


@posix
def test_links_in_a_circle(tmp_path: Path) -> None:
    """A link that leads nowhere can be neither followed nor replaced."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError, match="Only a plain file is written over"):
        write_atomically(tmp_path / "a", NEW)
    assert ["a", "b"] == names(tmp_path)
    assert (tmp_path / "a").is_symlink()
    assert (tmp_path / "b").is_symlink()


class Fault(Exception):
    """What a test makes happen."""


def fail(*_: object, **__: object) -> None:
    raise Fault


def fail_in_the_middle() -> Iterator[bytes]:
    yield b"x" * 100_000
    raise Fault


def interrupt_in_the_middle() -> Iterator[bytes]:
    yield b"x" * 100_000
    raise KeyboardInterrupt


def no_space(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


FAULTS: dict[str, tuple[str | None, Callable[..., None] | None, Callable[[], object], type[BaseException]]] = {
    "opening": ("open", no_space, lambda: NEW, OSError),
    "flushing": ("fsync", no_space, lambda: NEW, OSError),
    "flushing, otherwise": ("fsync", fail, lambda: NEW, Fault),
    "replacing": ("replace", no_space, lambda: NEW, OSError),
    "the parts": (None, None, fail_in_the_middle, Fault),
    "the user": (None, None, interrupt_in_the_middle, KeyboardInterrupt),
    "a part of the wrong kind": (None, None, lambda: [b"good", "bad"], TypeError),
}


@pytest.mark.parametrize("old", [True, False], ids=["old file", "no old file"])
@pytest.mark.parametrize(("name", "fault", "parts", "error"), FAULTS.values(), ids=FAULTS.keys())
def test_failure_leaves_everything_as_it_was(
    name: str | None,
    fault: Callable[..., None] | None,
    parts: Callable[[], object],
    error: type[BaseException],
    old: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever fails, the error comes through, the old file stands, and no temporary file is left."""
    target = tmp_path / "model"
    if old:
        target.write_bytes(OLD)
    with monkeypatch.context() as patch:
        if name:
            patch.setattr(os, name, fault)
        with pytest.raises(error):
            write_atomically(target, parts())  # type: ignore[arg-type]
    assert (["model"] if old else []) == names(tmp_path)
    assert not old or OLD == target.read_bytes()


@posix
def test_full_disk(tmp_path: Path) -> None:
    """A limit of the system in the middle of writing is a failure like any other."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    (tmp_path / "model").write_bytes(OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_atomically(tmp_path / "model", [bytes(60_000)] * 3)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert OLD == (tmp_path / "model").read_bytes()
    assert ["model"] == names(tmp_path)


@posix
@pytest.mark.parametrize("name", ["open", "fsync"])
def test_folder_that_cannot_be_flushed_is_no_failure(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system will not flush a folder, the new file is in its place all the same, and no error is raised."""
    plain = getattr(os, name)
    refused = []

    def refuse_folders(what: int | str | Path, *rest: int) -> object:
        if stat.S_ISDIR(os.fstat(what).st_mode) if isinstance(what, int) else Path(what).is_dir():
            refused.append(what)
            raise OSError(errno.EINVAL, "Invalid argument")
        return plain(what, *rest)

    monkeypatch.setattr(os, name, refuse_folders)
    write_atomically(tmp_path / "model", NEW)
    assert 1 == len(refused)
    assert b"the new file" == (tmp_path / "model").read_bytes()


@posix
def test_folder_whose_flush_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk fails after the name has changed hands, the error says that the new file is there."""
    plain = os.fsync

    def fail_for_folders(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EIO, "Input/output error")
        plain(descriptor)

    (tmp_path / "model").write_bytes(OLD)
    monkeypatch.setattr(os, "fsync", fail_for_folders)
    with pytest.raises(OSError, match="The new file is in its place, but a power cut may undo it; save again") as error:
        write_atomically(tmp_path / "model", NEW)
    assert (errno.EIO, os.fspath(tmp_path)) == (error.value.errno, error.value.filename)
    assert b"the new file" == (tmp_path / "model").read_bytes()
    assert ["model"] == names(tmp_path)


def test_missing_folder(tmp_path: Path) -> None:
    """Into a folder that is not there nothing is written, and none is made."""
    with pytest.raises(FileNotFoundError, match="There is no such folder; make it first") as error:
        write_atomically(tmp_path / "none" / "model", NEW)
    assert os.fspath(tmp_path / "none") == error.value.filename
    assert [] == names(tmp_path)


@posix
def test_folder_is_a_file(tmp_path: Path) -> None:
    """A file is no folder."""
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(FileNotFoundError, match="There is no such folder; make it first") as error:
        write_atomically(tmp_path / "file" / "model", NEW)
    assert os.fspath(tmp_path / "file") == error.value.filename
    assert ["file"] == names(tmp_path)
    assert OLD == (tmp_path / "file").read_bytes()


@posix
@not_root
def test_unwritable_folder(tmp_path: Path) -> None:
    """In a folder that one may not write to the old file stays."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "model").write_bytes(OLD)
    folder.chmod(0o555)
    try:
        with pytest.raises(PermissionError):
            write_atomically(folder / "model", NEW)
        assert OLD == (folder / "model").read_bytes()
        assert ["model"] == names(folder)
    finally:
        folder.chmod(0o755)


def test_target_is_a_folder(tmp_path: Path) -> None:
    """A folder is not written over."""
    (tmp_path / "model").mkdir()
    with pytest.raises(FileExistsError, match="Only a plain file is written over, and this is none"):
        write_atomically(tmp_path / "model", NEW)
    assert ["model"] == names(tmp_path)
    assert [] == names(tmp_path / "model")


@posix
def test_target_is_a_device_or_a_pipe(tmp_path: Path) -> None:
    """What is no plain file, such as a pipe or /dev/null, is not replaced by one."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to(os.devnull)
    for name in ("pipe", "null"):
        with pytest.raises(FileExistsError):
            write_atomically(tmp_path / name, NEW)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert ["null", "pipe"] == names(tmp_path)


def open_files() -> int:
    return len(names(Path("/proc/self/fd")))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says which files are open")
def test_no_file_stays_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither success nor failure leaves a descriptor behind."""
    before = open_files()
    write_atomically(tmp_path / "model", NEW)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Fault):
        write_atomically(tmp_path / "model", NEW)
    assert before == open_files()
