"""Losses of the user's own: whether they can be used, asked before they are."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pellucid.core.losses._loss import Loss, Task
from pellucid.core.own import check_derivative, check_like, check_settings
from pellucid.errors import KindError, SettingError

Array = NDArray[Any]

_ROWS = 6


def check_own_loss(loss: Loss, n_out: int) -> None:
    """Raise where a loss of the user's own cannot be used on so many outputs; those of the family can.

    Raises
    ------
    SettingError, KindError
        Its name is taken or none, a file cannot hold its settings, a function returns another shape or type, its slope
        is not the derivative, by central differences, or what it shows of classes are no probabilities.
    """
    if loss.is_own:
        _check(loss, n_out)


@cache
def _check(loss: Loss, n_out: int) -> None:
    from pellucid.core.losses import LOSSES

    name = getattr(loss, "name", None)
    if not isinstance(name, str) or not name.isidentifier() or name in LOSSES:
        raise SettingError(
            f"A loss of one's own needs a name such as 'log_cosh', which none of {', '.join(LOSSES)} has; {name!r} was "
            "given."
        )
    if not isinstance(getattr(loss, "task", None), Task):
        raise KindError(f"The loss {name!r} needs a task: Task.CLASSES, Task.YES_NO or Task.VALUES.")
    check_settings(f"the loss {name!r}", loss.to_json())  # type: ignore[arg-type]  # one's own is told by a dict
    places = np.arange(_ROWS * n_out).reshape(_ROWS, n_out)
    A, along = np.cos(2.3 * places + 1), np.cos(1.7 * places)  # numbers without a pattern
    _slope_of(loss, A.astype(np.float32), _targets(loss.task, places, np.float32))
    T = _targets(loss.task, places, np.float64)
    slope = _slope_of(loss, A, T)
    _check_shown(loss, A)
    if not loss.surrogate:
        above, below = (loss.function(A + step * along, T)[0] for step in (1e-6, -1e-6))
        check_derivative(f"the loss {name!r}", (above - below) / 2e-6, (slope * along).sum(axis=1), A)


def _slope_of(loss: Loss, A: Array, T: Array) -> Array:
    """Return dL/dA, or raise where it, or L, is not as a loss's."""
    L, back = loss.function(A, T)
    check_like(f"The function of the loss {loss.name!r}", L, np.zeros(len(A), A.dtype))
    slope = back()
    check_like(f"The slope of the loss {loss.name!r}", slope, A)
    return slope


def _check_shown(loss: Loss, A: Array) -> None:
    """Raise where what is shown of classes, or of yes or no, are no probabilities."""
    shown = loss.output(A)
    check_like(f"The output of the loss {loss.name!r}", shown, A)
    sums = loss.task is not Task.CLASSES or np.allclose(shown.sum(axis=1), 1)
    if loss.task is not Task.VALUES and not (sums and (shown >= 0).all() and (shown <= 1).all()):
        raise SettingError(
            f"The output of the loss {loss.name!r} must be probabilities{', adding up to 1' if not sums else ''}; for "
            f"numbers near 0 it is {np.round(shown[0], 3).tolist()}. Give it a method output(A), such as softmax(A)."
        )


def _targets(task: Task, places: Array, dtype: type) -> Array:
    if task is Task.CLASSES:
        return np.arange(_ROWS) % places.shape[1]
    return ((places % 3 == 0) if task is Task.YES_NO else (places % 3)).astype(dtype)
