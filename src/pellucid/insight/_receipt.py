"""The receipt of one weight: from the loss to its gradient, and on to what the optimiser made of it, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import places_of
from pellucid.engine import Job, State
from pellucid.errors import DataError, SettingError
from pellucid.insight._formula import Expression, Formula, Gathered, Line, Number, Product, Quotient, Sum, line, number
from pellucid.insight._loss_lines import loss_lines, slope_line
from pellucid.insight._update_lines import update_lines

if TYPE_CHECKING:
    from pellucid.insight._trace import Trace

__all__ = ["Receipt", "Update", "receipt"]

_TERMS: Final = 5
_OUTPUTS: Final = 12


@final
@dataclass(frozen=True, eq=False)
class Update:
    """What an optimiser made of a batch.

    Attributes
    ----------
    job : Job
        What was in force.
    rows : rows of X that the batch holds
    rate : float
        The learning rate, schedule included.
    before, after : State
    """

    job: Job
    rows: NDArray[np.int64]
    rate: float
    before: State
    after: State


@final
@dataclass(frozen=True, eq=False)
class Receipt:
    """How one weight gets its gradient, and in a run its new value.

    Attributes
    ----------
    name : str, such as ``layer_1/node_3, weight of input_5``
    sample : int
        The row of the batch whose loss and way back are shown; every row's share in the gradient is in the gradient.
    parts : tuple of (heading, Formula): loss, way back, gradient, step
    gradient : float
        By the weight, penalties included, before any bound.
    old, new : float, the weight before and after the step; new is None outside a run
    step : float or None
        How far it moved, new − old.

    Examples
    --------
    >>> from pellucid import Network
    >>> from pellucid.datasets import load_toy
    >>> toy = load_toy("moons")
    >>> run = Network([2, 4, 2]).fit(toy.X, toy.y, epochs=4, batch_size=20, optimizer="sgd")
    >>> r = run.at(7).trace().receipt("layer_1", "node_2", 0)
    >>> r.old, r.new == float(run.at(8).network["layer_1"]["node_2"].weights[0])
    (0.18718716502189636, True)
    """

    name: str
    sample: int
    parts: tuple[tuple[str, Formula], ...]
    gradient: float
    old: float
    new: float | None
    step: float | None

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, from the loss to the new value."""
        return tuple(one for _, formula in self.parts for one in formula.lines)

    def text(self) -> str:
        """Return it as text, each part beneath its heading."""
        blocks = [f"{heading}\n" + "\n".join(f"  {one.text()}" for one in part.lines) for heading, part in self.parts]
        return "\n".join([self.name, *blocks])

    def latex(self) -> str:
        """Return all lines as LaTeX."""
        return Formula(self.lines).latex()

    def mathml(self) -> str:
        """Return all lines as MathML."""
        return Formula(self.lines).mathml()

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        from pellucid.insight._html import receipt_html

        return receipt_html(self)


def receipt(trace: Trace, layer: str, j: int, i: int | None, sample: int | None = None) -> Receipt:
    """Return the receipt of neuron j's weight of input i, or of its bias.

    Parameters
    ----------
    trace : Trace
        With targets.
    layer, j, i : the weight W[j, i] of a layer; i None: the bias b[j]
    sample : the row of the batch to show; None: the one that moves the weight most
    """
    spec, update = trace.spec, trace.update
    delta, x = _shares(trace, layer, j, i)
    row = _sample(trace, delta * x, sample)
    one = trace.sample(row)
    place = int(places_of(spec, layer, j)[-1 if i is None else i])
    gradient, old = float(trace.gradient[place]), float(trace.parameters[place])
    lines = _gradient_lines(trace, delta, x, i, old, gradient)
    parts = [
        (_loss_heading(trace, row), Formula(tuple(loss_lines(one)))),
        ("The way back: δ = dL/dz", Formula(tuple(_way_back(one, layer, j)))),
        ("The gradient", Formula(tuple(lines))),
    ]
    new = None
    if update is not None:
        new = float(update.after.parameters[place])
        step = update_lines(update, spec.names.index(layer), place, trace.gradient)
        parts.append(
            (
                f"The step: {update.job.optimizer}, t = {update.job.steps_before + update.before.step + 1}",
                Formula(tuple(step)),
            )
        )
    what = "bias" if i is None else f"weight of {trace[layer].input_names[i]}"
    name = f"{layer}/node_{j + 1}, {what}"
    return Receipt(name, row, tuple(parts), gradient, old, new, None if new is None else new - old)


