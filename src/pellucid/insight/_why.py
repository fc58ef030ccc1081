"""Why one output, rather than another: contributions that add up to the difference, to the last digit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import whole_number
from pellucid.core import Name, Parameters, Spec, Task
from pellucid.engine import Backend
from pellucid.errors import SettingError, unknown_name
from pellucid.insight._answers import one_row, output_name
from pellucid.insight._bars import Bar, View
from pellucid.insight._names import input_names, signed
from pellucid.insight._rescale_rule import INPUT, Multipliers, Pass, multipliers, nothing, passed

__all__ = ["Bar", "View", "Why", "why"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]


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
    inputs : float64, shape (n_in,), or None
        What the first layer saw of the row.
    unit : str
        What the output is in, where that is not what `predict` gives.
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
    inputs: Float64 | None = None
    unit: str = ""

    def negated(self, name: Name) -> Why:
        """Return why the opposite, which is called so: each number with its sign turned round."""
        views = {place: view.negated() for place, view in self.views.items()}
        return replace(
            self,
            names=(name, None),
            output=-self.output,
            difference=-self.difference,
            baseline_difference=-self.baseline_difference,
            views=views,
        )

    def __getitem__(self, place: str) -> View:
        if place not in self.views:
            raise unknown_name("view", place, self.views)
        return self.views[place]

    def __repr__(self) -> str:
        asked = f"why {self.names[0]}:"
        if self.rather is not None:
            shown = f"{self.output:.6g}".replace("-", "−")
            asked = f"why {self.names[0]}, rather than {self.names[1]}: {shown} − {_bracketed(self.other)} ="
        first, *deeper = reversed(list(self.views.values()))
        unit = f" ({self.unit})" if self.unit else ""
        lines = [f"{asked} {self.difference:.6g}".replace(" -", " −") + unit, repr(first)]
        if deeper:
            own = signed(self.baseline_difference)
            lines.append(f"{deeper[-1]!r}\n  (the same difference for the baseline {self.baseline_name!r}: {own})")
        if deeper[:-1]:
            lines.append(f"also: {', '.join(view.place for view in reversed(deeper[:-1]))}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from pellucid.insight._html import why_html

        return why_html(self)

    def plot(self, ax: Any = None, *, place: str | None = None) -> Any:
        """Draw the bars of one view, as a rule of the last hidden layer; return Matplotlib's axes.

        Raises
        ------
        MissingLibraryError
            Matplotlib is not installed.
        UnknownNameError
            There is no such view.
        """
        from pellucid.insight._plots import view_plot

        asked = f"Why {self.names[0]}" + ("" if self.rather is None else f", rather than {self.names[1]}")
        view = self[list(self.views)[-1] if place is None else place]
        return view_plot(view, f"{asked}: {view.place}", ax)


def _bracketed(value: float) -> str:
    """Return a number as it reads after a minus sign."""
    return f"{value:.6g}" if value >= 0 else f"(−{-value:.6g})"


class _Asked(NamedTuple):
    """What all views of one question share."""

    spec: Spec
    parameters: Parameters
    row: Pass
    baseline: Pass
    nothing: Pass
    by_output: Float64
    difference: float

    def multipliers(self, here: Pass, there: Pass) -> Multipliers:
        return multipliers(self.parameters, here, there, self.by_output)


def _after_baseline(asked: _Asked) -> Iterator[View]:
    """Give the views that start from the baseline: all but that of the last hidden layer."""
    beyond = asked.multipliers(asked.row, asked.baseline)
    own = asked.multipliers(asked.baseline, asked.nothing)
    for place in (INPUT, *asked.spec.names[:-2]):
        there = asked.baseline.at(place)
        yield _view(asked, place, beyond.by_a[place] * (asked.row.at(place) - there), own.by_a[place] * there, own)


def _last_hidden(asked: _Asked) -> View:
    """Return the view of the last hidden layer: from nothing at all, so (w_this − w_rather)·a where f is identity."""
    place, own = asked.spec.names[-2], asked.multipliers(asked.row, asked.nothing)
    bars = own.by_a[place] * asked.row.at(place)
    return _view(asked, place, bars, np.zeros_like(bars), own)


def _view(asked: _Asked, place: str, bars: Float64, baseline: Float64, own: Multipliers) -> View:
    """Return a view, with what the layers after it add by themselves, from nothing at all."""
    names = asked.spec.names
    later = names if place == INPUT else names[names.index(place) + 1 :]
    biases = {name: own.by_z[name] * asked.parameters[name].b.astype(np.float64) for name in later}
    at_zero = {name: own.by_a[name] * asked.nothing.at(name) for name in later if asked.nothing.at(name).any()}
    parts = (bars, baseline, *biases.values(), *at_zero.values())
    rounding = math.fsum([asked.difference, *(-number for part in parts for number in part.tolist())])
    for part in parts:
        part.setflags(write=False)
    return View(place, _names(asked.spec, place), bars, baseline, biases, at_zero, rounding, asked.difference)


def _names(spec: Spec, place: str) -> tuple[str, ...]:
    """Return what the inputs, or a layer's neurons, are called."""
    if place == INPUT:
        return tuple(input_names(spec, spec.names[0]))
    return tuple(name.partition("/")[2] for name in input_names(spec, spec.names[spec.names.index(place) + 1]))


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
        x or the baseline is not one row of finite numbers, or what the network makes of it is not finite.

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
      node_2                   −3
      biases of output         +0.5
      rounding                 +0
      sum                      +1.5

    Source: Shrikumar, Greenside & Kundaje (2017), Learning important features through propagating activation
    differences, §3.5 (the linear rule and the rescale rule).
    """
    first, second, by_output = _by_output(spec, this, rather)
    row = passed(spec, parameters, backend, one_row(spec, x), "x")
    start = np.broadcast_to(np.asarray(spec.input.shift, dtype=np.float64), (spec.input.width,))
    beside = one_row(spec, start.copy() if baseline is None else baseline, "The baseline")
    base = passed(spec, parameters, backend, beside, "the baseline")
    output, other, difference = _outputs(row, first, second)
    asked = _Asked(spec, parameters, row, base, nothing(spec), by_output, difference)
    names = (output_name(spec, first), None if second is None else output_name(spec, second))
    own = _outputs(base, first, second)[2]
    views = _by_place([*_after_baseline(asked), *([_last_hidden(asked)] if len(spec.names) > 1 else [])])
    return Why(first, second, names, output, other, difference, baseline_name, own, views, row.at(INPUT), _unit(spec))


def _unit(spec: Spec) -> str:
    """Return in what the output is where it is not what is predicted."""
    scale, shift = (np.asarray(1.0 if part is None else part) for part in (spec.output.scale, spec.output.shift))
    if spec.loss.task is Task.VALUES and ((scale != 1).any() or (shift != 0).any()):
        return "as the network has it: times the targets' spread, plus their mean, it is the prediction"
    return ""


def _outputs(row: Pass, this: int, rather: int | None) -> tuple[float, float, float]:
    """Return the two outputs and their difference."""
    a = row.at("output")
    first, second = float(a[this]), 0.0 if rather is None else float(a[rather])
    return first, second, first - second


def _by_place(views: Iterable[View]) -> dict[str, View]:
    return {view.place: view for view in views}
