"""What a network is worth on some rows, as it is and with one neuron silenced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Name, Spec, Task, right, tree_sum
from pellucid.engine import Backend

__all__ = ["Ablation", "Classes", "classes_of", "worth_of"]

Array = NDArray[Any]
Float64 = NDArray[np.float64]


@final
@dataclass(frozen=True, eq=False)
class Ablation:
    """What the network is worth on these rows as it is, and with one neuron silenced: its activation always 0.

    Attributes
    ----------
    measure : "accuracy", or for values "loss"
        The share of right rows, or the mean of the rows' losses.
    whole, without : float
        The measure as it is, and without the neuron.
    class_whole, class_without : float64, shape (classes,)
        The accuracy of each class's rows; NaN where a class has none. Of shape (0,) for values.
    """

    measure: str
    whole: float
    without: float
    class_whole: Float64
    class_without: Float64

    @property
    def effect(self) -> float:
        """What silencing adds to the measure: an accuracy lost is negative, a loss risen is positive."""
        return self.without - self.whole


class Classes(NamedTuple):
    """The classes of some rows: their names, and which rows each has."""

    names: tuple[Name, ...]
    rows: tuple[NDArray[np.int64], ...]


def classes_of(spec: Spec, T: Array) -> Classes:
    """Return which rows are of which class, as `Portrait.counts` says."""
    if spec.loss.task is Task.VALUES:
        return Classes(("all",), (np.arange(len(T)),))
    names = spec.output.names or tuple(range(spec.n_names))
    if spec.loss.task is Task.YES_NO and spec.n_outputs > 1:
        return Classes(names, tuple(np.flatnonzero(column == 1) for column in T.T))
    places = T if T.ndim == 1 else T[:, 0]
    return Classes(names, tuple(np.flatnonzero(places == place) for place in range(len(names))))


def worth_of(spec: Spec, backend: Backend, classes: Classes, output: Array, T: Array) -> tuple[float, Float64]:
    """Return the mean loss of values, or the accuracy and that of each class."""
    if spec.loss.task is Task.VALUES:
        return float(tree_sum(backend.losses(spec, output, T))) / len(T), np.zeros(0)
    hits = right(output, T)
    of_classes = [np.count_nonzero(hits[rows]) / len(rows) if len(rows) else np.nan for rows in classes.rows]
    return float(np.count_nonzero(hits) / len(hits)), np.array(of_classes)
