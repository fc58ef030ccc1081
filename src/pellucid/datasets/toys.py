"""Toy sets: points in the plane that a small network can learn while one watches.

They are those of well-known playgrounds, at a scale that suits networks: coordinates from −1 to 1 before
noise. Point i of a set depends on the seed, the noise and i alone, so that a smaller set is the beginning of
a larger one; the classes take turns, so that every beginning is balanced. Random numbers come from
`pellucid.random`, sines from `pellucid.arithmetic`: the bits are the same on every machine.

Source: the data of TensorFlow Playground (Smilkov & Carter, 2016); the moons of scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import cos_turns, sin_turns
from pellucid.checks import checked_number, whole_number
from pellucid.errors import unknown_name
from pellucid.random import Purpose, Stream, checked_seed

__all__ = ["TOYS", "Toy", "circles", "gaussians", "load_toy", "moons", "plane", "spirals", "xor"]

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

_MOST: Final = 1_000_000
_MOST_NOISE: Final = 1000

# The place of each set among the random streams: part of the arithmetic, so add, never change.
_XOR, _CIRCLES, _SPIRALS, _GAUSSIANS, _MOONS, _PLANE = range(1, 7)


@dataclass(frozen=True, eq=False)
class Toy:
    """Points and what they are to be learnt as. The arrays are read-only.

    Attributes
    ----------
    X : float64, shape (n, 2)
        The points (x₁, x₂).
    y : shape (n,)
        int64, the class 0 or 1; or float64, a value.
    task : "classes" or "values"
    """

    X: Float64
    y: Int64 | Float64
    task: Literal["classes", "values"]

    def __post_init__(self) -> None:
        self.X.flags.writeable = False
        self.y.flags.writeable = False

    def __repr__(self) -> str:
        return f"Toy({len(self.X)} points in the plane, task {self.task!r})"


def xor(n: int = 200, noise: float = 0.0, seed: int = 0) -> Toy:
    """Return points of the four quarters; class 1 is where one coordinate alone is positive.

    |x₁| and |x₂| are uniform on [0.05, 1); the quarters take turns.

    Parameters
    ----------
    n : int, 2 … 1,000,000
        Number of points.
    noise : float, 0 … 1000
        Standard deviation of what is added to each coordinate; the class stays.
    seed : int, 0 … 2⁶⁴ − 1

    Returns
    -------
    Toy
        X (n, 2) float64, y (n,) int64.

    Raises
    ------
    KindError, SettingError
        A number is of the wrong kind or outside its range.

    Examples
    --------
    >>> toy = xor(4)
    >>> (toy.X > 0).astype(int).tolist(), toy.y.tolist()
    ([[0, 0], [1, 0], [1, 1], [0, 1]], [0, 1, 0, 1])
    """
    n, noise = _checked(n, noise, seed)
    quarter = np.arange(n) % 4
    right = (quarter == 1) | (quarter == 2)
    up = quarter >= 2
    distance = 0.05 + 0.95 * _uniform(_XOR, n, seed)
    X = np.where(np.column_stack([right, up]), distance, -distance)
    return Toy(X + noise * _normal(_XOR, 2 * n, seed).reshape(n, 2), quarter & 1, "classes")


def circles(n: int = 200, noise: float = 0.0, seed: int = 0) -> Toy:
    """Return points of a ring, class 0, and of a disc within it, class 1.

    ::

        x = r·(cos 2πv, sin 2πv),   r = √(0.49 + 0.51·u) in the ring,  ½·√u in the disc

    with u, v uniform on [0, 1), so that both are evenly filled: the ring from 0.7 to 1, the disc to 0.5.
    Parameters and errors are those of `xor`.
    """
    n, noise = _checked(n, noise, seed)
    y = np.arange(n) % 2
    u, v = _uniform(_CIRCLES, n, seed).T
    r = np.sqrt(np.where(y == 0, 0.49 + 0.51 * u, 0.25 * u))
    return _classes(_CIRCLES, r * cos_turns(v), r * sin_turns(v), y, noise, seed)


def spirals(n: int = 200, noise: float = 0.0, seed: int = 0) -> Toy:
    """Return points of two arms of 1¾ turns, wound into each other.

    ::

        x = ±r·(sin 2πt, cos 2πt),   r = 0.1 + 0.9·u,  t = 1.75·u,   + in class 0, − in class 1

    with u uniform on [0, 1). Parameters and errors are those of `xor`.
    """
    n, noise = _checked(n, noise, seed)
    y = np.arange(n) % 2
    u = _uniform(_SPIRALS, n, seed)[:, 0]
    r = (1 - 2 * y) * (0.1 + 0.9 * u)
    return _classes(_SPIRALS, r * sin_turns(1.75 * u), r * cos_turns(1.75 * u), y, noise, seed)


def gaussians(n: int = 200, noise: float = 0.2, seed: int = 0) -> Toy:
    """Return points of two round clouds, about (−0.4, −0.4), class 0, and about (0.4, 0.4), class 1.

    The noise is the clouds' standard deviation. Parameters and errors are those of `xor`.
    """
    n, noise = _checked(n, noise, seed)
    y = np.arange(n) % 2
    centre = np.where(y == 0, -0.4, 0.4)
    return _classes(_GAUSSIANS, centre, centre, y, noise, seed)


def moons(n: int = 200, noise: float = 0.0, seed: int = 0) -> Toy:
    """Return points of two half circles that reach into each other.

    ::

        x = ±(0.6·cos πu − 0.3,  0.6·sin πu − 0.15),   + in class 0, − in class 1

    with u uniform on [0, 1). Parameters and errors are those of `xor`.
    """
    n, noise = _checked(n, noise, seed)
    y = np.arange(n) % 2
    half_turns = 0.5 * _uniform(_MOONS, n, seed)[:, 0]
    side = (1 - 2 * y).astype(np.float64)
    x1 = side * (0.6 * cos_turns(half_turns) - 0.3)
    x2 = side * (0.6 * sin_turns(half_turns) - 0.15)
    return _classes(_MOONS, x1, x2, y, noise, seed)


def plane(n: int = 200, noise: float = 0.0, seed: int = 0) -> Toy:
    """Return points of the square and the values y = (x₁ + x₂) / 2 there: a task of regression.

    x₁ and x₂ are uniform on [−1, 1); noise is added to y instead of to the points. Parameters and errors are
    those of `xor`; y is float64.
    """
    n, noise = _checked(n, noise, seed)
    X = 2.0 * _uniform(_PLANE, n, seed) - 1.0
    return Toy(X, 0.5 * (X[:, 0] + X[:, 1]) + noise * _normal(_PLANE, n, seed), "values")


TOYS: Final[dict[str, Callable[..., Toy]]] = {
    "xor": xor,
    "circles": circles,
    "spirals": spirals,
    "gaussians": gaussians,
    "moons": moons,
    "plane": plane,
}


def load_toy(name: str, n: int = 200, noise: float | None = None, seed: int = 0) -> Toy:
    """Return the toy set of this name; see the function of the same name.

    Parameters
    ----------
    name : str
        A key of ``TOYS``: xor, circles, spirals, gaussians, moons or plane.
    n, noise, seed
        As there; noise None leaves it to that function.

    Raises
    ------
    UnknownNameError
        There is none of this name.
    KindError, SettingError
        A number is of the wrong kind or outside its range.

    Examples
    --------
    >>> load_toy("spirals", n=500)
    Toy(500 points in the plane, task 'classes')
    """
    if name not in TOYS:
        raise unknown_name("toy set", name, TOYS)
    return TOYS[name](n=n, seed=seed) if noise is None else TOYS[name](n=n, noise=noise, seed=seed)


def _uniform(place: int, n: int, seed: int) -> Float64:
    """Return two numbers on [0, 1) for each point; shape (n, 2)."""
    return Stream(seed, Purpose.DATASET, layer=place).uniform(2 * n).reshape(n, 2)


def _normal(place: int, count: int, seed: int) -> Float64:
    """Return numbers of the standard normal distribution, independent of `_uniform`; shape (count,)."""
    return Stream(seed, Purpose.DATASET, layer=place, step=1).normal(count)


def _classes(place: int, x1: Float64, x2: Float64, y: Int64, noise: float, seed: int) -> Toy:
    """Return a set of two classes, its points moved by noise."""
    X = np.column_stack([x1, x2])
    return Toy(X + noise * _normal(place, X.size, seed).reshape(X.shape), y, "classes")


def _checked(n: object, noise: object, seed: object) -> tuple[int, float]:
    """Return the number of points and the noise; raise for what is outside the accepted, also of the seed."""
    count = whole_number("The number of points n", n, 2, _MOST, usual=200)
    spread = checked_number("noise", noise, _MOST_NOISE, usual=0.1)
    checked_seed(seed)
    return count, spread
