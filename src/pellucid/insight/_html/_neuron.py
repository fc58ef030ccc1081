"""One neuron of a trace in a notebook."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.drawing import SIGNS, Html, facts, image, page, part, sentence, sum_bars, table, thumbnails
from pellucid.insight._html._formula import formula_lines
from pellucid.insight._html._pictures import input_side, largest_bars, largest_rows, signed_image

if TYPE_CHECKING:
    from pellucid.insight._layer_trace import LayerTrace
    from pellucid.insight._neuron_view import NeuronView

__all__ = ["neuron_html"]


def neuron_html(neuron: NeuronView, layer: LayerTrace) -> str:
    """Return a neuron as HTML: of one row with its formula, of a batch with how its numbers are spread."""
    title = f"{neuron.name}: {neuron.activation} of {len(neuron.weights):,} inputs"
    back = layer.trace.numbers[layer.name].delta is not None
    side = input_side(layer.trace.spec, layer.name)
    if layer.trace.rows != 1:
        return page(f"{title}, over {layer.trace.rows:,} rows", _spread(neuron, back), *_weights(neuron, side, back))
    if not np.isfinite(neuron.products).all() or not np.isfinite(neuron.z).all():
        told = sentence("Not all of its numbers are finite, so there is no sum that a formula could show.")
        return page(title, told, _facts(neuron, back), *_weights(neuron, side, back))
    shown = _pictures(neuron, side, back) if side else _products(neuron, back)
    return page(title, formula_lines(neuron.formula()), _facts(neuron, back), *shown)


def _facts(neuron: NeuronView, back: bool) -> Html:
    numbers: dict[str, Any] = {"weighted sum z": neuron.z, "activation a": neuron.a, "slope f′(z)": neuron.slope}
    if back:
        numbers["δ = dL/dz"], numbers["dL/db"] = neuron.delta, neuron.db
    return facts({name: float(np.ravel(value)[0]) for name, value in numbers.items()} | {"bias b": neuron.bias})


def _pictures(neuron: NeuronView, side: int, back: bool) -> list[Html]:
    """Return what comes in, what it is weighed with, what comes of it, and the gradient, as images."""
    inputs = np.ravel(neuron.inputs).reshape(side, side)
    images = [
        image(inputs, "inputs x", caption="inputs x"),
        signed_image(neuron.weights, side, "weights w"),
        signed_image(np.ravel(neuron.products), side, "products w·x"),
    ]
    if back:
        images.append(signed_image(neuron.dw, side, "gradient dL/dw"))
    return [thumbnails(*images), sentence(SIGNS, class_="note")]


def _products(neuron: NeuronView, back: bool) -> list[Html]:
    """Return the products and the bias as bars that add up to z, and the gradient."""
    rows = [*largest_rows(np.ravel(neuron.products), neuron.input_names), ("bias b", neuron.bias)]
    z = float(np.ravel(neuron.z)[0])
    rest = math.fsum([z, *(-value for _, value in rows)])
    drawn = sum_bars(rows, rest, ("weighted sum z", z), head=("input", "w·x"))
    parts = [part("What comes in, weighed", drawn)]
    if back:
        parts.append(part("The gradient by its weights", largest_bars(neuron.dw, neuron.input_names, "dL/dw")))
    return parts


def _spread(neuron: NeuronView, back: bool) -> Html:
    numbers: dict[str, Any] = {"z": neuron.z, "a": neuron.a, "f′(z)": neuron.slope}
    if back:
        numbers["δ"] = neuron.delta
    rows = [[name, *_ends(values)] for name, values in numbers.items()]
    return table(["", "least", "mean", "greatest"], rows)


def _ends(values: Any) -> list[float]:
    wide = np.asarray(values, dtype=np.float64)
    return [float(wide.min()), float(wide.mean()), float(wide.max())]


def _weights(neuron: NeuronView, side: int | None, back: bool) -> list[Html]:
    if side is None:
        drawn = [largest_bars(neuron.weights, neuron.input_names, "w")]
        return [*drawn, largest_bars(neuron.dw, neuron.input_names, "dL/dw")] if back else drawn
    images = [signed_image(neuron.weights, side, "weights w")]
    if back:
        images.append(signed_image(neuron.dw, side, "gradient dL/dw"))
    return [thumbnails(*images), sentence(SIGNS, class_="note")]
