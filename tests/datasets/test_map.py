"""The room's front page."""

from __future__ import annotations

import subprocess
import sys

from pellucid import datasets


def test_all_is_sorted_and_there() -> None:
    """`__all__` names what the room offers, and each name is there."""
    expected = {
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
    }
    assert expected == set(datasets.__all__)
    assert all(hasattr(datasets, name) for name in datasets.__all__)


def test_pillow_is_imported_when_first_used() -> None:
    """To import the room, and to load MNIST and toy sets, does not import Pillow."""
    code = (
        "import sys; from pellucid.datasets import load_mnist, load_toy; load_mnist(); load_toy('xor'); "
        "sys.exit('PIL' in sys.modules)"
    )
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
