"""Targets as the core takes them: places of classes, yes or no, or values brought to the network's own scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import exact_mean
from pellucid.core.inputs import as_array, require_finite
from pellucid.core.losses import Task
from pellucid.core.spec import Name, Output, Spec
from pellucid.errors import DataError, KindError, ShapeError

__all__ = ["encoded_targets", "fitted_output", "places_of"]

Array = NDArray[Any]


def encoded_targets(spec: Spec, y: object, rows: int, what: str = "y") -> Array:
    """Return the targets as the loss takes them.

    Returns
    -------
    array
        Classes: int64, shape (rows,), the class's place. Yes-no: 0 or 1 in the spec's dtype, shape (rows, n_out).
        Values: in the spec's dtype, shape (rows, n_out), standardised as ``spec.output`` says; a target of several
        outputs (quantiles) stands in the column of each.

    Raises
    ------
    ShapeError, DataError, KindError
        y does not fit the outputs, holds what is no class, or is not finite.
    """
    array = as_array(what, y)
    if array.ndim == 0 or len(array) != rows:
        raise ShapeError(
            f"{what} has {'no' if array.ndim == 0 else len(array)} rows, but X has {rows}. Give one for each row of X."
        )
    require_finite(what, array)
    task, n_out = spec.loss.task, spec.n_outputs
    if task is Task.VALUES:
        if array.dtype.kind == "U":
            raise KindError(f"{what} holds texts; for the loss {spec.loss.name!r} numbers are accepted.")
        with np.errstate(over="ignore"):  # told next
            values = _standardized(spec, _of_outputs(spec, what, array))
        if spec.output.scale is not None:  # while it is open, large values may still be scaled down
            require_finite(f"{what}, as the network's {spec.dtype},", values)
        if spec.loss.counts and (values < 0).any():
            raise DataError(
                f"{what} holds {values[values < 0][0]:g}; the loss {spec.loss.name!r} takes counts, numbers ≥ 0. "
                "Give loss='mse' for numbers of either sign."
            )
        return values
    if task is Task.YES_NO and n_out > 1:
        table = _columns(what, array, n_out)
        if array.dtype.kind == "U" or not np.isin(table, (0, 1)).all():
            raise DataError(f"{what} must hold 0 or 1 for each of the {n_out} outputs; other values were given.")
        return table.astype(spec.dtype)
    places = places_of(spec, array, what)
    return places if task is Task.CLASSES else places[:, np.newaxis].astype(spec.dtype)


def _columns(what: str, array: Array, n: int, kind: str = "outputs") -> Array:
    """Return an array of shape (rows, n); (rows,) will do for one column."""
    table = array[:, np.newaxis] if array.ndim == 1 and n == 1 else array
    if table.ndim != 2 or table.shape[1] != n:
        raise ShapeError(
            f"{what} has shape {array.shape}, but the network has {n} {kind}. "
            f"Give ({len(array)}, {n}), or build the network for what {what} holds."
        )
    return table


def _of_outputs(spec: Spec, what: str, array: Array) -> Array:
    """Return values as a column for each output: each target as often as it has outputs."""
    each = spec.loss.outputs_per_target
    if each == 1:
        return _columns(what, array, spec.n_outputs)
    return np.repeat(_columns(what, array, spec.n_outputs // each, "targets"), each, axis=1)


def _standardized(spec: Spec, table: Array) -> Array:
    shift, scale = spec.output.shift, spec.output.scale
    values = table.astype(np.float64)
    if shift is not None and scale is not None:
        values = (values - np.asarray(shift)) / np.asarray(scale)
    return values.astype(spec.dtype)


def places_of(spec: Spec, array: Array, what: str) -> NDArray[np.int64]:
    """Return the place of each label among the classes."""
    n = spec.n_names
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.shape[1] == n and array.dtype.kind != "U":
        if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
            raise DataError(f"{what} has {n} columns, so each row must be one-hot: a single 1, else 0. Mend the rows.")
        return np.asarray(array.argmax(axis=1), dtype=np.int64)
    if array.ndim != 1:
        raise ShapeError(
            f"{what} has shape {array.shape}; a label for each row, shape ({len(array)},), "
            f"or one-hot rows, shape ({len(array)}, {n}), are accepted."
        )
    names = spec.output.names
    texts = array.dtype.kind == "U"
    if names is None and texts:
        found = [str(name) for name in np.unique(array)]
        raise DataError(
            f"{what} holds texts ({_listed(found)}), but the network's classes have no names. "
            f"Build it with classes={_listed(found)}, or give numbers 0 … {n - 1}."
        )
    if names is not None and texts == isinstance(names[0], str):
        return _places_of_names(array, names, what)
    if texts:
        raise DataError(f"{what} holds texts, but the network's classes are {_listed(names or ())}. Give those.")
    with np.errstate(invalid="ignore"):  # a label too large for any integer comes out as another one
        whole = array.astype(np.int64)
    if not (array == whole).all():
        raise DataError(
            f"{what} holds the label {array[array != whole][0]}, which is no class; 0 … {n - 1} are accepted."
        )
    if whole.min() < 0 or whole.max() >= n:
        wrong = whole[(whole < 0) | (whole >= n)][0]
        raise DataError(
            f"{what} holds the label {wrong}, but the network has {n} classes, 0 … {n - 1}. "
            "Give labels in that range, or name them with classes=[…]."
        )
    return whole


def _places_of_names(array: Array, names: Sequence[Name], what: str) -> NDArray[np.int64]:
    known = np.asarray(names)
    order = np.argsort(known)
    places = order[np.clip(np.searchsorted(known, array, sorter=order), 0, len(known) - 1)]
    wrong = known[places] != array
    if wrong.any():
        raise DataError(
            f"{what} holds {array[wrong][0].item()!r}, which is no class of the network. "
            f"Its classes are {_listed(names)}."
        )
    return np.asarray(places, dtype=np.int64)


def _listed(names: Sequence[Name]) -> str:
    shown = [repr(name) for name in names[:12]]
    return "[" + ", ".join(shown) + (", …" if len(names) > 12 else "") + "]"


def fitted_output(spec: Spec, y: object) -> Output:
    """Return the output with scale and shift taken from y, where they are still open.

    The shift is the mean and the scale the standard deviation of each target, summed exactly, so that they have
    the same bits everywhere; a target that never varies keeps the scale 1.

    Raises
    ------
    DataError
        The numbers are so large that their squares are not finite.
    """
    if spec.output.scale is not None:
        return spec.output
    table = _of_outputs(spec, "y", as_array("y", y)).astype(np.float64)
    moments = [_mean_and_spread(column) for column in table.T]
    return Output(spec.output.names, tuple(spread for _, spread in moments), tuple(mean for mean, _ in moments))


def _mean_and_spread(column: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean and the standard deviation; 1 for the latter where nothing varies."""
    if (column == column[0]).all():  # asked first: the rounded mean of equal numbers need not be that number
        return float(column[0]), 1.0
    try:
        with np.errstate(over="raise"):
            mean = exact_mean(column)
            return mean, math.sqrt(exact_mean((column - mean) * (column - mean))) or 1.0
    except (OverflowError, FloatingPointError):
        raise DataError(
            f"y reaches {np.abs(column).max():.4g}, whose square is not finite; smaller numbers are accepted. "
            "Give y in larger units."
        ) from None
