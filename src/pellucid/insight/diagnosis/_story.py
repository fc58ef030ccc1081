"""The story of a run, as far as a diagnosis needs it: a few states looked at, and its losses in brief."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import SparseRows, Spec, Task
from pellucid.insight.diagnosis._look import Look, look_at, sampled, taken
from pellucid.training import Timeline

__all__ = ["Story", "constant_loss", "late"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]

_PARTS: Final = (0.0, 0.01, 0.03, 0.07, 0.15, 0.25, 0.4, 0.55, 0.75, 1.0)
"""Where to look, as parts of the run: closer in the beginning, when most happens."""
_HALVINGS: Final = 6
_LATE: Final = 0.1


@final
class Story:
    """A run, looked at in some ten states.

    Parameters
    ----------
    timeline : Timeline

    Attributes
    ----------
    rows : the rows of X that are trained on
    places : those of them that are looked at
    X, T : arrays of these
    steps : tuple of int, rising
        The states that are looked at, from 0 to the last one.
    """

    def __init__(self, timeline: Timeline) -> None:
        data = timeline.data
        self.timeline = timeline
        self.spec: Spec = timeline.recipe.spec
        self.rows = np.arange(len(data.X)) if data.rows is None else data.rows
        self.places = self.rows[sampled(len(self.rows), self.spec.input.width)]
        self.X, self.T = taken(data.X, self.places), data.T[self.places]
        self.steps = tuple(sorted({round(part * timeline.frontier) for part in _PARTS}))
        self._vectors: dict[int, Array] = {}
        self._looks: dict[int, Look] = {}

    def vector(self, step: int) -> Array:
        """Return the parameters at a step."""
        if step not in self._vectors:
            self._vectors[step] = self.timeline.state_at(step).parameters
        return self._vectors[step]

    def look(self, step: int) -> Look:
        """Return every number of the network at a step, on the rows that are looked at."""
        if step not in self._looks:
            self._looks[step] = look_at(
                self.spec, self.vector(step), self.timeline.backend, self.X, self.T, len(self.rows)
            )
        return self._looks[step]

    @property
    def last(self) -> Look:
        """The network at the last step."""
        return self.look(self.steps[-1])

    @property
    def diverged(self) -> bool:
        """Whether numbers ceased to be finite."""
        return (self.timeline.ended or "").startswith("diverged")

    def first(self, holds: Callable[[Look], bool]) -> int:
        """Return the first step from which something holds that holds at the last one, as far as is looked.

        The states looked at are gone through backwards, then the gap in which it began is halved a few times.
        """
        good, bad = -1, self.steps[-1]
        for step in reversed(self.steps[:-1]):
            if not holds(self.look(step)):
                good = step
                break
            bad = step
        for _ in range(_HALVINGS):
            if good < 0 or bad - good <= 1:
                break
            middle = (good + bad) // 2
            vector = self.timeline.state_at(middle).parameters
            look = look_at(self.spec, vector, self.timeline.backend, self.X, self.T, len(self.rows))
            good, bad = (good, middle) if holds(look) else (middle, bad)
        return bad


def late(losses: Float64, steps_per_epoch: int) -> float:
    """Return the mean loss of the last steps: a tenth of them, or an epoch where that is more; ∞ if not finite."""
    count = min(len(losses), max(steps_per_epoch, math.ceil(_LATE * len(losses))))
    mean = float(np.mean(losses[-count:])) if count else math.inf
    return mean if math.isfinite(mean) else math.inf


def constant_loss(spec: Spec, T: Array) -> float:
    """Return the loss of a network that says the same of every row: what the targets alone tell.

    Classes: their frequencies, so that it is the entropy −Σ p·ln p. Values: their mean.
    """
    if spec.loss.task is Task.CLASSES:
        share = np.bincount(T.astype(np.int64), minlength=spec.n_outputs) / len(T)
        output = np.log(np.maximum(share, 1e-12))
    else:
        mean = T.astype(np.float64).mean(axis=0)
        output = mean
        if spec.loss.task is Task.YES_NO:
            kept = np.clip(mean, 1e-12, 1 - 1e-12)
            output = np.log(kept / (1 - kept))
        elif spec.loss.counts:
            output = np.log(np.maximum(mean, 1e-12))
    L, _ = spec.loss.function(np.broadcast_to(output, (len(T), spec.n_outputs)).copy(), T)
    return float(np.mean(L, dtype=np.float64))


def table_of(X: Array | SparseRows, places: NDArray[np.int64]) -> Array | SparseRows:
    """Return rows of a table, sparse where it is."""
    return X.take(places) if isinstance(X, SparseRows) else X[places]
