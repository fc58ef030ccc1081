"""``pellucid rewind``: what the library says of any step of a run, and receipts that end at its next one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pellucid import Network, Run
from pellucid.cli.figures import figure
from pellucid.cli.screen import percent, signed
from pellucid.datasets import load_mnist, load_toy

from .conftest import Call

SIX = r"([+−]\d+\.\d{6})"


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def added_up(table: str) -> tuple[int, int]:
    """Return the first numbers of a table, added up, and its last one, in millionths."""
    *parts, total = (round(1e6 * float(one.replace("−", "-"))) for one in re.findall(rf"{SIX}$", table, re.MULTILINE))
    return sum(parts), total


@pytest.fixture
def moons(call: Call) -> Run:
    """The run that the command trains on moons, 80 steps in a.run; loaded."""
    assert 0 == call("train", "moons", "--epochs", 4, "--l2", 0.01, "--run", "a.run", "--json").code
    toy = load_toy("moons", 800, None, 0)
    return Run.load("a.run", toy.X[:400], toy.y[:400])


@pytest.fixture
def digits(call: Call) -> Run:  # it stands in an empty folder
    """Twenty steps on MNIST, in digits.run."""
    mnist = load_mnist()
    network = Network([784, 8, 10], input_scale=1 / 255, initializer="glorot")
    run = network.start(mnist.X_train, mnist.y_train, epochs=1, batch_size=500, learning_rate=0.01)
    run.advance(20)
    run.save("digits.run")
    return run


def test_a_step_as_text(call: Call, moons: Run) -> None:
    """Loss, rate, gradient and accuracy are the library's of that step."""
    toy, moment = load_toy("moons", 800, None, 0), moons.at(30)
    test = moment.network.evaluate(toy.X[400:], toy.y[400:])
    called = call("rewind", "a.run", "--step", 30)
    assert (0, "") == (called.code, called.err)
    shown = [re.split(r"  +", line) for line in lines(called.out)]
    assert [
        ["a.run: step 30 of 80, epoch 2 of 4."],
        [""],
        ["loss", f"{moment.loss:.4g}", "of step 31, on its 20 rows"],
        ["learning rate", f"{moment.learning_rate:.4g}", "of that step"],
        ["gradient norm", f"{moment.gradient_norm:.4g}", "√(Σ g²), over all parameters"],
        ["test loss", figure("loss", test["loss"]), "on 400 points it never saw"],
        ["test accuracy", percent(test["accuracy"]), "on 400 points it never saw"],
        [""],
        [f"fingerprint {moment.fingerprint}"],
    ] == shown


def test_the_end(call: Call, moons: Run) -> None:
    """Where the run ends no step is made, and that is said with the reason."""
    out = lines(call("rewind", "a.run", "--step", 80).out)
    assert [f"fingerprint {moons.fingerprint}", "From here no step is made: all epochs done."] == out[-2:]
    assert not any(line.startswith(("loss", "gradient")) for line in out)
    shown = json.loads(call("rewind", "a.run", "--step", 80, "--json").out)
    assert [None] * 4 == [shown[name] for name in ("batch", "loss", "learning_rate", "gradient_norm")]


def test_changes_by_hand_are_counted(call: Call, moons: Run) -> None:
    """A run that was edited says how often, up to that step."""
    branch = moons.branch(10, learning_rate=0.01)
    branch.advance(20)
    branch.save("b.run")
    assert "1 change of the run up to here" in call("rewind", "b.run", "--step", 20).out
    assert "change" not in call("rewind", "b.run", "--step", 9).out


def test_a_run_that_diverged(call: Call) -> None:
    """On its last finite step, whose outputs may not be finite, it says what cannot be measured, and why it ended."""
    options = "--learning-rate 1e30 --optimizer sgd --run x.run"
    assert 2 == call("train", "xor", *options.split()).code
    called = call("rewind", "x.run", "--step", 1)
    assert (0, "") == (called.code, called.err)
    told = " ".join(called.out.split())
    assert "Not tested: The network's output for row 0 is NaN or infinite" in told
    assert "From here no step is made: diverged at step 2" in told
    assert {} == json.loads(call("rewind", "x.run", "--step", 1, "--json").out)["test"]


