"""What an optimiser makes of one gradient, as lines."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core import (
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    Chain,
    ClipNorm,
    ClipValue,
    Optimizer,
    RMSprop,
    Sgd,
    SgdVelocity,
)
from pellucid.insight._formula import Apply, Expression, Line, Number, Power, Product, Quotient, Root, Sum, line, number

if TYPE_CHECKING:
    from pellucid.insight._receipt import Update

__all__ = ["update_lines"]

_EXACT = {"float32": 9, "float64": 17}


class _Step(NamedTuple):
    """One weight's step: the rate, the number of the step, and what the optimiser keeps of it before and after."""

    rate: Number
    t: int
    before: dict[str, float]
    after: dict[str, float]
    dtype: str

    def kept(self, slot: str) -> tuple[Number, Number]:
        return number(self.before[slot], dtype=self.dtype), number(self.after[slot], dtype=self.dtype)


def update_lines(update: Update, layer: int, place: int, gradient: NDArray[Any]) -> list[Line]:
    """Return the lines from a gradient to the new value of the parameter at a place of the vector."""
    job, dtype = update.job, update.job.spec.dtype
    old, new = float(update.before.parameters[place]), float(update.after.parameters[place])
    factor = job.layer_rates[layer] if job.layer_rates else 1.0
    held = job.held is not None and place in job.held
    if factor == 0 or held:
        who = "frozen" if held else "of a frozen layer"
        return [Line("w new", None, number(new, _EXACT[dtype], dtype, note=f"as before: the weight is {who}"))]
    lines = []
    rate = number(update.rate * factor, 9)
    if factor != 1.0:
        lines.append(line("η", Product((number(update.rate, 9), number(factor))), rate))
    g = number(float(gradient[place]), dtype=dtype)
    rule: Optimizer = job.optimizer
    decay = 0.0
    if isinstance(rule, Chain):
        clipped, g = _clip_lines(rule, job.layer_rates, job.spec.shapes, gradient, g, dtype)
        lines += clipped
        decay, rule = rule.decay, rule.rule
    if isinstance(rule, AdamW):
        decay = rule.decay
    before, after = (
        {name: float(v[place]) for name, v in state.slots.items()} for state in (update.before, update.after)
    )
    step = _Step(rate, update.before.step + job.steps_before + 1, before, after, dtype)
    found, moved = _rule_lines(rule, g, step)
    lines += found
    return [*lines, *_new_value(old, new, moved, rate, decay, dtype)]


def _new_value(old: float, new: float, moved: Expression | None, rate: Number, decay: float, dtype: str) -> list[Line]:
    """Return the step, and the new value as the old one, less its decay, and the step."""
    digits = _EXACT[dtype]
    before, after = number(old, digits, dtype), number(new, digits, dtype)
    kept: Expression = before
    if decay:
        kept = Product((before, Sum((Number("1"), Product((Number(f"-{rate.text}"), number(decay)))))))
    if moved is None:
        return [line("w new", Sum((before, number(new - old, digits))), after, "w + the rule's own step")]
    if isinstance(moved, Number):  # the step itself, as it was shown
        return [line("w new", Sum((kept, moved)), after, "" if decay else "w + v")]
    shown = number(new - float(kept.value()), digits, dtype if not decay else "float64")
    return [line("Δ", moved, shown), line("w new", Sum((kept, shown)), after)]


def _clip_lines(
    chain: Chain, layer_rates: tuple[float, ...], shapes: Any, gradient: NDArray[Any], g: Number, dtype: str
) -> tuple[list[Line], Number]:
    """Return the gradient within its bound."""
    match chain.clip:
        case ClipNorm(most=most):
            squares = gradient.astype(np.float64) ** 2
            if layer_rates:
                sizes = [(n_in + 1) * n_out for n_out, n_in in shapes]
                squares = squares * np.repeat([float(rate != 0) for rate in layer_rates], sizes)
            norm = float(np.sqrt(squares.sum()))
            if norm <= most:
                return [Line("‖g‖", None, number(norm, note=f"within {most:g}"))], g
            shown = number(norm, 9)
            bounded = Product((g, Quotient(number(most), shown)))
            result = number(float(bounded.value()), dtype=dtype)
            return [Line("‖g‖", None, shown), line("g bounded", bounded, result)], result
        case ClipValue(most=most):
            bounded_to = Apply(f"within ±{most:g} ", (g,), lambda x: min(max(x, -most), most))
            result = number(float(bounded_to.value()), dtype=dtype)
            return [line("g bounded", bounded_to, result)], result
    return [], g


