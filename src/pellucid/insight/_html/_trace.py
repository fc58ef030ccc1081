"""Traces, whole or of one layer, in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pellucid.core import Task
from pellucid.drawing import SIGNS, Html, bars, facts, figure, image, page, part, sentence, table, thumbnails
from pellucid.insight._html._pictures import input_side, signed_image
from pellucid.insight._names import output_names

if TYPE_CHECKING:
    from pellucid.insight._layer_trace import LayerTrace
    from pellucid.insight._trace import Trace

__all__ = ["layer_html", "trace_html"]

_MOST_OUTPUTS: Final = 20
_MOST_NEURONS: Final = 100
_MOST_PICTURES: Final = 32


def trace_html(trace: Trace) -> str:
    """Return a trace as HTML: what came in, what each layer made of it, what came out."""
    whole = [_inputs(trace), part("Output", _output(trace))] if trace.rows == 1 else [_batch(trace)]
    hint = sentence('trace["layer_1"]["node_1"] is one neuron, with its formula.', class_="note")
    return page(repr(trace), *whole, part("Layers", _layers(trace)), hint)


def _goes_back(trace: Trace) -> bool:
    return trace.numbers["output"].delta is not None


def _inputs(trace: Trace) -> Html:
    side, inputs = input_side(trace.spec), np.ravel(trace.inputs)
    if side is not None:
        return thumbnails(image(inputs.reshape(side, side), "inputs", caption="inputs, after scaling"))
    names = trace[trace.spec.names[0]].input_names
    rows = list(zip(names, inputs.tolist(), strict=True))[:_MOST_OUTPUTS]
    more = f"… and {len(names) - len(rows):,} more" if len(rows) < len(names) else None
    return part("Inputs", table(["input", "after scaling"], rows, more))


def _output(trace: Trace) -> Html:
    """Return what came out of one row: probabilities as bars, or values; and the loss."""
    names, shown = output_names(trace.spec), np.ravel(trace.shown).astype(np.float64)
    caption = f"loss {figure(trace.loss)}{_wanted(trace)}" if _goes_back(trace) else None
    order = np.arange(len(shown))
    if len(shown) > _MOST_OUTPUTS:
        order = np.argsort(-np.abs(shown), kind="stable")[:_MOST_OUTPUTS]
        caption = f"the {_MOST_OUTPUTS} largest of {len(shown):,}; {caption or ''}".rstrip("; ")
    rows = [(names[place], float(shown[place])) for place in order]
    if trace.spec.loss.task is Task.VALUES:
        return table(["output", "value"], rows, caption)
    return bars(rows, head=("output", "probability"), caption=caption, signed=False)


def _wanted(trace: Trace) -> str:
    if trace.T is None or trace.spec.loss.task is not Task.CLASSES:
        return ""
    return f", of class {output_names(trace.spec)[int(trace.T[0])]}"


def _batch(trace: Trace) -> Html:
    told: dict[str, object] = {"rows": trace.rows}
    if _goes_back(trace):
        worst = int(trace.losses.argmax())
        told |= {"loss": trace.loss, "largest loss": float(trace.losses[worst]), "… of row": worst}
    return facts(told)


def _layers(trace: Trace) -> Html:
    back = _goes_back(trace)
    head = ["layer", "neurons", "activation", "z least", "z greatest", "a least", "a greatest", "a > 0"]
    rows = [_layer(trace[name], back) for name in trace]
    return table([*head, "√(mean δ²)"] if back else head, rows)


def _layer(layer: LayerTrace, back: bool) -> list[object]:
    z, a = np.asarray(layer.z, dtype=np.float64), np.asarray(layer.a, dtype=np.float64)
    row: list[object] = [layer.name, len(layer), layer.activation, *_ends(z), *_ends(a), f"{(a > 0).mean():.1%}"]
    if back:
        row.append(float(np.sqrt((np.asarray(layer.delta, dtype=np.float64) ** 2).mean())))
    return row


def _ends(values: Any) -> list[float]:
    return [float(values.min()), float(values.max())]


def layer_html(layer: LayerTrace) -> str:
    """Return a layer of a trace as HTML: a line for each neuron, and its weights as an image if they may be one."""
    trace, back = layer.trace, _goes_back(layer.trace)
    mean = "" if trace.rows == 1 else "mean "
    columns: dict[str, Any] = {f"{mean}z": layer.z, f"{mean}a": layer.a, f"{mean}f′(z)": layer.slope}
    if back:
        columns[f"{mean}δ"] = layer.delta
    numbers = [_mean(values, len(layer)) for values in columns.values()]
    rows = [[f"node_{j + 1}", float(layer.biases[j]), *(float(each[j]) for each in numbers)] for j in range(len(layer))]
    more = f"… and {len(layer) - _MOST_NEURONS:,} more neurons" if len(layer) > _MOST_NEURONS else None
    title = f"{layer.name}: {len(layer):,} neurons of {layer.weights.shape[1]:,} inputs, {layer.activation}"
    return page(title, *_weights(layer), table(["neuron", "bias b", *columns], rows[:_MOST_NEURONS], more))


def _mean(values: Any, n: int) -> Any:
    return np.asarray(values, dtype=np.float64).reshape(-1, n).mean(axis=0)


def _weights(layer: LayerTrace) -> list[Html]:
    side = input_side(layer.trace.spec, layer.name)
    if side is None:
        return []
    shown = range(min(len(layer), _MOST_PICTURES))
    images = [
        signed_image(layer.weights[j], side, f"weights of node_{j + 1}", size=84, caption=f"{j + 1}") for j in shown
    ]
    key = f"Weights, each image as strong as its own largest. {SIGNS}"
    return [thumbnails(*images, small=True), sentence(key, class_="note")]
