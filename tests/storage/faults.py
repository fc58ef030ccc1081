"""Faults in the calls by which a file is saved: each fault at each call, and what is left after it.

The functions at the end run in a process of their own, into which `interposed.cpp` is loaded: see `process`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import multiprocessing
import os
import shlex
import subprocess
import tempfile
import unittest.mock
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import judges
from pellucid.files import _container
from storage.savings import Writer, saving

# Answers, beside the errnos: write half; say that it was done.
HALF: Final = 1 << 16
PRETENDED: Final = 1 << 17


class Call(NamedTuple):
    """A call by which a file is read or written."""

    name: str
    path: str  # also where a descriptor was given
    to: str  # the new path of what is renamed
    number: int  # an open's flags, a write's place in the file
    data: Any  # what is written, as long as the call lasts


@contextlib.contextmanager
def process(folder: Path) -> Iterator[Executor]:
    """Give a process all of whose calls can be asked about; its library is compiled into the folder."""
    compiler, *flags = shlex.split(os.environ.get("CXX", "c++"))
    source, library = Path(__file__).with_name("interposed.cpp"), folder / "interposed.so"
    flags += ["-std=c++20", "-shared", "-fPIC", os.fspath(source), "-o", os.fspath(library), "-ldl"]
    subprocess.run([judges.tool(compiler, "g++"), *flags], check=True)
    with (
        unittest.mock.patch.dict(os.environ, LD_PRELOAD=os.fspath(library)),
        ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool,
    ):
        yield pool


@contextlib.contextmanager
def asking(answer: Callable[[Call], int]) -> Iterator[None]:
    """Let this function answer each call: 0 lets it pass, and the rest stands in `interposed.cpp`."""
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])  # which is loaded already
    broken = []

    def asked(name: bytes, descriptor: int, path: bytes, to: bytes, number: int, data: int, size: int) -> int:
        try:
            if descriptor >= 0:
                path = bytes(Path(f"/proc/self/fd/{descriptor}").readlink())
            if name == b"write" and number < 0:
                number = os.lseek(descriptor, 0, os.SEEK_CUR)
            written = (ctypes.c_char * size).from_address(data) if size else b""
            given = answer(Call(name.decode(), os.fsdecode(path or b""), os.fsdecode(to or b""), number, written))
        except Exception as error:  # noqa: BLE001
            broken.append(error)  # none may pass through the C library
            return 0
        # After close a descriptor is gone, whatever was answered.
        return -given if name == b"close" and given > 0 else given

    texts = (ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p)
    function = ctypes.CFUNCTYPE(ctypes.c_int, *texts, ctypes.c_long, ctypes.c_void_p, ctypes.c_size_t)(asked)
    library.ask_by(function)
    try:
        yield
    finally:
        library.ask_by(None)
        if broken:
            raise broken[0]


def _once(answer: int) -> Callable[[int, Call], int]:
    return lambda since, _: answer if since == 0 else 0


def _short(since: int, call: Call) -> int:
    return HALF if since == 0 and call.name == "write" and len(call.data) > 1 else 0


def _full(since: int, call: Call) -> int:
    return _short(since, call) or (errno.ENOSPC if since > 0 and call.name == "write" else 0)


# What a fault answers to a call that comes so many calls after the chosen one.
FAULTS: Final[dict[str, Callable[[int, Call], int]]] = {
    "ENOSPC": _once(errno.ENOSPC),
    "EIO": _once(errno.EIO),
    "EIO, though done": _once(-errno.EIO),
    "EINTR": _once(errno.EINTR),
    "a short write": _short,
    "a disk that is full from then on": _full,
    "EIO from then on": lambda since, _: errno.EIO if since >= 0 else 0,
}

SITUATIONS: Final = ("over an old file", "where none is", "through a link")

# Without these there is no promise to give, so that their failures are errors.
NEEDED: Final = {
    *("open file", "chmod file", "write file", "fsync file", "close file", "rename file"),
    *("open folder", "fsync folder"),
}
# These Python calls again when a signal interrupts them (PEP 475).
RETRIED: Final = {"open file", "write file", "fsync file", "open folder", "fsync folder"}


class Outcome(NamedTuple):
    """What is left after a fault."""

    situation: str
    fault: str
    struck: str  # the first call that did not go well, such as "fsync folder"
    error: int | None  # the errno that was raised
    content: str  # "old", "new" or "neither"; where there was no old file, nothing is old
    renamed: bool  # whether the name had changed hands
    untidy: str  # what is there and should not be, or is not and should

    @property
    def complaint(self) -> str:
        """What is wrong with it; empty where all is as promised."""
        told = self.error is not None
        harmless = self.fault in {"EINTR", "a short write"}
        wrong = {
            "neither the old file nor the new one": self.content == "neither",
            "not saved, and no error": not told and self.content != "new",
            "the old file lost, and an error": told and self.content == "new" and not self.renamed,
            self.untidy: bool(self.untidy),
            "a failure not told": not told and not harmless and self.struck in NEEDED,
            "a failure made of nothing": told and harmless and self.struck in RETRIED,
        }
        return next((complaint for complaint, found in wrong.items() if found), "")


def strike(name: str, folder: Path, writer: Writer | None = None) -> list[Outcome]:
    """Save in every situation, with every fault at every call, and return what was left each time."""
    outcomes = []
    for situation in SITUATIONS:
        for fault in FAULTS:
            n, reached = 0, True
            while reached:
                outcome, reached = _struck(name, folder, situation, fault, n, writer)
                n += 1
                if outcome.struck:
                    outcomes.append(outcome)
    return outcomes


def calls(name: str, folder: Path) -> list[str]:
    """Return all calls that saving through a link makes, such as "fsync folder"."""
    seen = []

    def answer(call: Call) -> int:
        seen.append(_label(call))
        return 0

    _save(name, _prepared(name, folder, "through a link"), answer)
    return seen


def record(name: str, folder: Path, situation: str, writer: Writer | None = None) -> list[Call]:
    """Return the calls of one saving that change what is on the disk, with all that they write."""
    changes: list[Call] = []

    def answer(call: Call) -> int:
        if call.name in {"open", "write", "writev", "truncate", "fsync", "rename", "link", "unlink"}:
            changes.append(call._replace(data=bytes(call.data)))
        return 0

    _save(name, _prepared(name, folder, situation), answer, writer)
    return changes


def _struck(name: str, folder: Path, situation: str, fault: str, n: int, writer: Writer | None) -> tuple[Outcome, bool]:
    """Return the outcome of a fault at call n, and whether saving came so far."""
    made, struck, renamed, undeletable = 0, "", False, False

    def answer(call: Call) -> int:
        nonlocal made, struck, renamed, undeletable
        given = FAULTS[fault](made - n, call)
        made += 1
        if given and not struck:
            struck = _label(call)
        renamed |= call.name == "rename" and given <= 0
        undeletable |= call.name == "unlink" and given > 0
        # To flush takes long, and makes a difference to a power cut alone.
        return given or (PRETENDED if call.name == "fsync" else 0)

    path = _prepared(name, folder, situation)
    open_before, error = _open_files(), None
    try:
        _save(name, path, answer, writer)
    except OSError as raised:
        error = raised.errno
    untidy = {
        "a file still open": _open_files() != open_before,
        "a link no more": path.is_symlink() != (situation == "through a link"),
        "a temporary file": not undeletable and not {left.name for left in folder.iterdir()} <= {"link", "model"},
    }
    return Outcome(
        situation,
        fault,
        struck,
        error,
        _content(name, path, situation),
        renamed,
        next((what for what, found in untidy.items() if found), ""),
    ), made > n


def _save(name: str, path: Path, answer: Callable[[Call], int], writer: Writer | None = None) -> None:
    writer = writer or _container.write_atomically
    with unittest.mock.patch.object(_container, "write_atomically", writer), asking(answer):
        saving(name).new(os.fspath(path))


def _prepared(name: str, folder: Path, situation: str) -> Path:
    """Empty the folder, make the old file where there is to be one, and return the path to save at."""
    for left in folder.iterdir():
        left.unlink()
    model, link = folder / "model", folder / "link"
    old, _ = contents(name)
    if situation != "where none is":
        model.write_bytes(old)
        os.umask(0o022)
        model.chmod(0o666)  # of which the umask takes something away
    if situation == "through a link":
        link.symlink_to(model)
        return link
    return model


def _content(name: str, path: Path, situation: str) -> str:
    old, new = contents(name)
    if not path.exists():
        return "old" if situation == "where none is" else "neither"
    found = path.read_bytes()
    if found == new:
        return "new"
    return "old" if found == old and situation != "where none is" else "neither"


@functools.cache
def contents(name: str) -> tuple[bytes, bytes]:
    """Return the bytes of the old and of the new file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        saving(name).old(os.fspath(path))
        old = path.read_bytes()
        saving(name).new(os.fspath(path))
        return old, path.read_bytes()


def _label(call: Call) -> str:
    return f"{call.name} {'folder' if call.path and Path(call.path).is_dir() else 'file'}"


def _open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
