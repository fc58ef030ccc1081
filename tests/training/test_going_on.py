"""A run that goes on from what an earlier run's optimiser kept is the rest of one run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Adam, AdamHat, Chain, ClipNorm, Dropout, Network, Optimizer, Run, Sgd, SgdVelocity
from pellucid.core import fingerprint, on_cache_lines
from pellucid.errors import RunError
from pellucid.training import Timeline
from training import runs

RULES = [Adam(), AdamHat(), Sgd(0.9), SgdVelocity(nesterov=True), Chain(ClipNorm(0.1), AdamHat())]
every_rule = pytest.mark.parametrize("rule", RULES, ids=str)


def first(rule: Optimizer, epochs: int = 3, **more: Any) -> Run:
    X, y, weights = runs.table()
    net = Network([runs.INPUTS, Dropout(0.2), 8, runs.CLASSES], seed=7)
    given = {"sample_weight": weights, "shuffle": False, "epochs": epochs, "batch_size": 10, "optimizer": rule}
    return net.start(X, y, **{**given, **more})


def after(run: Run, epochs: int = 2) -> Run:
    """Return the run that goes on with a finished one's network and slots."""
    like, state = run._timeline, run._timeline.state
    parameters = run.network.parameters
    recipe = replace(like.recipe, start=fingerprint(parameters), epochs=epochs, steps_before=run.last_step)
    slots = {name: on_cache_lines(slot) for name, slot in state.slots.items()}
    return Run(run.network, Timeline(recipe, parameters, like.data, like.backend, slots=slots))


@every_rule
def test_it_is_the_rest_of_one_run(rule: Optimizer) -> None:
    """Three epochs and two are five, bit for bit: moments, bias correction and dropout go on."""
    whole = first(rule, 5)
    whole.finish()
    rest = after(first(rule).finish()).finish()
    assert (12, 30) == (rest.last_step, whole.last_step)
    assert runs.state(whole)[1:] == runs.state(rest)[1:]
    assert whole.history.loss[18:].tobytes() == rest.history.loss.tobytes()
    for step in (11, 0, 5, 12):
        rest.seek(step)
        there = whole.at(18 + step)
        assert there.fingerprint == rest.fingerprint
        assert [slot.tobytes() for slot in there.slots.values()] == [*runs.state(rest)[2].values()]


@every_rule
def test_a_file_cannot_hold_it(rule: Optimizer, tmp_path: Path) -> None:
    """Saving is refused, of it and of its branches, with what can be done instead; nothing is written."""
    run = after(first(rule).finish())
    for step in (0, 4, 12):
        run.advance(step - run.step)
        for one in (run, run.branch(step), run.branch(step // 2, l2=0.1)):
            for keyframes in (True, False):
                with pytest.raises(RunError, match=r"goes on from what the optimiser of an earlier run kept.*Save the"):
                    one.save(tmp_path / "a.run", keyframes=keyframes)
    assert [] == [*tmp_path.iterdir()]
    run.network.save(tmp_path / "a.net", slots=run.at(run.step).slots)
    assert {*Network.load_slots(tmp_path / "a.net")} == set(rule.slots)


def test_what_kept_nothing_can_be_saved(tmp_path: Path) -> None:
    """Plain descent keeps no vectors, and what an optimiser kept of no steps is nothing."""
    X, y, weights = runs.table()
    begun = first(AdamHat())
    begun.stop()
    for run in (after(first(Sgd()).finish()), after(begun)):
        run.advance(7)
        run.save(tmp_path / "a.run")
        loaded = Run.load(tmp_path / "a.run", X, y, sample_weight=weights)
        assert run.finish().fingerprint == loaded.finish().fingerprint
        assert run.recipe.steps_before == loaded.recipe.steps_before


@every_rule
def test_its_branches_go_on_too(rule: Optimizer) -> None:
    """A branch from its first step on begins with the same slots."""
    run = after(first(rule).finish()).finish()
    for step in (0, 3, 12):
        branch = run.branch(step)
        branch.finish()
        assert runs.state(run) == runs.state(branch)
        assert np.array_equal(branch.at(0).parameters, run.at(0).parameters)