def test_epochs_that_were_changed(call: Call, moons: Run) -> None:
    """Where the number of epochs was changed on the way, the new one is told."""
    branch = moons.branch(10, epochs=7)
    branch.advance(60)
    branch.save("b.run")
    assert "b.run: step 45 of 140, epoch 3 of 7." == lines(call("rewind", "b.run", "--step", 45).out)[0]


def test_a_step_as_json(call: Call, moons: Run) -> None:
    """The JSON holds the library's own figures."""
    moment = moons.at(30)
    shown = json.loads(call("rewind", "a.run", "--step", 30, "--json").out)
    assert (30, 80, 80, 2, 4, 0) == tuple(
        shown[name] for name in ("step", "last_step", "total_steps", "epoch", "epochs", "edits")
    )
    assert moment.batch is not None
    assert moment.batch.tolist() == shown["batch"]
    assert (moment.loss, moment.learning_rate, moment.gradient_norm, moment.fingerprint) == tuple(
        shown[name] for name in ("loss", "learning_rate", "gradient_norm", "fingerprint")
    )


def test_a_neuron_then(call: Call, moons: Run) -> None:
    """Its largest changes since the start, each as start + change = then."""
    out = call("rewind", "a.run", "--step", 30, "--neuron", "layer_2/node_4").out
    start, then = (moons.at(step).network["layer_2"]["node_4"] for step in (0, 30))
    changes = np.subtract(then.weights, start.weights, dtype=float)
    first = int(np.abs(changes).argmax())
    row = [signed(start.weights[first]), signed(then.weights[first]), signed(changes[first])]
    assert [f"layer_1/node_{first + 1}", *row] == next(
        line.split() for line in lines(out) if line.startswith("layer_1/")
    )
    assert 8 == sum(line.startswith("layer_1/") for line in lines(out))
    shown = json.loads(call("rewind", "a.run", "--step", 30, "--neuron", "layer_2/node_4", "--json").out)["neuron"]
    assert then.weights.tolist() == shown["weights"]
    assert start.weights.tolist() == shown["at_step_0"]["weights"]


def test_a_receipt_and_a_ledger(call: Call, moons: Run) -> None:
    """The step's chain ends at the number of the next step; the journey to here adds up on the screen."""
    arguments = ("rewind", "a.run", "--step", 30, "--neuron", "layer_2/node_4", "--weight", 3)
    called = call(*arguments)
    assert (0, "") == (called.code, called.err)
    old, new = (float(moons.at(step).network["layer_2"]["node_4"].weights[3]) for step in (30, 31))
    assert f"layer_2/node_4, weight of layer_1/node_4\nStep 31 makes {signed(new)} of {signed(old)}.\n" in called.out
    receipt = moons.at(30).trace().receipt("layer_2", "node_4", 3)
    told = " ".join(called.out.split())
    for heading, part in receipt.parts:
        assert heading in told
        for one in part.lines:
            assert " ".join(one.text().split()) in told
    assert all(len(line) <= 80 for line in lines(called.out))
    journey = called.out[called.out.index("how it came there") : called.out.index("row of X")]
    assert f"at step 30 {signed(old)}" in " ".join(journey.split())
    assert "penalty l2" in journey
    parts, total = added_up(journey)
    assert total == parts
    ledger = moons.ledger("layer_2", "node_4", 3, last=30)
    assert f"{ledger.top(1).up[0][0]} {ledger.labels[ledger.top(1).up[0][0]]} {signed(ledger.top(1).up[0][1])}" in told
    shown = json.loads(call(*arguments, "--json").out)
    assert (old, new, receipt.gradient) == tuple(shown["receipt"][name] for name in ("old", "new", "gradient"))
    assert [one.text() for one in receipt.lines] == [
        line for part in shown["receipt"]["parts"] for line in part["lines"]
    ]
    assert ledger.totals == shown["ledger"]["totals"]
    assert call(*arguments).out == call(*arguments[:-1], "layer_1/node_4").out


