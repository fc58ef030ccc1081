"""One neuron: its formula, its table of inputs and weights, the receipt of a weight, its history, its portrait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Spec, activation_of
from pellucid.errors import RunError, SettingError
from pellucid.explorer import _messages as m
from pellucid.explorer._arrays import doubles, floats, int32
from pellucid.explorer._data import image_of, thumbnails
from pellucid.explorer._looking import widen
from pellucid.insight import LayerTrace, Line, NeuronView, input_names, input_place, node_place

if TYPE_CHECKING:
    from pellucid.explorer._session import Session, Stand

__all__ = ["history", "line", "neuron", "portrait", "receipt"]

Array = NDArray[Any]

_CURVE_POINTS: Final = 121
_LEAST_REACH: Final = 4.0


def line(one: Line) -> m.Line:
    """Return a line of a formula as a page takes it."""
    return m.Line(one.text(), one.mathml())


def neuron(session: Session, question: m.AskNeuron) -> m.Neuron:
    """Return what a neuron does with a sample."""
    layer, spec = question.layer, session.spec
    j = node_place(spec, layer, question.node + 1)
    if question.sample is None:
        stand, numbers, code = session.stand(question.where), None, "{net}"
    else:
        stand, trace = session.trace(question.where, question.sample)
        numbers, code = trace[layer], session.traced(question.sample)
    widen(session, stand)
    view = None if numbers is None else numbers[j + 1]
    W = stand.network[layer].weights[j]
    x = floats([] if numbers is None else numbers.inputs)
    products = doubles([] if view is None else view.products)
    passed = _passed(view, numbers, j)
    gradients = doubles([] if view is None or passed.delta is None else view.dw)
    places = _ordered(question.order, W, products)[question.first : question.first + question.count]
    names = input_names(spec, layer)
    curve_z, curve_a = _curve(spec, layer, view)
    scales, pictured = session.scales, layer == spec.names[0] and image_of(spec) is not None
    return m.Neuron(
        name=f"{layer}/node_{j + 1}",
        activation=activation_of(spec.dense[spec.names.index(layer)].activation or "identity").name,
        step=stand.step,
        formula=[] if view is None else [line(one) for one in view.formula().lines],
        places=int32(places),
        names=[names[i] for i in places],
        x=floats(x[places] if len(x) else []),
        w=floats(W[places]),
        products=doubles(products[places] if len(products) else []),
        gradients=doubles(gradients[places] if len(gradients) else []),
        n_in=len(W),
        bias=float(stand.network[layer].biases[j]),
        **passed._asdict(),
        curve_z=curve_z,
        curve_a=curve_a,
        picture_w=floats(W if pictured else []),
        picture_x=floats(x if pictured else []),
        picture_wx=floats(products if pictured else []),
        scale=scales.of(("pictures" if pictured else "weights", layer)),
        scale_x=scales.of(("inputs", layer), x),
        scale_wx=scales.of(("products", layer), products),
        python=stand.python(f'{code}["{layer}"]["node_{j + 1}"]'),
    )


class _Passed(NamedTuple):
    """z, a, f′(z) of a sample, and, with a target, dL/da, δ and dL/db."""

    z: float | None = None
    a: float | None = None
    slope: float | None = None
    dA: float | None = None
    delta: float | None = None
    db: float | None = None


def _passed(view: NeuronView | None, numbers: LayerTrace | None, j: int) -> _Passed:
    if view is None or numbers is None:
        return _Passed()
    forward = float(view.z), float(view.a), float(view.slope)
    if numbers.trace.T is None:
        return _Passed(*forward)
    return _Passed(*forward, float(numbers.dA[j]), float(view.delta), view.db)


def _ordered(order: str, W: Array, products: Array) -> NDArray[np.int64]:
    """Return the places of inputs, the largest product or weight first; without a sample there are no products."""
    if order == "place":
        return np.arange(len(W))
    size = products if order == "product" and len(products) else W
    return np.argsort(-np.abs(size), kind="stable")


def _curve(spec: Spec, layer: str, view: NeuronView | None) -> tuple[Array, Array]:
    """Return points of the activation function, around 0 and the neuron's own z."""
    function = activation_of(spec.dense[spec.names.index(layer)].activation or "identity").function
    reach = max(_LEAST_REACH, 0.0 if view is None else 1.25 * abs(float(view.z)))
    z = np.linspace(-reach, reach, _CURVE_POINTS)
    with np.errstate(all="ignore"):
        return z, doubles(function(z[np.newaxis])[0])


