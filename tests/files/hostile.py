"""Files that were not written by Pellucid: damaged at random, or forged with a digest that fits.

Each is read as a user would read it. test_hostile.py here and tests/soak/hostile_files.py drive this.
"""

from __future__ import annotations

import json
import random
import re
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from files.forging import TEXTS
from files.make_corpus import MODELS, RUNS, RUNS_OF_3, X, network_of, targets
from pellucid import Network, Run
from pellucid.errors import DataError, ModelFileError, PellucidWarning, RunError
from pellucid.files import _container, load_run
from pellucid.storage import pack_tensors, read_tensors


class Original(NamedTuple):
    """A whole file, and what it is made of; ``y``: of a run, what it was fitted to."""

    name: str
    whole: bytes
    kind: str
    version: str
    arrays: dict[str, Any]
    texts: dict[str, str]
    y: Any

    def sealed(self, arrays: dict[str, Any], texts: dict[str, str], **metadata: str) -> bytes:
        """Return a file of this kind with a digest that fits."""
        every = {**arrays, **{name: np.frombuffer(text.encode(), np.uint8) for name, text in texts.items()}}
        told = {"format": self.kind, "version": self.version, "release": "0.1.0", **metadata}
        return b"".join(pack_tensors(every, {**told, "sha256": _container._digest(every, told)}))


def originals(folder: Path) -> list[Original]:
    """Return a few whole files of each kind."""
    found = []
    for name in ("named", "values", "quantiles", "float64", "smoothed"):
        MODELS[name]().save(folder / name)
        found.append((name, None))
    for name in ("edited", "chain", "early", "balanced", "changed", "ahead"):
        built, given, rest = (RUNS | RUNS_OF_3)[name]
        network = network_of(built)
        y = targets(network)
        run = network.start(X, y, **{"epochs": 3, "batch_size": 8, **given})
        run.advance(12 if rest is None else rest)
        for keyframes in (True, False):
            run.save(folder / f"{name} {keyframes}", keyframes=keyframes)
            found.append((f"{name} {keyframes}", y))
    return [_original(folder / name, y) for name, y in found]


def _original(path: Path, y: Any) -> Original:
    arrays, metadata = read_tensors(path)
    texts = {name: arrays.pop(name).tobytes().decode() for name in TEXTS if name in arrays}
    return Original(path.name, path.read_bytes(), metadata["format"], metadata["version"], arrays, texts, y)


ODD_NUMBERS = ["0", "1", "-1", "7", "255", "65536", "2147483648", "9223372036854775808", "1" + "0" * 40]
ODD_NUMBERS += ["1e308", "1e999", "-0", "0.5"]
ODD_VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 3, 2**31, 2**63, 2**64, 10**40, 0.5, 1e308, -1e308, 5e-324, "", "x", "relu", "\0"),
    *(
        "é" * 300,
        "\U0001f600",
        [],
        {},
        [[]],
        [0],
        [1, 2, 3],
        ["a"],
        [None],
        [1e308] * 3,
        {"name": "mse"},
        {"custom": "x"},
    ),
    *({"name": []}, {"custom": 3}, {"kind": "dense"}, [["a", 1.0]], {"name": "adam"}, {"name": "cosine", "last": 2}),
]


def mutated(chance: random.Random, of: Original) -> bytes:
    """Return the file with some damage; half of the time with a digest that fits again."""
    if chance.random() < 0.5:
        return _damaged(chance, of.whole)
    arrays, texts = dict(of.arrays), dict(of.texts)
    for _ in range(chance.choice([1, 1, 2, 5])):
        if chance.random() < 0.7:
            name = chance.choice(sorted(texts))
            texts[name] = _other_text(chance, texts[name])
        else:
            name = chance.choice(sorted(arrays))
            arrays[name] = _other_array(chance, arrays[name])
    try:
        return of.sealed(arrays, texts)
    except ModelFileError:  # more than a file may hold
        return _damaged(chance, of.whole)


def _damaged(chance: random.Random, whole: bytes) -> bytes:
    data = bytearray(whole)
    for _ in range(chance.choice([1, 1, 1, 2, 4, 16])):
        at = chance.randrange(len(data) + 1)
        end = min(at + chance.choice([1, 2, 8, 50, 400]), len(data))
        chance.choice(DAMAGES)(chance, data, at, end)
    return bytes(data)


