"""Branches: another way from any step, on a network of its own."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.errors import RunError
from training import runs


@pytest.mark.parametrize("name", [case.name for case in runs.CASES])
def test_a_branch_without_a_change_is_the_run(name: str) -> None:
    """From any step it makes the same steps again; the run it came from, and its network, stay as they are."""
    run = runs.named(name).start()
    run.finish()
    here, network = run.step, run.network.fingerprint
    for step in (0, 1, 7, run.last_step - 1):
        branch = run.branch(step)
        assert (step, step, None) == (branch.step, branch.last_step, branch.ended)
        assert branch.network is not run.network
        assert run.at(step).fingerprint == branch.fingerprint == branch.network.fingerprint
        branch.finish()
        runs.check_same(name, branch)
    assert (here, network) == (run.step, run.network.fingerprint)


def test_a_branch_goes_its_own_way() -> None:
    """Another learning rate holds from its first step on, and is one of its edits; what went before is shared."""
    run = runs.named("adam").start()
    run.finish()
    branch = run.branch(10, learning_rate=0.5)
    branch.finish()
    assert [(10, 0.5)] == [(edit.step, edit.learning_rate) for edit in branch.edits]
    assert run.fingerprint != branch.fingerprint
    assert np.array_equal(run.history.loss[:11], branch.history.loss[:11])
    assert run.history.loss[11] != branch.history.loss[11]
    assert run.at(10).fingerprint == branch.at(10).fingerprint
    branch.seek(3)
    assert run.at(3).fingerprint == branch.fingerprint


def test_steps_that_were_not_made() -> None:
    """There is no branch from a step to come."""
    run = runs.named("adam").start()
    run.advance(4)
    with pytest.raises(RunError, match="Step 5 is not recorded"):
        run.branch(5)
