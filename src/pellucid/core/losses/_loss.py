"""What every loss is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from numpy.typing import NDArray

from pellucid.core.named import told_briefly, unusual
from pellucid.core.own import told

Array = NDArray[Any]


class Task(Enum):
    """What the outputs stand for, and so what y holds and how a prediction reads."""

    CLASSES = "one of several classes"
    YES_NO = "yes or no for each output"
    VALUES = "a value for each output"


@dataclass(frozen=True)
class Loss(ABC):
    """A loss's settings, and its functions. One of the user's own is a frozen dataclass like those of the family.

    A file tells one of the user's own by its name and settings; give the class again at load, with
    ``custom={name: class}``.

    Attributes
    ----------
    name : str
    task : Task
    owns_output : bool
        Whether ``function`` contains the output function, so that the last layer must be identity.
    output_name : str or None
        What ``output`` is called where a loss of the family owns one: "softmax", "sigmoid" or "exp".
    counts : bool
        Whether targets are counts or rates, ≥ 0, which are never standardised.
    formula : str
        For reading.
    summed : bool
        Whether it is a sum over outputs, not their mean.
    surrogate : bool
        Whether the slope is meant to be another than the derivative.
    """

    name: ClassVar[str]
    task: ClassVar[Task]
    owns_output: ClassVar[bool] = False
    output_name: ClassVar[str | None] = None
    counts: ClassVar[bool] = False
    formula: ClassVar[str] = ""
    surrogate: ClassVar[bool] = False

    @property
    def summed(self) -> bool:
        """Whether it is a sum over outputs, not their mean."""
        return False

    @property
    def is_own(self) -> bool:
        """Whether it is of the user's own."""
        from pellucid.core.losses import LOSSES  # whose members are made from this class

        return LOSSES.get(self.name) is not type(self)

    @property
    def outputs_per_target(self) -> int:
        """How many outputs the network has for each target."""
        return 1

    @abstractmethod
    def function(self, A: Array, T: Array) -> tuple[Array, Callable[[], Array]]:
        """Return L, the loss of each sample, shape (batch,), and ``back``, which returns dL/dA, like A.

        A is the last layer's output, shape (batch, n_out); T are the targets, whole numbers of shape (batch,) for
        classes, else an array like A.
        """

    def output(self, A: Array) -> Array:
        """Return what is shown of the last layer's output: probabilities for classes and yes-no, values for values."""
        return A

    def to_json(self) -> str | dict[str, Any]:
        """Return what stands for it in JSON: its name, and with it the settings that are not the usual ones."""
        return told(self.name, unusual(self)) if self.is_own else told_briefly(self.name, unusual(self))
