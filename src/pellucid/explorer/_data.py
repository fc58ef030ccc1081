"""The rows that a page can choose from: sets of data by name, and what was drawn or typed by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import SparseRows, Spec, Task, checked_inputs, encoded_targets
from pellucid.errors import KindError, SettingError, ShapeError, unknown_name
from pellucid.explorer._messages import Sample
from pellucid.training import TrainingData

__all__ = ["OWN", "TEST", "TRAINING", "Rows", "Sets", "given_sets", "image_of", "label_told", "thumbnails"]

Array = NDArray[Any]

TRAINING: Final = "training"
TEST: Final = "test"
OWN: Final = "own"
_MOST_OWN: Final = 100
_LEAST_SIDE: Final = 8


@final
@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of inputs as given, and what they are: targets as `Network.trace` takes them, or None."""

    X: Array | SparseRows
    y: Array | None

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def some(self, places: slice | NDArray[np.int64]) -> Array:
        """Return some rows, dense."""
        return np.asarray(self.X[places])


@final
class Sets:
    """Sets of data by name, and the rows that were made by hand."""

    def __init__(self, sets: Mapping[str, Rows]) -> None:
        self.named = dict(sets)
        self.own: list[Array] = []

    @property
    def tested_on(self) -> str | None:
        """The set that scores are measured on: the test set, or, for want of one, the training set."""
        labelled = [name for name in (TEST, TRAINING) if name in self.named and self.named[name].y is not None]
        return labelled[0] if labelled else None

    def rows(self, name: str) -> Rows:
        """Return a set by its name."""
        if name not in self.named:
            raise unknown_name("set of data", name, self.named)
        return self.named[name]

    def row(self, sample: Sample) -> tuple[Array, Any]:
        """Return a row of inputs, shape (n_in,), and its target, or None."""
        if sample.set == OWN:
            if sample.row >= len(self.own):
                raise SettingError(f"{len(self.own)} rows were made by hand; row {sample.row} was asked for.")
            return self.own[sample.row], None
        rows = self.rows(sample.set)
        if sample.row >= len(rows):
            raise SettingError(f"{sample.set} has the rows 0 … {len(rows) - 1}; row {sample.row} was asked for.")
        return rows.some(slice(sample.row, sample.row + 1))[0], None if rows.y is None else rows.y[sample.row]

    def add(self, x: Array, row: int | None = None) -> int:
        """Keep a row that was made by hand, in the place of another one if one is named; return its place.

        Of very many the last place is used again.
        """
        if row is not None and row < len(self.own):
            self.own[row] = x
            return row
        if len(self.own) < _MOST_OWN:
            self.own.append(x)
        else:
            self.own[-1] = x
        return len(self.own) - 1


def given_sets(spec: Spec, data: Any, trained_on: TrainingData | None) -> dict[str, Rows]:
    """Return the sets of data that a user gives, everything checked, and those of a run.

    Parameters
    ----------
    data : None, (X, y) or X to be tested on, or a dict of "training" and "test" to these
    trained_on : the data of a run, or None

    Raises
    ------
    KindError, ShapeError, DataError
        They are none, or do not fit the network.
    """
    given = data if isinstance(data, Mapping) else {} if data is None else {TEST: data}
    found = {}
    for name, part in given.items():
        if name not in {TRAINING, TEST}:
            raise unknown_name("set of data", name, (TRAINING, TEST))
        found[name] = _rows(spec, name, part)
    if trained_on is not None and TRAINING not in found:
        found[TRAINING] = Rows(trained_on.X, _decoded(spec, trained_on.T))
        if trained_on.held_out is not None and TEST not in found:
            found[TEST] = Rows(trained_on.held_out[0], _decoded(spec, trained_on.held_out[1]))
    return {name: found[name] for name in (TEST, TRAINING) if name in found}


def _rows(spec: Spec, name: str, part: Any) -> Rows:
    X, y = part if isinstance(part, tuple) else (part, None)
    if isinstance(part, tuple) and len(part) != 2:
        raise ShapeError(f"The {name} data must be (X, y) or X; a tuple of {len(part)} was given.")
    if isinstance(X, str):
        raise KindError(f"The {name} data must be arrays, not a text ({X!r}). Give (X, y), say.")
    table = checked_inputs(spec, X, f"X of the {name} data")
    if y is not None:
        y = np.asarray(y)
        encoded_targets(spec, y, table.shape[0], f"y of the {name} data")
    return Rows(table, y)


def _decoded(spec: Spec, T: Array) -> Array:
    """Return encoded targets as a user gives them."""
    if spec.loss.task is Task.VALUES:
        scale = 1.0 if spec.output.scale is None else np.asarray(spec.output.scale)
        values = T.astype(np.float64) * scale + (0.0 if spec.output.shift is None else np.asarray(spec.output.shift))
        return np.asarray(values[:, :: spec.loss.outputs_per_target])
    if spec.loss.task is Task.YES_NO and spec.n_outputs > 1:
        return T.astype(np.int64)
    places = T.astype(np.int64).reshape(-1)
    return places if spec.output.names is None else np.asarray(spec.output.names)[places]


def label_told(spec: Spec, y: Any) -> str:
    """Return in words what a row is, by its target."""
    if y is None:
        return ""
    values = np.atleast_1d(np.asarray(y))
    names = spec.output.names
    if spec.loss.task is Task.VALUES:
        return ", ".join(f"{value:.6g}".replace("-", "−") for value in values.tolist())
    if spec.loss.task is Task.YES_NO and spec.n_outputs > 1:
        told = [str(j if names is None else names[j]) for j in np.flatnonzero(values)]
        return ", ".join(told) or "none"
    return str(values[0] if len(values) == 1 else values.argmax())


def image_of(spec: Spec) -> tuple[int, int] | None:
    """Return height and width where a row of inputs is taken to be a picture: a square of unnamed inputs."""
    side = math.isqrt(spec.input.width)
    square = side * side == spec.input.width and side >= _LEAST_SIDE and spec.input.features is None
    return (side, side) if square else None


def thumbnails(X: Array) -> NDArray[np.uint8]:
    """Return rows as bytes for small pictures: bytes as they are, others each from its least to its greatest number."""
    if X.dtype == np.uint8:
        return np.ascontiguousarray(X)
    low, high = X.min(axis=1, keepdims=True), X.max(axis=1, keepdims=True)
    spread = np.where(high > low, high - low, 1)
    return np.asarray(np.rint(255.0 * ((X - low) / spread))).astype(np.uint8)
