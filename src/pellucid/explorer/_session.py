"""A session: the runs and data that pages look at, and who answers which question."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task
from pellucid.errors import KindError, RunError, SettingError, unknown_name
from pellucid.explorer._data import OWN, TEST, TRAINING, Sets, given_sets
from pellucid.explorer._hands import HandChange, Sketch
from pellucid.explorer._messages import Answer, Question, Sample, Where
from pellucid.explorer._scales import Scales
from pellucid.explorer._trainer import Trainer
from pellucid.insight import Trace
from pellucid.network import Moment, Network, Run

__all__ = ["Session", "Stand"]

Array = NDArray[Any]

MAIN: Final = "run"
BARE: Final = "network"
_REMEMBERED: Final = 8
_REMEMBERED_BYTES: Final = 256 << 20  # of large networks fewer are kept


@final
@dataclass(frozen=True, eq=False)
class Stand:
    """A network as it is looked at.

    Attributes
    ----------
    network : Network, a copy, with what was changed by hand over it
    moment : the moment of the run, without it; None of a network that has no run
    step, epoch : int
    loss, rate : float or None
        Of the step that is made from here; None where none is.
    fingerprint : str, of the network as it is
    code : lines of Python, the last of which is an expression that gives the network
    sketched : how many changes by hand lie over it
    """

    network: Network
    moment: Moment | None
    step: int
    epoch: int
    loss: float | None
    rate: float | None
    fingerprint: str
    code: tuple[str, ...]
    sketched: int

    def python(self, expression: str) -> str:
        """Return Python that gives an expression of the network, written ``{net}`` in it."""
        *before, net = self.code
        if before or expression.count("{net}") > 1:
            before, net = [*before, f"net = {net}"] if net != "net" else before, "net"
        return "\n".join([*before, expression.replace("{net}", net)])


@final
class Session:
    """What pages look at: runs by name (or a network alone), data, and what was changed by hand. Safe for threads.

    Parameters
    ----------
    obj : Network, Run, or a dict of name: Run, several futures of one network
    data : None, (X, y) or X to be tested on, or a dict of "training" and "test" to these
        A network with training data gets a run on them, which is not begun.

    Raises
    ------
    KindError, ShapeError, DataError
        These are none, or do not fit.
    """

    def __init__(self, obj: Any, data: Any = None) -> None:
        self.network, runs = _subjects(obj, data)
        first = next(iter(runs.values()), None)
        self.spec = self.network.spec if first is None else first.recipe.spec
        self.sets = Sets(given_sets(self.spec, data, None if first is None else first.data))
        self.trainers = {name: Trainer(run) for name, run in runs.items()}
        self.parents: dict[str, tuple[str, int]] = {}
        self.branch_lines: dict[str, str] = {}
        self.sketch = Sketch()
        self.scales = Scales()
        self.lock = threading.RLock()  # of what is kept here; never held while a run is asked
        copies = 4 * self.spec.n_parameters * np.dtype(self.spec.dtype).itemsize  # of a moment, with what Adam keeps
        self._most_kept = max(1, min(_REMEMBERED, _REMEMBERED_BYTES // copies))
        self._moments: OrderedDict[tuple[str, int], Moment] = OrderedDict()
        self._stands: OrderedDict[Any, Stand] = OrderedDict()
        self._traces: OrderedDict[tuple[Stand, Sample], tuple[Array, Trace]] = OrderedDict()

    def answer(self, question: Question) -> Answer:
        """Return the answer to a question.

        Raises
        ------
        PellucidError
            It is refused; the message says why.
        """
        from pellucid.explorer._answers import answer

        return answer(self, question)

    def close(self) -> None:
        """Let runs that were begun here pause, and hear no more of any; what the user trains goes on."""
        for trainer in list(self.trainers.values()):
            trainer.close()

    # Runs

    def trainer(self, name: str) -> Trainer:
        """Return who trains a run, by the run's name."""
        if name not in self.trainers:
            if not self.trainers:
                raise RunError("There are no training data, so there is no run. Give data={'training': (X, y)}.")
            raise unknown_name("run", name, self.trainers)
        return self.trainers[name]

    @property
    def runs(self) -> dict[str, Run]:
        """The runs by their names, branches made in a page too."""
        return {name: trainer.run for name, trainer in self.trainers.items()}

    def add_branch(self, run: Run, parent: str, step: int, told: str) -> str:
        """Keep a run that went another way; return its name. ``told``: the changes, as arguments in Python."""
        with self.lock:
            number = 1 + len(self.parents)
            name = f"branch_{number}"
            self.trainers[name] = Trainer(run)
            self.parents[name] = parent, step
            self.branch_lines[name] = f"{name} = {parent}.branch({step}{told})"
        return name

    # The network that is looked at

    def stand(self, where: Where, *, bare: bool = False) -> Stand:
        """Return the network of a run at a step, with what was changed by hand, or without (``bare``)."""
        changes = () if bare else self.sketch.changes
        if not self.trainers:
            return self._stood(where, None, changes)
        run = self.trainer(where.run).run
        with run.still():  # once, and not for each number of the moment, since another thread may be training
            return self._stood(where, self._moment(where, run), changes)

    def _moment(self, where: Where, run: Run) -> Moment:
        """Return a moment of a run; what is recorded before its last step never changes, so it is kept a while."""
        last = run.last_step
        step = last if where.step is None else where.step
        if step == last:
            return run.now() if run.step == last else run.at(last)
        with self.lock:
            if (where.run, step) in self._moments:
                self._moments.move_to_end((where.run, step))
                return self._moments[where.run, step]
        moment = run.at(step)
        self._remember(self._moments, (where.run, step), moment)
        return moment

    def _stood(self, where: Where, moment: Moment | None, changes: tuple[HandChange, ...]) -> Stand:
        mark = self.network.fingerprint if moment is None else moment.fingerprint  # edits at a step change it
        key = (where.run, None if moment is None else (moment.step, moment.goes_on), mark, changes)
        with self.lock:
            if key in self._stands:
                self._stands.move_to_end(key)
                return self._stands[key]
        network = (self.network if moment is None else moment.network).copy()
        for change in changes:
            change.make(network)
        goes_on = moment is not None and moment.goes_on
        stand = Stand(
            network,
            moment,
            0 if moment is None else moment.step,
            0 if moment is None else min(moment.epoch, self.trainer(where.run).run.settings.recipe.epochs),
            moment.loss if moment is not None and goes_on else None,
            None if moment is None else moment.learning_rate,
            network.fingerprint if changes else mark,
            self._code(where, moment, changes),
            len(changes),
        )
        self._remember(self._stands, key, stand)
        return stand

    def _code(self, where: Where, moment: Moment | None, changes: tuple[HandChange, ...]) -> tuple[str, ...]:
        """Return lines of Python, the last of which gives the network."""
        if not changes:
            return ("net" if moment is None else f"{where.run}.at({moment.step}).network",)
        copied = "net = net.copy()" if moment is None else f"net = {where.run}.at({moment.step}).network"
        return (copied, *(change.code for change in changes), "net")

    def trace(self, where: Where, sample: Sample) -> tuple[Stand, Trace]:
        """Return every number of the pass of a sample through the network."""
        stand = self.stand(where)
        x, y = self.sets.row(sample)
        with self.lock:
            kept = self._traces.get((stand, sample))
            if kept is not None and (sample.set != OWN or kept[0] is x):  # a row of one's own may be another one now
                self._traces.move_to_end((stand, sample))
                return stand, kept[1]
        trace = stand.network.trace(x, y)
        self._remember(self._traces, (stand, sample), (x, trace))
        return stand, trace

    def _remember(self, kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        with self.lock:
            kept[key] = value
            while len(kept) > self._most_kept:
                kept.popitem(last=False)

    # Names in Python

    def traced(self, sample: Sample) -> str:
        """Return the Python of a sample's trace: ``{net}.trace(X_test[8], y_test[8])``."""
        x = self.row_code(sample)
        y = "" if self.sets.row(sample)[1] is None else f", {_VARIABLES[sample.set][1]}[{sample.row}]"
        return f"{{net}}.trace({x}{y})"

    def row_code(self, sample: Sample) -> str:
        """Return the Python of a row of inputs."""
        if sample.set == OWN:
            x = self.sets.own[sample.row]
            return repr([float(value) for value in x]) if len(x) <= 8 else f"explorer.own[{sample.row}]"
        return f"{_VARIABLES[sample.set][0]}[{sample.row}]"

    def rows_code(self, name: str) -> str:
        """Return the Python of a set's X and y."""
        return ", ".join(_VARIABLES[name])

    @property
    def measure(self) -> str:
        """What `Network.score` gives: accuracy, r2 or d2."""
        if self.spec.loss.task is not Task.VALUES:
            return "accuracy"
        return "d2" if self.spec.loss.outputs_per_target > 1 or self.spec.loss.name == "pinball" else "r2"


_VARIABLES: Final = {TEST: ("X_test", "y_test"), TRAINING: ("X", "y")}


def _subjects(obj: Any, data: Any) -> tuple[Network, dict[str, Run]]:
    """Return the network, and the runs by name."""
    if isinstance(obj, Network):
        training = data.get(TRAINING) if isinstance(data, Mapping) else None
        if training is None:
            return obj, {}
        if not isinstance(training, tuple) or len(training) != 2:
            raise SettingError("A network is trained on (X, y); the training data that were given are no such pair.")
        return obj, {MAIN: obj.start(*training)}
    if isinstance(obj, Run):
        return obj.network, {MAIN: obj}
    if isinstance(obj, Mapping) and obj and all(isinstance(one, Run) for one in obj.values()):
        shapes = {one.recipe.spec.shapes for one in obj.values()}
        if len(shapes) > 1:
            raise SettingError("The runs are of networks of different shapes. Give runs of one shape.")
        return next(iter(obj.values())).network, {str(name): one for name, one in obj.items()}
    raise KindError(
        f"A Network, a Run, or a dict of name: Run can be explored; {type(obj).__name__} was given. "
        "Give net, run or {'one': run, 'other': branch}, say."
    )
