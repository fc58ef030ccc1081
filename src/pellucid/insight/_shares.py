"""How a step is split: each optimiser's movement as a sum over the parts of its gradients.

Once a step's roots, bounds and corrections are taken as given, every optimiser here is linear in the gradients::

    u ← keep·u + inflow·g          the velocity, or the mean of the gradients
    w ← w − out·u − direct·g

so whatever g is a sum of, u and the movement of w are sums of the same parts.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import integer_power
from pellucid.core import (
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    Chain,
    ClipNorm,
    ClipValue,
    Optimizer,
    Parameters,
    RMSprop,
    Sgd,
    SgdVelocity,
)
from pellucid.engine import Job
from pellucid.insight._replay import layer_rate

__all__ = ["STANDING", "Gains", "bound_factor", "carried", "carried_on", "decay_of", "gains_of", "reach", "rule_told"]

Array = NDArray[np.float64]


class Gains(NamedTuple):
    """What a step makes of one weight's gradient; see the module for the formula."""

    keep: float = 0.0
    inflow: float = 0.0
    out: float = 0.0
    direct: float = 0.0


STANDING = Gains(keep=1.0)
"""Of a frozen layer: what was carried stays, and nothing moves."""


def rule_of(optimizer: Optimizer) -> Optimizer:
    """Return the optimiser itself, out of its chain if it is in one."""
    return optimizer.rule if isinstance(optimizer, Chain) else optimizer


def gains_of(optimizer: Optimizer, rate: float, t: int, slots: dict[str, float]) -> Gains | None:
    """Return the gains of step number t = 1, 2, … for a weight; None for an optimiser of the user's own.

    Parameters
    ----------
    optimizer : Optimizer
    rate : float, with the layer's factor
    t : int
    slots : by name, what the optimiser keeps of this weight, after the step
    """
    rule = rule_of(optimizer)
    match None if rule.is_own else rule:
        case Sgd(momentum=mu, nesterov=nesterov):
            if not mu:
                return Gains(direct=rate)
            return Gains(mu, 1.0, rate * mu, rate) if nesterov else Gains(mu, 1.0, rate)
        case SgdVelocity(momentum=mu, nesterov=nesterov):
            return Gains(mu, -rate, -mu, rate) if nesterov else Gains(mu, -rate, -1.0)
        case Adam(beta_1=beta_1, beta_2=beta_2, epsilon=epsilon):  # and AdamW, and AdamHat
            if isinstance(rule, AdamHat):
                epsilon /= math.sqrt(1 - integer_power(beta_2, t))
            root = math.sqrt(slots["square"] / (1 - integer_power(beta_2, t))) + epsilon
            return Gains(beta_1, 1 - beta_1, rate / (1 - integer_power(beta_1, t)) / root)
        case RMSprop(epsilon=epsilon) | Adagrad(epsilon=epsilon):
            return Gains(direct=rate / (math.sqrt(slots["square"]) + epsilon))
    return None


def carried(optimizer: Optimizer) -> str | None:
    """Return the name of the slot that is u, if there is one."""
    rule = rule_of(optimizer)
    known = not rule.is_own
    return next((name for name in rule.slots if known and name in {"velocity", "scaled_velocity", "mean"}), None)


def decay_of(optimizer: Optimizer) -> float:
    """Return how much parameters decay, λ, apart from the gradient."""
    return optimizer.decay if isinstance(optimizer, (AdamW, Chain)) else 0.0


def bound_factor(job: Job, parameters: NDArray[Any], gradient: NDArray[Any], g: float, total: float) -> float:
    """Return what a chain's bound multiplies a weight's gradient by.

    Parameters
    ----------
    job : Job
    parameters : vector
    gradient : vector, of the batch, no penalty in it
    g : float
        The weight's own gradient, with its penalties.
    total : float
        The total weight of the batch.
    """
    match job.optimizer.clip if isinstance(job.optimizer, Chain) else None:
        case ClipValue(most=most):
            return min(1.0, most / abs(g)) if g else 1.0
        case ClipNorm(most=most):
            norm = _norm(job, parameters, gradient, total)
            return 1.0 if norm <= most else most / norm
    return 1.0


def _norm(job: Job, parameters: NDArray[Any], gradient: NDArray[Any], total: float) -> float:
    """Return the norm of the penalised gradient of all layers that are not frozen."""
    squares = 0.0
    whole, of = Parameters(job.spec, gradient.copy()), Parameters(job.spec, parameters)
    for number, (part, weights) in enumerate(zip(whole.layers(), of.layers(), strict=True)):
        if layer_rate(job, number):
            W = part.W.astype(np.float64) + job.l2_of(total) * weights.W + job.l1 * np.sign(weights.W)
            squares += float((W * W).sum()) + float((part.b.astype(np.float64) ** 2).sum())
    return math.sqrt(squares)


def carried_on(gains: list[Gains], gradients: Array, fed: Array) -> Array:
    """Return what each part of the gradients moves the weight by in each step.

    Parameters
    ----------
    gains : one for each step
    gradients : shape (steps, parts); the last part is what was there before, no gradient
    fed : shape (steps,)
        What is met in u at the beginning of a step and no earlier step accounts for.

    Returns
    -------
    array, shape (steps, parts)
    """
    moved, u = np.empty_like(gradients), np.zeros(gradients.shape[1])
    for step, (gain, g) in enumerate(zip(gains, gradients, strict=True)):
        u[-1] += fed[step]
        u = gain.keep * u + gain.inflow * g
        moved[step] = -(gain.out * u + gain.direct * g)
    return moved


def reach(gains: list[Gains]) -> Array:
    """Return what a gradient of 1 in each step moves the weight by, in that step and all later ones together.

    By the recurrence backwards: λ ← out + keep·λ (that of the step after), moved = −(direct + inflow·λ).

    Examples
    --------
    >>> reach([Gains(0.5, 1.0, 0.1), Gains(0.5, 1.0, 0.1)])  # momentum 0.5: what is moved now, and half of it again
    array([-0.15, -0.1 ])
    """
    moved, later = np.empty(len(gains)), 0.0
    for step in reversed(range(len(gains))):
        gain = gains[step]
        u = gain.out + later  # by u as it is after the step
        moved[step], later = -(gain.direct + gain.inflow * u), gain.keep * u
    return moved


def rule_told(optimizer: Optimizer) -> str:
    """Return the rule by which movements are split, as a sentence."""
    rule = rule_of(optimizer)
    bound = " after the gradient's bound, by which all shares shrink alike," if _is_bounded(optimizer) else ""
    if rule.is_own:
        return (
            f"Each step of {rule.name} is split in proportion to the shares of that step's own gradient, "
            "whatever it keeps of earlier ones."
        )
    if isinstance(rule, Sgd) and not rule.momentum:
        return f"A step moves the weight by −rate · w·δ·x / total for each example,{bound} and that is exact."
    if isinstance(rule, (Sgd, SgdVelocity)):
        return (
            f"Each example's share of the gradient, w·δ·x / total,{bound} is carried on in the velocity, from step to "
            "step; that is exact."
        )
    if isinstance(rule, Adam):
        return (
            f"Each example's share of the gradient, w·δ·x / total,{bound} is carried on in the mean of the gradients, "
            "from step to step; the roots that each step divides by are taken as given."
        )
    return (
        f"Each example moves the weight by −rate · w·δ·x / total over the step's root,{bound} and the root is taken as "
        "given."
    )


def _is_bounded(optimizer: Optimizer) -> bool:
    return isinstance(optimizer, Chain) and optimizer.clip is not None
