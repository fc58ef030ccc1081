"""The timeline: a run as a recording that can be gone on with, and stood in at any step. See README.md here."""

from __future__ import annotations

import functools
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Slots, fingerprint, on_cache_lines
from pellucid.engine import Backend, Job, State
from pellucid.errors import DivergedError, RunError, SettingError
from pellucid.training.checkpoint import Checkpoint
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
from pellucid.training.interrupt import Interruption, interruptible
from pellucid.training.keyframes import DEFAULT_BYTES, Keyframes, copied
from pellucid.training.progress import ProgressBar
from pellucid.training.recipe import Recipe
from pellucid.training.record import Record
from pellucid.training.settings import Settings
from pellucid.training.steps import StepMaker
from pellucid.training.turns import Turns

__all__ = ["Timeline"]

_TRIED: Final = 32  # steps made to learn how long one takes

Vector = NDArray[Any]
Method = TypeVar("Method", bound=Callable[..., Any])


def _in_turn(method: Method) -> Method:
    """Let a method wait until no other thread is within the timeline: between two calls of the backend, say."""

    @functools.wraps(method)
    def waiting(self: Timeline, *args: Any, **kwargs: Any) -> Any:
        with self.turns:
            return method(self, *args, **kwargs)

    return cast(Method, waiting)