def _shares(trace: Trace, layer: str, j: int, i: int | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return δ of a neuron and what its input is, for each row."""
    numbers = trace.numbers[layer]
    if numbers.delta is None:
        raise SettingError("A receipt begins with a loss, and no target was given. Give trace(x, y).")
    if not (np.isfinite(numbers.delta).all() and np.isfinite(trace.losses).all()):
        raise DataError(
            "The loss, or its slopes, are not finite for these rows, so nothing multiplies out. Look at a moment "
            "before the run diverged, or scale the inputs."
        )
    x = np.ones(trace.rows) if i is None else numbers.X[:, i].astype(np.float64)
    return numbers.delta[:, j].astype(np.float64), x


def _sample(trace: Trace, moved: NDArray[np.float64], sample: int | None) -> int:
    if sample is None:
        return int(np.abs(moved).argmax())
    if not 0 <= sample < trace.rows:
        raise SettingError(f"The batch has the rows 0 … {trace.rows - 1}; sample={sample} was given.")
    return int(sample)


def _loss_heading(trace: Trace, row: int) -> str:
    if trace.rows == 1:
        return "The loss"
    of = "" if trace.update is None else f", which is row {trace.update.rows[row]} of X"
    return f"The loss of row {row} (from 0) of the batch of {trace.rows}{of}"


def _way_back(one: Trace, layer: str, j: int) -> list[Line]:
    """Return δ of the outputs, then of one neuron a layer: that through which most of the next one's comes."""
    names = list(one.spec.names)
    path = [(layer, j)]
    while path[-1][0] != "output":
        here, k = path[-1]
        after = names[names.index(here) + 1]
        shares = one[after].delta.astype(np.float64) * one[after].weights[:, k].astype(np.float64)
        path.append((after, int(np.abs(shares).argmax())))
    outputs = range(one.spec.n_outputs)
    if len(outputs) > _OUTPUTS:
        largest = np.argsort(-np.abs(one["output"].delta.astype(np.float64)), kind="stable")[: _OUTPUTS - 1]
        outputs = sorted({*largest.tolist(), path[-1][1]})  # type: ignore[assignment]
    lines = [slope_line(one, k) for k in outputs]
    for here, k in reversed(path[:-1]):
        lines += _hidden_lines(one, names[names.index(here) + 1], here, k)
    return lines


def _hidden_lines(one: Trace, after: str, layer: str, k: int) -> list[Line]:
    """Return dL/da of a hidden neuron, from the layer above, and its δ."""
    dtype = one.spec.dtype
    deltas, weights = one[after].delta, one[after].weights[:, k]
    terms = weighted_terms(deltas, weights, dtype)
    name, of = f"{layer}/node_{k + 1}", one[layer]
    sum_: Expression = Sum(tuple(terms))
    factor = _dropout_factor(one, after, k)
    if factor != 1.0:
        sum_ = Product((number(factor, dtype=dtype), sum_))
    dA = number(float(of.dA[k]), dtype=dtype)
    slope = number(float(of.slope[k]), dtype=dtype)
    delta = number(float(of.delta[k]), dtype=dtype)
    return [
        line(f"dL/da({name})", sum_, dA),
        line(f"δ({name})", Product((dA, slope)), delta),
    ]


def _dropout_factor(one: Trace, after: str, k: int) -> float:
    """Return what dropout made of a unit on its way to the next layer: 0, or 1 / (1 − rate); 1 where there is none."""
    return 1.0 if one.factors is None else float(one.factors[after][0, k])


def weighted_terms(left: NDArray[Any], right: NDArray[Any], dtype: str, most: int = _TERMS + 3) -> list[Expression]:
    """Return products as terms, the largest first, the rest as their sum."""
    products = left.astype(np.float64) * right.astype(np.float64)
    order = np.argsort(-np.abs(products), kind="stable")
    places = [int(p) for p in order[:most] if products[p] != 0 or len(products) == 1]
    terms: list[Expression] = [
        Product((number(float(left[p]), dtype=dtype), number(float(right[p]), dtype=dtype))) for p in places
    ]
    if not terms:
        return [Number("0", f"all {len(products):,} products are 0" if len(products) > 1 else "")]
    rest = np.delete(products, places)
    if len(rest):
        terms.append(Gathered(number(float(rest.sum())), len(rest), int((rest == 0).sum())))
    return terms


def _gradient_lines(
    trace: Trace, delta: NDArray[np.float64], x: NDArray[np.float64], i: int | None, old: float, gradient: float
) -> list[Line]:
    """Return dL/dw = Σ δ·x / total over the batch, and, where there are penalties, g with their slopes."""
    dtype, job = trace.spec.dtype, None if trace.update is None else trace.update.job
    penalised = job is not None and i is not None and bool(job.l1 or job.l2 or job.alpha)
    terms = weighted_terms(delta.astype(dtype), x.astype(dtype), dtype)
    above: Expression = Sum(tuple(terms)) if len(terms) > 1 else terms[0]
    alone = trace.rows == 1 and trace.total == 1.0
    shown = number(float((delta * x).sum() / trace.total) if penalised else gradient, dtype=dtype)
    name = "dL/db" if i is None else "dL/dw"
    lines = [line(name, above if alone else Quotient(above, number(trace.total)), shown)]
    if penalised and job is not None:
        slopes: list[Expression] = [shown]
        if job.alpha:
            shared = Quotient(number(job.alpha), number(trace.total))
            slopes.append(Product((shared, number(old, dtype=dtype))))
        if job.l2:
            slopes.append(Product((number(job.l2), number(old, dtype=dtype))))
        if job.l1:
            slopes.append(number(float(np.sign(old)) * job.l1))
        lines.append(line("g", Sum(tuple(slopes)), number(gradient, dtype=dtype)))
    return lines
