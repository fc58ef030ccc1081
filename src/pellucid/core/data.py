"""Inputs and targets as the core takes them, from whatever a user has; everything else is refused with a reason."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.arithmetic import exact_mean
from pellucid.core.losses import Task
from pellucid.core.spec import Name, Output, Spec
from pellucid.errors import DataError, KindError, SettingError, ShapeError

__all__ = [
    "checked_inputs",
    "class_weights",
    "encoded_targets",
    "fitted_output",
    "sample_weights",
    "weights_of_classes",
]

Array = NDArray[Any]

_KEPT = (np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float64))


def _as_array(what: str, given: object) -> Array:
    """Return an array of numbers, texts or booleans; raise for everything else."""
    if hasattr(given, "toarray"):
        raise KindError(f"{what} is sparse ({type(given).__name__}); dense arrays are accepted. Give {what}.toarray().")
    if np.ma.is_masked(given):
        raise DataError(f"{what} has masked values; whole data are accepted. Fill them, or drop their rows, first.")
    try:
        array = np.asarray(given)
    except ValueError:
        raise ShapeError(f"{what} has rows of different lengths; each row must have the same. Mend the data.") from None
    if array.dtype.kind == "O":
        try:
            texts = all(isinstance(value, str) for value in array.ravel()[:1000])
            array = array.astype(str) if texts and array.size else array.astype(np.float64)
        except (TypeError, ValueError, OverflowError):
            raise KindError(
                f"{what} holds Python objects ({type(array.ravel()[0]).__name__} among them); numbers are accepted. "
                f"Convert it, with np.asarray({what}, dtype=float), say."
            ) from None
    if array.dtype.kind == "S":
        try:
            array = array.astype(str)
        except UnicodeDecodeError:
            raise KindError(f"{what} holds bytes that are not ASCII; texts are accepted. Decode them first.") from None
    if array.dtype.kind not in "buifU":
        raise KindError(f"{what} is of dtype {array.dtype}; real numbers are accepted. Convert it to float.")
    return array


def _finite(what: str, array: Array) -> None:
    """Raise `DataError` where a float array holds NaN or infinity, naming the first place."""
    if array.dtype.kind != "f":
        return
    rows = max(1, (1 << 20) // max(1, array[:1].size))
    for begin in range(0, len(array), rows):
        good = np.isfinite(array[begin : begin + rows])
        if not good.all():
            place = np.argwhere(~good)[0]
            value = array[begin : begin + rows][tuple(place)]
            where = f"row {begin + place[0]}" + (f", column {place[1]}" if len(place) > 1 else "")
            raise DataError(
                f"{what} holds {value} in {where} (counting from 0); finite numbers are accepted. "
                "Fill or drop such rows first."
            )


def checked_inputs(spec: Spec, X: object, what: str = "X") -> Array:
    """Return X as an array of shape (rows, n_in); uint8, float32 and float64 stay as they are, without a copy.

    Raises
    ------
    ShapeError, DataError, KindError
        X is not a table of finite numbers with one column for each input, or has no rows.
    """
    array = _as_array(what, X)
    width = spec.input.width
    if array.dtype.kind == "U":
        raise KindError(f"{what} holds texts; numbers are accepted. Encode them as numbers first.")
    if array.ndim != 2:
        hint = (
            f"For one sample give {what}.reshape(1, -1)."
            if array.ndim == 1
            else f"Give {what}.reshape(len({what}), -1)."
            if array.ndim > 2
            else "Give a table, with a row for each sample."
        )
        raise ShapeError(f"{what} has shape {array.shape}; (rows, {width}) is accepted. {hint}")
    if array.shape[1] != width:
        raise ShapeError(
            f"{what} has {array.shape[1]} columns, but the network has {width} inputs. "
            f"Give {width} columns, or build the network for {array.shape[1]}."
        )
    if len(array) == 0:
        raise DataError(f"{what} has no rows; at least one is needed.")
    if array.dtype not in _KEPT:
        with np.errstate(over="ignore"):  # a wider type's numbers may become infinite, which is told next
            array = array.astype(np.uint8 if array.dtype.kind == "b" else np.float64)
    _finite(what, array)
    return array


def encoded_targets(spec: Spec, y: object, rows: int, what: str = "y") -> Array:
    """Return the targets as the loss takes them.

    Returns
    -------
    array
        Classes: int64, shape (rows,), the class's place. Yes-no: 0 or 1 in the spec's dtype, shape (rows, n_out).
        Values: in the spec's dtype, shape (rows, n_out), standardised as ``spec.output`` says.

    Raises
    ------
    ShapeError, DataError, KindError
        y does not fit the outputs, holds what is no class, or is not finite.
    """
    array = _as_array(what, y)
    if array.ndim == 0 or len(array) != rows:
        raise ShapeError(
            f"{what} has {'no' if array.ndim == 0 else len(array)} rows, but X has {rows}. Give one for each row of X."
        )
    _finite(what, array)
    task, n_out = spec.the_loss.task, spec.n_outputs
    if task is Task.VALUES:
        if array.dtype.kind == "U":
            raise KindError(f"{what} holds texts; for the loss {spec.loss!r} numbers are accepted.")
        with np.errstate(over="ignore"):  # told next
            values = _standardized(spec, _columns(what, array, n_out))
        if spec.output.scale is not None:  # while it is open, large values may still be scaled down
            _finite(f"{what}, as the network's {spec.dtype},", values)
        return values
    if task is Task.YES_NO and n_out > 1:
        table = _columns(what, array, n_out)
        if array.dtype.kind == "U" or not np.isin(table, (0, 1)).all():
            raise DataError(f"{what} must hold 0 or 1 for each of the {n_out} outputs; other values were given.")
        return table.astype(spec.dtype)
    places = _places(spec, array, what)
    return places if task is Task.CLASSES else places[:, np.newaxis].astype(spec.dtype)


def _columns(what: str, array: Array, n_out: int) -> Array:
    """Return an array of shape (rows, n_out); (rows,) will do for one output."""
    table = array[:, np.newaxis] if array.ndim == 1 and n_out == 1 else array
    if table.ndim != 2 or table.shape[1] != n_out:
        raise ShapeError(
            f"{what} has shape {array.shape}, but the network has {n_out} outputs. "
            f"Give ({len(array)}, {n_out}), or build the network for what {what} holds."
        )
    return table


def _standardized(spec: Spec, table: Array) -> Array:
    shift, scale = spec.output.shift, spec.output.scale
    values = table.astype(np.float64)
    if shift is not None and scale is not None:
        values = (values - np.asarray(shift)) / np.asarray(scale)
    return values.astype(spec.dtype)


def _places(spec: Spec, array: Array, what: str) -> NDArray[np.int64]:
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


def sample_weights(spec: Spec, weights: object, rows: int) -> Array | None:
    """Return weights of the samples in the spec's dtype, or None where none are given.

    Raises
    ------
    ShapeError, DataError, KindError
        They are not one finite number ≥ 0 for each row, or add up to 0.
    """
    if weights is None:
        return None
    array = _as_array("sample_weight", weights)
    if array.dtype.kind == "U":
        raise KindError("sample_weight holds texts; numbers ≥ 0 are accepted.")
    if array.shape != (rows,):
        raise ShapeError(
            f"sample_weight has shape {array.shape}; a number for each row of X, shape ({rows},), is accepted."
        )
    _finite("sample_weight", array)
    if (array < 0).any():
        raise DataError(f"sample_weight holds {array[array < 0][0]}; numbers ≥ 0 are accepted.")
    with np.errstate(over="ignore", under="ignore"):  # told next
        array = array.astype(spec.dtype)
    _finite(f"sample_weight, as the network's {spec.dtype},", array)
    if not (array > 0).any():
        raise DataError("sample_weight is 0 for every row: nothing would be learnt. Give some rows a weight above 0.")
    return array


def class_weights(spec: Spec, given: object) -> tuple[tuple[Name, float], ...] | str | None:
    """Return class weights as pairs (label, weight) that a recipe can hold, or "balanced", or None.

    Raises
    ------
    SettingError, KindError, DataError
        They are for no such class, negative, or for a loss without classes.
    """
    if given is None:
        return None
    if spec.the_loss.task is Task.VALUES or (spec.the_loss.task is Task.YES_NO and spec.n_outputs > 1):
        raise SettingError(
            f"class_weight needs classes; the loss {spec.loss!r} with these outputs has none. Leave it out."
        )
    if isinstance(given, str):
        if given != "balanced":
            raise SettingError(f"class_weight must be 'balanced' or a dict of label: weight; {given!r} was given.")
        return given
    if not isinstance(given, dict):
        raise KindError(f"class_weight must be 'balanced' or a dict of label: weight, not {type(given).__name__}.")
    pairs = []
    for label, weight in given.items():
        if not isinstance(label, (str, int, float, np.integer, np.floating)):
            raise KindError(f"class_weight is for the label {label!r}; texts and whole numbers are accepted.")
        _places(spec, np.asarray([label]), "class_weight")
        if not isinstance(weight, (int, float, np.integer, np.floating)) or not 0 <= weight < np.inf:
            raise SettingError(f"class_weight[{label!r}] must be a number ≥ 0; {weight!r} was given.")
        pairs.append((label if isinstance(label, str) else int(label), float(weight)))
    return tuple(pairs)


def weights_of_classes(
    spec: Spec, T: Array, weights: Array | None, of: tuple[tuple[Name, float], ...] | str | None
) -> Array | None:
    """Return the samples' weights times those of their classes; "balanced" is rows / (classes · rows of the class)."""
    if of is None:
        return weights
    places = T.reshape(len(T)).astype(np.int64)
    n = spec.n_names
    factors = np.ones(n)
    if isinstance(of, str):
        counts = np.bincount(places, minlength=n)
        factors[counts > 0] = len(places) / ((counts > 0).sum() * counts[counts > 0])
    else:
        for label, weight in of:
            factors[_places(spec, np.asarray([label]), "class_weight")] = weight
    product = factors[places] if weights is None else weights * factors[places]
    if not (product > 0).any():
        raise DataError("class_weight gives every row the weight 0: nothing would be learnt.")
    return np.asarray(product, dtype=spec.dtype)


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
    table = _columns("y", _as_array("y", y), spec.n_outputs).astype(np.float64)
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
