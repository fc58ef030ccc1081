"""Go: one package, laid out as gofmt does."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any, final

from pellucid.core import Name
from pellucid.export._language import WIDTH, Language, camel, pascal, plain
from pellucid.export._template import wrapped
from pellucid.export._tongue import literal
from pellucid.version import __version__

__all__ = ["Go"]

_SUM, _PRODUCT = (ast.Add, ast.Sub), (ast.Mult, ast.Div)


@final
class Go(Language):
    """A package; as Go may join a product with a sum, every product is rounded by a conversion."""

    template = "go.go"
    ending = ".go"
    indent = "\t"
    stop = ""

    def name(self, name: str) -> str:
        return camel(name)

    def number(self, value: float) -> str:
        return literal(value)

    def shown(self, number: Any) -> str:
        """Return a number of a table; Go's constants have no −0."""
        if number == 0 and math.copysign(1, number) < 0:
            return f"{'float32(' * (number.itemsize == 4)}math.Copysign(0, -1){')' * (number.itemsize == 4)}"
        return super().shown(number)

    def escape(self, sign: str) -> str:
        return f"\\U{ord(sign):08x}"

    def comment(self, text: str) -> list[str]:
        return [f"// {line}".rstrip() for line in text.splitlines()]

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        given = ", ".join(f"{name} {'int32' if is_whole else 'float32'}" for name, is_whole in arguments)
        return f"func {camel(function.name)}({given}) {'int32' if whole else 'float32'} {{"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"{name} := {value}" if whole or not _is_literal(value) else f"{name} := float32({value})"

    def loop(self, variable: str, count: str) -> str:
        return f"for {variable} := 0; {variable} < {count}; {variable}++ {{"

    def branch(self, condition: str) -> str:
        return f"if {condition} {{"

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "number":
            return f"float32({arguments[0]})"
        return arguments[0] if function == "rounded" else super().call(function, arguments)

    def chosen(self, first: str, later: str, value: ast.IfExp) -> list[str]:
        """Return the statements for one of two values: Go has no word for a choice."""
        condition, yes, no = (self.expression(part) for part in (value.test, value.body, value.orelse))
        name, sign, _ = first.partition(" :=")
        if sign:
            start, again = self.declared(name, no, False, True), f"{name} = "
            return [start, self.branch(condition), f"{self.indent}{again}{yes}", "}"]
        return [self.branch(condition), f"{self.indent}{first}{yes}", "}", f"{first}{no}"]

    # Gofmt puts spaces around the signs that lie least deep.

    _depth = 1

    def expression(self, node: ast.expr) -> str:
        before = self._depth
        if isinstance(node, (ast.Subscript, ast.Compare)) or (isinstance(node, ast.Call) and len(node.args) > 1):
            self._depth += 1
        shown = super().expression(node)
        self._depth = before
        return shown

    def _operand(self, parent: ast.BinOp, node: ast.expr, *, first: bool) -> str:
        before, product = self._depth, isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)
        bare = product and not self._is_whole(node)  # a conversion's brackets are enough
        held = super()._operand(parent, node, first=first) != self.expression(node)
        chain = (
            first
            and isinstance(node, ast.BinOp)
            and isinstance(node.op, (_SUM if isinstance(parent.op, _SUM) else _PRODUCT))
        )
        self._depth += bare or not (held or chain)
        shown = self.expression(node) if bare else super()._operand(parent, node, first=first)
        self._depth = before
        return shown

    def joined(self, sign: str, left: str, right: str) -> str:
        return f"{left} {sign} {right}" if self._depth == 1 else left + sign + right

    def operation(self, sign: str, left: str, right: str) -> str:
        return f"float32({self.joined(sign, left, right)})" if sign == "*" else self.joined(sign, left, right)

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "float32", "f8": "float64", "i4": "int"}[numbers.dtype.str[1:]]
        whole = f"var {camel(name)} = {''.join(f'[{n}]' for n in numbers.shape)}{kind}{{"
        if numbers.ndim == 1:
            return [whole, *self.indented(self._row(numbers, comments)), "}"]
        lines = [whole]
        for place, row in enumerate(numbers):
            note = f" // {plain(comments[place])}".rstrip() if comments else ""
            lines += [f"{self.indent}{{{note}", *self.indented(self.indented(self._row(row))), f"{self.indent}}},"]
        return [*lines, "}"]

    def _row(self, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        """Return the lines of a row; comments stand in one column."""
        shown = [f"{self.shown(number)}," for number in numbers]
        if not comments:
            return [f"{line},".replace(",,", ",") for line in wrapped([one[:-1] for one in shown], WIDTH - 8)]
        width = max(map(len, shown))
        return [f"{one:<{width}} // {plain(comment)}".rstrip() for one, comment in zip(shown, comments, strict=True)]

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        inner = self.indented([f"{self.text(text)}," for text in texts])
        return [f"var {pascal(name)} = [...]string{{", *inner, "}"]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        named = program.names is not None
        return {
            "package": program.name.lower(),
            "version": __version__,
            "and_place": ", and the place of the class that is chosen" if program.chooses else "",
            "number": "float32" if program.units is None else "float64",
            "size": 32 if program.units is None else 64,
            "place": ", int" if program.chooses else "",
            "none": ", 0" if program.chooses else "",
            "best": ", best" if program.chooses else "",
            "ignored": ", _" if program.chooses else "",
            "buffers": [f"var {camel(layer.name)} [{len(layer.biases)}]float32" for layer in program.layers],
            "kind": "string" if named else "int",
            "nothing": '""' if named else "0",
            "class": "Names[place]" if named else "place",
        }


def _is_literal(value: str) -> bool:
    return value[0] in "-0123456789" and "(" not in value and " " not in value
