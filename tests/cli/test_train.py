"""``pellucid train``: toy sets, options, files."""

from __future__ import annotations

import json
from pathlib import Path

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
    assert "Step 40 of 40: all epochs made.\nmeasured on" in out
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
