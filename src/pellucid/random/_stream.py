"""Streams: what a random number is for is its address."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pellucid import arithmetic
from pellucid.checks import whole_number
from pellucid.errors import SettingError
from pellucid.random._philox import philox_4x32

_WORDS: Final = 1 << 34  # four for each of 2³² blocks


class Purpose(IntEnum):
    """What a stream is for. The numbers are part of the arithmetic: add, never change."""

    INITIAL = 1
    SHUFFLE = 2
    DROPOUT = 3
    SPLIT = 4
    DATASET = 5


def checked_seed(seed: object) -> int:
    """Return the seed as an int, or raise for what is no whole number from 0 to 2⁶⁴ − 1.

    Raises
    ------
    KindError
        The seed is no whole number.
    SettingError
        It is outside the range.
    """
    return whole_number("The seed", seed, 0, 2**64 - 1)


@dataclass(frozen=True)
class Stream:
    """A sequence of random numbers, each reachable by its place.

    Block b of four words is Philox 4×32-10 of the counter (b, step, epoch, purpose + 256·layer) under the key
    (seed mod 2³², seed div 2³²).

    Parameters
    ----------
    seed : int, 0 … 2⁶⁴ − 1
    purpose : Purpose
    layer, epoch, step : int, each 0 … 2³² − 1 (layer: 2²⁴ − 1)

    Raises
    ------
    KindError, SettingError
        The seed is no whole number; it or another number is outside its range.

    Examples
    --------
    >>> stream = Stream(2019, Purpose.INITIAL, layer=1)
    >>> numbers = stream.uniform(1000)
    >>> bool(stream.uniform(1, start=700)[0] == numbers[700])
    True
    """

    seed: int
    purpose: Purpose
    layer: int = 0
    epoch: int = 0
    step: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", checked_seed(self.seed))
        if not (0 <= self.layer < 2**24 and 0 <= self.epoch < 2**32 and 0 <= self.step < 2**32):
            raise SettingError(
                f"A stream's layer must lie in 0 … 2**24 - 1, its epoch and step in 0 … 2**32 - 1; "
                f"layer={self.layer}, epoch={self.epoch}, step={self.step} were given. Give smaller numbers."
            )

    def words(self, count: int, start: int = 0) -> NDArray[np.uint32]:
        """Return words start … start + count − 1, 32 random bits each; shape (count,)."""
        if not 0 <= start <= start + count <= _WORDS:
            raise SettingError(
                f"A stream has words 0 … 2**34 - 1; words {start} … {start + count - 1} were asked for. "
                "Take fewer from each stream."
            )
        first, skip = divmod(start, 4)
        blocks = np.arange(first, first + -(-(skip + count) // 4), dtype=np.uint64)
        counter = (
            blocks,
            np.full(1, self.step, dtype=np.uint64),
            np.full(1, self.epoch, dtype=np.uint64),
            np.full(1, self.purpose + 256 * self.layer, dtype=np.uint64),
        )
        words = philox_4x32(counter, (self.seed & 0xFFFFFFFF, self.seed >> 32))
        return words.ravel()[skip : skip + count]

    def words_64(self, count: int, start: int = 0) -> NDArray[np.uint64]:
        """Return elements of 64 random bits: element i is word 2i + 2³²·word (2i + 1); shape (count,)."""
        pairs = self.words(2 * count, 2 * start).reshape(-1, 2).astype(np.uint64)
        return pairs[:, 0] | (pairs[:, 1] << np.uint64(32))

    def uniform(self, count: int, start: int = 0) -> NDArray[np.float64]:
        """Return numbers uniform on [0, 1): the upper 53 of 64 bits, divided by 2⁵³; shape (count,)."""
        return (self.words_64(count, start) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, count: int, start: int = 0) -> NDArray[np.float64]:
        """Return numbers of the standard normal distribution; shape (count,).

        Element i is √(−2·ln(1 − u)) · cos(2πv) with u, v the uniform elements 2i and 2i + 1.

        Source: Box & Muller (1958), A note on the generation of random normal deviates.
        """
        u, v = self.uniform(2 * count, 2 * start).reshape(-1, 2).T
        return np.asarray(np.sqrt(-2.0 * arithmetic.log(1.0 - u)) * arithmetic.cos_turns(v))

    def permutation(self, n: int) -> NDArray[np.int64]:
        """Return 0 … n − 1 in random order: sorted by their 64-bit elements, equal ones by index; shape (n,)."""
        return np.argsort(self.words_64(n), kind="stable")
