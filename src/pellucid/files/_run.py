"""The run file: a recipe, edits and digests, from which a run is performed again; and where it stands, if wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import strict_json
from pellucid.core import Custom, Spec, fingerprint, initial_parameters, optimizer_from_json, schedule_from_json
from pellucid.engine import State
from pellucid.errors import ModelFileError, RunError, brief
from pellucid.files._container import Content, Path, read, write
from pellucid.random import checked_seed
from pellucid.training import Checkpoint, Edit, History, Recipe, Settings

KIND = "pellucid.run"

_EPOCH: Final = "history.epochs."
_MOST_EDITS: Final = 100_000
"""So many take some 30 MB once they are read."""

_STORY: Final = {"1": {"data_digest", "step", "frontier", "ended", "network_seed"}}
_STORY["3"] = _STORY["2"] = _STORY["1"] | {"fingerprint", "exactness", "epochs"}
_KINDS: Final = ("parameters", "factor", "learning_rate", "settings")

Array = NDArray[Any]


def save_run(path: Path, rest: Checkpoint, network_seed: int) -> None:
    """Write a checkpoint, and the seed of its network: recipe and story as JSON, all else as arrays."""
    if len(rest.edits) > _MOST_EDITS:
        raise ModelFileError(
            f"A run file holds at most {_MOST_EDITS} edits; the run has {len(rest.edits)}. Let callbacks change it "
            "less often, such as at an epoch's end."
        )
    by_hand = [edit for edit in rest.edits if edit.of_parameters]
    values = [_values(edit, rest.start.dtype) for edit in by_hand]
    places = [edit.places for edit in by_hand if edit.places is not None]
    rates = [np.nan if edit.learning_rate is None else edit.learning_rate for edit in rest.edits]
    tensors = {
        "edits.step": np.array([edit.step for edit in rest.edits], dtype=np.int64),
        "edits.learning_rate": np.array(rates, dtype=np.float64),
        "edits.changed": np.array([-1 if e.places is None else len(e.places) for e in by_hand], dtype=np.int64),
        "edits.places": np.concatenate([*places, np.empty(0, np.int64)]),
        "edits.values": np.concatenate([*values, np.empty(0, rest.start.dtype)]),
    }
    if not _derives(rest.recipe, network_seed):
        tensors["start"] = rest.start
    if rest.state is not None:
        tensors["parameters"] = rest.state.parameters
        tensors |= {f"slot.{name}": slot for name, slot in rest.state.slots.items()}
    names: list[str] = []
    if rest.history is not None:
        epochs = rest.history.epochs
        tensors |= {"history.loss": rest.history.loss, "history.hits": rest.history.hits}
        names = rest.history.keys()
        tensors |= {_EPOCH + name: np.array([row[name] for row in epochs], np.float64) for name in names}
    story = {
        "data_digest": rest.data_digest,
        "fingerprint": rest.fingerprint,
        "exactness": rest.exactness,
        "step": rest.step,
        "frontier": rest.frontier,
        "ended": rest.ended,
        "network_seed": network_seed,
        "epochs": names,
    }
    texts = {"recipe": rest.recipe.to_json(), "run": json.dumps(story)}
    kinds = [_kind(edit) for edit in rest.edits]
    if {"factor", "settings"}.isdisjoint(kinds) and all(edit.step <= rest.frontier for edit in rest.edits):
        write(path, KIND, tensors, texts)
        return
    tensors["edits.kind"] = np.array([_KINDS.index(kind) for kind in kinds], dtype=np.uint8)
    changes = [_told(edit.settings) for edit in rest.edits if _kind(edit) == "settings"]
    write(path, KIND, tensors, texts | {"settings": json.dumps(changes)}, version="3")


def _kind(edit: Edit) -> str:
    if edit.of_parameters:
        return "parameters" if edit.factor is None else "factor"
    return "learning_rate" if edit.settings.keys() == {"learning_rate"} else "settings"


def _values(edit: Edit, dtype: np.dtype[Any]) -> Array:
    """Return what stands in a file for a change of parameters: what they become, or the factor of each."""
    if edit.parameters is not None:
        return edit.parameters
    return np.full(0 if edit.places is None else edit.places.size, edit.factor, dtype)


def _told(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return changed settings as they stand in JSON."""
    told = dict(settings)
    for name in {"optimizer", "schedule"} & told.keys():
        told[name] = told[name].to_json()
    return told


