"""Model files: the same bits back, readable by others, and nothing but whole files accepted."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pellucid
from files.forging import in_bytes, rewritten
from pellucid import Dropout, Network, Run
from pellucid.errors import ModelFileError, SettingError, ShapeError
from pellucid.files import _container
from pellucid.storage import MAX_HEADER_BYTES, pack_tensors, read_tensors, write_atomically
from training import runs

DOCUMENT = Path(__file__).parents[2] / "docs" / "files.md"

NETWORKS: dict[str, Callable[[], Network]] = {
    "plain": lambda: Network([3, 4, 2], seed=5),
    "float64": lambda: Network([3, 4, 4, 2], dtype="float64", seed=2**64 - 1),
    "named": lambda: Network([2, Dropout(0.3), 2], classes=["è", 'a"b\n'], features=["x", "y"], input_scale=[1 / 3, 2]),
    "values": lambda: Network([2, 3, 1], loss="mse", targets=["price"]),
}


def fitted() -> Network:
    net = Network([5, 3, 2], loss="mse", seed=1)
    net.fit(runs.table()[0], runs.values(), epochs=2)
    return net


each = pytest.mark.parametrize("make", [*NETWORKS.values(), fitted], ids=[*NETWORKS, "fitted"])


@each
def test_same_bits_back(make: Callable[[], Network], tmp_path: Path) -> None:
    """Parameters, spec and seed come back as they were; saving again writes the same bytes."""
    net, path = make(), tmp_path / "net.safetensors"
    net.parameters[0] = -0.0
    net.save(path)
    loaded = Network.load(os.fspath(path))
    assert net.parameters.tobytes() == loaded.parameters.tobytes()
    assert (net.spec, net.seed, net.fingerprint) == (loaded.spec, loaded.seed, loaded.fingerprint)
    X = np.random.default_rng(0).normal(size=(7, net.spec.input.width))
    np.testing.assert_array_equal(net.predict(X), loaded.predict(X))
    before = path.read_bytes()
    loaded.save(path)
    assert before == path.read_bytes()
    loaded.parameters[0] = 2.5
    assert [path] == list(tmp_path.iterdir())


@each
def test_others_can_read_it(make: Callable[[], Network], tmp_path: Path, judge: Callable[[str], Any]) -> None:
    """The safetensors library finds each layer's W, shape (n_out, n_in), and b under their names, bit for bit."""
    safetensors = judge("safetensors.numpy")
    net = make()
    net.save(tmp_path / "net.safetensors")
    found = safetensors.load_file(tmp_path / "net.safetensors")
    assert {"spec", "seed"} | {f"{name}.{part}" for name in net for part in ("weight", "bias")} == set(found)
    for name, shape in zip(net, net.spec.shapes, strict=True):
        assert shape == found[f"{name}.weight"].shape
        np.testing.assert_array_equal(net[name].weights, found[f"{name}.weight"], strict=True)
        np.testing.assert_array_equal(net[name].biases, found[f"{name}.bias"], strict=True)


def test_metadata_and_texts_can_be_read_by_others(tmp_path: Path, judge: Callable[[str], Any]) -> None:
    """Kind, version and digest are the metadata; spec and seed are arrays of their bytes in UTF-8."""
    net = NETWORKS["named"]()
    net.save(tmp_path / "net.safetensors")
    with judge("safetensors").safe_open(tmp_path / "net.safetensors", "np") as file:
        metadata = file.metadata()
        spec, seed = (file.get_tensor(name) for name in ("spec", "seed"))
    assert {"format", "version", "release", "sha256"} == set(metadata)
    assert ("pellucid.model", "2") == (metadata["format"], metadata["version"])
    assert pellucid.__version__ == metadata["release"]
    assert (np.uint8, 1) == (spec.dtype, spec.ndim) == (seed.dtype, seed.ndim)
    assert b"0" == seed.tobytes()
    assert ["è", 'a"b\n'] == json.loads(spec.tobytes().decode())["output"]["names"]


