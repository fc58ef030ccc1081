"""Settings: what is in force at a step of a run, the recipe as edits have changed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Dropout, Spec, optimizer_of, places_heard, places_of
from pellucid.errors import KindError, RunError, SettingError, UnknownNameError, unknown_name
from pellucid.training.recipe import Recipe

__all__ = ["CHANGEABLE", "Settings", "neuron_named"]

CHANGEABLE: Final = (
    "learning_rate",
    "schedule",
    "optimizer",
    "l1",
    "l2",
    "layer_rates",
    "dropout",
    "epochs",
    "batch_size",
    "frozen",
    "silenced",
)


def neuron_named(spec: Spec, name: object) -> tuple[str, int | None]:
    """Return layer and place of a neuron named such as ``layer_1/node_3``; of a layer ``layer_1``, no place.

    Raises
    ------
    KindError, UnknownNameError
        There is none of this name.

    Examples
    --------
    >>> neuron_named(Spec.of([2, 3, 2]), "layer_1/node_3")
    ('layer_1', 2)
    """
    if not isinstance(name, str):
        raise KindError(f"A neuron is named by a text such as 'layer_1/node_3', not {type(name).__name__} ({name!r}).")
    layer, _, node = name.partition("/")
    if layer not in spec.names:
        raise unknown_name("layer", layer, spec.names)
    if "/" not in name:
        return layer, None
    width = spec.dense[spec.names.index(layer)].width
    number = node.removeprefix("node_")
    if not (node.startswith("node_") and number.isascii() and number.isdigit() and 1 <= int(number) <= width):
        raise UnknownNameError(f"{layer} has no node {node!r}; it has node_1 … node_{width}.")
    return layer, int(number) - 1


@final
@dataclass(frozen=True)
class Settings:
    """What is in force at a step.

    Attributes
    ----------
    recipe : Recipe
        As edits have changed it.
    frozen : names of neurons, or layers, whose parameters keep every bit
    silenced : names of neurons that the next layer does not hear: the weights by which it would are 0, and stay it
    """

    recipe: Recipe
    frozen: tuple[str, ...] = ()
    silenced: tuple[str, ...] = ()

    def changed(self, changes: Mapping[str, Any]) -> Settings:
        """Return these settings with some changed.

        Parameters
        ----------
        changes : dict
            learning_rate, schedule, optimizer, l1, l2, layer_rates (of some layers), batch_size, epochs: as in
            `Recipe`; dropout: the rate of every Dropout layer; frozen, silenced: all names that are so from now on.

        Raises
        ------
        SettingError, KindError, UnknownNameError
            A setting is outside what is accepted, or cannot change while a run goes on.
        """
        for name in changes:
            if name not in CHANGEABLE:
                raise unknown_name("setting that can change while a run goes on", name, CHANGEABLE)
        given = dict(changes)
        held = {key: self._names(key, given.pop(key, getattr(self, key))) for key in ("frozen", "silenced")}
        if "dropout" in given:
            given["spec"] = _with_dropout(self.recipe.spec, given.pop("dropout"))
        if "optimizer" in given:
            given["optimizer"] = self._optimizer(given["optimizer"])
        if "layer_rates" in given:
            given["layer_rates"] = self._layer_rates(given["layer_rates"])
        return Settings(replace(self.recipe, **given), **held)

    def told(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Return some changes as an edit holds them: checked, and each as a recipe has it."""
        new = self.changed(changes)
        told = {name: getattr(new.recipe, name, None) for name in changes}
        told |= {name: getattr(new, name) for name in ("frozen", "silenced") if name in changes}
        if "layer_rates" in changes:  # factors of 1, too, which a recipe leaves out: they undo others
            rates = dict(new.recipe.layer_rates)
            told["layer_rates"] = tuple((name, rates.get(name, 1.0)) for name in new.recipe.spec.names)
        if "dropout" in changes:
            told["dropout"] = next(layer.rate for layer in new.recipe.spec.layers if isinstance(layer, Dropout))
        return told

    def held(self) -> NDArray[np.int64] | None:
        """Return the places of the parameters that no step changes, sorted; None where each may change."""
        spec = self.recipe.spec
        parts = [places_of(spec, *neuron_named(spec, name)) for name in self.frozen]
        for name in self.silenced:
            layer, neuron = neuron_named(spec, name)
            parts.append(places_of(spec, layer) if neuron is None else places_heard(spec, layer, neuron))
        return np.unique(np.concatenate(parts)) if parts else None

    def _names(self, what: str, names: object) -> tuple[str, ...]:
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise KindError(f"{what} must be a list of names such as 'layer_1/node_3'; {names!r} was given.")
        found = tuple(dict.fromkeys(names))
        for name in found:
            _, neuron = neuron_named(self.recipe.spec, name)
            if what == "silenced" and neuron is None:
                raise SettingError(f"A neuron can be silenced, a whole layer cannot; {name!r} was given. Name a node.")
        return found

    def _optimizer(self, given: Any) -> Any:
        optimizer = optimizer_of(given)
        before = self.recipe.optimizer
        if optimizer.slots != before.slots:
            raise RunError(
                f"While a run goes on its optimizer may change to one that keeps the same vectors "
                f"({', '.join(before.slots) or 'none'}); {optimizer} keeps {', '.join(optimizer.slots) or 'none'}. "
                "Start a new run with it."
            )
        return optimizer

    def _layer_rates(self, given: Any) -> dict[str, float]:
        try:
            return {**dict(self.recipe.layer_rates), **dict(given)}
        except (TypeError, ValueError):
            raise KindError(f"layer_rates must be a dict of layer: factor, not {type(given).__name__}.") from None


def _with_dropout(spec: Spec, rate: Any) -> Spec:
    """Return the spec with this rate in every Dropout layer."""
    if not any(isinstance(layer, Dropout) for layer in spec.layers):
        raise SettingError("The network has no Dropout layer whose rate could change. Build it with one, of rate 0.")
    layers = tuple(Dropout(rate) if isinstance(layer, Dropout) else layer for layer in spec.layers)
    return replace(spec, layers=layers)
