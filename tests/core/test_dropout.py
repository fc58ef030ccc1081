"""Dropout: which units are left out, how loud the rest speaks, and that a step's masks can be had again."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.core import Dropout, Spec, forward, initial_parameters
from pellucid.core.layers import dropout, dropout_mask
from pellucid.errors import SettingError
from pellucid.random import Purpose, Stream

RATES = (0.0, 0.1, 0.25, 0.5, 0.9)
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


def stream(seed: int = 2019, layer: int = 2, step: int = 5) -> Stream:
    return Stream(seed, Purpose.DROPOUT, layer=layer, step=step)


@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=str)
@pytest.mark.parametrize("rate", RATES)
def test_a_mask_holds_two_numbers(rate: float, dtype: np.dtype) -> None:
    """Each factor is 0 or 1/(1 − rate), rounded once to the type asked for."""
    mask = dropout_mask(stream(), 100, 37, rate, dtype)
    assert ((100, 37), dtype) == (mask.shape, mask.dtype)
    assert set(np.unique(mask)) == ({0, dtype.type(1 / (1 - rate))} if rate else {1})


@pytest.mark.parametrize("rate", RATES)
def test_the_fraction_kept_is_as_asked(rate: float) -> None:
    """Of 200,000 units, 1 − rate are kept, within five standard deviations; the mean factor is 1."""
    mask = dropout_mask(stream(), 400, 500, rate, FLOAT64)
    deviation = np.sqrt(rate * (1 - rate) / mask.size)
    assert abs(np.count_nonzero(mask) / mask.size - (1 - rate)) <= 5 * deviation
    assert abs(mask.mean() - 1) <= 5 * deviation / (1 - rate) + 1e-12


@pytest.mark.parametrize("rate", RATES)
def test_a_mask_is_reproducible(rate: float) -> None:
    """The same address gives the same mask."""
    first, second = (dropout_mask(stream(), 13, 7, rate, FLOAT32) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("other", [stream(seed=2020), stream(layer=3), stream(step=6)], ids=["seed", "layer", "step"])
def test_another_address_gives_another_mask(other: Stream) -> None:
    """Seed, layer and step each matter: half of the units differ, as for independent draws."""
    one, two = dropout_mask(stream(), 100, 100, 0.5, FLOAT32), dropout_mask(other, 100, 100, 0.5, FLOAT32)
    assert 0.47 < (one != two).mean() < 0.53


@pytest.mark.parametrize(("first", "last"), [(0, 1), (3, 8), (8, 9), (0, 9)])
@pytest.mark.parametrize("width", [1, 4, 7])
def test_a_part_of_a_batch_can_be_drawn_alone(width: int, first: int, last: int) -> None:
    """Unit j of position i hangs on word i·width + j: rows 3 … 8 need no other row, nor how many there are."""
    whole = dropout_mask(stream(), 9, width, 0.4, FLOAT64)
    words = stream().words((last - first) * width, start=first * width).reshape(-1, width)
    alone = np.where(words.astype(np.float64) >= 0.4 * 2.0**32, 1 / 0.6, 0.0)
    assert whole[first:last].tobytes() == alone.tobytes()
    assert whole[:last].tobytes() == dropout_mask(stream(), last, width, 0.4, FLOAT64).tobytes()


def test_the_way_back_uses_the_same_mask() -> None:
    """dX = dA·mask: units left out get no gradient."""
    mask = np.array([[0.0, 2.0], [2.0, 0.0]])
    A, back = dropout(np.array([[1.0, 2.0], [3.0, 4.0]]), mask)
    assert [[0.0, 4.0], [6.0, 0.0]] == A.tolist()
    assert [[0.0, 2.0], [2.0, 0.0]] == back(np.ones((2, 2))).tolist()


def test_a_network_in_use_leaves_nothing_out() -> None:
    """Without a step's address, dropout does nothing; with rate 0 it does nothing ever."""
    plain, dropping, never = (
        Spec.of([4, *extra, 6, *extra, 3], dtype="float64") for extra in ([], [Dropout(0.5)], [Dropout(0.0)])
    )
    parameters = initial_parameters(plain, seed=1)
    X = np.random.default_rng(0).normal(size=(5, 4))
    expected = forward(plain, parameters, X).output.tobytes()
    assert expected == forward(dropping, parameters, X).output.tobytes()
    assert expected == forward(never, parameters, X, drop=(0, 0)).output.tobytes()
    assert expected != forward(dropping, parameters, X, drop=(0, 0)).output.tobytes()


def test_training_sees_the_activations_as_they_are_before_dropout() -> None:
    """A pass reports each layer's own activations; the next layer is given them times the mask."""
    spec = Spec.of([4, 6, Dropout(0.5), 3], dtype="float64")
    parameters = initial_parameters(spec, seed=1)
    passed = forward(spec, parameters, np.random.default_rng(0).normal(size=(5, 4)), drop=(7, 11))
    mask = dropout_mask(Stream(7, Purpose.DROPOUT, layer=2, step=11), 5, 6, 0.5, FLOAT64)
    W, b = parameters["output"]
    assert (passed.activations["layer_1"] * mask @ W.T + b).tobytes() == passed.output.tobytes()


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1, 7, float("nan"), float("inf"), "0.1", None, [0.1]])
def test_rates_outside_the_range_are_refused(rate: object) -> None:
    """The message says what is accepted, what was given, and what is usual."""
    with pytest.raises(SettingError, match=r"must be a number ≥ 0 and < 1; .* was given\. A usual value is 0\.1\."):
        Dropout(rate)


@pytest.mark.parametrize("rate", [0, np.float32(0.5), np.float64(0.5)], ids=repr)
def test_a_rate_is_kept_as_a_plain_float(rate: float) -> None:
    """Any kind of number will do; what is kept goes to JSON."""
    assert (float, float(rate)) == (type(Dropout(rate).rate), Dropout(rate).rate)
