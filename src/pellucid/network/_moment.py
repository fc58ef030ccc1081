"""A moment: a read-only look at one step of a run."""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.core import Slots, fingerprint, on_cache_lines
from pellucid.engine import State
from pellucid.errors import RunError
from pellucid.insight import Trace
from pellucid.training import Timeline

if TYPE_CHECKING:
    from pellucid.network._network import Network

__all__ = ["Moment"]

Vector = NDArray[Any]


class _Unmeasured(dict[str, float]):
    """Metrics before the first epoch has ended: none, and each that is asked for is NaN."""

    def __missing__(self, name: str) -> float:
        return float("nan")


@final
class Moment:
    """A read-only look at one step of a run.

    What belongs to a batch (``batch``, ``loss``, ``losses``, ``gradient``) is of the step that is made from here; at a
    run's end no step is, and there it raises, but for ``batch`` and ``learning_rate``, which are None, and ``loss`` and
    ``gradient_norm``, which are NaN.

    Attributes
    ----------
    step : int
        Steps made so far.
    network : Network
        A copy of the network as it was then.
    slots : mapping of str to vector
        What the optimiser kept.

    Examples
    --------
    >>> from pellucid import Network
    >>> from pellucid.datasets import load_toy
    >>> toy = load_toy("moons")
    >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=4, batch_size=20)
    >>> m = run.at(10)
    >>> m.batch.shape, m.losses.shape, m.gradient.shape, list(m.slots)
    ((20,), (20,), (42,), ['mean', 'square'])
    >>> bool(m.loss == run.history.loss[10])
    True
    """

    def __init__(self, network: Network, timeline: Timeline, state: State) -> None:
        self._of, self._timeline, self._state = network, timeline, state
        state.parameters.setflags(write=False)
        self.step: int = state.step
        self._made = state.step < timeline.frontier
        self._coming = self._made or (timeline.ended is None and state.step < timeline.total_steps)

    @property
    def goes_on(self) -> bool:
        """Whether a step is made from here, or would be."""
        return self._coming

    @cached_property
    def network(self) -> Network:
        """A copy of the network as it was then."""
        return self._of._with(self._timeline.job(self.step).spec, on_cache_lines(self._state.parameters))

    @property
    def epoch(self) -> int:
        """The epoch, 1 for the first, to which the step from here belongs."""
        return self._timeline.epoch(self.step)

    @property
    def slots(self) -> Slots:
        """What the optimiser kept, vectors by name."""
        return self._state.slots

    @property
    def parameters(self) -> Vector:
        """All parameters as they were then, one vector."""
        return self._state.parameters

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the parameters."""
        return fingerprint(self.parameters)

    @property
    def learning_rate(self) -> float | None:
        """The rate of the step that is made from here, schedule included."""
        return self._timeline.rate(self.step) if self._coming else None

    @property
    def batch(self) -> NDArray[np.int64] | None:
        """The rows of X that the step sees."""
        return self._timeline.batch(self.step) if self._coming else None

    @cached_property
    def loss(self) -> float:
        """The loss of the step's batch before the step, penalty included; NaN where none is made."""
        if self._made:
            return float(self._timeline.history.losses(self.step, self.step + 1)[0])
        return self._timeline.loss_of(self._state) if self._coming else float("nan")

    @property
    def losses(self) -> NDArray[np.float64]:
        """The loss of each row of the batch, not weighted, without penalty; shape (batch,)."""
        return self._pass.losses

    @cached_property
    def gradient(self) -> Vector:
        """The gradient of the batch's loss, penalties included, before any bound: what the optimiser is given."""
        return self._pass.gradient

    @property
    def gradient_norm(self) -> float:
        """√(Σ g²) of the gradient; NaN at a run's end, where no step is made."""
        return float("nan") if not self._coming else float(np.sqrt((self.gradient.astype(np.float64) ** 2).sum()))

    def losses_before(self, count: int) -> NDArray[np.float64]:
        """Return the losses of the last steps before this moment, at most so many."""
        return self._timeline.history.losses(max(0, self.step - count), self.step)

    @property
    def metrics(self) -> MappingProxyType[str, float]:
        """What was measured of the last epoch that had ended by then; before the first each is NaN."""
        rows = [row for row in self._timeline.history.epochs if row["step"] <= self.step]
        return MappingProxyType(dict(rows[-1]) if rows else _Unmeasured())

    @cached_property
    def _pass(self) -> Trace:
        if not self._coming:
            raise RunError(
                f"From step {self.step} no step is made, since the run ends there, so there is no batch. Ask for "
                f"at({max(0, self.step - 1)}), the moment before the last step; or give trace(x, y) rows of your own."
            )
        return Trace.of_step(self._timeline, self._state)

    def trace(self, x: ArrayLike | None = None, y: ArrayLike | None = None) -> Trace:
        """Return every number of a pass: of rows given, see `Network.trace`; or of the step's own batch.

        Without arguments the trace is of the batch that the step from here saw, with its dropout and its weights, and
        its receipts go on to what the optimiser made of the gradient.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> run = Network([2, 4, 2]).fit(toy.X, toy.y, epochs=4, batch_size=20, optimizer="sgd")
        >>> run.at(7).trace()
        Trace of 20 rows through 2 layers, forward and back, loss 0.6553
        """
        return self._pass if x is None else self.network.trace(x, y)

    def __repr__(self) -> str:
        loss = "" if np.isnan(self.loss) else f", loss {self.loss:.4g}"
        return f"Moment: step {self.step}{loss}, parameters {self.fingerprint[:12]}…"

    def _repr_html_(self) -> str:
        from pellucid.network._drawn import moment_html

        return moment_html(self)
