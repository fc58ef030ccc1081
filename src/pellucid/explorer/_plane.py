"""The plane: what a network of two inputs, or one of its neurons, says everywhere in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Task, encoded_targets
from pellucid.errors import SettingError
from pellucid.explorer._arrays import floats, int32
from pellucid.explorer._data import TEST
from pellucid.explorer._messages import AskBoundary, Boundary
from pellucid.insight import node_place

if TYPE_CHECKING:
    from pellucid.explorer._session import Session, Stand

__all__ = ["boundary", "extent", "grid"]

Array = NDArray[Any]
Corners = tuple[tuple[float, float], tuple[float, float]]

_PLANE: Final = 2
_MARGIN: Final = 0.1
_MOST_POINTS: Final = 1000


def extent(session: Session) -> Corners:
    """Return the corners of the plane that is shown: around all points, or −1 … 1."""
    points = [rows.some(slice(0, _MOST_POINTS)) for rows in session.sets.named.values()]
    if not points:
        return (-1.0, -1.0), (1.0, 1.0)
    low, high = np.min([p.min(axis=0) for p in points], axis=0), np.max([p.max(axis=0) for p in points], axis=0)
    margin = _MARGIN * np.maximum(high - low, 1e-6)
    (x1, x2), (X1, X2) = (low - margin).tolist(), (high + margin).tolist()
    return (float(x1), float(x2)), (float(X1), float(X2))


def grid(corners: Corners, side: int) -> NDArray[np.float64]:
    """Return the middles of side × side cells, shape (side·side, 2): rows from the greatest x₂ down.

    Examples
    --------
    >>> grid(((0.0, 0.0), (2.0, 2.0)), 2).tolist()
    [[0.5, 1.5], [1.5, 1.5], [0.5, 0.5], [1.5, 0.5]]
    """
    (x1, x2), (X1, X2) = corners
    middles = (np.arange(side) + 0.5) / side
    across, down = x1 + (X1 - x1) * middles, X2 - (X2 - x2) * middles
    return np.column_stack([np.tile(across, side), np.repeat(down, side)])


def boundary(session: Session, question: AskBoundary) -> Boundary:
    """Return the plane as a grid of what the network, or a neuron, says there, and the points of the data."""
    if session.spec.input.width != _PLANE:
        raise SettingError(f"A plane has two inputs; this network has {session.spec.input.width}.")
    stand, corners = session.stand(question.where), extent(session)
    points = grid(corners, question.side)
    values, classes, expression = _values(stand, question, points)
    name = (question.layer, question.node) if question.layer else "answer"
    decided = not question.layer and stand.network.spec.loss.task is not Task.VALUES
    X, labels, tested = _points(session)
    return Boundary(
        question.side,
        floats(values),
        int32(classes),
        1.0 if decided else session.scales.of(("boundary", name), values),
        *corners,
        floats(X[:, 0]),
        floats(X[:, 1]),
        floats(labels),
        np.asarray(tested, dtype=np.uint8),
        session.scales.of("labels", labels),
        stand.python(expression),
    )


def _values(stand: Stand, question: AskBoundary, points: Array) -> tuple[Array, Any, str]:
    """Return what is said at each point, the likeliest class there, and the Python of it."""
    network = stand.network
    if question.layer:
        j = node_place(network.spec, question.layer, question.node + 1)
        a = network.trace(points)[question.layer].a[:, j]
        return a, [], f'{{net}}.trace(points)["{question.layer}"].a[:, {j}]'
    if network.spec.loss.task is Task.VALUES:
        return network.predict(points).reshape(len(points), -1)[:, 0], [], "{net}.predict(points)"
    P = network.predict_proba(points)
    classes = P.argmax(axis=1)
    values = P[:, 1] - P[:, 0] if P.shape[1] == _PLANE else P.max(axis=1)
    return values, classes, "{net}.predict_proba(points)"


def _points(session: Session) -> tuple[Array, Array, list[bool]]:
    """Return some of the data's points, their labels as numbers, and which of them are test points."""
    spec, X, labels, tested = session.spec, [np.empty((0, 2))], [np.empty(0)], []
    for name, rows in session.sets.named.items():
        some = rows.some(slice(0, _MOST_POINTS))
        X.append(some)
        tested += [name == TEST] * len(some)
        if rows.y is None:
            labels.append(np.full(len(some), np.nan))
        elif spec.loss.task is Task.VALUES:
            labels.append(np.asarray(rows.y[: len(some)], dtype=np.float64).reshape(len(some), -1)[:, 0])
        else:
            T = encoded_targets(spec, rows.y[: len(some)], len(some))
            labels.append(np.asarray(T, dtype=np.float64).reshape(len(some), -1)[:, 0])
    return np.concatenate(X), np.concatenate(labels), tested