def digest_of(path: Path) -> str:
    """Compute a file's digest from its bytes alone, as docs/files.md tells."""
    whole = path.read_bytes()
    length = int.from_bytes(whole[:8], "little")
    header, content = json.loads(whole[8 : 8 + length]), whole[8 + length :]
    metadata = header.pop("__metadata__")
    del metadata["sha256"]
    text = b"".join(f"{name}\0{metadata[name]}\0".encode() for name in sorted(metadata))
    for name, entry in sorted(header.items()):
        begin, end = entry["data_offsets"]
        shape = ",".join(map(str, entry["shape"]))
        text += b"\0".join([name.encode(), entry["dtype"].encode(), shape.encode(), content[begin:end]])
    return hashlib.sha256(text).hexdigest()


def metadata_of(path: Path) -> dict[str, str]:
    whole = path.read_bytes()
    metadata: dict[str, str] = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])["__metadata__"]
    return metadata


@each
def test_the_digest_is_the_documented_one(make: Callable[[], Network], tmp_path: Path) -> None:
    """A few lines that know nothing of Pellucid find the same digest, in a model and in a run."""
    net = make()
    net.save(tmp_path / "net")
    assert digest_of(tmp_path / "net") == metadata_of(tmp_path / "net")["sha256"]
    X = np.random.default_rng(0).normal(size=(6, net.spec.input.width)).astype(np.float32)
    values = net.spec.loss.name == "mse"
    y = X[:, [0] * net.spec.n_outputs] if values else np.array(net.spec.output.names or range(net.spec.n_outputs))
    run = net.start(X, y if values else np.resize(y, 6), epochs=2)
    run.advance(1)
    run.save(tmp_path / "run")
    assert digest_of(tmp_path / "run") == metadata_of(tmp_path / "run")["sha256"]


@pytest.mark.checkout
def test_the_worked_example_of_the_documentation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example in docs/files.md is what `_container` writes, byte for byte and digest for digest."""
    monkeypatch.setattr(_container, "__version__", "0.2.0")
    arrays = {"output.weight": np.array([[1.0, -2.0]], np.float32)}
    _container.write(tmp_path / "file", "pellucid.model", arrays, {"seed": "7"})
    by_hand = b"format\0pellucid.model\0release\x000.2.0\0version\x002\0"
    by_hand += b"output.weight\0F32\x001,2\0" + b"\0\0\x80\x3f\0\0\0\xc0" + b"seed\0U8\x001\0" + b"7"
    digest = hashlib.sha256(by_hand).hexdigest()
    assert digest == digest_of(tmp_path / "file") == metadata_of(tmp_path / "file")["sha256"]
    assert digest in DOCUMENT.read_text(encoding="utf-8")


def test_numbers_lie_where_others_can_map_them(tmp_path: Path) -> None:
    """Each array begins at a multiple of its numbers' size, whatever the lengths of the texts."""
    for length in range(1, 10):
        texts = {"text": "x" * length, "other": "y"}
        arrays = {"a": np.ones(3, np.float32), "b": np.ones(2), "c": np.ones(1, np.float32), "d": np.ones(1, np.int64)}
        _container.write(tmp_path / "file", "pellucid.run", arrays, texts)
        whole = (tmp_path / "file").read_bytes()
        n = int.from_bytes(whole[:8], "little")
        header = json.loads(whole[8 : 8 + n])
        assert n % 8 == 0
        for name, array in arrays.items():
            assert header[name]["data_offsets"][0] % array.itemsize == 0


