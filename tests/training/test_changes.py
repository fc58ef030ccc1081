"""Changes of a run while it goes on: what each does, and that all are replayed and saved with the same bits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Adam, Cosine, Network, Run
from pellucid.errors import PellucidError, RunError, UnknownNameError
from training import runs

CHANGES: dict[str, dict[str, Any]] = {
    "learning rate": {"learning_rate": 0.003},
    "schedule": {"schedule": Cosine()},
    "optimizer": {"optimizer": Adam(beta_1=0.5)},
    "l1 and l2": {"l1": 1e-3, "l2": 0.01},
    "layer rates": {"layer_rates": {"layer_1": 0.1, "output": 0.0}},
    "dropout": {"dropout": 0.6},
    "batch size": {"batch_size": 7},
    "a larger batch size": {"batch_size": 1000, "epochs": 6},
    "epochs": {"epochs": 8},
    "weights": {"weights": {"layer_1/node_3": [0.5, -0.5, 0.25, 0.0, 1.0], "output/node_1": {0: 2.0, 3: -1.0}}},
    "biases": {"biases": {"layer_2/node_1": 0.5, "output/node_3": -0.25}},
    "scale": {"scale": {"layer_1/node_2": 3.0, "output/node_2": 0.5}},
    "freeze": {"freeze": ["layer_1/node_2", "output"]},
    "silence": {"silence": "layer_1/node_5"},
    "many": {"freeze": "layer_1/node_1", "silence": "layer_2/node_2", "l2": 0.1, "biases": {"layer_1/node_1": 0.1}},
}
every_change = pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)


def case() -> runs.Case:
    """Return a run with dropout and a schedule, of 30 steps."""
    from pellucid import Dropout

    layers = (runs.INPUTS, Dropout(0.2), 8, 4, Dropout(0.1), runs.CLASSES)
    return runs.Case("changed", {"learning_rate": 0.02, "schedule": "linear"}, layers)


def changed(changes: dict[str, Any], at: int = 13) -> Run:
    run = case().start()
    run.edit(at=at, **changes)
    run.finish()
    return run


def bits(run: Run) -> list[Any]:
    return [run.at(k).parameters.tobytes() for k in range(run.last_step + 1)]


@every_change
def test_a_change_ahead_is_the_change_made_there(changes: dict[str, Any]) -> None:
    """Recorded before the run begins, made when it stands there, and as a branch from there: all the same bits."""
    ahead = changed(changes)
    there = case().start()
    there.advance(13)
    there.edit(**changes)
    there.finish()
    assert runs.record(ahead) == runs.record(there)
    assert bits(ahead) == bits(there)
    plain = case().start()
    plain.finish()
    branch = plain.branch(13, **changes)
    branch.finish()
    assert bits(ahead) == bits(branch)
    assert bits(plain)[:13] == bits(ahead)[:13]
    assert bits(plain)[20:] != bits(ahead)[20:]


@every_change
def test_a_changed_run_can_be_rewound_and_gone_on_with(changes: dict[str, Any]) -> None:
    """Seeking here and there gives the states of the way forward; what was not kept is performed again."""
    run = case().start(keyframe_bytes=1)
    run.edit(at=13, **changes)
    states = [runs.state(run)]
    while not run.done:
        run.advance(1)
        states.append(runs.state(run))
    for step in np.random.default_rng(1).integers(0, run.last_step + 1, 25).tolist():
        run.seek(step)
        assert states[step] == runs.state(run)


@every_change
@pytest.mark.parametrize("keyframes", [True, False])
@pytest.mark.parametrize("stop", [5, 13, 20, None])
def test_a_changed_run_is_saved_whole(
    changes: dict[str, Any], keyframes: bool, stop: int | None, tmp_path: Path
) -> None:
    """Saved before, at, after the change, or at the end, and loaded, a run ends with the same bits."""
    whole, run = changed(changes), case().start()
    run.edit(at=13, **changes)
    run.advance(stop if stop is not None else 1000)
    run.save(tmp_path / "a.run", keyframes=keyframes)
    X, y, _ = runs.table()
    loaded = Run.load(tmp_path / "a.run", X, y)
    assert list(map(repr, run.edits)) == list(map(repr, loaded.edits))
    loaded.finish()
    assert runs.record(whole) == runs.record(loaded)
    assert bits(whole) == bits(loaded)


def test_a_branch_without_a_change_is_the_run() -> None:
    """From every step: not a bit differs to the end."""
    for name in ("adam", "dropout", "chain", "early stopping", "metrics"):
        whole, _ = runs.uninterrupted(name)
        for step in runs.steps(name, 8):
            branch = whole.branch(step)
            branch.finish()
            runs.check_same(name, branch)
            assert whole.compare(branch).parted is None


def test_a_frozen_neuron_keeps_every_bit() -> None:
    """Its own weights and bias stay; thawed it learns again; the others learn all the while."""
    run = case().start()
    run.edit(at=4, freeze="layer_1/node_2")
    run.edit(at=20, thaw="layer_1/node_2")
    run.finish()
    neuron = [run.at(k).network["layer_1"]["node_2"] for k in range(31)]
    own = [(node.weights.tobytes(), node.bias.tobytes()) for node in neuron]
    assert {own[4]} == set(own[4:21])
    assert own[3] != own[4]
    assert own[20] != own[21]
    other = {run.at(k).network["layer_1"]["node_3"].weights.tobytes() for k in range(4, 21)}
    assert 17 == len(other)


def test_a_silenced_neuron_is_heard_by_nobody() -> None:
    """The weights by which the next layer hears it are 0 from there on, whatever it learns itself."""
    run = changed({"silence": "layer_1/node_5"})
    for step in range(13, 31):
        assert not run.at(step).network["layer_2"].weights[:, 4].any()
    assert run.at(12).network["layer_2"].weights[:, 4].all()
    x = runs.table()[0]
    silent = run.network.copy()
    silent["layer_1"]["node_5"].weights = 99.0
    np.testing.assert_array_equal(run.network.predict_proba(x), silent.predict_proba(x))


def test_what_changes_by_hand_do() -> None:
    """Weights and biases are set, and what the next layer hears is multiplied, at exactly that step."""
    plain = case().start()
    plain.finish()
    before = plain.at(13).network
    after = plain.branch(13, **CHANGES["weights"]).network
    assert [0.5, -0.5, 0.25, 0.0, 1.0] == after["layer_1"]["node_3"].weights.tolist()
    expected = before["output"].weights.copy()
    expected[0, [0, 3]] = 2.0, -1.0
    np.testing.assert_array_equal(after["output"].weights, expected)
    scaled = plain.branch(13, scale={"layer_1/node_2": 3.0}).network
    expected = before["layer_2"].weights.copy()
    expected[:, 1] *= 3
    np.testing.assert_array_equal(scaled["layer_2"].weights, expected)
    np.testing.assert_array_equal(scaled["layer_1"].weights, before["layer_1"].weights)
    assert [0.5] == plain.branch(13, biases={"layer_2/node_1": 0.5}).network["layer_2"]["node_1"].bias.tolist()


def test_what_changes_of_settings_do() -> None:
    """More epochs are made; the rate of each step is that of the schedule over them; frozen layers keep their bits."""
    longer = changed({"epochs": 8})
    assert (48, 48, 8) == (longer.total_steps, longer.last_step, len(longer.history))
    np.testing.assert_allclose(longer.at(20).learning_rate, 0.02 * (1 - 20 / 48))
    np.testing.assert_allclose(longer.at(12).learning_rate, 0.02 * (1 - 12 / 30))
    rates = changed({"layer_rates": {"output": 0.0}})
    outputs = {rates.at(k).network["output"].weights.tobytes() for k in range(13, 31)}
    assert 1 == len(outputs)
    both = case().start(layer_rates={"layer_1": 0.5})
    both.edit(at=6, layer_rates={"layer_2": 0.1})
    both.edit(at=9, layer_rates={"layer_1": 1.0})
    told = [dict(both._timeline.settings(k).recipe.layer_rates) for k in (0, 6, 9)]
    assert [{"layer_1": 0.5}, {"layer_1": 0.5, "layer_2": 0.1}, {"layer_2": 0.1}] == told


def test_batches_of_another_size() -> None:
    """From that step on the epoch's other rows come in such batches; each row is seen once an epoch, as before."""
    run = changed({"batch_size": 7}, at=8)
    sizes = [len(run.at(k).batch) for k in range(run.last_step)]  # type: ignore[arg-type]
    first, second = [10] * 5 + [7], [10, 10, *[7] * 5, 2]
    assert [*first, *second, *(3 * ([7] * 8 + [1]))] == sizes
    rows = np.concatenate([run.at(k).batch for k in range(run.last_step)])  # type: ignore[misc]
    for epoch in range(5):
        assert list(range(57)) == sorted(rows[57 * epoch : 57 * (epoch + 1)].tolist())
    assert [6, 14, 23, 32, 41] == [row["step"] for row in run.history.epochs]
    for row, begin, end in zip(run.history.epochs, [0, 6, 14, 23, 32], [6, 14, 23, 32, 41], strict=True):
        expected = np.average(run.history.loss[begin:end], weights=sizes[begin:end])
        assert row["loss"] == pytest.approx(expected, rel=1e-12)
        assert row["accuracy"] == run.history.hits[begin:end].sum() / 57
    plain = case().start()
    plain.finish()
    same = np.concatenate([plain.at(k).batch for k in range(plain.last_step)])  # type: ignore[misc]
    np.testing.assert_array_equal(rows, same)  # the order is the epoch's, whatever the batches


