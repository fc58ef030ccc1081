"""``pellucid show``: exact text for a network whose numbers are known; JSON against the library."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from pellucid import Network
from pellucid.cli.screen import percent
from pellucid.core import Parameters, forward
from pellucid.datasets import load_mnist

from .conftest import Call, Demo


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().split("\n")]


def test_a_neuron_as_text(call: Call, small: Path) -> None:
    """A neuron shows its formula, its largest weights by name, above 0 and below, and its bias."""
    expected = """\
layer_1/node_1   z = Σ w·x + b (2 products)   a = relu(z)

largest weights           w
───────────────────────────
length            +0.500000

width             −0.250000

bias b = +0.125000"""
    assert expected.split("\n") == lines(call("show", small, "layer_1/node_1").out)


def test_a_later_neuron_names_the_neurons_before_it(call: Call, small: Path) -> None:
    """The inputs of a later layer are the neurons of the layer before."""
    expected = """\
output/node_2   z = Σ w·x + b (2 products)   a = z; softmax turns the outputs into probabilities

largest weights           w
───────────────────────────
layer_1/node_2    +1.000000

bias b = +0.500000"""
    assert " ".join(expected.split()) == " ".join(call("show", small, "output/node_2").out.split())


def test_a_layer_as_text(call: Call, small: Path) -> None:
    """A layer is a table: a row a neuron, its bias, and what its weights are like."""
    expected = """\
layer_1: 2 neurons of 2 inputs, relu

neuron      bias       min     mean      max     norm
─────────────────────────────────────────────────────
node_1    0.1250   −0.2500   0.1250   0.5000   0.5590
node_2   −1.0000    1.0000   1.5000   2.0000   2.2361

min, mean, max and norm are those of a neuron's weights."""
    assert expected.split("\n") == lines(call("show", small, "layer_1").out)


def test_a_network_as_text(call: Call, small: Path) -> None:
    """A network shows its summary, what each layer's numbers are like, its fingerprint, and how to look closer."""
    out = lines(call("show", small).out)
    assert "layer_1   weights   −0.2500    0.8125   2.0000   2.3049" in out
    assert "          biases    −1.0000   −0.4375   0.1250   1.0078" in out
    assert f"fingerprint {Network.load(small).fingerprint}" in out
    assert f"Look closer: pellucid show {small} layer_1" == out[-1]


def test_a_network_as_json(call: Call, small: Path) -> None:
    """The JSON holds the library's own figures."""
    network = Network.load(small)
    shown = json.loads(call("show", small, "--json").out)
    assert (network.n_parameters, network.fingerprint) == (shown["n_parameters"], shown["fingerprint"])
    assert ["layer_1", "output"] == [layer["name"] for layer in shown["layers"]]
    assert float(network["layer_1"].weights.max()) == shown["layers"][0]["weights"]["max"]


def test_a_layer_as_json(call: Call, small: Path) -> None:
    """The JSON lists every neuron."""
    shown = json.loads(call("show", small, "layer_1", "--json").out)
    assert [0.125, -1.0] == [neuron["bias"] for neuron in shown["neurons"]]


def test_a_long_layer_says_what_it_leaves_out(call: Call, tmp_path: Path) -> None:
    """The table ends after 64 neurons and says how many more there are; JSON has them all."""
    Network([2, 70, 2]).save(tmp_path / "wide")
    out = call("show", "wide", "layer_1").out
    assert "node_64" in out
    assert "node_65" not in out
    assert "and 6 more neurons; --json lists all of them" in out
    assert 70 == len(json.loads(call("show", "wide", "layer_1", "--json").out)["neurons"])


@pytest.mark.parametrize("name", ["layer_1/node_3", "layer_2/node_5", "output/node_10"])
def test_z_and_a_for_a_digit(call: Call, demo: Demo, name: str) -> None:
    """z and a are the engine's own, near the core's; the parts, with what was rounded, add up to z."""
    shown = json.loads(call("show", demo.path, name, "--digit", 1234, "--json").out)["digit"]
    network = Network.load(demo.path)
    passed = forward(network.spec, Parameters(network.spec, network.parameters), load_mnist().X_test[1234:1235])
    layer, node = name.split("/node_")
    own = network.trace(load_mnist().X_test[1234])[layer][int(node)]
    assert (float(own.z), float(own.a)) == (shown["z"], shown["a"])
    assert np.isclose(passed.weighted_sums[layer][0, int(node) - 1], shown["z"], rtol=0, atol=1e-5)
    total = sum(term["wx"] for term in shown["terms"]) + shown["others"]["sum"] + shown["bias"] + shown["rounding"]
    assert np.isclose(shown["z"], total, rtol=0, atol=1e-12)
    assert abs(shown["rounding"]) < 1e-5
    assert all(term["wx"] == term["w"] * term["x"] for term in shown["terms"])
    inputs = network[layer].weights.shape[1]
    assert inputs == len(shown["terms"]) + shown["others"]["count"]


