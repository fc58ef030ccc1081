"""What is asked of one row, and what its outputs are called."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Name, Spec, Task, checked_inputs
from pellucid.errors import KindError, ShapeError

__all__ = ["answer_name", "answers", "one_row", "output_name"]

Array = NDArray[Any]


def one_row(spec: Spec, x: object, what: str = "x") -> Array:
    """Return one row as a table of one row, shape (1, n_in).

    Raises
    ------
    ShapeError, DataError, KindError
        x is not one row of finite numbers, one for each input.
    """
    if hasattr(x, "toarray"):
        raise KindError(f"{what} is sparse; one row of plain numbers is accepted. Give {what}.toarray()[0].")
    shape = _shape(x)
    if len(shape) != 1:
        raise ShapeError(f"{what} has shape {shape}; one row, shape ({spec.input.width},), is accepted. Give X[0].")
    return np.asarray(checked_inputs(spec, [x], what))


def _shape(x: Any) -> tuple[int, ...]:
    """Return the shape of a row, as far as it has one: rows within it that differ in length are told of later."""
    try:
        return tuple(np.shape(x))
    except ValueError:
        return (1,)


def answers(spec: Spec, output: Array) -> NDArray[np.int64]:
    """Return the place of each row's answer: the greatest output, the first of equals; for one yes-no output 0 or 1."""
    if spec.loss.task is Task.CLASSES:
        return np.asarray(output.argmax(axis=1), dtype=np.int64)
    return (output[:, 0] > 0).astype(np.int64)


def answer_name(spec: Spec, place: int) -> Name:
    """Return what the answer at a place is called; the place itself where answers have no names."""
    return place if spec.output.names is None else spec.output.names[place]


def output_name(spec: Spec, place: int) -> Name:
    """Return what an output is called: one yes-no output by its yes; where a target has several, also which.

    Examples
    --------
    >>> output_name(Spec.of([2, 3, 1], loss="binary_cross_entropy", classes=["ham", "spam"]), 0)
    'spam'
    """
    if spec.n_names > spec.n_outputs:
        return answer_name(spec, 1)
    each = spec.loss.outputs_per_target
    if each == 1 or spec.output.names is None:
        return answer_name(spec, place)
    return f"{spec.output.names[place // each]} ({place % each + 1} of {each})"
