"""``pellucid train``: toy sets, options, files."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Dropout, Network, Run
from pellucid.datasets import TOYS, load_toy

from .conftest import Call


@pytest.mark.parametrize("name", [name for name in TOYS if name != "plane"])
def test_every_toy_of_classes_is_learnt(call: Call, name: str) -> None:
    """The usual recipe reads more than 95 % of points that the network never saw."""
    called = call("train", name, "--json")
    assert (0, "") == (called.code, called.err)
    assert json.loads(called.out)["test"]["accuracy"] > 0.95


def test_values_are_learnt(call: Call) -> None:
    """The plane is a task of values: its result is r2."""
    assert json.loads(call("train", "plane", "--json", "--epochs", 30).out)["test"]["r2"] > 0.99


def test_options_reach_the_run(call: Call) -> None:
    """Every option means what the library's argument of that name means."""
    options = (
        "--layers 5,4 --activation tanh --epochs 3 --batch-size 7 --optimizer sgd --learning-rate 0.3 "
        "--schedule constant --l2 0.01 --dropout 0.2 --validation 0.25 --patience 2 --seed 9 --dtype float64 "
        "--threads 1 --points 80 --noise 0.05"
    )
    shown = json.loads(call("train", "moons", *options.split(), "--json").out)
    toy = load_toy("moons", 160, 0.05, 9)
    network = Network([2, 5, Dropout(0.2), 4, Dropout(0.2), 2], activation="tanh", dtype="float64", seed=9)
    run = network.fit(
        toy.X[:80],
        toy.y[:80],
        epochs=3,
        batch_size=7,
        optimizer="sgd",
        learning_rate=0.3,
        schedule="constant",
        l2=0.01,
        validation=0.25,
        early_stopping=2,
    )
    assert run.fingerprint == shown["fingerprint"]
    assert run.recipe.digest == shown["recipe_digest"]
    assert run.history.epochs == shown["history"]
    assert network.evaluate(toy.X[80:], toy.y[80:]) == shown["test"]


def test_files_hold_the_network_and_the_run(call: Call) -> None:
    """--save writes the network, --run the run, both as they stand at the end."""
    shown = json.loads(call("train", "xor", "--epochs", 2, "--save", "net", "--run", "run", "--json").out)
    toy = load_toy("xor", 800)
    assert shown["fingerprint"] == Network.load("net").fingerprint
    run = Run.load("run", toy.X[:400], toy.y[:400])
    assert run.done
    assert shown["fingerprint"] == run.fingerprint


def test_text(call: Call) -> None:
    """The text shows the layers, the result, the fingerprint, where it holds, and where the network is."""
    called = call("train", "gaussians", "--layers", "", "--epochs", 2, "--save", "net")
    assert (0, "") == (called.code, called.err)
    out = called.out
    assert "gaussians: 400 rows to learn from, 400 to be tested on\n\nepoch   1   loss" in out
    assert re.search(r"Step 40 of 40: all epochs \w+\.\nmeasured on +loss +accuracy\n─+\nrows it learnt from +\d", out)
    assert re.search(r"\nrows it never saw +\d", out)
    network = Network.load(Path("net"))
    assert 6 == network.n_parameters
    assert f"\nfingerprint {network.fingerprint}\nsame bits   " in out
    assert out.endswith("The network is in net: pellucid show net\n")


def test_other_optimizers_have_their_usual_rate(call: Call) -> None:
    """The recipe's learning rate is adam's; sgd without one takes its own, 0.1."""
    shown = json.loads(call("train", "xor", "--optimizer", "sgd", "--epochs", 1, "--json").out)
    toy = load_toy("xor", 800)
    run = Network([2, 32, 32, 2]).fit(
        toy.X[:400], toy.y[:400], epochs=1, batch_size=20, optimizer="sgd", learning_rate=0.1, schedule="linear"
    )
    assert run.fingerprint == shown["fingerprint"]


@pytest.mark.parametrize(("expected", "epochs"), [([1, 2, 3], 3), ([1, 5, 10, 15, 20, 25, 30, 35, 40], 40)])
def test_some_epochs_have_a_line(call: Call, expected: list[int], epochs: int) -> None:
    """However many epochs there are, about nine have a line, the first and the last among them."""
    out = call("train", "xor", "--epochs", epochs).out
    assert expected == [int(epoch) for epoch in re.findall(r"^epoch +(\d+) ", out, re.MULTILINE)]


