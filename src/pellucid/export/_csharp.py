"""C#: one static class, for .NET, .NET Framework and Mono."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any, final

import numpy as np

from pellucid.core import Name
from pellucid.export._language import Language, camel, is_table, pascal
from pellucid.export._tongue import literal

__all__ = ["CSharp"]


@final
class CSharp(Language):
    """A static class; as C# may compute floats in more bits, every operation is rounded by a cast."""

    template = "csharp.cs"
    ending = ".cs"

    def called(self, name: str) -> str:
        return pascal(name)

    wraps = "(float)"
    _minus_zero = False

    def name(self, name: str) -> str:
        return pascal(name) if is_table(name) else camel(name)

    def number(self, value: float) -> str:
        """Return a constant of 32 bits, for readers that are off by a unit of 64 bits, as Mono's is."""
        text, exact = literal(value), np.float32(value)
        sure = all(np.float32(float(text) * (1 + unit)) == exact for unit in (-(2.0**-51), 2.0**-51))
        return f"{text if sure else repr(float(exact))}f"

    def double(self, value: float) -> str:
        """Return a constant of 64 bits by its bits, for the same reason."""
        bits = int(np.float64(abs(value)).view(np.uint64))
        return f"{'-' * (value < 0)}Exactly(0x{bits:016X}) /* {float(value)!r} */"

    def shown(self, number: Any) -> str:
        """Return a number of a table; Mono's compiler makes 0 of a −0 that stands there."""
        if number != 0 or math.copysign(1, number) > 0:
            return super().shown(number)
        self._minus_zero = True
        return "MinusZero"

    def comment(self, text: str) -> list[str]:
        return [f"// {line}".rstrip() for line in text.splitlines()]

    def function(self, node: ast.FunctionDef) -> list[str]:
        return _braced(super().function(node))

    def statement(self, node: ast.stmt) -> list[str]:
        return _braced(super().statement(node))

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        given = ", ".join(f"{'int' if is_whole else 'float'} {name}" for name, is_whole in arguments)
        return f"private static {'int' if whole else 'float'} {pascal(function.name)}({given}) {{"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"{'int' if whole else 'float'} {name} = {value};"

    def loop(self, variable: str, count: str) -> str:
        return f"for (int {variable} = 0; {variable} < {count}; ++{variable}) {{"

    def branch(self, condition: str) -> str:
        left, _, right = condition.partition(" != ")
        return f"if (float.IsNaN({left})) {{" if left == right else super().branch(condition)

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "number":
            return f"(float)({arguments[0]})"
        return arguments[0] if function == "rounded" else f"{pascal(function)}({', '.join(arguments)})"

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "float", "f8": "double", "i4": "int"}[numbers.dtype.str[1:]]
        inner = self.indented(self.rows(numbers, comments, f"new {kind}[] {{ % }}", " // %"))
        return [f"private static readonly {kind}{'[]' * numbers.ndim} {self.name(name)} =", "{", *inner, "};"]

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        inner = self.indented([f"{self.text(text)}," for text in texts])
        whole = f"public static readonly IReadOnlyList<string> {pascal(name)} = Array.AsReadOnly(new[]"
        return [whole, "{", *inner, "});"]

    def flags(self, primitives: set[str], tree: ast.AST) -> set[str]:
        flags = super().flags(primitives, tree)
        if flags & {"names", "features"}:
            flags.add("listed")
        if self._minus_zero:
            flags.add("minus_zero")
        return flags

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        named = program.names is not None
        return {
            "and_place": " and returns the place of the class that is chosen" if program.chooses else "",
            "result": "int" if program.chooses else "void",
            "number": "float" if program.units is None else "double",
            "buffers": [f"float[] {camel(layer.name)} = new float[{len(layer.biases)}];" for layer in program.layers],
            "kind": "string" if named else "int",
            "class": "Names[place]" if named else "place",
        }


def _braced(lines: list[str]) -> list[str]:
    """Return lines with each brace that opens in a line of its own, as C# is written."""
    found: list[str] = []
    for line in lines:
        bare = line.lstrip()
        if bare.endswith(" {") and not bare.startswith("//"):
            found += [line[:-2], line[: len(line) - len(bare)] + "{"]
        else:
            found.append(line)
    return found
