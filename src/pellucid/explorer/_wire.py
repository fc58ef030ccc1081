"""How messages travel: a question as JSON, checked field by field; an answer as a JSON header and one binary buffer."""

from __future__ import annotations

import json
import math
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

from pellucid.errors import KindError, SettingError, brief, unknown_name
from pellucid.explorer._messages import QUESTIONS, Bounds

__all__ = ["MOST_BYTES", "header_and_buffer", "question_of", "read_json"]

MOST_BYTES: Final = 1 << 16
"""What a question may take."""

_ALIGNED: Final = 8
_BY_NAME: Final = {kind.__name__: kind for kind in QUESTIONS}


def read_json(text: str | bytes) -> Mapping[str, Any]:
    """Return the object of a JSON text.

    Raises
    ------
    KindError, SettingError
        It is none, too long, or nested too deep.
    """
    if len(text) > MOST_BYTES:
        raise SettingError(f"A question takes at most {MOST_BYTES} bytes; {len(text)} were given.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise KindError(f"A question is a JSON object; this is none: {error}.") from None
    if not isinstance(found, dict):
        raise KindError(f"A question is a JSON object, not {type(found).__name__}.")
    return found


def question_of(message: Mapping[str, Any]) -> Any:
    """Return the question of a message ``{"ask": "Look", …}``, every field checked.

    Raises
    ------
    UnknownNameError, KindError, SettingError
        There is no such question; a field is missing, too many, of another type or beyond its bounds.
    """
    name = message.get("ask")
    if not isinstance(name, str) or name not in _BY_NAME:
        raise unknown_name("question", brief(str(name)), _BY_NAME)
    return _made(_BY_NAME[name], {key: value for key, value in message.items() if key not in {"ask", "id"}}, name)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _made(kind: type, given: Mapping[str, Any], name: str) -> Any:
    hints = _hints(kind)
    if given.keys() != hints.keys():
        raise SettingError(f"{name} has the fields {', '.join(hints) or '(none)'}; {brief(', '.join(given))} came.")
    return kind(**{field: _checked(hint, given[field], f"{name}.{field}") for field, hint in hints.items()})


def _checked(hint: Any, value: Any, name: str) -> Any:
    """Return a value as its type has it, or raise."""
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        some = [one for one in get_args(hint) if one is not type(None)]
        return None if value is None else _checked(some[0], value, name)
    if origin is Annotated:
        plain, *rest = get_args(hint)
        return _bounded(_checked(plain, value, name), rest, name)
    if origin is Literal:
        if value not in get_args(hint):
            raise SettingError(f"{name} is one of {', '.join(get_args(hint))}; {brief(repr(value))} was given.")
        return value
    if origin is list:
        if not isinstance(value, list):
            raise _wrong(name, "a list", value)
        return [_checked(get_args(hint)[0], one, name) for one in value]
    if is_dataclass(hint):
        if not isinstance(value, dict):
            raise _wrong(name, "an object", value)
        return _made(hint, value, name)  # type: ignore[arg-type]
    return _plain(hint, value, name)


def _plain(hint: type, value: Any, name: str) -> Any:
    if hint is float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _wrong(name, "a number", value)
        try:
            return float(value)
        except OverflowError:
            return math.inf  # refused by its bounds
    if type(value) is not hint:
        raise _wrong(name, {int: "a whole number", str: "a text", bool: "true or false"}[hint], value)
    return value


def _bounded(value: Any, rest: list[Any], name: str) -> Any:
    for bounds in rest:
        size = len(value) if isinstance(value, (str, list)) else value
        if isinstance(bounds, Bounds) and not bounds.low <= size <= bounds.high:  # NaN is within none
            what = "of length " if isinstance(value, (str, list)) else ""
            raise SettingError(f"{name} must be {what}{bounds.low:g} … {bounds.high:g}; {brief(repr(size))} was given.")
    return value


def _wrong(name: str, wanted: str, value: Any) -> KindError:
    return KindError(f"{name} must be {wanted}, not {type(value).__name__} ({brief(repr(value))}).")


# Answers


def header_and_buffer(number: int, answer: Any) -> tuple[dict[str, Any], bytes]:
    """Return the header of an answer to the question of a number, and the buffer that holds its arrays.

    In the header an array is ``{"at": first byte, "length": items, "kind": "Float32Array"}``; each begins at a multiple
    of 8 bytes. A number that is not finite is null.

    Examples
    --------
    >>> from pellucid.explorer._messages import Entered
    >>> header, buffer = header_and_buffer(7, Entered(0, np.array([1.5, 2.5], np.float32)))
    >>> header["answer"], header["x"], len(buffer)
    ('Entered', {'at': 0, 'length': 2, 'kind': 'Float32Array'}, 8)
    """
    chunks: list[bytes] = []
    header = {"id": number, "answer": type(answer).__name__, **_told(answer, chunks)}
    return header, b"".join(chunks)


_KINDS: Final = {"float32": "Float32Array", "float64": "Float64Array", "int32": "Int32Array", "uint8": "Uint8Array"}


def _told(value: Any, chunks: list[bytes]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _told(getattr(value, field.name), chunks) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return _placed(value, chunks)
    if isinstance(value, (list, tuple)):
        return [_told(one, chunks) for one in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value


def _placed(array: np.ndarray[Any, Any], chunks: list[bytes]) -> dict[str, Any]:
    kind = _KINDS[array.dtype.name]
    at = sum(map(len, chunks))
    data = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    chunks.append(data + bytes(-len(data) % _ALIGNED))
    return {"at": at, "length": array.size, "kind": kind}