@final
class Timeline:
    """A recipe on data, standing on a step.

    The state at step k is a function of the recipe, the data and the edits up to k. New steps are made where the
    record ends (the *frontier*), in place, on the network's own parameters (``live``); if those were changed by
    hand since, the change is recorded as an edit first. Anywhere else the run stands on a copy.

    Other threads may ask and edit while it goes on; they are let in between two calls of the backend (``turns``).

    Parameters
    ----------
    recipe : Recipe
    live : vector
        The network's parameters, which new steps change in place.
    data : TrainingData
    backend : Backend
    threads : int, or None for the backend's choice; never decides a bit of an exact backend
    recompute : bool
        Whether memory is short, see `Job`.
    keyframe_bytes : int
        What copies of states may take.
    slots : what the optimiser kept in an earlier run that this one goes on from; None: nothing
    """

    def __init__(
        self,
        recipe: Recipe,
        live: Vector,
        data: TrainingData,
        backend: Backend,
        threads: int | None = None,
        recompute: bool = False,
        keyframe_bytes: int = DEFAULT_BYTES,
        slots: Slots | None = None,
    ) -> None:
        self.recipe, self.data, self.backend = recipe, data, backend
        self.threads, self.recompute, self.keyframe_bytes = threads, recompute, keyframe_bytes
        self._steps = StepMaker(recipe, data, backend, threads, recompute)
        self.turns = Turns()
        self.ended: str | None = None
        self._live = live
        self._state = State(0, live, recipe.optimizer.init(live) if slots is None else slots)
        self._left: int | None = _checksum(live)  # None: as the last steps left it; nobody has had it since
        self._ended_on: int | None = None
        self._record = Record(recipe, self._steps, self._state, keyframe_bytes)
        self._stop_wish: str | None = None
        self.advancing = False
        self._torn = False
        self._told = 0

    # Where it stands

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The recorded changes."""
        return tuple(self._record.edits)

    @property
    def history(self) -> History:
        """What was measured, up to the last step."""
        return self._record.history

    @property
    def frontier(self) -> int:
        """The last step made."""
        return self._record.frontier

    @property
    def steps_per_epoch(self) -> int:
        """Steps that see every row once, in batches of the size that the recipe begins with."""
        calendar = self._record.calendar
        return -(-calendar.rows // calendar.place(0).batch_size)

    @property
    def total_steps(self) -> int:
        """Steps that the recipe asks for, as edits have changed it."""
        return self._record.total_steps(self.frontier)

    @property
    def _end(self) -> int:
        """The step on which the run stands when it is over."""
        return self.total_steps if self._ended_on is None else self._ended_on

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
    def goes_on(self) -> bool:
        """Whether its optimiser began with what it had kept in an earlier run."""
        return any(slot.any() for slot in self._record.keyframes.before(0).slots.values())

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the parameters on which the run stands."""
        return fingerprint(self._state.parameters)

    @_in_turn
    def rate(self, step: int) -> float:
        """Return the learning rate of the step that is made from here (0 for the first)."""
        return self._record.rate(step)

    @_in_turn
    def epoch(self, step: int) -> int:
        """Return the epoch, 1 for the first, to which the step made from here (0 for the first) belongs."""
        return self._record.calendar.place(step).epoch + 1

    @_in_turn
    def batch(self, step: int) -> NDArray[np.int64]:
        """Return the rows of X that the step made from here (0 for the first) sees."""
        return self._steps.batch(step)

    @_in_turn
    def settings(self, step: int) -> Settings:
        """Return what is in force at the step that is made from here (0 for the first)."""
        return self._record.settings(step)

    @_in_turn
    def job(self, step: int) -> Job:
        """Return what the backend is given for the step that is made from here (0 for the first)."""
        return self._record.job(step)

    @_in_turn
    def loss_of(self, state: State) -> float:
        """Return the loss of the step that would be made from a state; the state stays as it is."""
        return float(self._record.make(copied(state), 1).losses[0])

    @_in_turn
    def after(self, state: State) -> State:
        """Return the state after the step that is made from a state, before edits there; the state stays as it is."""
        new = copied(state)
        self._record.make(new, 1)
        return new

    def threads_for(self, job: Job, steps: int = 1) -> int | None:
        """Return on how many threads some steps are best made; None: as many as the backend thinks fit."""
        return self._steps.threads_for(job, steps)

    @_in_turn
    def seek_cost(self, step: int) -> tuple[int, float]:
        """Return how many steps it takes to stand on a recorded step, and about how many seconds."""
        self._recorded(step)
        steps = step - self._record.keyframes.last(step)
        if steps and not self._steps.seconds_per_step:  # none was made here yet: some are, of a copy
            self._record.state_at(step - steps + min(steps, _TRIED))
        return steps, steps * self._steps.seconds_per_step

    # Going on

    def advance(
        self,
        steps: int | None = None,
        listeners: Sequence[Listener] = (),
        paused: Callable[[], bool] = bool,
        heard: Callable[[], bool] | None = None,
    ) -> bool:
        """Go on by some steps, or to the end: over recorded ground by performing it again, then with new steps.

        Parameters
        ----------
        paused : function
            Asked before each call of the backend whether to return with what there is.
        heard : function, or None for yes
            Asked before each call of the backend whether someone wants to be told of each epoch where it ends.

        Returns
        -------
        bool
            Whether it got there; False where it was paused, by Ctrl-C or by ``paused``.

        Raises
        ------
        DivergedError
            Numbers ceased to be finite. The run is over and stands on its last finite step, and so does the network.
        RunError
            Called from within a listener of this run.
        """
        with self.turns:
            goal = self._ready(steps)
            if goal is None:
                return True
            self.advancing = True
        try:
            with interruptible() as interruption:
                with self.turns:
                    self._attach()
                    self._emit(listeners, [self._started()])
                return self._go_on(goal, listeners, interruption, paused, heard)
        finally:
            with self.turns:
                self.advancing = False
                self._seal()

    def _ready(self, steps: int | None) -> float | None:
        """Go over recorded ground; return the step up to which new ones are to be made, or None where none are."""
        self._not_from_within("advanced")
        self._refuse_hands_elsewhere()
        if steps is None and self.step > self._end:  # a best epoch lies before the last one
            self._go_to(self._end)
        goal = math.inf if steps is None else self.step + steps
        if self.step < min(self._target(goal), self.frontier):
            self._state = self.state_at(min(self._target(goal), self.frontier))
        if self.ended is not None or self.step < self.frontier:
            return None
        there = self._target(goal) <= self.step and (self._record.reason_to_end() or self._stop_wish) is None
        return None if there else goal

    def _started(self) -> RunStarted:
        place, rows = self._record.calendar.place(self.step), self._record.calendar.rows
        epochs, each = self.settings(self.step).recipe.epochs, -(-rows // place.batch_size)
        return RunStarted(self.step, self.total_steps, each, rows, place.epoch, epochs)

    def _target(self, goal: float) -> int:
        """Return the step to go to: a goal, or the run's end where that comes first; an edit may put it off."""
        return self._end if goal >= self._end else int(goal)

    def _go_on(
        self,
        goal: float,
        listeners: Sequence[Listener],
        interruption: Interruption,
        paused: Callable[[], bool],
        heard: Callable[[], bool] | None,
    ) -> bool:
        """Make new steps up to a goal, unless the run ends or is to pause before; return whether it got there."""
        while True:
            with self.turns:
                across = heard is not None and not heard()
                there = self._go_on_a_little(goal, listeners, interruption, paused, across)
            if there is not None:
                return there

    def _go_on_a_little(
        self,
        goal: float,
        listeners: Sequence[Listener],
        interruption: Interruption,
        paused: Callable[[], bool],
        across: bool,
    ) -> bool | None:
        """Make the steps of one call of the backend; return None, or, where no more are made, whether it got there."""
        self._record_hands(listeners)
        reason = self._record.reason_to_end() or self._stop_wish
        if reason is not None:
            with interruption.held():
                events = self._end_here(reason)
            self._emit(listeners, events)
            return True
        if interruption.wished or paused():
            why = "stopped by Ctrl-C" if interruption.wished else "paused"
            self._emit(listeners, [RunPaused(self.step, f"{why}; finish() goes on")])
            return False
        if self.step >= self._target(goal):
            return True
        self._new_steps(self._target(goal), listeners, interruption, across)
        return None

    @_in_turn
    def stop(self, reason: str, listeners: Sequence[Listener] = (), stand_on: int | None = None) -> None:
        """End the run where its record ends: at once, or, from within a listener, after the steps in hand.

        ``stand_on``: and let it, and the network, stand on this recorded step, as on a best epoch.

        Raises
        ------
        RunError
            That step is not recorded, or a listener of this run names one.
        """
        if stand_on is not None:
            self._not_from_within("moved")
            self._recorded(stand_on)
        if self.advancing:
            self._stop_wish = reason
        elif self.ended is None:
            self.seek(self.frontier)
            self._attach()
            self._notice_hands()
            self._emit(listeners, self._end_here(reason, stand_on))

    @_in_turn
    def edit(self, edits: Sequence[Edit]) -> None:
        """Record changes, each from its own step on. Listeners are told when the run gets there.

        Those of parameters, at the step on which the run ends so far, are made in the network at once.

        Raises
        ------
        RunError
            The run is over, or its future from there on is recorded already.
        SettingError, KindError, UnknownNameError
            A setting is outside what is accepted.
        """
        if self.ended is not None:
            raise RunError(
                f"The run is over ({self.ended}); nothing can be changed in it. Start a new one, or go another way "
                f"from a step of it, with run.branch({self.step}, …)."
            )
        for edit in edits:
            self._check(edit)
        now = [edit for edit in edits if edit.of_parameters and edit.step == self.frontier]
        if now:
            self._refuse_hands_elsewhere()
            if not self.advancing:
                self._go_to(self.frontier)
                self._attach()
            self._notice_hands()
        for edit in edits:
            self._record.add(edit)
        self._make_edits(now)

    def _check(self, edit: Edit) -> None:
        """Raise where a change cannot be made at its step."""
        if edit.step < self.frontier:
            raise RunError(
                f"The run's steps up to {self.frontier} are recorded, so nothing can be changed at step "
                f"{edit.step}. Go to the last one first, with seek({self.frontier}), or another way from there, "
                f"with run.branch({edit.step}, …) and the same changes."
            )
        if edit.step > self.total_steps:
            raise RunError(
                f"The run has {self.total_steps} steps, so nothing can be changed at step {edit.step}. "
                "Name an earlier one, or let the run have more, with edit(epochs=…)."
            )
        epochs = self.settings(edit.step).changed(edit.settings).recipe.epochs
        place = self._record.calendar.place(edit.step)
        begun = place.epoch + (place.row > 0)
        if epochs < begun:
            raise SettingError(
                f"At step {edit.step} the run is in epoch {begun} already; epochs={epochs} was given. Give as "
                "many or more, or end the run with stop()."
            )

    def _make_edits(self, edits: Sequence[Edit]) -> None:
        """Make recorded changes of parameters whose step has come, in the network itself."""
        due = [edit for edit in edits if edit.of_parameters]
        for edit in due:
            edit.change(self._live)
            if edit.factor is not None and edit.places is not None:  # told as what it came to: twice changes nothing
                self._record.replace(edit, Edit(edit.step, {}, self._live[edit.places], edit.places))
        if due:
            self._left = _checksum(self._live)
            self._keep_changed()

    def _keep_changed(self) -> None:
        """Put a keyframe of the state as it was changed in the place of those that were taken before."""
        self._record.keyframes.forget(self.step)
        if self.step:
            self._record.keyframes.save(self._state)

    @_in_turn
    def seek(self, step: int) -> None:
        """Stand on a recorded step, exactly as it was. The network stays as it is.

        Raises
        ------
        RunError
            The step is not recorded, or a listener of this run calls.
        """
        self._not_from_within("moved")
        self._go_to(step)

    def _go_to(self, step: int) -> None:
        """Stand on a recorded step; where an error or Ctrl-C intervenes, the run goes on standing where it stood."""
        if step != self.step or self._changed_by_hand():
            self._state = self.state_at(step)
            if step == self.frontier and self.ended is None and not self._torn and not self.touched:
                self._attach()  # whoever changes the network now changes it here

    @_in_turn
    def state_at(self, step: int) -> State:
        """Return a copy of the state at a recorded step; the run goes on standing where it stands.

        Raises
        ------
        RunError
            The step is not recorded.
        """
        self._recorded(step)
        if self._attached and np.isfinite(self._live).all():  # else the next step refuses the change
            self._notice_hands()
            self._record.keyframes.save(self._state)
        return self._record.state_at(step, near=None if self._attached else self._state)

    def _recorded(self, step: int) -> None:
        if not 0 <= step <= self.frontier:
            raise RunError(f"Step {step} is not recorded; 0 … {self.frontier} are. To make new steps, use advance().")

    def walk(self, first: int, last: int) -> Iterator[State]:
        """Yield the state at each recorded step of a stretch, its end included: one state, which each step changes.

        Raises
        ------
        RunError
            A step is not recorded.
        """
        self._recorded(last)
        state = self.state_at(first)
        yield state
        while state.step < last:
            self._record.perform(state, state.step + 1)
            yield state

    @property
    def keyframes(self) -> tuple[int, ...]:
        """The steps of which a copy is kept."""
        with self.turns:
            return self._record.keyframes.steps

    @_in_turn
    def keyframes_until(self, step: int) -> Keyframes:
        """Return the keyframes up to a step, for a run that shares the steps up to there."""
        return self._record.keyframes.until(step)

    # Resting

    @_in_turn
    def checkpoint_at(self, step: int, *, later: bool = False) -> Checkpoint:
        """Return a checkpoint of the run as it was at a recorded step, as if it had been made no further.

        ``later``: with the edits that came after it, as edits that are yet to come.
        """
        state = self.state_at(step)  # first, since what was changed by hand becomes an edit here
        edits = tuple(_placed(edit) if edit.step > step else edit for edit in self.edits if later or edit.step <= step)
        return self._checkpoint(state, step, edits, self.history.until(step), None)

    @_in_turn
    def checkpoint(self, *, keyframes: bool = True) -> Checkpoint:
        """Return all that is needed to go on later, with the data, to the same bits.

        With ``keyframes`` it holds where the run stands and what it measured; without, these are performed again.
        """
        self._refuse_hands_elsewhere()
        if self._attached:
            self._notice_hands()
        rest = self.state_at(self._end if self.ended is not None else self.frontier)
        if keyframes:
            return self._checkpoint(rest, self.frontier, self.edits, self.history.copy(), self.ended)
        brief = self._checkpoint(rest, self.frontier, self._record.brief_edits(), self.history, self.ended)
        return replace(brief, state=None, history=None)

    def _checkpoint(
        self, state: State, frontier: int, edits: tuple[Edit, ...], history: History, ended: str | None
    ) -> Checkpoint:
        return Checkpoint(
            self.recipe,
            self.data.digest,
            self._record.keyframes.before(0).parameters,
            state.step,
            frontier,
            edits,
            ended,
            fingerprint(state.parameters),
            self.backend.exactness,
            state,
            history,
        )

    @classmethod
    def resumed(
        cls,
        rest: Checkpoint,
        live: Vector,
        data: TrainingData,
        backend: Backend,
        threads: int | None = None,
        recompute: bool = False,
        keyframes: Keyframes | None = None,
    ) -> Timeline:
        """Return a timeline that goes on from a checkpoint; ``live`` becomes its state.

        ``keyframes`` are those of the same steps made elsewhere, if there are any.

        Where the checkpoint does not hold its state, all its steps are performed again, and nobody is told.

        Raises
        ------
        RunError
            The data are not those of the checkpoint, or performing it again does not give the same bits.
        """
        if data.digest != rest.data_digest:
            raise RunError(
                f"These data are not those of the run: their digest is {data.digest[:16]}…, the run's is "
                f"{rest.data_digest[:16]}…. Give the same X, y, weights and validation data as before."
            )
        live[...] = rest.start
        timeline = cls(rest.recipe, live, data, backend, threads, recompute)
        record = timeline._record
        if keyframes is not None:
            record.keyframes = keyframes
        for edit in rest.edits:
            record.add(edit)
        made, epochs = record.total_steps(rest.frontier), record.calendar.place(rest.frontier).epoch
        told = epochs if rest.history is None else len(rest.history)
        if rest.frontier > made or told != epochs:
            raise RunError(
                f"The record does not fit these data: it tells of {rest.frontier} steps and {told} "
                f"epochs, where {made} steps in all, and so {epochs} epochs, are possible. Take the file again from "
                "where it came."
            )
        timeline.ended = rest.ended
        timeline._told = sum(edit.step <= rest.frontier for edit in rest.edits)
        if rest.state is None or rest.history is None:
            state = timeline._performed_again(rest)
        else:
            state, record.frontier = rest.state, rest.frontier
            record.history.add_steps(rest.history.loss, rest.history.hits)
            for row in rest.history.epochs:
                record.add_epoch(dict(row))
        live[...] = state.parameters
        stands_on = live if rest.ended is None else on_cache_lines(live)
        slots = {name: on_cache_lines(slot) for name, slot in state.slots.items()}
        timeline._state = State(rest.step, stands_on, slots)
        timeline._left = _checksum(live)
        record.keyframes.take(state)
        if rest.ended is not None:
            timeline._ended_on = rest.step
        return timeline

    def _performed_again(self, rest: Checkpoint) -> State:
        """Make all steps of a checkpoint again; return the state on which it rests."""
        self._record.apply_edits(self._state)
        while self.step < rest.frontier:
            first = self.step
            count = rest.frontier - first
            losses, hits, diverged = self._record.make(self._state, count, across=self._measures_steps_alone)
            if diverged:
                raise _other_bits(rest, f"numbers cease to be finite at step {self.step}")
            self._settle(first, losses, hits, self._ended_epochs(first, losses, hits))
        state = self._record.state_at(rest.step)
        found = fingerprint(state.parameters)
        if found != rest.fingerprint:
            raise _other_bits(rest, f"it comes to the fingerprint {found[:16]}…, not {rest.fingerprint[:16]}…")
        return state

    # How steps are made

    @property
    def _attached(self) -> bool:
        return self._state.parameters is self._live

    def _changed_by_hand(self) -> bool:
        return self._attached and self._left is not None and _checksum(self._live) != self._left

    def _not_from_within(self, what: str) -> None:
        if self.advancing:
            raise RunError(
                f"A run cannot be {what} while it is advancing, by a callback of its own or by another thread. A "
                "callback may change the network, edit the learning rate, or stop the run."
            )

    @property
    def touched(self) -> bool:
        """Whether somebody else wrote into the network since the run left it; False once the run is over."""
        return self.ended is None and not self._torn and self._left is not None and _checksum(self._live) != self._left

    def _refuse_hands_elsewhere(self) -> None:
        """Raise where the network was changed while the run stood on another step than the network does."""
        if not self._attached and self.touched:
            raise RunError(
                f"The run stands on step {self.step}, but the network, which was changed by hand, on step "
                f"{self.frontier}: the change would count there. Take it back, with run.network.parameters = "
                f"run.at({self.frontier}).parameters; then change it after seek({self.frontier}), or in a branch "
                f"from here, run.branch({self.step})."
            )

    def _attach(self) -> None:
        """Stand on the network's own parameters: where new steps start."""
        if self._torn:
            self._stand_in_network(self.frontier)
        self._state = State(self.step, self._live, self._state.slots)

    def _record_hands(self, listeners: Sequence[Listener]) -> None:
        """Record what was changed by hand, and tell all edits that were not told yet.

        What a listener changes while it is told is recorded, too, and told the next time.
        """
        self._notice_hands()
        untold = [edit for edit in self.edits[self._told :] if edit.step <= self.step]
        self._told += len(untold)
        if untold:
            self._emit(listeners, [Edited(edit) for edit in untold])
            self._notice_hands()

    def _notice_hands(self) -> None:
        """Record what was changed by hand in the network since the run left it."""
        if self._left is None:
            return
        found = _checksum(self._live)
        if found == self._left:
            return
        if not np.isfinite(self._live).all():
            raise RunError(
                f"At step {self.step} the network's parameters were changed by hand to NaN or infinity; the run goes "
                "on from finite numbers only. Write finite ones, or take the change back with "
                f"run.network.parameters = run.at({self.step}).parameters."
            )
        changed = self._live.copy()
        changed.setflags(write=False)
        self._record.add(Edit(self.step, parameters=changed))
        self._left = found
        self._keep_changed()

    def _seal(self) -> None:
        """Sum up what the steps left in the network, before anyone else may change it."""
        if self._left is None:
            self._left = _checksum(self._live)

    def _emit(self, listeners: Sequence[Listener], events: list[Event]) -> None:
        if any(not isinstance(listener, ProgressBar) for listener in listeners):
            self._seal()
        for event in events:
            for listener in listeners:
                listener(event)

    def _new_steps(self, target: int, listeners: Sequence[Listener], interruption: Interruption, across: bool) -> None:
        """Make a few new steps and all that belongs to them, and tell them."""
        first, settled = self.step, False
        across = across and self._measures_steps_alone
        try:
            losses, hits, diverged = self._record.make(self._state, target - first, across=across)
            losses.setflags(write=False)
            hits.setflags(write=False)
            ended = [] if diverged else self._ended_epochs(first, losses, hits)
            with interruption.held():
                settled = True
                if diverged:
                    events, error = self._diverged(first, losses, hits)
                else:
                    events, error = self._settle(first, losses, hits, ended), None
        except BaseException:  # a second Ctrl-C, or no memory: leave no half-made step behind
            if not settled:
                with interruption.held():
                    self._torn = True
                    self._stand_in_network(first)
            raise
        self._emit(listeners, events)
        if error is not None:
            raise error

    def _settle(
        self, first: int, losses: NDArray[np.float64], hits: NDArray[np.int64], ended: list[EpochEnded]
    ) -> list[Event]:
        """Write the steps made since ``first`` into the record; return what is to be told."""
        self._record.frontier = self.step
        self.history.add_steps(losses, hits)
        self._left = None
        events: list[Event] = [StepsMade(self.step, losses, hits)]
        best = False
        for one in ended:
            best = self._record.add_epoch(self._row(one))
            events.append(one)
        self._record.keep(self._state, pin=best)
        self._make_edits(self._record.edits_at(self.step))
        return events

    @property
    def _measures_steps_alone(self) -> bool:
        """Whether nothing is to be done at an epoch's end but to sum up its steps, so that a call may go across."""
        return not self._steps.measures_rows and self.recipe.early_stopping is None

    def _ended_epochs(self, first: int, losses: NDArray[np.float64], hits: NDArray[np.int64]) -> list[EpochEnded]:
        """Measure the epochs that the steps since ``first``, not yet in the history, have ended."""
        calendar = self._record.calendar
        before, epoch = calendar.place(first).epoch, calendar.place(first + len(losses)).epoch
        if epoch == before:
            return []
        end = calendar.begin(epoch)  # after it come steps alone that a divergence has left
        losses, hits = losses[: end - first], hits[: end - first]
        if epoch - before > 1:  # whole ones, made in one call
            found = self._steps.measure_several(epoch - before, end, losses, hits)
            each = len(losses) // len(found)
            return [
                EpochEnded(before + number, first + number * each, MappingProxyType(metrics))
                for number, metrics in enumerate(found, start=1)
            ]
        earlier_losses, earlier_hits = self.history.last(first - calendar.begin(before))
        whole = np.append(earlier_losses, losses), np.append(earlier_hits, hits)
        return [EpochEnded(epoch, end, MappingProxyType(self._steps.measure(self._state, end, *whole)))]

    @staticmethod
    def _row(ended: EpochEnded) -> dict[str, float]:
        return {"epoch": ended.epoch, "step": ended.step, **ended.metrics}

    def _end_here(self, reason: str, stand_on: int | None = None) -> list[Event]:
        """End the run: on its best epoch if that is wanted, or on some step, else where it stands."""
        best = self._record.best_epoch()
        if stand_on is None and best is not None and best["step"] != self.step:
            reason += f"; epoch {best['epoch']:.0f}, the best, was restored"
            stand_on = int(best["step"])
        if stand_on is not None and stand_on != self.step:
            self._stand_in_network(stand_on)
        self._state = copied(self._state)  # what is done with the network from now on is not of this run
        self.ended, self._ended_on, self._stop_wish = reason, self.step, None
        return [RunEnded(self.step, reason, early=self.frontier < self.total_steps)]

    def _stand_in_network(self, step: int) -> None:
        """Go to a recorded step, from a keyframe, and take the network along."""
        self._state = self._record.state_at(step)
        self._live[...] = self._state.parameters
        self._state = State(step, self._live, self._state.slots)
        self._left, self._torn = _checksum(self._live), False

    def _diverged(
        self, first: int, losses: NDArray[np.float64], hits: NDArray[np.int64]
    ) -> tuple[list[Event], DivergedError]:
        """Go back to the last finite step and end the run there; return what is to be told, and raised."""
        failed, losses, hits = self.step - 1, losses[:-1], hits[:-1]
        ended = self._ended_epochs(first, losses, hits)
        self.history.add_steps(losses, hits)
        for one in ended:
            self._record.add_epoch(self._row(one))
        self._record.frontier = failed
        self._stand_in_network(failed)
        layer, cause = explain_divergence(self.job(failed), self._state, self.batch(failed), self.rate(failed))
        self._state = copied(self._state)
        self.ended, self._ended_on = f"diverged at step {failed + 1} in {layer}: {cause}", failed
        events: list[Event] = [StepsMade(failed, losses, hits)] if failed > first else []
        return [*events, *ended, RunEnded(failed, self.ended)], DivergedError(
            f"Training diverged at step {failed + 1} (epoch {self.epoch(failed)}): numbers became NaN or infinite in "
            f"{layer}. Likely cause: {cause}. The network keeps the last finite step, {failed}; "
            "the error's .run.at(0).network is the network before the first."
        )


def _placed(edit: Edit) -> Edit:
    """Return a change of all parameters as one of those at all places, as an edit that is yet to come must be."""
    if edit.parameters is None or edit.places is not None:
        return edit
    return Edit(edit.step, {}, edit.parameters, np.arange(len(edit.parameters)))


def _other_bits(rest: Checkpoint, how: str) -> RunError:
    return RunError(
        f"Performed again, the run does not give the same bits: {how}. The file says that they are the same "
        f"{rest.exactness or 'nowhere else'}. Load it where it was made, or save it with keyframes=True there."
    )


def _checksum(vector: Vector) -> int:
    return zlib.crc32(vector.view(np.uint8).data)
