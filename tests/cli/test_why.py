"""``pellucid why``: exact text for a network whose numbers are known; JSON against the library."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pellucid import Network
from pellucid.datasets import load_mnist

from .conftest import Call, Demo

WHITE = 14  # a test image with many pixels of 255


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


@pytest.fixture
def three(tmp_path: Path) -> tuple[Path, list[int]]:
    """A network that looks at three white pixels of one image alone, and where they are.

    a = (2·1 + 0.5, 1 − 0.5); the outputs of 3 and 8 are 2·a₁ = 5 and a₂ + 0.25 = 0.75, all others −5.
    """
    first, second, third = np.flatnonzero(load_mnist().X_test[WHITE] == 255)[[0, 3, 6]].tolist()
    network = Network([784, 2, 10], input_scale=1 / 255)
    network.parameters = np.zeros(network.n_parameters)
    network["layer_1"].weights[0, first] = 2.0
    network["layer_1"].weights[1, [second, third]] = [1.0, -0.5]
    network["layer_1"].biases = [0.5, 0.0]
    network["output"].weights[3] = [2.0, 0.0]
    network["output"].weights[8] = [0.0, 1.0]
    network["output"].biases = [-5.0, -5, -5, 0, -5, -5, -5, -5, 0.25, -5]
    path = tmp_path / "three.net"
    network.save(path)
    return path, [first, second, third]


def test_the_answer_as_text(call: Call, three: tuple[Path, list[int]]) -> None:
    """The question, the table that adds up, what would have changed the answer, and the rule, worked by hand."""
    path, places = three
    truth = load_mnist().y_test[WHITE]
    one, two, three_ = (f"input {i} (row {i // 28}, column {i % 28})" for i in places)
    width = max(map(len, (one, two, three_)))
    out = lines(call("why", path, "--digit", WHITE).out)
    assert [f"The test image of index {WHITE}, a {truth}, is read as 3 (98.6 %).", ""] == out[:2]
    assert "Why 3, rather than 8?" == out[2]
    assert "Outputs 5.000000 and 0.750000; their difference of +4.250000 is made up of:" == out[3]
    begin = next(place for place, line in enumerate(out) if line.startswith("contribution of"))
    head = out.index("# and +: for 3; = and -: for 8")
    assert begin == head + 2
    table = [line for line in out[begin + 2 :] if line]
    assert [
        f"{one:<{width}}   +4.000000   ########################",
        f"{two:<{width}}   −1.000000   ======",
        f"{three_:<{width}}   +0.500000   ###",
    ] == table[:3]
    rest = [" ".join(line.split()) for line in table if re.match(r"\d+ others|biases|rounding|the difference", line)]
    assert [
        "781 others +0.000000",
        "biases of layer_1 +1.000000",
        "biases of output −0.250000",
        "the difference +4.250000",
    ] == rest
    told = " ".join(out)
    assert (
        "Had layer_1/node_1 given 0.374999 in place of 2.5, and all beside it the same, the answer would have been 8: "
        "of one neuron, that is the smallest change that gives another answer."
    ) in told
    assert f"The same by neurons: pellucid why {path} --digit {WHITE} --layer layer_1" == out[-1]


def test_neurons_in_place_of_pixels(call: Call, three: tuple[Path, list[int]]) -> None:
    """With --layer the contributions are those of neurons: (w of 3 − w of 8)·a."""
    out = lines(call("why", three[0], "--digit", WHITE, "--layer", "layer_1").out)
    begin = next(place for place, line in enumerate(out) if line.startswith("contribution of"))
    assert [
        "layer_1/node_1     +5.000000   ########################",
        "layer_1/node_2     −0.500000   ==",
        "biases of output   −0.250000",
        "",
        "the difference     +4.250000",
    ] == out[begin + 2 : begin + 7]
    assert "A neuron adds its activation" in " ".join(out)


def test_the_question_may_be_another(call: Call, three: tuple[Path, list[int]]) -> None:
    """--this and --rather ask of other classes; what would have made it this one is told."""
    out = call("why", three[0], "--digit", WHITE, "--this", 8, "--rather", 0).out
    assert "Why 8, rather than 0?" in out
    assert "their difference of +5.750000" in out
    assert "the answer would have been 8: of one neuron, that is the smallest change that gives it." in " ".join(
        out.split()
    )


@pytest.mark.parametrize("layer", ["input", "layer_1", "layer_2"])
def test_json_is_the_librarys(call: Call, demo: Demo, layer: str) -> None:
    """Every contribution is the library's, and with all that stands beside them they add up to the difference."""
    shown = json.loads(call("why", demo.path, "--digit", 1234, "--layer", layer, "--json").out)
    trace = Network.load(demo.path).trace(load_mnist().X_test[1234])
    found = trace.why()
    assert found[layer].bars.tolist() == list(shown["contributions"].values())
    assert (found.output, found.other) == tuple(shown["outputs"])
    parts = [*shown["contributions"].values(), shown["baseline"], *shown["biases"].values(), shown["rounding"]]
    assert np.isclose(shown["difference"], sum(parts), rtol=0, atol=1e-9)
    assert {"index": 1234, "truth": int(load_mnist().y_test[1234])} == shown["digit"]
    change = trace.counterfactual()
    assert change is not None
    assert change.best is not None
    assert f"{change.best.layer}/node_{change.best.node}" == shown["counterfactual"]["neuron"]
    assert (change.best.before, change.best.after) == (
        shown["counterfactual"]["before"],
        shown["counterfactual"]["after"],
    )


