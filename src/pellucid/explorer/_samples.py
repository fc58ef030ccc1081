"""Samples: rows of the data to choose from, digits drawn by hand, rows typed by hand."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task, encoded_targets
from pellucid.datasets import prepared_digit
from pellucid.errors import SettingError, ShapeError
from pellucid.explorer._arrays import floats, int32
from pellucid.explorer._data import OWN, label_told, thumbnails
from pellucid.explorer._messages import AskSamples, Draw, Enter, Entered, Samples

if TYPE_CHECKING:
    from pellucid.explorer._session import Session

__all__ = ["draw", "enter", "samples"]

Array = NDArray[Any]

_PIXELS: Final = 28 * 28
_MOST_ROWS: Final = 20_000  # of which the wrong ones are looked for


def samples(session: Session, question: AskSamples) -> Samples:
    """Return some rows of a set, what they are and what the network says of them."""
    network, stand = session.stand(question.where).network, session.stand(question.where)
    if question.set == OWN:
        X: Any = np.array(session.sets.own).reshape(len(session.sets.own), session.spec.input.width)
        y = None
    else:
        rows = session.sets.rows(question.set)
        X, y = rows.X, rows.y
    places = np.arange(X.shape[0])
    if question.wrong and y is not None:
        places = _wrong(session, network, X, y)
    total, places = len(places), places[question.first : question.first + question.count]
    some = np.asarray(X[places]) if len(places) else np.empty((0, session.spec.input.width))
    says = [] if not len(some) else [label_told(session.spec, said) for said in network.predict(some)]
    truths = ["" if y is None else label_told(session.spec, y[i]) for i in places]
    names = session.rows_code(question.set).split(", ")[0] if question.set != OWN else "explorer.own"
    code = stand.python(f"{{net}}.predict({names}[{int32(places).tolist()}])")
    return Samples(int32(places), thumbnails(some).reshape(-1), truths, says, total, code)


def _wrong(session: Session, network: Any, X: Any, y: Array) -> NDArray[np.int64]:
    """Return the rows, of the first 20,000, whose prediction is not their target; for values, the worst first."""
    X, y = X[slice(0, _MOST_ROWS)], y[:_MOST_ROWS]
    spec = network.spec
    if spec.loss.task is Task.VALUES:
        return np.argsort(-network.trace(X, y).losses, kind="stable")
    true, said = (encoded_targets(spec, labels, len(y)) for labels in (y, network.predict(X)))
    return np.flatnonzero((said != true).reshape(len(true), -1).any(axis=1))


def draw(session: Session, question: Draw) -> Entered:
    """Keep a digit drawn by hand, prepared as the images of MNIST were."""
    if session.spec.input.width != _PIXELS:
        raise SettingError(f"A drawn digit has {_PIXELS} pixels; this network has {session.spec.input.width} inputs.")
    try:
        pixels = np.frombuffer(base64.b64decode(question.pixels, validate=True), dtype=np.uint8)
    except (binascii.Error, ValueError) as error:
        raise SettingError(f"Draw.pixels must be bytes in base 64: {error}.") from None
    if pixels.size != question.side**2:
        raise ShapeError(f"Draw.pixels must hold {question.side}·{question.side} bytes; it holds {pixels.size}.")
    digit = prepared_digit(pixels.reshape(question.side, question.side).astype(np.float64))
    return _kept(session, digit, question.row)


def enter(session: Session, question: Enter) -> Entered:
    """Keep a row of inputs typed by hand."""
    width = session.spec.input.width
    if len(question.values) != width:
        raise ShapeError(f"A row has {width} inputs; {len(question.values)} were given.")
    return _kept(session, np.array(question.values))


def _kept(session: Session, x: Array, row: int | None = None) -> Entered:
    with session.lock:
        row = session.sets.add(x, row)
    return Entered(row, floats(x))
