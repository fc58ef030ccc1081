"""The data of a run, held by reference."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import SparseRows

__all__ = ["TrainingData"]

Array = NDArray[Any]
Table = Array | SparseRows


@final
@dataclass(frozen=True, eq=False)
class TrainingData:
    """Inputs, encoded targets and weights; of what is held out, too.

    Attributes
    ----------
    X : array, shape (rows, n_in), or `SparseRows`
    T : targets as the loss takes them
    weights : array, shape (rows,), or None
    rows : the rows of X to train on, or None for all
    held_out : (X, T) to validate on, or None
    """

    X: Table
    T: Array
    weights: Array | None = None
    rows: NDArray[np.int64] | None = None
    held_out: tuple[Table, Array] | None = None

    @property
    def n_rows(self) -> int:
        """How many rows are trained on."""
        return len(self.X) if self.rows is None else len(self.rows)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of types, shapes and bytes; taken when first asked for."""
        sha = hashlib.sha256()
        parts: list[Array | None] = []
        for table in (self.X, self.T, self.weights, self.rows, *(self.held_out or (None, None))):
            parts += [table.data, table.indices, table.indptr] if isinstance(table, SparseRows) else [table]
        for array in parts:
            if array is None:
                sha.update(b"none;")
            else:
                little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
                sha.update(f"{little.dtype.str}{little.shape};".encode())
                sha.update(little.reshape(-1).view(np.uint8).data)
        return sha.hexdigest()
