"""Keyframes: copies of a run's state, within a budget of memory, from which any step can be re-performed."""

from __future__ import annotations

from typing import Final, final

from pellucid.engine import State

__all__ = ["Keyframes"]

DEFAULT_BYTES: Final = 64 << 20


@final
class Keyframes:
    """Copies of states by step.

    The first is always kept, and so are pinned ones; of the others every second one goes when the budget is
    exceeded, so that they stay spread over the whole run.

    Parameters
    ----------
    budget : int
        Bytes that copies may take.
    """

    def __init__(self, budget: int = DEFAULT_BYTES) -> None:
        self._budget = budget
        self._states: dict[int, State] = {}
        self._pinned: int | None = None

    def save(self, state: State, *, pin: bool = False) -> None:
        """Keep a copy of the state; pin it in the place of the one that was pinned before, if wanted."""
        self._states[state.step] = copied(state)
        if pin:
            self._pinned = state.step
        while self._bytes() > self._budget and (others := [step for step in self._loose() if step != state.step]):
            for step in others[::2]:
                del self._states[step]

    def forget(self, first: int) -> None:
        """Drop the copies of this step and of later ones."""
        for step in [step for step in self._states if step >= first and step > 0]:
            del self._states[step]

    def before(self, step: int) -> State:
        """Return a copy of the latest state that is not after this step."""
        return copied(self._states[max(kept for kept in self._states if kept <= step)])

    def __contains__(self, step: int) -> bool:
        return step in self._states

    def _loose(self) -> list[int]:
        return sorted(step for step in self._states if step not in {0, self._pinned})

    def _bytes(self) -> int:
        return sum(
            state.parameters.nbytes + sum(slot.nbytes for slot in state.slots.values())
            for state in self._states.values()
        )


def copied(state: State) -> State:
    """Return a state of its own memory."""
    return State(state.step, state.parameters.copy(), {name: slot.copy() for name, slot in state.slots.items()})