def _given(told: Any, custom: Custom | None) -> dict[str, Any]:
    """Return changed settings as JSON tells them."""
    given = dict(told)
    if "optimizer" in given:
        given["optimizer"] = optimizer_from_json(given["optimizer"], custom)
    if "schedule" in given:
        given["schedule"] = schedule_from_json(given["schedule"])
    if "layer_rates" in given:
        given["layer_rates"] = tuple((layer, rate) for layer, rate in given["layer_rates"])
    for name in {"frozen", "silenced"} & given.keys():
        given[name] = tuple(given[name])
    return given


def _derives(recipe: Recipe, network_seed: int) -> bool:
    """Return whether the run starts from what its network's seed gives, and that is made in no time."""
    spec = recipe.spec
    return _soon_made(spec) and fingerprint(initial_parameters(spec, network_seed).vector) == recipe.start


def _soon_made(spec: Spec) -> bool:
    """Return whether first parameters are made in well under a second, so that none need be in a file."""
    turned = (shape for shape, layer in zip(spec.shapes, spec.dense, strict=True) if layer.initializer == "orthogonal")
    products = sum(n_out * n_in * min(n_out, n_in) for n_out, n_in in turned)
    return spec.n_parameters <= 1 << 18 and len(spec.dense) <= 1000 and products <= 1 << 25


def load_run(path: Path, custom: Custom | None = None) -> tuple[Checkpoint, int]:
    """Read a checkpoint, and the seed of its network.

    Raises
    ------
    ModelFileError
        The file is no run file, not whole, or of a version that is not read.
    """
    return run_in(read(path), custom)


def run_in(content: Content, custom: Custom | None = None) -> tuple[Checkpoint, int]:
    """Return what the content of a run file tells."""
    content.expect(KIND)
    recipe = Recipe.from_json(content.text("recipe"), custom)
    try:
        story = strict_json(content.text("run"))
        seed = checked_seed(story["network_seed"])
        return _checkpoint(recipe, seed, content, story, custom), seed
    except ModelFileError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError, RunError) as error:
        raise ModelFileError(
            f"{content.path} tells no whole story of a run: {brief(error)}. Take it again from where it came."
        ) from None


class _Arrays:
    """The arrays of a file, each held against the type and shape that it must have, and known to be expected."""

    def __init__(self, arrays: Mapping[str, Array], spec: Spec) -> None:
        self._arrays, self._spec, self._taken = arrays, spec, set[str]()

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def take(self, name: str, dtype: str, *shape: int) -> Array:
        """Return an array; −1 in the shape is any length."""
        array = self._arrays[name]
        fits = array.ndim == len(shape) and all(n in (-1, m) for n, m in zip(shape, array.shape, strict=True))
        if array.dtype != np.dtype(dtype) or not fits:
            raise ValueError(f"{name} is {array.dtype} {array.shape}, not {dtype} {shape}")
        self._taken.add(name)
        return array

    def vector(self, name: str) -> Array:
        """Return an array like all parameters, finite."""
        array = self.take(name, self._spec.dtype, self._spec.n_parameters)
        if not np.isfinite(array).all():
            raise ValueError(f"{name} holds NaN or infinity")
        return array

    def end(self) -> None:
        """Raise `ValueError` where there are more."""
        more = sorted(set(self._arrays) - self._taken)
        if more:
            raise ValueError(f"it holds {more[0]!r}, which belongs to no run, or not to this one")