def _flip(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    for place in range(at, min(at + 1, end)):
        data[place] ^= 1 << chance.randrange(8)


def _change(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    data[at:end] = chance.randbytes(end - at)


def _cut(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    del data[at:]


def _drop(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    del data[at:end]


def _insert(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    data[at:at] = chance.randbytes(end - at)


def _double(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    data[at:at] = data[at:end]


def _move(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    block = data[at:end]
    del data[at:end]
    to = chance.randrange(len(data) + 1)
    data[to:to] = block


def _other_length(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    data[:8] = chance.choice([0, 1, 2**20, 2**63, 2**64 - 1, len(data)]).to_bytes(8, "little")


def _other_number(chance: random.Random, data: bytearray, at: int, end: int) -> None:
    numbers = list(re.finditer(rb"\d+", data[:3000]))
    if numbers:
        one = chance.choice(numbers)
        data[one.start() : one.end()] = chance.choice(ODD_NUMBERS).encode()


DAMAGES = [_flip, _flip, _change, _cut, _drop, _insert, _double, _move, _other_length, _other_number]
WORDS = ["", "{", "]", ",", '"', "null", "\\", "NaN", "1"]


def _other_text(chance: random.Random, text: str) -> str:
    """Return a text with another value somewhere, or with letters taken away, added or changed."""
    if chance.random() < 0.5:
        try:
            document = json.loads(text)
            place = chance.choice(list(paths(document)))
            return json.dumps(replaced(document, place, chance.choice(ODD_VALUES)))
        except ValueError:
            pass
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(WORDS) + text[at + chance.choice([0, 1, 2, 30]) :]


def _other_array(chance: random.Random, array: Any) -> Any:
    """Return an array of another type, shape or content."""
    flat = array.reshape(-1).copy()
    with np.errstate(all="ignore"):
        odd = np.array(chance.choice([np.nan, np.inf, -np.inf, 0, 1, 3, 100, -1, 1e38])).astype(array.dtype)
        others = [array.astype(kind) for kind in (np.float32, np.float64, np.int64, np.uint8)]
    if flat.size:
        flat[chance.randrange(flat.size)] = odd
    others += [flat.reshape(array.shape)] * 4
    others += [flat, flat[:-1], flat[np.newaxis], np.concatenate([flat, flat]), np.full_like(array, odd)]
    return chance.choice(others)


Place = tuple[Any, ...]


def paths(document: Any, here: Place = ()) -> Iterator[Place]:
    """Return where each value of a JSON document is, itself included."""
    yield here
    inner: Any = document.items() if isinstance(document, dict) else ()
    for key, value in enumerate(document) if isinstance(document, list) else inner:
        yield from paths(value, (*here, key))


def replaced(document: Any, place: Place, value: Any) -> Any:
    """Return the document with another value at a place."""
    if not place:
        return value
    copy = json.loads(json.dumps(document))
    at = copy
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = value
    return copy


ODD_METADATA = [
    *({"format": "pellucid.run"}, {"format": "pellucid.model"}, {"format": ""}, {"version": "4"}, {"version": "1"}),
    *({"version": ""}, {"release": "9" * 500}, {"release": "../../etc"}, {"more": "x"}),
]


def forged(of: Original) -> Iterator[bytes]:
    """Return files whose digest fits, each with one thing that is odd: a value, a key, a text, an array, a word."""
    for name, text in of.texts.items():
        document = json.loads(text)
        odd = [replaced(document, place, value) for place in paths(document) for value in ODD_VALUES]
        if isinstance(document, dict):
            odd += [{k: v for k, v in document.items() if k != key} for key in document]
            odd += [{**document, "more": 1}]
        for other in odd:
            yield of.sealed(of.arrays, {**of.texts, name: json.dumps(other)})
        yield of.sealed(of.arrays, {k: v for k, v in of.texts.items() if k != name})
    for name, array in of.arrays.items():
        yield of.sealed({k: v for k, v in of.arrays.items() if k != name}, of.texts)
        flat = array.reshape(-1)
        for other in (
            flat[:0],
            flat.astype(np.float64),
            array[np.newaxis],
            array[..., np.newaxis],
            flat * 0 - 1,
            flat[::-1],
        ):
            yield of.sealed({**of.arrays, name: np.ascontiguousarray(other)}, of.texts)
    for metadata in ODD_METADATA:
        yield of.sealed(of.arrays, of.texts, **metadata)


class Tally:
    """What became of some files: how many of each outcome, and the slowest one's CPU seconds."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.slowest = 0.0

    def read(self, path: Path, content: bytes, y: Any) -> str:
        """Write a file and read it as a user would; return what became of it, or raise what should never be raised."""
        path.write_bytes(content)
        begun = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", PellucidWarning)  # of a forged scale, that it contradicts the data
            outcome = _outcome(path, y)
        self.slowest = max(self.slowest, time.process_time() - begun)
        self.counts[outcome] = self.counts.get(outcome, 0) + 1
        return outcome


def _outcome(path: Path, y: Any) -> str:
    load: Callable[[Path], Any] = Network.load if y is None else load_run
    try:
        found = load(path)
    except ModelFileError:
        return "refused"
    if y is None:
        assert np.isfinite(found.parameters).all()
        return "read"
    if found[0].state is None:  # performing it again may take as long as it says
        return "read"
    try:
        run = Run.load(path, X, y)
    except (RunError, DataError):
        return "read, and of other data"
    assert run.step == found[0].step
    return "read"
