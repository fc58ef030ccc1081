"""A run: training that can be paused, resumed, rewound and looked at."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Unpack, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pellucid.checks import whole_number
from pellucid.core import Custom, encoded_targets, on_cache_lines
from pellucid.errors import DivergedError, KindError, RunError
from pellucid.files import load_run, save_run
from pellucid.insight import (
    Comparison,
    Diagnosis,
    Finding,
    Influence,
    Ledger,
    compare,
    diagnose_run,
    influence,
    input_place,
    ledger,
    node_place,
)
from pellucid.network._breakpoints import Breakpoint, Condition
from pellucid.network._edits import Changes, edits_for
from pellucid.network._moment import Moment
from pellucid.network._preparation import one_row
from pellucid.network._remedy import remedied
from pellucid.training import (
    Edit,
    Event,
    History,
    Listener,
    ProgressBar,
    Recipe,
    Settings,
    Timeline,
    TrainingData,
    copied,
    wants_progress,
)

if TYPE_CHECKING:
    from pellucid.network._network import Network

__all__ = ["Callback", "Run"]

Callback = Callable[[Event, "Run"], None]


@contextmanager
def _bar(progress: bool | None) -> Iterator[list[Listener]]:
    """Give a progress bar, if one is wanted, as a list of it, and take it away in the end."""
    bars = [ProgressBar()] if wants_progress(progress) else []
    try:
        yield [*bars]
    finally:
        for bar in bars:
            bar.close()


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
    >>> end = run.finish().fingerprint
    >>> run.seek(3)
    >>> run.finish().fingerprint == end
    True
    """

    def __init__(self, network: Network, timeline: Timeline, callbacks: Sequence[Callback] = ()) -> None:
        self._network, self._timeline, self._callbacks = network, timeline, tuple(callbacks)
        self._hearing: tuple[Callback, ...] = ()
        self._to_pause = False

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
        return self.settings.recipe.learning_rate

    @property
    def settings(self) -> Settings:
        """What is in force at the last step made: the recipe as edits have changed it, and who is held."""
        return self._timeline.settings(self.last_step)

    @property
    def epoch(self) -> int:
        """The epoch, 1 for the first, to which the next step belongs, or at the end the last one."""
        return min(self._timeline.epoch(self.last_step), self.settings.recipe.epochs)

    @property
    def last_loss(self) -> float | None:
        """The loss of the last step's batch, before it; None before the first."""
        losses, _ = self._timeline.history.last(1)
        return float(losses[-1]) if len(losses) else None

    @property
    def data(self) -> TrainingData:
        """The data that it is trained on, by reference, the targets as the loss takes them."""
        return self._timeline.data

    @property
    def advancing(self) -> bool:
        """Whether a call is making steps now, in this thread or another."""
        return self._timeline.advancing

    @property
    def keyframes(self) -> tuple[int, ...]:
        """The steps of which a copy is kept: to look there takes no time."""
        return self._timeline.keyframes

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

    def pause(self) -> None:
        """Let the call that makes steps now, in another thread or up the stack, return after the steps in hand.

        Nothing is lost: `advance` and `finish` go on. Where no call makes steps, nothing happens.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> from pellucid.training import EpochEnded
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=5, batch_size=20)
        >>> end = run.listen(lambda event, run: run.pause() if isinstance(event, EpochEnded) else None)
        >>> run.finish()
        Run: step 10 of 50, epoch 2 of 5
        """
        self._to_pause = True

    def listen(self, callback: Callback) -> Callable[[], None]:
        """Let a function hear the events of the run from now on, also of a call that goes on already.

        It is called as the run's own callbacks are, after them.

        Parameters
        ----------
        callback : function of (event, run)

        Returns
        -------
        function
            Calling it ends the listening.
        """
        self._hearing = (*self._hearing, callback)

        def end() -> None:
            self._hearing = tuple(one for one in self._hearing if one is not callback)

        return end

    def finish(self, *, progress: bool | None = None) -> Run:
        """Go on to the end; see `advance`. Ctrl-C pauses the run and says so; calling again goes on.

        Parameters
        ----------
        progress : bool, or None to show it where standard error is a terminal

        Returns
        -------
        Run
            Itself, so that ``run.branch(100, l2=0.1).finish()`` is another future.
        """
        if not self._go(None, progress) and not wants_progress(progress):
            sys.stderr.write(f"Stopped by Ctrl-C on step {self.step} of {self.total_steps}; run.finish() goes on.\n")
        return self

    def _go(self, steps: int | None, progress: bool | None) -> bool:
        self._to_pause = False
        with _bar(progress) as bar:
            return self._on(steps, bar)

    def _on(self, steps: int | None, bar: list[Listener]) -> bool:
        """Go on by some steps, or to the end; return False where Ctrl-C came between."""
        self._network._take_charge(self, touched=self._timeline.touched)
        try:
            there = self._timeline.advance(
                steps,
                [*bar, *self._listeners()],
                lambda: self._to_pause,
                lambda: bool(self._callbacks or self._hearing),
            )
        except DivergedError as error:
            error.run = self
            raise
        return there or self._to_pause

    def _listeners(self) -> list[Listener]:
        return [self._tell]

    def _tell(self, event: Event) -> None:
        for callback in (*self._callbacks, *self._hearing):
            callback(event, self)

    def until(self, condition: Breakpoint | Condition, *, progress: bool | None = False) -> str | None:
        """Go on step by step to where a condition holds, over recorded steps as over new ones; return why it stops.

        Parameters
        ----------
        condition : Breakpoint, or a function of a `Moment`
            It is asked after each step, and the run stops at exactly the one after which it is true.
        progress : bool, or None to show it where standard error is a terminal

        Returns
        -------
        str or None
            The step and the reason; None: the run came to its end, and the condition never held.

        Raises
        ------
        DivergedError, KeyboardInterrupt
            As of `advance`.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=5, batch_size=20)
        >>> run.until(lambda m: m.step >= 7 and m.loss < 0.75)
        'step 10: the condition holds'
        """
        self._to_pause = False
        check = Breakpoint.of(condition).begun(self.now())
        with _bar(progress) as bar:
            while not self.done:
                if self._to_pause:
                    return f"step {self.step}: paused"
                if not self._on(1, bar):
                    raise KeyboardInterrupt
                reason = check(self.now())
                if reason is not None:
                    return f"step {self.step}: {reason}"
        return None

    def when(self, condition: Breakpoint | Condition, *, every: int = 1) -> NDArray[np.int64]:
        """Return the steps of the recorded run at which a condition holds; the run goes on standing where it stands.

        Parameters
        ----------
        condition : Breakpoint, or a function of a `Moment`
        every : int
            Only each so many steps is looked at.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=5, batch_size=20)
        >>> run.when(lambda m: m.loss > 0.9)
        array([ 0,  2,  3, 11, 16, 26, 32, 34, 36])
        """
        return np.array(list(self._where(condition, whole_number("every", every, 1))), dtype=np.int64)

    def first(self, condition: Breakpoint | Condition) -> int | None:
        """Return the first step of the recorded run at which a condition holds, or None; see `when`.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=5, batch_size=20)
        >>> run.first(lambda m: m.loss < 0.6)
        14
        """
        return next(self._where(condition, 1), None)

    def _where(self, condition: Breakpoint | Condition, every: int) -> Iterator[int]:
        breakpoint_, check = Breakpoint.of(condition), None
        for moment in self.moments(every=every):
            check = check or breakpoint_.begun(moment)
            if check(moment) is not None:
                yield moment.step

    def moments(self, first: int = 0, last: int | None = None, *, every: int = 1) -> Iterator[Moment]:
        """Yield a look at each step of a stretch of the recorded run, or at each so many of them, in one walk.

        Parameters
        ----------
        first, last : int
            The steps to begin and to end with; last None: the last step made.
        every : int
            ``first``, ``first + every``, …

        Raises
        ------
        RunError
            A step was not made yet.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=5, batch_size=20)
        >>> [m.step for m in run.moments(every=20)]
        [0, 20, 40]
        """
        every, timeline = whole_number("every", every, 1), self._timeline
        for state in timeline.walk(first, timeline.frontier if last is None else last):
            if (state.step - first) % every == 0:
                yield Moment(self._network, timeline, copied(state))

    def edit(self, *, at: int | None = None, **changes: Unpack[Changes]) -> None:
        """Record changes: of settings, or of the network by hand; they hold for all new steps.

        Weights can also be changed in ``run.network`` itself, and the change is recorded before the next step.

        Parameters
        ----------
        at : int, or None for the step on which the run stands
            A step that is yet to come: the change is made when the run gets there.
        learning_rate, schedule, optimizer, l1, l2, layer_rates, batch_size, epochs : see `Network.fit`
            The schedule goes on to scale a new learning rate; a new optimiser must keep the same vectors; layer_rates
            are of the layers named.
        dropout : float
            The rate of every Dropout layer.
        weights : dict of neuron: all its weights, or a dict of input: weight
            ``{"layer_1/node_3": {0: 0.5}}`` sets the weight of input 0.
        biases : dict of neuron: bias
        scale : dict of neuron: factor
            Of the weights by which the next layer hears the neuron; of an output neuron, of its own.
        freeze : names of neurons, or of layers
            Their weights and biases keep every bit from now on.
        silence : names of neurons
            The weights by which the next layer hears them become 0, and stay it.
        thaw : names of neurons or layers, frozen or silenced, that are to learn again

        Raises
        ------
        RunError
            The run is over, or its steps after that one are recorded already: `branch` goes another way from there.
        SettingError, KindError, ShapeError, UnknownNameError
            A change is none that can be made; nothing is changed then.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> run = Network([2, 8, 2]).start(toy.X, toy.y, epochs=4, batch_size=20)
        >>> run.edit(at=10, freeze="layer_1/node_3", learning_rate=0.01)
        >>> run.advance(20)
        >>> frozen = run.at(10).network["layer_1"]["node_3"].weights
        >>> (run.network["layer_1"]["node_3"].weights == frozen).all()
        np.True_
        """
        with self._timeline.turns:  # so that another thread's steps do not go past
            step = self.step if at is None else whole_number("at", at, 0)
            self._timeline.edit(edits_for(self._timeline.settings(step), step, changes))

    def stop(self, reason: str = "stopped by hand", *, stand_on: int | None = None) -> None:
        """End the run: at once, or, from within a callback, after the steps in hand.

        Parameters
        ----------
        reason : str
        stand_on : int, a step that was made; or None for the last one
            Where the run, and the network, stand in the end, as they would on a best epoch that is restored. Not from
            within a callback.

        Raises
        ------
        RunError
            That step was not made yet, or a callback asks for one.
        KindError, SettingError
            ``stand_on`` is no whole number ≥ 0.
        """
        step = None if stand_on is None else whole_number("stand_on", stand_on, 0)
        self._timeline.stop(reason, self._listeners(), step)

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

    def seek_cost(self, step: int) -> float:
        """Return about how many seconds it takes to stand on a step: of performing again what lies after a keyframe.

        Raises
        ------
        RunError
            That step was not made yet.
        """
        return self._timeline.seek_cost(whole_number("step", step, 0))[1]

    def at(self, step: int) -> Moment:
        """Return a look at a step that was made; the run goes on standing where it stands.

        Raises
        ------
        RunError
            That step was not made yet.
        """
        return Moment(self._network, self._timeline, self._timeline.state_at(whole_number("step", step, 0)))

    def now(self) -> Moment:
        """Return a look at where the run stands: the newest step, while it goes on."""
        with self._timeline.turns:
            return Moment(self._network, self._timeline, copied(self._timeline.state))

    @contextmanager
    def still(self) -> Iterator[None]:
        """Let another thread that makes steps wait while this block looks at several things of one step.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("xor")
        >>> run = Network([2, 8, 2]).start(toy.X, toy.y)
        >>> with run.still():
        ...     run.now().step == run.last_step == len(run.history.loss)
        True
        """
        with self._timeline.turns:
            yield

    def branch(self, step: int, *, callbacks: Sequence[Callback] = (), **changes: Unpack[Changes]) -> Run:
        """Return a new run that goes another way from a step that was made; this one and its network stay as they are.

        Parameters
        ----------
        step : int
            From where to go on; the steps before are those of this run.
        callbacks : functions of (event, run), of the new run
        changes : what is to be other from there on; see `edit`

        Returns
        -------
        Run
            Standing on that step, with a network of its own. Without a change it is this run to its end, with the edits
            that come after; with changes, these are left behind.

        Raises
        ------
        RunError
            That step was not made yet.
        SettingError, KindError, ShapeError, UnknownNameError
            A change is none that can be made.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=4, batch_size=20)
        >>> same, bolder = run.branch(10).finish(), run.branch(10, learning_rate=0.05).finish()
        >>> same.fingerprint == run.fingerprint, bolder.fingerprint == run.fingerprint
        (True, False)
        >>> run.compare(bolder).parted  # the first step whose parameters differ
        11
        """
        timeline = self._timeline
        rest = timeline.checkpoint_at(whole_number("step", step, 0), later=not changes)
        network = self._network._with(timeline.job(step).spec, on_cache_lines(rest.start))
        branch = Run(
            network,
            Timeline.resumed(
                rest,
                network.parameters,
                timeline.data,
                timeline.backend,
                timeline.threads,
                timeline.recompute,
                timeline.keyframes_until(step),
            ),
            callbacks,
        )
        if changes:
            branch.edit(**changes)
        return branch

    def compare(self, other: Run) -> Comparison:
        """Return where and when this run and another one part, by layer and neuron.

        Raises
        ------
        RunError
            Their networks are of other shapes.
        """
        if not isinstance(other, Run):
            raise KindError(f"A run is compared with a run, not with {type(other).__name__}.")
        return compare(self._timeline, other._timeline)

    # Questions

    def ledger(
        self,
        layer: str,
        node: int | str,
        input: int | str | None = None,  # noqa: A002 (the user's word)
        *,
        first: int = 0,
        last: int | None = None,
    ) -> Ledger:
        """Return the journey of one weight as a sum over steps, by class and by example.

        Parameters
        ----------
        layer : name of the layer
        node : the neuron's name, such as ``node_1``, or its number from 1
        input : place (from 0) or name of the input; None: the bias
        first, last : the steps between which the weight is followed; last None: where the run stands

        Raises
        ------
        RunError, SettingError, UnknownNameError
            There is no such weight, or a step was not made.
        """
        spec = self.recipe.spec
        j, i = node_place(spec, layer, node), None if input is None else input_place(spec, layer, input)
        return ledger(self._timeline, layer, j, i, first, last)

    def influence(self, x: ArrayLike, y: Any, *, steps: int | None = None, slope: str = "mean") -> Influence:
        """Return which training examples helped and hurt the prediction for a row most: TracIn over the run's steps.

        Parameters
        ----------
        x : array, shape (n_in,)
        y : its target
        steps : look at each so many steps alone; None: at each
        slope : "mean", of the row's loss at both ends of a step, whose sum comes near to what plain descent did to that
            loss; or "before", at its beginning alone, as in TracIn's source

        Raises
        ------
        ShapeError, DataError, KindError
            x or y cannot be used.
        """
        row = one_row(self.recipe.spec, x)
        target = encoded_targets(self.recipe.spec, np.asarray([y]), 1)
        return influence(self._timeline, row[0], target[0], steps=steps, slope=slope)

    def diagnose(self) -> Diagnosis:
        """Return what is wrong with the run, with its proof, and what can be done about it; see docs/diagnosis.md."""
        return diagnose_run(self._timeline)

    def remedied(self, finding: Finding) -> Run:
        """Return a run like this one, from its beginning, with a finding's remedy applied; not yet begun.

        Its network is another one, newly initialised; edits of this run are not made in it.

        Raises
        ------
        RunError, SettingError
            The finding has no remedy that a program can apply.

        Examples
        --------
        >>> from pellucid import Network
        >>> from pellucid.datasets import load_toy
        >>> toy = load_toy("moons")
        >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=20, learning_rate=1e-6)
        >>> (finding,) = run.diagnose()
        >>> better = run.remedied(finding).finish()
        >>> finding.kind, better.recipe.learning_rate, bool(better.history["loss"][-1] < run.history["loss"][-1])
        ('learning_rate_too_low', 0.001, True)
        """
        return remedied(self, finding)

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
        RunError
            It goes on from what an earlier run's optimiser kept, which a run file does not hold.
        OSError
            As the operating system says; a file that stood there is untouched, unless the message says that the new
            one is in its place.
        """
        if self._timeline.goes_on:
            raise RunError(
                "This run goes on from what the optimiser of an earlier run kept, and a run file does not hold that: "
                "its steps could not be performed again. Save the network instead, with run.network.save(path, "
                "slots=run.at(run.step).slots)."
            )
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
        epochs = timeline.settings(self.last_step).recipe.epochs
        epoch = min(timeline.epoch(self.step if self.ended is None else max(0, self.step - 1)), epochs)
        over = self.ended
        if not self.done and self.step < self.last_step:
            over = f"looking back from step {self.last_step}"
        place = f"Run: step {self.step} of {self.total_steps}, epoch {epoch} of {epochs}"
        return place if over is None else f"{place}; {over}"

    def _repr_html_(self) -> str:
        from pellucid.network._drawn import run_html

        return run_html(self)

    def plot(self, ax: Any = None) -> Any:
        """Draw the history; see `History.plot`."""
        return self.history.plot(ax)