def _checkpoint(recipe: Recipe, seed: int, content: Content, story: Any, custom: Custom | None) -> Checkpoint:
    """Return what a file tells, with everything held against everything else."""
    if story.keys() != _STORY[content.version]:
        raise ValueError(f"it has other fields than {', '.join(sorted(_STORY[content.version]))}")
    match story:
        case {"data_digest": str(digest), "step": int(step), "frontier": int(frontier), "ended": str() | None as ended}:
            pass
        case _:
            raise ValueError("where it stands is not told")
    is_int = bool not in (type(step), type(frontier))
    if not is_int or not 0 <= step <= frontier < 2**53 or (ended is None and step != frontier):
        raise ValueError(f"it stands on step {step} of {frontier}")
    arrays = _Arrays(content.arrays, recipe.spec)
    changes = strict_json(content.text("settings")) if content.version == "3" else []
    start = _start(recipe, seed, arrays)
    state = history = None
    if "parameters" in arrays:
        slots = {name: arrays.vector(f"slot.{name}") for name in recipe.optimizer.slots}
        state = State(step, arrays.vector("parameters"), slots)
        history = _history(recipe, arrays, frontier, story.get("epochs", _epochs_of_version_1(content.arrays)))
    elif content.version != "1" and story["epochs"] != []:
        raise ValueError("it tells of epochs that it does not hold")
    edits = _edits(recipe, arrays, frontier, changes, custom)
    arrays.end()
    found = story.get("fingerprint", None if state is None else fingerprint(state.parameters))
    exactness = story.get("exactness", "")
    if not isinstance(found, str) or not isinstance(exactness, str):
        raise TypeError("its fingerprint is not told")
    if state is not None and fingerprint(state.parameters) != found:
        raise ValueError("its parameters are not those of its fingerprint")
    return Checkpoint(recipe, digest, start, step, frontier, edits, ended, found, exactness, state, history)


def _start(recipe: Recipe, seed: int, arrays: _Arrays) -> Array:
    """Return the first parameters: as they are in the file, or, of few, as the network's seed gives them."""
    spec = recipe.spec
    if "start" in arrays:
        start = arrays.vector("start")
    elif _soon_made(spec):
        start = initial_parameters(spec, seed).vector
    else:
        raise ValueError("its first parameters are missing")
    if fingerprint(start) != recipe.start:
        raise ValueError("its first parameters are not those of the recipe")
    return start


def _edits(recipe: Recipe, arrays: _Arrays, frontier: int, changes: Any, custom: Custom | None) -> tuple[Edit, ...]:
    """Return the edits; those of a kind lie in the same order as their arrays, or their texts."""
    steps = arrays.take("edits.step", "int64", -1)
    rates = arrays.take("edits.learning_rate", "float64", len(steps))
    if len(steps) > _MOST_EDITS:
        raise ValueError(f"it tells of {len(steps)} edits; {_MOST_EDITS} are read")
    latest = 2**53 if "edits.kind" in arrays else frontier
    if len(steps) and not (steps[0] >= 0 and (np.diff(steps) >= 0).all() and steps[-1] <= latest):
        raise ValueError("its edits are not at steps in order")
    if (rates < 0).any() or np.isinf(rates).any():
        raise ValueError("an edit has no usable learning rate")
    kinds = _kinds_of(rates, arrays)
    of_settings = _settings(recipe, changes, int((kinds == 3).sum()), custom)
    by_hand = iter(_changes(recipe.spec, arrays, int((kinds <= 1).sum())))
    edits = []
    for step, rate, kind in zip(steps.tolist(), rates.tolist(), kinds.tolist(), strict=True):
        if kind <= 1:
            edits.append(_change(step, *next(by_hand), pending=step > frontier, scaled=kind == 1))
        else:
            edits.append(Edit(step, {"learning_rate": rate} if kind == 2 else next(of_settings)))
    return tuple(edits)


def _kinds_of(rates: Array, arrays: _Arrays) -> Array:
    """Return the kind of each edit, by its place in `_KINDS`; before version 3 one without a rate is of parameters."""
    kinds = np.where(np.isnan(rates), 0, 2).astype(np.uint8)
    if "edits.kind" in arrays:
        kinds = arrays.take("edits.kind", "uint8", len(rates))
    if (kinds >= len(_KINDS)).any() or ((kinds == 2) == np.isnan(rates)).any():
        raise ValueError("an edit is of no known kind")
    return kinds


