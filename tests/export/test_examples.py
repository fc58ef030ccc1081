"""The committed examples are what the exporters write."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from pellucid import Network

pytestmark = pytest.mark.checkout

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def test_the_examples_are_what_is_written(tmp_path: Path) -> None:
    """Every file of examples/exported comes out again, byte for byte; make examples writes them anew."""
    spec = importlib.util.spec_from_file_location("make_exported", EXAMPLES / "make_exported.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    net = made.trained()
    assert Network.load(EXAMPLES / "exported/iris.safetensors").fingerprint == net.fingerprint
    written = made.export(net, tmp_path)
    expected = {
        file.name: file.read_bytes() for file in (EXAMPLES / "exported").iterdir() if file.suffix != ".safetensors"
    }
    assert expected == {file.name: file.read_bytes() for file in written}
