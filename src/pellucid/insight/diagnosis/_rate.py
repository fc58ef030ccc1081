"""The learning rate: signs that it is too high or too low, and a trial of another that confirms them."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.insight.diagnosis._finding import Finding
from pellucid.insight.diagnosis._story import Story, constant_loss, late, table_of
from pellucid.insight.diagnosis._thresholds import (
    LEARNT_ALL,
    LEARNT_LITTLE,
    LEARNT_NOTHING,
    MOVED_LITTLE,
    OVERSHOOT,
    RISE,
    TRIAL_BETTER,
    TRIAL_FASTER,
)
from pellucid.insight.diagnosis._trial import losses_at, trial_steps

__all__ = ["Signs", "diverged", "learning_rate", "signs_of"]

_LOWER: Final = (1 / 3, 1 / 10, 1 / 30, 1 / 100)
_FAR_LOWER: Final = (*_LOWER, 1e-3, 1e-4, 1e-5, 1e-6)  # of runs that diverged
_HIGHER: Final = (3.0, 10.0, 30.0, 100.0, 1000.0)


class Signs(NamedTuple):
    """What the run's own steps say of the learning rate.

    Attributes
    ----------
    overshoot : float
        The share of the steps looked at that raised the loss of the very rows that they were made for.
    first : int
        The first of these steps; 0 where there is none.
    moved : float
        The median of ‖Δθ‖ / ‖θ‖ of these steps.
    constant : float
        The loss of saying the same of every row.
    start, lowest, late : float
        Losses: of the first step, the lowest of an epoch's mean (or a tenth of the run), of the last steps.
    """

    overshoot: float
    first: int
    moved: float
    constant: float
    start: float
    lowest: float
    late: float


def signs_of(story: Story) -> Signs:
    """Return what a run's losses and some ten of its steps say."""
    losses = story.timeline.history.loss
    size = max(1, min(story.timeline.steps_per_epoch, len(losses) // 10))
    means = [float(np.mean(losses[i : i + size])) for i in range(0, len(losses) - size + 1, size)]
    steps = [step for step in story.steps[:-1] if story.timeline.rate(step) > 0]
    made = [_step(story, step) for step in steps]
    return Signs(
        float(np.mean([rose for rose, _ in made])) if made else 0.0,
        next((step for step, (rose, _) in zip(steps, made, strict=True) if rose), 0),
        float(np.median([moved for _, moved in made])) if made else 0.0,
        constant_loss(story.spec, story.T),
        float(losses[0]) if len(losses) else math.inf,
        min(means, default=math.inf),
        late(losses, story.timeline.steps_per_epoch),
    )


def _step(story: Story, step: int) -> tuple[bool, float]:
    """Return whether a step raised the loss of its own rows, and ‖Δθ‖ / ‖θ‖."""
    before = story.vector(step)
    after = story.timeline.state_at(step + 1).parameters
    rows = story.timeline.batch(step)
    X, T = table_of(story.timeline.data.X, rows), story.timeline.data.T[rows]
    rose = _loss(story, after, X, T) > _loss(story, before, X, T)
    long = float(np.linalg.norm(before.astype(np.float64)))
    return rose, float(np.linalg.norm(after.astype(np.float64) - before)) / (long or 1.0)


def _loss(story: Story, vector: NDArray[Any], X: Any, T: NDArray[Any]) -> float:
    backend = story.timeline.backend
    return float(np.mean(backend.losses(story.spec, backend.forward(story.spec, vector, X), T)))


def learning_rate(story: Story) -> list[Finding]:
    """Return a finding where another learning rate would have done far better, and the run shows signs of it.

    A sign alone is not enough (late steps of a run that has learnt all overshoot often), nor is a better trial (most
    runs could have been a little faster): both must be there.
    """
    signs = signs_of(story)
    if trial_steps(story) == 0 or story.timeline.recipe.learning_rate == 0:
        return []
    if story.diverged or _looks_high(signs):
        found = _too_high(story, signs)
        if found:
            return found
    return _too_low(story, signs) if _looks_low(signs) and not story.diverged else []


def _looks_high(signs: Signs) -> bool:
    stalled = signs.late >= LEARNT_NOTHING * signs.constant
    odd = signs.overshoot >= OVERSHOOT or stalled or signs.late >= RISE * signs.lowest
    return odd and signs.late >= LEARNT_ALL * signs.constant


def _looks_low(signs: Signs) -> bool:
    return signs.late >= LEARNT_LITTLE * min(signs.constant, signs.start) and signs.moved <= MOVED_LITTLE


def _best(story: Story, factors: tuple[float, ...], enough: float) -> tuple[float, float]:
    """Return the factor with the lowest late loss, and that loss; the first is tried alone unless it is promising."""
    tried: list[tuple[float, float]] = []
    for factor in factors:
        loss = losses_at(story, factor)
        if tried and loss > min(tried)[0] and min(tried)[0] <= enough:
            break
        tried.append((loss, factor))
    loss, factor = min(tried)
    return factor, loss


def _evidence(signs: Signs, rate: float, loss: float, other: float, other_loss: float, steps: int) -> dict[str, float]:
    return {
        "learning_rate": rate,
        "late_loss": loss,
        "other_rate": other,
        "other_late_loss": other_loss,
        "trial_steps": steps,
        "overshoot": signs.overshoot,
        "moved": signs.moved,
        "constant_loss": signs.constant,
    }


def _too_high(story: Story, signs: Signs) -> list[Finding]:
    loss, rate, steps = losses_at(story, 1), story.timeline.recipe.learning_rate, trial_steps(story)
    enough = TRIAL_BETTER * min(loss, signs.constant if story.diverged else math.inf)
    factor, better = _best(story, _FAR_LOWER if story.diverged else _LOWER, enough)
    if better > enough and not (story.diverged and math.isfinite(better)):
        return []
    what = (
        f"The run diverged at step {story.timeline.frontier + 1}"
        if story.diverged
        else f"The loss of {steps} steps ends at {loss:.3g}; {signs.overshoot:.0%} of the steps looked at raised the "
        "loss of their own rows"
    )
    return [
        Finding(
            "learning_rate_too_high",
            "serious" if story.diverged or loss >= LEARNT_NOTHING * signs.constant else "warning",
            f"{what}, at a learning rate of {rate:.3g}. The same first {steps} steps at {rate * factor:.3g} end at a "
            f"loss of {better:.3g}.",
            _evidence(signs, rate, loss, rate * factor, better, steps),
            f"Lower the learning rate to {rate * factor:.2g}.",
            {"learning_rate": float(f"{rate * factor:.2g}")},
            step=story.timeline.frontier if story.diverged else signs.first,
        )
    ]


def diverged(story: Story) -> Finding:
    """Return the finding of a run that diverged where no trial of another learning rate says why."""
    rate, step = story.timeline.recipe.learning_rate, story.timeline.frontier
    return Finding(
        "diverged",
        "serious",
        f"Numbers ceased to be finite at a learning rate of {rate:.3g}: the run {story.timeline.ended}.",
        {"learning_rate": rate, "failed_step": step + 1},
        f"Try a tenth of the learning rate, {rate / 10:.2g}; where the inputs are large, bring them near 0 ± 1 first.",
        {"learning_rate": float(f"{rate / 10:.2g}")},
        step=step,
    )


def _too_low(story: Story, signs: Signs) -> list[Finding]:
    loss, rate, steps = losses_at(story, 1), story.timeline.recipe.learning_rate, trial_steps(story)
    factor, better = _best(story, _HIGHER, TRIAL_FASTER * loss)
    if better > TRIAL_FASTER * loss:
        return []
    return [
        Finding(
            "learning_rate_too_low",
            "warning",
            f"After {steps} steps at a learning rate of {rate:.3g} the loss is {loss:.3g}, where saying the same of "
            f"every row gives {signs.constant:.3g}; a step changes the parameters by {signs.moved:.2g} of their size. "
            f"The same steps at {rate * factor:.3g} end at {better:.3g}.",
            _evidence(signs, rate, loss, rate * factor, better, steps),
            f"Raise the learning rate to {rate * factor:.2g}, or train longer.",
            {"learning_rate": float(f"{rate * factor:.2g}")},
            step=0,
        )
    ]
