"""The epochs of one fit: made, counted, scored, and ended by scikit-learn's rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, final

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning

from pellucid.core import HalfSquare, SparseRows, Spec
from pellucid.errors import DataError, DivergedError, warn
from pellucid.network import Run
from pellucid.training import Event, ProgressBar, RunStarted, Timeline

if TYPE_CHECKING:
    from pellucid.estimators._perceptron import Perceptron

__all__ = ["Epochs", "Judged", "not_finite", "outputs_of_loss", "warn_user"]

Array = NDArray[Any]
Judged = tuple[Array | SparseRows, Array, Array | None]  # X, y and weights of what is scored after each epoch

_SMALLEST_RATE: Final = 1e-6  # of learning_rate="adaptive"


@final
class Epochs:
    """The epochs of one fit.

    As many are made in one call as cannot end the training: while ``n_iter_no_change`` epochs without progress are
    needed, nobody has to look before. What is counted stands in the estimator, as scikit-learn has it.

    Parameters
    ----------
    estimator : whose attributes tell the rules, and hold what is counted
    run, timeline : not yet begun
    judged : what is scored after each epoch, or None
    part : whether this is one part of the data, of partial_fit
    """

    def __init__(
        self, estimator: Perceptron, run: Run, timeline: Timeline, judged: Judged | None, *, part: bool
    ) -> None:
        self._of: Any = estimator
        self._run, self._timeline, self._judged, self._part = run, timeline, judged, part
        self._best_step: int | None = None
        self._why = "stopped by hand"

    def make(self) -> None:
        """Make epochs until there are enough, or a rule of scikit-learn's ends the training."""
        with _bar(self._run, wanted=self._of.progress):
            self._advance()
        self._end()

    def _advance(self) -> None:
        run, timeline = self._run, self._timeline
        self._of.n_iter_ = 0
        try:
            while self._of.n_iter_ < timeline.recipe.epochs:
                until = min(self._of.n_iter_ + self._safe_epochs(), timeline.recipe.epochs)
                try:
                    run.advance(int(until - self._of.n_iter_) * timeline.steps_per_epoch)
                finally:  # where Ctrl-C comes between, too
                    self._count_new()
                if self._of._no_improvement_count > self._of.n_iter_no_change and self._stops():
                    break
                if run.ended is not None and self._of.n_iter_ < until:  # by a callback
                    break
            else:
                if not self._part and self._of.n_iter_ == self._of.max_iter:
                    warn_user(
                        f"Stochastic Optimizer: Maximum iterations ({self._of.max_iter}) reached and the optimization "
                        "hasn't converged yet.",
                        ConvergenceWarning,
                    )
        except KeyboardInterrupt:
            warn_user("Training interrupted by user.")
        except DivergedError as error:
            if not self._of.early_stopping:
                raise not_finite(error) from error
            self._count(np.nan, 0)
            self._append_score(np.nan, np.nan)
            warn_user(f"{error} The best weights before, if there were any, are restored.", ConvergenceWarning)

    def _count_new(self) -> None:
        """Count the epochs that were made since it was last asked."""
        timeline = self._timeline
        for row in timeline.history.epochs[self._of.n_iter_ :]:
            self._count(row["loss"] / outputs_of_loss(timeline.recipe.spec), timeline.data.n_rows)
            if self._judged is not None:
                self._judge(row, self._judged)

    def _safe_epochs(self) -> float:
        """Return how many epochs may be made before anyone needs to look."""
        if self._judged is not None or self._of.verbose:
            return 1
        return float(max(1, self._of.n_iter_no_change - self._of._no_improvement_count + 1))

    def _count(self, loss: float, rows: int) -> None:
        self._of.n_iter_ += 1
        self._of.loss_ = float(loss)
        self._of.t_ += rows
        self._of.loss_curve_.append(self._of.loss_)
        if self._of.verbose:
            print(f"Iteration {self._of.n_iter_}, loss = {self._of.loss_:.8f}")  # noqa: T201
        if self._of.best_loss_ is not None:
            worse = self._of.loss_ > self._of.best_loss_ - self._of.tol
            self._of._no_improvement_count = self._of._no_improvement_count + 1 if worse else 0
            self._of.best_loss_ = min(self._of.best_loss_, self._of.loss_)

    def _judge(self, row: dict[str, float], judged: Judged) -> None:
        """Score an epoch on the rows held out, and keep its weights where it is the best so far."""
        score = self._score_of(row, judged)
        self._append_score(score, row["val_loss"] / outputs_of_loss(self._timeline.recipe.spec))
        if not self._of.early_stopping:
            return
        sign = self._of._sign()
        worse = sign * score < sign * self._of.best_validation_score_ + self._of.tol
        self._of._no_improvement_count = self._of._no_improvement_count + 1 if worse else 0
        if sign * score > sign * self._of.best_validation_score_:
            self._of.best_validation_score_ = score
            self._of._best = self._of.network_.parameters.copy()
            self._best_step = int(row["step"])

    def _append_score(self, score: float, loss: float) -> None:
        self._of.validation_scores_.append(float(score))
        self._of.validation_loss_curve_.append(float(loss))
        if self._of.verbose:
            print(f"Validation score: {score:f}")  # noqa: T201

    def _score_of(self, row: dict[str, float], judged: Judged) -> float:
        X, y, weights = judged
        metrics = self._timeline.recipe.metrics
        if metrics and (weights is None or self._of.eval_metric is not None):
            return row[f"val_{metrics[0].shown}"]
        return float(self._of._scored(X, y, weights))

    def _stops(self) -> bool:
        """Stop, or, where the rate adapts, go on with a smaller one; return whether it stopped."""
        what = "Validation score" if self._of.early_stopping else "Training loss"
        message = (
            f"{what} did not improve more than tol={self._of.tol:f} for {self._of.n_iter_no_change} consecutive epochs."
        )
        adapts = self._of.solver == "sgd" and self._of.learning_rate == "adaptive" and self._of.optimizer is None
        if adapts and self._of._adapted > _SMALLEST_RATE:
            self._of._adapted /= 5.0
            if not self._run.done:
                self._run.edit(learning_rate=self._of._adapted)
            self._of._no_improvement_count = 0
            if self._of.verbose:
                print(f"{message} Setting learning rate to {self._of._adapted:f}")  # noqa: T201
            return False
        if self._of.verbose:
            print(f"{message} {'Learning rate too small. ' if adapts else ''}Stopping.")  # noqa: T201
        self._why = message
        return True

    def _end(self) -> None:
        """End the run; after early stopping, on the best weights."""
        of, run = self._of, self._run
        if self._part:
            if not (of.early_stopping and of._no_improvement_count > of.n_iter_no_change):
                return
            of.early_stopped_ = True
        if run.ended is None:
            run.stop(self._why, stand_on=self._best_step)
        if self._best_step is not None:
            of.network_.parameters = of._best
            run.seek(self._best_step)
        elif self._part and of._best is not None:  # of an earlier part
            of.network_.parameters = of._best


def outputs_of_loss(spec: Spec) -> int:
    """Return over how many outputs scikit-learn takes the mean of the squared error that it reports."""
    return spec.n_outputs if isinstance(spec.loss, HalfSquare) else 1


def warn_user(message: str, category: type[Warning] = UserWarning) -> None:
    """Give a warning that points at the user's own line."""
    warn(message, category, through=("sklearn", "joblib"))


def not_finite(error: DivergedError | None = None) -> DataError:
    """Return scikit-learn's error of weights that are not finite, with what is known of the cause."""
    more = "" if error is None else f" {error}"
    return DataError(
        "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
        f"preprocessed.{more}"
    )


@contextmanager
def _bar(run: Run, *, wanted: bool) -> Iterator[None]:
    """Show a progress bar, of a run that is made in several calls."""
    if not wanted:
        yield
        return
    bar, begun = ProgressBar(), False

    def tell(event: Event, _: Run) -> None:
        nonlocal begun
        if not (begun and isinstance(event, RunStarted)):
            bar(event)
        begun = True

    end = run.listen(tell)
    try:
        yield
    finally:
        end()
        bar.close()
