"""How the steps of a recipe are made: which rows, at which rate, in calls of some 30 ms; how epochs are measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task, measured, tree_sum
from pellucid.engine import Backend, Job, State, Steps, permutation, usable_processors
from pellucid.random import LegacyShuffle, Purpose, Stream
from pellucid.training.calendar import Calendar
from pellucid.training.crowd import Crowd
from pellucid.training.data import TrainingData
from pellucid.training.recipe import Recipe
from pellucid.training.settings import Settings

__all__ = ["StepMaker"]

_SECONDS_PER_CALL: Final = 0.03
_SECONDS_PER_LONG_CALL, _LONG_STEPS_PER_CALL = 0.2, 8  # of large networks, for which beginning a call takes a while

_SMALL_WORK: Final = 1 << 24  # multiplications of rows by weights

Vector = NDArray[Any]
Rates = Callable[[int, int], NDArray[np.float64]]
_Orders = Iterator[tuple[int, NDArray[np.int64]]]  # by epoch


@final
class StepMaker:
    """A recipe on data, with a backend that performs it; it stands nowhere, `Timeline` does.

    Everything here is a function of the step's number: where a call ends decides no bit.

    Attributes
    ----------
    calendar : Calendar
        Which epoch each step belongs to, and which rows of it the step sees.
    """

    def __init__(
        self, recipe: Recipe, data: TrainingData, backend: Backend, threads: int | None, recompute: bool
    ) -> None:
        self.calendar = Calendar(data.n_rows, recipe.batch_size)
        self._recipe, self._data, self._backend = recipe, data, backend
        self._threads, self._recompute = threads, recompute
        self._order: tuple[int, NDArray[np.int64]] | None = None
        self._legacy: _Orders | None = None
        self._crowd = Crowd() if threads is None and usable_processors() > 1 else None
        self._steps_per_call = 1
        self.seconds_per_step = 0.0

    def job(self, settings: Settings) -> Job:
        """Return what the backend is given while these settings are in force."""
        recipe, data = settings.recipe, self._data
        rates = dict(recipe.layer_rates)
        return Job(
            recipe.spec,
            data.X,
            data.T,
            data.weights,
            recipe.optimizer,
            recipe.l2,
            min(recipe.batch_size, self.calendar.rows),
            recipe.seed,
            recipe.l1,
            tuple(rates.get(name, 1.0) for name in recipe.spec.names) if rates else (),
            self._recompute,
            settings.held(),
            recipe.alpha,
            recipe.steps_before,
        )

    def batch(self, step: int) -> NDArray[np.int64]:
        """Return the rows of X that the step made from here (0 for the first) sees."""
        place = self.calendar.place(step)
        return self._epoch_order(place.epoch)[place.row : place.row + place.batch_size].copy()

    def _epoch_order(self, epoch: int) -> NDArray[np.int64]:
        """Return the rows of X in the order in which an epoch (0 for the first) sees them."""
        if self._order is None or self._order[0] != epoch:
            legacy, self._legacy = self._legacy, None  # whoever is interrupted here begins anew
            if self._order is not None and epoch <= self._order[0]:
                legacy = None
            order, legacy = self._shuffled(epoch, legacy)
            self._order = (epoch, order if self._data.rows is None else self._data.rows[order])
            self._legacy = legacy
        return self._order[1]

    def _shuffled(self, epoch: int, legacy: _Orders | None) -> tuple[NDArray[np.int64], _Orders | None]:
        """Return an epoch's order, and where orders are drawn one after another, those to come."""
        shuffle, rows = self._recipe.shuffle, self.calendar.rows
        if not shuffle:
            return np.arange(rows), None
        if not isinstance(shuffle, LegacyShuffle):
            return permutation(Stream(self._recipe.seed, Purpose.SHUFFLE, epoch=epoch), rows), None
        legacy = legacy or enumerate(shuffle.orders(rows))
        return next(order for number, order in legacy if number == epoch), legacy

    def _orders(self, epoch: int, count: int) -> NDArray[np.int64]:
        """Return the rows of X in the order in which some whole epochs see them."""
        if count == 1:
            return self._epoch_order(epoch)
        return np.concatenate([self._epoch_order(epoch + more) for more in range(count)])

    def threads_for(self, job: Job, steps: int) -> int | None:
        """Return on how many threads to make some steps: one for few, since waking others would take longer."""
        return 1 if steps * job.batch_size * job.spec.n_parameters < _SMALL_WORK else self._threads

    def make(self, state: State, count: int, job: Job, rates_of: Rates, *, across: bool = False) -> Steps:
        """Make up to ``count`` steps from a state, in place; not past the epoch's end, nor for long.

        ``rates_of(first, count)`` are the learning rates of some steps. ``across``: whole epochs may be made in one
        call, where they are short.
        """
        place = self.calendar.place(state.step)
        left = -(-(self.calendar.rows - place.row) // place.batch_size)
        epochs = min(count, self._steps_per_call) // left if across and place.row == 0 else 0
        if epochs > 1:
            count, rows = epochs * left, self.calendar.rows
            order = self._orders(place.epoch, epochs)
        else:
            count, rows = min(count, left, self._steps_per_call), 0
            order = self._epoch_order(place.epoch)[place.row : place.row + count * place.batch_size]
        rates = rates_of(state.step, count)
        threads, tried = self.threads_for(job, count), None
        if threads is None and self._crowd is not None:
            tried = self._crowd.choice()
            threads = None if tried else 1
        begun = time.perf_counter()
        made = self._backend.train(job, state, order, rates, epoch=rows, threads=threads)
        each = (time.perf_counter() - begun) / max(1, len(made.losses))
        if tried is not None and self._crowd is not None and count > 1:
            self._crowd.learn(tried, each)
        long = min(_LONG_STEPS_PER_CALL, round(_SECONDS_PER_LONG_CALL / max(each, 1e-7)))
        self._steps_per_call = max(1, round(_SECONDS_PER_CALL / max(each, 1e-7)), long)
        if len(made.losses) > 1 or not self.seconds_per_step:  # one alone is mostly the call's own time
            self.seconds_per_step = each
        return made

    @property
    def measures_rows(self) -> bool:
        """Whether there are rows that are measured at each epoch's end."""
        return self._data.held_out is not None

    def measure_several(
        self, epochs: int, end: int, losses: NDArray[np.float64], hits: NDArray[np.int64]
    ) -> list[dict[str, float]]:
        """Return the metrics of some whole epochs, the last of which ends with a step: see `measure`."""
        rows = self.calendar.rows
        sizes = self.calendar.sizes(end - len(losses) // epochs, end)  # of each epoch alike
        with np.errstate(over="ignore"):
            means = tree_sum(losses.reshape(epochs, -1).T * sizes[:, np.newaxis]) / rows
        metrics = [{"loss": mean} for mean in means.tolist()]
        if self._recipe.spec.loss.task is not Task.VALUES:
            for row, right in zip(metrics, hits.reshape(epochs, -1).sum(axis=1).tolist(), strict=True):
                row["accuracy"] = right / rows
        return metrics

    def measure(self, state: State, end: int, losses: NDArray[np.float64], hits: NDArray[np.int64]) -> dict[str, float]:
        """Return the metrics of an epoch that ends with a step: of its losses and hits, and of the rows held out."""
        spec, rows, parameters = self._recipe.spec, self.calendar.rows, state.parameters
        sizes = self.calendar.sizes(end - len(losses), end)
        with np.errstate(over="ignore"):
            metrics = {"loss": float(tree_sum(losses * sizes)) / rows}
        if spec.loss.task is not Task.VALUES:
            metrics["accuracy"] = int(hits.sum()) / rows
        if self._data.held_out is not None:
            X, T = self._data.held_out
            output = self._backend.forward(spec, parameters, X)
            losses = self._backend.losses(spec, output, T)
            found = measured(spec, output, T, losses, self._recipe.measured)
            metrics |= {f"val_{name}": value for name, value in found.items()}
        return metrics
