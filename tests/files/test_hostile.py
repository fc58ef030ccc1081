"""Damaged files (twenty thousand in CI) and thousands of forged ones: refused with a `ModelFileError`, in no time."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.hostile import Tally, forged, mutated, originals
from pellucid import Network

SEED, MUTATED = 2019, 20_000 if os.environ.get("CI") == "true" else 6_000
SECONDS = 1.0
"""Of the processor's, for one file. The slowest takes some hundredths, so that no load of the machine decides."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """The files that are damaged."""
    return originals(tmp_path_factory.mktemp("whole"))


def test_mutated_files(whole: list[Any], tmp_path: Path) -> None:
    """Bits, bytes, blocks, numbers and words changed at random, half of them with a digest that fits."""
    chance, tally = random.Random(SEED), Tally()
    for _ in range(MUTATED):
        original = chance.choice(whole)
        tally.read(tmp_path / "file", mutated(chance, original), original.y)
    assert MUTATED == sum(tally.counts.values())
    assert tally.counts["refused"] > 0.8 * MUTATED  # the others say something else, and something sound
    assert tally.counts["read"] > 0.01 * MUTATED
    assert tally.slowest < SECONDS


def test_forged_files(whole: list[Any], tmp_path: Path) -> None:
    """Each value of each document is changed to each of forty odd ones, the digest fits, and nothing else happens."""
    tally = Tally()
    for original in whole[:2] + whole[5:8] + whole[13:14]:
        for content in forged(original):
            tally.read(tmp_path / "file", content, original.y)
    assert sum(tally.counts.values()) > 500
    assert tally.counts["refused"] > 0.8 * sum(tally.counts.values())
    assert tally.slowest < SECONDS


def child(code: str, *arguments: object) -> Any:
    """Run a program of its own, and return what it prints, JSON."""
    start = f"import json, sys; sys.path[:0] = {sys.path!r}\n"
    command = [sys.executable, "-c", start + code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


AUDIT = """
from files.hostile import X
from pathlib import Path
from pellucid import Network, Run
import numpy as np
path, kind = sys.argv[1:3]
y = None if kind == "model" else np.load(sys.argv[3])
load = (lambda: Network.load(path)) if y is None else (lambda: Run.load(path, X, y))
load()
events, watching = [], False
def hook(event, arguments):
    if watching:
        events.append([event, repr(arguments)[:200]])
sys.addaudithook(hook)
watching = True
load()
watching = False
print(json.dumps(events))
"""


@pytest.mark.parametrize("place", [0, 5, 6], ids=["a model", "a run", "a run without keyframes"])
def test_reading_opens_one_file_and_does_nothing_else(whole: list[Any], place: int, tmp_path: Path) -> None:
    """The events that the interpreter reports meanwhile are one open, of the file: no import, no code, no socket."""
    original = whole[place]
    (tmp_path / "file").write_bytes(original.whole)
    np.save(tmp_path / "y.npy", 0 if original.y is None else original.y)
    kind = "model" if original.y is None else "run"
    events = child(AUDIT, tmp_path / "file", kind, tmp_path / "y.npy")
    assert ["open"] == [event for event, _ in events]
    assert str(tmp_path / "file") in events[0][1]


tells_memory = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the system does not tell how much memory was taken"
)

MEMORY = """
import gc
from pathlib import Path
import numpy as np
from pellucid import Network, Run
from pellucid.errors import ModelFileError
from pellucid.files import load_run

def of(name):
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(name)).split()[1]) * 1024

for load in (Network.load, load_run):
    try:
        load(sys.argv[1])
    except ModelFileError:
        pass
gc.collect()
data = np.ones((4, 1000), np.float32), np.arange(4) % 2
load = {"model": Network.load, "run": lambda path: Run.load(path, *data)}[sys.argv[3]]
before = of("VmRSS:")
try:
    load(sys.argv[2])
    outcome = "read"
except ModelFileError as error:
    outcome = str(error)
print(json.dumps([outcome, max(0, of("VmHWM:") - before)]))
"""


