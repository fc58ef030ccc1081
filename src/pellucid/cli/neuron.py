"""One neuron, number by number: its weights, and the sum that it makes of an image."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from pellucid.cli.screen import console, left_over, percent, print_json, signed, table

if TYPE_CHECKING:
    from rich.table import Table

    from pellucid.cli.pictures import Picture
    from pellucid.cli.sources import Seen
    from pellucid.insight import NeuronView
    from pellucid.network import Network, NodeView

__all__ = ["WIDE", "probability", "show_neuron"]

WIDE: Final = 76  # columns from which on the inputs of a picture are told with their rows and columns
_WEIGHTS: Final = 5  # largest and smallest weights shown
_TERMS: Final = 8  # largest products shown


def show_neuron(network: Network, layer: str, name: str, seen: Seen | None, json: bool) -> None:
    """Show a neuron, and with an image the sum that it makes of it."""
    from rich.text import Text

    from pellucid.cli.pictures import print_signed
    from pellucid.cli.sources import names_of_inputs, pixel_name

    node = network[layer][name]
    if json:
        print_json(_as_json(network, node, seen))
        return
    screen = console()
    narrow = screen.width < WIDE
    names = names_of_inputs(network, layer, short=narrow)
    n = node.weights.size
    formula = f"   z = Σ w·x + b ({n:,} product{'s' if n > 1 else ''})   a = {_formula(network, node)}\n"
    screen.print(Text.assemble((node.name, "bold"), formula))
    pictures = list(_pictures(network, node, seen))
    if pictures:
        print_signed(pictures, screen)
    screen.print(_weights_table(node, names))
    if seen is None:
        screen.print(f"\nbias b = {signed(float(node.bias[0]))}")
    else:
        screen.print(f"\nFor the test image of {seen.told}:\n")
        screen.print(_sum_table(_traced(node, seen), names, narrow=narrow))
        p = probability(network, layer, seen, node.number - 1)
        if p is not None:
            screen.print(f"\nIts probability, by softmax of all z of the layer: {percent(p)}", style="bold")
        if layer != next(iter(network)):
            screen.print("\nx is the activation a of the neuron before.", style="dim")
    if names[0] == pixel_name(0):
        screen.print("\nRows and columns count from 0.", style="dim")


def probability(network: Network, layer: str, seen: Seen, place: int) -> float | None:
    """Return the probability of an output of classes; None of what is none."""
    from pellucid.core import Task

    of_classes = layer == "output" and network.spec.loss.task is Task.CLASSES
    return float(seen.trace.shown[place]) if of_classes else None


def _formula(network: Network, node: NodeView) -> str:
    if node.activation == "identity":
        return (
            "z; softmax turns the outputs into probabilities"
            if network.spec.loss.name == "cross_entropy" and node.layer == "output"
            else "z"
        )
    return f"{node.activation}(z)"


def _pictures(network: Network, node: NodeView, seen: Seen | None) -> Iterator[Picture]:
    """Yield the weights as a picture where the inputs are one, and the image and the products beside it."""
    from pellucid.cli.pictures import signed_values
    from pellucid.cli.sources import SIDE, seen_picture, takes_pictures

    if not takes_pictures(network, node.layer):
        return
    if seen is not None:
        yield seen_picture(seen, f"inputs x: {seen.told}")
    yield signed_values(node.weights.reshape(SIDE, SIDE), "weights w")
    if seen is not None:
        yield signed_values(_traced(node, seen).products.reshape(SIDE, SIDE), "products w·x")


# Its weights


def _extremes(node: NodeView) -> tuple[list[int], list[int]]:
    """Return the places of the largest weights above 0, and of those below, the largest of each first."""
    order = node.weights.argsort(kind="stable").tolist()
    positive = [place for place in reversed(order) if node.weights[place] > 0][:_WEIGHTS]
    return positive, [place for place in order if node.weights[place] < 0][:_WEIGHTS]


def _weights_table(node: NodeView, names: list[str]) -> Table:
    made = table(["largest weights", "w"], left=["largest weights"])
    positive, negative = _extremes(node)
    for place in positive:
        made.add_row(names[place], signed(float(node.weights[place])))
    if positive and negative:
        made.add_section()
    for place in negative:
        made.add_row(names[place], signed(float(node.weights[place])))
    return made


# Its sum


def _traced(node: NodeView, seen: Seen) -> NeuronView:
    return seen.trace[node.layer][node.number]


def _largest(neuron: NeuronView) -> tuple[list[int], list[float]]:
    """Return the places of the largest products, the largest first, and all the other products."""
    import numpy as np

    products = neuron.products
    order = np.argsort(-np.abs(products), kind="stable")
    places = [int(i) for i in order[:_TERMS] if products[i] != 0]
    return places, np.delete(products, places).tolist()


def _sum_table(neuron: NeuronView, names: list[str], *, narrow: bool) -> Table:
    """Return z as a sum whose rows, as they are written, add up to it."""
    places, others = _largest(neuron)
    rows = [(names[i], signed(neuron.weights[i]), f"{neuron.inputs[i]:.6f}", neuron.products[i]) for i in places]
    if others:
        zeros = "" if narrow else f" ({others.count(0.0):,} of them 0)"
        rows.append((f"and {len(others):,} more{zeros}", "", "", math.fsum(others)))
    rows.append(("bias b", "", "", neuron.bias))
    rest = left_over(float(neuron.z), [part for *_, part in rows])
    if rest:
        rows.append(("rounding", "", "", rest))
    made = table(["", "w", "x", "w·x"], left=[""])
    for label, w, x, part in rows:
        made.add_row(label, w, x, signed(part))
    made.add_section()
    made.add_row("z", "", "", signed(float(neuron.z)), style="bold")
    of = "" if neuron.activation == "identity" else f" = {neuron.activation}(z)"
    made.add_row(f"a{of}", "", "", signed(float(neuron.a)), style="bold")
    return made


# As JSON


def _as_json(network: Network, node: NodeView, seen: Seen | None) -> dict[str, Any]:
    from pellucid.cli.sources import names_of_inputs

    names = names_of_inputs(network, node.layer)
    weights = {
        f"largest_{sign}": [{"input": names[i], "index": i, "weight": float(node.weights[i])} for i in places]
        for sign, places in zip(("positive", "negative"), _extremes(node), strict=True)
    }
    own = {"neuron": node.name, "activation": node.activation, "bias": float(node.bias[0])}
    told = {**own, "weights": node.weights.tolist(), **weights}
    if seen is None:
        return told
    p = probability(network, node.layer, seen, node.number - 1)
    return {
        **told,
        "digit": {**seen.as_json(), **_sum_as_json(_traced(node, seen), names), **({} if p is None else {"p": p})},
    }


def _sum_as_json(neuron: NeuronView, names: list[str]) -> dict[str, Any]:
    places, others = _largest(neuron)
    parts = [*neuron.products.tolist(), neuron.bias]
    return {
        "terms": [
            {
                "input": names[i],
                "index": i,
                "w": float(neuron.weights[i]),
                "x": float(neuron.inputs[i]),
                "wx": float(neuron.products[i]),
            }
            for i in places
        ],
        "others": {"count": len(others), "zeros": others.count(0.0), "sum": math.fsum(others)},
        "bias": neuron.bias,
        "rounding": math.fsum([float(neuron.z), *(-part for part in parts)]),
        "z": float(neuron.z),
        "a": float(neuron.a),
    }
