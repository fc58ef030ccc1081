"""Changes by hand: a sketch over whatever is looked at, which can be undone, and kept in a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, final

from pellucid.core import places_heard
from pellucid.errors import SettingError
from pellucid.insight import input_names, input_place, node_place
from pellucid.network import Network

__all__ = ["HandChange", "Sketch"]


@final
@dataclass(frozen=True)
class HandChange:
    """One change by hand of a neuron; see `Hand`.

    Attributes
    ----------
    kind : "weight", "bias", "scale" or "silence"
    layer : str
    node : int, from 0
    input : int or None, of a weight
    value : float
    after : the layer that hears the neuron; empty for an output
    """

    kind: str
    layer: str
    node: int
    input: int | None
    value: float
    after: str = ""

    @property
    def neuron(self) -> str:
        """Its name, such as ``layer_1/node_3``."""
        return f"{self.layer}/node_{self.node + 1}"

    def checked(self, network: Network) -> HandChange:
        """Return itself, with the layer after; raise where there is no such weight."""
        names = network.spec.names
        node_place(network.spec, self.layer, self.node + 1)
        if self.kind == "weight":
            if self.input is None:
                raise SettingError("A weight is of an input, and none was named.")
            input_place(network.spec, self.layer, self.input)
        after = dict(pairwise(names)).get(self.layer, "")
        if self.kind == "silence" and not after:
            raise SettingError("An output neuron is heard by nobody, so it cannot be silenced. Scale it by 0 instead.")
        return replace(self, after=after)

    def make(self, network: Network) -> None:
        """Make the change in a network."""
        view = network[self.layer][f"node_{self.node + 1}"]
        if self.kind == "weight":
            view.weights[self.input] = self.value
        elif self.kind == "bias":
            view.bias = self.value
        else:
            heard = places_heard(network.spec, self.layer, self.node)
            if self.kind == "silence":
                network.parameters[heard] = 0
            else:
                network.parameters[heard] *= network.parameters.dtype.type(self.value)

    @property
    def code(self) -> str:
        """The change as Python, of a network ``net``."""
        view = f'net["{self.layer}"]["node_{self.node + 1}"]'
        if self.kind == "weight":
            return f"{view}.weights[{self.input}] = {self.value!r}"
        if self.kind == "bias":
            return f"{view}.bias = {self.value!r}"
        change = "= 0" if self.kind == "silence" else f"*= {self.value!r}"
        if not self.after:
            return f"{view}.weights[:] {change}\n{view}.bias {change}"
        return f'net["{self.after}"].weights[:, {self.node}] {change}'

    def told(self, network: Network) -> str:
        """Return the change in words."""
        if self.kind == "weight":
            name = input_names(network.spec, self.layer)[self.input or 0]
            return f"{self.neuron}: the weight of {name} is {self.value:.6g}"
        if self.kind == "bias":
            return f"{self.neuron}: its bias is {self.value:.6g}"
        return (
            f"{self.neuron} is silenced" if self.kind == "silence" else f"{self.neuron} is heard {self.value:.6g} times"
        )

    def as_changes(self) -> dict[str, Any]:
        """Return the change as `Run.edit` and `Run.branch` take it."""
        if self.kind == "weight":
            return {"weights": {self.neuron: {self.input: self.value}}}
        if self.kind == "bias":
            return {"biases": {self.neuron: self.value}}
        return {"silence": [self.neuron]} if self.kind == "silence" else {"scale": {self.neuron: self.value}}


@final
class Sketch:
    """Changes by hand, in their order, and those that were taken back. Values are replaced, never changed."""

    def __init__(self) -> None:
        self.changes: tuple[HandChange, ...] = ()
        self.undone: tuple[HandChange, ...] = ()
        self.version = 0

    def add(self, change: HandChange) -> None:
        """Make one more; what was taken back is forgotten."""
        self._set((*self.changes, change), ())

    def undo(self) -> None:
        """Take the last one back, if there is one."""
        if self.changes:
            self._set(self.changes[:-1], (*self.undone, self.changes[-1]))

    def redo(self) -> None:
        """Make the one again that was taken back last, if there is one."""
        if self.undone:
            self._set((*self.changes, self.undone[-1]), self.undone[:-1])

    def drop(self) -> None:
        """Take all back, so that each can be made again."""
        self._set((), (*self.undone, *reversed(self.changes)))

    def clear(self) -> None:
        """Forget all."""
        self._set((), ())

    def _set(self, changes: tuple[HandChange, ...], undone: tuple[HandChange, ...]) -> None:
        self.changes, self.undone, self.version = changes, undone, self.version + 1
