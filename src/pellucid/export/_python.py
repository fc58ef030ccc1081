"""Python without dependencies; and in the style of the column, as nested dictionaries."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, final

import numpy as np

from pellucid.core import Name
from pellucid.export._language import WIDTH, Language, about, plain
from pellucid.export._program import head, scaled_input
from pellucid.export._tongue import literal

__all__ = ["Column", "Python"]


class _Python(Language):
    ending = ".py"
    wraps = "f32"
    end = None
    stop = ""
    gap = 2

    def name(self, name: str) -> str:
        table = name.endswith(("_weights", "_biases")) or name in {
            *("input_scale", "input_shift", "output_scale", "output_shift"),
            *("example_inputs", "example_outputs", "example_places", "names", "features"),
        }
        return name.upper() if table else name

    def number(self, value: float) -> str:
        return repr(float(np.float32(value)))

    def shown(self, number: Any) -> str:
        return literal(float(number)) if isinstance(number, np.float32) else super().shown(number)

    def escape(self, sign: str) -> str:
        return f"\\U{ord(sign):08x}"

    def comment(self, text: str) -> list[str]:
        return [f"# {line}".rstrip() for line in text.splitlines()]

    def function(self, node: ast.FunctionDef) -> list[str]:
        comment = (ast.get_docstring(node) or "").splitlines()
        head, *lines = super().function(node)[len(comment) :]
        quoted = [f'"""{comment[0]}"""'] if len(comment) == 1 else ['"""' + comment[0], *comment[1:], '"""']
        return [head, *self.indented(quoted), *lines, ""]

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        return f"def {function.name}({', '.join(name for name, _ in arguments)}):"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"{name} = {value}"

    def loop(self, variable: str, count: str) -> str:
        return f"for {variable} in range({count}):"

    def branch(self, condition: str) -> str:
        return f"if {condition}:"

    def choice(self, condition: str, yes: str, no: str) -> str:
        return f"{yes} if {condition} else {no}"

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "number":
            return f"float({arguments[0]})"
        return arguments[0] if function == "rounded" else super().call(function, arguments)

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "floats(", "f8": 'array("d", [', "i4": "["}[numbers.dtype.str[1:]]
        close = {"floats(": ")", "[": "]"}.get(kind, "])")
        if numbers.ndim == 1:
            inner = self.indented(self.rows(numbers, comments, "", "  # %"))
            return [f"{self.name(name)} = {kind}", *inner, close]
        rows: list[str] = []
        for place, row in enumerate(numbers):
            inner = self.indented(self.rows(row, (), "", ""))
            note = f"  # {plain(comments[place])}" if comments else ""
            short = f"{kind}{inner[0].strip()}{close},{note}"
            rows += [short] if len(inner) == 1 and len(short) < 110 else [f"{kind}{note}", *inner, f"{close},"]
        return [f"{self.name(name)} = [", *self.indented(rows), "]"]

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        told = [f"{text if isinstance(text, int) else self.text(text)}," for text in texts]
        return [f"{name.upper()} = [", *self.indented(told), "]"]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        first, *rest = about(program)
        place = "NAMES[forward(x)[1]]" if program.names is not None else "forward(x)[1]"
        return {
            "about_first": first.replace("\\", "\\\\"),
            "about_rest": [line.replace("\\", "\\\\") for line in rest],
            "array": "f" if program.units is None else "d",
            "buffers": [f'{layer.name} = array("f", [0.0]) * {len(layer.biases)}' for layer in program.layers],
            "and_place": ", and the place of the class that is chosen" if program.chooses else "",
            "result": "y, best" if program.chooses else "y",
            "outputs_of": "forward(x)[0]" if program.chooses else "forward(x)",
            "class": place,
        }


@final
class Python(_Python):
    """A module."""

    template = "python.py"


@final
class Column(_Python):
    """A module whose network is the column's nested dictionaries, and whose functions have the column's names."""

    template = "column.py"

    def tables(self) -> list[str]:
        return self.scaling_tables()

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        place = 'shown(forward_propagate(network, x)["output"])[1]'
        network, activations = [], []
        for layer in program.layers:
            network.append(f'"{layer.name}": {{')
            for node, (weights, bias) in enumerate(zip(layer.weights.T, layer.biases, strict=True), start=1):
                inner = self.rows(weights, (), "", "")
                whole = f'"node_{node}": {{"weights": [{inner[0]}], "bias": [{self.shown(bias)}]}},'
                if len(inner) == 1 and len(whole) <= WIDTH:
                    network.append(f"    {whole}")
                else:
                    network += [
                        f'    "node_{node}": {{',
                        '        "weights": [',
                        *(f"            {line}" for line in inner),
                    ]
                    network += ["        ],", f'        "bias": [{self.shown(bias)}],', "    },"]
            network.append("},")
            last = layer is program.layers[-1]
            activations.append(f'"{layer.name}": {"identity" if last else layer.activation},')
        return {
            **super().more(),
            "network": network,
            "activations": activations,
            "scaled": self.expression(scaled_input(program)),
            "head": self.block(head(program).body),
            "result": "y, best" if program.chooses else "y",
            "first_of": "[0]" if program.chooses else "",
            "class_of": f"NAMES[{place}]" if program.names is not None else place,
        }
