"""A remedy applied: the run that a finding asks for instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pellucid.core import Dense, Layer, Parameters, Spec, fingerprint, initial_parameters
from pellucid.engine import backend_for, default_backend
from pellucid.errors import RunError, SettingError
from pellucid.insight import Finding
from pellucid.network._preparation import weighted
from pellucid.training import EarlyStopping, Recipe, Timeline, TrainingData

if TYPE_CHECKING:
    from pellucid.network._run import Run

__all__ = ["remedied"]

_OF_NETWORK: Final = frozenset({"activation", "initializer", "input_scale", "input_shift"})
_OF_DATA: Final = frozenset({"drop_rows"})
_OF_RECIPE: Final = frozenset({"learning_rate", "early_stopping", "class_weight", "l1", "l2", "epochs", "batch_size"})


def remedied(run: Run, finding: Finding) -> Run:
    """Return a run like this one, from its beginning, with a finding's remedy applied; not yet begun.

    Raises
    ------
    RunError
        The finding has no remedy that a program can apply.
    """
    change = dict(finding.change)
    if unknown := change.keys() - _OF_NETWORK - _OF_DATA - _OF_RECIPE:
        raise SettingError(f"A remedy with {', '.join(sorted(unknown))} cannot be applied to a run. Do it by hand.")
    if not change:
        raise RunError(f"No program can apply the remedy of {finding.kind!r}. It is: {finding.remedy}")
    timeline, recipe = run._timeline, run._timeline.recipe
    spec = _spec(recipe.spec, finding.layer, change)
    start = initial_parameters(spec, run.network.seed)
    data, recipe = _data(timeline.data, spec, change), _recipe(recipe, spec, start, change)
    network = run.network._made(spec, Parameters(spec, start.vector), run.network.seed)
    backend = backend_for(spec, default_backend(), recipe.optimizer)
    again = Timeline(
        recipe,
        network.parameters,
        data,
        backend,
        timeline.threads,
        timeline.recompute,
        timeline.keyframe_bytes,
    )
    return type(run)(network, again)


def _spec(spec: Spec, layer: str | None, change: Mapping[str, Any]) -> Spec:
    """Return the spec with other activations or initialisers, of one layer or of all hidden ones, or another scale."""
    of_layers = {key: change[key] for key in ("activation", "initializer") if key in change}
    names = iter(spec.names)
    layers: list[Layer] = []
    for old in spec.layers:
        name = next(names) if isinstance(old, Dense) else None
        meant = name is not None and (name == layer if layer is not None else name != "output")
        layers.append(replace(old, **of_layers) if meant and isinstance(old, Dense) else old)
    scales: dict[str, Any] = {
        name: tuple(value) if np.ndim(value) else value
        for name, key in (("scale", "input_scale"), ("shift", "input_shift"))
        if (value := change.get(key)) is not None
    }
    return replace(spec, layers=tuple(layers), input=replace(spec.input, **scales))


def _data(data: TrainingData, spec: Spec, change: Mapping[str, Any]) -> TrainingData:
    """Return the data without some rows, or with weights of their classes."""
    rows = np.arange(len(data.X)) if data.rows is None else data.rows
    if "drop_rows" in change:
        rows = np.setdiff1d(rows, np.asarray(change["drop_rows"], dtype=np.int64))
    used = data.rows if "drop_rows" not in change else rows
    weights = data.weights
    if "class_weight" in change:
        weights = weighted(spec, data.T, weights, change["class_weight"], used)
    return replace(data, rows=used, weights=weights)


def _recipe(recipe: Recipe, spec: Spec, start: Parameters, change: Mapping[str, Any]) -> Recipe:
    settings: dict[str, Any] = {key: change[key] for key in _OF_RECIPE & change.keys()}
    if isinstance(settings.get("early_stopping"), int):
        settings["early_stopping"] = EarlyStopping(settings["early_stopping"])
    return replace(recipe, spec=spec, start=fingerprint(start.vector), steps_before=0, **settings)
