"""The page's types, made from the messages: ``python -m pellucid.explorer._typescript`` prints them."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pellucid.explorer import _messages
from pellucid.explorer._messages import QUESTIONS

__all__ = ["typescript"]

_PLAIN: Final = {int: "number", float: "number", str: "string", bool: "boolean", type(None): "null"}


def typescript() -> str:
    """Return the interfaces of all messages, and which answer belongs to which question."""
    kinds = [kind for kind in vars(_messages).values() if inspect.isclass(kind) and is_dataclass(kind)]
    lines = ["// Made from src/pellucid/explorer/_messages.py by `make web`; change it there.", ""]
    for kind in kinds:
        lines += [*_comment(kind), *_interface(kind), ""]
    lines += ["/** Each question, and what it is answered with. */", "export interface Exchange {"]
    lines += [
        f"  {question.__name__}: [{question.__name__}, {answer.__name__}];" for question, answer in QUESTIONS.items()
    ]
    return "\n".join([*lines, "}", ""])


def _comment(kind: type) -> Iterator[str]:
    lines = (inspect.getdoc(kind) or "").splitlines()
    if len(lines) == 1:
        yield f"/** {lines[0]} */"
    else:
        yield from ("/**", *(f" * {line}".rstrip() for line in lines), " */")


def _interface(kind: type) -> Iterator[str]:
    hints = get_type_hints(kind, include_extras=True)
    if not hints:
        yield f"export type {kind.__name__} = Record<string, never>;"
        return
    yield f"export interface {kind.__name__} {{"
    yield from (f"  {name}: {_type(hint)};" for name, hint in hints.items())
    yield "}"


def _type(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return str(arguments[1]) if isinstance(arguments[1], str) else _type(arguments[0])
    if origin in {Union, types.UnionType}:
        return " | ".join(map(_type, arguments))
    if origin is Literal:
        return " | ".join(f'"{one}"' for one in arguments)
    if origin is list:
        inner = _type(arguments[0])
        return f"({inner})[]" if " " in inner else f"{inner}[]"
    if origin is tuple:
        return f"[{', '.join(map(_type, arguments))}]"
    return _PLAIN.get(hint) or str(hint.__name__)


if __name__ == "__main__":
    sys.stdout.write(typescript())
