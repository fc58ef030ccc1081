"""ONNX files that are damaged, or made to harm: refused, in no time, and nothing is executed or fetched."""

from __future__ import annotations

import os
import random
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.errors import KindError, MissingLibraryError, ModelFileError, PellucidError, SettingError
from pellucid.files import onnx_of

Judge = Callable[[str], Any]

DAMAGED = 5_000 if os.environ.get("CI") == "true" else 1_000
SECONDS, MOST_BYTES = 15.0, 1 << 29
"""Of the processor's, while memory is watched, which takes three times as long; and of memory, for one file."""


def written(*layers: Any, **settings: Any) -> bytes:
    net = Network(list(layers), **settings)
    content: bytes = onnx_of(net.spec, net._parameters).SerializeToString()
    return content


@pytest.mark.parametrize("content", [b"", b"\0" * 40, b"PK\3\4" + bytes(60), "a text, ßay".encode(), b"\x08\x09"])
def test_what_is_no_onnx_model_is_refused(content: bytes, tmp_path: Path, judge: Judge) -> None:
    """As bytes and as a file, which is named."""
    judge("onnx")
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="No ONNX model can be read from these bytes"):
        Network.from_onnx(content)
    with pytest.raises(ModelFileError, match=r"model\.onnx"):
        Network.from_onnx(path)


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path, judge: Judge) -> None:
    """So is a folder, a zero byte, and what is no path."""
    judge("onnx")
    for path in (tmp_path / "none.onnx", tmp_path, "zero\0byte"):
        with pytest.raises(ModelFileError):
            Network.from_onnx(path)
    with pytest.raises(KindError, match="int was given"):
        Network.from_onnx(8)


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the extra that brings it."""
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingLibraryError, match=r"pellucid\[onnx\]"):
        Network.from_onnx(b"")


def test_every_part_of_a_file_is_refused(judge: Judge) -> None:
    """A file cut short is no model, or one whose graph is not whole."""
    judge("onnx")
    content = written(3, Dense(4, "gelu"), 2, classes=["a", "b"])
    for end in range(0, len(content), 7):
        try:
            net = Network.from_onnx(content[:end])
        except PellucidError:
            continue
        assert net.n_parameters == 26  # what was cut off is no more than an ornament


def test_damaged_files_are_refused_or_read(judge: Judge) -> None:
    """Bytes changed at random: whatever comes of it is an error of Pellucid's, or a network of finite numbers."""
    onnx = judge("onnx")
    chance = random.Random(8)
    wholes = [
        written(3, Dense(4, "tanh"), 2, classes=["a", "b"]),
        written(2, Dense(3, "gelu"), 1, loss="binary_cross_entropy", dtype="float64"),
        written(4, 2, loss="mse", input_scale=[1.0, 2.0, 3.0, 4.0]),
    ]
    for content in wholes[:]:  # without metadata, too, so that what is read is the graph alone
        model = onnx.load_model_from_string(content)
        del model.metadata_props[:]
        wholes.append(model.SerializeToString())
    read = 0
    for _ in range(DAMAGED):
        content = bytearray(chance.choice(wholes))
        for _ in range(chance.choice([1, 1, 2, 5])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        try:
            net = Network.from_onnx(bytes(content))
        except PellucidError:
            continue
        read += 1
        assert np.isfinite(net.parameters).all()
    assert 0 < read < DAMAGED


def test_other_files_are_not_read(tmp_path: Path, judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where they lie beside the model, and are sound."""
    onnx = judge("onnx")
    monkeypatch.chdir(tmp_path)
    model = onnx.load_model_from_string(written(200, 50, 2))
    onnx.save_model(model, "model.onnx", save_as_external_data=True, location="numbers", size_threshold=0)
    with pytest.raises(ModelFileError, match="in another file, which is not read"):
        Network.from_onnx("model.onnx")
    assert 10_152 == Network.from_onnx(onnx.load("model.onnx")).n_parameters


def test_functions_of_the_model_are_not_followed(judge: Judge) -> None:
    """They may call one another until a small file is a large graph."""
    onnx = judge("onnx")
    model = onnx.load_model_from_string(written(2, 2))
    twice = onnx.helper.make_node("Add", ["x", "x"], ["y"])
    model.functions.append(onnx.helper.make_function("own", "Twice", ["x"], ["y"], [twice], model.opset_import))
    with pytest.raises(SettingError, match="inline_local_functions"):
        Network.from_onnx(model)


def bomb(onnx: Any, kind: str) -> Any:
    """Return a model of some kilobytes that would take gigabytes or minutes."""
    helper, arrays = onnx.helper, onnx.numpy_helper.from_array
    node, width, stored = helper.make_node, 4, []
    if kind == "a constant of many numbers":
        stored = [arrays(np.array([4, 10**12]), "shape")]
        nodes = [node("ConstantOfShape", ["shape"], ["W"]), node("MatMul", ["x", "W"], ["y"])]
    elif kind == "many constants":
        stored = [arrays(np.array([4096, 4096]), "shape")]
        nodes, width = [node("ConstantOfShape", ["shape"], ["W"])], 4096
        nodes += [node("Concat", ["W"] * 2_000, ["V"], axis=0), node("MatMul", ["x", "V"], ["y"])]
    elif kind == "doubled constants":
        stored = [arrays(np.ones((4, 1), np.float32), "W0")]
        nodes = [node("Concat", [f"W{i}"] * 2, [f"W{i + 1}"], axis=1) for i in range(40)]
        nodes.append(node("MatMul", ["x", "W40"], ["y"]))
    elif kind == "shared weights":
        width, stored = 512, [arrays(np.ones((512, 512), np.float32), "W")]
        nodes = [node("MatMul", [f"h{i}" if i else "x", "W"], [f"h{i + 1}"]) for i in range(40_000)]
        nodes.append(node("Identity", ["h40000"], ["y"]))
    elif kind == "wide activations":
        width, nodes = 10**9, [node("Relu", ["x"], ["y"])]
    elif kind == "many activations":
        names, width = ["Tanh", "Relu"], 3_000
        nodes = [node(names[i % 2], [f"h{i}" if i else "x"], [f"h{i + 1}"]) for i in range(5_000)]
        nodes.append(node("Identity", ["h5000"], ["y"]))
    else:
        nodes = [node("Neg", [f"h{i}" if i else "x"], [f"h{i + 1}"]) for i in range(110_000)]
        nodes.append(node("Identity", ["h110000"], ["y"]))
    given = helper.make_tensor_value_info("x", 1, ["N", width])
    graph = helper.make_graph(nodes, "g", [given], [helper.make_tensor_value_info("y", 1, ["N", "M"])], stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


@pytest.mark.parametrize(
    "kind",
    [
        *["a constant of many numbers", "many constants", "doubled constants", "shared weights"],
        *["wide activations", "many activations", "many nodes"],
    ],
)
def test_a_small_file_fills_no_memory(kind: str, judge: Judge) -> None:
    """It is refused before room is made for what it asks."""
    model = bomb(judge("onnx"), kind)
    tracemalloc.start()
    begun = time.process_time()
    try:
        with pytest.raises((KindError, SettingError)):
            Network.from_onnx(model)
        taken, peak = time.process_time() - begun, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (taken < SECONDS, peak < MOST_BYTES) == (True, True), (taken, peak)
