"""The record: what a run has done so far, and how any part of it is performed again."""

from __future__ import annotations

from typing import final

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

    def rate(self, step: int) -> float:
        """Return the learning rate of the step that is made from here (0 for the first)."""
        base = self._recipe.learning_rate
        for edit in self.edits:
            if edit.step <= step and edit.learning_rate is not None:
                base = edit.learning_rate
        return base * self._steps.schedule(step)

    def state_at(self, step: int, near: State | None = None) -> State:
        """Return the state at a recorded step, in memory of its own.

        It is performed again from the latest keyframe before, or from the state ``near`` where that is closer.
        """
        state = self.keyframes.before(step)
        if near is not None and state.step <= near.step <= step:
            state = copied(near)
        self._apply_edits(state)
        marks = sorted({edit.step for edit in self.edits if edit.parameters is not None})
        while state.step < step:
            until = min([mark for mark in marks if mark > state.step] + [step])
            self._steps.make(state, until - state.step, self.rate)
            self._apply_edits(state)
        return state

    def _apply_edits(self, state: State) -> None:
        for edit in self.edits:
            if edit.step == state.step and edit.parameters is not None:
                state.parameters[...] = edit.parameters

    def best_epoch(self) -> int | None:
        """Return the place of the best epoch so far, where it is to be restored."""
        stopping = self._recipe.early_stopping
        if stopping is None or not stopping.restore_best or not self.history.epochs:
            return None
        return stopping.best(self.history[stopping.monitor].tolist())

    def reason_to_end(self) -> str | None:
        """Return why the run ends at its last step, as far as the recipe decides; None: it goes on."""
        stopping, step = self._recipe.early_stopping, self.frontier
        epoch_over = step > 0 and step % self._steps.steps_per_epoch == 0
        if stopping is not None and epoch_over and stopping.exhausted(self.history[stopping.monitor].tolist()):
            return f"early stopping: {stopping.monitor} brought nothing better in {stopping.patience} epochs"
        return "all epochs made" if step == self._steps.total_steps else None
