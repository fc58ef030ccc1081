"""``pellucid predict``: the probabilities of the library, for digits of MNIST and for pictures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pellucid import Network
from pellucid.datasets import load_mnist

from .conftest import Call, Demo


def test_probabilities_are_the_librarys(call: Call, demo: Demo) -> None:
    """The JSON holds what predict_proba gives, the prediction, and the truth."""
    mnist = load_mnist()
    P = Network.load(demo.path).predict_proba(mnist.X_test[1234:1235])[0]
    shown = json.loads(call("predict", demo.path, "--digit", 1234, "--json").out)
    assert {str(i): float(p) for i, p in enumerate(P)} == shown["probabilities"]
    assert str(P.argmax()) == shown["prediction"]
    assert int(mnist.y_test[1234]) == shown["truth"]
    assert (P.argmax() == mnist.y_test[1234]) == shown["right"]


def test_a_digit_is_drawn_and_read(call: Call, demo: Demo) -> None:
    """The text shows the picture, a bar for each class, and the verdict with the truth."""
    out = call("predict", demo.path, "--digit", 0).out
    assert "What the network sees of index 0:" == out.split("\n")[0]
    assert "@" in out
    assert 10 == sum(line[2:3].isdigit() for line in out.split("\n"))
    assert out.endswith("It is a 7. Right.\n")
    assert all(len(line) <= 80 for line in out.split("\n"))


def test_a_picture_of_ones_own(call: Call, demo: Demo, tmp_path: Path) -> None:
    """A picture's file is read as read_digit does; nobody knows its truth."""
    image = load_mnist().X_test[0].reshape(28, 28)
    rows = "\n".join(" ".join(str(pixel) for pixel in row) for row in image)
    Path(tmp_path, "seven.ppm").write_text(f"P2 28 28 255\n{rows}\n")
    shown = json.loads(call("predict", demo.path, "seven.ppm", "--json").out)
    assert ("seven.ppm", "7", None) == (shown["source"], shown["prediction"], shown["truth"])
    out = call("predict", demo.path, "seven.ppm").out
    assert "\nRead as 7 (" in out
    assert "It is a" not in out


def test_named_classes(call: Call, tmp_path: Path) -> None:
    """Classes that have names are shown by them."""
    names = [f"class {letter}" for letter in "ABCDEFGHIJ"]
    Network([784, 10], classes=names, input_scale=1 / 255).save(tmp_path / "named")
    shown = json.loads(call("predict", "named", "--digit", 3, "--json").out)
    assert names == list(shown["probabilities"])
    assert np.isclose(1, sum(shown["probabilities"].values()))
