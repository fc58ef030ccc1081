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
    tensors, texts = _container.read(saved, "pellucid.run", ())
    arrays = dict(tensors)
    FORGED[name](arrays, texts)
    del texts["version"]
    _container.write(saved, texts.pop("format"), arrays, texts)
    with pytest.raises(ModelFileError):
        load(saved)


@pytest.mark.parametrize("change", [_recipe(epochs=2), _recipe(batch_size=57)])
def test_a_record_that_the_data_have_no_room_for(change: Change, saved: Path) -> None:
    """More steps than the recipe makes on these data, or epochs that do not fit them, are refused."""
    tensors, texts = _container.read(saved, "pellucid.run", ())
    change(tensors, texts)
    del texts["version"]
    _container.write(saved, texts.pop("format"), tensors, texts)
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
    save_run(tmp_path / "long.run", replace(rest, state=state, frontier=n, history=history, edits=edits))
    loaded = load_run(tmp_path / "long.run")
    assert repr(history.epochs) == repr(loaded.history.epochs)
    assert [(edit.step, edit.learning_rate) for edit in edits] == [
        (edit.step, edit.learning_rate) for edit in loaded.edits
    ]
    assert (rest.start == loaded.edits[-2].parameters).all()
