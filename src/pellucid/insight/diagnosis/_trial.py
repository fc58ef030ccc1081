"""A trial: the run's own first steps, made again at another learning rate."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

from pellucid.errors import DivergedError
from pellucid.insight.diagnosis._story import Story, late
from pellucid.training import Timeline

__all__ = ["losses_at", "trial_steps"]

_MOST_PRODUCTS: Final = 2e9
_FEWEST, _MOST = 50, 1500


def trial_steps(story: Story) -> int:
    """Return how many steps a trial makes: the run's up to its first edit, as far as they take tenths of a second.

    0 where that is too few to tell anything.
    """
    recipe = story.timeline.recipe
    wanted = story.timeline.total_steps if story.diverged else story.timeline.frontier
    wanted = min([wanted, *(edit.step for edit in story.timeline.edits)])
    each = 3 * recipe.spec.n_parameters * min(recipe.batch_size, len(story.rows))
    return 0 if wanted < _FEWEST else min(wanted, _MOST, max(_FEWEST, int(_MOST_PRODUCTS / each)))


def losses_at(story: Story, factor: float) -> float:
    """Return the late loss of the same first steps at ``factor`` times the learning rate; ∞ where they diverge.

    Everything else is the run's: its start, its rows, their order.
    """
    run = story.timeline
    if factor == 1:
        steps = trial_steps(story)
        return math.inf if story.diverged else late(run.history.loss[:steps], run.steps_per_epoch)
    recipe = replace(run.recipe, learning_rate=run.recipe.learning_rate * factor, early_stopping=None)
    start = run.state_at(0).parameters
    # One thread: so few products are not worth waiting for another, and no bit depends on it.
    trial = Timeline(recipe, start, replace(run.data, held_out=None), run.backend, 1, run.recompute)
    try:
        trial.advance(trial_steps(story))
    except DivergedError:
        return math.inf
    return late(trial.history.loss, run.steps_per_epoch)
