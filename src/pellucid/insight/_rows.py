"""Rows of X that stand out: which they are, and of which class."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Spec, Task
from pellucid.insight._names import signed

__all__ = ["WIDTH", "class_names", "labels_of", "largest", "told_rows"]

Name = str | int

WIDTH: Final = 100
"""Of text, in letters."""


def labels_of(spec: Spec, T: NDArray[Any]) -> NDArray[np.int64] | None:
    """Return the place of each row's class, shape (rows,), or None where targets are no single class."""
    if spec.loss.task is Task.CLASSES or (spec.loss.task is Task.YES_NO and spec.n_outputs == 1):
        return T.reshape(len(T)).astype(np.int64)
    return None


def class_names(spec: Spec) -> tuple[Name, ...]:
    """Return the classes' names, or their places where they have none."""
    return spec.output.names or tuple(range(spec.n_names))


def largest(values: NDArray[np.float64], n: int) -> tuple[tuple[int, float], ...]:
    """Return the n rows of the largest values above 0, the largest first, each with its value.

    Examples
    --------
    >>> largest(np.array([0.5, -1.0, 2.0, 0.0]), 3)
    ((2, 2.0), (0, 0.5))
    """
    order = np.argsort(-values, kind="stable")[:n]
    return tuple((int(row), float(values[row])) for row in order if values[row] > 0)


def told_rows(
    rows: tuple[tuple[int, float], ...],
    labels: NDArray[np.int64] | None,
    names: tuple[Name, ...],
    whole: float,
) -> list[str]:
    """Return a line for each row: its number, its class if it has one, its value and what share of the whole it is."""
    return [
        f"  row {row:<8}{'' if labels is None else f'class {names[labels[row]]!r}':<18}{signed(value):>13}"
        f"{abs(value) / whole:>11.2%}"
        for row, value in rows
    ]
