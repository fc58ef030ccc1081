"""What a user may change in a run while it goes on, and the recorded edits that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.checks import is_number
from pellucid.core import Optimizer, Schedule, Spec, places_heard, places_of
from pellucid.errors import KindError, SettingError, ShapeError, unknown_name
from pellucid.insight import input_place
from pellucid.network._views import copied_in
from pellucid.training import CHANGEABLE, Edit, Settings, neuron_named

__all__ = ["Changes", "edits_for"]

Array = NDArray[Any]


class Changes(TypedDict, total=False):
    """What `Run.edit` and `Run.branch` take; see there."""

    learning_rate: float
    schedule: str | Schedule
    optimizer: str | Optimizer
    l1: float
    l2: float
    layer_rates: Mapping[str, float]
    dropout: float
    batch_size: int
    epochs: int
    weights: Mapping[str, ArrayLike | Mapping[int | str, float]]
    biases: Mapping[str, float]
    scale: Mapping[str, float]
    freeze: str | Iterable[str]
    thaw: str | Iterable[str]
    silence: str | Iterable[str]


_SETTINGS: Final = tuple(name for name in CHANGEABLE if name not in {"frozen", "silenced"})  # these by other words
_BY_HAND: Final = ("weights", "biases", "scale", "freeze", "thaw", "silence")


def edits_for(settings: Settings, step: int, changes: Changes) -> list[Edit]:
    """Return the edits that make some changes from a step on, everything checked.

    Raises
    ------
    SettingError, KindError, ShapeError, UnknownNameError
        A change is none that can be made.
    """
    for name in changes:
        if name not in (*_SETTINGS, *_BY_HAND):
            raise unknown_name("change of a run", name, (*_SETTINGS, *_BY_HAND))
    if not changes:
        raise SettingError(f"No change was given. Give one or more of: {', '.join((*_SETTINGS, *_BY_HAND))}.")
    spec = settings.recipe.spec
    of_settings: dict[str, Any] = {name: value for name, value in changes.items() if name in _SETTINGS}
    of_settings |= _held(spec, settings, changes)
    edits = [Edit(step, settings.told(of_settings))] if of_settings else []
    for name, values in _mapping("weights", changes.get("weights", {})).items():
        edits.append(_weights(spec, step, name, values))
    for name, value in _mapping("biases", changes.get("biases", {})).items():
        places = _neuron(spec, name)[-1:]
        edits.append(_set(spec, step, places, np.array([_finite(f"The bias of {name}", value)])))
    for name, factor in _mapping("scale", changes.get("scale", {})).items():
        _neuron(spec, name)
        edits.append(Edit(step, {}, None, _heard(spec, name), _finite(f"The factor of {name}", factor)))
    for name in _listed("silence", changes.get("silence", ())):
        places = _heard(spec, name)
        edits.append(_set(spec, step, places, np.zeros(len(places))))
    return edits


def _held(spec: Spec, settings: Settings, changes: Changes) -> dict[str, Any]:
    """Return who is frozen and who silenced from now on, as far as that changes."""
    freeze, thaw, silence = (_listed(key, changes.get(key, ())) for key in ("freeze", "thaw", "silence"))
    for name in (*freeze, *thaw):
        neuron_named(spec, name)
    for name in thaw:
        if name not in (*settings.frozen, *settings.silenced):
            held = ", ".join((*settings.frozen, *settings.silenced)) or "none is"
            raise SettingError(f"{name!r} is neither frozen nor silenced, so it cannot be thawed; {held}.")
    told: dict[str, Any] = {}
    if freeze or set(thaw) & set(settings.frozen):
        told["frozen"] = [name for name in dict.fromkeys((*settings.frozen, *freeze)) if name not in thaw]
    if silence or set(thaw) & set(settings.silenced):
        told["silenced"] = [name for name in dict.fromkeys((*settings.silenced, *silence)) if name not in thaw]
    return told


def _listed(what: str, names: Any) -> list[str]:
    if isinstance(names, str):
        return [names]
    if not isinstance(names, Iterable):
        raise KindError(f"{what} must be a name such as 'layer_1/node_3', or a list of such; {names!r} was given.")
    return list(names)


def _mapping(what: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise KindError(
            f"{what} must be a dict of neuron: value, such as {{'layer_1/node_3': 0.5}}; "
            f"{type(given).__name__} was given."
        )
    return dict(given)


def _finite(what: str, value: Any) -> float:
    if not is_number(value):
        raise KindError(f"{what} must be a number, not {type(value).__name__} ({value!r}). Give 0.5, say.")
    if not np.isfinite(value):
        raise SettingError(f"{what} must be finite; {value!r} was given. Give 0.5, say.")
    return float(value)


def _neuron(spec: Spec, name: str) -> NDArray[np.int64]:
    """Return the places of a neuron's weights and bias; raise where a whole layer is named."""
    layer, neuron = neuron_named(spec, name)
    if neuron is None:
        raise SettingError(f"{name!r} is a layer; a neuron is needed here. Name one, such as '{name}/node_1'.")
    return places_of(spec, layer, neuron)


def _heard(spec: Spec, name: str) -> NDArray[np.int64]:
    _neuron(spec, name)
    layer, neuron = neuron_named(spec, name)
    return places_heard(spec, layer, neuron or 0)


def _set(spec: Spec, step: int, places: NDArray[np.int64], values: Array) -> Edit:
    new = np.zeros(len(places), dtype=spec.dtype)
    copied_in("The new parameters", new, values)
    return Edit(step, {}, new, places)


def _weights(spec: Spec, step: int, name: str, values: Any) -> Edit:
    """Return the edit that sets all of a neuron's weights, or those of some inputs."""
    places = _neuron(spec, name)[:-1]
    if isinstance(values, Mapping):
        inputs = [input_place(spec, name.partition("/")[0], given) for given in values]
        places, values = places[inputs], [_finite(f"Weight {i} of {name}", w) for i, w in values.items()]
    if np.shape(values) != (len(places),):
        raise ShapeError(
            f"The weights of {name} are {len(places)}; an array of the shape {np.shape(values)} was given. "
            "Give all, or a dict of input: weight."
        )
    return _set(spec, step, places, np.asarray(values))
