"""What may be on the disk after a power cut: a model of a folder, and of what its files hold.

What was not flushed may have arrived or not. Of a write there may be all or nothing, its first half, one half and
zeros for the other, or zeros alone. Of names there are two models. In a journal (ext4, XFS and their like) the
changes arrive in their order, and with any flush those before it. POSIX promises less: until the folder is flushed,
each change by itself may be there or not, even one half of a rename without the other.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pellucid.errors import ModelFileError
from storage.faults import Call, contents
from storage.savings import saving

MODELS: Final = ("journal", "POSIX")

Folder = dict[str, bytes]
Names = dict[str, "File"]
Change = dict[str, "File | None"]  # names, and what they stand for from now on


@dataclass(eq=False)
class File:
    """A file's bytes: what has arrived, and the writes since then, each a place and data; None empties the file."""

    arrived: bytes = b""
    waiting: list[tuple[int, bytes | None]] = field(default_factory=list)

    def flush(self) -> None:
        for place, data in self.waiting:
            self.arrived = _written(self.arrived, place, data)
        self.waiting = []

    def possible(self) -> set[bytes]:
        """Return all that may be in it after a power cut."""
        contents = {self.arrived}
        for place, data in self.waiting:
            contents |= {_written(content, place, part) for content in contents for part in _parts(data)}
        return contents


def _written(content: bytes, place: int, data: bytes | None) -> bytes:
    return b"" if data is None else content[:place].ljust(place, b"\0") + data + content[place + len(data) :]


def _parts(data: bytes | None) -> Iterable[bytes | None]:
    if data is None:
        return [None]
    half, zeros = len(data) // 2, bytes(len(data))
    return [data, data[:half], data[:half] + zeros[half:], zeros[:half] + data[half:], zeros]


class Disk:
    """A folder on a disk, as the calls change it."""

    def __init__(self, model: str, folder: str, files: Folder) -> None:
        self.model = model
        self.folder = folder
        self.now: Names = {name: File(content) for name, content in files.items()}
        self.arrived: Names = dict(self.now)
        self.waiting: list[Change] = []

    def perform(self, call: Call) -> None:
        name = Path(call.path).name
        match call.name:
            case "open":
                self._open(name, call.number)
            case "write":
                self.now[name].waiting.append((call.number, call.data))
            case "fsync":
                if call.path != self.folder:
                    self.now[name].flush()
                if call.path == self.folder or self.model == "journal":
                    self.arrived, self.waiting = dict(self.now), []
            case "rename":
                self._change({Path(call.to).name: self.now[name], name: None})
            case "unlink":
                self._change({name: None})
            case _:
                raise NotImplementedError(f"the model knows no {call.name}")

    def _open(self, name: str, flags: int) -> None:
        if flags & os.O_CREAT and name not in self.now:
            self._change({name: File()})
        elif flags & os.O_TRUNC:
            self.now[name].waiting.append((0, None))

    def _change(self, change: Change) -> None:
        self.waiting.append(change)
        self.now = _changed(self.now, [change])

    def possible(self) -> Iterator[Folder]:
        """Give each folder that may be found after a power cut at this moment."""
        for changes in self._kept():
            names = _changed(self.arrived, changes)
            contents = [file.possible() for file in names.values()]
            for found in itertools.product(*contents):
                yield dict(zip(names, found, strict=True))

    def _kept(self) -> Iterator[Iterable[Change]]:
        if self.model == "journal":
            yield from (self.waiting[:n] for n in range(len(self.waiting) + 1))
        else:
            single = [{name: file} for change in self.waiting for name, file in change.items()]
            for kept in itertools.product([True, False], repeat=len(single)):
                yield itertools.compress(single, kept)


def cut(name: str, calls: list[Call], folder: Path, old: bool, model: str) -> tuple[int, set[str]]:
    """Cut the power after each call; return how many folders may be found, and what is wrong with any.

    Each is built afresh, and the file in it is loaded; folders with the same file are built once.
    """
    before, after = contents(name)
    whole = {_loaded(name, {"model": before}, folder): "old", _loaded(name, {"model": after}, folder): "new"}
    known = {None: "neither" if old else "old"}
    states, complaints = 0, set()
    disk = Disk(model, os.fspath(Path(calls[0].path).parent), {"model": before} if old else {})
    for call in (None, *calls):
        if call is not None:
            disk.perform(call)
        for found in disk.possible():
            states += 1
            content = found.get("model")
            if content not in known:
                known[content] = whole.get(_loaded(name, found, folder), "neither")
            if known[content] == "neither":
                complaints.add("neither the old file nor the new one")
            elif known[content] == "old" and call is calls[-1]:
                complaints.add("saved, and the old one is back")
    return states, complaints


def _loaded(name: str, found: Folder, folder: Path) -> object:
    """Build the folder; return the bits that are loaded from its file, or None where it is refused."""
    for left in folder.iterdir():
        left.unlink()
    for file, content in found.items():
        (folder / file).write_bytes(content)
    try:
        return saving(name).load(os.fspath(folder / "model"))
    except ModelFileError:
        return None


def _changed(names: Names, changes: Iterable[Change]) -> Names:
    merged = {**names}
    for change in changes:
        merged |= change
    return {name: file for name, file in merged.items() if file is not None}
