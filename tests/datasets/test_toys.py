"""One table drives all toy sets through the same tests; a few facts are told set by set."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError, dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.datasets import TOYS, Toy, load_toy
from pellucid.errors import KindError, SettingError, UnknownNameError


@dataclass(frozen=True)
class Facts:
    """What is known of one set.

    Attributes
    ----------
    sha256 : of X and y, little-endian, with the set's own defaults
    noisy_sha256 : the same of 1,000 points with noise 0.1 and seed 2019
    gap : no two points of different classes are nearer than this without noise
    straight : (least, most) share of points that the best straight line gets right without noise
    """

    sha256: str
    noisy_sha256: str
    gap: float
    straight: tuple[float, float]


FACTS = {
    "xor": Facts(
        "d975e34056c48e84ac399c9fabf1de534174a02065ac97e00c398abb211c9427",
        "e33670788f073d89d225569b70814b3401672f5a0a4bedc4f1a34e21b0a8f124",
        0.1,
        (0.4, 0.6),
    ),
    "circles": Facts(
        "3955d91813d3767bca7746a61adaa6e39d4593eb331a7e8bc82854ec6b13f02b",
        "6df4cc86ef7093b4a47d57e7b2e8bc95db6497827a548e31f5db77995459e5eb",
        0.2,
        (0.4, 0.6),
    ),
    "spirals": Facts(
        "fc91c8be316ac80df54b29c609a2ffc32a09d4961618b7ac253593758982d600",
        "f7af931fa35a623a1abf96f6446c960c1c6c456cfa30a15c97cb5dc9b4fec57c",
        0.2,
        (0.5, 0.65),
    ),
    "gaussians": Facts(
        "184a2023c420a8bcc755996d1568d18bddef19a4150967c2b61328dd742e76e1",
        "825a78c4193a4505f6de2a6d004710ce9c4747a4880641a72656d82d5926581d",
        1.1,
        (1.0, 1.0),
    ),
    "moons": Facts(
        "bb7d3b8b3a59e40413cc294ac86c8a9f56bef534e1e42642fa39e7ed7f932ea2",
        "76aa5f7dbc29f0f143ab478c18bc6f20e16bd6284c663d4ed5e2f1e10cfd6c23",
        0.3,
        (0.85, 0.93),
    ),
    "plane": Facts(
        "059664298b4a2da5aee2d37b5c94ffde314684ad77e48130501cce196272ce1d",
        "2c1d0f9d3d9b74d3003afb8a812fd6935840809d6933d53bab9fa6a98c131d3b",
        0.0,
        (1.0, 1.0),
    ),
}

every_set = pytest.mark.parametrize("name", FACTS)


def fingerprint(toy: Toy) -> str:
    little = [array.astype(array.dtype.newbyteorder("<")).tobytes() for array in (toy.X, toy.y)]
    return hashlib.sha256(b"".join(little)).hexdigest()


def test_table_is_complete() -> None:
    """The facts are told of every set that there is."""
    assert list(FACTS) == list(TOYS)


@every_set
def test_bits_are_pinned(name: str) -> None:
    """A set has the same bits on every machine, with its defaults and with others."""
    assert FACTS[name].sha256 == fingerprint(load_toy(name))
    assert FACTS[name].noisy_sha256 == fingerprint(load_toy(name, n=1000, noise=0.1, seed=2019))


@every_set
def test_shapes_and_kinds(name: str) -> None:
    """X is (n, 2) float64; y is (n,), whole numbers 0 and 1 for classes, float64 for values; nothing is writable."""
    toy = load_toy(name, n=7)
    assert (7, 2) == toy.X.shape
    assert np.float64 == toy.X.dtype
    assert (7,) == toy.y.shape
    assert ("values" if name == "plane" else "classes") == toy.task
    assert (np.float64 if toy.task == "values" else np.int64) == toy.y.dtype
    assert not toy.X.flags.writeable
    assert not toy.y.flags.writeable
    with pytest.raises(FrozenInstanceError):
        toy.X = toy.X  # type: ignore[misc]
    assert f"Toy(7 points in the plane, task {toy.task!r})" == repr(toy)


@every_set
def test_points_lie_in_the_square(name: str) -> None:
    """Without noise all coordinates, and the values of plane, lie in −1 … 1 and reach beyond ±0.4."""
    toy = load_toy(name, n=2000, noise=0.0)
    assert np.abs(toy.X).max() <= 1
    assert np.abs(toy.X).max(axis=0).min() >= 0.4
    assert np.abs(toy.y).max() <= 1


@every_set
@settings(deadline=None, max_examples=25)
@given(st.data())
def test_smaller_set_begins_the_larger(name: str, data: st.DataObject) -> None:
    """The first m points of n are the set of m points."""
    n = data.draw(st.integers(2, 300))
    m = data.draw(st.integers(2, n))
    seed = data.draw(st.integers(0, 2**64 - 1))
    noise = data.draw(st.sampled_from([0.0, 0.3]))
    large, small = load_toy(name, n=n, noise=noise, seed=seed), load_toy(name, n=m, noise=noise, seed=seed)
    assert np.array_equal(large.X[:m], small.X)
    assert np.array_equal(large.y[:m], small.y)


@every_set
def test_seed_changes_the_set(name: str) -> None:
    """The same seed gives the same bits, another seed other points of the same classes."""
    first, again, other = (load_toy(name, noise=0.1, seed=seed) for seed in (1, 1, 2))
    assert fingerprint(first) == fingerprint(again)
    assert not np.isin(first.X, other.X).any()
    if first.task == "classes":
        assert np.array_equal(first.y, other.y)


@pytest.mark.parametrize("name", [name for name in FACTS if name != "plane"])
def test_every_beginning_is_balanced(name: str) -> None:
    """Classes take turns."""
    assert [0, 1] * 10 == load_toy(name, n=20).y.tolist()


@every_set
def test_how_the_classes_lie(name: str, judge: Any) -> None:
    """Without noise the classes keep their stated distance, and a straight line separates them as well as stated."""
    distance = judge("scipy.spatial.distance")
    linear_model = judge("sklearn.linear_model")
    toy = load_toy(name, n=4000, noise=0.0, seed=1)
    facts = FACTS[name]
    if toy.task == "values":
        line = linear_model.LinearRegression().fit(toy.X, toy.y)
        assert np.allclose([0.5, 0.5], line.coef_, atol=1e-12)
        assert abs(line.intercept_) < 1e-12
        return
    gap = distance.cdist(toy.X[toy.y == 0], toy.X[toy.y == 1]).min()
    assert facts.gap <= gap <= facts.gap + 0.05
    line = linear_model.LogisticRegression(C=1e6).fit(toy.X, toy.y)
    least, most = facts.straight
    assert least <= line.score(toy.X, toy.y) <= most


@every_set
def test_noise_has_its_standard_deviation(name: str) -> None:
    """Noise moves points, for plane the values, by a normal distribution of mean 0 and the stated deviation."""
    plain, noisy = (load_toy(name, n=20_000, noise=noise, seed=5) for noise in (0.0, 0.25))
    if plain.task == "values":
        assert np.array_equal(plain.X, noisy.X)
        moved = noisy.y - plain.y
    else:
        assert np.array_equal(plain.y, noisy.y)
        moved = noisy.X - plain.X
    assert np.allclose(0.0, moved.mean(axis=0), atol=0.01)
    assert np.allclose(0.25, moved.std(axis=0), rtol=0.02)


def test_xor_is_xor() -> None:
    """Class 1 is where exactly one coordinate is positive, and the quarters are even."""
    toy = load_toy("xor", n=400)
    assert np.array_equal(toy.y == 1, (toy.X[:, 0] > 0) != (toy.X[:, 1] > 0))
    assert [100] * 4 == np.unique((toy.X > 0) @ [1, 2], return_counts=True)[1].tolist()


def test_circles_are_a_ring_and_a_disc() -> None:
    """Class 0 lies at 0.7 … 1 from the middle, class 1 within 0.5; both are evenly filled."""
    toy = load_toy("circles", n=20_000)
    r = np.hypot(*toy.X.T)
    ring, disc = r[toy.y == 0], r[toy.y == 1]
    assert ring.min() >= 0.7 - 1e-12
    assert ring.max() <= 1 + 1e-12
    assert disc.max() <= 0.5
    # Half of an evenly filled disc of radius ½ lies within ½ / √2; half of the ring within √((0.49 + 1) / 2).
    assert abs(0.5 - (disc < 0.5 / np.sqrt(2)).mean()) < 0.02
    assert abs(0.5 - (ring < np.sqrt(0.745)).mean()) < 0.02


def test_spirals_are_mirrored_arms() -> None:
    """A point at radius r stands 1.75·(r − 0.1) / 0.9 turns on; the second arm is the first, turned by half."""
    toy = load_toy("spirals", n=500)
    r = np.hypot(*toy.X.T)
    turns = 1.75 * (r - 0.1) / 0.9 + 0.5 * toy.y
    expected = np.column_stack([r * np.sin(2 * np.pi * turns), r * np.cos(2 * np.pi * turns)])
    assert np.allclose(expected, toy.X, atol=1e-12)


def test_moons_are_half_circles() -> None:
    """Each class lies at 0.6 from its centre, on the upper half of the one and the lower half of the other."""
    toy = load_toy("moons", n=500)
    side = np.where(toy.y == 0, 1, -1)
    from_centre = toy.X - side[:, None] * np.array([-0.3, -0.15])
    assert np.allclose(0.6, np.hypot(*from_centre.T), atol=1e-12)
    assert (side * from_centre[:, 1] >= 0).all()


def test_gaussians_have_their_centres() -> None:
    """The clouds lie about ±(0.4, 0.4), with a deviation of 0.2 unless another is given."""
    toy = load_toy("gaussians", n=20_000)
    for label, centre in ((0, -0.4), (1, 0.4)):
        cloud = toy.X[toy.y == label]
        assert np.allclose(centre, cloud.mean(axis=0), atol=0.01)
        assert np.allclose(0.2, cloud.std(axis=0), rtol=0.03)


@every_set
def test_name_finds_the_function(name: str) -> None:
    """`load_toy` hands its numbers to the function of the name, whose own noise holds if none is given."""
    assert fingerprint(TOYS[name]()) == fingerprint(load_toy(name))
    assert fingerprint(TOYS[name](30, 0.5, 9)) == fingerprint(load_toy(name, 30, 0.5, 9))


@every_set
def test_numbers_of_numpy_are_accepted(name: str) -> None:
    """NumPy's scalars and fractions give the bits that Python's own numbers give."""
    expected = fingerprint(TOYS[name](n=50, noise=0.5, seed=200))
    assert expected == fingerprint(TOYS[name](n=np.uint8(50), noise=Fraction(1, 2), seed=np.uint8(200)))


def test_unknown_name_is_refused() -> None:
    """A misspelt name is answered with the accepted ones and the nearest."""
    expected = (
        "Unknown toy set 'spiral'. Accepted: xor, circles, spirals, gaussians, moons, plane. Did you mean 'spirals'?"
    )
    with pytest.raises(UnknownNameError) as caught:
        load_toy("spiral")
    assert expected == str(caught.value)


BAD = [
    (
        {"n": 1},
        SettingError,
        "The number of points n must lie in 2 … 1000000; 1 was given. Give an int such as 200.",
    ),
    (
        {"n": 1_000_001},
        SettingError,
        "The number of points n must lie in 2 … 1000000; 1000001 was given. Give an int such as 200.",
    ),
    (
        {"n": 20.0},
        KindError,
        "The number of points n must be a whole number, not float (20.0). Give an int such as 200.",
    ),
    (
        {"n": "20"},
        KindError,
        "The number of points n must be a whole number, not str ('20'). Give an int such as 200.",
    ),
    (
        {"noise": -0.1},
        SettingError,
        "noise must lie in 0 … 1000; -0.1 was given. Give a float such as 0.1.",
    ),
    (
        {"noise": float("nan")},
        SettingError,
        "noise must lie in 0 … 1000; nan was given. Give a float such as 0.1.",
    ),
    (
        {"noise": float("inf")},
        SettingError,
        "noise must lie in 0 … 1000; inf was given. Give a float such as 0.1.",
    ),
    ({"noise": 10**400}, SettingError, "noise must lie in 0 … 1000; 1"),
    ({"noise": "much"}, KindError, "noise must be a number ≥ 0, not str ('much'). Give a float such as 0.1."),
    ({"noise": [0.1]}, KindError, "noise must be a number ≥ 0, not list ([0.1]). Give a float such as 0.1."),
    (
        {"seed": -1},
        SettingError,
        "The seed must lie in 0 … 18446744073709551615; -1 was given. Give an int such as 0.",
    ),
    (
        {"seed": 0.5},
        KindError,
        "The seed must be a whole number, not float (0.5). Give an int such as 0.",
    ),
]


@every_set
@pytest.mark.parametrize(("given_", "error", "message"), BAD)
def test_bad_number_is_refused(name: str, given_: dict[str, Any], error: type[Exception], message: str) -> None:
    """A number outside what is accepted raises, with what was given, what is accepted and what to do."""
    with pytest.raises(error) as caught:
        load_toy(name, **given_)
    assert str(caught.value).startswith(message)
    with pytest.raises(error):
        TOYS[name](**given_)
