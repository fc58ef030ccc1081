"""Rust: one module of core alone."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, final

from pellucid.core import Name
from pellucid.export._language import Language, is_table
from pellucid.export._tongue import literal

__all__ = ["Rust"]


@final
class Rust(Language):
    """A module that needs no std; laid out as rustfmt does, but for tables."""

    template = "rust.rs"
    ending = ".rs"

    def name(self, name: str) -> str:
        return name.upper() if is_table(name) else name

    def number(self, value: float) -> str:
        return literal(value)

    def escape(self, sign: str) -> str:
        return f"\\u{{{ord(sign):x}}}"

    def comment(self, text: str) -> list[str]:
        return [f"// {line}".rstrip() for line in text.splitlines()]

    def function(self, node: ast.FunctionDef) -> list[str]:
        *lines, last, end = super().function(node)
        return [*lines, last.replace("return ", "", 1).removesuffix(";"), end]

    def chosen(self, first: str, later: str, value: ast.IfExp) -> list[str]:
        """Return the statement for one of two values, as rustfmt lays it out; what is returned stands last."""
        whole = self.expression(value)
        if first != "return " and len(whole) <= 50:
            return [first + whole + later]
        condition, yes, no = (self.expression(part) for part in (value.test, value.body, value.orelse))
        first, later = (first, later) if first != "return " else ("", "")
        return [f"{first}if {condition} {{", self.indent + yes, "} else {", self.indent + no, f"}}{later}"]

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        given = ", ".join(f"{name}: {'i32' if is_whole else 'f32'}" for name, is_whole in arguments)
        return f"fn {function.name}({given}) -> {'i32' if whole else 'f32'} {{"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"let {'mut ' if changes else ''}{name} = {value};"

    def loop(self, variable: str, count: str) -> str:
        return f"for {variable} in 0..{count} {{"

    def branch(self, condition: str) -> str:
        return f"if {condition} {{"

    def choice(self, condition: str, yes: str, no: str) -> str:
        return f"if {condition} {{ {yes} }} else {{ {no} }}"

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "number":
            return f"({arguments[0]}) as f32"
        return arguments[0] if function == "rounded" else super().call(function, arguments)

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "f32", "f8": "f64", "i4": "usize"}[numbers.dtype.str[1:]]
        for size in reversed(numbers.shape):
            kind = f"[{kind}; {size}]"
        inner = self.indented(self.rows(numbers, comments, "[%]", " // %"))
        return ["#[rustfmt::skip]", f"static {self.name(name)}: {kind} = [", *inner, "];"]

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        inner = self.indented([f"{self.text(text)}," for text in texts])
        return ["#[rustfmt::skip]", f"pub static {name.upper()}: [&str; {len(texts)}] = [", *inner, "];"]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        named = program.names is not None
        number = "f32" if program.units is None else "f64"
        outputs = f"[{number}; OUTPUTS]"
        return {
            "and_place": ", and the place of the class that is chosen" if program.chooses else "",
            "outputs": outputs,
            "result": f"({outputs}, usize)" if program.chooses else outputs,
            "told": "(y, best)" if program.chooses else "y",
            "of_outputs": ".0" if program.chooses else "",
            "buffers": [f"let mut {layer.name} = [0.0_f32; {len(layer.biases)}];" for layer in program.layers],
            "number": number,
            "whole": "u32" if program.units is None else "u64",
            "kind": "&'static str" if named else "usize",
            "class": "NAMES[forward(x).1]" if named else "forward(x).1",
        }