def test_rates_do_not_know_of_changes_to_come() -> None:
    """A schedule goes by the steps there are in all, as far as a step could know; replayed, it is the same."""
    run = case().start()
    run.edit(at=20, batch_size=3)
    run.edit(at=6, batch_size=5)
    run.finish()
    assert 0.02 * (1 - 5 / 30) == pytest.approx(run.at(5).learning_rate)
    assert 0.02 * (1 - 6 / 54) == pytest.approx(run.at(6).learning_rate)  # 6 + 4 epochs of 12
    assert run.at(19).learning_rate == pytest.approx(0.02 * (1 - 19 / 54))
    assert run.at(20).learning_rate == pytest.approx(0.02 * (1 - 20 / run.total_steps))


def test_a_whole_run_without_dropout_from_a_step() -> None:
    """A rate of 0 from step 0 on gives the bits of a network that never had dropout layers."""
    run = case().start()
    run.edit(dropout=0.0)
    run.finish()
    plain = runs.Case("plain", case().settings).start()
    plain.network.parameters = run.at(0).parameters
    plain.finish()
    assert run.network.parameters.tobytes() == plain.network.parameters.tobytes()


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "No change was given"),
    ({"momentum": 0.9}, "change of a run 'momentum'"),
    ({"optimizer": "sgd"}, "keeps the same vectors|keep the same vectors"),
    ({"epochs": 1}, "in epoch 3 already"),
    ({"freeze": "layer_9/node_1"}, "layer_9"),
    ({"freeze": "layer_1/node_9"}, "no node 'node_9'"),
    ({"thaw": "layer_1/node_1"}, "neither frozen nor silenced"),
    ({"silence": "layer_1"}, "a whole layer cannot"),
    ({"weights": {"layer_1/node_1": [1.0, 2.0]}}, r"are 5; an array of the shape \(2,\)"),
    ({"weights": {"layer_1/node_1": {7: 1.0}}}, "inputs 0 … 4"),
    ({"weights": [1.0]}, "must be a dict of neuron: value"),
    ({"biases": {"layer_1/node_1": float("nan")}}, "must be finite"),
    ({"scale": {"layer_1/node_1": "much"}}, "must be a number"),
    ({"layer_rates": {"layer_1": -1.0}}, "≥ 0"),
    ({"layer_rates": 3}, "must be a dict"),
    ({"l1": -1.0}, "≥ 0"),
    ({"batch_size": 0}, "≥ 1"),
    ({"dropout": 1.0}, "Dropout"),
]


