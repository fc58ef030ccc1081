"""``pellucid check``: what a file is, and whether it is whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from pellucid import Activation, Dense, Network, __version__
from pellucid.datasets import load_toy

from .conftest import Call


def test_a_network(call: Call, small: Path) -> None:
    """Its kind, version and release; what it is; its fingerprint."""
    called = call("check", small)
    assert (0, "") == (called.code, called.err)
    expected = f"""\
{small}: the whole file of a network, version 2, written by Pellucid {__version__}.

layers       2-2-2
parameters   12
dtype        float32
loss         cross_entropy
seed         0
fingerprint  {Network.load(small).fingerprint}
"""
    assert expected == called.out


def test_a_run(call: Call) -> None:
    """Where it stands and why it ended, its digests, and where it has the same bits; as JSON, too."""
    trained = json.loads(call("train", "moons", "--epochs", 3, "--run", "a.run", "--json").out)
    called = call("check", "a.run")
    assert 0 == called.code
    lines = dict(line.split(maxsplit=1) for line in called.out.splitlines()[2:] if "  " in line)
    assert ("60", "all epochs done", "yes") == (lines["step"], lines["ended"], lines["keyframes"])
    assert trained["fingerprint"] == lines["fingerprint"]
    shown = json.loads(call("check", "a.run", "--json").out)
    assert ("run", "2", __version__, True) == (shown["kind"], shown["version"], shown["release"], shown["keyframes"])
    assert trained["fingerprint"] == shown["fingerprint"]
    assert trained["recipe_digest"] == shown["recipe"]
    assert (60, 60, 0) == (shown["step"], shown["last_step"], shown["edits"])


def test_files_that_are_not_whole(call: Call, small: Path) -> None:
    """One line says what is wrong, and the exit code is 2: a changed byte, a missing one, no file at all."""
    whole = small.read_bytes()
    small.write_bytes(whole[:-1] + b"\1")
    called = call("check", small)
    assert (2, "") == (called.code, called.out)
    assert "was damaged: its content does not match the digest in its header." in called.err
    small.write_bytes(whole[:-1])
    assert "is not a whole model or run file: its tensors take" in call("check", small).err
    assert "cannot be read: No such file" in call("check", "nothing").err


def test_a_file_that_names_what_its_user_wrote(call: Call) -> None:
    """It is whole; how it is loaded is said, and its fingerprint is there: layer 10 follows layer 9."""
    bent = Activation("bent", np.tanh, lambda Z, A: 1 - A * A)
    network = Network([2, *[Dense(2, bent)] * 11, 2], seed=3)
    network.save("own")
    run = network.start(np.eye(2), [0, 1], epochs=3)
    run.advance(2)
    run.save("own.run")
    assert run.fingerprint == json.loads(call("check", "own.run", "--json").out)["fingerprint"]
    network = Network([2, *[Dense(2, bent)] * 11, 2], seed=3)
    assert network.fingerprint == json.loads(call("check", "own", "--json").out)["fingerprint"]
    called = call("check", "own")
    assert 0 == called.code
    assert "own: the whole file of a network, version 2" in called.out
    assert "names the activation 'bent', which its user wrote" in called.out
    assert "custom={'bent': …}" in json.loads(call("check", "own", "--json").out)["missing"]


def test_what_an_optimiser_keeps(call: Call) -> None:
    """Where a file has such vectors, they are named."""
    net = Network([2, 2])
    run = net.fit(np.eye(2), [0, 1], epochs=1, progress=False)
    net.save("net", slots=run.at(1).slots)
    assert "optimizer keeps  mean, square\n" in call("check", "net").out


def test_nothing_in_a_file_steers_the_terminal(call: Call) -> None:
    """A reason to end that would clear the screen is shown as what it is, and a long one is cut."""
    toy = load_toy("moons")
    run = Network([2, 4, 2]).start(toy.X, toy.y, epochs=1)
    run.stop("\x1b[2Jgone" + "x" * 1000)
    run.save("a.run")
    line = next(line for line in call("check", "a.run").out.splitlines() if line.startswith("ended"))
    assert r"'\x1b[2Jgone" in line
    assert "\x1b" not in line
    assert len(line) < 400
