"""Training: start, pause, step; settings, branches, breakpoints; curves and comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DataError, RunError, SettingError
from pellucid.explorer import _messages as m
from pellucid.explorer._arrays import doubles, int32
from pellucid.explorer._looking import status
from pellucid.explorer._neurons import tested
from pellucid.explorer._sketching import keep_at_the_end
from pellucid.insight import node_place
from pellucid.network import Breakpoint, Run

if TYPE_CHECKING:
    from pellucid.explorer._session import Session

__all__ = ["branch", "change", "compare", "curves", "stop_at", "train"]

Array = NDArray[Any]

_ROWS_WATCHED: Final = 256


def train(session: Session, question: m.Train) -> m.Status:
    """Start or pause a run, or make some steps of it."""
    trainer = session.trainer(question.run)
    if question.do == "pause":
        trainer.pause()
        return status(session)
    keep_at_the_end(session, question.run)
    if question.do == "start":
        trainer.start(question.pace)
    else:
        trainer.step(question.steps)
    return status(session)


def _settings(question: m.Change | m.Branch) -> dict[str, Any]:
    names = ("learning_rate", "batch_size", "dropout", "epochs")
    asked = {name: getattr(question, name, None) for name in names}
    return {name: value for name, value in asked.items() if value is not None}


def change(session: Session, question: m.Change) -> m.Status:
    """Change settings of a run from its last step on: a recorded edit."""
    settings = _settings(question)
    if not settings:
        raise SettingError("No setting was given. Give a learning rate, a batch size, a dropout or epochs.")
    run = session.trainer(question.run).run
    with run.still():
        run.edit(at=run.last_step, **settings)
    return status(session)


def branch(session: Session, question: m.Branch) -> m.Branched:
    """Go another way from a step."""
    changes = _settings(question)
    told = "".join(f", {name}={value!r}" for name, value in changes.items())
    return branched(session, question.where, changes, told)


def branched(session: Session, where: m.Where, changes: dict[str, Any], told: str) -> m.Branched:
    """Make a branch with some changes, and with what was changed by hand; that is then part of it."""
    run = session.trainer(where.run).run
    step = run.last_step if where.step is None else where.step
    new = run.branch(step, **changes)
    sketched = session.sketch.changes
    for hand in sketched:
        new.edit(**hand.as_changes())
    name = session.add_branch(new, where.run, step, told)
    session.sketch.clear()
    edits = [f"{name}.edit(**{hand.as_changes()!r})" for hand in sketched]
    return m.Branched(name, "\n".join([session.branch_lines[name], *edits]))


def stop_at(session: Session, question: m.StopAt) -> m.Status:
    """Set what a run is to stop at, or take it away."""
    trainer = session.trainer(question.run)
    if trainer.training:
        raise RunError("The run goes on just now. Pause it, set the breakpoint, and start it again.")
    if question.kind == "none":
        trainer.breakpoint, trainer.told = None, ""
        return status(session)
    breakpoint_, told = _breakpoint(session, question)
    breakpoint_.begun(trainer.run.now())  # refused now, not in the thread that trains
    trainer.breakpoint, trainer.told = breakpoint_, told
    return status(session)


def _breakpoint(session: Session, question: m.StopAt) -> tuple[Breakpoint, str]:
    """Return what a run is to stop at, and the same in words."""
    bound: dict[str, Any] = {question.side: question.bound}
    told = f"{question.side} {question.bound:g}".replace("-", "−")
    if question.kind == "loss":
        return Breakpoint.loss(**bound), f"the loss of the last 10 steps {told}"
    if question.kind in {"died", "saturated"}:
        name = session.sets.tested_on or next(iter(session.sets.named), None)
        if name is None:
            raise SettingError("A neuron dies or saturates on some rows, and there are none. Give data to explore().")
        X = session.sets.rows(name).some(slice(0, _ROWS_WATCHED))
        made = Breakpoint.dead(X) if question.kind == "died" else Breakpoint.saturated(X)
        return made, f"a hidden neuron has {question.kind}, on the first {len(X)} rows of {name}"
    if question.kind == "weight":
        name = _neuron(session, question)
        what = "bias" if question.input is None else f"weight of input {question.input}"
        return Breakpoint.weight(name, question.input, **bound), f"{name}: its {what} {told}"
    if question.sample is None:
        raise SettingError("This breakpoint watches a sample. Choose one.")
    x, told_sample = session.sets.row(question.sample)[0], f"{question.sample.set} row {question.sample.row}"
    if question.kind == "flips":
        return Breakpoint.flips(x), f"the answer for {told_sample} flips"
    name = _neuron(session, question)
    return Breakpoint.activation(x, name, **bound), f"{name}: its activation for {told_sample} {told}"


def _neuron(session: Session, question: m.StopAt) -> str:
    return f"{question.layer}/node_{node_place(session.spec, question.layer, question.node + 1) + 1}"


# Curves


def curves(session: Session, question: m.AskCurves) -> m.Curves:
    """Return how loss and metrics went in every run."""
    found = [_curve(name, trainer.run, question.points) for name, trainer in list(session.trainers.items())]
    return m.Curves(found, "\n".join(f"{curve.run}.history.loss" for curve in found[:1]))


def _curve(name: str, run: Run, points: int) -> m.Curve:
    history = run.history
    loss = history.loss
    width = max(1, -(-len(loss) // points))
    begins = np.arange(0, len(loss), width)
    counts = np.diff(np.append(begins, len(loss)))
    mean, low, high = (doubles([]),) * 3
    if len(loss):
        mean = np.add.reduceat(loss, begins) / counts
        low, high = np.minimum.reduceat(loss, begins), np.maximum.reduceat(loss, begins)
    metrics = [key for key in history if key not in {"epoch", "step"}]
    steps = doubles([row["step"] for row in history.epochs])
    return m.Curve(
        name,
        doubles(begins + (counts + 1) / 2),
        doubles(mean),
        doubles(low),
        doubles(high),
        steps,
        metrics,
        doubles([[row.get(key, np.nan) for row in history.epochs] for key in metrics]),
    )


# Two futures


def compare(session: Session, question: m.Compare) -> m.Compared:
    """Return where two runs part, how far they are apart, and what each is worth at the last step of both."""
    one, other = session.trainer(question.one).run, session.trainer(question.other).run
    found = one.compare(other)
    layers = []
    for name, apart in found.apart.items():
        rms = np.sqrt((apart**2).mean(axis=1)) if len(apart) else np.empty(0)
        far = int(apart[-1].argmax()) if len(apart) else 0
        first = found.first[name]
        begun = int(first[first >= 0].min()) if (first >= 0).any() else -1
        layers.append(m.LayerApart(name, begun, doubles(rms), far, float(apart[-1][far]) if len(apart) else 0.0))
    scores = [_score(session, m.Where(name, found.until)) for name in (question.one, question.other)]
    return m.Compared(
        question.one,
        question.other,
        found.parted,
        list(found.because),
        found.until,
        int32(found.steps),
        layers,
        session.measure,
        scores[0],
        scores[1],
        repr(found),
        f"{question.one}.compare({question.other})",
    )


def _score(session: Session, where: m.Where) -> float | None:
    """Return what a network is worth; None where nothing can be measured."""
    try:
        return tested(session.stand(where), session)[session.measure]
    except (SettingError, DataError):
        return None
