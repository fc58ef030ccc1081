"""The run file: a checkpoint, to go on with the same bits."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from pellucid.engine import State
from pellucid.errors import ModelFileError
from pellucid.files._container import Path, read, write
from pellucid.training import Checkpoint, Edit, History, Recipe

KIND = "pellucid.run"


def save_run(path: Path, rest: Checkpoint) -> None:
    """Write a checkpoint: the recipe and what happened as JSON in the metadata, vectors as arrays."""
    tensors = {
        "start": rest.start,
        "parameters": rest.state.parameters,
        "history.loss": rest.history.loss,
        "history.hits": rest.history.hits,
        **{f"slot.{name}": slot for name, slot in rest.state.slots.items()},
        **{f"edit.{i}": edit.parameters for i, edit in enumerate(rest.edits) if edit.parameters is not None},
    }
    story = {
        "data_digest": rest.data_digest,
        "step": rest.state.step,
        "frontier": rest.frontier,
        "ended": rest.ended,
        "epochs": rest.history.epochs,
        "edits": [{"step": edit.step, "learning_rate": edit.learning_rate} for edit in rest.edits],
    }
    write(path, KIND, tensors, {"recipe": rest.recipe.to_json(), "run": json.dumps(story)})


def load_run(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    ModelFileError
        The file is no run file, not whole, or of another version.
    """
    tensors, texts = read(path, KIND, ("recipe", "run"))
    recipe = Recipe.from_json(texts["recipe"])
    try:
        rest = _checkpoint(recipe, tensors, json.loads(texts["run"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{os.fspath(path)} tells no whole story of a run: {error}") from None
    vectors = [rest.start, rest.state.parameters, *rest.state.slots.values()]
    vectors += [edit.parameters for edit in rest.edits if edit.parameters is not None]
    spec = recipe.spec
    if any(vector.shape != (spec.n_parameters,) or vector.dtype != spec.dtype for vector in vectors):
        raise ModelFileError(f"{os.fspath(path)} holds other vectors than its spec describes; it is not whole.")
    if not 0 <= rest.state.step <= rest.frontier == len(rest.history.loss) == len(rest.history.hits):
        raise ModelFileError(f"{os.fspath(path)} stands on a step that it did not record; it is not whole.")
    return rest


def _checkpoint(recipe: Recipe, tensors: dict[str, Any], story: dict[str, Any]) -> Checkpoint:
    history = History()
    history.add_steps(np.array(tensors["history.loss"]), np.array(tensors["history.hits"]))
    history.epochs.extend({str(name): value for name, value in row.items()} for row in story["epochs"])
    edits = tuple(
        Edit(int(edit["step"]), edit["learning_rate"], tensors.get(f"edit.{i}"))
        for i, edit in enumerate(story["edits"])
    )
    slots = {name: tensors[f"slot.{name}"] for name in recipe.optimizer.slots}
    return Checkpoint(
        recipe,
        str(story["data_digest"]),
        tensors["start"],
        State(int(story["step"]), tensors["parameters"], slots),
        int(story["frontier"]),
        edits,
        history,
        None if story["ended"] is None else str(story["ended"]),
    )