@pytest.mark.parametrize("columns", [50, 60, 80, 120])
@pytest.mark.parametrize("layer", ["input", "layer_1", "layer_2"])
def test_the_table_adds_up_at_every_width(
    call: Call, demo: Demo, layer: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed, added up, is the printed difference to all six decimals, and no line is too long."""
    monkeypatch.setenv("COLUMNS", str(columns))
    out = call("why", demo.path, "--digit", 7, "--layer", layer).out
    assert all(len(line) <= columns for line in lines(out) if "pellucid why" not in line)
    table = out[out.index("──") :].replace("−", "-")
    *parts, total = (round(float(figure) * 1_000_000) for figure in re.findall(r" ([+-]\d+\.\d{6})\b", table))
    assert len(parts) >= 12
    assert total == sum(parts)
    assert (columns >= 80 and layer == "input") == ("(row " in out) == ("Rows and columns count from 0." in out)


def test_colours_tell_for_and_against(call: Call, demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """In colour the pictures are of half-blocks, and the bars have the colours of the pictures."""
    monkeypatch.delenv("NO_COLOR")
    for name, value in {"FORCE_COLOR": "1", "COLORTERM": "truecolor", "TERM": "xterm-256color"}.items():
        monkeypatch.setenv(name, value)
    out = call("why", demo.path, "--digit", 7).out
    assert "▀" in out
    assert "\x1b[38;2;255;153;51m█" in out
    assert "orange: for 9; blue: for " in re.sub(r"\x1b\[[\d;]*m", "", out)


def test_yes_or_no_and_values(call: Call, tmp_path: Path) -> None:
    """A single output is explained by itself; values have no counterfactual."""
    Network([784, 3, 1], loss="binary_cross_entropy", classes=["other", "seven"], input_scale=1 / 255).save(
        tmp_path / "yes"
    )
    Network([784, 3, 1], loss="mse", input_scale=1 / 255).save(tmp_path / "values")
    out = call("why", "yes", "--digit", 0).out
    assert "The test image of index 0, a 7.\n\nWhy seven? Its output, " in out
    assert "# and +: for seven; = and -: against it" in out
    assert "the answer would have been " in " ".join(out.split())
    shown = json.loads(call("why", "values", "--digit", 0, "--json").out)
    assert (None, None, None) == (shown["said"], shown["rather"], shown["counterfactual"])


def test_nothing_in_a_file_steers_the_terminal(call: Call, tmp_path: Path) -> None:
    """A class whose name would clear the screen is shown as what it is, in errors, too."""
    names = ["\x1b[2Jgone", *"bcdefghij"]
    Network([784, 3, 10], input_scale=1 / 255, classes=names).save(tmp_path / "odd")
    called = call("why", "odd", "--digit", 0, "--this", names[0])
    assert "Why ␛[2Jgone, rather than" in called.out
    assert "\x1b" not in called.out
    called = call("why", "odd", "--digit", 0, "--this", "z")
    assert "Accepted: ␛[2Jgone, b" in called.err
    assert "\x1b" not in called.err