def test_the_other_products_are_added_up_by_themselves(call: Call, tmp_path: Path) -> None:
    """Their row is their own sum: of 12 products that are not 0, the 8 largest stand before it."""
    network = Network([784, 3, 10], input_scale=1 / 255)
    network["layer_1"].weights = np.zeros((3, 784))
    image = load_mnist().X_test[7]
    inked = np.argsort(-image.astype(int), kind="stable")[:12]
    network["layer_1"].weights[0, inked] = [1.0] * 8 + [0.25] * 4
    network.save(tmp_path / "ones")
    shown = json.loads(call("show", "ones", "layer_1/node_1", "--digit", 7, "--json").out)["digit"]
    assert np.isclose(0.25 * image[inked[8:]].sum() / 255, shown["others"]["sum"], rtol=1e-6)
    assert {"count": 776, "zeros": 772} == {name: shown["others"][name] for name in ("count", "zeros")}


def test_the_sum_on_the_screen_adds_up_to_the_last_digit(call: Call, demo: Demo) -> None:
    """What is printed under w·x, added up, is the printed z, to all six decimals."""
    out = call("show", demo.path, "layer_1/node_3", "--digit", 7).out
    table = out[out.index("For the test image of index 7, a 9:") :].replace("−", "-")
    last = [match[1] for match in re.finditer(r"([+-]\d+\.\d{6})$", table, re.MULTILINE)]
    *parts, z, a = (round(float(figure) * 1_000_000) for figure in last)
    assert 10 <= len(parts) <= 11  # with a row for rounding, where there is something to tell
    assert z == sum(parts)
    assert max(z, 0) == a


def test_a_neuron_of_pixels_is_drawn(call: Call, demo: Demo) -> None:
    """The weights of the first layer are a picture of 28 columns and 14 lines, its signs told by characters."""
    out = lines(call("show", demo.path, "layer_1/node_3").out)
    end = out.index("weights w")
    picture = out[2:end]
    assert 14 == len(picture)
    assert set("".join(picture)) <= set("#+ -=")
    assert "# and +: above 0; = and -: below 0" == out[end + 1]
    assert any(re.match(r"input \d+ \(row \d+, column \d+\) +\+", line) for line in out)


def test_a_layer_for_a_digit(call: Call, demo: Demo) -> None:
    """With a digit, a layer's table has z and a too, and that of the outputs p."""
    out = call("show", demo.path, "output", "--digit", 7).out
    assert "test image of index 7, a 9" in " ".join(out.split())
    assert re.search(r"norm +z +a +p\n", out)
    assert all(len(line) <= 80 for line in lines(out))


def test_an_output_for_a_digit_has_its_probability(call: Call, demo: Demo) -> None:
    """z of an output becomes a probability, that of predict_proba; what x is in a later layer is said."""
    P = Network.load(demo.path).predict_proba(load_mnist().X_test[7:8])[0]
    shown = json.loads(call("show", demo.path, "output", "--digit", 7, "--json").out)
    assert np.allclose(P, [neuron["p"] for neuron in shown["neurons"]], rtol=1e-6)
    out = call("show", demo.path, "output/node_10", "--digit", 7).out
    assert f"Its probability, by softmax of all z of the layer: {percent(float(P[9]))}\n" in out
    assert "x is the activation a of the neuron before." in out


def test_no_name_in_a_file_steers_the_terminal(call: Call, tmp_path: Path) -> None:
    """Inputs whose names would colour or clear are shown as what they are; JSON escapes them."""
    Network([2, 2], features=["\x1b[31mred", "\x1bclear"]).save(tmp_path / "odd")
    out = call("show", "odd", "output/node_1").out
    assert "␛[31mred" in out
    assert "␛clear" in out
    assert "\x1b" not in out + call("show", "odd", "output/node_1", "--json").out


def test_dead_neurons_are_marked(call: Call, tmp_path: Path) -> None:
    """A relu that is 0 on every test image is dead; other activations, and other inputs, are not looked at."""
    for activation in ("relu", "tanh"):
        network = Network([784, 3, 10], activation=activation, input_scale=1 / 255)
        network["layer_1"].weights[1] = 0
        network["layer_1"].biases = [5.0, -1.0, 5.0]
        network.save(tmp_path / activation)
    out = call("show", "relu", "layer_1").out
    assert ["node_1", "node_2 dead", "node_3"] == re.findall(r"^(node_\d(?: dead)?) ", out, re.MULTILINE)
    assert "dead on MNIST's test images" in out
    assert [False, True, False] == [
        neuron["dead"] for neuron in json.loads(call("show", "relu", "layer_1", "--json").out)["neurons"]
    ]
    assert "dead" not in call("show", "tanh", "layer_1").out


@pytest.mark.parametrize("columns", [50, 60, 70, 80])
@pytest.mark.parametrize(
    "arguments", ["", "layer_1 --digit 7", "output --digit 7", "layer_1/node_3 --digit 7", "output/node_1 --digit 7"]
)
def test_no_figure_is_ever_cut(
    call: Call, demo: Demo, arguments: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From 50 columns on, tables leave out what is needed least, rather than digits."""
    monkeypatch.setenv("COLUMNS", str(columns))
    out = call("show", demo.path, *arguments.split()).out
    tables = out[out.index("──") :]
    assert not re.search(r"\d…", tables)
    assert all(len(line) <= columns for line in lines(out) if "pellucid" not in line and "fingerprint" not in line)
    if "node_3" in arguments:
        assert (columns == 80) == ("(row " in out) == ("Rows and columns count from 0." in out)