def receipt(session: Session, question: m.AskReceipt) -> m.Receipt:
    """Return how one weight comes to its gradient, and in a run to its new value."""
    layer, spec = question.layer, session.spec
    j = node_place(spec, layer, question.node + 1)
    i = None if question.input is None else input_place(spec, layer, question.input)
    stand = session.stand(question.where)
    asked = f'.receipt("{layer}", "node_{j + 1}", {i})'
    if question.of == "step":
        moment = stand.moment
        if moment is None:
            raise RunError("A network alone makes no step. Look at the sample's own gradient, or explore a run.")
        found, code = moment.trace().receipt(layer, j + 1, i), f"{question.where.run}.at({stand.step}).trace(){asked}"
    elif question.sample is None:
        raise SettingError("The gradient of a sample needs one. Choose a sample.")
    else:
        _, trace = session.trace(question.where, question.sample)
        found, code = trace.receipt(layer, j + 1, i), stand.python(f"{session.traced(question.sample)}{asked}")
    product = None
    if question.sample is not None and i is not None:
        product = line(session.trace(question.where, question.sample)[1][layer][j + 1].product(i))
    parts = [m.ReceiptPart(heading, [line(one) for one in part.lines]) for heading, part in found.parts]
    return m.Receipt(found.name, parts, product, found.gradient, found.old, found.new, found.step, code)


def history(session: Session, question: m.AskHistory) -> m.NeuronHistory:
    """Return how a neuron's numbers went, at keyframes, where looking takes no time."""
    layer, spec = question.layer, session.spec
    j = node_place(spec, layer, question.node + 1)
    i = None if question.input is None else input_place(spec, layer, question.input)
    run = session.trainer(question.where.run).run
    steps = sorted({*run.keyframes, run.last_step})
    every = -(-len(steps) // question.points)
    steps = sorted({*steps[::every], run.last_step})
    rows = []
    for step in steps:
        view = run.at(step).network[layer]
        w = view.weights[j].astype(np.float64)
        rows.append((np.nan if i is None else w[i], float(view.biases[j]), np.sqrt((w**2).sum())))
    weight, bias, norm = (np.ascontiguousarray(column) for column in np.array(rows).T)
    number = "bias" if i is None else f"weights[{i}]"
    name = question.where.run
    code = f'[{name}.at(k).network["{layer}"]["node_{j + 1}"].{number} for k in {name}.keyframes]'
    return m.NeuronHistory(int32(steps), weight, bias, norm, code)


def portrait(session: Session, question: m.AskPortrait) -> m.Portrait:
    """Return what excites a neuron, on the first rows of the set that is tested on."""
    j = node_place(session.spec, question.layer, question.node + 1)
    stand, (name, X, y) = session.stand(question.where), tested_rows(session)
    neuron_name = f"{question.layer}/node_{j + 1}"
    found = stand.network.portrait(X, y, neuron_name, n=question.count)
    cut = found.ablation
    return m.Portrait(
        name,
        int32(found.most.rows),
        found.most.activations,
        _pictures(found.most.inputs),
        int32(found.least.rows),
        found.least.activations,
        _pictures(found.least.inputs),
        [str(one) for one in found.classes],
        found.edges,
        int32(found.counts),
        found.active,
        found.saturated,
        "" if cut is None else cut.measure,
        None if cut is None else cut.whole,
        None if cut is None else cut.without,
        stand.python(f'{{net}}.portrait({session.rows_code(name)}, "{neuron_name}", n={question.count})'),
    )


def _pictures(inputs: Array | None) -> NDArray[np.uint8]:
    return np.empty(0, np.uint8) if inputs is None else thumbnails(inputs).reshape(-1)


def tested_rows(session: Session) -> tuple[str, Any, Any]:
    """Return the name of the set that is tested on, and its X and y.

    Raises
    ------
    SettingError
        There is none that has targets.
    """
    name = session.sets.tested_on
    if name is None:
        raise SettingError("There are no rows with targets to test on. Give data=(X, y) to explore().")
    rows = session.sets.rows(name)
    return name, rows.X, rows.y


def tested(stand: Stand, session: Session) -> dict[str, float]:
    """Return what a network is worth on the rows that are tested on: loss and the usual metrics."""
    _, X, y = tested_rows(session)
    return stand.network.evaluate(X, y)
