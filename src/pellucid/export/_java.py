"""Java: one class, which compiles however large the network is."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, Final, final

from pellucid.core import Name
from pellucid.export._language import WIDTH, Language, camel, is_table, pascal, plain
from pellucid.export._program import head, layer_bodies
from pellucid.export._template import wrapped
from pellucid.export._tongue import literal

__all__ = ["Java"]

_PRIMITIVES: Final = {"fused": "Math.fma", "bits": "Float.floatToRawIntBits", "from_bits": "Float.intBitsToFloat"}

_LONGEST: Final = 60_000
"""Most bytes of a constant: a class file cannot hold 65,536 of one."""

_SIGNS: Final = str.maketrans({"−": "-", "×": "*", "·": "*", "≤": "<=", "≥": ">=", "…": "...", "½": "1/2"})


@final
class Java(Language):
    """A class whose numbers stand in strings.

    What is done to fill an array counts as code, of which a class has 64 KB for all its constants; so numbers are read
    from strings, and each layer has a class of its own.
    """

    template = "java.java"
    ending = ".java"

    def called(self, name: str) -> str:
        return pascal(name)

    escaped = '"\\'

    def name(self, name: str) -> str:
        """Return a name; a layer's tables and those of the examples stand in classes of their own."""
        if not is_table(name):
            return camel(name)
        within = name.endswith(("_weights", "_biases")) or name.startswith("example_")
        return name.rpartition("_")[2].upper() if within else name.upper()

    def number(self, value: float) -> str:
        return f"{literal(value)}f"

    def text(self, value: Name) -> str:
        """Return a text in ASCII, which every setting of the compiler reads alike."""
        told = str(value)
        signs = [sign if " " <= sign <= "~" and sign not in self.escaped else self.escape(sign) for sign in told]
        return f'"{"".join(signs)}"'

    def escape(self, sign: str) -> str:
        """Return a sign by its number; of ASCII in base 8, as Java resolves the others before it reads strings."""
        return f"\\{ord(sign):03o}" if sign.isascii() else super().escape(sign)

    def comment(self, text: str) -> list[str]:
        return [f"// {self._in_comment(line)}".rstrip() for line in text.splitlines()]

    def _in_comment(self, text: str) -> str:
        """Return a comment in ASCII: what is raised after ^, and letters of other scripts by their numbers."""
        raised = re.sub("[²³⁻¹ʳˣʸᶻᵏ]+", lambda found: f"^{unicodedata.normalize('NFKC', found[0])}", plain(text))
        return "".join(sign if sign.isascii() else self.escape(sign) for sign in raised.translate(_SIGNS))

    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        given = ", ".join(f"{'int' if is_whole else 'float'} {name}" for name, is_whole in arguments)
        return f"private static {'int' if whole else 'float'} {camel(function.name)}({given}) {{"

    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        return f"{'int' if whole else 'float'} {name} = {value};"

    def loop(self, variable: str, count: str) -> str:
        return f"for (int {variable} = 0; {variable} < {count}; ++{variable}) {{"

    def call(self, function: str, arguments: list[str]) -> str:
        if function == "number":
            return f"(float) ({arguments[0]})"
        if function == "rounded":
            return arguments[0]
        return f"{_PRIMITIVES.get(function, camel(function))}({', '.join(arguments)})"

    def table(self, name: str, numbers: Any, comments: Sequence[str] = ()) -> list[str]:
        kind = {"f4": "float", "f8": "double", "i4": "int"}[numbers.dtype.str[1:]]
        whole = f"private static final {kind}{'[]' * numbers.ndim} {self.name(name)} = "
        if kind == "int":
            return [whole + "{" + ", ".join(map(self.shown, numbers)) + "};"]
        if numbers.ndim == 1:
            lines = [[self.shown(number)] for number in numbers] if comments else [list(map(self.shown, numbers))]
            return [f"{whole}{kind}s(", *self._strings(_lines(lines, comments)), ");"]
        first = f"{kind}Rows({len(numbers)},"
        return [whole + first, *self._strings(_lines((map(self.shown, row) for row in numbers), comments)), ");"]

    def shown(self, number: Any) -> str:
        """Return a number as a string is read."""
        return super().shown(number).removesuffix("f")

    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        told = [str(text) for text in texts]
        taken = set("".join(told))
        mark = next(chr(code) for code in range(10, 65536) if chr(code) not in taken)
        ended = [text + mark * (place < len(told) - 1) for place, text in enumerate(told)]
        pieces = [text[start : start + 1000] for text in ended for start in range(0, len(text), 1000)]
        parts = self._strings([(piece, "") for piece in pieces or [""]])
        return [f"public static final List<String> {name.upper()} = texts({self.text(mark)},", *parts, ");"]

    def _strings(self, lines: Iterable[tuple[str, str]]) -> list[str]:
        """Return texts as strings, with comments: joined by +, and parted by commas where one would be too long."""
        found: list[str] = []
        size, last = 0, ""
        for text, comment in lines:
            room = 3 * len(text.encode("utf-16-le")) // 2
            size += room
            if found:
                found[-1] += (" +" if size <= _LONGEST else ",") + last
            size = size if size <= _LONGEST else room
            found.append(f"{self.indent}{self.text(text)}")
            last = f" // {self._in_comment(comment)}" if comment else ""
        found[-1] += last
        return found

    def tables(self) -> list[str]:
        program = self.program
        lines, before = self.scaling_tables(), "x"
        for layer, part in zip(program.layers, layer_bodies(program), strict=True):
            own = camel(layer.name)
            self.begin(set(), set(), part)
            comment, *steps = [self.statement(statement) for statement in part.body]
            nodes = [f"{layer.name}/node_{j + 1}" for j in range(len(layer.biases))]
            inner = [
                "// Row i holds what input i weighs for each neuron.",
                *self.table(f"{layer.name}_weights", layer.weights, layer.inputs),
                "",
                *self.table(f"{layer.name}_biases", layer.biases, nodes),
                "",
                f"static float[] of(float[] {before}) {{",
                f"    float[] {own} = new float[{len(layer.biases)}];",
                *self.indented([line for step in steps for line in step]),
                f"    return {own};",
                "}",
            ]
            lines += [*comment, f"private static final class {pascal(layer.name)} {{", *self.indented(inner), "}", ""]
            before = own
        return lines

    def flags(self, primitives: set[str], tree: ast.AST) -> set[str]:
        flags = super().flags(primitives, tree)
        return {*flags, "listed"} if flags & {"names", "features"} else flags

    def about(self) -> list[str]:
        return [self._in_comment(line) for line in super().about()]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        program = self.program
        steps, before = [], "x"
        for layer in program.layers:
            steps.append(f"float[] {camel(layer.name)} = {pascal(layer.name)}.of({before});")
            before = camel(layer.name)
        tree = head(program)
        self.begin(set(), set(), tree)
        number = "float" if program.units is None else "double"
        named = program.names is not None
        return {
            "and_place": " and returns the place of the class that is chosen" if program.chooses else "",
            "result": "int" if program.chooses else "void",
            "steps": [*steps, "", *self.block(tree.body)],
            "number": number,
            "Number": number.capitalize(),
            "kind": "String" if named else "int",
            "class": "NAMES.get(place)" if named else "place",
        }


def _lines(rows: Iterable[Iterable[str]], comments: Sequence[str]) -> list[tuple[str, str]]:
    """Return the lines of rows of numbers, each with the comment that stands behind it."""
    lines: list[tuple[str, str]] = []
    for place, row in enumerate(rows):
        parts = wrapped(list(row), WIDTH - 20, " ")
        lines += [(f"{part} ", "") for part in parts]
        if comments:
            lines[-1] = (lines[-1][0], comments[place])
    return lines
