"""``pellucid diagnose``: exact text for findings that are known; JSON against the library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pellucid import Network, Run
from pellucid.datasets import load_toy
from pellucid.insight import Diagnosis, Finding
from pellucid.insight.diagnosis import Suspect

from .conftest import Call

FOUND = Diagnosis(
    (
        Finding(
            "learning_rate_too_high",
            "serious",
            "The loss of 80 steps ends at 2.3; 90% of the steps looked at raised the loss of their own rows.",
            {"overshoot": 0.9, "late_loss": float("inf")},
            "Lower the learning rate to 0.001.",
            {"learning_rate": np.float64(0.001)},
            step=1234,
        ),
        Finding(
            "dead_neurons",
            "warning",
            "7 of layer_1's 8 neurons answer 0.",
            {"dead": 7},
            "Give it leaky_relu.",
            {"layers": (2, 8, 2)},
            layer="layer_1",
            neurons=(1, 2, 3, 5, 6, 7, 8),
        ),
        Finding(
            "label_noise",
            "note",
            "6 of 400 rows bear a label that the network contradicts.",
            {"share": 0.015},
            "Look at these rows.",
            {"drop_rows": np.arange(6)},
            rows=tuple(Suspect(1000 + row, 0, 1, 0.9) for row in range(6)),
        ),
    ),
    400,
    (0, 40, 80),
)

TEXT = """\
net, a network: 3 findings, on 400 rows and 3 steps.

serious  learning rate too high, from step 1,234 on
         The loss of 80 steps ends at 2.3; 90% of the steps looked at raised the
         loss of their own rows.
         → Lower the learning rate to 0.001.

warning  dead neurons in layer_1: node_1, node_2, node_3, node_5, node_6 and 2
         more
         7 of layer_1's 8 neurons answer 0.
         → Give it leaky_relu.

note     label noise
         6 of 400 rows bear a label that the network contradicts.
         row 1,000: 0, probably 1
         row 1,001: 0, probably 1
         row 1,002: 0, probably 1
         row 1,003: 0, probably 1
         row 1,004: 0, probably 1
         and 1 more rows; --json lists all of them
         → Look at these rows."""


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A network of two inputs, half of whose hidden neurons are dead on moons."""
    network = Network([2, 8, 2])
    network["layer_1"].biases[:4] = -100.0
    network.save(tmp_path / "net")
    return tmp_path / "net"


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


