"""Templates: a language's file in its own words, with places to be filled and parts that may be left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

__all__ = ["filled", "wrapped"]

_PLACE: Final = re.compile(r"@(\w+)@")
_IF: Final = re.compile(r"@if (not )?(\w+)@")
_END: Final = "@end@"
_INCLUDE: Final = re.compile(r"@include (\S+)@")
_FOLDER: Final = Path(__file__).parent / "templates"


def filled(template: str, values: Mapping[str, str | int | Sequence[str]], flags: set[str], gap: int = 1) -> str:
    """Return a template, by the name of its file, with its places filled.

    A line with ``@if flag@`` begins what stands there only with that flag, one with ``@end@`` ends it;
    ``@include name@`` stands for the lines of another template. ``@name@`` is replaced by a text; where it stands alone
    in its line, by lines, each indented as it is.

    Examples
    --------
    >>> from pellucid.export._template import _filled
    >>> print(_filled(["// @if b@", "no", "// @end@", "{", "  @all@", "} @x@"], {"all": ["1", "2"], "x": 3}, {"a"}, 1))
    {
      1
      2
    } 3
    <BLANKLINE>
    """
    lines = list(_lines_of(template))
    return _filled(lines, values, flags, gap)


def _lines_of(template: str) -> Iterator[str]:
    """Yield the lines of a template, and of those that it includes."""
    for line in (_FOLDER / f"{template}.txt").read_text(encoding="utf-8").splitlines():
        included = _INCLUDE.fullmatch(line)
        yield from [line] if included is None else _lines_of(included[1])


def _filled(lines: Sequence[str], values: Mapping[str, str | int | Sequence[str]], flags: set[str], gap: int) -> str:
    found: list[str] = []
    kept = [True]
    for line in lines:
        if condition := _IF.search(line):
            kept.append(kept[-1] and ((condition[2] in flags) != bool(condition[1])))
        elif _END in line:
            kept.pop()
        elif kept[-1]:
            alone = _PLACE.fullmatch(line.strip())
            value = values[alone[1]] if alone else None
            if alone and not isinstance(value, (str, int)):
                indent = line[: len(line) - len(line.lstrip())]
                found += [f"{indent}{one}".rstrip() for one in value or ()]
            else:
                found.append(_PLACE.sub(lambda place: str(values[place[1]]), line))
    text = "\n".join(found) + "\n"
    return re.sub(rf"\n{{{gap + 2},}}", "\n" * (gap + 1), text)  # what was left out leaves no gap


def wrapped(parts: Sequence[str], width: int, joint: str = ", ") -> list[str]:
    """Return parts side by side, in lines of at most a width where they fit; each but the last ends in the joint."""
    lines: list[str] = []
    line = ""
    for place, part in enumerate(parts):
        shown = part + (joint.rstrip() if place < len(parts) - 1 else "")
        if line and len(line) + 1 + len(shown) > width:
            lines.append(line)
            line = shown
        else:
            line = f"{line} {shown}" if line else shown
    return [*lines, line] if line else lines