def _settings(recipe: Recipe, changes: Any, count: int, custom: Custom | None) -> Iterator[dict[str, Any]]:
    """Return changed settings, each held against those before it."""
    if not isinstance(changes, list) or len(changes) != count:
        raise ValueError("it does not tell the settings of each edit")
    found, settings = [_given(told, custom) for told in changes], Settings(recipe)
    for given in found:
        settings = settings.changed(given)
    return iter(found)


def _change(step: int, values: Array, places: Array | None, *, pending: bool, scaled: bool) -> Edit:
    """Return a change of parameters; one by a factor is yet to come, since it is told as what it came to."""
    if pending and places is None:
        raise ValueError("an edit that is yet to come is of no place")
    if not scaled:
        return Edit(step, {}, values, places)
    if not pending or places is None or not len(values) or (values != values[0]).any():
        raise ValueError("an edit scales parameters, and does not tell by what")
    return Edit(step, {}, None, places, float(values[0]))


def _changes(spec: Spec, arrays: _Arrays, count: int) -> list[tuple[Array, Array | None]]:
    """Return the values and places of changes by hand; in version 1 each is of all parameters."""
    n = spec.n_parameters
    if "edits.parameters" in arrays:
        return [(row, None) for row in arrays.take("edits.parameters", spec.dtype, count, n)]
    changed = arrays.take("edits.changed", "int64", count)
    if not ((changed >= -1) & (changed <= n)).all():
        raise ValueError("an edit changes more parameters than there are")
    places = arrays.take("edits.places", "int64", int(changed[changed >= 0].sum()))
    values = arrays.take("edits.values", spec.dtype, int(np.where(changed >= 0, changed, n).sum()))
    if len(places) and not (0 <= places.min() and places.max() < n):
        raise ValueError("an edit changes a parameter that there is not")
    if not np.isfinite(values).all():
        raise ValueError("an edit changes a parameter to NaN or infinity")
    found: list[tuple[Array, Array | None]] = []
    at, of = 0, 0
    for k in changed.tolist():
        found.append((values[at : at + (n if k < 0 else k)], None if k < 0 else places[of : of + k]))
        at, of = at + (n if k < 0 else k), of + max(k, 0)
    return found


def _epochs_of_version_1(tensors: Mapping[str, Array]) -> list[str]:
    order = ("epoch", "step", "loss", "accuracy", "val_loss", "val_accuracy")
    return [name for name in order if _EPOCH + name in tensors]


def _history(recipe: Recipe, arrays: _Arrays, frontier: int, names: Any) -> History:
    history = History()
    losses, hits = arrays.take("history.loss", "float64", frontier), arrays.take("history.hits", "int64", frontier)
    if (hits < 0).any():
        raise ValueError("of a batch, fewer rows than none were right")
    history.add_steps(losses, hits)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("the names of what it measured are not told")
    if not names:
        return history
    columns = {name: arrays.take(_EPOCH + name, "float64", -1) for name in names}
    n = len(columns["epoch"])
    if any(len(column) != n for column in columns.values()):
        raise ValueError("its epochs are not told whole")
    steps = columns["step"]
    if not np.isfinite(steps).all():
        raise ValueError("its epochs end nowhere")
    in_order = (np.diff(steps, prepend=0) > 0).all() and (steps <= frontier).all() and (steps == np.floor(steps)).all()
    if not in_order or not (columns["epoch"] == np.arange(1, n + 1)).all():
        raise ValueError("its epochs are not told in order")
    if recipe.early_stopping is not None and recipe.early_stopping.monitor not in columns:
        raise ValueError(f"it did not measure {recipe.early_stopping.monitor!r}, which early stopping watches")
    for values in zip(*(column.tolist() for column in columns.values()), strict=True):
        row = dict(zip(columns, values, strict=True))
        history.epochs.append({**row, "epoch": int(row["epoch"]), "step": int(row["step"])})
    return history