@pytest.mark.usefixtures("net")
def test_findings_as_text(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each finding: how severe, what, where, its proof and its remedy; to find something is no failure."""
    monkeypatch.setattr(Network, "diagnose", lambda *_: FOUND)
    called = call("diagnose", "net", "--data", "moons")
    assert (0, "") == (called.code, called.err)
    assert TEXT.split("\n") == lines(called.out)


@pytest.mark.usefixtures("net")
@pytest.mark.parametrize("columns", [50, 60, 120])
def test_narrow_and_wide(call: Call, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts are wrapped beside the severity, and no word is lost."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(Network, "diagnose", lambda *_: FOUND)
    out = call("diagnose", "net", "--data", "moons").out
    assert all(len(line) <= columns for line in lines(out)[1:])  # the name of a file is never broken
    assert TEXT.split() == out.split()


@pytest.mark.usefixtures("net")
def test_nothing_found(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is found, that is said."""
    monkeypatch.setattr(Network, "diagnose", lambda *_: Diagnosis((), 400))
    expected = ["net, a network: nothing was found, on 400 rows.", "", "All is well."]
    assert expected == lines(call("diagnose", "net", "--data", "moons").out)


@pytest.mark.usefixtures("net")
def test_json_has_everything(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every field of every finding, numbers of NumPy and tuples among them; what is not finite is null."""
    monkeypatch.setattr(Network, "diagnose", lambda *_: FOUND)
    shown = json.loads(call("diagnose", "net", "--data", "moons", "--json").out)
    assert (False, 400, [0, 40, 80]) == (shown["healthy"], shown["n_rows"], shown["steps"])
    first, second, third = shown["findings"]
    assert ({"overshoot": 0.9, "late_loss": None}, {"learning_rate": 0.001}) == (first["evidence"], first["change"])
    assert ([1, 2, 3, 5, 6, 7, 8], {"layers": [2, 8, 2]}, None) == (
        second["neurons"],
        second["change"],
        second["step"],
    )
    assert {"drop_rows": [0, 1, 2, 3, 4, 5]} == third["change"]
    assert {"row": 1005, "given": 0, "suggested": 1, "doubt": 0.9} == third["rows"][5]


def test_a_network(call: Call, net: Path) -> None:
    """What the library finds on the rows that are named is what is shown."""
    toy = load_toy("moons", 800, None, 0)
    found = Network.load(net).diagnose(toy.X[:400], toy.y[:400])
    assert "dead_neurons" in found.kinds()
    shown = json.loads(call("diagnose", net, "--data", "moons", "--json").out)
    assert [finding.sentence for finding in found] == [finding["sentence"] for finding in shown["findings"]]
    told = " ".join(call("diagnose", net, "--data", "moons").out.split())
    for finding in found:
        assert finding.sentence in told
        assert f"→ {finding.remedy}" in told


def test_rows_of_ones_own(call: Call, net: Path) -> None:
    """A .npz file with X and y is as good as a name."""
    toy = load_toy("moons", 800, None, 0)
    np.savez("own.npz", X=toy.X[:400], y=toy.y[:400])
    assert call("diagnose", net, "--data", "moons").out == call("diagnose", net, "--data", "own.npz").out


def test_a_run_finds_its_data(call: Call) -> None:
    """A run that pellucid train made on a toy set needs no name of it; what is found is the library's."""
    call("train", "circles", "--epochs", 4, "--seed", 5, "--run", "a.run", "--json")
    toy = load_toy("circles", 800, None, 5)
    found = Run.load("a.run", toy.X[:400], toy.y[:400]).diagnose()
    called = call("diagnose", "a.run", "--json")
    assert (0, "") == (called.code, called.err)
    shown = json.loads(called.out)
    assert ("run", list(found.steps)) == (shown["kind"], shown["steps"])
    assert [(one.kind, one.step, one.sentence) for one in found] == [
        (one["kind"], one["step"], one["sentence"]) for one in shown["findings"]
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("net", "A network of 2 inputs was not trained on mnist, so say on what it was: --data with a toy set"),
        ("net --data moo", "Unknown data 'moo'. Accepted: mnist, xor, circles, spirals, gaussians, moons, plane."),
        ("net --data mnist", "X has 784 columns, but the network has 2 inputs."),
        ("net --data gone.npz", "gone.npz: No such file or directory."),
        ("net --data half.npz", "half.npz holds no array y. Write it with numpy.savez(path, X=X, y=y)."),
        ("net --data text.npz", "text.npz is no .npz file of plain arrays: "),
        ("gone", "gone cannot be read: No such file or directory."),
        ("a.run", "The data of the run in a.run are none that this command knows. Name them as pellucid train did"),
        ("a.run --data own.npz", "These data are not those of the run"),
    ],
)
@pytest.mark.usefixtures("net")
def test_errors(call: Call, arguments: str, message: str) -> None:
    """Data that are not there, not whole, or not those of the run: one line, and exit code 2."""
    np.savez("half.npz", X=np.eye(2))
    np.savez("own.npz", X=np.eye(2), y=[1, 0])
    Path("text.npz").write_text("no arrays")
    Network([2, 3, 2]).start(np.eye(2), [0, 1], epochs=1).save("a.run")
    called = call("diagnose", *arguments.split(), "--json")
    assert (2, "", 1) == (called.code, called.out, called.err.count("\n"))
    assert message in called.err
