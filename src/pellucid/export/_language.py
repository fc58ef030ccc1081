"""What all languages share: a program's parts, put into a template."""

from __future__ import annotations

import ast
import shlex
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Name, Task
from pellucid.export._program import Program, body
from pellucid.export._template import filled, wrapped
from pellucid.export._tongue import Tongue, functions_for
from pellucid.version import __version__

__all__ = ["WIDTH", "Language", "about", "camel", "is_table", "pascal", "plain"]

Array = NDArray[Any]

WIDTH = 116


class Language(Tongue):
    """A language: how it says statements, its tables, and the template of its file.

    Attributes
    ----------
    template : name of the file's template
    ending : of the file's name
    margin : what begins a line of the comment at the file's top
    keep_sums : whether weighted sums and activations lie in arrays of their own
    gap : most empty lines that follow one another
    """

    template: ClassVar[str]
    ending: ClassVar[str]
    margin: ClassVar[str] = "//"
    keep_sums: ClassVar[bool] = False
    gap: ClassVar[int] = 1

    def __init__(self, program: Program, file: str | None = None) -> None:
        super().__init__()
        self.program = program
        self.file = f"{self.called(program.name)}{self.ending}" if file is None else file

    def called(self, name: str) -> str:
        """Return what a program's file is called, without its ending."""
        return name

    # What a language says

    @abstractmethod
    def table(self, name: str, numbers: Array, comments: Sequence[str] = ()) -> list[str]:
        """Return the lines of a table: floats of 32 or 64 bits or whole numbers, in one row or in several.

        comments : what each row is (of one row: each number)
        """

    @abstractmethod
    def texts(self, name: str, texts: Sequence[Name]) -> list[str]:
        """Return the lines of a list of names: texts, or whole numbers where the language lets both be."""

    def text(self, value: Name) -> str:
        """Return a name as a text between quotes; what cannot be printed is told by its number."""
        signs = [self.escape(sign) if not sign.isprintable() or sign in self.escaped else sign for sign in str(value)]
        return f'"{"".join(signs)}"'

    escaped: ClassVar[str] = '"\\'

    def escape(self, sign: str) -> str:
        """Return a sign by its number, which is below 65,536 or that of two halves."""
        units = sign.encode("utf-16-be", "surrogatepass").hex()
        return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))

    def double(self, value: float) -> str:
        """Return a constant of 64 bits."""
        return repr(float(value))

    # What they share

    def shown(self, number: Any) -> str:
        """Return a number of a table."""
        if isinstance(number, np.float32):
            return self.number(float(number))
        return str(int(number)) if isinstance(number, np.integer) else self.double(float(number))

    def rows(self, numbers: Array, comments: Sequence[str], row: str, note: str) -> list[str]:
        """Return the lines between the brackets of a table, as most languages write them.

        row, note : what goes around a row, and around a comment behind it, such as "{%}" and " // %"
        """
        notes = [note.replace("%", plain(comment)) for comment in comments]
        if numbers.ndim == 1:
            if not notes:
                return wrapped([self.shown(number) for number in numbers], WIDTH)
            return [f"{self.shown(number)},{told}" for number, told in zip(numbers, notes, strict=True)]
        begin, end = row.split("%")
        lines: list[str] = []
        for values, told in zip(numbers, notes or [""] * len(numbers), strict=True):
            inner = wrapped([self.shown(number) for number in values], WIDTH - len(begin))
            inner = [begin + inner[0], *(" " * len(begin) + line for line in inner[1:])]
            inner[-1] += f"{end},{told}"
            lines += inner
        return lines

    def tables(self) -> list[str]:
        """Return the lines of all tables: scaling, weights and biases."""
        return [*self.scaling_tables(), *self.layer_tables()]

    def scaling_tables(self) -> list[str]:
        """Return the lines of what scales inputs and outputs, an empty one after each."""
        program = self.program
        lines: list[str] = []
        for name, numbers in (("input_shift", program.shift), ("input_scale", program.scale)):
            if len(numbers) > 1:
                lines += [*self.table(name, numbers, program.layers[0].inputs), ""]
        if program.units is not None:
            for name, row in zip(("output_scale", "output_shift"), program.units, strict=True):
                lines += [*self.table(name, row), ""]
        return lines

    def layer_tables(self) -> list[str]:
        """Return the lines of weights and biases, an empty one after each."""
        lines: list[str] = []
        for layer in self.program.layers:
            nodes = [f"{layer.name}/node_{j + 1}" for j in range(len(layer.biases))]
            lines += [*self.table(f"{layer.name}_weights", layer.weights, layer.inputs), ""]
            lines += [*self.table(f"{layer.name}_biases", layer.biases, nodes), ""]
        return lines

    def source(self) -> str:
        """Return the file."""
        program = self.program
        tree = body(program, keep_sums=self.keep_sums)
        functions, primitives = functions_for(tree)
        self.begin(set(), {"x", "y"}, tree)
        steps: list[str] = []
        for statement in tree.body:  # with room between them
            gap = [""] if isinstance(statement, ast.Expr) and steps else []
            steps += [*gap, *self.statement(statement)]
        parts = [[*self.function(function), ""] for function in functions]
        golden = program.golden
        values: dict[str, str | int | Sequence[str]] = {
            "about": self.about(),
            "file": plain(self.file),
            "file_in_shell": plain(shlex.quote(self.file)),
            "name": program.name,
            "NAME": program.name.upper(),
            "Name": pascal(program.name),
            "n_in": program.n_in,
            "n_out": program.n_out,
            "n_examples": len(golden.inputs),
            "count": f"{len(golden.inputs)} example{'s' * (len(golden.inputs) != 1)}",
            "named": "classes" if program.chooses else "outputs",
            "tables": self.tables(),
            "functions": [line for part in parts for line in part][:-1],
            "steps": steps,
            "meaning": meaning(program),
            "examples": [
                *self.table("example_inputs", golden.inputs),
                "",
                *self.table("example_outputs", golden.outputs),
                *([] if golden.places is None else ["", *self.table("example_places", golden.places.astype(np.int32))]),
            ],
            "names": self.texts("names", program.names or ()),
            "features": self.texts("features", program.features or ()),
            **self.more(),
        }
        return filled(self.template, values, self.flags(primitives, tree), self.gap)

    def flags(self, primitives: set[str], tree: ast.AST) -> set[str]:
        """Return what a template asks about."""
        program = self.program
        asked = {
            "names": program.names is not None,
            "features": program.features is not None,
            "chooses": program.chooses,
            "units": program.units is not None,
            "functions": bool(functions_for(tree)[0]),
        }
        return {*primitives, *(name for name, holds in asked.items() if holds)}

    def about(self) -> list[str]:
        """Return the comment at the file's top."""
        return [f"{self.margin} {line}".rstrip() for line in about(self.program)]

    def more(self) -> dict[str, str | int | Sequence[str]]:
        """Return further values for the template."""
        return {}


