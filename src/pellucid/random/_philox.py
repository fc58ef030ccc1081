"""Philox 4×32-10: a small cipher that turns a counter into random words.

Source: Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]

_MULTIPLIER_0: Final = np.uint64(0xD2511F53)
_MULTIPLIER_1: Final = np.uint64(0xCD9E8D57)
_WEYL_0: Final = 0x9E3779B9
_WEYL_1: Final = 0xBB67AE85
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)


def philox_4x32(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> NDArray[np.uint32]:
    """Return four random 32-bit words for each counter.

    One of ten rounds, with the counter (c₀, c₁, c₂, c₃) and the key (k₀, k₁)::

        c₀, c₁, c₂, c₃ = high(M₁·c₂) ⊕ c₁ ⊕ k₀,  low(M₁·c₂),  high(M₀·c₀) ⊕ c₃ ⊕ k₁,  low(M₀·c₀)
        k₀, k₁ = k₀ + W₀,  k₁ + W₁                                             (modulo 2³²)

    Parameters
    ----------
    counter : four arrays of uint64, shapes that broadcast to (n,)
        The words of the counters, each below 2³².
    key : two integers below 2³²

    Returns
    -------
    array of uint32, shape (n, 4)

    Examples
    --------
    >>> zero = np.zeros(1, dtype=np.uint64)
    >>> [hex(word) for word in philox_4x32((zero, zero, zero, zero), (0, 0))[0]]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * c0
        product_1 = _MULTIPLIER_1 * c2
        c0 = (product_1 >> _HALF) ^ c1 ^ np.uint64(k0)
        c1 = product_1 & _LOW
        c2 = (product_0 >> _HALF) ^ c3 ^ np.uint64(k1)
        c3 = product_0 & _LOW
        k0 = (k0 + _WEYL_0) & 0xFFFFFFFF
        k1 = (k1 + _WEYL_1) & 0xFFFFFFFF
    words = np.empty((len(c0), 4), dtype=np.uint32)
    words[:, 0], words[:, 1], words[:, 2], words[:, 3] = c0, c1, c2, c3
    return words
