"""Why one output, rather than another: contributions that add up to the difference, to the last digit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import whole_number
from pellucid.core import Name, Parameters, Spec, activation_of
from pellucid.engine import Backend
from pellucid.errors import DataError, SettingError, unknown_name
from pellucid.insight._answers import one_row, output_name

__all__ = ["Bar", "View", "Why", "why"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

_INPUT: Final = "input"
_NOISE: Final = 16
"""How many roundings apart two numbers may be and still count as one: a quotient of such differences says nothing."""


class Bar(NamedTuple):
    """One contribution: whose it is, by place in the view's arrays and by name, and what it comes to."""

    at: int
    name: str
    contribution: float


@final
@dataclass(frozen=True, eq=False, repr=False)
class View:
    """The difference of two outputs, as the neurons of one layer (or the inputs) make it up.

        difference = Σ bars + Σ baseline + Σ biases + Σ at_zero + rounding

    Attributes
    ----------
    place : "input", "layer_1", …
    names : of the inputs or neurons
    bars : float64, shape (n,)
        What each input or neuron contributes, beyond the baseline where the view has one.
    baseline : float64, shape (n,)
        What the baseline itself contributes through each; zeros where nothing at all is what the bars start from.
    biases : float64 arrays, shape (n_out,), by the names of the layers after this one
        What each of their neurons' biases contributes.
    at_zero : the same, of those layers whose activation of 0 is not 0
        What a neuron contributes by f(0), whatever comes in.
    rounding : float
        What the engine's arithmetic, and this one, rounded away.
    difference : float
    """

    place: str
    names: tuple[str, ...]
    bars: Float64
    baseline: Float64
    biases: Mapping[str, Float64]
    at_zero: Mapping[str, Float64]
    rounding: float
    difference: float

    def largest(self, n: int = 10) -> tuple[Bar, ...]:
        """Return the n bars of greatest size, the largest first; of equal ones, the first."""
        places = np.argsort(-np.abs(self.bars), kind="stable")[: whole_number("n", n, 0)]
        return tuple(Bar(int(i), self.names[i], float(self.bars[i])) for i in places)

    def rows(self, n: int = 10) -> Iterator[tuple[str, float]]:
        """Give the view as a list: the largest bars, the others' sum, what else there is, the rounding, the sum."""
        largest = self.largest(n)
        yield from ((bar.name, bar.contribution) for bar in largest)
        if others := len(self.bars) - len(largest):
            apart = np.delete(self.bars, [bar.at for bar in largest])
            yield f"{others} other{'s' if others > 1 else ''}", math.fsum(apart.tolist())
        if self.baseline.any():
            yield "the baseline's own", math.fsum(self.baseline.tolist())
        yield from ((f"biases of {name}", math.fsum(part.tolist())) for name, part in self.biases.items())
        yield from ((f"f(0) of {name}", math.fsum(part.tolist())) for name, part in self.at_zero.items())
        yield "rounding", self.rounding
        yield "sum", self.difference

    def __repr__(self) -> str:
        return "\n".join([self.place, *(f"  {name:<24} {value + 0.0:+.6g}" for name, value in self.rows())])


@final
@dataclass(frozen=True, eq=False, repr=False)
class Why:
    """Why one output, rather than another; ``why["layer_1"]`` is the view of a layer, ``why["input"]`` of the inputs.

    Attributes
    ----------
    this, rather : places of the outputs; rather is None where one output alone is explained
    names : of the two, in the same order
    output, other : float
        The two outputs, the engine's own; other is 0.0 where rather is None.
    difference : float
        output − other, which each view makes up.
    baseline_name : str
    baseline_difference : float
        The same difference where the baseline comes in.
    views : View by place, from the inputs to the layer before the output
    """

    this: int
    rather: int | None
    names: tuple[Name, Name | None]
    output: float
    other: float
    difference: float
    baseline_name: str
    baseline_difference: float
    views: Mapping[str, View]

    def __getitem__(self, place: str) -> View:
        if place not in self.views:
            raise unknown_name("view", place, self.views)
        return self.views[place]

    def __repr__(self) -> str:
        asked = f"why {self.names[0]}"
        if self.rather is not None:
            asked += f", rather than {self.names[1]}: {self.output:.6g} − {_bracketed(self.other)} ="
        first, *deeper = reversed(list(self.views.values()))
        lines = [f"{asked} {self.difference:.6g}", repr(first)]
        if deeper:
            lines.append(
                f"{deeper[-1]!r}\n  (beside the baseline {self.baseline_name!r}: {self.baseline_difference:+.6g})"
            )
        if deeper[:-1]:
            lines.append(f"also: {', '.join(view.place for view in reversed(deeper[:-1]))}")
        return "\n".join(lines)


def _bracketed(value: float) -> str:
    """Return a number as it reads after a minus sign."""
    return f"{value:.6g}" if value >= 0 else f"({value:.6g})"


