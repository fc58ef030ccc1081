"""Keyframes: copies of a run's state, within a budget of memory, from which any step can be re-performed."""

from __future__ import annotations

from typing import Final, final

from pellucid.core import on_cache_lines
from pellucid.engine import State

__all__ = ["DEFAULT_BYTES", "Keyframes", "copied"]

DEFAULT_BYTES: Final = 64 << 20
_MOST: Final = 256


@final
class Keyframes:
    """Copies of states by step.

    The first is always kept, and so is a pinned one; of the others every second one goes when the budget, or 256 of
    them, is exceeded, so that they stay spread over the whole run.

    Parameters
    ----------
    budget : int
        Bytes that copies may take.
    """

    def __init__(self, budget: int = DEFAULT_BYTES) -> None:
        self._budget = budget
        self._states: dict[int, State] = {}
        self._pinned: int | None = None
        self._held = 0

    def save(self, state: State, *, pin: bool = False) -> None:
        """Keep a copy of the state; pin it in the place of the one that was pinned before, if wanted."""
        self.take(copied(state), pin=pin)

    def take(self, state: State, *, pin: bool = False) -> None:
        """Keep the state itself, which nobody may change any more; that of step 0 stays the start, before any edit."""
        if state.step == 0 and self._states:
            return
        self._drop(state.step)
        self._states[state.step] = state
        self._held += _bytes(state)
        if pin:
            self._pinned = state.step
        if self._held > self._budget or len(self._states) > _MOST:
            self._thin(state.step)

    def _thin(self, newest: int) -> None:
        """Let every second one go, but the first, the pinned and the newest, until the rest is within bounds."""
        while self._held > self._budget or len(self._states) > _MOST:
            loose = sorted(step for step in self._states if step not in {0, self._pinned, newest})
            if not loose:
                return
            for step in loose[::2]:
                self._drop(step)

    def forget(self, first: int) -> None:
        """Drop the copies of this step and of later ones."""
        for step in [step for step in self._states if step >= first and step > 0]:
            self._drop(step)

    def until(self, step: int) -> Keyframes:
        """Return those of this step and of earlier ones, in a store of its own; what they hold nobody changes."""
        some = Keyframes(self._budget)
        for kept in sorted(kept for kept in self._states if kept <= step):
            some.take(self._states[kept])
        return some

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of the states that are kept, in their order."""
        return tuple(sorted(self._states))

    def last(self, step: int) -> int:
        """Return the step of the latest state that is not after this one."""
        return max(kept for kept in self._states if kept <= step)

    def before(self, step: int) -> State:
        """Return a copy of the latest state that is not after this step."""
        return copied(self._states[self.last(step)])

    def __contains__(self, step: int) -> bool:
        return step in self._states

    def _drop(self, step: int) -> None:
        if step in self._states:
            self._held -= _bytes(self._states.pop(step))


def _bytes(state: State) -> int:
    return state.parameters.nbytes + sum(slot.nbytes for slot in state.slots.values())


def copied(state: State) -> State:
    """Return a state of its own memory."""
    slots = {name: on_cache_lines(slot) for name, slot in state.slots.items()}
    return State(state.step, on_cache_lines(state.parameters), slots)
