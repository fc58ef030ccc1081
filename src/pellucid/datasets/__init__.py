"""Data to learn from: MNIST, toy sets of points in the plane, and pictures of the user's own.

Every array is read-only; take a ``.copy()`` of one to change it.
"""

from pellucid.datasets.digits import Mnist, load_mnist
from pellucid.datasets.images import prepared_digit, read_digit
from pellucid.datasets.toys import (
    TOYS,
    Toy,
    circles,
    gaussians,
    load_toy,
    moons,
    plane,
    spirals,
    xor,
)

__all__ = [
    "TOYS",
    "Mnist",
    "Toy",
    "circles",
    "gaussians",
    "load_mnist",
    "load_toy",
    "moons",
    "plane",
    "prepared_digit",
    "read_digit",
    "spirals",
    "xor",
]
