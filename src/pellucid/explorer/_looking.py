"""What there is, where the runs stand, and the network as it is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import pellucid
from pellucid.core import Dropout, Spec, Task
from pellucid.explorer._arrays import doubles, floats, int32
from pellucid.explorer._data import image_of, label_told
from pellucid.explorer._messages import (
    About,
    AskAbout,
    AskStatus,
    DataInfo,
    LayerInfo,
    LayerLook,
    Look,
    Looked,
    RunInfo,
    Status,
    Where,
)
from pellucid.explorer._plane import extent, grid
from pellucid.insight import Trace, input_names, output_names

if TYPE_CHECKING:
    from pellucid.explorer._session import Session, Stand
    from pellucid.explorer._trainer import Trainer

__all__ = ["about", "answer_place", "look", "said", "status", "widen"]

Array = NDArray[Any]

_MOST_NAMES: Final = 2000
_PICTURED: Final = 0.995
_SAMPLED: Final = 7
_PLANE_SIDE: Final = 24
_PLANE: Final = 2


def about(session: Session, question: AskAbout) -> About:
    """Return what there is to be looked at."""
    spec = session.spec
    widths = [spec.input.width, *(layer.width for layer in spec.dense)]
    first = next(iter(session.trainers.values()), None)
    return About(
        pellucid.__version__,
        "-".join(map(str, widths)),
        _layers(spec),
        spec.input.width,
        spec.n_parameters,
        image_of(spec),
        input_names(spec, spec.names[0])[:_MOST_NAMES],
        output_names(spec),
        spec.loss.task.name.lower().replace("_", "-"),
        spec.loss.name,
        spec.dtype,
        [DataInfo(name, len(rows), rows.y is not None) for name, rows in session.sets.named.items()],
        spec.input.width == _PLANE,
        session.measure,
        session.sets.tested_on,
        first is not None,
        "" if first is None else first.run.exactness,
    )


def _layers(spec: Spec) -> list[LayerInfo]:
    found: list[LayerInfo] = []
    dropped: float | None = None
    shapes = iter(zip(spec.names, spec.shapes, strict=True))
    for layer in spec.layers:
        if isinstance(layer, Dropout):
            dropped = layer.rate
            continue
        name, (n_out, n_in) = next(shapes)
        found.append(LayerInfo(name, n_out, n_in, str(layer.activation or "identity"), dropped))
        dropped = None
    return found


def status(session: Session, question: AskStatus | None = None) -> Status:
    """Return where the runs stand."""
    runs = [_run_info(session, name, trainer) for name, trainer in list(session.trainers.items())]
    sketch = session.sketch
    return Status(runs, len(sketch.changes), bool(sketch.changes), bool(sketch.undone))


def _run_info(session: Session, name: str, trainer: Trainer) -> RunInfo:
    run = trainer.run
    parent, parted = session.parents.get(name, (None, None))
    with run.still():
        recipe, last = run.settings.recipe, run.last_step
        rates = [layer.rate for layer in recipe.spec.layers if isinstance(layer, Dropout)]
        return RunInfo(
            name,
            parent,
            parted,
            last,
            run.total_steps,
            run.epoch,
            recipe.epochs,
            trainer.training,
            bool(trainer.pace),
            run.ended,
            trainer.stopped,
            trainer.told,
            run.ended is None,
            run.learning_rate,
            recipe.batch_size,
            rates[0] if rates else None,
            run.last_loss,
            len(run.edits),
        )


# The network as it is drawn


def look(session: Session, question: Look) -> Looked:
    """Return the network at a step, and what a sample does in it."""
    stand = session.stand(question.where)
    trace = None if question.sample is None else session.trace(question.where, question.sample)[1]
    if question.where.step is not None:  # so that the scales of a recorded run hold at its end, too
        widen(session, session.stand(Where(question.where.run, None)))
    widen(session, stand)
    pictures = _pictures(session, stand, question)  # first, since they widen scales
    layers = [_layer(session, stand, trace, question, place) for place in range(len(stand.network))]
    spec = stand.network.spec
    x, y = (None, None) if question.sample is None else session.sets.row(question.sample)
    labelled = trace is not None and trace.T is not None
    inputs = floats([] if trace is None else trace.inputs)
    traced = "{net}" if question.sample is None else session.traced(question.sample)
    return Looked(
        stand.step,
        stand.epoch,
        stand.fingerprint,
        stand.loss,
        stand.rate,
        stand.sketched,
        layers,
        *pictures,
        np.atleast_1d(trace.shown).astype(np.float64) if trace is not None else np.empty(0),
        "" if trace is None else said(spec, trace),
        None if trace is None else answer_place(spec, trace),
        label_told(spec, y),
        None if trace is None or not labelled else _truth_place(spec, trace),
        trace.loss if trace is not None and labelled else None,
        inputs,
        session.scales.of(("inputs", spec.names[0]), inputs),
        doubles([] if x is None or image_of(spec) is not None else x),
        stand.python(traced),
    )


def said(spec: Spec, trace: Trace) -> str:
    """Return in words what the network says of a sample."""
    shown = np.atleast_1d(trace.shown)
    if spec.loss.task is Task.VALUES:
        return label_told(spec, shown)
    if spec.loss.task is Task.YES_NO:
        yes = np.asarray(trace.output > 0).astype(np.int64)
        if spec.n_outputs > 1:
            return label_told(spec, yes)
        return str(int(yes[0]) if spec.output.names is None else spec.output.names[int(yes[0])])
    return output_names(spec)[int(shown.argmax())]


def answer_place(spec: Spec, trace: Trace) -> int | None:
    """Return the output of the answer, where the network chooses one of several."""
    return int(np.argmax(trace.output)) if spec.loss.task is Task.CLASSES else None


def _truth_place(spec: Spec, trace: Trace) -> int | None:
    return int(trace.T[0]) if spec.loss.task is Task.CLASSES and trace.T is not None else None


def widen(session: Session, stand: Stand) -> None:
    """Let the scales of weights hold this network's; those of pictures all but the largest half per cent."""
    if not session.scales.new(stand):
        return
    for name in stand.network:
        session.scales.of(("weights", name), stand.network[name].weights)
    first = stand.network.spec.names[0]
    if image_of(stand.network.spec) is not None:
        some = np.abs(stand.network[first].weights.ravel()[::_SAMPLED])  # a sample will do, since scales are rounded up
        session.scales.of(("pictures", first), np.quantile(some, [_PICTURED]))