def _minus(one: Number) -> Number:
    return Number(one.text[1:] if one.negative else f"-{one.text}")


def _rule_lines(rule: Optimizer, g: Number, step: _Step) -> tuple[list[Line], Expression | None]:
    """Return how what is kept changes, and the step as an expression; None for a rule that the user wrote."""
    minus_rate = _minus(step.rate)
    match rule:
        case Sgd(momentum=0.0):
            return [], Product((minus_rate, g))
        case Sgd() | SgdVelocity():
            return _velocity_lines(rule, g, step)
        case Adam():
            return _adam_lines(rule, g, step)
        case RMSprop():
            s_before, s = step.kept("square")
            kept, rest = Product((number(rule.beta), s_before)), Product((number(1 - rule.beta), Power(g, 2)))
            lines = [line("v", Sum((kept, rest)), s, "β·v + (1 − β)·g²")]
            return lines, Product((minus_rate, Quotient(g, Sum((Root(s), number(rule.epsilon))))))
        case Adagrad():
            s_before, s = step.kept(rule.slots[0])
            lines = [line("v", Sum((s_before, Power(g, 2))), s, "v + g²")]
            return lines, Product((minus_rate, Quotient(g, Sum((Root(s), number(rule.epsilon))))))
    return [], None


def _velocity_lines(rule: Sgd | SgdVelocity, g: Number, step: _Step) -> tuple[list[Line], Expression]:
    (v_before, v), mu, minus_rate = step.kept(*rule.slots), number(rule.momentum), _minus(step.rate)
    if isinstance(rule, Sgd):
        lines = [line("v", Sum((Product((mu, v_before)), g)), v, "μ·v + g")]
        return lines, Product((minus_rate, Sum((g, Product((mu, v))))) if rule.nesterov else (minus_rate, v))
    down = Product((minus_rate, g))
    lines = [line("v", Sum((Product((mu, v_before)), down)), v, "μ·v − η·g")]
    return lines, Sum((Product((mu, v)), down)) if rule.nesterov else v


def _adam_lines(rule: Adam, g: Number, step: _Step) -> tuple[list[Line], Expression]:
    (m_before, m), (s_before, s) = step.kept("mean"), step.kept("square")
    b1, b2 = rule.beta_1, rule.beta_2
    of_g, of_squares = Product((number(1 - b1), g)), Product((number(1 - b2), Power(g, 2)))
    lines = [
        line("m", Sum((Product((number(b1), m_before)), of_g)), m, "β₁·m + (1 − β₁)·g"),
        line("v", Sum((Product((number(b2), s_before)), of_squares)), s, "β₂·v + (1 − β₂)·g²"),
    ]
    whole_m, whole_s = number(1 - math.pow(b1, step.t), 9), number(1 - math.pow(b2, step.t), 9)
    m_hat, s_hat = Quotient(m, whole_m), Quotient(s, whole_s)
    shown_m, shown_s = number(float(m_hat.value())), number(float(s_hat.value()))
    lines += [
        line("m̂", m_hat, shown_m, "m / (1 − β₁ᵗ)"),
        line("v̂", s_hat, shown_s, "v / (1 − β₂ᵗ)"),
    ]
    epsilon = number(rule.epsilon / math.sqrt(1 - math.pow(b2, step.t)) if isinstance(rule, AdamHat) else rule.epsilon)
    below = Sum((Root(shown_s), epsilon))
    return lines, Product((_minus(step.rate), Quotient(shown_m, below)))