def test_an_epoch_that_ends_early_has_a_line(call: Call) -> None:
    """Where a run ends before its time, the last epoch that it made has a line, too."""
    options = "--epochs 400 --validation 0.5 --patience 3 --learning-rate 0 --json"
    last = json.loads(call("train", "xor", *options.split()).out)["history"][-1]["epoch"]
    out = call("train", "xor", *options.split()[:-1]).out
    assert [1, last] == [int(epoch) for epoch in re.findall(r"^epoch +(\d+) ", out, re.MULTILINE)]


def test_rows_learnt_from_are_those_not_held_out(call: Call) -> None:
    """The rows that are held out for validation are not counted among those learnt from."""
    shown = json.loads(call("train", "xor", "--epochs", 2, "--validation", 0.25, "--json").out)
    toy = load_toy("xor", 800)
    network = Network([2, 32, 32, 2])
    run = network.fit(
        toy.X[:400], toy.y[:400], epochs=2, batch_size=20, learning_rate=0.02, schedule="linear", validation=0.25
    )
    everywhere = network.evaluate(toy.X[:400], toy.y[:400])
    held_out = run.history.epochs[-1]
    for name in ("loss", "accuracy"):
        assert pytest.approx(everywhere[name]) == 0.75 * shown["train"][name] + 0.25 * held_out[f"val_{name}"]


def test_guessing_is_called_so(call: Call) -> None:
    """A network that is no better than always naming the commonest class is told so, in one line; a good one is not."""
    line = "That is no better than always naming the commonest class (50.0 %)."
    assert line in call("train", "gaussians", "--epochs", 1, "--learning-rate", 0, "--points", 2).out.split("\n")
    assert "commonest" not in call("train", "gaussians", "--epochs", 5).out


def test_values_say_that_their_loss_is_standardised(call: Call) -> None:
    """The loss of values is not in their units, and says so; r2 has five digits and does not round up to 1."""
    out = call("train", "plane", "--epochs", 30).out
    assert re.search(r"measured on +loss \(standardised\) +mse +r2\n", out)
    assert 2 == len(re.findall(r"^rows it .* 0\.99\d\d\d$", out, re.MULTILINE))


@pytest.mark.parametrize("options", ["moons --points 50 --noise 0.1 --seed 3 --validation 0.2", "plane", "mnist"])
def test_the_python_that_goes_on_works(call: Call, options: str) -> None:
    """The lines of Python that a saved run names, executed as they are, load that run."""
    shown = call("train", *options.split(), "--epochs", 1, "--run", "s.run", "--quiet").out
    begin = shown.index("from pellucid import Run\n")
    names: dict[str, Any] = {}
    exec(shown[begin:], names)  # it is what a reader is told to do
    assert names["run"].done
    assert f"fingerprint {names['run'].fingerprint}\n" in shown


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.parametrize("kept", [False, True])
def test_ctrl_c_says_once_where_it_stopped_and_what_was_saved(tmp_path: Path, kept: bool) -> None:
    """Ctrl-C is told in one line, which says where nothing was saved; a saved run goes on in Python."""
    more = ["--run", "s.run"] if kept else []
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        f"from pellucid.cli import main; sys.exit(main(['train', 'xor', '--epochs', '100000', *{more!r}]))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "COLUMNS": "200"},
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
    lost = "" if kept else r" Nothing was saved: --save or --run keeps it next time\."
    assert re.search(rf"^Stopped by Ctrl-C on step [\d,]+ of 2,000,000\.{lost}$", out, re.MULTILINE)
    assert 1 == out.count("topped")
    assert kept == out.endswith("\nrun.finish()\n\nSo does this: python -m pellucid train xor --resume s.run\n")


def test_a_diverged_network_is_saved_at_its_last_finite_step(call: Call) -> None:
    """Where training diverges, the files are written all the same, of the last finite step; then the error is told."""
    called = call("train", "plane", "--optimizer", "sgd", "--learning-rate", 1e30, "--save", "it", "--run", "it.run")
    assert 2 == called.code
    assert "Training diverged at step" in called.err
    assert np.isfinite(Network.load("it").parameters).all()
    assert Path("it.run").is_file()