def _layer(session: Session, stand: Stand, trace: Trace | None, question: Look, place: int) -> LayerLook:
    name = stand.network.spec.names[place]
    W = stand.network[name].weights
    a = None if trace is None else trace[name].a
    delta = trace[name].delta if trace is not None and trace.T is not None else None
    wanted = question.first <= place < question.first + question.count
    x = trace[name].inputs if trace is not None and question.by == "contribution" else None
    froms, tos, values, weights = _edges(W, x, question.edges if wanted else 0)
    scales = session.scales
    scale = scales.of(("weights", name)) if x is None else scales.of(("contributions", name), values)
    return LayerLook(
        name,
        floats([] if a is None else a),
        floats([] if delta is None else delta),
        floats(stand.network[name].biases),
        froms,
        tos,
        values,
        weights,
        len(values),
        W.size,
        scale,
        scales.of(("activations", name), *([] if a is None else [a])),
        scales.of(("deltas", name), *([] if delta is None else [delta])),
    )


def _edges(W: Array, x: Array | None, most: int) -> tuple[Any, Any, Any, Any]:
    """Return the largest edges into a layer: from, to, value and weight; the largest first, equal ones by place.

    ``x``: what comes in, where the value is what an edge contributes, x·w; None: its weight.
    """
    most = min(most, W.size)
    if not most:
        return int32([]), int32([]), floats([]), floats([])
    value = (W if x is None else W * x).ravel()
    size = np.abs(value)
    places = np.argpartition(-size, most - 1)[:most] if most < size.size else np.arange(size.size)
    places = places[np.lexsort((places, -size[places]))]
    tos, froms = np.divmod(places, W.shape[1])
    return int32(froms), int32(tos), floats(value[places]), floats(W[tos, froms])


def _pictures(session: Session, stand: Stand, question: Look) -> tuple[Any, tuple[int, int], Any, Any, float]:
    """Return small pictures of neurons: first-layer weights as images, or in the plane activations over it."""
    spec, most = stand.network.spec, question.pictures
    image, first = image_of(spec), spec.names[0]
    if image is not None and most:
        W = stand.network[first].weights[:most]
        nodes = np.arange(len(W))
        return floats(W), image, int32(np.zeros(len(W))), int32(nodes), session.scales.of(("pictures", first))
    if spec.input.width != _PLANE or not most:
        return floats([]), (0, 0), int32([]), int32([]), 1.0
    trace = stand.network.trace(grid(extent(session), _PLANE_SIDE))
    maps = [
        (place, node, trace[name].a[:, node]) for place, name in enumerate(trace) for node in range(len(trace[name]))
    ]
    maps = [one for one in maps if one[0] < len(trace) - 1 or spec.loss.task is Task.VALUES or len(trace) == 1][:most]
    scales = {place: session.scales.of(("activations", name), trace[name].a) for place, name in enumerate(trace)}
    values = floats([a / scales[place] for place, _, a in maps])
    side = (_PLANE_SIDE, _PLANE_SIDE)
    return values, side, int32([one[0] for one in maps]), int32([one[1] for one in maps]), 1.0
