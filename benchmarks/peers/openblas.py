"""NumPy's own BLAS (OpenBLAS, where NumPy comes from the package index): what the machine's peak is measured by."""

from __future__ import annotations

from numpy import matmul as multiply

__all__ = ["multiply"]
