"""Weights of samples and of classes: how much each row counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import is_number
from pellucid.core.inputs import as_array, require_finite
from pellucid.core.losses import Task
from pellucid.core.spec import Name, Spec
from pellucid.core.targets import places_of
from pellucid.errors import DataError, KindError, SettingError, ShapeError

__all__ = ["class_weights", "sample_weights", "weights_of_classes"]

Array = NDArray[Any]


def sample_weights(spec: Spec, weights: object, rows: int) -> Array | None:
    """Return weights of the samples in the spec's dtype, or None where none are given.

    Raises
    ------
    ShapeError, DataError, KindError
        They are not one finite number ≥ 0 for each row, or add up to 0.
    """
    if weights is None:
        return None
    array = as_array("sample_weight", weights)
    if array.dtype.kind == "U":
        raise KindError("sample_weight holds texts; numbers ≥ 0 are accepted.")
    if array.shape != (rows,):
        raise ShapeError(
            f"sample_weight has shape {array.shape}; a number for each row of X, shape ({rows},), is accepted."
        )
    require_finite("sample_weight", array)
    if (array < 0).any():
        raise DataError(f"sample_weight holds {array[array < 0][0]}; numbers ≥ 0 are accepted.")
    with np.errstate(over="ignore", under="ignore"):  # told next
        array = array.astype(spec.dtype)
    require_finite(f"sample_weight, as the network's {spec.dtype},", array)
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
    if spec.loss.task is Task.VALUES or (spec.loss.task is Task.YES_NO and spec.n_outputs > 1):
        raise SettingError(
            f"class_weight needs classes; the loss {spec.loss.name!r} with these outputs has none. Leave it out."
        )
    if isinstance(given, str):
        if given != "balanced":
            raise SettingError(f"class_weight must be 'balanced' or a dict of label: weight; {given!r} was given.")
        return given
    if not isinstance(given, dict):
        raise KindError(f"class_weight must be 'balanced' or a dict of label: weight, not {type(given).__name__}.")
    pairs = []
    for label, weight in given.items():
        if not isinstance(label, str) and not is_number(label):
            raise KindError(f"class_weight is for the label {label!r}; texts and whole numbers are accepted.")
        places_of(spec, np.asarray([label]), "class_weight")
        if not is_number(weight) or not 0 <= weight < np.inf:
            raise SettingError(f"class_weight[{label!r}] must be a number ≥ 0; {weight!r} was given.")
        pairs.append((label if isinstance(label, str) else int(label), float(weight)))
    return tuple(sorted(pairs, key=lambda pair: int(places_of(spec, np.asarray([pair[0]]), "class_weight")[0])))


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
            factors[places_of(spec, np.asarray([label]), "class_weight")] = weight
    product = factors[places] if weights is None else weights * factors[places]
    if not (product > 0).any():
        raise DataError("class_weight gives every row the weight 0: nothing would be learnt.")
    return np.asarray(product, dtype=spec.dtype)
