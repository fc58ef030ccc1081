"""The loss of one row, and its slopes, as lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.core import MAE, MSE, BinaryCrossEntropy, CrossEntropy, HalfSquare, Huber, Pinball, Poisson, Task
from pellucid.insight._formula import (
    Apply,
    Expression,
    Gathered,
    Line,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    line,
    number,
)
from pellucid.insight._names import output_names

if TYPE_CHECKING:
    from pellucid.insight._trace import Trace

__all__ = ["loss_lines", "slope_line"]

_TERMS = 12


def loss_lines(one: Trace) -> list[Line]:
    """Return how the loss of one row comes of the outputs."""
    loss, total = one.spec.loss, number(float(one.losses[0]))
    match loss:
        case CrossEntropy(smoothing=0.0):
            t = int(_targets(one))
            return [_softmax_line(one, t), line("L", Apply("−ln", (_shown(one, t),), _minus_ln), total)]
        case CrossEntropy() if one.spec.n_outputs <= _TERMS:
            parts: list[Expression] = [
                Product((_wanted(one, j), Apply("−ln", (_shown(one, j),), _minus_ln)))
                for j in range(one.spec.n_outputs)
            ]
            return [line("L", Sum(tuple(parts)), total, "Σ q·(−ln p)")]
        case BinaryCrossEntropy() | MSE() | HalfSquare() | MAE() | Huber() | Pinball() | Poisson():
            terms = [_term(one, j) for j in range(one.spec.n_outputs)]
            kept = terms if len(terms) <= _TERMS else terms[: _TERMS - 1]
            if len(terms) > len(kept):
                rest = sum(float(term.value()) for term in terms[len(kept) :])
                kept = [*kept, Gathered(number(rest), len(terms) - len(kept))]
            whole: Expression = kept[0] if len(terms) == 1 else Sum(tuple(kept))
            if len(terms) > 1 and not loss.summed:
                whole = Quotient(whole, Number(str(len(terms))))
            return [line("L", whole, total, "")]
    return [Line("L", None, total, loss.formula.removeprefix("L = "))]


def _minus_ln(p: float) -> float:
    return -math.log(p)


def _targets(one: Trace) -> Any:
    """Return the row's target: a class, or a number for each output."""
    return None if one.T is None else one.T[0]


def _target(one: Trace, j: int) -> Number:
    return number(float(_targets(one)[j]), dtype=one.spec.dtype)


def _output(one: Trace, j: int) -> Number:
    return number(float(one["output"].a[j]), dtype=one.spec.dtype)


def _shown(one: Trace, j: int) -> Number:
    """Return a probability with as many digits as its logarithm needs."""
    return number(float(one.spec.loss.output(one.output[np.newaxis].astype(np.float64))[0, j]), 9)


def _softmax_line(one: Trace, j: int) -> Line:
    z = one.output.astype(np.float64)
    z = np.clip(z, -np.finfo(np.float64).max, np.finfo(np.float64).max)
    top = z.max()
    order = np.argsort(-z, kind="stable")
    kept = sorted({*order[:_TERMS].tolist(), j})
    powers = [Apply("exp", (number(float(z[k] - top), 9),), math.exp) for k in kept]
    below: list[Expression] = list(powers)
    if len(kept) < len(z):
        rest = float(np.exp(np.delete(z, kept) - top).sum())
        below.append(Gathered(number(rest), len(z) - len(kept)))
    name = f"p({output_names(one.spec)[j]})"
    share = Quotient(powers[kept.index(j)], Sum(tuple(below)))
    return line(name, share, _shown(one, j), "softmax of z less the largest z")


def _difference(one: Trace, j: int) -> Sum:
    t = _target(one, j)
    return Sum((_output(one, j), Number(t.text[1:] if t.negative else "-" + t.text)))


def _term(one: Trace, j: int) -> Expression:
    """Return one output's part in a loss that is a mean, or a sum, over outputs."""
    loss, a, t = one.spec.loss, float(one["output"].a[j]), float(_targets(one)[j])
    match loss:
        case BinaryCrossEntropy():
            z = _output(one, j) if t == 0 else number(-a, dtype=one.spec.dtype)
            return Apply("softplus", (z,), lambda s: max(s, 0.0) + math.log1p(math.exp(-abs(s))))
        case MSE():
            return Power(_difference(one, j), 2)
        case HalfSquare():
            return Product((Number("0.5"), Power(_difference(one, j), 2)))
        case Huber(delta=delta) if abs(a - t) <= delta:
            return Product((Number("0.5"), Power(_difference(one, j), 2)))
        case Poisson():
            z, counted = _output(one, j), _target(one, j)
            constant = number(t * math.log(t) - t if t else 0.0)
            return Sum((Apply("exp", (z,), math.exp), Product((Number(f"-{counted.text}"), z)), constant))
    return _by_size(one, j, Apply("abs", (_difference(one, j),), abs))


