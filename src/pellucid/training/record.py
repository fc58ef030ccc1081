"""The record: what a run has done so far, and how any part of it is performed again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import final

import numpy as np
from numpy.typing import NDArray

from pellucid.engine import State
from pellucid.training.events import Edit
from pellucid.training.history import History
from pellucid.training.keyframes import Keyframes, copied
from pellucid.training.recipe import Recipe
from pellucid.training.steps import StepMaker

__all__ = ["Record"]


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

    def __init__(self, recipe: Recipe, steps: StepMaker, start: State) -> None:
        self.edits: list[Edit] = []
        self.history = History()
        self.frontier = 0
        self.keyframes = Keyframes()
        self.keyframes.save(start)
        self._recipe, self._steps = recipe, steps
        self._rates = [(0, recipe.learning_rate)]
        self._best: int | None = None

    def add(self, edit: Edit) -> None:
        """Record a change; it lies at or after all that are recorded."""
        self.edits.append(edit)
        if edit.learning_rate is not None:
            self._rates.append((edit.step, edit.learning_rate))

    def rate(self, step: int) -> float:
        """Return the learning rate of the step that is made from here (0 for the first)."""
        return float(self.rates(step, 1)[0])

    def rates(self, first: int, count: int) -> NDArray[np.float64]:
        """Return the learning rates of some steps, the first of which is made from here (0 for the run's first)."""
        steps = np.arange(first, first + count)
        since, rates = zip(*self._rates, strict=True)
        return np.asarray(
            np.array(rates)[np.searchsorted(since, steps, side="right") - 1] * self._steps.schedule(steps)
        )

    def state_at(self, step: int, near: State | None = None) -> State:
        """Return the state at a recorded step, in memory of its own.

        It is performed again from the latest keyframe before, or from the state ``near`` where that is closer.
        """
        state = self.keyframes.before(step)
        if near is not None and state.step <= near.step <= step:
            state = copied(near)
        self.apply_edits(state)
        marks = {edit.step for edit in self.edits if edit.parameters is not None and state.step < edit.step < step}
        for mark in sorted(marks | {step}):
            while state.step < mark:
                self._steps.make(state, mark - state.step, self.rates)
            self.apply_edits(state)
        return state

    def apply_edits(self, state: State) -> None:
        """Make the recorded changes of parameters at the step of a state."""
        first = bisect_left(self.edits, state.step, key=lambda edit: edit.step)
        end = bisect_right(self.edits, state.step, first, key=lambda edit: edit.step)
        for edit in self.edits[first:end]:
            edit.change(state.parameters)

    def brief_edits(self) -> tuple[Edit, ...]:
        """Return the edits, each change by hand as the parameters whose bits it changed, where these are few.

        What stood there before is found by performing the run again, once.
        """
        brief, state = [], self.keyframes.before(0)
        bits = f"u{state.parameters.itemsize}"
        for edit in self.edits:
            if edit.parameters is None:
                brief.append(edit)
                continue
            while state.step < edit.step:
                self._steps.make(state, edit.step - state.step, self.rates)
            before = state.parameters.copy()
            edit.change(state.parameters)
            places = np.flatnonzero(before.view(bits) != state.parameters.view(bits))
            few = edit.places is None and 2 * len(places) < len(before)
            brief.append(Edit(edit.step, None, state.parameters[places], places) if few else edit)
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
        if stopping is not None and self._best is not None and step % self._steps.steps_per_epoch == 0:
            since = len(self.history) - 1 - self._best
            if since >= stopping.patience:
                return f"early stopping: {stopping.monitor} did not improve in {stopping.patience} epochs"
        return "all epochs done" if step == self._steps.total_steps else None
