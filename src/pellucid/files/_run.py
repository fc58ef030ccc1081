"""The run file: a checkpoint, to go on with the same bits."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Custom, Spec, fingerprint
from pellucid.engine import State
from pellucid.errors import ModelFileError
from pellucid.files._container import Path, read, write
from pellucid.random import checked_seed
from pellucid.training import Checkpoint, Edit, History, Recipe

KIND = "pellucid.run"

_EPOCH: Final = "history.epochs."

Array = NDArray[Any]


def save_run(path: Path, rest: Checkpoint, network_seed: int) -> None:
    """Write a checkpoint, and the seed of its network: recipe and story as JSON, all else as arrays."""
    by_hand = [edit.parameters for edit in rest.edits if edit.parameters is not None]
    rates = [np.nan if edit.learning_rate is None else edit.learning_rate for edit in rest.edits]
    epochs = rest.history.epochs
    tensors = {
        "start": rest.start,
        "parameters": rest.state.parameters,
        **{f"slot.{name}": slot for name, slot in rest.state.slots.items()},
        "history.loss": rest.history.loss,
        "history.hits": rest.history.hits,
        **{_EPOCH + name: np.array([row[name] for row in epochs], np.float64) for name in (epochs or [{}])[0]},
        "edits.step": np.array([edit.step for edit in rest.edits], dtype=np.int64),
        "edits.learning_rate": np.array(rates, dtype=np.float64),
        "edits.parameters": np.array(by_hand, dtype=rest.start.dtype).reshape(len(by_hand), rest.start.size),
    }
    story = {
        "data_digest": rest.data_digest,
        "step": rest.state.step,
        "frontier": rest.frontier,
        "ended": rest.ended,
        "network_seed": network_seed,
    }
    write(path, KIND, tensors, {"recipe": rest.recipe.to_json(), "run": json.dumps(story)})


def load_run(path: Path, custom: Custom | None = None) -> tuple[Checkpoint, int]:
    """Read a checkpoint, and the seed of its network.

    Raises
    ------
    ModelFileError
        The file is no run file, not whole, or of another version.
    """
    tensors, texts = read(path, KIND, ("recipe", "run"))
    recipe = Recipe.from_json(texts["recipe"], custom)
    try:
        story = json.loads(texts["run"])
        return _checkpoint(recipe, tensors, story), checked_seed(story["network_seed"])
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelFileError(
            f"{os.fspath(path)} tells no whole story of a run: {error}. Take it again from where it came."
        ) from None


def _checkpoint(recipe: Recipe, tensors: Mapping[str, Array], story: Any) -> Checkpoint:
    """Return what a file tells, with everything held against everything else."""
    match story:
        case {"data_digest": str(digest), "step": int(step), "frontier": int(frontier), "ended": str() | None as ended}:
            pass
        case _:
            raise ValueError("where it stands is not told")
    if not 0 <= step <= frontier or (ended is None and step != frontier):
        raise ValueError(f"it stands on step {step} of {frontier}")
    vectors = {name: tensors[name] for name in ("start", "parameters", *(f"slot.{s}" for s in recipe.optimizer.slots))}
    for name, vector in vectors.items():
        _check(name, vector, recipe.spec.dtype, (recipe.spec.n_parameters,))
    if fingerprint(vectors["start"]) != recipe.start:
        raise ValueError("its first parameters are not those of the recipe")
    slots = {name: vectors[f"slot.{name}"] for name in recipe.optimizer.slots}
    return Checkpoint(
        recipe,
        digest,
        vectors["start"],
        State(step, vectors["parameters"], slots),
        frontier,
        _edits(recipe.spec, tensors, frontier),
        _history(tensors, frontier),
        ended,
    )


def _edits(spec: Spec, tensors: Mapping[str, Array], frontier: int) -> tuple[Edit, ...]:
    """Return the edits; one without a learning rate is of parameters, and these lie in the same order."""
    steps, rates, by_hand = (tensors[f"edits.{part}"] for part in ("step", "learning_rate", "parameters"))
    n = len(steps)
    _check("edits.step", steps, "int64", (n,))
    _check("edits.learning_rate", rates, "float64", (n,))
    _check("edits.parameters", by_hand, spec.dtype, (int(np.isnan(rates).sum()), spec.n_parameters))
    if n and not (steps[0] >= 0 and (np.diff(steps) >= 0).all() and steps[-1] <= frontier):
        raise ValueError("its edits are not at steps in order")
    if (rates < 0).any() or np.isinf(rates).any():
        raise ValueError("an edit has no usable learning rate")
    rows = iter(by_hand)
    return tuple(
        Edit(step, parameters=next(rows)) if np.isnan(rate) else Edit(step, learning_rate=rate)
        for step, rate in zip(steps.tolist(), rates.tolist(), strict=True)
    )


def _history(tensors: Mapping[str, Array], frontier: int) -> History:
    _check("history.loss", tensors["history.loss"], "float64", (frontier,))
    _check("history.hits", tensors["history.hits"], "int64", (frontier,))
    history = History()
    history.add_steps(tensors["history.loss"], tensors["history.hits"])
    columns = {name.removeprefix(_EPOCH): column for name, column in tensors.items() if name.startswith(_EPOCH)}
    if not columns:
        return history
    n = len(columns["epoch"])
    for name, column in columns.items():
        _check(_EPOCH + name, column, "float64", (n,))
    if not (columns["epoch"] == np.arange(1, n + 1)).all() or not (np.diff(columns["step"], prepend=0) > 0).all():
        raise ValueError("its epochs are not told in order")
    names = [name for name in ("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy") if name in columns]
    for values in zip(*(columns[name].tolist() for name in names), strict=True):
        row = dict(zip(names, values, strict=True))
        history.epochs.append({**row, "epoch": int(row["epoch"]), "step": int(row["step"])})
    return history


def _check(name: str, array: Array, dtype: str, shape: tuple[int, ...]) -> None:
    """Raise `ValueError` unless an array is of this type and shape."""
    if array.dtype != np.dtype(dtype) or array.shape != shape:
        raise ValueError(f"{name} is {array.dtype} {array.shape}, not {dtype} {shape}")
