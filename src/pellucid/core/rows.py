"""Tables of many zeros: compressed sparse rows, read as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DataError, KindError

__all__ = ["SparseRows", "sparse_rows"]

Array = NDArray[Any]


@final
@dataclass(frozen=True, eq=False)
class SparseRows:
    """What a table holds beside zeros, row by row: the three arrays of SciPy's CSR format, by reference.

    Attributes
    ----------
    data : array, shape (stored,), uint8, float32 or float64
    indices : array of int32 or int64, shape (stored,)
        The column of each, rising within a row.
    indptr : array like indices, shape (rows + 1,)
        Row i has places indptr[i] … indptr[i + 1] − 1.
    shape : (rows, columns)
    """

    data: Array
    indices: Array
    indptr: Array
    shape: tuple[int, int]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the numbers."""
        return self.data.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> Array:
        """Return some rows as a dense array."""
        places = np.arange(len(self))[rows]
        dense = np.zeros((len(places), self.shape[1]), dtype=self.dtype)
        counts = self.indptr[places + 1] - self.indptr[places]
        dense[np.repeat(np.arange(len(places)), counts), self.indices[self._stored(places, counts)]] = self.data[
            self._stored(places, counts)
        ]
        return dense

    def take(self, places: NDArray[np.int64]) -> SparseRows:
        """Return some rows as a table of their own."""
        counts = self.indptr[places + 1] - self.indptr[places]
        stored = self._stored(places, counts)
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(self.indptr.dtype)
        return SparseRows(self.data[stored], self.indices[stored], indptr, (len(places), self.shape[1]))

    def _stored(self, places: NDArray[np.int64], counts: Array) -> NDArray[np.int64]:
        """Return the places of what some rows hold, row after row."""
        begins = np.cumsum(counts) - counts
        return np.asarray(np.repeat(self.indptr[places] - begins, counts) + np.arange(counts.sum()), dtype=np.int64)


def sparse_rows(what: str, given: Any, kept: tuple[np.dtype[Any], ...]) -> SparseRows:
    """Return a sparse table of SciPy's as rows; a CSR one with rising columns is not copied.

    Raises
    ------
    KindError, DataError
        It cannot be made CSR, does not hold real numbers, or its arrays contradict one another.
    """
    if not hasattr(given, "tocsr") or getattr(given, "ndim", 2) != 2:
        raise KindError(
            f"{what} is sparse ({type(given).__name__}), but no table; dense arrays and SciPy's sparse tables are "
            f"accepted. Give {what}.toarray()."
        )
    table = given.tocsr()
    if not table.has_canonical_format:
        table = table.copy()
        table.sum_duplicates()
    data = table.data
    if data.dtype.kind not in "buif":
        raise KindError(f"{what} is of dtype {data.dtype}; real numbers are accepted. Convert it to float.")
    if data.dtype not in kept:
        with np.errstate(over="ignore"):  # what becomes infinite is told next
            data = data.astype(np.uint8 if data.dtype.kind == "b" else np.float64)
    indices, indptr, (rows, columns) = table.indices, table.indptr, table.shape
    sound = len(indptr) == rows + 1 and indptr[0] == 0 and (np.diff(indptr) >= 0).all()
    sound = sound and len(indices) == len(data) == indptr[-1]
    if not sound or (len(indices) and not (0 <= indices.min() and indices.max() < columns)):
        raise DataError(f"{what} is no sound sparse table: its indices point beyond it. Build it anew, with SciPy.")
    data, indices, indptr = (np.ascontiguousarray(part) for part in (data, indices, indptr))
    return SparseRows(data, indices, indptr, (rows, columns))
