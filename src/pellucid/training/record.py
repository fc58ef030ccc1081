"""The record: what a run has done so far, and how any part of it is performed again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import schedule_of
from pellucid.engine import Job, State, Steps
from pellucid.training.calendar import Calendar
from pellucid.training.events import Edit
from pellucid.training.history import History
from pellucid.training.keyframes import DEFAULT_BYTES, Keyframes, copied
from pellucid.training.recipe import Recipe
from pellucid.training.settings import Settings
from pellucid.training.steps import StepMaker

__all__ = ["Record"]

_KEYFRAMES_PER_RUN: Final = 24  # each ends a call of the backend, which takes a third of a millisecond to begin
_ROWS_PER_KEYFRAME: Final = 2048  # a copy takes as long as the steps for some 30 rows, whatever the network's size

_step: Final = attrgetter("step")


@final
class Record:
    """Edits, history and keyframes of a run, up to its last step, the *frontier*.

    Attributes
    ----------
    edits : list of Edit, in the order of their steps
    history : History
    frontier : int
        The last step made.
    keyframes : Keyframes
    """

    def __init__(self, recipe: Recipe, steps: StepMaker, start: State, keyframe_bytes: int = DEFAULT_BYTES) -> None:
        self.edits: list[Edit] = []
        self.history = History()
        self.frontier = 0
        self.keyframes = Keyframes(keyframe_bytes)
        self.keyframes.save(start)
        self._recipe, self._steps = recipe, steps
        self._in_force = [(0, Settings(recipe), steps.job(Settings(recipe)))]
        self._best: int | None = None

    def add(self, edit: Edit) -> None:
        """Record a change, after those of its step and of earlier ones; what is recorded for later stays so."""
        place = bisect_right(self.edits, edit.step, key=_step)
        self.edits.insert(place, edit)
        if edit.settings:
            after = [later for later in self.edits[place + 1 :] if later.settings]
            del self._in_force[len(self._in_force) - len(after) :]
            for one in (edit, *after):
                self._put_in_force(one)

    def replace(self, edit: Edit, other: Edit) -> None:
        """Put a change of parameters in the place of another one."""
        self.edits[self.edits.index(edit)] = other

    def _put_in_force(self, edit: Edit) -> None:
        _, before, job = self._in_force[-1]
        settings = before.changed(edit.settings)
        # A learning rate is no part of a job, and a run may have thousands of such edits.
        same = edit.settings.keys() <= {"learning_rate", "schedule", "epochs"}
        self._in_force.append((edit.step, settings, job if same else self._steps.job(settings)))
        if "batch_size" in edit.settings:
            self.calendar.change(edit.step, settings.recipe.batch_size)

    @property
    def calendar(self) -> Calendar:
        """The places of steps in epochs."""
        return self._steps.calendar

    def total_steps(self, step: int) -> int:
        """Return how many steps there are in all, by what is in force at a step: nothing later enters a rate."""
        return self.calendar.begin(self.settings(step).recipe.epochs, known=step)

    def settings(self, step: int) -> Settings:
        """Return what is in force at the step that is made from here (0 for the first)."""
        return self._at(step)[1]

    def job(self, step: int) -> Job:
        """Return what the backend is given for the step that is made from here (0 for the first)."""
        return self._at(step)[2]

    def _at(self, step: int) -> tuple[int, Settings, Job]:
        return self._in_force[bisect_right(self._in_force, step, key=itemgetter(0)) - 1]

    def next_edit(self, step: int) -> int | None:
        """Return the step of the first edit after a step; None: there is none."""
        place = bisect_right(self.edits, step, key=_step)
        return self.edits[place].step if place < len(self.edits) else None

    def rate(self, step: int) -> float:
        """Return the learning rate of the step that is made from here (0 for the first)."""
        return float(self.rates(step, 1)[0])

    def rates(self, first: int, count: int) -> NDArray[np.float64]:
        """Return the learning rates of some steps, the first of which is made from here (0 for the run's first)."""
        rates = np.empty(count)
        at = first
        while at < first + count:
            recipe, until = self.settings(at).recipe, self.next_edit(at)
            end = first + count if until is None else min(until, first + count)
            total = self.total_steps(at)
            factor = schedule_of(recipe.schedule).factor(np.arange(at, end), total)
            rates[at - first : end - first] = recipe.learning_rate * factor
            at = end
        return rates

    def make(self, state: State, count: int, *, across: bool = True) -> Steps:
        """Make up to ``count`` steps from a state, in place, with what is in force; not past an edit or a keyframe.

        ``across``: nor past the end of an epoch, where this is False.
        """
        until = self.next_edit(state.step)
        if until is not None:
            count = min(count, until - state.step)
        count = min(count, self.gap - state.step % self.gap)
        return self._steps.make(state, count, self.job(state.step), self.rates, across=across)

    def state_at(self, step: int, near: State | None = None) -> State:
        """Return the state at a recorded step, in memory of its own.

        It is performed again from the latest keyframe before, or from the state ``near`` where that is closer.
        """
        state = self.keyframes.before(step)
        if near is not None and state.step <= near.step <= step:
            state = copied(near)
        self.apply_edits(state)
        self.perform(state, step)
        return state

    def perform(self, state: State, step: int) -> None:
        """Make the recorded steps from a state, in place, up to a step, with the edits on the way and there."""
        while state.step < step:
            self.make(state, step - state.step)
            self.apply_edits(state)
            if state.step not in self.keyframes:
                self.keep(state)

    @cached_property
    def gap(self) -> int:
        """How many steps lie between two keyframes."""
        at_most = self.total_steps(0) // _KEYFRAMES_PER_RUN
        gap = max(at_most, -(-_ROWS_PER_KEYFRAME // self.calendar.place(0).batch_size))
        epoch = self.calendar.begin(1)
        return gap if gap < epoch else gap // epoch * epoch  # so that whole epochs fit in between

    def keep(self, state: State, *, pin: bool = False) -> None:
        """Keep a copy of a state if a gap ends there, or if it is to be pinned."""
        if pin or state.step % self.gap == 0:
            self.keyframes.save(state, pin=pin)

    def apply_edits(self, state: State) -> None:
        """Make the recorded changes of parameters at the step of a state."""
        for edit in self.edits_at(state.step):
            edit.change(state.parameters)

    def edits_at(self, step: int) -> list[Edit]:
        """Return the edits of a step, in their order."""
        first = bisect_left(self.edits, step, key=_step)
        return self.edits[first : bisect_right(self.edits, step, first, key=_step)]

    def brief_edits(self) -> tuple[Edit, ...]:
        """Return the edits, each change by hand as the parameters whose bits it changed, where these are few.

        What stood there before is found by performing the run again, once.
        """
        brief, state = [], self.keyframes.before(0)
        bits = f"u{state.parameters.itemsize}"
        for edit in self.edits:
            if edit.step > self.frontier or not edit.of_parameters:
                brief.append(edit)
                continue
            while state.step < edit.step:
                self.make(state, edit.step - state.step)
            before = state.parameters.copy()
            edit.change(state.parameters)
            places = np.flatnonzero(before.view(bits) != state.parameters.view(bits))
            few = edit.places is None and 2 * len(places) < len(before)
            brief.append(Edit(edit.step, {}, state.parameters[places], places) if few else edit)
        return tuple(brief)

    def add_epoch(self, row: dict[str, float]) -> bool:
        """Write an epoch's row; return whether it is the best so far, by what early stopping watches."""
        self.history.epochs.append(row)
        stopping = self._recipe.early_stopping
        if stopping is None:
            return False
        best = self._best
        if best is None or stopping.better(row[stopping.monitor], self.history.epochs[best][stopping.monitor]):
            self._best = len(self.history) - 1
        return self._best == len(self.history) - 1

    def best_epoch(self) -> dict[str, float] | None:
        """Return the row of the best epoch so far, where it is to be restored."""
        stopping = self._recipe.early_stopping
        if stopping is None or not stopping.restore_best or self._best is None:
            return None
        return self.history.epochs[self._best]

    def reason_to_end(self) -> str | None:
        """Return why the run ends at its last step, as far as the recipe decides; None: it goes on."""
        stopping, step = self._recipe.early_stopping, self.frontier
        if stopping is not None and self._best is not None and self.calendar.ends_epoch(step):
            since = len(self.history) - 1 - self._best
            if since >= stopping.patience:
                return f"early stopping: {stopping.monitor} did not improve in {stopping.patience} epochs"
        return "all epochs done" if step == self.total_steps(step) else None
