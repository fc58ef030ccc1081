"""A neuron of a run at a moment, beside what it was at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pellucid.cli.neuron import WIDE
from pellucid.cli.screen import signed, table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rich.console import Console

    from pellucid.cli.sources import Seen
    from pellucid.network import Moment, NodeView, Run

__all__ = ["change_as_json", "show_change"]

_CHANGES: Final = 8  # largest changes of weights shown


def show_change(run: Run, moment: Moment, node: NodeView, seen: tuple[Seen, Seen] | None, screen: Console) -> None:
    """Print a neuron as it is at a moment, and its largest changes; of an image, z and a then and at the end."""
    from pellucid.cli.pictures import print_signed, signed_values
    from pellucid.cli.sources import SIDE, names_of_inputs, takes_pictures

    before = _at_the_start(run, node)
    changes = _changes(node, before)
    screen.print(f"\n{node.name}\n", style="bold")
    if takes_pictures(moment.network, node.layer):
        then = signed_values(node.weights.reshape(SIDE, SIDE), f"weights at step {moment.step:,}")
        print_signed([then, signed_values(changes.reshape(SIDE, SIDE), "what changed since step 0")], screen)
    names = names_of_inputs(moment.network, node.layer, short=screen.width < WIDE)
    made = table(["largest changes", "at step 0", f"at step {moment.step:,}", "change"], left=["largest changes"])
    for place in _largest(changes):
        made.add_row(names[place], *map(signed, (before.weights[place], node.weights[place], changes[place])))
    made.add_section()
    first, now = float(before.bias[0]), float(node.bias[0])
    made.add_row("bias b", *map(signed, (first, now, now - first)))
    screen.print(made)
    if seen is not None:
        views = [one.trace[node.layer][node.number] for one in seen]
        told = [f"z = {signed(float(view.z))}, a = {signed(float(view.a))}" for view in views]
        screen.print(f"\nFor {seen[0].told}: {told[0]} here,\nand {told[1]} where the run stands.")


def _at_the_start(run: Run, node: NodeView) -> NodeView:
    return run.at(0).network[node.layer][f"node_{node.number}"]


def _changes(node: NodeView, before: NodeView) -> NDArray[Any]:
    import numpy as np

    return np.subtract(node.weights, before.weights, dtype=np.float64)


def _largest(changes: NDArray[Any]) -> list[int]:
    import numpy as np

    order = np.argsort(-np.abs(changes), kind="stable")[:_CHANGES]
    return [int(place) for place in order if changes[place] != 0]


def change_as_json(run: Run, node: NodeView, seen: tuple[Seen, Seen] | None) -> dict[str, Any]:
    """Return a neuron as it is at a moment, and as it was at the start, as JSON."""
    before = _at_the_start(run, node)
    told = {
        "name": node.name,
        "weights": node.weights.tolist(),
        "bias": float(node.bias[0]),
        "at_step_0": {"weights": before.weights.tolist(), "bias": float(before.bias[0])},
    }
    if seen is not None:
        views = [one.trace[node.layer][node.number] for one in seen]
        told |= {name: [float(getattr(view, name)) for view in views] for name in ("z", "a")}
    return told
