"""Run files: nothing but a whole story, on the data it is of, is accepted. (That they resume: tests/training.)"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.recorded import demo_run
from files.forging import Change, rewritten, taken_apart
from pellucid import Dense, Run
from pellucid.core import Spec
from pellucid.datasets import load_mnist
from pellucid.engine import State
from pellucid.errors import DataError, ModelFileError, RunError
from pellucid.files import _run, load_run, save_run
from pellucid.training import Edit, History
from training import runs


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A run in the middle of its third epoch, with an edit of each kind."""
    run = runs.named("adam").start()
    run.advance(8)
    run.edit(learning_rate=0.005)
    run.advance(2)
    run.network.parameters[0] += 1
    run.advance(5)
    run.save(tmp_path / "a.run")
    return tmp_path / "a.run"


def load(path: Path) -> Run:
    return Run.load(path, **runs.named("adam").given())


def _story(**changes: Any) -> Change:
    return lambda tensors, texts: texts.update(run=json.dumps({**json.loads(texts["run"]), **changes}))


def _recipe(**changes: Any) -> Change:
    return lambda tensors, texts: texts.update(recipe=json.dumps({**json.loads(texts["recipe"]), **changes}))


def _array(name: str, change: Callable[[Any], Any]) -> Change:
    return lambda tensors, texts: tensors.update({name: change(tensors[name].copy())})


def _drop(name: str) -> Change:
    return lambda tensors, texts: tensors.pop(name)


