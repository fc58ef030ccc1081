"""Arrays as a page takes them: flat, in memory of their own order, of four kinds of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["doubles", "floats", "int32"]


def floats(values: Any) -> NDArray[np.float32]:
    """Return numbers in single precision, flat."""
    return np.ascontiguousarray(values, dtype=np.float32).reshape(-1)


def doubles(values: Any) -> NDArray[np.float64]:
    """Return numbers in double precision, flat."""
    return np.ascontiguousarray(values, dtype=np.float64).reshape(-1)


def int32(values: Any) -> NDArray[np.int32]:
    """Return whole numbers, flat."""
    return np.ascontiguousarray(values, dtype=np.int32).reshape(-1)
