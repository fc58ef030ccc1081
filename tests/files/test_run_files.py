"""Run files: nothing but a whole story, on the data it is of, is accepted. (That they resume: tests/training.)"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Run
from pellucid.engine import State
from pellucid.errors import DataError, ModelFileError, RunError
from pellucid.files import _container, load_run, save_run
from pellucid.training import Edit, History
from training import runs

Change = Callable[[dict[str, Any], dict[str, str]], None]


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


def rewritten(path: Path, change: Change) -> None:
    """Forge a file: change its arrays and texts, and write it again with a digest that fits."""
    arrays, texts = _container.read(path, "pellucid.run", ("recipe", "run"))
    change(arrays, texts)
    _container.write(path, "pellucid.run", arrays, texts)


FORGED: dict[str, Change] = {
    "story is a list": lambda t, m: m.update(run="[]"),
    "story is no JSON": lambda t, m: m.update(run="{"),
    "story is deep": lambda t, m: m.update(run="[" * 100_000),
    "story is missing": lambda t, m: m.pop("run"),
    "step is a text": _story(step="15"),
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
    "no start": _drop("start"),
    "another start": _array("start", lambda a: a + 1),
    "no slot": _drop("slot.mean"),
    "short slot": _array("slot.mean", lambda a: a[1:]),
    "slot of another type": _array("slot.mean", lambda a: a.astype(np.float64)),
    "parameters as a table": _array("parameters", lambda a: a[np.newaxis]),
    "short history": _array("history.loss", lambda a: a[1:]),
    "history of whole numbers": _array("history.loss", lambda a: a.astype(np.int64)),
    "hits missing": _drop("history.hits"),
    "epochs without step": _drop("history.epochs.step"),
    "epochs in disorder": _array("history.epochs.epoch", lambda a: a[::-1]),
    "epochs of unequal length": _array("history.epochs.loss", lambda a: a[1:]),
    "edits without steps": _drop("edits.step"),
    "edits in disorder": _array("edits.step", lambda a: a[::-1]),
    "an edit before the start": _array("edits.step", lambda a: a - 100),
    "an edit beyond the record": _array("edits.step", lambda a: a + 100),
    "edits of unequal length": _array("edits.learning_rate", lambda a: a[1:]),
    "a rate below 0": _array("edits.learning_rate", lambda a: -a),
    "edited parameters missing": _array("edits.parameters", lambda a: a[1:]),
    "edited parameters too short": _array("edits.parameters", lambda a: a[:, 1:]),
    "recipe without spec": _recipe(spec=None),
    "recipe of another optimiser": _recipe(optimizer={"name": "sgd", "momentum": 0.9, "nesterov": False}),
    "recipe of another arithmetic": _recipe(arithmetic=7),
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
    history = History()
    history.epochs = [{"epoch": k, "step": k, "loss": 0.1 / k, "val_loss": np.nan} for k in range(1, n + 1)]
    history.add_steps(np.zeros(n), np.zeros(n, dtype=np.int64))
    edits = tuple(Edit(k, learning_rate=1e-3 / k) if k % 2 else Edit(k, parameters=rest.start) for k in range(1, n))
    state = State(n, rest.start, rest.state.slots)
    save_run(tmp_path / "long.run", replace(rest, state=state, frontier=n, history=history, edits=edits), 2**64 - 1)
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
        "step": 15,
        "frontier": 15,
        "ended": None,
        "network_seed": 7,
    } == story
    assert run.recipe.to_json() == found["recipe"].tobytes().decode()
    assert {
        *("recipe", "run", "start", "parameters", "slot.mean", "slot.square", "history.loss", "history.hits"),
        *(f"history.epochs.{name}" for name in ("epoch", "step", "loss", "accuracy")),
        *("edits.step", "edits.learning_rate", "edits.parameters"),
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
