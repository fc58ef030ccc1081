"""The timeline: a run as a recording that can be gone on with, and stood in at any step. See README.md here."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Optimizer, Task, fingerprint, right, schedule_named
from pellucid.engine import Backend, Job, State
from pellucid.errors import DivergedError, RunError
from pellucid.random import Purpose, Stream
from pellucid.training.data import TrainingData
from pellucid.training.divergence import explain_divergence
from pellucid.training.events import (
    Edit,
    Edited,
    EpochEnded,
    Event,
    Listener,
    RunEnded,
    RunPaused,
    RunStarted,
    StepsMade,
)
from pellucid.training.history import History
from pellucid.training.interrupt import interruptible
from pellucid.training.keyframes import Keyframes, copied
from pellucid.training.recipe import Recipe

__all__ = ["Checkpoint", "Timeline"]

_SECONDS_PER_CALL: Final = 0.03
_KEYFRAMES_PER_RUN: Final = 64

Vector = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run in rest: all that is needed, with its data, to go on with the same bits.

    Attributes
    ----------
    recipe : Recipe
    data_digest : str
    start : vector
        The parameters at step 0.
    state : State
        Where the run stands: on its end if it is over, else on its last step.
    frontier : int
        The last step made.
    edits : the recorded changes
    history : History
    ended : str or None
        Why the run is over.
    """

    recipe: Recipe
    data_digest: str
    start: Vector
    state: State
    frontier: int
    edits: tuple[Edit, ...]
    history: History
    ended: str | None


