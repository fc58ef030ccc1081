"""A recorded run performed again, step by step, with what each step was made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Traced
from pellucid.engine import Job, State
from pellucid.training import Edit, Timeline
from pellucid.training.keyframes import copied

__all__ = ["Replayed", "layer_rate", "traced_step", "walk"]

_FAR: Final = 100  # steps; a keyframe is likely nearer


class Replayed(NamedTuple):
    """A step performed again.

    Attributes
    ----------
    step : int, 0 for the run's first
    rows : int64, shape (batch,)
        The rows of X that it saw.
    job : Job
        What it was made with.
    rate : float
        Its learning rate, before any factor of a layer.
    before, after : State
        Changes by hand at its beginning are in ``before``; later ones are not in ``after``, which is good until the
        next step is asked for.
    """

    step: int
    rows: NDArray[np.int64]
    job: Job
    rate: float
    before: State
    after: State


def walk(timeline: Timeline, steps: Iterable[int]) -> Iterator[Replayed]:
    """Perform some steps again, in rising order, bit by bit; the run goes on standing where it stands."""
    state: State | None = None
    edits: dict[int, list[Edit]] = defaultdict(list)
    for step in steps:
        if state is None or step - state.step > _FAR:
            state = timeline.state_at(step)  # first of all: what was changed by hand becomes an edit here
            for edit in () if edits else timeline.edits:
                edits[edit.step].append(edit)
        else:
            _go_on(timeline, state, step, edits)
        before = copied(state)
        rows, job, rate = _make(timeline, state)
        yield Replayed(step, rows, job, rate, before, state)


def _go_on(timeline: Timeline, state: State, step: int, edits: dict[int, list[Edit]]) -> None:
    """Go on to the state from which a step is made, in place: from that which an earlier step left."""
    while True:
        for edit in edits.get(state.step, ()):
            edit.change(state.parameters)
        if state.step == step:
            return
        _make(timeline, state)


def _make(timeline: Timeline, state: State) -> tuple[NDArray[np.int64], Job, float]:
    """Make one step, in place; return the rows that it saw, its job and its rate."""
    step = state.step
    rows, job, rate = timeline.batch(step), timeline.job(step), timeline.rate(step)
    timeline.backend.train(job, state, rows, np.array([rate]), threads=timeline.threads_for(job))
    return rows, job, rate


def traced_step(timeline: Timeline, made: Replayed) -> Traced:
    """Return every number that a step was made of."""
    job, rows = made.job, made.rows
    weights = None if job.weights is None else job.weights[rows]
    drop, threads = job.dropout(made.step), timeline.threads_for(job)
    return timeline.backend.trace(
        job.spec, made.before.parameters, job.X[rows], job.T[rows], weights, drop, threads=threads
    )


def layer_rate(job: Job, number: int) -> float:
    """Return a layer's factor of the learning rate, 0 where it is frozen; number 0 is the first layer."""
    return job.layer_rates[number] if job.layer_rates else 1.0
