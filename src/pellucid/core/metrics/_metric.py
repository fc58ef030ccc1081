"""What every metric is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.core.losses import Task
from pellucid.core.named import told_briefly, unusual
from pellucid.core.spec import Spec

Array = NDArray[Any]
Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Metric(ABC):
    """A metric's settings, and its function.

    A metric may decide when a run ends, and so its bits: it is made of ``+ − × ÷`` in float64, in a written order, and
    of `pellucid.arithmetic` alone. What is counted is counted in whole numbers, and divided once.

    Attributes
    ----------
    name : str
    tasks : tuple of Task
        What the outputs may stand for.
    better : +1 or −1
        Whether more or less of it is better.
    formula : str
    of_quantiles : bool
        Whether it measures networks that have several outputs for each target.
    """

    name: ClassVar[str]
    tasks: ClassVar[tuple[Task, ...]]
    better: ClassVar[int]
    formula: ClassVar[str]
    of_quantiles: ClassVar[bool] = False

    @property
    def shown(self) -> str:
        """What it is called where it is shown: its name, with the setting where there is one."""
        return self.name

    @abstractmethod
    def value(self, A: Float64, T: Array) -> float:
        """Return what it measures of some rows.

        Parameters
        ----------
        A : array of float64, shape (rows, n_out)
            The last layer's output: logits for classes and yes-no, values in their own units; at least one row.
        T : array
            Classes: whole numbers, the class's place, shape (rows,). Yes-no: True or False, like A. Values: like A.
        """

    def fitted(self, spec: Spec) -> Metric:
        """Return it with what it takes from a network: the quantiles, where its loss has such."""
        return self

    def misfit(self, spec: Spec) -> str | None:
        """Return why it cannot measure a network, or None where it can."""
        if spec.loss.task in self.tasks:
            several = spec.loss.outputs_per_target > 1 and not self.of_quantiles
            return "is for one output a target, not for quantiles" if several else None
        return f"is for {', or '.join(t.value for t in self.tasks)}; {spec.loss.name!r} has {spec.loss.task.value}"

    def to_json(self) -> str | dict[str, Any]:
        """Return what stands for it in JSON: its name, and with it the settings that are not the usual ones."""
        return told_briefly(self.name, unusual(self))
