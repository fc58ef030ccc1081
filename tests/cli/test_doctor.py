"""``pellucid doctor``: what it finds, and what it makes of what is broken."""

from __future__ import annotations

import json

import numpy as np
import pytest

import pellucid
from pellucid.engine import default_backend
from pellucid.errors import DataError

from .conftest import Call


def test_this_installation_is_well(call: Call) -> None:
    """Where the tests run there is no problem; the figures are those of the libraries."""
    called = call("doctor", "--json")
    assert (0, "") == (called.code, called.err)
    shown = json.loads(called.out)
    found = {check["name"]: check for check in shown["checks"]}
    assert shown["ok"] is True
    assert pellucid.__version__ == found["pellucid"]["text"]
    assert np.__version__ == found["NumPy"]["text"]
    assert default_backend().name in found["engine"]["text"]
    assert {"status": "ok", "text": "4 files, whole", "name": "MNIST"} == found["MNIST"]
    assert "12 steps, the last 7 twice" in found["replay"]["text"]


def test_text_has_a_line_for_each_check(call: Call) -> None:
    """Each check is a line that begins with ok, note or problem; the last line sums up."""
    out = call("doctor").out.split("\n")
    assert ["ok", "pellucid", pellucid.__version__] == out[0].split()
    assert "All is well." == out[-2]
    assert all(len(line) <= 80 for line in out)


def test_a_problem_is_said_and_counts(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that fails is a problem with its reason, the others go on, and the exit code is 1."""

    def damaged() -> None:
        raise DataError("The MNIST file x is damaged.")

    monkeypatch.setattr("pellucid.datasets.load_mnist", damaged)
    called = call("doctor")
    assert (1, "") == (called.code, called.err)
    assert "problem  MNIST       DataError: The MNIST file x is damaged." in called.out
    assert called.out.endswith("\n1 problem found.\n")


def test_missing_extras_are_notes(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """An optional library that is missing is a note that says what needs it; the exit code stays 0."""
    from importlib import metadata

    def version(name: str) -> str:
        if name == "pillow":
            raise metadata.PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(metadata, "version", version)
    called = call("doctor", "--json")
    found = {check["name"]: check for check in json.loads(called.out)["checks"]}
    assert 0 == called.code
    assert "note" == found["Pillow"]["status"]
    assert "pellucid[images]" in found["Pillow"]["text"]
