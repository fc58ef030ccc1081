"""Checks that settings share."""

from __future__ import annotations

import math
import numbers

from pellucid.errors import KindError, SettingError

__all__ = ["checked_number"]


def checked_number(what: str, value: object) -> float:
    """Return a finite number ≥ 0 as a float, or raise `KindError` or `SettingError`.

    Examples
    --------
    >>> checked_number("l2", 1)
    1.0
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise KindError(f"{what} must be a number ≥ 0, not {type(value).__name__} ({value!r}).")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf:
        raise SettingError(f"{what} must be a finite number ≥ 0; {value!r} was given.")
    return number
