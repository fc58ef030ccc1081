"""A run: training that can be paused, resumed, rewound and looked at."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.checks import checked_number, whole_number
from pellucid.core import Custom, Slots, fingerprint, on_cache_lines
from pellucid.errors import DivergedError
from pellucid.files import load_run, save_run
from pellucid.training import (
    Edit,
    Event,
    History,
    Listener,
    ProgressBar,
    Recipe,
    Timeline,
    wants_progress,
)

if TYPE_CHECKING:
    from pellucid.network._network import Network

__all__ = ["Callback", "Moment", "Run"]

Callback = Callable[[Event, "Run"], None]


@final
@dataclass(frozen=True, eq=False)
class Moment:
    """A read-only look at one step of a run.

    Attributes
    ----------
    step : int
        Steps made so far.
    network : Network
        A copy of the network as it was then.
    slots : mapping of str to vector
        What the optimiser kept.
    loss, learning_rate, batch :
        Of the step that was made from here: its loss, its rate, and the rows of X that it saw; None on the last step.
    """

    step: int
    network: Network
    slots: Slots = field(repr=False)
    loss: float | None
    learning_rate: float | None
    batch: NDArray[np.int64] | None = field(repr=False)

    @property
    def parameters(self) -> NDArray[Any]:
        """All parameters as they were then, one vector."""
        return self.network.parameters

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the parameters."""
        return fingerprint(self.parameters)


