"""A run in rest, in memory; `pellucid.files` writes it as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from pellucid.engine import State
from pellucid.training.events import Edit
from pellucid.training.history import History
from pellucid.training.recipe import Recipe

__all__ = ["Checkpoint"]

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
    step : int
        Where the run stands: on its end if it is over, else on its last step.
    frontier : int
        The last step made.
    edits : the recorded changes
    ended : str or None
        Why the run is over.
    fingerprint : str
        Of the parameters on which it stands.
    exactness : str
        Where the same recipe gives the same bits; see `Run.exactness`.
    state : State, or None
        Where it stands; None: to be performed again.
    history : History, or None together with the state
    """

    recipe: Recipe
    data_digest: str
    start: Vector
    step: int
    frontier: int
    edits: tuple[Edit, ...]
    ended: str | None
    fingerprint: str
    exactness: str
    state: State | None
    history: History | None
