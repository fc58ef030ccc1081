"""The calendar: which epoch a step belongs to, and which rows of it the step sees, where batches change their size."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import attrgetter
from typing import Final, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Calendar", "Place"]

_first: Final = attrgetter("first")


class Place(NamedTuple):
    """Where a step lies.

    Attributes
    ----------
    epoch : int, 0 for the first
    row : int
        How many rows of the epoch's order were seen before.
    batch_size : int
        How many the step sees; fewer at the epoch's end.
    """

    epoch: int
    row: int
    batch_size: int


class _Stretch(NamedTuple):
    """Batches of one size, from a step on."""

    first: int
    place: Place


@final
class Calendar:
    """The places of steps: an epoch sees each row once, in batches whose size may change at any step.

    Parameters
    ----------
    rows : int
        How many rows an epoch sees.
    batch_size : int, at first; more than there are rows means all of them

    Examples
    --------
    >>> calendar = Calendar(10, 4)
    >>> [calendar.place(step).row for step in range(4)], calendar.begin(1)
    ([0, 4, 8, 0], 3)
    >>> calendar.change(1, 2)
    >>> [calendar.place(step).row for step in range(6)], calendar.begin(1)
    ([0, 4, 6, 8, 0, 2], 4)
    """

    def __init__(self, rows: int, batch_size: int) -> None:
        self.rows = rows
        self._stretches = [_Stretch(0, Place(0, 0, min(batch_size, rows)))]

    def change(self, step: int, batch_size: int) -> None:
        """Let batches have another size from a step on; what was to change after it is forgotten."""
        place = self.place(step)
        del self._stretches[bisect_left(self._stretches, step, key=_first) or 1 :]
        new = _Stretch(step, place._replace(batch_size=min(batch_size, self.rows)))
        if step == 0:
            self._stretches = [new]
        else:
            self._stretches.append(new)

    def place(self, step: int) -> Place:
        """Return where the step lies that is made from here (0 for the first)."""
        stretch = self._stretches[bisect_right(self._stretches, step, key=_first) - 1]
        (epoch, row, size), on = stretch.place, step - stretch.first
        left = -(-(self.rows - row) // size)
        if on < left:
            return Place(epoch, row + on * size, size)
        epochs, place = divmod(on - left, -(-self.rows // size))
        return Place(epoch + 1 + epochs, place * size, size)

    def begin(self, epoch: int, known: int | None = None) -> int:
        """Return the step with which an epoch (0 for the first) begins, by the changes up to a step, or by all."""
        first, (of, row, size) = self._stretches[0]
        for stretch in self._stretches:
            if known is not None and stretch.first > known:
                break
            if stretch.place.epoch < epoch or (stretch.place.epoch == epoch and stretch.place.row == 0):
                first, (of, row, size) = stretch
        if of == epoch:
            return first
        return first + -(-(self.rows - row) // size) + (epoch - of - 1) * -(-self.rows // size)

    def ends_epoch(self, step: int) -> bool:
        """Return whether an epoch ends with the step that led here."""
        return step > 0 and self.place(step).row == 0

    def sizes(self, first: int, end: int) -> NDArray[np.int64]:
        """Return how many rows each of some steps of one epoch sees."""
        parts, at = [], first
        while at < end:
            place, later = self.place(at), bisect_right(self._stretches, at, key=_first)
            until = min(end, self._stretches[later].first if later < len(self._stretches) else end)
            part = np.full(until - at, place.batch_size)
            part[-1] = min(place.batch_size, self.rows - place.row - (len(part) - 1) * place.batch_size)
            parts.append(part)
            at = until
        return np.concatenate([np.empty(0, np.int64), *parts])