class _Layer(NamedTuple):
    """Weighted sums, activations and slopes f′(z) of one row at one layer, in float64."""

    z: Float64
    a: Float64
    slope: Float64


class _Pass(NamedTuple):
    """One row on its way through the network: the scaled inputs, and each layer's numbers."""

    inputs: Float64
    layers: dict[str, _Layer]

    def at(self, place: str) -> Float64:
        """Return the inputs, or a layer's activations."""
        return self.inputs if place == _INPUT else self.layers[place].a


class _Multipliers(NamedTuple):
    """What a difference of the outputs is, for each unit of difference of an activation (or input), and of a z."""

    by_a: dict[str, Float64]
    by_z: dict[str, Float64]


def _passed(spec: Spec, parameters: Parameters, backend: Backend, row: Array, what: str) -> _Pass:
    """Return the engine's own numbers of a row."""
    layers = backend.trace(spec, parameters.vector, row).layers
    if not np.isfinite(layers["output"].A).all():
        raise DataError(
            f"The outputs for {what} are not finite, so nothing adds up to them. Mend the network or the row."
        )
    wide = {name: _Layer(*(part[0].astype(np.float64) for part in (n.Z, n.A, n.slope))) for name, n in layers.items()}
    return _Pass(layers[spec.names[0]].X[0].astype(np.float64), wide)


def _nothing(spec: Spec) -> _Pass:
    """Return what the rule starts from where there is no input and there are no biases: z = 0 everywhere."""
    layers = {}
    for name, layer in zip(spec.names, spec.dense, strict=True):
        Z = np.zeros((1, layer.width))
        a = np.asarray(activation_of(layer.activation or "identity").function(Z.copy()), dtype=np.float64)[0]
        layers[name] = _Layer(Z[0], a, Z[0])
    return _Pass(np.zeros(spec.input.width), layers)


def _ratio(here: _Layer, there: _Layer, noise: float) -> Float64:
    """Return Δa/Δz, or the derivative where Δz is 0, to rounding."""
    dz, da = here.z - there.z, here.a - there.a
    size = np.maximum.reduce([np.abs(here.z), np.abs(there.z), np.abs(here.a), np.abs(there.a)])
    same = np.abs(dz) <= noise * size
    return np.where(same, here.slope, da / np.where(same, 1.0, dz))


def _multipliers(parameters: Parameters, here: _Pass, there: _Pass, by_output: Float64) -> _Multipliers:
    """Go from the output down: through a neuron by Δa/Δz, through weights linearly."""
    noise = _NOISE * float(np.finfo(parameters.vector.dtype).eps)
    m, found = by_output, _Multipliers({}, {})
    for name in reversed(list(parameters)):
        found.by_a[name] = m
        found.by_z[name] = m * _ratio(here.layers[name], there.layers[name], noise)
        m = found.by_z[name] @ parameters[name].W.astype(np.float64)
    found.by_a[_INPUT] = m
    return found


class _Asked(NamedTuple):
    """What all views of one question share."""

    spec: Spec
    parameters: Parameters
    row: _Pass
    baseline: _Pass
    nothing: _Pass
    by_output: Float64
    difference: float

    def multipliers(self, here: _Pass, there: _Pass) -> _Multipliers:
        return _multipliers(self.parameters, here, there, self.by_output)


def _after_baseline(asked: _Asked) -> Iterator[View]:
    """Give the views that start from the baseline: all but that of the last hidden layer."""
    beyond = asked.multipliers(asked.row, asked.baseline)
    own = asked.multipliers(asked.baseline, asked.nothing)
    for place in (_INPUT, *asked.spec.names[:-2]):
        there = asked.baseline.at(place)
        yield _view(asked, place, beyond.by_a[place] * (asked.row.at(place) - there), own.by_a[place] * there, own)


def _last_hidden(asked: _Asked) -> View:
    """Return the view of the last hidden layer: from nothing at all, so (w_this − w_rather)·a where f is identity."""
    place, own = asked.spec.names[-2], asked.multipliers(asked.row, asked.nothing)
    bars = own.by_a[place] * asked.row.at(place)
    return _view(asked, place, bars, np.zeros_like(bars), own)


def _view(asked: _Asked, place: str, bars: Float64, baseline: Float64, own: _Multipliers) -> View:
    """Return a view, with what the layers after it add by themselves, from nothing at all."""
    names = asked.spec.names
    later = names if place == _INPUT else names[names.index(place) + 1 :]
    biases = {name: own.by_z[name] * asked.parameters[name].b.astype(np.float64) for name in later}
    at_zero = {name: own.by_a[name] * asked.nothing.at(name) for name in later if asked.nothing.at(name).any()}
    parts = (bars, baseline, *biases.values(), *at_zero.values())
    rounding = math.fsum([asked.difference, *(-number for part in parts for number in part.tolist())])
    for part in parts:
        part.setflags(write=False)
    return View(
        place, _names(asked.spec, place, len(bars)), bars, baseline, biases, at_zero, rounding, asked.difference
    )


