"""Steps are performed again one by one, bit by bit, with what each was made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from insight.replays import CASES, Case
from pellucid.core import Sgd, fingerprint, initial_parameters
from pellucid.core.rows import sparse_rows
from pellucid.insight._replay import traced_step, walk
from pellucid.training import Timeline, TrainingData

NAMES = ["nesterov", "adam", "norm clipped", "chain of rmsprop", "neurons frozen"]
NAMES += ["velocity", "velocity of nesterov's", "half squares", "velocity clipped"]


@pytest.mark.parametrize("steps", [range(24), range(3, 20), [2, 9, 10, 23]], ids=["all", "some", "few"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits(name: str, steps: range | list[int], dtype: str) -> None:
    """What each step began from and came to is the run's own, but for changes by hand after it; so is what it saw."""
    timeline = CASES[name].run(dtype)
    by_hand = {edit.step for edit in timeline.edits}
    stands = timeline.fingerprint
    for made in walk(timeline, steps):
        expected = timeline.state_at(made.step)
        assert fingerprint(expected.parameters) == fingerprint(made.before.parameters)
        assert timeline.batch(made.step).tolist() == made.rows.tolist()
        assert timeline.rate(made.step) == made.rate
        if made.step + 1 not in by_hand:
            after = timeline.state_at(made.step + 1)
            assert fingerprint(after.parameters) == fingerprint(made.after.parameters)
            assert all((after.slots[slot] == made.after.slots[slot]).all() for slot in after.slots)
    assert stands == timeline.fingerprint


def test_far_steps_are_reached_from_keyframes() -> None:
    """Between steps far apart the run's own keyframes help, and no bit differs."""
    timeline = Case(Sgd(0.9)).run(epochs=40)
    for made in walk(timeline, [1, 120, 239]):
        assert fingerprint(timeline.state_at(made.step).parameters) == fingerprint(made.before.parameters)
        assert fingerprint(timeline.state_at(made.step + 1).parameters) == fingerprint(made.after.parameters)


def test_sparse_tables_are_read_as_dense_ones() -> None:
    """A step on a table of many zeros has the numbers of the same step on the dense one."""
    like = CASES["sgd"].timeline()
    X = np.where(like.data.X > 0.5, like.data.X, 0)
    spec, T = like.recipe.spec, like.data.T
    tables = [X, sparse_rows("X", csr_matrix(X), (np.dtype(np.float64),))]
    both = []
    for table in tables:
        start = initial_parameters(spec, 7).vector
        timeline = Timeline(like.recipe, start, TrainingData(table, T), like.backend)
        timeline.advance(8)
        both.append([traced_step(timeline, made).gradient for made in walk(timeline, range(8))])
    for dense, sparse in zip(*both, strict=True):
        np.testing.assert_array_equal(dense, sparse)