def test_texts_longer_than_the_header(tmp_path: Path) -> None:
    """Scales, shifts and names of 40,000 inputs, far above the header's 1 MiB, come back with the same bits."""
    n = 40_000
    random = np.random.default_rng(0)
    net = Network(
        [n, 2],
        features=[f"feature {i}, größe" for i in range(n)],
        input_scale=random.uniform(0.1, 3.0, n).tolist(),
        input_shift=random.normal(size=n).tolist(),
        seed=3,
    )
    assert len(net.spec.to_json().encode()) > MAX_HEADER_BYTES
    path = tmp_path / "wide.safetensors"
    net.save(path)
    loaded = Network.load(path)
    assert net.parameters.tobytes() == loaded.parameters.tobytes()
    assert (net.spec, net.seed) == (loaded.spec, loaded.seed)
    for name in ("scale", "shift"):
        assert np.array(getattr(net.spec.input, name)).tobytes() == np.array(getattr(loaded.spec.input, name)).tobytes()
    X = random.normal(size=(3, n))
    np.testing.assert_array_equal(net.predict(X), loaded.predict(X))
    before = path.read_bytes()
    loaded.save(path)
    assert before == path.read_bytes()


def test_save_over_a_file_that_is_loaded(tmp_path: Path) -> None:
    """A network does not hang on the file that it came from."""
    path = tmp_path / "net.safetensors"
    NETWORKS["plain"]().save(path)
    first = Network.load(path)
    kept = first.parameters.copy()
    Network([3, 4, 2], seed=6).save(path)
    np.testing.assert_array_equal(kept, first.parameters)
    first.parameters[:] = 1
    first.save(path)
    assert (1 == Network.load(path).parameters).all()


@pytest.mark.parametrize("kind", ["model", "run"])
def test_every_flipped_bit_is_noticed(kind: str, tmp_path: Path) -> None:
    """Whichever bit of a small file is flipped, and wherever it is cut, it is refused with `ModelFileError`."""
    path = tmp_path / "file"
    net = Network([1, 2], dtype="float64")
    X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
    if kind == "model":
        net.save(path)
        load: Callable[[], object] = lambda: Network.load(path)  # noqa: E731
    else:
        run = net.start(X, y, epochs=1, optimizer="sgd")
        run.finish()
        run.save(path)
        load = lambda: Run.load(path, X, y)  # noqa: E731
    load()
    whole = path.read_bytes()
    for place in range(len(whole)):
        bits = range(8) if kind == "model" or place < 8 else [place % 8]
        for bit in bits:
            broken = bytearray(whole)
            broken[place] ^= 1 << bit
            path.write_bytes(broken)
            with pytest.raises(ModelFileError):
                load()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(ModelFileError):
            load()
    path.write_bytes(whole + b"\0")
    with pytest.raises(ModelFileError):
        load()


def _spec(**changes: Any) -> Callable[[dict[str, Any], dict[str, str]], None]:
    return lambda tensors, texts: texts.update(spec=json.dumps({**json.loads(texts["spec"]), **changes}))