def test_a_bias_at_the_start(call: Call, moons: Run) -> None:
    """A bias has a receipt too; at the start there is no journey yet."""
    out = call("rewind", "a.run", "--step", 0, "--neuron", "layer_1/node_2", "--bias").out
    new = float(moons.at(1).network["layer_1"]["node_2"].bias[0])
    assert f"layer_1/node_2, bias\nStep 1 makes {signed(new)} of +0.000000.\n" in out
    assert "how it came there" not in out


def test_a_digit_and_a_neuron_of_pixels(call: Call, digits: Run) -> None:
    """An image is read then and where the run stands; weights and their changes are pictures."""
    image, truth = load_mnist().X_test[7], load_mnist().y_test[7]
    out = call("rewind", "digits.run", "--step", 4, "--digit", 7, "--neuron", "layer_1/node_3").out
    P = [network.predict_proba(image[None])[0] for network in (digits.at(4).network, digits.network)]
    first, second = (f"{p.argmax()} ({percent(float(p.max()))})" for p in P)
    told = " ".join(out.split())
    assert f"index 7, a {truth}, is read as {first} here, and as {second} where the run stands." in told
    end = next(place for place, line in enumerate(lines(out)) if line.startswith("weights at step 4"))
    assert "what changed since step 0" in lines(out)[end]
    assert set("".join(lines(out)[end - 14 : end])) <= set("#+ -=")
    a = [float(network.trace(image)["layer_1"]["node_3"].a) for network in (digits.at(4).network, digits.network)]
    shown = json.loads(
        call("rewind", "digits.run", "--step", 4, "--digit", 7, "--neuron", "layer_1/node_3", "--json").out
    )
    assert a == shown["neuron"]["a"]
    assert [str(p.argmax()) for p in P] == [shown["digit"][when]["prediction"] for when in ("then", "at_the_end")]


def test_train_says_how_to_look_back(call: Call) -> None:
    """The command that pellucid train names beside the run, put in as it is, stands on a step half way."""
    out = call("train", "xor", "--epochs", 2, "--points", 50, "--seed", 3, "--run", "x.run", "--quiet").out
    line = next(line for line in lines(out) if line.startswith("The run is in x.run: ")).partition("pellucid ")[2]
    assert "rewind x.run --step 3 --data xor --points 50 --seed 3" == line
    assert "x.run: step 3 of 6, epoch 2 of 2." in call(*line.split()).out