FORGED: dict[str, Change] = {
    "story is a list": lambda t, m: m.update(run="[]"),
    "story is no JSON": lambda t, m: m.update(run="{"),
    "story is deep": lambda t, m: m.update(run="[" * 40_000),
    "story is missing": lambda t, m: m.pop("run"),
    "step is a text": _story(step="15"),
    "step is true": _story(step=True),
    "a story with more": _story(colour="red"),
    "step is infinite": _story(step=float("inf")),
    "step is negative": _story(step=-1),
    "step beyond the record": _story(step=16),
    "stands before its end": _story(step=3),
    "frontier beyond the record": _story(frontier=16, step=16),
    "ended is a number": _story(ended=3),
    "digest is missing": _story(data_digest=None),
    "network's seed is missing": lambda t, m: m.update(
        run=json.dumps({k: v for k, v in json.loads(m["run"]).items() if k != "network_seed"})
    ),
    "network's seed is none": _story(network_seed=None),
    "network's seed is negative": _story(network_seed=-1),
    "network's seed is a text": _story(network_seed="7"),
    "network's seed is broken": _story(network_seed=7.5),
    "recipe is missing": lambda t, m: m.pop("recipe"),
    "no start": _story(network_seed=8),
    "another start": lambda t, m: t.update(start=t["parameters"]),
    "a start that is not finite": lambda t, m: t.update(start=t["parameters"] * np.nan),
    "another fingerprint": _story(fingerprint="0" * 64),
    "a fingerprint that is none": _story(fingerprint=3),
    "an exactness that is none": _story(exactness=[]),
    "names of metrics that are none": _story(epochs=["epoch", 3]),
    "a metric that is not there": _story(epochs=["epoch", "step", "loss", "accuracy", "val_loss"]),
    "a metric not told": _story(epochs=["epoch", "step", "loss"]),
    "an array too many": lambda t, m: t.update(more=np.zeros(3)),
    "parameters that are not finite": _array("parameters", lambda a: a * np.inf),
    "a slot that is not finite": _array("slot.mean", lambda a: a * np.nan),
    "no slot": _drop("slot.mean"),
    "short slot": _array("slot.mean", lambda a: a[1:]),
    "slot of another type": _array("slot.mean", lambda a: a.astype(np.float64)),
    "parameters as a table": _array("parameters", lambda a: a[np.newaxis]),
    "short history": _array("history.loss", lambda a: a[1:]),
    "history of whole numbers": _array("history.loss", lambda a: a.astype(np.int64)),
    "hits below 0": _array("history.hits", lambda a: a - 100),
    "hits missing": _drop("history.hits"),
    "epochs without step": _drop("history.epochs.step"),
    "epochs that end nowhere": _array("history.epochs.step", lambda a: a * np.inf),
    "epochs that end between steps": _array("history.epochs.step", lambda a: a + 0.5),
    "epochs that end later": _array("history.epochs.step", lambda a: a + 100),
    "epochs in disorder": _array("history.epochs.epoch", lambda a: a[::-1]),
    "epochs of unequal length": _array("history.epochs.loss", lambda a: a[1:]),
    "edits without steps": _drop("edits.step"),
    "very many edits": lambda t, m: t.update(
        {"edits.step": np.zeros(100_001, np.int64), "edits.learning_rate": np.zeros(100_001)}
    ),
    "edits in disorder": _array("edits.step", lambda a: a[::-1]),
    "an edit before the start": _array("edits.step", lambda a: a - 100),
    "an edit beyond the record": _array("edits.step", lambda a: a + 100),
    "edits of unequal length": _array("edits.learning_rate", lambda a: a[1:]),
    "a rate below 0": _array("edits.learning_rate", lambda a: -a),
    "edited values missing": _array("edits.values", lambda a: a[1:]),
    "edited values of NaN": _array("edits.values", lambda a: a * np.nan),
    "edits without counts": _drop("edits.changed"),
    "more edited than there are": _array("edits.changed", lambda a: a + 100),
    "fewer edited than none": _array("edits.changed", lambda a: a * 0 - 2),
    "places that are not there": lambda t, m: t.update(
        {"edits.changed": np.array([1]), "edits.places": np.array([99]), "edits.values": np.zeros(1, np.float32)}
    ),
    "places before the first": lambda t, m: t.update(
        {"edits.changed": np.array([1]), "edits.places": np.array([-1]), "edits.values": np.zeros(1, np.float32)}
    ),
    "edits as they were told in version 1": lambda t, m: t.update({"edits.parameters": t["parameters"][np.newaxis]}),
    "recipe without spec": _recipe(spec=None),
    "recipe of another optimiser": _recipe(optimizer={"name": "sgd", "momentum": 0.9, "nesterov": False}),
    "recipe of another arithmetic": _recipe(arithmetic=7),
    "recipe of the arithmetic true": _recipe(arithmetic=True),
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_stories(name: str, saved: Path) -> None:
    """A file whose digest fits but whose story does not hold together is refused."""
    load(saved)
    rewritten(saved, FORGED[name])
    with pytest.raises(ModelFileError):
        load(saved)


@pytest.mark.parametrize("change", [_recipe(epochs=2), _recipe(batch_size=57)])
def test_a_record_that_the_data_have_no_room_for(change: Change, saved: Path) -> None:
    """More steps than the recipe makes on these data, or epochs that do not fit them, are refused."""
    rewritten(saved, change)
    with pytest.raises(RunError, match="The record does not fit these data"):
        load(saved)


def test_other_data(saved: Path) -> None:
    """One other bit in X, y or the weights, or another type, is other data: the run is not gone on with."""
    X, y, weights = runs.table()
    flipped, swapped = X.copy(), y.copy()
    flipped[3, 2] = np.nextafter(flipped[3, 2], np.float32(9))
    swapped[[0, 1]] = (swapped[[0, 1]] + 1) % 3
    held_out = (X[:5], y[:5])
    others: list[dict[str, Any]] = [
        {"X": flipped, "y": y},
        {"X": X.astype(np.float64), "y": y},
        {"X": X[:-1], "y": y[:-1]},
        {"X": X, "y": swapped},
        {"X": X, "y": y, "sample_weight": weights},
        {"X": X, "y": y, "validation": held_out},
        {"X": X, "y": y, "validation": 0.1},
    ]
    for given in others:
        with pytest.raises(
            RunError, match=r"These data are not those of the run: their digest is [0-9a-f]{16}…, the run's"
        ):
            Run.load(saved, **given)
    with pytest.raises(DataError):
        Run.load(saved, X, y + 1)
    load(saved).finish()


def test_the_digest_is_that_of_the_content() -> None:
    """Memory order and byte order of the arrays that are given make no difference; X is used as it is."""
    case = runs.named("adam")
    X, y, _ = runs.table()
    digest = case.start().data_digest
    assert digest == case.network().start(np.asfortranarray(X), y.astype(np.uint8)).data_digest
    assert digest == case.network().start(X, y.astype(str).astype(object).astype(int)).data_digest


def test_a_run_of_very_many_epochs(tmp_path: Path) -> None:
    """A long history and thousands of edits by callbacks go into a file that can be read again."""
    n = 12_000
    rest = runs.named("adam").start()._timeline.checkpoint()
    assert rest.state is not None
    history = History()
    history.epochs = [{"epoch": k, "step": k, "loss": 0.1 / k, "val_loss": np.nan} for k in range(1, n + 1)]
    history.add_steps(np.zeros(n), np.zeros(n, dtype=np.int64))
    rates = {k: {"learning_rate": 1e-3 / k} for k in range(1, n)}
    edits = tuple(Edit(k, rates[k]) if k % 2 else Edit(k, parameters=rest.start) for k in range(1, n))
    state = State(n, rest.start, rest.state.slots)
    long = replace(rest, state=state, step=n, frontier=n, history=history, edits=edits)
    save_run(tmp_path / "long.run", long, 2**64 - 1)
    loaded, seed = load_run(tmp_path / "long.run")
    assert 2**64 - 1 == seed
    assert repr(history.epochs) == repr(loaded.history.epochs)
    assert [(edit.step, edit.learning_rate) for edit in edits] == [
        (edit.step, edit.learning_rate) for edit in loaded.edits
    ]
    assert (rest.start == loaded.edits[-2].parameters).all()


def test_the_network_keeps_its_own_seed(tmp_path: Path) -> None:
    """The seed of the run and the seed of its network are two, and both come back."""
    case = runs.named("dropout")
    run = case.start()
    assert (7, 11) == (run.network.seed, run.recipe.seed)
    run.advance(4)
    run.save(tmp_path / "a.run")
    loaded = Run.load(tmp_path / "a.run", **case.given())
    assert (7, 11) == (loaded.network.seed, loaded.recipe.seed)


def test_the_story_can_be_read_by_others(saved: Path, judge: Callable[[str], Any]) -> None:
    """Recipe and story are arrays of UTF-8 bytes; the story's fields and the arrays are the documented ones."""
    found = judge("safetensors.numpy").load_file(saved)
    assert {np.dtype(np.uint8)} == {found[name].dtype for name in ("recipe", "run")}
    story = json.loads(found["run"].tobytes().decode())
    run = load(saved)
    assert {
        "data_digest": run.data_digest,
        "fingerprint": run.fingerprint,
        "exactness": run.exactness,
        "step": 15,
        "frontier": 15,
        "ended": None,
        "network_seed": 7,
        "epochs": ["epoch", "step", "loss", "accuracy"],
    } == story
    assert run.recipe.to_json() == found["recipe"].tobytes().decode()
    assert {
        *("recipe", "run", "parameters", "slot.mean", "slot.square", "history.loss", "history.hits"),
        *(f"history.epochs.{name}" for name in ("epoch", "step", "loss", "accuracy")),
        *(f"edits.{name}" for name in ("step", "learning_rate", "changed", "places", "values")),
    } == set(found)
    np.testing.assert_array_equal(run.network.parameters, found["parameters"], strict=True)
    np.testing.assert_array_equal(run.history.loss, found["history.loss"], strict=True)


@pytest.mark.parametrize("ended", [False, True])
def test_a_run_that_looks_back_is_saved_where_it_stood_last(ended: bool, tmp_path: Path) -> None:
    """After `seek`, a saved run loads on its last step; one that is over, on its end."""
    case = runs.named("early stopping")
    run = case.start()
    if ended:
        run.finish()
    else:
        run.advance(8)
    stood, before = run.step, runs.state(run)
    run.seek(3)
    run.save(tmp_path / "a.run")
    assert 3 == run.step
    loaded = Run.load(tmp_path / "a.run", **case.given())
    assert stood == loaded.step
    assert before == runs.state(loaded)
    assert runs.record(run) == runs.record(loaded)


@pytest.mark.parametrize("name", [case.name for case in runs.CASES])
def test_without_keyframes_the_run_is_performed_again(name: str, tmp_path: Path) -> None:
    """In the middle and at its end: the same state, record, history and end, and it goes on to the same bits."""
    case = runs.named(name)
    run = case.start()
    run.advance(run.total_steps // 2)
    for _ in range(2):
        run.save(tmp_path / "a.run", keyframes=False)
        loaded = Run.load(tmp_path / "a.run", **case.given())
        assert (run.step, run.ended, run.last_step) == (loaded.step, loaded.ended, loaded.last_step)
        assert runs.state(run) == runs.state(loaded)
        assert runs.record(run) == runs.record(loaded)
        assert repr(run.history.epochs) == repr(loaded.history.epochs)
        loaded.finish()
        run.finish()
        assert runs.state(run) == runs.state(loaded)


def test_without_keyframes_edits_are_told_briefly(tmp_path: Path) -> None:
    """Several at one step, at the start and the end, of few and of all parameters: performed again in their order."""
    case = runs.named("adam")
    run = case.start()
    run.network.parameters[3] = 0.25
    run.advance(8)
    run.network["layer_1"].weights[:, 0] *= 2
    run.edit(learning_rate=0.005)
    run.advance(0)
    run.advance(5)
    run.network.parameters[:] *= 0.5
    run.advance(4)
    run.network.parameters[5] = -0.0
    run.save(tmp_path / "brief.run", keyframes=False)
    loaded = Run.load(tmp_path / "brief.run", **case.given())
    assert [0, 8, 8, 13, 17] == [edit.step for edit in loaded.edits]
    changed = [None if edit.places is None else len(edit.places) for edit in loaded.edits]
    assert [1, None, 8, None, 1] == changed  # at step 8 the rate, and then a column; at 13 all of them
    assert runs.state(run) == runs.state(loaded)
    loaded.save(tmp_path / "again.run", keyframes=False)
    assert (tmp_path / "brief.run").read_bytes() == (tmp_path / "again.run").read_bytes()
    loaded.save(tmp_path / "long.run")
    assert runs.state(run) == runs.state(Run.load(tmp_path / "long.run", **case.given()))


def test_the_demo_takes_less_than_ten_kilobytes(tmp_path: Path) -> None:
    """26,506 parameters, 5,628 steps and a weight changed by hand; performed again, they come to the same bits."""
    run = demo_run(None)
    run.advance(100)
    run.network["layer_1"]["node_1"].weights[400] = 0.5
    run.advance(200)
    run.save(tmp_path / "demo.run", keyframes=False)
    assert (tmp_path / "demo.run").stat().st_size < 10_000
    mnist = load_mnist()
    loaded = Run.load(tmp_path / "demo.run", mnist.X_train, mnist.y_train)
    assert (300, run.fingerprint) == (loaded.step, loaded.fingerprint)
    assert run.history.loss.tolist() == loaded.history.loss.tolist()


def test_a_run_that_does_not_come_to_the_same_bits(saved: Path) -> None:
    """Where a fingerprint does not come out, nothing is loaded: the error says which, and what to do."""
    run = load(saved)
    run.save(saved, keyframes=False)
    load(saved)
    rewritten(saved, _story(fingerprint="0" * 64, exactness="this machine (made up)"))
    with pytest.raises(RunError) as error:
        load(saved)
    assert (
        "Performed again, the run does not give the same bits: it comes to the fingerprint "
        f"{run.fingerprint[:16]}…, not 0000000000000000…. The file says that they are the same this machine (made up). "
        "Load it where it was made, or save it with keyframes=True there." == str(error.value)
    )


def test_a_start_that_no_seed_gives_is_in_the_file(tmp_path: Path) -> None:
    """So it is for a network that was trained before, and for one of very many parameters."""
    case = runs.named("adam")
    network = case.network()
    network.fit(**case.given(), epochs=1)
    run = network.start(**case.given(), epochs=2)
    run.advance(3)
    run.save(tmp_path / "a.run", keyframes=False)
    assert "start" in taken_apart(tmp_path / "a.run")[1]
    assert run.fingerprint == Run.load(tmp_path / "a.run", **case.given()).fingerprint
    rewritten(tmp_path / "a.run", lambda t, m: t.pop("start"))
    with pytest.raises(ModelFileError, match="its first parameters are not those of the recipe"):
        Run.load(tmp_path / "a.run", **case.given())
    rewritten(tmp_path / "a.run", _recipe(spec=json.loads(Spec.of([5, 60_000, 3]).to_json())))
    with pytest.raises(ModelFileError, match="its first parameters are missing"):  # and no room is made for them
        Run.load(tmp_path / "a.run", **case.given())


SLOW = {
    "orthogonal": [Dense(500, initializer="orthogonal"), Dense(500, initializer="orthogonal"), 3],
    "deep": [*[1] * 20_000, 3],
    "deep and orthogonal": [*[Dense(1, initializer="orthogonal")] * 5_000, 3],
}


@pytest.mark.parametrize("layers", SLOW.values(), ids=SLOW)
def test_first_parameters_that_take_long_are_not_made(
    layers: list[Any], saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without them is refused before it is known whether they are the recipe's."""
    load(saved)
    rewritten(saved, _recipe(spec=json.loads(Spec.of([5, *layers]).to_json())))

    def made(*given: object) -> None:
        raise AssertionError("first parameters were made")

    monkeypatch.setattr(_run, "initial_parameters", made)
    with pytest.raises(ModelFileError, match="its first parameters are missing"):
        load_run(saved)


def test_more_edits_than_a_file_holds(tmp_path: Path) -> None:
    """A run of more edits than could be read is not written."""
    rest = runs.named("adam").start()._timeline.checkpoint()
    with pytest.raises(ModelFileError, match=r"holds at most 100000 edits; the run has 100001\. Let callbacks"):
        save_run(tmp_path / "a.run", replace(rest, edits=(Edit(0, {"learning_rate": 0.1}),) * 100_001), 7)
    assert [] == list(tmp_path.iterdir())
