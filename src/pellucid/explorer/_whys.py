"""Why this answer, rather than another: bars that add up."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.core import Task
from pellucid.explorer import _messages as m
from pellucid.explorer._arrays import doubles, floats, int32
from pellucid.explorer._data import image_of
from pellucid.insight import output_names

if TYPE_CHECKING:
    from pellucid.explorer._session import Session

__all__ = ["why"]


def why(session: Session, question: m.AskWhy) -> m.Why:
    """Return contributions that add up to a difference of two outputs."""
    stand, trace = session.trace(question.where, question.sample)
    this, rather = (_answer(session, place) for place in (question.this, question.rather))
    found = trace.why(this, rather)
    place = question.place if question.place in found.views else list(found.views)[-1]
    view = found[place]
    largest = view.largest(question.count)
    places = [bar.at for bar in largest]
    others = np.delete(view.bars, places)
    extra = [row for row in list(view.rows(0))[:-1] if row[0] != f"{len(view.bars)} others"]
    image = image_of(session.spec) if place == "input" else None
    asked = ", ".join(([] if this is None else [repr(this)]) + ([] if rather is None else [f"rather_than={rather!r}"]))
    code = stand.python(f'{session.traced(question.sample)}.why({asked})["{place}"]')
    return m.Why(
        found.this,
        found.rather,
        str(found.names[0]),
        "" if found.names[1] is None else str(found.names[1]),
        found.output,
        found.other,
        found.difference,
        place,
        list(found.views),
        int32(places),
        [bar.name for bar in largest],
        doubles([bar.contribution for bar in largest]),
        math.fsum(others.tolist()),
        len(others),
        [name for name, _ in extra],
        doubles([value for _, value in extra]),
        floats(view.bars if image else []),
        session.scales.of(("why", place), view.bars),
        code,
    )


def _answer(session: Session, place: int | None) -> Any:
    """Return an answer as `Trace.why` takes it: by name, or by place where outputs have none."""
    if place is None:
        return None
    spec = session.spec
    if spec.loss.task is Task.YES_NO and spec.n_outputs == 1:
        names = (0, 1) if spec.output.names is None else spec.output.names
        return names[min(place, 1)]
    return place if spec.output.names is None else output_names(spec)[min(place, spec.n_outputs - 1)]
