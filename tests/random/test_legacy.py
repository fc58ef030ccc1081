"""Orders as scikit-learn draws them: equal to what it does itself, wherever the generator stands, and for ever."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils import shuffle

from pellucid.errors import KindError, SettingError
from pellucid.random import LegacyShuffle


def first(legacy: LegacyShuffle, n: int, epochs: int) -> list[list[int]]:
    """Return the orders of some epochs."""
    return [order.tolist() for _, order in zip(range(epochs), legacy.orders(n), strict=False)]


def by_sklearn(generator: np.random.RandomState, n: int, epochs: int) -> list[list[int]]:
    """Return the orders as its networks make them: each epoch's shuffles that of the one before."""
    order, orders = np.arange(n), []
    for _ in range(epochs):
        order = shuffle(order, random_state=generator)
        orders.append(order.tolist())
    return orders


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), before=st.integers(0, 2000), n=st.integers(1, 300), epochs=st.integers(0, 9))
def test_orders_are_those_of_scikit_learn(seed: int, before: int, n: int, epochs: int) -> None:
    """Epoch after epoch, wherever the generator stands; it stays as it is, and `after` is where theirs comes to."""
    generator = np.random.RandomState(seed)
    generator.uniform(size=before)
    legacy, stood = LegacyShuffle.of(generator), repr(generator.get_state(legacy=False))
    found = first(legacy, n, epochs)
    assert stood == repr(generator.get_state(legacy=False))
    after = legacy.after(n, epochs)
    assert by_sklearn(generator, n, epochs) == found
    theirs = generator.get_state(legacy=False)
    assert (theirs["state"]["key"] == after["state"]["key"]).all()
    assert theirs["state"]["pos"] == after["state"]["pos"]


def test_what_follows_after_is_drawn_as_there() -> None:
    """A generator set to the state after some epochs goes on as theirs does."""
    theirs, ours = np.random.RandomState(5), np.random.RandomState(0)
    legacy = LegacyShuffle.of(theirs)
    by_sklearn(theirs, 57, 3)
    ours.set_state(legacy.after(57, 3))
    assert theirs.randint(2**31, size=9).tolist() == ours.randint(2**31, size=9).tolist()
    assert by_sklearn(theirs, 57, 2) == first(LegacyShuffle.of(ours), 57, 2)


def test_a_cached_normal_number_does_not_matter() -> None:
    """A generator that keeps half a pair of normal numbers draws the same orders."""
    one = np.random.RandomState(3)
    one.normal()
    assert 1 == one.get_state(legacy=False)["has_gauss"]
    legacy = LegacyShuffle.of(one)
    assert by_sklearn(one, 20, 3) == first(legacy, 20, 3)


def test_a_shuffle_is_a_value() -> None:
    """Equal states are equal shuffles; its orders can be asked for again and again."""
    one, other = (LegacyShuffle.of(np.random.RandomState(seed)) for seed in (1, 2))
    assert one == LegacyShuffle.of(np.random.RandomState(1)) == LegacyShuffle.of(one.generator())
    assert one != other
    assert 2 == len({one, other, LegacyShuffle.of(np.random.RandomState(1))})
    assert first(one, 30, 4) == first(one, 30, 4)


def test_the_orders_are_pinned() -> None:
    """NumPy has frozen this generator, so they may never change: three epochs of 1,000 rows, as 64-bit numbers."""
    orders = first(LegacyShuffle.of(np.random.RandomState(2019)), 1000, 3)
    assert PINNED == hashlib.sha256(np.array(orders, dtype="<i8").tobytes()).hexdigest()


PINNED = "2c18e674f2c8f28a27772d4c7e98d4975612fccd7a19e765c6680dcb421bf80d"
STATE = LegacyShuffle.of(np.random.RandomState(0))


@pytest.mark.parametrize(
    ("key", "position", "error", "message"),
    [
        ("", 0, KindError, "The key of a legacy shuffle must be 4992 hexadecimal digits; others were given."),
        (STATE.key[:-1], 0, KindError, "must be 4992 hexadecimal digits"),
        (STATE.key + "0", 0, KindError, "must be 4992 hexadecimal digits"),
        ("g" + STATE.key[1:], 0, KindError, "must be 4992 hexadecimal digits"),
        (" " + STATE.key[1:], 0, KindError, "must be 4992 hexadecimal digits"),
        (STATE.key.upper(), 0, KindError, "must be 4992 hexadecimal digits"),
        (None, 0, KindError, "must be 4992 hexadecimal digits"),
        (3, 0, KindError, "must be 4992 hexadecimal digits"),
        (STATE.key.encode(), 0, KindError, "must be 4992 hexadecimal digits"),
        ([STATE.key], 0, KindError, "must be 4992 hexadecimal digits"),
        (STATE.key, -1, SettingError, "The position of a legacy shuffle must lie in 0 … 624; -1 was given."),
        (STATE.key, 625, SettingError, "The position of a legacy shuffle must lie in 0 … 624; 625 was given."),
        (STATE.key, 0.5, KindError, "The position of a legacy shuffle must be a whole number, not float (0.5)."),
        (STATE.key, True, KindError, "The position of a legacy shuffle must be a whole number, not bool (True)."),
    ],
)
def test_what_is_no_state_is_refused(key: Any, position: Any, error: type[Exception], message: str) -> None:
    """Neither half a key, nor other digits, nor a place that there is not."""
    with pytest.raises(error) as raised:
        LegacyShuffle(key, position)
    assert message in str(raised.value)
