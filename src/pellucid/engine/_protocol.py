"""The protocol of a backend: a few fat calls.

Python is entered once per some tens of milliseconds: `Backend.train` makes many steps in one call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Optimizer, Slots, SparseRows, Spec, Traced

Array = NDArray[Any]
Vector = NDArray[Any]
Table = Array | SparseRows


@dataclass(frozen=True)
class Job:
    """What stays the same through a run: the network's spec, the data, and how a step is made.

    Attributes
    ----------
    spec : Spec
    X : array, shape (rows, n_in), uint8, float32 or float64; or `SparseRows`
    T : targets as the loss takes them, rows of them
    weights : of the samples, shape (rows,), in the spec's dtype; or None
    optimizer : Optimizer
    l2 : float
    batch_size : int, ≥ 1
    seed : int, of the dropout masks
    l1 : float
    layer_rates : tuple of a number for each layer, or () for 1 throughout
        Factors of the learning rate; 0 freezes a layer: it keeps every bit, and counts in no bound of the gradient.
    recompute : bool
        Whether memory is short: a backend that can then keeps few layers' outputs for the way back, and computes the
        others anew. No bit differs.
    alpha : float
        As l2, but divided by the total weight of the batch: see `l2_of`.
    steps_before : int
        Steps that the optimiser made before the run's first.
    held : places of parameters, sorted, or None
        Those that no step changes, though their gradient counts in a bound as any other's, and their moments go on.
    """

    spec: Spec
    X: Table
    T: Array
    weights: Array | None
    optimizer: Optimizer
    l2: float
    batch_size: int
    seed: int
    l1: float = 0.0
    layer_rates: tuple[float, ...] = ()
    recompute: bool = False
    held: NDArray[np.int64] | None = None
    alpha: float = 0.0
    steps_before: int = 0

    def dropout(self, step: int) -> tuple[int, int]:
        """Return what addresses the dropout masks of the step made from here (0 for the first): seed and step."""
        return self.seed, self.steps_before + step

    def l2_of(self, total: float) -> float:
        """Return the factor of ½·Σ w² in the loss of a batch of this total weight."""
        return self.l2 + self.alpha / total


@dataclass
class State:
    """Where a run stands: the hot buffers that steps change in place.

    Attributes
    ----------
    step : int
        Steps made so far.
    parameters : vector of the spec's layout
    slots : the optimiser's vectors, of the same layout, by name
    """

    step: int
    parameters: Vector
    slots: Slots

    def finite(self) -> bool:
        """Return whether every number is finite."""
        return all(np.isfinite(vector).all() for vector in (self.parameters, *self.slots.values()))


class Steps(NamedTuple):
    """What `Backend.train` reports, for each step made.

    Attributes
    ----------
    losses : float64, shape (steps,)
        The loss of each step's batch, before the step changed the parameters; penalty included.
    hits : int64, shape (steps,)
        Rows of the batch whose prediction was right, for losses of classes and of yes or no; else 0.
    diverged : bool
        Whether the last of these steps left numbers that are not finite; it was the last one made.
    """

    losses: NDArray[np.float64]
    hits: NDArray[np.int64]
    diverged: bool


class Used(NamedTuple):
    """What `Backend.use` reports.

    Attributes
    ----------
    output : array, shape (rows, n_out), in the spec's dtype
        A row that is not finite before it is made probabilities is not finite here either.
    finite : bool
        Whether every input and every output is finite.
    largest : float
        The largest magnitude of an input after scaling.
    """

    output: Array
    finite: bool
    largest: float


class Backend(Protocol):
    """What computes."""

    @property
    def name(self) -> str:
        """Name, for screens and files."""

    @property
    def exactness(self) -> str:
        """``"everywhere"``, or ``"this machine"`` with the reason in brackets."""

    def forward(self, spec: Spec, parameters: Vector, X: Table, *, threads: int | None = None) -> Array:
        """Return the last layer's output for each row, shape (rows, n_out), in the spec's dtype."""

    def use(self, spec: Spec, parameters: Vector, X: Table, *, shown: bool = False, threads: int | None = None) -> Used:
        """Return the last layer's output, or what is shown of it (the loss's own output function), and what was met."""

    def losses(self, spec: Spec, output: Array, T: Array) -> NDArray[np.float64]:
        """Return the loss of each row, shape (rows,), of the last layer's output, as `forward` gives it."""

    def loss_and_gradient(
        self,
        spec: Spec,
        parameters: Vector,
        X: Table,
        T: Array,
        weights: Array | None,
        l1: float,
        l2: float,
        *,
        threads: int | None = None,
    ) -> tuple[float, Vector]:
        """Return the loss of all rows and its gradient, a vector of the parameters' layout; no dropout."""

    def trace(
        self,
        spec: Spec,
        parameters: Vector,
        X: Table,
        T: Array | None = None,
        weights: Array | None = None,
        drop: tuple[int, int] | None = None,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        threads: int | None = None,
    ) -> Traced:
        """Return every number of a pass through the network and, with targets, of the way back.

        Given the rows of a step, in its order, and ``drop``, the recipe's seed and the step, these are the numbers
        that the step was made of, bit by bit.
        """

    def train(
        self,
        job: Job,
        state: State,
        order: NDArray[np.int64],
        rates: NDArray[np.float64],
        *,
        epoch: int = 0,
        threads: int | None = None,
    ) -> Steps:
        """Make steps, changing the state in place.

        Parameters
        ----------
        job, state : see there
        order : rows of X that the steps see, batch after batch
            Step s of the call sees order[s·batch_size : (s + 1)·batch_size]; the last batch may be smaller.
        epoch : int
            After how many rows of the order a batch ends early, again and again; 0: at the order's end alone.
        rates : shape (steps,)
            The learning rate of each step to make.
        threads : int, or None for the backend's choice
        """