MOST = 3 << 20


def texts_of(count: int, begin: str = "") -> list[str]:
    return [f"{begin}{i:x}" for i in range(count)]


def inputs(**told: Any) -> dict[str, Any]:
    """Return a spec's input of so many inputs as are told of."""
    return {"input": {"width": len(next(iter(told.values()))), **told}}


DENSE = {"kind": "dense", "width": 1, "activation": "identity"}
LARGE: dict[str, dict[str, Any] | str | bytes] = {
    "names": inputs(features=texts_of(MOST // 9)),
    "names of all letters": inputs(features=texts_of(MOST // 25, "\U0001f600")),
    "a name of all letters": {"dtype": "x" * (MOST - 1000)},
    "texts as numbers": inputs(scale=["x" * (MOST // 2), *[""] * (MOST // 8)]),
    "names of fields": json.dumps(dict.fromkeys(texts_of(199_000, "x"), 0), separators=(",", ":")),
    "numbers": inputs(scale=[1e9] * (MOST // 14)),
    "layers": {"layers": [DENSE] * 49_990},
    "wide layers that are not there": {"layers": [{**DENSE, "width": 10**9}] * 3},
    "lists": "[" + "[]," * 49_990 + "[]]",
    "deep lists": "[" * 49_999,
    "a header of lists": b'{"__metadata__":[' + b"[]," * (1 << 18) + b"[]]}",
    "a header of arrays": b"{%b}"
    % b",".join(b'"%d":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}' % i for i in range(18_000)),
}
"""Made to take much memory, as large as the reader lets them be: changes of a spec, a text in its place, a header."""


def large(name: str, original: Any) -> bytes:
    """Return such a file."""
    made = LARGE[name]
    if isinstance(made, bytes):
        return len(made).to_bytes(8, "little") + made
    if isinstance(made, dict):
        made = json.dumps({**json.loads(original.texts["spec"]), **made}, separators=(",", ":"))
    content: bytes = original.sealed(original.arrays, {**original.texts, "spec": made})
    return content


@tells_memory
@pytest.mark.parametrize("name", LARGE)
def test_memory_of_a_forged_file(name: str, whole: list[Any], tmp_path: Path) -> None:
    """It takes at most twice the file, and 64 MB, and is refused."""
    content = large(name, whole[0])
    (tmp_path / "whole").write_bytes(whole[0].whole)
    (tmp_path / "large").write_bytes(content)
    outcome, taken = child(MEMORY, tmp_path / "whole", tmp_path / "large", "model")
    assert outcome != "read"
    assert taken <= 2 * len(content) + (64 << 20)


@tells_memory
def test_memory_of_a_large_model(whole: list[Any], tmp_path: Path) -> None:
    """A whole file of 64 MB is read in at most twice its size, and 64 MB."""
    Network([4000, 4000, 2], initializer="zeros").save(tmp_path / "large")
    (tmp_path / "whole").write_bytes(whole[0].whole)
    outcome, taken = child(MEMORY, tmp_path / "whole", tmp_path / "large", "model")
    size = (tmp_path / "large").stat().st_size
    assert outcome == "read"
    assert size > 64_000_000
    assert taken <= 2 * size + (64 << 20)


@tells_memory
def test_memory_of_a_large_run(whole: list[Any], tmp_path: Path) -> None:
    """So it is for a run of 46 MB, with what its optimiser keeps, ready to go on."""
    run = Network([1000, 3000, 2], initializer="zeros").start(np.ones((4, 1000), np.float32), np.arange(4) % 2)
    run.advance(1)
    run.save(tmp_path / "large")
    (tmp_path / "whole").write_bytes(whole[0].whole)
    outcome, taken = child(MEMORY, tmp_path / "whole", tmp_path / "large", "run")
    size = (tmp_path / "large").stat().st_size
    assert outcome == "read"
    assert size > 45_000_000
    assert taken <= 2 * size + (64 << 20)
