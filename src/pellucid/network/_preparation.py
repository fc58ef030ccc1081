"""From what a user gives to what a run takes: checked, encoded, some rows held out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import checked_number
from pellucid.core import (
    Name,
    SparseRows,
    Spec,
    Task,
    checked_inputs,
    class_weights,
    encoded_targets,
    fitted_output,
    sample_weights,
    scaled,
    weights_of_classes,
)
from pellucid.errors import DataError, KindError, ScaleWarning, SettingError, ShapeError, warn
from pellucid.random import Purpose, Stream
from pellucid.training import TrainingData

__all__ = ["inputs", "is_plain", "one_row", "plainly_scaled", "prepared", "weighted"]

Array = NDArray[Any]

_LARGE, _SMALL = 50.0, 0.02
_ROWS_LOOKED_AT, _NUMBERS_LOOKED_AT = 2000, 1 << 22


def is_plain(X: object, spec: Spec) -> TypeGuard[Array]:
    """Return whether X is a table of a kind that the engine reads as it is; its numbers are not looked at."""
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype.char not in "Bfd" or not X.dtype.isnative:
        return False
    return X.shape[1] == spec.input.width and len(X) > 0


def plainly_scaled(spec: Spec, X: Array | SparseRows, largest: float) -> bool:
    """Return whether inputs whose largest magnitude after scaling is this give no reason for a warning."""
    return largest <= _LARGE and (largest >= _SMALL or X.dtype == np.uint8 or largest == 0 or spec.input.scale == 1.0)


def inputs(spec: Spec, X: object, what: str = "X") -> Array | SparseRows:
    """Return X as the engine takes it; warn where its range contradicts the network's input scale."""
    array = checked_inputs(spec, X, what)
    with np.errstate(over="ignore"):
        rows = min(_ROWS_LOOKED_AT, max(1, _NUMBERS_LOOKED_AT // spec.input.width))
        largest = float(np.abs(scaled(spec, array[:: max(1, len(array) // rows)])).max())
    if plainly_scaled(spec, array, largest):
        return array
    if largest > _LARGE:
        warn(
            f"{what} reaches {largest:.4g} after the network's scaling; networks learn best where inputs are near 1. "
            "Build the network with an input_scale: 1/255 for bytes; for columns of different sizes "
            "input_shift=X.mean(axis=0), input_scale=1 / X.std(axis=0).",
            ScaleWarning,
        )
    else:
        scale = spec.input.scale
        warn(
            f"{what} is at most {largest:.4g} after the network's scaling by "
            f"{f'{scale:.4g}' if isinstance(scale, float) else 'a number for each input'}; "
            "was it scaled before? Give the data as they were, or build the network without input_scale.",
            ScaleWarning,
        )
    return array


def one_row(spec: Spec, x: object) -> Array:
    """Return one row as a table of one, shape (1, n_in); raise where it is none. Its range alone says nothing."""
    dense = x.toarray() if hasattr(x, "toarray") else x
    table = checked_inputs(spec, np.atleast_2d(np.asarray(dense)), "x")
    if len(table) != 1 or isinstance(table, SparseRows):
        raise ShapeError(
            f"x must be one row, shape ({spec.input.width},); {len(table)} rows were given. Give X[0], say."
        )
    return table


def prepared(
    spec: Spec,
    X: object,
    y: object,
    *,
    sample_weight: object,
    class_weight: object,
    validation: object,
    seed: int,
) -> tuple[Spec, TrainingData, tuple[tuple[Name, float], ...] | str | None, float | None]:
    """Return the spec (its output fitted to y), the data, and class_weight and validation for the recipe.

    Raises
    ------
    ShapeError, DataError, SettingError, KindError
        As each argument's own check says.
    """
    table = inputs(spec, X)
    weights = sample_weights(spec, sample_weight, len(table))
    of_classes = class_weights(spec, class_weight)
    encoded_targets(spec, y, len(table))  # before anything is taken from y
    fraction, rows, kept_out = _split(validation, len(table), seed)
    spec = replace(spec, output=fitted_output(spec, y if rows is None else np.asarray(y)[rows]))
    T = encoded_targets(spec, y, len(table))
    used = T if rows is None else T[rows]
    _several_classes(spec, used)
    if kept_out is not None:
        apart = table.take(kept_out) if isinstance(table, SparseRows) else table[kept_out]
        held_out: tuple[Array | SparseRows, Array] | None = (apart, T[kept_out])
    elif validation is None:
        held_out = None
    else:
        Xv, yv = _pair(validation)
        Xv = inputs(spec, Xv, "the validation X")
        held_out = (Xv, encoded_targets(spec, yv, len(Xv), "the validation y"))
    weights = weighted(spec, T, weights, of_classes, rows)
    return spec, TrainingData(table, T, weights, rows, held_out), of_classes, fraction


def weighted(
    spec: Spec,
    T: Array,
    weights: Array | None,
    of_classes: tuple[tuple[Name, float], ...] | str | None,
    rows: NDArray[np.int64] | None,
) -> Array | None:
    """Return the weights of all rows; those of classes are taken over the rows that are trained on."""
    if rows is None:
        return weights_of_classes(spec, T, weights, of_classes)
    used = weights_of_classes(spec, T[rows], None if weights is None else weights[rows], of_classes)
    if used is None:
        return None
    if not (used > 0).any():
        raise DataError("sample_weight is 0 for every row that is trained on. Give some of them a weight above 0.")
    everywhere = np.zeros(len(T), dtype=used.dtype)  # what is held out is not weighed
    everywhere[rows] = used
    return everywhere


def _split(
    validation: object, n: int, seed: int
) -> tuple[float | None, NDArray[np.int64] | None, NDArray[np.int64] | None]:
    """Return the fraction, the rows to train on and those held out, or None for each where no fraction is given."""
    if validation is None or isinstance(validation, (tuple, list)):
        return None, None, None
    if isinstance(validation, bool) or not isinstance(validation, (int, float, np.number)):
        raise KindError(f"validation must be a fraction such as 0.1 or a pair (X, y), not {type(validation).__name__}.")
    fraction = checked_number("validation", validation)
    count = round(n * fraction)
    if not 0 < fraction < 1 or not 0 < count < n:
        raise SettingError(
            f"validation must be a fraction between 0 and 1 that leaves rows on both sides; {fraction!r} of {n} rows "
            f"is {count}. Give 0.1, say, or a pair (X, y)."
        )
    order = Stream(seed, Purpose.SPLIT).permutation(n)
    return fraction, np.sort(order[count:]), np.sort(order[:count])


def _pair(validation: object) -> tuple[object, object]:
    if not isinstance(validation, (tuple, list)) or len(validation) != 2:
        raise KindError(
            "validation must be a fraction such as 0.1 or a pair (X, y); a sequence of another length was given."
        )
    return validation[0], validation[1]


def _several_classes(spec: Spec, T: Array) -> None:
    """Raise `DataError` where all rows are of one class: there is nothing to tell apart."""
    if spec.loss.task is Task.VALUES or (spec.loss.task is Task.YES_NO and spec.n_outputs > 1):
        return
    if (T == T[0]).all():
        place = int(T.reshape(-1)[0])
        names = spec.output.names
        raise DataError(
            f"y holds only one class ({place if names is None else repr(names[place])}); at least two are needed to "
            "learn to tell them apart. Give rows of other classes too."
        )
