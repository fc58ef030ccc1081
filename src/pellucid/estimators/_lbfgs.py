"""L-BFGS: SciPy's, over the engine's full-batch loss and gradient; and its iterations as the steps of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, NamedTuple, NoReturn, final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from pellucid.core import Optimizer, Slots, Task, on_cache_lines, right, total_weight
from pellucid.engine import Backend, Job, State, Steps
from pellucid.errors import RunError, warn

__all__ = ["Found", "Lbfgs", "LbfgsSteps", "minimized", "objective"]

Array = NDArray[Any]
Vector = NDArray[Any]
LossAndGradient = Callable[[Vector], tuple[float, Vector]]

_MOST_BYTES: Final = 64 << 20


class Found(NamedTuple):
    """Where it ended: the loss, and after how many iterations."""

    loss: float
    iterations: int


def objective(backend: Backend, job: Job, threads: int | None) -> LossAndGradient:
    """Return the loss of all rows and its gradient, as a function of the parameters."""
    l2 = job.l2_of(total_weight(len(job.T), job.weights))
    return lambda vector: backend.loss_and_gradient(
        job.spec, vector, job.X, job.T, job.weights, job.l1, l2, threads=threads
    )


def _minimize(rule: Lbfgs, of: LossAndGradient, start: Vector, most: int, after: Callable[[Any], None]) -> Any:
    """Return SciPy's result; its own sums are held to one thread, whose number would decide bits."""
    from scipy.optimize import minimize

    options = {"maxfun": rule.max_fun, "maxiter": most, "gtol": rule.tol}
    with threadpool_limits(1, "blas"):
        return minimize(of, start.copy(), method="L-BFGS-B", jac=True, callback=after, options=options)


def minimized(rule: Lbfgs, of: LossAndGradient, parameters: Vector, max_iter: int, *, verbose: bool) -> Found:
    """Minimise a loss from where the parameters stand, in place; warn where it has not converged."""
    from sklearn.exceptions import ConvergenceWarning

    made = 0

    def after(intermediate_result: Any) -> None:
        nonlocal made
        made += 1
        if verbose:
            print(f"Iteration {made}, loss = {intermediate_result.fun:.8f}")  # noqa: T201

    result = _minimize(rule, of, parameters, max_iter, after)
    parameters[...] = result.x
    if result.status != 0:
        warn(
            f"L-BFGS has not converged after {result.nit} iterations and {result.nfev} evaluations of the loss "
            f"({result.message}). Increase max_iter ({max_iter}) or max_fun ({rule.max_fun}), or scale the data: see "
            "sklearn.preprocessing.",
            ConvergenceWarning,
            through=("sklearn", "joblib"),
        )
    return Found(float(result.fun), min(int(result.nit), max_iter))


@final
@dataclass(frozen=True)
class Lbfgs(Optimizer):
    """SciPy's L-BFGS-B, an iteration a step; it keeps its own memory, and here only where it began.

    Source: Byrd, Lu, Nocedal & Zhu (1995), A limited memory algorithm for bound constrained optimization.
    """

    tol: float
    max_fun: int

    name: ClassVar[str] = "lbfgs"
    learning_rate: ClassVar[float] = 1.0

    @property
    def slots(self) -> tuple[str, ...]:
        """``start``."""
        return ("start",)

    def init(self, parameters: Vector) -> Slots:
        """Return where it begins."""
        return {"start": on_cache_lines(parameters)}

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> NoReturn:
        """Raise: no step is made of a gradient alone."""
        raise RunError(
            "The steps of L-BFGS are SciPy's own, and cannot be made from another point. Go on from the network of a "
            "step, run.at(step).network, with another optimizer."
        )


@final
class LbfgsSteps:
    """A backend whose steps are SciPy's iterations from where the run began; all else is another backend's.

    An iteration is reached by performing all before it again; they are kept where all of them fit into 64 MB.
    """

    exactness = "this machine (L-BFGS through SciPy)"

    def __init__(self, backend: Backend, iterations: int) -> None:
        self._backend, self._iterations = backend, iterations
        self._kept: list[tuple[Vector, float]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def train(
        self, job: Job, state: State, order: Array, rates: Array, *, epoch: int = 0, threads: int | None = None
    ) -> Steps:
        """Make iterations, changing the state in place."""
        until, few = state.step + len(rates), self._iterations * state.parameters.nbytes <= _MOST_BYTES
        path = self._kept or self._path(job, state.slots["start"], self._iterations if few else until, threads)
        if len(path) <= until:
            raise RunError(
                f"Performed again, L-BFGS ends after {len(path) - 1} iterations, not {self._iterations}: the training "
                "data were changed since. Call fit again."
            )
        self._kept = path if few else []
        made = path[state.step : until]
        hits = [self._hits(job, vector, threads) for vector, _ in made]
        state.parameters[...], state.step = path[until][0], until
        return Steps(np.array([loss for _, loss in made]), np.array(hits, dtype=np.int64), diverged=False)

    def _path(self, job: Job, start: Vector, until: int, threads: int | None) -> list[tuple[Vector, float]]:
        """Return the parameters and the loss before the first iteration and after each."""
        assert isinstance(job.optimizer, Lbfgs)  # noqa: S101
        of = objective(self._backend, job, threads)
        path = [(start.copy(), of(start)[0])]

        def after(intermediate_result: Any) -> None:
            path.append((intermediate_result.x.copy(), float(intermediate_result.fun)))

        _minimize(job.optimizer, of, start, until, after)
        return path

    def _hits(self, job: Job, vector: Vector, threads: int | None) -> int:
        """Return how many rows are predicted rightly."""
        if job.spec.loss.task is Task.VALUES:
            return 0
        return int(np.count_nonzero(right(self._backend.forward(job.spec, vector, job.X, threads=threads), job.T)))
