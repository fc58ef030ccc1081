"""An epoch's order, sorted by the native engine, is the order that `pellucid.random` defines."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.engine import permutation
from pellucid.random import Purpose, Stream


@pytest.mark.parametrize("n", [0, 1, 2, 3, 31, 32, 33, 1000, 60_000, 300_000])
def test_it_is_the_streams_own(n: int) -> None:
    """The same places; among 300,000 elements some ten pairs agree in their upper halves."""
    stream = Stream(2**63 + 5, Purpose.SHUFFLE, layer=3, epoch=7, step=11)
    np.testing.assert_array_equal(stream.permutation(n), permutation(stream, n))
    if n == 300_000:
        assert len(np.unique(stream.words_64(n) >> np.uint64(32))) < n