def _names(spec: Spec, place: str, n: int) -> tuple[str, ...]:
    """Return what the inputs or neurons are called, as in the rest of the package."""
    if place == _INPUT and spec.input.features is not None:
        return tuple(str(name) for name in spec.input.features)
    return tuple(f"{'input' if place == _INPUT else 'node'}_{i}" for i in range(1, n + 1))


def _by_output(spec: Spec, this: object, rather: object) -> tuple[int, int | None, Float64]:
    """Return the places of the outputs, and what the difference is by each output: +1, −1 or 0."""
    most = spec.n_outputs - 1
    first = whole_number("The output to explain, counted from 0,", this, 0, most)
    second = None if rather is None else whole_number("The output to compare with, counted from 0,", rather, 0, most)
    if first == second:
        raise SettingError(f"Both outputs are {first}, whose difference is 0. Give two different ones, or rather=None.")
    by_output = np.zeros(spec.n_outputs)
    by_output[first] = 1.0
    if second is not None:
        by_output[second] = -1.0
    return first, second, by_output


def why(
    spec: Spec,
    parameters: Parameters,
    backend: Backend,
    x: object,
    this: int,
    rather: int | None = None,
    *,
    baseline: object = None,
    baseline_name: str = "zero",
) -> Why:
    """Return why one output, rather than another: contributions that add up to the difference of the two.

    What is explained is the last layer's output: logits for classes and yes-no, the network's own scale for values.

    - At the layer before the output, (w_this − w_rather)·a for each neuron, and b_this − b_rather. Where the output
      has an activation of its own, such as a sigmoid, the rule below, starting from nothing at all.
    - At every other layer and at the inputs, m·(a − a⁰): DeepLIFT's rescale rule, beside a baseline x⁰. Through a
      neuron m is multiplied by Δa/Δz = (a − a⁰)/(z − z⁰), or by f′(z) where the two z are equal to 16 roundings;
      through weights it is passed on linearly.
    - What the baseline's own difference comes to, the same rule tells, from nothing at all (z = 0 everywhere) to the
      baseline: a bar for each bias of the layers after, one for each f(0) that is not 0, and one for what the
      baseline itself brings in at this place.

    Sums are exact (`math.fsum`), so what is left is what the engine rounded, and stands in a row of its own. It is not
    said what would happen if a bar were taken away: that is `counterfactual`'s question.

    Parameters
    ----------
    spec, parameters, backend : the network, and what computes it
    x : array, shape (n_in,), as the user gives it
    this, rather : places of outputs, from 0; rather=None explains one output alone
    baseline : array, shape (n_in,), as the user gives it; None: an input that is 0 after scaling
    baseline_name : what the baseline is called

    Raises
    ------
    SettingError, KindError
        An output is asked for that there is not, or twice the same.
    ShapeError, DataError, KindError
        x or the baseline is not one row of finite numbers, or the outputs are not finite.

    Examples
    --------
    >>> from pellucid.engine import ReadableCore
    >>> spec = Spec.of([2, 2, 2], dtype="float64")
    >>> parameters = Parameters(spec)
    >>> parameters["layer_1"].W[...], parameters["layer_1"].b[...] = [[1, -1], [1, 1]], [0, -1]
    >>> parameters["output"].W[...], parameters["output"].b[...] = [[2, 0], [0, 1]], [0.5, 0]
    >>> why(spec, parameters, ReadableCore(), [3.0, 1.0], 0, 1)["layer_1"]
    layer_1
      node_1                   +4
      node_2                   -3
      biases of output         +0.5
      rounding                 +0
      sum                      +1.5

    Source: Shrikumar, Greenside & Kundaje (2017), Learning important features through propagating activation
    differences, §3.5.1 (the rescale rule).
    """
    first, second, by_output = _by_output(spec, this, rather)
    row = _passed(spec, parameters, backend, one_row(spec, x), "x")
    start = np.broadcast_to(np.asarray(spec.input.shift, dtype=np.float64), (spec.input.width,))
    beside = one_row(spec, start.copy() if baseline is None else baseline, "The baseline")
    base = _passed(spec, parameters, backend, beside, "the baseline")
    output, other, difference = _outputs(row, first, second)
    asked = _Asked(spec, parameters, row, base, _nothing(spec), by_output, difference)
    names = (output_name(spec, first), None if second is None else output_name(spec, second))
    own = _outputs(base, first, second)[2]
    views = _by_place([*_after_baseline(asked), *([_last_hidden(asked)] if len(spec.names) > 1 else [])])
    return Why(first, second, names, output, other, difference, baseline_name, own, views)


def _outputs(row: _Pass, this: int, rather: int | None) -> tuple[float, float, float]:
    """Return the two outputs and their difference."""
    a = row.at("output")
    first, second = float(a[this]), 0.0 if rather is None else float(a[rather])
    return first, second, first - second


def _by_place(views: Iterable[View]) -> dict[str, View]:
    return {view.place: view for view in views}
