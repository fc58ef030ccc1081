"""Orders of rows as scikit-learn's networks draw them, from NumPy's legacy generator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import whole_number
from pellucid.errors import KindError

__all__ = ["LegacyShuffle"]

_WORDS: Final = 624


@final
@dataclass(frozen=True)
class LegacyShuffle:
    """Each epoch shuffles the order of the one before, with the Mersenne Twister of ``numpy.random.RandomState``.

    NumPy has frozen that generator (its enhancement proposal 19), so that the orders are the same everywhere.

    Parameters
    ----------
    key : str
        The generator's 624 words of 32 bits before the first epoch, as hexadecimal digits, 8 a word.
    position : int, 0 … 624

    Raises
    ------
    KindError, SettingError
        This is no such state.

    Examples
    --------
    >>> shuffle = LegacyShuffle.of(np.random.RandomState(0))
    >>> order = np.arange(4)
    >>> for _, order in zip(range(2), shuffle.orders(4)):
    ...     print(order)
    [2 3 1 0]
    [2 1 3 0]
    """

    key: str
    position: int

    def __post_init__(self) -> None:
        try:
            known = len(self.key) == 8 * _WORDS and bytes.fromhex(self.key).hex() == self.key
        except (TypeError, ValueError):
            known = False
        if not known:
            raise KindError(f"The key of a legacy shuffle must be {8 * _WORDS} hexadecimal digits; others were given.")
        object.__setattr__(self, "position", whole_number("The position of a legacy shuffle", self.position, 0, _WORDS))

    @classmethod
    def of(cls, generator: np.random.RandomState) -> LegacyShuffle:
        """Return what would be drawn from a generator, which stays as it is."""
        state: Any = generator.get_state(legacy=False)
        return cls(state["state"]["key"].astype(">u4").tobytes().hex(), int(state["state"]["pos"]))

    def generator(self) -> np.random.RandomState:
        """Return a generator that stands where the first epoch begins."""
        generator = np.random.RandomState(0)
        key = np.frombuffer(bytes.fromhex(self.key), dtype=">u4").astype(np.uint32)
        generator.set_state(("MT19937", key, self.position, 0, 0.0))
        return generator

    def orders(self, n: int) -> Any:
        """Yield the order of n rows in each epoch, for ever."""
        return _orders(self.generator(), np.arange(n))

    def after(self, n: int, epochs: int) -> dict[str, Any]:
        """Return the state of the generator, as it has it, after some epochs of n rows."""
        generator = self.generator()
        for _, _ in zip(range(epochs), _orders(generator, np.arange(n)), strict=False):
            pass
        return dict(generator.get_state(legacy=False))


def _orders(generator: np.random.RandomState, order: NDArray[np.int64]) -> Any:
    while True:
        places = np.arange(len(order))
        generator.shuffle(places)
        order = order[places]
        yield order
