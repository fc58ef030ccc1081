"""Inputs as the core takes them, from whatever a user has; everything else is refused with a reason."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.rows import SparseRows, sparse_rows
from pellucid.core.spec import Spec
from pellucid.errors import DataError, KindError, ShapeError

__all__ = ["as_array", "checked_inputs", "require_finite"]

Array = NDArray[Any]

_KEPT = (np.dtype(np.uint8), np.dtype(np.float32), np.dtype(np.float64))


def as_array(what: str, given: object) -> Array:
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


def require_finite(what: str, array: Array) -> None:
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


def _reshaped(what: str, shape: tuple[int, ...], width: int) -> str:
    """Return what to do with an array that is no table."""
    if len(shape) == 1 and shape[0] == width:
        return f"For one sample give {what}.reshape(1, -1)."
    if len(shape) == 1 and width == 1:
        return f"For one input give {what}.reshape(-1, 1)."
    if len(shape) > 2:
        return f"Give {what}.reshape(len({what}), -1)."
    return "Give a table, with a row for each sample."


def _check_shape(what: str, shape: tuple[int, ...], width: int) -> None:
    if len(shape) != 2:
        raise ShapeError(f"{what} has shape {shape}; (rows, {width}) is accepted. {_reshaped(what, shape, width)}")
    if shape[1] != width:
        raise ShapeError(
            f"{what} has {shape[1]} columns, but the network has {width} inputs. "
            f"Give {width} columns, or build the network for {shape[1]}."
        )
    if shape[0] == 0:
        raise DataError(f"{what} has no rows; at least one is needed.")


def checked_inputs(spec: Spec, X: object, what: str = "X") -> Array | SparseRows:
    """Return X as an array of shape (rows, n_in); uint8, float32 and float64 stay as they are, without a copy.

    Sparse tables of SciPy's stay sparse, as `SparseRows`.

    Raises
    ------
    ShapeError, DataError, KindError
        X is not a table of finite numbers with one column for each input, or has no rows.
    """
    sparse = hasattr(X, "toarray")
    array = sparse_rows(what, X, _KEPT) if sparse else as_array(what, X)
    width = spec.input.width
    if isinstance(array, SparseRows):
        _check_shape(what, array.shape, width)
        require_finite(f"What {what} stores beside zeros", array.data)
        return array
    if array.dtype.kind == "U":
        raise KindError(f"{what} holds texts; numbers are accepted. Encode them as numbers first.")
    _check_shape(what, array.shape, width)
    if array.dtype not in _KEPT:
        with np.errstate(over="ignore"):  # a wider type's numbers may become infinite, which is told next
            array = array.astype(np.uint8 if array.dtype.kind == "b" else np.float64)
    require_finite(what, array)
    return array