def about(program: Program) -> list[str]:
    """Return what a program is, for the comment at its top."""
    n_in, n_out = program.n_in, program.n_out
    sizes = f"{n_in:,} input{'s' * (n_in != 1)}, {n_out:,} output{'s' * (n_out != 1)}"
    lines = [
        f"{program.name}: a network of {sizes} and {program.n_parameters:,} parameters, by Pellucid {__version__}.",
        "",
    ]
    width = max(len(layer.name) for layer in program.layers)
    for layer in program.layers:
        count = len(layer.biases)
        lines.append(f"    {layer.name:<{width}}  {count:,} neuron{'s' * (count != 1)}, {layer.activation}")
    lines.append("")
    outputs = "Outputs" if program.task is Task.VALUES else "Classes"
    for word, names in (("Inputs", program.features), (outputs, program.names)):
        if names is not None:
            lines += wrapped([f"{word}: {names[0]}", *map(str, names[1:])], 100)
    if len(program.scale) or len(program.shift):
        lines.append("Inputs are given as they were in the data; they are scaled inside.")
    lines += [
        "Every operation is rounded to a float of 32 bits, in the order in which it is written: so the outputs",
        "have the same bits as Pellucid's, in every language and on every machine. The self-test proves it.",
    ]
    return [plain(line) if line.strip() else "" for line in lines]


def meaning(program: Program) -> str:
    """Return what the outputs are."""
    if program.task is Task.CLASSES:
        return "the probability of each class"
    if program.task is Task.YES_NO:
        return "the probability of yes" if program.chooses else "the probability of yes, for each output"
    return "the values" if program.units is None else "the values, in their own units"


def plain(text: str) -> str:
    """Return a text that can stand in a comment of any language: in one line, and without what might end it."""
    line = "".join(sign if sign.isprintable() else " " for sign in text).replace("\\", "∖")
    for ending in ("*/", "/*", "</", "??/"):  # the last is a backslash to some compilers of C
        line = line.replace(ending, f"{ending[:-1]} {ending[-1]}")
    return line.replace('"""', "'''")


def is_table(name: str) -> bool:
    """Return whether a name is that of a table, not of a variable or a function."""
    return name.endswith(("_weights", "_biases", "_scale", "_shift", "_inputs", "_outputs", "_places"))


def camel(name: str) -> str:
    """Return a name as it is written with humps.

    Examples
    --------
    >>> camel("layer_1_weights"), pascal("layer_1")
    ('layer1Weights', 'Layer1')
    """
    first, *rest = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def pascal(name: str) -> str:
    """Return a name as classes are written."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))