def _by_size(one: Trace, j: int, size: Expression) -> Expression:
    """Return the part of an output in a loss that grows with |a − t| alone."""
    match one.spec.loss:
        case Huber(delta=delta):
            return Product((number(delta), Sum((size, number(-delta / 2)))))
        case Pinball(quantiles=quantiles):
            every = np.atleast_1d(quantiles)
            q = float(every[j % len(every)])
            below = float(one["output"].a[j]) < float(_targets(one)[j])
            return Product((number(q if below else 1 - q), size))
    return size


def _wanted(one: Trace, j: int) -> Number:
    """Return q of a class: 1 for the row's own, 0 for others, or smoothed, what is spread over all."""
    spread = one.spec.loss.smoothing if isinstance(one.spec.loss, CrossEntropy) else 0.0
    return number((1 - spread) * (j == int(_targets(one))) + spread / one.spec.n_outputs, 9)


def _less(one: Number) -> Number:
    return Number(one.text[1:] if one.negative else f"-{one.text}")


def _slope_by_output(one: Trace, j: int) -> tuple[Expression, str] | None:
    """Return the slope of a row's loss by an output, and the same in symbols; None for a loss of one's own."""
    if isinstance(one.spec.loss, CrossEntropy):
        return Sum((_shown(one, j), _less(_wanted(one, j)))), "p − q" if one.spec.loss.smoothing else "p − t"
    found, n = _slope_of_term(one, j), one.spec.n_outputs
    if found is None or n == 1 or one.spec.loss.summed:
        return found
    return Quotient(found[0], Number(str(n))), f"({found[1]}) / n"


def _slope_of_term(one: Trace, j: int) -> tuple[Expression, str] | None:
    """Return the slope of one output's part in a loss that is a mean, or a sum, over outputs."""
    found: tuple[Expression, str] | None = None
    match one.spec.loss:
        case BinaryCrossEntropy():
            found = Sum((_shown(one, j), _less(_target(one, j)))), "p − t"
        case MSE():
            found = Product((Number("2"), _difference(one, j))), "2·(a − t)"
        case HalfSquare():
            found = _difference(one, j), "a − t"
        case MAE():
            found = Apply("sign", (_difference(one, j),), np.sign), "sign(a − t)"
        case Huber(delta=delta):
            bounded = Apply(f"within ±{delta:g} ", (_difference(one, j),), lambda d: min(max(d, -delta), delta))
            found = bounded, "a − t, within ±δ"
        case Pinball(quantiles=quantiles):
            every = np.atleast_1d(quantiles)
            q, d = float(every[j % len(every)]), float(_targets(one)[j]) - float(one["output"].a[j])
            found = number(-q if d > 0 else 1 - q if d < 0 else 0.0), "−q, or 1 − q where a > t"
        case Poisson():
            found = Sum((Apply("exp", (_output(one, j),), math.exp), _less(_target(one, j)))), "eᶻ − t"
    return found


def slope_line(one: Trace, j: int) -> Line:
    """Return δ of an output: the slope of the row's loss by it, times the row's weight, and f′(z), if any."""
    dtype, of = one.spec.dtype, one["output"]
    delta = number(float(of.delta[j]), dtype=dtype)
    of_class = f", class {output_names(one.spec)[j]}" if one.spec.loss.task is Task.CLASSES else ""
    name = f"δ(output/node_{j + 1}{of_class})"
    slope = number(float(of.slope[j]), dtype=dtype)
    found = _slope_by_output(one, j)
    if found is None:
        return line(name, Product((number(float(of.dA[j]), dtype=dtype), slope)), delta, "dL/da·f′(z)")
    expression, symbols = found
    factors: list[Expression] = [expression]
    if one.row_weight != 1.0:
        factors, symbols = [number(one.row_weight, dtype=dtype), *factors], f"weight·({symbols})"
    if of.activation != "identity":
        factors, symbols = [*factors, slope], f"{symbols}·f′(z)"
    return line(name, Product(tuple(factors)) if len(factors) > 1 else expression, delta, symbols)
