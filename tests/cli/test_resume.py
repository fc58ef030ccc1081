"""``pellucid train --resume``: a run goes on from its file."""

from __future__ import annotations

import json

import pytest

from pellucid import Run
from pellucid.datasets import load_toy

from .conftest import Call


def half(call: Call) -> None:
    """Leave half of a run in a.run."""
    toy = load_toy("moons", 800, None, 0)
    call("train", "moons", "--epochs", 4, "--run", "a.run", "--json")
    run = Run.load("a.run", toy.X[:400], toy.y[:400])
    run.branch(30).save("a.run")


def test_it_goes_on_to_the_same_bits(call: Call) -> None:
    """The run ends as it would have, is written back to its file, and the network to another."""
    whole = json.loads(call("train", "moons", "--epochs", 4, "--json").out)
    half(call)
    assert 30 == json.loads(call("check", "a.run", "--json").out)["step"]
    called = call("train", "moons", "--resume", "a.run", "--save", "net", "--json")
    assert (0, "") == (called.code, called.err)
    shown = json.loads(called.out)
    for name in ("fingerprint", "history", "test", "train", "step", "recipe_digest"):
        assert whole[name] == shown[name], name
    assert whole["fingerprint"] == json.loads(call("check", "a.run", "--json").out)["fingerprint"]
    assert whole["fingerprint"] == json.loads(call("check", "net", "--json").out)["fingerprint"]


def test_another_file_may_take_it(call: Call) -> None:
    """With --run the old one stays."""
    half(call)
    call("train", "moons", "--resume", "a.run", "--run", "b.run", "--quiet")
    steps = [json.loads(call("check", name, "--json").out)["step"] for name in ("a.run", "b.run")]
    assert [30, 80] == steps


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            "--epochs 4",
            "--epochs belongs to a recipe, and the run in a.run has its own. Leave it out, or start a new run",
        ),
        ("--batch-size 3", "--batch-size belongs to a recipe"),
        ("--layers 32,32", "--layers belongs to a recipe"),
        ("--seed 1", "These data are not those of the run"),
        ("--points 30", "Of this command they are DATA, --points, --noise and --seed."),
    ],
)
def test_what_does_not_fit_the_run(call: Call, options: str, message: str) -> None:
    """Options of a recipe beside a run that has one, and other data, are refused; the file stays."""
    half(call)
    called = call("train", "moons", "--resume", "a.run", *options.split())
    assert 2 == called.code
    assert message in called.err
    assert 30 == json.loads(call("check", "a.run", "--json").out)["step"]