@pytest.mark.parametrize("columns", [50, 60, 80, 120])
def test_no_figure_is_ever_cut(call: Call, digits: Run, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From 50 columns on every line fits, whatever it shows."""
    assert 20 == digits.step
    monkeypatch.setenv("COLUMNS", str(columns))
    arguments = "--step 4 --digit 7 --neuron layer_1/node_3 --weight 407"
    out = call("rewind", "digits.run", *arguments.split()).out
    assert not re.search(r"\d…", out)
    assert all(len(line) <= columns for line in lines(out) if "fingerprint" not in line)


@pytest.mark.usefixtures("moons")
def test_what_takes_long_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seek of more than a second, and a long journey, are announced in one line each."""
    monkeypatch.setattr(Run, "seek_cost", lambda *_: 2.3)
    monkeypatch.setattr("pellucid.cli.weight._SOON", -1.0)
    called = call("rewind", "a.run", "--step", 30, "--neuron", "layer_1/node_1", "--weight", 0, "--json")
    first, second = lines(called.err)
    assert "pellucid: note: the steps up to 30 are performed again, which takes about 3 s." == first
    assert "pellucid: note: the weight is followed through 30 steps, which takes about 1 s." == second
    assert 30 == json.loads(called.out)["step"]


@pytest.mark.parametrize("options", ["--points 60 --noise 0.3 --seed 4", "--validation 0.2"])
def test_data_are_named_as_for_train(call: Call, options: str) -> None:
    """What train was told of its toy set is told again; what the recipe says need not be."""
    call("train", "spirals", "--epochs", 2, "--run", "a.run", "--json", *options.split())
    again = [] if "validation" in options else options.split()
    for name in ([], ["--data", "spirals"]):
        assert 0 == call("rewind", "a.run", "--step", 3, *name, *again).code


def test_rows_of_ones_own(call: Call) -> None:
    """A run on arrays of one's own takes a .npz file of them, whose test rows are measured where it has such."""
    toy = load_toy("plane", 100)
    run = Network([2, 4, 1], loss="mse").fit(toy.X[:50], toy.y[:50], epochs=2, progress=False)
    run.save("own.run")
    np.savez("own.npz", X=toy.X[:50], y=toy.y[:50])
    np.savez("tested.npz", X=toy.X[:50], y=toy.y[:50], X_test=toy.X[50:], y_test=toy.y[50:])
    own, tested = (call("rewind", "own.run", "--step", 1, "--data", name).out for name in ("own.npz", "tested.npz"))
    figures = [run.at(1).network.evaluate(toy.X[part], toy.y[part])["r2"] for part in (slice(50), slice(50, None))]
    assert f"r2 {figure('r2', figures[0])} on 50 rows of X" in " ".join(own.split())
    assert f"test r2 {figure('r2', figures[1])} on 50 rows of X_test" in " ".join(tested.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("a.run", "Missing option '--step'. See pellucid rewind --help."),
        ("a.run --step 81", "--step must lie in 0 … 80, the steps that the run made; 81 was given."),
        ("a.run --step -1", "--step must lie in 0 … 80, the steps that the run made; -1 was given."),
        ("a.run --step x", "--step must be a whole number; 'x' was given. See pellucid rewind --help."),
        ("net --step 1", "net is a network; this command reads runs, as pellucid train --run writes them."),
        ("gone --step 1", "gone cannot be read: No such file or directory."),
        (
            "a.run --step 1 --neuron layer_1",
            "--neuron layer_1 names no neuron. Give a layer and a node: layer_1/node_1.",
        ),
        ("a.run --step 1 --neuron layer_9/node_1", "Unknown layer 'layer_9'. Accepted: layer_1, layer_2, output."),
        ("a.run --step 1 --neuron layer_1/node_33", "layer_1 has no node 'node_33'; it has node_1 … node_32."),
        ("a.run --step 1 --weight 1", "--weight is of a neuron, and none was given. Give one too: --neuron"),
        ("a.run --step 1 --bias", "--bias is of a neuron, and none was given."),
        ("a.run --step 1 --neuron layer_1/node_1 --bias --weight 1", "--weight and --bias ask for two numbers"),
        (
            "a.run --step 1 --neuron layer_1/node_1 --weight 2",
            "--weight is the place of an input of layer_1, 0 … 1, or its name; '2' was given.",
        ),
        (
            "a.run --step 80 --neuron layer_1/node_1 --bias",
            "from 80 none is: there the run ends. Give --step 79, from which the last one was made.",
        ),
        ("a.run --step 1 --digit 3", "This network has 2 inputs; a picture of a digit has 784."),
        ("a.run --step 1 --data mnist", "X has 784 columns, but the network has 2 inputs."),
        ("a.run --step 1 --data moons --seed 1", "Of this command they are --data, --points, --noise and --seed."),
        ("a.run --step 1 --seed 1", "The data of the run in a.run are none that this command knows."),
    ],
)
@pytest.mark.usefixtures("moons")
def test_errors(call: Call, small: Path, arguments: str, message: str) -> None:
    """One line, exit code 2, and nothing on standard output."""
    small.rename("net")
    called = call("rewind", *arguments.split(), "--json")
    assert (2, "", 1) == (called.code, called.out, called.err.count("\n"))
    assert message in called.err
