"""``pellucid export`` and ``pellucid import``: out to other languages and ONNX, and in again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pellucid import Network
from pellucid.datasets import load_mnist

from .conftest import Call, Demo


def test_a_program_is_written_and_tests_itself(call: Call, demo: Demo) -> None:
    """The ending says the language; the line that is shown runs the self-test; examples are MNIST's."""
    called = call("export", demo.path, "digits.py")
    size = Path("digits.py").stat().st_size
    expected = f"Wrote digits.py, {size:,} bytes.\nIt tests itself: python3 digits.py --self-test\n"
    assert (0, expected, "") == called
    told = subprocess.run([sys.executable, "digits.py", "--self-test"], check=True, capture_output=True, text=True)
    assert "digits: right to the last bit (3 examples)\n" == told.stdout
    module: dict[str, Any] = {"__name__": "digits"}
    exec(Path("digits.py").read_text(), module)
    assert load_mnist().X_test[0].tolist() == list(module["EXAMPLE_INPUTS"][0])


def test_targets_names_and_data(call: Call, small: Path) -> None:
    """``--to`` and ``--name`` reach the file; a network of points needs no data, and takes those that are named."""
    assert "Wrote net.py" in call("export", small, "net.py", "--to", "column", "--name", "moons").out
    assert '"node_1": {"weights": [' in Path("net.py").read_text()
    assert "tests itself" not in call("export", small, "foo.py", "--to", "c").out
    told = json.loads(call("export", small, "net.mjs", "--data", "moons", "--points", 20, "--json").out)
    assert ["net.mjs", "net.d.mts"] == told["files"]
    assert (12, 48, 8) == (told["parameters"], told["bytes"], told["macs"])


def test_what_cannot_be_exported(call: Call, small: Path) -> None:
    """One line says why, and nothing is written."""
    assert "names no target" in call("export", small, "net.txt").err
    assert "there is no folder" in call("export", small, "nowhere/net.h").err
    assert "Unknown target 'cobol'" in call("export", small, "net.h", "--to", "cobol").err
    assert 2 == call("export", small, "net.h", "--name", "int").code
    assert "would be lost" in call("export", small, small, "--to", "c").err
    assert "pellucid import" in call("export", "model.onnx", "net.h").err
    assert "No ONNX model can be read" in call("import", small).err
    assert [small.name] == [file.name for file in small.parent.iterdir()]


def test_out_and_in_again(call: Call, small: Path, judge: Callable[[str], Any]) -> None:
    """Through ONNX and back every bit is kept; what is there is not written over unasked."""
    judge("onnx")
    assert 0 == call("export", small, "net.onnx").code
    called = call("import", "net.onnx")
    assert (0, "") == (called.code, called.err)
    assert "layer_1" in called.out
    assert "Wrote net.safetensors. Look into it: pellucid show net.safetensors" in called.out
    assert Network.load(small).fingerprint == Network.load("net.safetensors").fingerprint
    again = call("import", "net.onnx")
    assert (2, "") == (again.code, again.out)
    assert "net.safetensors is there already" in again.err
    told = json.loads(call("import", "net.onnx", "--save", "net.safetensors", "--json").out)
    assert Network.load(small).fingerprint == told["fingerprint"]


def test_what_is_no_model_is_refused(call: Call, judge: Callable[[str], Any]) -> None:
    """A file that is none, and one that is not there."""
    judge("onnx")
    Path("no.onnx").write_bytes(np.arange(100, dtype=np.uint8).tobytes())
    called = call("import", "no.onnx")
    assert (2, "") == (called.code, called.out)
    assert "no.onnx" in called.err
    assert 2 == call("import", "missing.onnx").code