FORGED: dict[str, tuple[Callable[[dict[str, Any], dict[str, str]], None], str]] = {
    "a tensor is missing": (lambda t, m: t.pop("output.bias"), "holds other arrays than its spec describes"),
    "a tensor too many": (lambda t, m: t.update(extra=np.zeros(2)), "holds other arrays than its spec describes"),
    "another shape": (lambda t, m: t.update({"output.bias": np.zeros(3, np.float32)}), "holds other arrays"),
    "transposed": (lambda t, m: t.update({"layer_1.weight": t["layer_1.weight"].T}), "holds other arrays"),
    "another type": (lambda t, m: t.update({"output.bias": np.zeros(2)}), "holds other arrays than its spec"),
    "no spec": (lambda t, m: m.pop("spec"), r"lacks the text 'spec'; it is not whole\."),
    "no seed": (lambda t, m: m.pop("seed"), r"lacks the text 'seed'; it is not whole\."),
    "no text in UTF-8": (lambda t, m: t.update(spec=np.array([255], np.uint8)), "a text 'spec' that is not UTF-8"),
    "a text as numbers": (in_bytes("seed", lambda a: a.astype(np.int64)), "lacks the text 'seed'"),
    "a text as a table": (in_bytes("spec", lambda a: a[np.newaxis]), "lacks the text 'spec'"),
    "a text too long": (
        lambda t, m: t.update(spec=np.zeros((3 << 20) + 1, np.uint8)),
        "has a text 'spec' of 3145729 bytes; texts of up to 3145728 bytes with up to 50000 brackets and 200000 colons",
    ),
    "a text of colons": (
        lambda t, m: t.update(spec=np.full(200_001, ord(":"), np.uint8)),
        "a text 'spec' of 200001 bytes",
    ),
    "a text of brackets": (
        lambda t, m: t.update(spec=np.full(60_000, ord("["), np.uint8)),
        "has a text 'spec' of 60000",
    ),
    "NaN": (lambda t, m: t.update({"output.bias": np.full(2, np.nan, np.float32)}), "holds NaN or infinity, which is"),
    "a slot too short": (lambda t, m: t.update({"slot.mean": np.zeros(3, np.float32)}), "holds other arrays than its"),
    "texts as scale": (
        _spec(input={"width": 3, "scale": ["x" * 10**6] + [""] * 10**5}),
        "must be a finite number or 3",
    ),
    "true as a scale": (_spec(input={"width": 3, "scale": [True, 1, 1]}), "true and false are no numbers and no names"),
    "true as a name": (
        _spec(output={"names": [True, 0], "scale": 1.0, "shift": 0.0}),
        "true and false are no numbers and no names",
    ),
    "a layer without activation": (
        _spec(layers=[{"kind": "dense", "width": 4}, {"kind": "dense", "width": 2, "activation": "identity"}]),
        "a layer's activation is not told",
    ),
    "a loss of a million letters": (_spec(loss="x" * 10**6), r"Unknown loss 'x{49} … x{49}'\. Accepted: cross_entropy"),
    "a spec with more": (_spec(colour="red"), "cannot be read: it tells 'colour', which no network has"),
    "a spec that tells twice": (
        lambda t, m: m.update(spec=m["spec"][:-1] + ', "dtype": "float32"}'),
        "a name occurs twice",
    ),
    "an infinite scale": (_spec(input={"width": 3, "scale": float("inf")}), "Infinity is no number"),
    "a seed of spaces": (lambda t, m: m.update(seed=" 5"), r"has the seed ' 5', which is no seed\."),
    "a seed that is none": (lambda t, m: m.update(seed="-1"), r"has the seed '-1', which is no seed\."),
    "a seed in words": (lambda t, m: m.update(seed="one"), r"has the seed 'one', which is no seed\."),
    "spec is no JSON": (lambda t, m: m.update(spec="{"), "The description of the network cannot be read"),
    "spec is a list": (lambda t, m: m.update(spec="[]"), "The description of the network cannot be read"),
    "unknown loss": (_spec(loss="hinge"), "cannot be read: Unknown loss 'hinge'"),
    "unknown layer": (_spec(layers=[{"kind": "conv"}]), "The description of the network cannot be read"),
    "endless width": (_spec(layers=[{"kind": "dense", "width": 10**30, "activation": "identity"}]), "other arrays"),
    "no layers": (_spec(layers=[]), "The last layer must be the output layer"),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_files(name: str, tmp_path: Path) -> None:
    """A file whose digest fits but whose content does not is refused with the reason."""
    path = tmp_path / "net.safetensors"
    NETWORKS["plain"]().save(path)
    rewritten(path, FORGED[name][0])
    with pytest.raises(ModelFileError, match=FORGED[name][1]):
        Network.load(path)


def test_wrong_kind_version_and_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is told from the others, with what to do."""
    path = tmp_path / "a file"
    net = NETWORKS["plain"]()
    net.save(path)
    with pytest.raises(ModelFileError) as error:
        Run.load(path, [[0, 0, 0]], [0])
    assert (
        f"{path} is of the kind 'pellucid.model'; 'pellucid.run' is accepted here. Models are loaded with Network.load"
        ", runs with Run.load." == str(error.value)
    )
    with monkeypatch.context() as patch:
        patch.setattr(_container, "VERSION", "4")
        patch.setattr(_container, "__version__", "7.1.0")
        net.save(path)
    with pytest.raises(ModelFileError) as error:
        Network.load(path)
    assert (
        f"{path} has version '4', written by Pellucid 7.1.0; this is Pellucid {pellucid.__version__}, which reads the "
        "versions 1, 2 and 3. Pellucid 7.1.0 reads it: install that, or a later one." == str(error.value)
    )
    net.save(path)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(
        ModelFileError, match=r"was damaged: its content does not match the digest in its header\. Get a fresh copy\."
    ):
        Network.load(path)


@pytest.mark.parametrize("change", [{"extra": "text"}, {"sha256": None}, {"sha256": "0" * 64}])
def test_other_metadata(change: dict[str, str | None], tmp_path: Path) -> None:
    """Metadata are kind, version and digest: one more, one less, or another digest is damage."""
    path = tmp_path / "net"
    NETWORKS["plain"]().save(path)
    arrays, metadata = read_tensors(path)
    assert {"format", "version", "release", "sha256"} == set(metadata)
    changed = {name: text for name, text in {**metadata, **change}.items() if text is not None}
    write_atomically(path, pack_tensors(arrays, changed))
    with pytest.raises(ModelFileError, match=r"was damaged: its content does not match the digest in its header\."):
        Network.load(path)


def test_files_of_others(tmp_path: Path, judge: Callable[[str], Any]) -> None:
    """A safetensors file that Pellucid did not write is no model of it."""
    judge("safetensors.numpy").save_file({"layer_1.weight": np.zeros((2, 2), np.float32)}, tmp_path / "other")
    with pytest.raises(
        ModelFileError, match=r"is no file of Pellucid; 'pellucid\.model' and 'pellucid\.run' are accepted\."
    ):
        Network.load(tmp_path / "other")


@each
def test_a_file_that_another_library_wrote_again(
    make: Callable[[], Network], tmp_path: Path, judge: Callable[[str], Any]
) -> None:
    """The safetensors library may lay the same arrays and metadata out as it likes: it is the same model."""
    library, net = judge("safetensors.numpy"), make()
    net.save(tmp_path / "net")
    with judge("safetensors").safe_open(tmp_path / "net", "np") as file:
        arrays, metadata = {name: file.get_tensor(name) for name in reversed(list(file.keys()))}, file.metadata()
    library.save_file(arrays, tmp_path / "again", metadata)
    assert net.fingerprint == Network.load(tmp_path / "again").fingerprint
    assert net.spec == Network.load(tmp_path / "again").spec


def test_a_model_may_hold_what_an_optimiser_keeps(tmp_path: Path) -> None:
    """The vectors come back, by name; the network is loaded as ever, and one without them says so."""
    net = NETWORKS["plain"]()
    X, y = np.random.default_rng(0).normal(size=(30, 3)), np.arange(30) % 2
    slots = (run := net.fit(X, y, epochs=2)).at(run.step).slots
    net.save(tmp_path / "net", slots=slots)
    found = Network.load_slots(tmp_path / "net")
    assert ["mean", "square"] == sorted(found)
    assert all(slots[name].tobytes() == found[name].tobytes() for name in slots)
    assert net.fingerprint == Network.load(tmp_path / "net").fingerprint
    net.save(tmp_path / "net")
    assert {} == Network.load_slots(tmp_path / "net")
    with pytest.raises(ShapeError, match=r"The slot 'mean' is float32 \(2,\); a vector like the parameters, float"):
        net.save(tmp_path / "net", slots={"mean": np.zeros(2, np.float32)})


def test_any_byte_changed_to_any_other_is_noticed(tmp_path: Path) -> None:
    """Of a model of 4 KB: every byte of the header changed to every other value, and every byte of the rest."""
    path = tmp_path / "net"
    Network([12, 32, 10], features=[f"input {i}" for i in range(12)], seed=2).save(path)
    whole = path.read_bytes()
    assert 4000 < len(whole) < 5000
    end = 8 + int.from_bytes(whole[:8], "little")
    for place in range(len(whole)):
        others = range(1, 256) if place < end and place % 7 == 0 else (1, 0x29, 0x80, 0xFF)
        for other in others:
            broken = bytearray(whole)
            broken[place] ^= other
            path.write_bytes(broken)
            with pytest.raises(ModelFileError):
                Network.load(path)


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    """Names that take more than 3 MiB are refused when the network is saved, and the old file stays."""
    path = tmp_path / "net"
    NETWORKS["plain"]().save(path)
    before = path.read_bytes()
    wide = Network([1500, 2], features=[f"{i} " + "x" * 3000 for i in range(1500)])
    with pytest.raises(ModelFileError, match=r"The text 'spec' takes 45\d+ bytes; a file holds texts of .*Shorten the"):
        wide.save(path)
    assert before == path.read_bytes()


def test_paths_without_a_file(tmp_path: Path) -> None:
    """A path with nothing at it, and a folder, are refused with the system's reason."""
    with pytest.raises(
        ModelFileError, match=r"nothing here cannot be read: No such file or directory\. Look at the path"
    ):
        Network.load(tmp_path / "nothing here")
    with pytest.raises(ModelFileError, match="it is no plain file"):
        Network.load(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ModelFileError, match="it is no plain file"):  # and nobody waits for a writer
            Network.load(tmp_path / "pipe")
    with pytest.raises(FileNotFoundError, match=r"There is no such folder; make it first: .*no folder'"):
        NETWORKS["plain"]().save(tmp_path / "no folder" / "net")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failing_disk_leaves_the_old_file(broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing fails, the file that stood there is whole, no rest lies about, and the network is as it was."""
    path = tmp_path / "net.safetensors"
    net = NETWORKS["plain"]()
    net.save(path)
    before = path.read_bytes()
    net.parameters[:] = 3

    def fail(*given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(OSError, match="No space left"):
            net.save(path)
    assert before == path.read_bytes()
    assert [path] == list(tmp_path.iterdir())
    assert (3 == net.parameters).all()


def test_half_characters_and_odd_releases(tmp_path: Path) -> None:
    """A lone surrogate anywhere, a release that is none, or a path that is none: a `ModelFileError`."""
    path = tmp_path / "net"
    NETWORKS["plain"]().save(path)
    whole = path.read_bytes()
    n = int.from_bytes(whole[:8], "little")
    for old, new in ((b'"release":"', b'"release":"\\ud800'), (b'"layer_1.weight"', b'"\\ud800yer_1.weight"')):
        header = whole[8 : 8 + n].replace(old, new).rstrip()
        path.write_bytes(len(header).to_bytes(8, "little") + header + whole[8 + n :])
        with pytest.raises(ModelFileError, match="its header is not JSON"):
            Network.load(path)
    path.write_bytes(whole)
    arrays, metadata = read_tensors(path)
    metadata["release"] = "\x1b[31m"
    del metadata["sha256"]
    write_atomically(path, pack_tensors(arrays, {**metadata, "sha256": _container._digest(arrays, metadata)}))
    with pytest.raises(ModelFileError, match="was damaged"):
        Network.load(path)
    with pytest.raises(ModelFileError, match="is no path"):
        Network.load("a\0b")


@pytest.mark.parametrize("slots", [{"mean": np.full(26, np.inf, np.float32)}, {3: np.zeros(26, np.float32)}])
def test_slots_that_no_file_holds(slots: Any, tmp_path: Path) -> None:
    """They are refused before anything is written."""
    with pytest.raises(SettingError):
        NETWORKS["plain"]().save(tmp_path / "net", slots=slots)
    assert not (tmp_path / "net").exists()
