"""The cases that are no matter of arithmetic: importing, the demo as a process, sizes on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from contest import Contest, Result
from peers import PEERS

IMPORTS = {
    "ours": "import pellucid, pellucid.engine; pellucid.engine.default_backend()",
    "scikit": "import sklearn.neural_network",
    "pytorch": "import torch",
    "jax_scan": "import jax.numpy",
    "onnx_runtime": "import onnxruntime",
}
# As a user's processes: with the byte code that the first one leaves behind.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
TIMED = "import numpy, time; begun = time.perf_counter(); {}; print(time.perf_counter() - begun)"

DISTRIBUTIONS = {
    "ours": "pellucid",
    "scikit": "scikit-learn",
    "pytorch": "torch",
    "jax_scan": "jax",
    "onnx_runtime": "onnxruntime",
}


def process(*arguments: str) -> bytes:
    """Run a fresh Python; return what it prints."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT).stdout


def imports(contest: Contest) -> Result:
    """Seconds beyond NumPy's own, each in a fresh process; the first round, which fills caches, is not counted."""
    samples: dict[str, list[float]] = {}
    for number in range(contest.rounds + 1):
        for peer, line in IMPORTS.items():
            if peer in contest.peers:
                printed = process("-c", TIMED.format(line))
                if number:
                    samples.setdefault(PEERS[peer].name, []).append(float(printed))
    return Result("import, beyond NumPy", "s", samples)


def demo(contest: Contest) -> Result:
    """``pellucid demo --quiet``, from its start to its end; the first round, which fills caches, is not counted."""
    seconds = []
    for _ in range(contest.rounds + 1):
        begun = time.perf_counter()
        process("-m", "pellucid", "demo", "--quiet", "--no-save")
        seconds.append(time.perf_counter() - begun)
    return Result("pellucid demo --quiet, the whole process", "s", {"Pellucid": seconds[1:]})


def sizes(contest: Contest) -> Result:
    """Bytes on disk of a distribution with all that it needs; ours counts only where it is installed as a wheel is."""
    samples, alone = {}, {}
    for peer, distribution in DISTRIBUTIONS.items():
        if peer in contest.peers and any(file.suffix == ".py" for file in files_of(distribution)):
            samples[PEERS[peer].name] = [float(sum(map(bytes_of, closure(distribution))))]
            alone[PEERS[peer].name] = bytes_of(distribution)
    facts = {"alone": alone, "data": bytes_of("pellucid", ".gz")}
    return Result("on disk, with all that it needs", "bytes", samples, facts)


def closure(distribution: str) -> set[str]:
    """Return the names of a distribution and of all that it requires here."""
    found, wanted = set(), [distribution]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found.add(name)
            requirements = map(Requirement, metadata.requires(name) or [])
            wanted += [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def bytes_of(distribution: str, ending: str = "") -> int:
    """Return the bytes that were installed, without the bytecode that Python adds; or those of files of one kind."""
    kept = [file for file in files_of(distribution) if file.suffix != ".pyc" and file.name.endswith(ending)]
    return sum(file.stat().st_size for file in kept)


def files_of(distribution: str) -> list[Path]:
    try:
        files = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        return []
    return [path for file in files if (path := Path(file.locate())).exists()]
