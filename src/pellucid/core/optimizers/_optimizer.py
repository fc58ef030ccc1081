"""What every optimiser is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core.own import told
from pellucid.core.parameters import zeros_on_cache_lines

Vector = NDArray[Any]
Slots = dict[str, Vector]

_TINY: Final = 2.0**-100


def flush_tiny(slot: Vector) -> None:
    """Set what is below 2⁻¹⁰⁰ in magnitude to zero, in place.

    Moments of weights that see no signal shrink for ever; numbers near the smallest that a type can hold
    (denormals) would make each operation many times slower. This is part of the arithmetic.
    """
    slot *= np.abs(slot) >= _TINY  # a third of the time that assigning through a mask takes; NaN stays


@dataclass(frozen=True)
class Setting(ABC):
    """What has a name and settings, and can be told in JSON.

    Attributes
    ----------
    name : str
    """

    name: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return what stands for it in JSON: its name, and its settings."""
        return told(self.name, asdict(self)) if self.is_own else {"name": self.name, **asdict(self)}

    @property
    def is_own(self) -> bool:
        """Whether it is of the user's own."""
        return False


@dataclass(frozen=True)
class Optimizer(Setting):
    """An optimiser's settings, the vectors it keeps (``slots``), and its functions.

    Attributes
    ----------
    name : str
    slots : tuple of str
        The names of the vectors kept from step to step, each of the parameters' layout.
    learning_rate : float
        The rate to use where none is given.
    """

    learning_rate: ClassVar[float]

    @property
    def is_own(self) -> bool:
        """Whether it is of the user's own."""
        from pellucid.core.optimizers import OPTIMIZERS, Chain  # which are made from this class

        return type(self) is not Chain and OPTIMIZERS.get(self.name) is not type(self)

    @property
    @abstractmethod
    def slots(self) -> tuple[str, ...]:
        """Names of the vectors kept from step to step."""

    def init(self, parameters: Vector) -> Slots:
        """Return the vectors at the start: zeros like the parameters."""
        return {name: zeros_on_cache_lines(parameters.size, parameters.dtype) for name in self.slots}

    def clipped(self, gradient: Vector) -> Vector:
        """Return the gradient of all parameters as ``update`` is to see it: as it is, where no `Chain` bounds it."""
        return gradient

    @abstractmethod
    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Make step number t = 1, 2, …: change parameters and slots in place; the gradient stays as it is."""
