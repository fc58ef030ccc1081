"""Two runs side by side: the step at which they part, why, and how far apart each neuron is."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Network
from pellucid.errors import PellucidError
from training import runs

X, Y, _ = runs.table()


@pytest.mark.parametrize("step", [0, 1, 13, 29])
def test_where_a_branch_parts(step: int) -> None:
    """The first step at which a bit differs: one after that at which another rate held."""
    run, _ = runs.uninterrupted("adam")
    other = run.branch(step, learning_rate=0.02)
    other.finish()
    found = run.compare(other)
    assert step + 1 == found.parted
    assert found.because == (f"Edit(step={step}, learning_rate=0.02) of the second",)
    assert step + 1 == other.compare(run).parted


def test_neurons_part_one_after_another() -> None:
    """A changed neuron differs at once, what it reaches a step later; distances are those of weights and biases."""
    run, _ = runs.uninterrupted("sgd")
    other = run.branch(12, biases={"layer_1/node_2": 1.0})
    other.finish()
    found = run.compare(other)
    assert (12, 30) == (found.parted, found.until)
    expected = {name: [-1] * len(run.network[name]) for name in run.network}
    for k in range(12, 31):
        a, b = run.at(k).network, other.at(k).network
        for name, first in expected.items():
            for j, node in enumerate(a[name]):
                same = np.array_equal(a[name][node].weights, b[name][node].weights)
                if first[j] < 0 and not (same and a[name][node].bias == b[name][node].bias):
                    first[j] = k
    assert expected == {name: first.tolist() for name, first in found.first.items()}
    last, theirs = run.at(30).network["layer_1"], other.at(30).network["layer_1"]
    apart = np.sqrt(((last.weights - theirs.weights) ** 2).sum(axis=1) + (last.biases - theirs.biases) ** 2)
    np.testing.assert_allclose(found.apart["layer_1"][-1], apart, rtol=1e-5)
    assert 30 == found.steps[-1]


def test_runs_that_are_the_same() -> None:
    """Up to the last step that both have made; one may have gone further."""
    whole, _ = runs.uninterrupted("dropout")
    run = runs.named("dropout").start()
    run.advance(11)
    found = whole.compare(run)
    assert (None, 11) == (found.parted, found.until)
    assert "The runs are the same, bit by bit, up to step 11." == repr(found)


def test_runs_of_other_recipes_and_starts() -> None:
    """What differs is named: starts, settings, data."""
    one = Network([5, 8, 3], seed=1).fit(X, Y, epochs=2, batch_size=10)
    other = Network([5, 8, 3], seed=2).fit(X, Y[::-1], epochs=2, batch_size=10, l2=0.1)
    found = one.compare(other)
    assert 0 == found.parted
    assert {"the recipe's start", "the recipe's l2 (0.0, 0.1)", "their data"} <= set(found.because)
    with pytest.raises(PellucidError, match="Only runs of like networks"):
        one.compare(Network([5, 7, 3]).fit(X, Y, epochs=1))
    with pytest.raises(PellucidError, match="with a run"):
        one.compare(one.network)  # type: ignore[arg-type]
