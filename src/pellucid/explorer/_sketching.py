"""Hands in it: change, undo, redo, see what it is worth, and keep it in a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.errors import RunError, SettingError
from pellucid.explorer._hands import HandChange
from pellucid.explorer._messages import AskHands, Branched, Hand, HandBack, Hands, Keep, Where
from pellucid.explorer._neurons import tested

if TYPE_CHECKING:
    from pellucid.explorer._session import Session

__all__ = ["hand", "hand_back", "hands", "keep", "keep_at_the_end"]


def hand(session: Session, question: Hand) -> Hands:
    """Change something by hand, over what is shown."""
    made = HandChange(question.kind, question.layer, question.node, question.input, question.value)
    checked = made.checked(session.network)
    with session.lock:
        session.sketch.add(checked)
    return _told(session, question.where)


def hand_back(session: Session, question: HandBack) -> Hands:
    """Take changes back, or make them again."""
    with session.lock:
        getattr(session.sketch, question.do)()
    return _told(session, question.where)


def hands(session: Session, question: AskHands) -> Hands:
    """Return what was changed by hand, and what the network is worth with it."""
    return _told(session, question.where)


def _told(session: Session, where: Where) -> Hands:
    stand, sketch = session.stand(where), session.sketch
    name = session.sets.tested_on
    now = {} if name is None else tested(stand, session)
    before = now if not sketch.changes or name is None else tested(session.stand(where, bare=True), session)
    return Hands(
        [change.told(session.network) for change in sketch.changes],
        bool(sketch.changes),
        bool(sketch.undone),
        session.measure,
        0 if name is None else len(session.sets.rows(name)),
        now.get(session.measure),
        before.get(session.measure),
        now.get("loss"),
        before.get("loss"),
        stand.python("{net}" if name is None else f"{{net}}.score({session.rows_code(name)})"),
    )


def keep(session: Session, question: Keep) -> Branched:
    """Make changes by hand part of the run: an edit at its last step, while it can go on; else a branch."""
    from pellucid.explorer._training import branched

    if not session.sketch.changes:
        raise SettingError("Nothing was changed by hand, so there is nothing to keep.")
    if not session.trainers:
        return _kept_in_network(session)
    run = session.trainer(question.where.run).run
    if run.ended is None and question.where.step in {None, run.last_step}:
        code = keep_at_the_end(session, question.where.run)
        return Branched(question.where.run, code)
    first, *rest = session.sketch.changes
    session.sketch.clear()
    for change in rest:
        session.sketch.add(change)
    told = "".join(f", {name}={value!r}" for name, value in first.as_changes().items())
    return branched(session, question.where, first.as_changes(), told)


def _kept_in_network(session: Session) -> Branched:
    """Change the user's own network, where there is no run that would record it."""
    changes = session.sketch.changes
    for change in changes:
        change.make(session.network)
    session.sketch.clear()
    return Branched("network", "\n".join(change.code for change in changes))


def keep_at_the_end(session: Session, name: str) -> str:
    """Record what was changed by hand as edits at a run's last step; return the Python of it."""
    run = session.trainer(name).run
    changes = session.sketch.changes
    if not changes:
        return ""
    if run.ended is not None:
        raise RunError(f"The run is over ({run.ended}), so changes by hand cannot be part of it. Branch from here.")
    with run.still():
        for change in changes:
            run.edit(at=run.last_step, **change.as_changes())
    session.sketch.clear()
    return "\n".join(f"{name}.edit(**{change.as_changes()!r})" for change in changes)
