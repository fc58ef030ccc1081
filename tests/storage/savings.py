"""What is saved while faults happen, and a writer that can be given one mistake."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pellucid import Network, Run
from pellucid.files import _container

Parts = Iterable[bytes | memoryview]
Writer = Callable[[str, Parts], None]


class Saving(NamedTuple):
    """Two contents for one file."""

    old: Callable[[str], None]  # saves the one
    new: Callable[[str], None]  # saves the other
    load: Callable[[str], Any]  # returns the bits of whichever is there


def parts(*sizes: int) -> Saving:
    numbers = [np.resize(np.arange(1, 252, dtype=np.uint8), size).data for size in sizes]
    return Saving(
        lambda path: _container.write_atomically(path, [b"the old file"]),
        lambda path: _container.write_atomically(path, numbers),
        lambda path: Path(path).read_bytes(),
    )


def network(*layers: int) -> Saving:
    def load(path: str) -> object:
        net = Network.load(path)
        return net.spec, net.seed, net.parameters.tobytes()

    return Saving(Network([3, 4, 2], seed=1).save, Network(list(layers), seed=2).save, load)


def run(step: int) -> Saving:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(12, 3)).astype(np.float32), np.arange(12) % 2

    def advanced(steps: int) -> Run:
        run = Network([3, 4, 2], seed=1).start(X, y, epochs=100, batch_size=4)
        run.advance(steps)
        return run

    def load(path: str) -> object:
        run = Run.load(path, X, y)
        return run.step, run.fingerprint

    return Saving(advanced(1).save, advanced(step).save, load)


@functools.cache
def saving(name: str) -> Saving:
    """Return what is saved by its name: parts of so many bytes, a network of such layers, a run on such a step."""
    kind, *numbers = name.split()
    return {"parts": parts, "network": network, "run": run}[kind](*map(int, numbers))


def write(path: str, parts: Parts, mistake: str = "") -> None:
    """Write the parts as `write_atomically` does, but for one mistake."""
    target = Path(path if mistake == "replaces a link" else os.path.realpath(path))
    if target.is_symlink() and mistake != "replaces a link":
        raise OSError(errno.EIO, "The link could not be read")
    temporary = target if mistake == "writes in place" else target.with_suffix(".tmp")
    try:
        _write_and_flush(temporary, parts, mistake)
        temporary.replace(target)
        if mistake == "flushes too late":
            _flush(target, os.O_RDWR)
    except OSError:
        if mistake != "leaves its temporary file":
            temporary.unlink(missing_ok=True)
        if mistake != "tells no error":
            raise
        return
    if mistake != "forgets to flush the folder":
        with contextlib.suppress(OSError if mistake == "is deaf to the folder" else ()):
            _flush(target.parent, os.O_RDONLY)


def _write_and_flush(path: Path, parts: Parts, mistake: str) -> None:
    file = open(path, "wb", buffering=0 if mistake == "believes in whole writes" else -1)  # noqa: SIM115
    try:
        file.writelines(parts)
        file.flush()
        if mistake not in {"forgets to flush", "flushes too late"}:
            os.fsync(file.fileno())
    finally:
        with contextlib.suppress(OSError if mistake == "is deaf to close" else ()):
            file.close()


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
