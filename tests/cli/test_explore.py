"""``pellucid explore``: what is opened for each thing that can be named, the one line, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import judges
from pellucid import Network, Run
from pellucid.datasets import load_mnist, load_toy

from .conftest import Call

LINE = r"Exploring (\S+) at (http://127\.0\.0\.1:\d+/[\w-]{43}/) \(Ctrl-C ends\)\n"


class Opened:
    """Stands in for `pellucid.explorer.explore`: keeps what it was given, and ends at once."""

    url = f"http://127.0.0.1:1/{'x' * 43}/"

    def __call__(self, found: Any, data: Any, *, port: int, browser: bool) -> Opened:
        self.found, self.data, self.port, self.browser = found, data, port, browser
        return self

    def __enter__(self) -> Opened:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait(self) -> None:
        pass


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """What the command would have opened."""
    opened = Opened()
    monkeypatch.setattr("pellucid.explorer.explore", opened)
    return opened


def widths(network: Network) -> list[int]:
    return [network.spec.input.width, *(layer.width for layer in network.spec.dense)]


def test_mnist(call: Call, opened: Opened) -> None:
    """Alone, it opens the demo's network with a run that is not begun, and MNIST."""
    called = call("explore")
    assert (0, "") == (called.code, called.err)
    assert ("mnist", opened.url) == re.fullmatch(LINE, called.out).groups()  # type: ignore[union-attr]
    run = opened.found
    assert (Run, 0, 6, [784, 32, 32, 10]) == (type(run), run.step, run.recipe.epochs, widths(run.network))
    mnist = load_mnist()
    assert mnist.X_train is opened.data["training"][0]
    assert mnist.y_test is opened.data["test"][1]
    assert (0, True) == (opened.port, opened.browser)


def test_a_toy_set(call: Call, opened: Opened) -> None:
    """A toy set is learnt by a small network; its points, seed, layers and port can be chosen."""
    options = ("--points", 50, "--noise", 0.1, "--seed", 3, "--layers", "5", "--port", 4321, "--no-browser")
    assert 0 == call("explore", "moons", *options).code
    toy = load_toy("moons", 100, 0.1, 3)
    for part, rows in (("training", slice(50)), ("test", slice(50, None))):
        np.testing.assert_array_equal(toy.X[rows], opened.data[part][0])
        np.testing.assert_array_equal(toy.y[rows], opened.data[part][1])
    run = opened.found
    assert (0, 3, [2, 5, 2]) == (run.step, run.recipe.seed, widths(run.network))
    assert "relu" == run.network.spec.dense[0].activation
    assert (4321, False) == (opened.port, opened.browser)


@pytest.mark.parametrize("toy", ["xor", "circles", "spirals", "gaussians", "moons", "plane"])
def test_every_toy_set(call: Call, opened: Opened, toy: str) -> None:
    """Each opens with two hidden layers of eight, and can be trained."""
    assert 0 == call("explore", toy, "--points", 40).code
    outputs = 1 if toy == "plane" else 2
    assert [2, 16, 16, outputs] == widths(opened.found.network)
    opened.found.advance(2)
    assert 2 == opened.found.step


def test_a_run_file(call: Call, opened: Opened) -> None:
    """A run opens on its last step, with the data that it was trained on."""
    assert 0 == call("train", "moons", "--epochs", 2, "--run", "a.run", "--json").code
    assert 0 == call("explore", "a.run").code
    toy = load_toy("moons", 800, None, 0)
    assert 40 == opened.found.step
    np.testing.assert_array_equal(toy.X[:400], opened.data["training"][0])
    np.testing.assert_array_equal(toy.y[400:], opened.data["test"][1])


def test_model_files(call: Call, opened: Opened, small: Path) -> None:
    """A network opens alone, with data that are named, or with MNIST where it takes such pictures."""
    assert 0 == call("explore", small).code
    assert (Network.load(small).fingerprint, None) == (opened.found.fingerprint, opened.data)
    assert 0 == call("explore", small, "--data", "xor", "--points", 10).code
    assert (10, 2) == opened.data["test"][0].shape
    np.savez("own.npz", X=np.ones((3, 2)), y=[0, 1, 1])
    assert 0 == call("explore", small, "--data", "own.npz").code
    assert [0, 1, 1] == opened.data["test"][1].tolist()
    Network([784, 4, 10], input_scale=1 / 255).save("digits")
    assert 0 == call("explore", "digits").code
    assert (10_000, 784) == opened.data["test"][0].shape


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("gone", "gone cannot be read: No such file or directory."),
        ("mnist --points 3", "--points belongs to the toy sets"),
        ("mnist --data xor", "--data belongs to files, and mnist is data itself. Leave --data out."),
        ("mnist --layers x", "--layers must be whole numbers with commas between them; 'x' was given."),
        ("net --layers 8", "--layers belongs to new networks, and the one in net has its own. Leave --layers out."),
        ("net --data moonz", "Unknown data 'moonz'."),
        ("xor --port x", "--port must be a whole number; 'x' was given. See pellucid explore --help."),
        ("xor --port 65536", "port must lie in 0 … 65535; 65536 was given."),
    ],
)
def test_errors(call: Call, small: Path, arguments: str, message: str) -> None:
    """One line, exit code 2, and nothing on standard output."""
    small.rename("net")
    called = call("explore", *arguments.split())
    assert (2, "", 1) == (called.code, called.out, called.err.count("\n"))
    assert message in called.err


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    """The page is there until Ctrl-C; then the exit code is 0, and nothing was complained of."""
    judges.judge("uvicorn")
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from pellucid.cli import main; sys.exit(main(['explore', 'xor', '--no-browser']))"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = re.fullmatch(LINE, process.stdout.readline())
        assert line is not None
        with urllib.request.urlopen(line[2]) as page:
            assert b"pellucid-explorer" in page.read()
        process.send_signal(signal.SIGINT)
        assert ("", "") == (process.stdout.read(), process.stderr.read())
    assert 0 == process.returncode
    assert [] == list(tmp_path.iterdir())