@final
class Run:
    """A recipe on data, standing on a step. `Network.fit` and `Network.start` make runs.

    Examples
    --------
    >>> from pellucid import Network
    >>> from pellucid.datasets import load_toy
    >>> toy = load_toy("xor")
    >>> run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=5, batch_size=20)
    >>> run.advance(12)
    >>> run
    Run: step 12 of 50, epoch 2 of 5
    >>> run.finish()
    >>> end = run.fingerprint
    >>> run.seek(3)
    >>> run.finish()
    >>> run.fingerprint == end
    True
    """

    def __init__(self, network: Network, timeline: Timeline, callbacks: Sequence[Callback] = ()) -> None:
        self._network, self._timeline, self._callbacks = network, timeline, tuple(callbacks)

    # Where it stands

    @property
    def network(self) -> Network:
        """The network that is trained; new steps change it in place."""
        return self._network

    @property
    def recipe(self) -> Recipe:
        """Every setting that decides the run's bits."""
        return self._timeline.recipe

    @property
    def history(self) -> History:
        """What was measured up to now, a copy: by step (``history.loss``) and by epoch (``history["val_loss"]``)."""
        return self._timeline.history.copy()

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The recorded changes, by hand or by callbacks."""
        return tuple(self._timeline.edits)

    @property
    def step(self) -> int:
        """How many steps were made up to where the run stands."""
        return self._timeline.step

    @property
    def last_step(self) -> int:
        """How many steps were made in all; `seek` reaches each of them."""
        return self._timeline.frontier

    @property
    def total_steps(self) -> int:
        """How many steps the recipe asks for."""
        return self._timeline.total_steps

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do from where the run stands."""
        return self._timeline.done

    @property
    def ended(self) -> str | None:
        """Why the run is over, or None."""
        return self._timeline.ended

    @property
    def learning_rate(self) -> float:
        """The learning rate as last set, before the schedule scales it."""
        rates = [edit.learning_rate for edit in self.edits if edit.learning_rate is not None]
        return rates[-1] if rates else self.recipe.learning_rate

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the parameters where the run stands, 64 hexadecimal digits."""
        return self._timeline.fingerprint

    @property
    def data_digest(self) -> str:
        """The SHA-256 of the data, taken when first asked for."""
        return self._timeline.data.digest

    @property
    def exactness(self) -> str:
        """Where the same recipe gives the same bits: ``"everywhere"``, or ``"this machine"`` with the reason."""
        return self._timeline.backend.exactness

    # Going on

    def advance(self, steps: int, *, progress: bool | None = False) -> None:
        """Go on by this many steps, or to the end where that comes first; recorded steps are performed again.

        Raises
        ------
        DivergedError
            Numbers ceased to be finite; run and network stand on the last finite step.
        KeyboardInterrupt
            Ctrl-C was pressed; the steps in hand were finished first, and everything is kept.
        KindError, SettingError
            ``steps`` is no whole number ≥ 0.
        """
        if not self._go(whole_number("steps", steps, 0), progress):
            raise KeyboardInterrupt

    def finish(self, *, progress: bool | None = None) -> None:
        """Go on to the end; see `advance`. Ctrl-C pauses the run and says so; calling again goes on.

        Parameters
        ----------
        progress : bool, or None to show it where standard error is a terminal
        """
        if not self._go(None, progress) and not wants_progress(progress):
            sys.stderr.write(f"Stopped by Ctrl-C on step {self.step} of {self.total_steps}; run.finish() goes on.\n")

    def _go(self, steps: int | None, progress: bool | None) -> bool:
        self._network._take_charge(self, touched=self._timeline.touched)
        listeners = self._listeners()
        bar = ProgressBar() if wants_progress(progress) else None
        try:
            return self._timeline.advance(steps, listeners if bar is None else [bar, *listeners])
        except DivergedError as error:
            error.run = self
            raise
        finally:
            if bar is not None:
                bar.close()

    def _listeners(self) -> list[Listener]:
        return [self._told(callback) for callback in self._callbacks]

    def _told(self, callback: Callback) -> Listener:
        return lambda event: callback(event, self)

    def edit(self, *, learning_rate: float) -> None:
        """Record a change of the learning rate; it holds for all new steps, and the schedule goes on to scale it.

        Weights need no call: change them in ``run.network``, and the change is recorded before the next step.

        Raises
        ------
        RunError
            The run is over, or stands before its last step.
        """
        self._timeline.edit(learning_rate=checked_number("learning_rate", learning_rate))

    def stop(self, reason: str = "stopped by hand") -> None:
        """End the run: at once, or, from within a callback, after the steps in hand."""
        self._timeline.stop(reason, self._listeners())

    # Standing anywhere

    def seek(self, step: int) -> None:
        """Stand on any step that was made, exactly as it was; `advance` performs the steps after it again.

        The network stays as it is: ``run.at(step).network`` is the network of then, and `branch` goes another way.

        Raises
        ------
        RunError
            That step was not made yet.
        """
        self._timeline.seek(whole_number("step", step, 0))

    def at(self, step: int) -> Moment:
        """Return a look at a step that was made; the run goes on standing where it stands."""
        timeline = self._timeline
        state = timeline.state_at(whole_number("step", step, 0))
        made = step < timeline.frontier
        loss = float(timeline.history.loss[step]) if made else None
        return Moment(
            step,
            self._network._with(self.recipe.spec, state.parameters),
            state.slots,
            loss,
            timeline.rate(step) if made else None,
            timeline.batch(step) if made else None,
        )

    def branch(self, step: int, *, learning_rate: float | None = None, callbacks: Sequence[Callback] = ()) -> Run:
        """Return a new run that goes another way from a step that was made; this one and its network stay as they are.

        Parameters
        ----------
        step : int
            From where to go on; the steps before are those of this run.
        learning_rate : float, or None to keep it
        callbacks : functions of (event, run), of the new run

        Returns
        -------
        Run
            Standing on that step, with a network of its own. Without a change it makes the same steps again.

        Raises
        ------
        RunError
            That step was not made yet.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=4, batch_size=20)
        >>> same, bolder = run.branch(10), run.branch(10, learning_rate=0.05)
        >>> same.finish(), bolder.finish()
        (None, None)
        >>> same.fingerprint == run.fingerprint, bolder.fingerprint == run.fingerprint
        (True, False)
        """
        timeline = self._timeline
        rest = timeline.checkpoint_at(whole_number("step", step, 0))
        network = self._network._with(self.recipe.spec, on_cache_lines(rest.start))
        branch = Run(
            network,
            Timeline.resumed(
                rest, network.parameters, timeline.data, timeline.backend, timeline.threads, timeline.recompute
            ),
            callbacks,
        )
        if learning_rate is not None:
            branch.edit(learning_rate=learning_rate)
        return branch

    # Files

    def save(self, path: str | os.PathLike[str], *, keyframes: bool = True) -> None:
        """Write the run as a file, from which it can go on with the same bits. The data are not in it.

        Parameters
        ----------
        path : path of the file
        keyframes : bool
            Whether where it stands and what it measured are in the file. Without them it takes a few KB (more for a
            start that no seed gives, or for a scale of each input), and loading performs the run again, from its first
            step, which takes as long as it took.

        Raises
        ------
        OSError
            As the operating system says; a file that stood there is untouched, unless the message says that the new
            one is in its place.
        """
        save_run(path, self._timeline.checkpoint(keyframes=keyframes), self._network.seed)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        X: ArrayLike,
        y: ArrayLike,
        *,
        sample_weight: ArrayLike | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        callbacks: Sequence[Callback] = (),
        threads: int | None = None,
        recompute: bool = False,
        custom: Custom | None = None,
    ) -> Run:
        """Return the run of a file, with the data it was made on, standing on its last step, or where it ended.

        ``custom`` gives what the user wrote, by name: activations, and classes of losses and of optimisers.

        Raises
        ------
        ModelFileError
            The file is no run file, not whole, or of another version.
        ShapeError, DataError, KindError
            X or y cannot be used with such a network.
        RunError
            The data are not those of the run; or, performed again, it does not give the same bits.
        """
        from pellucid.network._network import resumed_run

        return resumed_run(*load_run(path, custom), X, y, sample_weight, validation, callbacks, threads, recompute)

    def __repr__(self) -> str:
        timeline = self._timeline
        n = timeline.steps_per_epoch
        epoch = min(self.step // n + 1, self.recipe.epochs)
        over = self.ended
        if not self.done and self.step < self.last_step:
            over = f"looking back from step {self.last_step}"
        place = f"Run: step {self.step} of {self.total_steps}, epoch {epoch} of {self.recipe.epochs}"
        return place if over is None else f"{place}; {over}"
