"""The calendar against a walk through every step."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.training.calendar import Calendar, Place


def walked(rows: int, sizes: dict[int, int], steps: int) -> list[Place]:
    """Return the place of each step, found by going through all of them."""
    found, epoch, row, size = [], 0, 0, 0
    for step in range(steps):
        size = min(sizes.get(step, size), rows)
        found.append(Place(epoch, row, size))
        row += size
        if row >= rows:
            epoch, row = epoch + 1, 0
    return found


@pytest.mark.parametrize("seed", range(200))
def test_places_are_those_of_a_walk(seed: int) -> None:
    """Places, beginnings and ends of epochs, and sizes, for any changes, recorded in any order."""
    random = np.random.default_rng(seed)
    rows, steps = int(random.integers(1, 30)), 60
    at = [0, *sorted(set(random.integers(0, steps, random.integers(0, 5)).tolist()))]
    sizes = {step: int(random.integers(1, 12)) for step in at}
    calendar = Calendar(rows, sizes[0])
    for step in at[1:]:
        calendar.change(step, sizes[step])
    if 0 in at[1:]:
        calendar.change(0, sizes[0])
        for step in at[2:]:
            calendar.change(step, sizes[step])
    expected = walked(rows, sizes, steps)
    assert expected == [calendar.place(step) for step in range(steps)]
    for step, place in enumerate(expected):
        assert calendar.ends_epoch(step) == (step > 0 and place.row == 0)
        if place.row == 0:
            assert step == calendar.begin(place.epoch)
    for epoch in range(expected[-1].epoch):
        begin, end = calendar.begin(epoch), calendar.begin(epoch + 1)
        found = calendar.sizes(begin, end)
        assert rows == found.sum()
        assert [min(expected[k].batch_size, rows - expected[k].row) for k in range(begin, end)] == found.tolist()


def test_what_is_known_at_a_step() -> None:
    """Changes that come later do not count."""
    calendar = Calendar(12, 4)
    calendar.change(5, 2)
    assert (9, 9, 13) == (calendar.begin(3, known=0), calendar.begin(3, known=4), calendar.begin(3, known=5))
