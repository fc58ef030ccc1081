"""The native losses, row by row: the limits at the edge, and the core's values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.test_numerics import LOSS_EDGES, numbers
from pellucid.core import LOSSES, BinaryCrossEntropy, Pinball, Poisson, Spec, Task, loss_of
from pellucid.engine import NativeEngine, ReadableCore, instruction_sets

each = pytest.mark.parametrize("instructions", instruction_sets())
TYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


@each
@TYPES
@pytest.mark.parametrize(("name", "A", "T", "L"), [edge[:4] for edge in LOSS_EDGES], ids=str)
def test_losses_at_the_edge(name: str, A: list[Any], T: Any, L: Any, dtype: str, instructions: str) -> None:
    """The loss of a row is the limit of the core's table, and a row beside keeps its own."""
    loss = Pinball((0.1, 0.5)) if name == "pinball" else loss_of(name)
    spec = Spec.of([1, 2], loss=loss, dtype=dtype, standardize_targets=False)
    given = numbers([A, [0.0, 0.0]], dtype)
    target = np.array([T, 0]) if loss.task is Task.CLASSES else numbers([T, [0.0, 0.0]], dtype)
    expected = numbers([[L, 0]], dtype)[0, 0]
    found = NativeEngine(instructions).losses(spec, given, target)
    np.testing.assert_allclose(found[0], expected, rtol=4e-7 if dtype == "float32" else 1e-15)
    assert ReadableCore().losses(spec, given, target)[1] == pytest.approx(found[1], rel=4e-7)


@each
@TYPES
@pytest.mark.parametrize("rows", [1, 15, 16, 17, 300])
@pytest.mark.parametrize("given", [*LOSSES, BinaryCrossEntropy(sum_outputs=True), Poisson(sum_outputs=True)], ids=str)
def test_losses_are_the_cores(given: Any, rows: int, dtype: str, instructions: str) -> None:
    """Whatever the number of rows, each has the core's loss, taken in float64, within the type's rounding."""
    loss = loss_of(given)
    n = 6
    spec = Spec.of([1, n], loss=loss, dtype=dtype, standardize_targets=False)
    random = np.random.default_rng(rows)
    A = random.normal(0, 3, (rows, n)).astype(dtype)
    T: Any = random.integers(0, n, rows)
    if loss.task is not Task.CLASSES:
        T = random.integers(0, 2 if loss.task is Task.YES_NO else 5, (rows, n)).astype(dtype)
    wide = T if loss.task is Task.CLASSES else T.astype(np.float64)
    expected = loss.function(A.astype(np.float64), wide)[0]
    found = NativeEngine(instructions).losses(spec, A, T)
    assert ((rows,), np.float64) == (found.shape, found.dtype)
    rounding = 2e-6 if dtype == "float32" else 1e-14  # a logarithm near 0 is of a number near 1, which was rounded
    np.testing.assert_allclose(found, expected, rtol=rounding, atol=rounding / 10)
