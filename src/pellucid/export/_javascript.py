"""JavaScript: an ES module for browsers and Node, and its types."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, final

import numpy as np

from pellucid.core import Name
from pellucid.export._language import Language, camel
from pellucid.export._tongue import literal

__all__ = ["JavaScript", "TypeScript"]


class _Script(Language):
    keep_sums = True
    wraps = "f32"

    def name(self, name: str) -> str:
        return camel(name)

    def number(self, value: float) -> str:
        text = repr(float(np.float32(value)))
        return text.removesuffix(".0")

    def shown(self, number: Any) -> str:
        return literal(float(number)).removesuffix(".0") if isinstance(number, np.float32) else super().shown(number)

    escaped = '"\\<'  # and what might end a script in a page

    def comment(self, text: str) -> list[str]:
        lines = text.splitlines()
        return [f"// {line}".rstrip() for line in lines]

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        return f"function {camel(function.name)}({', '.join(name for name, _ in arguments)}) {{"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"{'let' if changes else 'const'} {name} = {value};"

    def loop(self, variable: str, count: str) -> str:
        return f"for (let {variable} = 0; {variable} < {count}; ++{variable}) {{"

    def call(self, function: str, arguments: list[str]) -> str:
        return arguments[0] if function in {"rounded", "number"} else super().call(function, arguments)

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "Float32Array", "f8": "Float64Array", "i4": "Int32Array"}[numbers.dtype.str[1:]]
        if numbers.ndim == 1:
            inner = self.indented(self.rows(numbers, comments, "", " // %"))
            return [f"const {camel(name)} = {kind}.from([", *inner, "]);"]
        inner = self.indented(self.rows(numbers, comments, "[%]", " // %"))
        return [f"const {camel(name)} = [", *inner, f"].map((row) => {kind}.from(row));"]

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        told = [f"{text if isinstance(text, int) else self.text(text)}," for text in texts]
        return [f"export const {name} = [", *self.indented(told), "];"]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        scales = len(program.scale) + len(program.shift) > 0
        buffers, layers, told = [f"const scaled = new Float32Array({program.n_in});"] * scales, [], []
        for layer in program.layers:
            own, size, last = camel(layer.name), len(layer.biases), layer is program.layers[-1]
            buffers.append(f"const {own}Sums = new Float32Array({size});")
            if not last:
                buffers.append(f"const {own} = new Float32Array({size});")
            parts = f"weights: {own}Weights, biases: {own}Biases"
            told.append(f'{{ name: "{layer.name}", activation: "{layer.activation}", {parts} }},')
            layers.append(f'{{ name: "{layer.name}", sums: {own}Sums, activations: {"y" if last else own} }},')
        result = [
            "scaled," if scales else "scaled: x,",
            "layers: [",
            *self.indented(layers),
            "],",
            "y,",
            *(["place: best,"] if program.chooses else []),
        ]
        named = program.names is not None
        return {
            "verb": "classify" if program.chooses else "forward",
            "array": "Float32Array" if program.units is None else "Float64Array",
            "buffers": buffers,
            "layers": told,
            "result": result,
            "class": "names[forward(x).place]" if named else "forward(x).place",
            "kind": _kind(program.names),
            "kind_of_features": _kind(program.features),
        }


@final
class JavaScript(_Script):
    """The module itself."""

    template = "javascript.mjs"
    ending = ".mjs"


@final
class TypeScript(_Script):
    """Its types."""

    template = "javascript.d.mts"
    ending = ".d.mts"


def _kind(names: Sequence[Name] | None) -> str:
    """Return the type of names; of places, where there are none."""
    return "string" if names is not None and isinstance(names[0], str) else "number"