@final
class Timeline:
    """A recipe on data, standing on a step.

    The state at step k is a function of the recipe, the data and the edits up to k. New steps are made where the
    record ends (the *frontier*), in place, on the network's own parameters (``live``); if those were changed by
    hand since, the change is recorded as an edit first. Anywhere else the run stands on a copy.

    Parameters
    ----------
    recipe : Recipe
    live : vector
        The network's parameters, which new steps change in place.
    data : TrainingData
    backend : Backend
    threads : int, or None for the backend's choice; never decides a bit of an exact backend
    """

    def __init__(
        self, recipe: Recipe, live: Vector, data: TrainingData, backend: Backend, threads: int | None = None
    ) -> None:
        self.recipe, self.data, self.backend, self.threads = recipe, data, backend, threads
        self.edits: list[Edit] = []
        self.history = History()
        self.frontier = 0
        self.ended: str | None = None
        self._job = Job(
            recipe.spec,
            data.X,
            data.T,
            data.weights,
            self._optimizer,
            recipe.l2,
            min(recipe.batch_size, data.n_rows),
            recipe.seed,
            data.n_rows,
        )
        self._live = live
        self._state = State(0, live, self._optimizer.init(live))
        self._left = _checksum(live)
        self._end = self.total_steps
        self._keyframes = Keyframes()
        self._keyframes.save(self._state)
        self._order: tuple[int, NDArray[np.int64]] | None = None
        self._steps_per_call = 1
        self._stop_wish: str | None = None
        self._advancing = False

    # Where it stands

    @property
    def _optimizer(self) -> Optimizer:
        return self.recipe.optimizer

    @property
    def steps_per_epoch(self) -> int:
        """Steps that see every row once."""
        return self._job.steps_per_epoch

    @property
    def total_steps(self) -> int:
        """Steps that the recipe asks for."""
        return self.steps_per_epoch * self.recipe.epochs

    @property
    def step(self) -> int:
        """The step on which the run stands: how many were made up to there."""
        return self._state.step

    @property
    def state(self) -> State:
        """The state on which the run stands; not a copy."""
        return self._state

    @property
    def done(self) -> bool:
        """Whether the run stands on its end, so that `advance` has nothing to do."""
        return self.step >= self._end

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the parameters on which the run stands."""
        return fingerprint(self._state.parameters)

    def rate(self, step: int) -> float:
        """Return the learning rate of the step that is made from here (0 for the first)."""
        base = self.recipe.learning_rate
        for edit in self.edits:
            if edit.step <= step and edit.learning_rate is not None:
                base = edit.learning_rate
        return base * schedule_named(self.recipe.schedule)(step, self.total_steps)

    # Going on

    def advance(self, steps: int | None = None, listeners: Sequence[Listener] = ()) -> None:
        """Go on by some steps, or to the end: over recorded ground by performing it again, then with new steps.

        Raises
        ------
        DivergedError
            Numbers ceased to be finite. The run is over and stands on its last finite step, and so does the network.
        RunError
            Called from within a listener of this run.
        """
        self._not_from_within("advanced")
        target = self._end if steps is None else min(self.step + steps, self._end)
        self._replay(min(target, self.frontier))
        if target <= self.step:
            return
        self._advancing = True
        try:
            with interruptible() as wished:
                self._attach(listeners)
                self._emit(listeners, [RunStarted(self.step, self.total_steps, self.steps_per_epoch, self._job.rows)])
                while self.step < target and self.ended is None:
                    self._emit(listeners, self._new_steps(target))
                    self._notice_hands(listeners)
                    if self._stop_wish is not None and self.ended is None:
                        self._emit(listeners, self._end_here(self._stop_wish))
                    elif wished.is_set() and self.ended is None:
                        self._emit(listeners, [RunPaused(self.step, "stopped by Ctrl-C; everything is kept")])
                        break
        finally:
            self._advancing = False

    def stop(self, reason: str) -> None:
        """End the run where its record ends: at once, or, from within a listener, after the steps in hand."""
        if self._advancing:
            self._stop_wish = reason
        elif self.ended is None:
            self.seek(self.frontier)
            self._attach(())
            self._end_here(reason)

    def edit(self, *, learning_rate: float) -> None:
        """Record a change of the learning rate, in force for all new steps.

        Raises
        ------
        RunError
            The run is over, or stands before its last step, where its future is recorded already.
        """
        if self.ended is not None:
            raise RunError(f"The run is over ({self.ended}); nothing can be changed in it. Start a new one.")
        if self.step != self.frontier:
            raise RunError(
                f"The run stands on step {self.step}, but its steps up to {self.frontier} are recorded. "
                f"Go to the last one first, with seek({self.frontier})."
            )
        self.edits.append(Edit(self.step, learning_rate=learning_rate))

    def seek(self, step: int) -> None:
        """Stand on a recorded step, exactly as it was. The network stays as it is.

        Raises
        ------
        RunError
            The step is not recorded, or a listener of this run calls.
        """
        self._not_from_within("moved")
        if not 0 <= step <= self.frontier:
            raise RunError(f"Step {step} is not recorded; 0 … {self.frontier} are. To make new steps, use advance().")
        if step == self.step and not self._changed_by_hand():
            return
        if self._attached and not self._changed_by_hand():
            self._keyframes.save(self._state)
        nearest = self._keyframes.before(step)
        near = not self._attached and nearest.step <= self.step <= step
        self._state = copied(self._state) if near else nearest
        self._replay(step)

    def state_at(self, step: int) -> State:
        """Return a copy of the state at a recorded step; the run goes on standing where it stands."""
        standing = self._state
        try:
            self.seek(step)
            return copied(self._state)
        finally:
            self._state = standing

    # Resting

    def checkpoint(self) -> Checkpoint:
        """Return all that is needed to go on later, with the data, to the same bits."""
        if self._attached:
            self._notice_hands(())
        rest = self._end if self.ended is not None else self.frontier
        return Checkpoint(
            self.recipe,
            self.data.digest,
            self._keyframes.before(0).parameters,
            self.state_at(rest),
            self.frontier,
            tuple(self.edits),
            self.history,
            self.ended,
        )

    @classmethod
    def resumed(
        cls, rest: Checkpoint, live: Vector, data: TrainingData, backend: Backend, threads: int | None = None
    ) -> Timeline:
        """Return a timeline that goes on from a checkpoint; ``live`` becomes its state.

        Raises
        ------
        RunError
            The data are not those of the checkpoint.
        """
        if data.digest != rest.data_digest:
            raise RunError(
                f"These data are not those of the run: their digest is {data.digest[:16]}…, the run's is "
                f"{rest.data_digest[:16]}…. Give the same X, y, weights and validation data as before."
            )
        live[...] = rest.start
        timeline = cls(rest.recipe, live, data, backend, threads)
        timeline.edits, timeline.history = list(rest.edits), rest.history
        timeline.frontier, timeline.ended = rest.frontier, rest.ended
        live[...] = rest.state.parameters
        timeline._state = State(rest.state.step, live, copied(rest.state).slots)
        timeline._left = _checksum(live)
        if rest.ended is not None:
            timeline._end = rest.state.step
        timeline._keyframes.save(timeline._state)
        return timeline

    # How steps are made

    @property
    def _attached(self) -> bool:
        return self._state.parameters is self._live

    def _changed_by_hand(self) -> bool:
        return self._attached and not self._advancing and _checksum(self._live) != self._left

    def _not_from_within(self, what: str) -> None:
        if self._advancing:
            raise RunError(
                f"A run cannot be {what} by its own callback. A callback may change the network, edit the learning "
                "rate, or stop the run."
            )

    def _attach(self, listeners: Sequence[Listener]) -> None:
        """Stand on the network's own parameters: where new steps start."""
        self._state = State(self.step, self._live, self._state.slots)
        self._notice_hands(listeners)

    def _notice_hands(self, listeners: Sequence[Listener]) -> None:
        """Record what was changed by hand in the network since the run left it."""
        if _checksum(self._live) == self._left:
            return
        edit = Edit(self.step, parameters=self._live.copy())
        self.edits.append(edit)
        self._left = _checksum(self._live)
        self._keyframes.forget(self.step)
        if self.step:
            self._keyframes.save(self._state)
        self._emit(listeners, [Edited(edit)])

    def _emit(self, listeners: Sequence[Listener], events: list[Event]) -> None:
        for event in events:
            for listener in listeners:
                listener(event)

    def _epoch_order(self, epoch: int) -> NDArray[np.int64]:
        """Return the rows of X in the order in which an epoch (0 for the first) sees them."""
        if self._order is None or self._order[0] != epoch:
            n = self._job.rows
            if self.recipe.shuffle:
                order = Stream(self.recipe.seed, Purpose.SHUFFLE, epoch=epoch).permutation(n)
            else:
                order = np.arange(n)
            self._order = (epoch, order if self.data.rows is None else self.data.rows[order])
        return self._order[1]

    def batch(self, step: int) -> NDArray[np.int64]:
        """Return the rows of X that the step made from here (0 for the first) sees."""
        epoch, place = divmod(step, self.steps_per_epoch)
        size = self._job.batch_size
        return self._epoch_order(epoch)[place * size : (place + 1) * size]

    def _perform(self, state: State, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64], bool]:
        """Make up to ``count`` steps, not past the epoch's end nor for long; losses, hits, diverged."""
        epoch, place = divmod(state.step, self.steps_per_epoch)
        count = min(count, self.steps_per_epoch - place, self._steps_per_call)
        rates = np.array([self.rate(step) for step in range(state.step, state.step + count)])
        begun = time.perf_counter()
        losses, hits, diverged = self.backend.train(
            self._job, state, self._epoch_order(epoch), rates, threads=self.threads
        )
        each = (time.perf_counter() - begun) / max(1, len(losses))
        self._steps_per_call = max(1, round(_SECONDS_PER_CALL / max(each, 1e-7)))
        return losses, hits, diverged

    def _replay(self, target: int) -> None:
        """Perform recorded steps again, edits included."""
        marks = sorted({edit.step for edit in self.edits if edit.parameters is not None})
        self._apply_edits()
        while self.step < target:
            until = min([mark for mark in marks if mark > self.step] + [target])
            self._perform(self._state, until - self.step)
            self._apply_edits()

    def _apply_edits(self) -> None:
        if self._attached:
            return
        for edit in self.edits:
            if edit.step == self.step and edit.parameters is not None:
                self._state.parameters[...] = edit.parameters

    def _new_steps(self, target: int) -> list[Event]:
        """Make a few new steps and all that belongs to them; return what is to be told."""
        last_keyframe_gap = max(1, self.total_steps // _KEYFRAMES_PER_RUN)
        first = self.step
        try:
            losses, hits, diverged = self._perform(self._state, target - first)
        except BaseException:  # a second Ctrl-C, or no memory: leave no half-made step behind
            self._stand_in_network(first)
            raise
        if diverged:
            self._diverged(losses, hits)
        self.frontier = self.step
        self.history.add_steps(losses, hits)
        events: list[Event] = [StepsMade(self.step, losses, hits)]
        epoch_over = self.step % self.steps_per_epoch == 0
        if epoch_over:
            events.append(self._epoch_row())
        best = epoch_over and self._best_epoch() == len(self.history) - 1
        if best or epoch_over or first // last_keyframe_gap != self.step // last_keyframe_gap:
            self._keyframes.save(self._state, pin=best)
        self._left = _checksum(self._live)
        stopping = self.recipe.early_stopping
        if epoch_over and stopping is not None and stopping.exhausted(self.history[stopping.monitor].tolist()):
            events += self._end_here(
                f"early stopping: {stopping.monitor} brought nothing better in {stopping.patience} epochs"
            )
        elif self.step == self.total_steps:
            events += self._end_here("all epochs made")
        return events

    def _epoch_row(self) -> EpochEnded:
        """Measure an epoch that was just ended, and write its row."""
        spec, n = self.recipe.spec, self.steps_per_epoch
        sizes = np.full(n, self._job.batch_size)
        sizes[-1] = self._job.rows - sizes[:-1].sum()
        metrics = {"loss": float(self.history.loss[-n:] @ sizes) / self._job.rows}
        counts = spec.the_loss.task is not Task.VALUES
        if counts:
            metrics["accuracy"] = int(self.history.hits[-n:].sum()) / self._job.rows
        if self.data.held_out is not None:
            X, T = self.data.held_out
            output = self.backend.forward(spec, self._state.parameters, X, threads=self.threads)
            with np.errstate(all="ignore"):
                metrics["val_loss"] = float(spec.the_loss.function(output, T)[0].mean(dtype=np.float64))
            if counts:
                metrics["val_accuracy"] = float(right(spec, output, T).mean())
        epoch = self.step // n
        self.history.epochs.append({"epoch": epoch, "step": self.step, **metrics})
        return EpochEnded(epoch, self.step, metrics)

    def _best_epoch(self) -> int | None:
        """Return the place of the best epoch so far, where it is to be restored."""
        stopping = self.recipe.early_stopping
        if stopping is None or not stopping.restore_best or not self.history.epochs:
            return None
        return stopping.best(self.history[stopping.monitor].tolist())

    def _end_here(self, reason: str) -> list[Event]:
        """End the run: on its best epoch if that is wanted, else where it stands."""
        best = self._best_epoch()
        if best is not None:
            row = self.history.epochs[best]
            if row["step"] != self.step:
                reason += f"; epoch {row['epoch']:.0f}, the best, was restored"
                self._stand_in_network(int(row["step"]))
        self.ended, self._end, self._stop_wish = reason, self.step, None
        return [RunEnded(self.step, reason)]

    def _stand_in_network(self, step: int) -> None:
        """Go to a recorded step, from a keyframe, and take the network along."""
        self._state = self._keyframes.before(step)
        self._replay(step)
        self._live[...] = self._state.parameters
        self._state = State(step, self._live, self._state.slots)
        self._left = _checksum(self._live)

    def _diverged(self, losses: NDArray[np.float64], hits: NDArray[np.int64]) -> None:
        """Go back to the last finite step, end the run there, and say what happened."""
        failed = self.step - 1
        self.history.add_steps(losses[:-1], hits[:-1])
        self.frontier = failed
        self._stand_in_network(failed)
        place = failed % self.steps_per_epoch * self._job.batch_size
        order = self._epoch_order(failed // self.steps_per_epoch)
        rows = slice(place, place + self._job.batch_size)
        layer, cause = explain_divergence(self._job, self._state, rows, order, self.rate(failed))
        self.ended = f"diverged at step {failed + 1} in {layer}: {cause}"
        self._end = failed
        raise DivergedError(
            f"Training diverged at step {failed + 1} (epoch {failed // self.steps_per_epoch + 1}): numbers ceased to "
            f"be finite in {layer}. Likely cause: {cause}. The network keeps the last finite step, {failed}."
        )


def _checksum(vector: Vector) -> int:
    return zlib.crc32(vector.view(np.uint8).data)
