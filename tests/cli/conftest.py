"""The command called in this process, and networks in files for it to look at."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from pellucid import Network
from pellucid.cli import main


class Called(NamedTuple):
    """Exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Call = Callable[..., Called]


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """No terminal, 80 columns, no colour, a command that shells find: the same on every machine."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLORTERM", "PELLUCID_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("pellucid.cli.screen.which", lambda name: f"/usr/bin/{name}")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """``call("show", path)`` runs the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def called(*arguments: object) -> Called:
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Called(code, out, err)

    return called


class Demo(NamedTuple):
    """A demo of one epoch: what it printed, and the network that it saved."""

    called: Called
    path: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The real demo, one epoch of it."""
    path = tmp_path_factory.mktemp("demo") / "digits.safetensors"
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        patch.setenv("COLUMNS", "80")
        patch.setenv("NO_COLOR", "1")
        patch.setattr("pellucid.cli.screen.which", lambda name: f"/usr/bin/{name}")
        code = main(["demo", "--epochs", "1", "--save", str(path)])
    return Demo(Called(code, out.getvalue(), err.getvalue()), path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A network of two named inputs whose every number is known."""
    network = Network([2, 2, 2], features=["length", "width"], classes=["no", "yes"], seed=0)
    network["layer_1"].weights = [[0.5, -0.25], [1.0, 2.0]]
    network["layer_1"].biases = [0.125, -1.0]
    network["output"].weights = np.eye(2)
    network["output"].biases = [0.0, 0.5]
    path = tmp_path / "small.safetensors"
    network.save(path)
    return path
