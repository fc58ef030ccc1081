"""C99: one header, for anything from a microcontroller up."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, final

from pellucid.core import Name
from pellucid.errors import SettingError
from pellucid.export._language import Language, is_table
from pellucid.export._tongue import literal

__all__ = ["C"]


@final
class C(Language):
    """A header whose names all begin with the program's."""

    template = "c.h"
    ending = ".h"
    margin = " *"
    _flash = 0

    def name(self, name: str) -> str:
        """Return a name; what stands outside functions begins with the program's."""
        return f"{self.program.name}_{name}" if is_table(name) else name

    def number(self, value: float) -> str:
        return f"{literal(value)}f"

    escaped = '"\\?'  # and what would begin a trigraph

    def escape(self, sign: str) -> str:
        return "".join(f"\\{byte:03o}" for byte in sign.encode())

    def comment(self, text: str) -> list[str]:
        lines = text.splitlines()
        if len(lines) == 1:
            return [f"/* {text} */"]
        return [f"/* {lines[0]}", *(f" * {line}".rstrip() for line in lines[1:-1]), f" * {lines[-1]} */"]

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        given = ", ".join(f"{'int32_t' if is_whole else 'float'} {name}" for name, is_whole in arguments)
        return f"static inline float {self.program.name}_{function.name}({given}) {{"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"{'' if changes else 'const '}{'int32_t' if whole else 'float'} {name} = {value};"

    def loop(self, variable: str, count: str) -> str:
        return f"for (int32_t {variable} = 0; {variable} < {count}; ++{variable}) {{"

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "number":
            return f"(float)({arguments[0]})"
        return f"{self.program.name}_{function}({', '.join(arguments)})"

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "float", "f8": "double", "i4": "int32_t"}[numbers.dtype.str[1:]]
        sizes = "".join(f"[{n}]" for n in numbers.shape)
        self._flash += 0 if name.startswith("example_") else numbers.nbytes
        inner = self.indented(self.rows(numbers, comments, "{%}", " /* % */"))
        return [f"static const {kind} {self.program.name}_{name}{sizes} = {{", *inner, "};"]

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        told = [str(text) for text in texts]
        if any("\0" in text for text in told):
            raise SettingError(f"One of the network's {name} holds the sign 0, at which C's texts end. Rename it.")
        room = max((len(text.encode()) for text in told), default=0) + 1
        self._flash += len(told) * room
        inner = self.indented([f"{self.text(text)}," for text in texts])
        return [f"static const char {self.program.name}_{name}[{len(texts)}][{room}] = {{", *inner, "};"]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        odd, even = program.scratch
        buffers = [
            f"float *const {layer.name} = scratch{f' + {odd}' if place % 2 else ''};"
            for place, layer in enumerate(program.layers)
        ]
        return {
            "number": "float" if program.units is None else "double",
            "n_scratch": odd + even,
            "ram": 4 * (odd + even),
            "flash": self._flash,
            "buffers": buffers,
            "returns": " Returns the place of the class that is chosen." if program.chooses else "",
            "result": "int" if program.chooses else "void",
        }
