"""Checks that settings share: whole numbers, numbers in a range, names in a table."""

from __future__ import annotations

import json
import math
import numbers
import operator
from collections.abc import Mapping
from typing import Any, TypeGuard, TypeVar

import numpy as np

from pellucid.errors import KindError, SettingError, unknown_name

__all__ = ["checked_number", "fraction", "is_number", "member", "positive", "strict_json", "whole_number", "yes_or_no"]

T = TypeVar("T")


def whole_number(what: str, value: object, least: int, most: int | None = None, usual: int | None = None) -> int:
    """Return the value as an int, or raise `KindError` or `SettingError` unless it is whole and in range.

    Parameters
    ----------
    what : what the number is, to begin the message with
    value : what was given
    least, most : the range; no upper end for None
    usual : what to try instead; ``least`` if not given

    Examples
    --------
    >>> whole_number("epochs", 3, 1)
    3
    """
    advice = f"Give an int ≥ {least}." if most is None else f"Give an int such as {least if usual is None else usual}."
    try:
        number = None if isinstance(value, bool) else operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is None:
        raise KindError(f"{what} must be a whole number, not {type(value).__name__} ({value!r}). {advice}")
    if most is not None and not least <= number <= most:
        raise SettingError(f"{what} must lie in {least} … {most}; {value!r} was given. {advice}")
    if number < least:
        raise SettingError(f"{what} must be a whole number ≥ {least}; {value!r} was given.")
    return number


def yes_or_no(what: str, value: object) -> bool:
    """Return True or False as a bool, or raise `KindError`.

    Examples
    --------
    >>> yes_or_no("nesterov", True)
    True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise KindError(f"{what} must be True or False, not {type(value).__name__} ({value!r}).")
    return bool(value)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a real number of Python's or NumPy's; True and False are none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def checked_number(what: str, value: object, most: float = math.inf, usual: float | None = None) -> float:
    """Return a finite number from 0 to ``most`` as a float, or raise `KindError` or `SettingError`.

    ``usual`` is what to try instead.

    Examples
    --------
    >>> checked_number("l2", 1)
    1.0
    """
    advice = "" if usual is None else f" Give a float such as {usual}."
    if not is_number(value):
        raise KindError(f"{what} must be a number ≥ 0, not {type(value).__name__} ({value!r}).{advice}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not 0 <= number < math.inf or number > most:
        accepted = "be a finite number ≥ 0" if most == math.inf else f"lie in 0 … {most:g}"
        raise SettingError(f"{what} must {accepted}; {value!r} was given.{advice}")
    return number


def fraction(what: str, value: object, usual: float) -> float:
    """Return a number 0 ≤ f < 1 as a float, or raise `SettingError`; ``usual`` is what to try.

    Examples
    --------
    >>> fraction("momentum", 0.9, usual=0.9)
    0.9
    """
    if not is_number(value) or not 0 <= value < 1:
        raise SettingError(f"{what} must be a number ≥ 0 and < 1; {value!r} was given. A usual value is {usual}.")
    return float(value)


def positive(what: str, value: object, usual: float, least: float = 0.0) -> float:
    """Return a finite number above 0, and not below ``least``, as a float, or raise `SettingError`.

    ``usual`` is what to try instead.

    Examples
    --------
    >>> positive("epsilon", 1, usual=1e-8)
    1.0
    """
    try:
        number = float(value) if is_number(value) else math.nan
    except OverflowError:
        number = math.inf
    if not 0 < number < math.inf or number < least:
        floor = f", at least {least:g}" if least else ""
        raise SettingError(
            f"{what} must be a finite number above 0{floor}; {value!r} was given. The usual value is {usual}."
        )
    return number


def member(what: str, name: object, table: Mapping[str, T]) -> T:
    """Return the member of a family that has this name, or raise `UnknownNameError`.

    Examples
    --------
    >>> member("digit", "two", {"one": 1, "two": 2})
    2
    """
    if not isinstance(name, str) or name not in table:
        raise unknown_name(what, name, table)
    return table[name]


def strict_json(text: str) -> Any:
    """Return what JSON tells; raise `ValueError` where a name occurs twice, or a number is NaN or infinite.

    Examples
    --------
    >>> strict_json('{"a": [1, 2]}')
    {'a': [1, 2]}
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = dict(pairs)
        if len(names) != len(pairs):
            raise ValueError("a name occurs twice")
        return names

    def refused(word: str) -> Any:
        raise ValueError(f"{word} is no number")

    found = json.loads(text, object_pairs_hook=unique, parse_constant=refused)
    if "\\u" in text:  # an escape may tell half a character, which no text can hold: UnicodeEncodeError is a ValueError
        json.dumps(found, ensure_ascii=False).encode()
    return found
