"""What every loss is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


class Task(Enum):
    """What the outputs stand for, and so what y holds and how a prediction reads."""

    CLASSES = "one of several classes"
    YES_NO = "yes or no for each output"
    VALUES = "a value for each output"


@dataclass(frozen=True)
class Loss:
    """One member of the family.

    Attributes
    ----------
    name : str
    task : Task
    function : (A, T) → (L, back)
        A: the last layer's output, shape (batch, n_out); T: the targets, whole numbers of shape (batch,) for
        classes, else an array like A. L: the loss of each sample, shape (batch,). ``back()`` is dL/dA, like A.
    output : A → what is shown: probabilities for classes and yes-no, A itself for values
    owns_output : bool
        Whether ``function`` contains the output function, so that the last layer must be identity.
    formula : str
    """

    name: str
    task: Task
    function: Callable[[Array, Array], tuple[Array, Callable[[], Array]]]
    output: Callable[[Array], Array]
    owns_output: bool
    formula: str