@pytest.mark.parametrize(("changes", "why"), REFUSED)
def test_changes_that_are_refused(changes: dict[str, Any], why: str) -> None:
    """What cannot be changed is told, and neither the run nor its network is other than before."""
    run = case().start()
    run.advance(13)
    before = runs.state(run)
    with pytest.raises(PellucidError, match=why):
        run.edit(**changes)
    assert (before, ()) == (runs.state(run), run.edits)


def test_times_at_which_nothing_can_be_changed() -> None:
    """Neither the past, nor what lies after the end, nor a run that is over."""
    run = case().start()
    run.advance(13)
    with pytest.raises(RunError, match=r"steps up to 13 are recorded, .* run\.branch\(5, …\)"):
        run.edit(at=5, l2=0.1)
    with pytest.raises(RunError, match="The run has 30 steps, so nothing can be changed at step 31"):
        run.edit(at=31, l2=0.1)
    run.finish()
    with pytest.raises(RunError, match="The run is over"):
        run.edit(l2=0.1)
    with pytest.raises(UnknownNameError):
        Network([2, 2]).start([[0.0, 1.0], [1.0, 0.0]], [0, 1]).edit(speed=3)  # type: ignore[call-arg]


@pytest.mark.parametrize("how", [lambda run: run.advance(1000), lambda run: run.until(lambda m: False)])
def test_listeners_are_told_when_the_run_gets_there(how: Callable[[Run], object]) -> None:
    """An edit that is yet to come is told at its step, once; those made by hand as before."""
    from pellucid.training import Edited

    told: list[tuple[int, int]] = []

    def listen(event: object, run: Run) -> None:
        if isinstance(event, Edited):
            told.append((run.last_step, event.edit.step))

    run = case().start(callbacks=[listen])
    run.edit(at=13, l2=0.1)
    run.edit(at=7, freeze="layer_1")
    run.advance(3)
    run.network["layer_2"]["node_1"].bias = 0.5
    how(run)
    assert [(3, 3), (7, 7), (13, 13)] == told
