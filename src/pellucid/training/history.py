"""History: what a run has measured so far, by step and by epoch."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import RunError, unknown_name

__all__ = ["History"]


@final
class History:
    """What a run has measured, in the order of steps.

    Attributes
    ----------
    epochs : list of dict
        A row an epoch: epoch (from 1), step, loss, and accuracy, val_loss, val_accuracy, and val_ with the name of each
        metric that was asked for, where there are any.

    Examples
    --------
    >>> history = History()
    >>> history.add_steps(np.array([0.7, 0.5]), np.array([1, 2]))
    >>> history.epochs.append({"epoch": 1, "step": 2, "loss": 0.6})
    >>> history.loss.tolist(), history["loss"].tolist()
    ([0.7, 0.5], [0.6])
    """

    def __init__(self) -> None:
        self.epochs: list[dict[str, float]] = []
        self._adding = threading.Lock()  # chunks are joined by whoever asks, also while another thread adds to them
        self._losses: list[NDArray[np.float64]] = []
        self._hits: list[NDArray[np.int64]] = []

    def copy(self) -> History:
        """Return a history of its own memory."""
        return self.until(len(self.loss))

    def until(self, step: int) -> History:
        """Return what was measured up to a step, in a history of its own memory."""
        history = History()
        history.epochs = [dict(row) for row in self.epochs if row["step"] <= step]
        history.add_steps(self.loss[:step], self.hits[:step])
        return history

    def keys(self) -> list[str]:
        """Return the names of what is measured by epoch, such as ``loss`` and ``val_accuracy``."""
        return list(self.epochs[0]) if self.epochs else []

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def add_steps(self, losses: NDArray[np.float64], hits: NDArray[np.int64]) -> None:
        """Append what some steps measured."""
        with self._adding:
            self._losses.append(losses)
            self._hits.append(hits)

    @property
    def loss(self) -> NDArray[np.float64]:
        """The loss of each step's batch, before the step; shape (steps,)."""
        return self._joined(self._losses, np.float64)

    @property
    def hits(self) -> NDArray[np.int64]:
        """How many rows of each step's batch were right, before the step; shape (steps,)."""
        return self._joined(self._hits, np.int64)

    def losses(self, first: int, end: int) -> NDArray[np.float64]:
        """Return the losses of some steps, ``first`` counted from 0, the end left out."""
        with self._adding:
            made = self.made
            if (
                end == made
            ):  # new steps come one by one while a breakpoint is waited for: none is joined to the rest here
                return self._end(self._losses, made - first, np.float64)
            if len(self._losses) > 1:
                self._losses[:] = [np.concatenate(self._losses)]
            return self._losses[0][first:end].copy() if self._losses else np.empty(0)

    @property
    def made(self) -> int:
        """How many steps were made."""
        return sum(len(chunk) for chunk in self._losses)

    def last(self, count: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return losses and hits of the last steps, in time that the length of the history does not decide."""
        return self._end(self._losses, count, np.float64), self._end(self._hits, count, np.int64)

    @staticmethod
    def _end(chunks: list[NDArray[Any]], count: int, dtype: type) -> NDArray[Any]:
        found: list[NDArray[Any]] = []
        for chunk in reversed(chunks):
            if count <= 0:
                break
            found.append(chunk[-count:])
            count -= len(chunk)
        return np.concatenate([np.empty(0, dtype), *reversed(found)])

    def _joined(self, chunks: list[NDArray[Any]], dtype: type) -> NDArray[Any]:
        with self._adding:
            if len(chunks) > 1:
                chunks[:] = [np.concatenate(chunks)]
            return chunks[0].copy() if chunks else np.empty(0, dtype=dtype)

    def __getitem__(self, metric: str) -> NDArray[np.float64]:
        """Return a metric by epoch, such as ``history["val_loss"]``; shape (epochs,)."""
        if not self.epochs:
            raise RunError(f"No epoch was ended yet, so {metric!r} was not measured. Go on first, with run.finish().")
        known = list(self.epochs[0])
        if metric not in known:
            raise unknown_name("metric (one by epoch)", metric, known)
        return np.array([row[metric] for row in self.epochs])

    def __len__(self) -> int:
        """Return the number of epochs that were ended."""
        return len(self.epochs)

    def __repr__(self) -> str:
        """Return a table, a line an epoch."""
        if not self.epochs:
            return f"History({len(self.loss)} steps, no epoch ended yet)"
        names = list(self.epochs[0])
        lines = ["  ".join(f"{name:>12}" for name in names)]
        lines += [
            "  ".join(f"{row[name]:>12}" if name in {"epoch", "step"} else f"{row[name]:>12.6g}" for name in names)
            for row in self.epochs
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from pellucid.training.drawn import history_html

        return history_html(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw the loss by step, and that of rows held out by epoch; return Matplotlib's axes.

        Raises
        ------
        MissingLibraryError
            Matplotlib is not installed.
        """
        from pellucid.training.drawn import history_plot

        return history_plot(self, ax)
