"""``pellucid demo``: the real one, of one epoch."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pellucid import Network
from pellucid.cli.recipe import HIDDEN, NETWORK, RECIPE
from pellucid.datasets import load_mnist

from .conftest import Call, Demo


def test_the_saved_network_has_the_accuracy_shown(demo: Demo) -> None:
    """One epoch reads more than 90 % of the test images, and the saved network gives exactly the figure shown."""
    assert (0, "") == (demo.called.code, demo.called.err)
    shown = re.search(r"it reads ([\d,]+) correctly: (\d+\.\d\d) %", demo.called.out)
    assert shown is not None
    mnist = load_mnist()
    accuracy = Network.load(demo.path).score(mnist.X_test, mnist.y_test)
    assert accuracy > 0.9
    assert f"{100 * accuracy:.2f}" == shown[2]
    assert round(10_000 * accuracy) == int(shown[1].replace(",", ""))


def test_it_shows_epochs_mistakes_and_what_to_try(demo: Demo) -> None:
    """The text holds a line for the epoch, the table of mistakes, six digits, and commands; 80 columns suffice."""
    out = demo.called.out
    assert re.search(r"^epoch +1 +loss \d\.\d{4} +accuracy \d\d\.\d\d", out, re.MULTILINE)
    assert 6 == len(re.findall(r"index \d+", out.split("Its most confident mistakes:")[1].split("The network")[0]))
    assert f"The network is in {demo.path}. What to try next:" in out
    before = out.split("The network is in")[0]
    assert all(len(line) <= 80 for line in before.split("\n"))


def test_the_table_counts_every_test_image(demo: Demo) -> None:
    """The rows of the table of mistakes are the true digits: they add up to how many there are of each."""
    rows = re.findall(r"^(\d) +((?:[\d·]+ +){9}[\d·]+) *$", demo.called.out, re.MULTILINE)
    counts = [sum(int(cell) for cell in cells.replace("·", "0").split()) for _, cells in rows]
    assert np.bincount(load_mnist().y_test).tolist() == counts


@pytest.mark.parametrize("place", range(5))
def test_the_commands_it_names_work(call: Call, demo: Demo, place: int) -> None:
    """Each `pellucid …` line of what to try next, put in as it is, ends well."""
    commands = [line.split("pellucid ")[1].split() for line in demo.called.out.split("\n") if " pellucid " in line]
    assert 0 == call(*commands[place]).code


def test_json_is_one_object_and_right(call: Call) -> None:
    """--json prints one object: the same figures as the library gives for the same recipe, here on seed 3."""
    called = call("demo", "--epochs", 1, "--seed", 3, "--save", "it", "--json")
    assert (0, "") == (called.code, called.err)
    shown = json.loads(called.out)
    mnist = load_mnist()
    network = Network([784, *HIDDEN, 10], **NETWORK, seed=3)
    run = network.fit(mnist.X_train, mnist.y_train, **{**RECIPE, "epochs": 1})
    assert run.fingerprint == shown["fingerprint"] == Network.load("it").fingerprint
    assert network.evaluate(mnist.X_test, mnist.y_test) == {key: shown["test"][key] for key in ("loss", "accuracy")}
    confusion = np.array(shown["test"]["confusion"])
    assert round(10_000 * shown["test"]["accuracy"]) == np.trace(confusion)
    worst = shown["misread"][0]
    P = network.predict_proba(mnist.X_test)
    wrong = P.argmax(axis=1) != mnist.y_test
    assert float(P[wrong].max()) == worst["probability"]
    assert int(mnist.y_test[worst["index"]]) == worst["truth"] != worst["prediction"]


def test_no_save_writes_nothing(call: Call, tmp_path: Path) -> None:
    """--no-save leaves the folder empty and names no file; --quiet shows no epochs."""
    called = call("demo", "--epochs", 1, "--no-save", "--quiet")
    assert 0 == called.code
    assert [] == list(tmp_path.iterdir())
    assert "What to try next" not in called.out
    assert "epoch" not in called.out


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_pauses_shows_and_saves(tmp_path: Path) -> None:
    """Ctrl-C ends the training between two steps: the results so far are shown and saved; the exit code is 130."""
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from pellucid.cli import main; sys.exit(main(['demo', '--epochs', '500']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith("epoch   1"):
                break
        process.send_signal(signal.SIGINT)
        out = process.stdout.read()
        assert "" == process.stderr.read()
    assert 130 == process.returncode
    assert 1 == len(re.findall(r"^Stopped by Ctrl-C on step [\d,]+ of 469,000\.$", out, re.MULTILINE))
    assert 1 == out.count("topped")
    assert 26_506 == Network.load(tmp_path / "digits.safetensors").n_parameters


def test_a_narrow_table_of_mistakes_is_whole(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """In 50 columns every line still fits, and the table counts every test image."""
    monkeypatch.setenv("COLUMNS", "50")
    out = call("demo", "--epochs", 1, "--no-save", "--quiet").out
    assert "…" not in out
    assert all(len(line) <= 50 for line in out.split("\n"))
    rows = re.findall(r"^(\d) +((?:[\d·]+ +){9}[\d·]+) *$", out, re.MULTILINE)
    assert 10_000 == sum(int(cell) for _, cells in rows for cell in cells.replace("·", "0").split())
