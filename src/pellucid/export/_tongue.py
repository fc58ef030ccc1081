"""From the few words in which programs are written here (see `templates/functions.py.txt`) to a language's own.

A `Tongue` walks Python's own tree of such a text. What differs between languages are small methods; one that rounds
to 64 bits by itself wraps every operation, one without ``a if c else b`` makes a statement of it.
"""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

__all__ = ["FUNCTIONS", "PRIMITIVES", "Tongue", "called", "functions_for", "literal"]

PRIMITIVES: Final = ("fused", "rounded", "bits", "from_bits", "number")
"""What every language has of its own, from the simplest to what is made of others."""

_SIGNS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_SUM, _PRODUCT = (ast.Add, ast.Sub), (ast.Mult, ast.Div)


@cache
def _functions() -> dict[str, ast.FunctionDef]:
    tree = ast.parse((Path(__file__).parent / "templates" / "functions.py.txt").read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


FUNCTIONS: Final = _functions()


def called(tree: ast.AST) -> set[str]:
    """Return the names of the functions that are called somewhere in a tree."""
    return {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def functions_for(tree: ast.AST) -> tuple[list[ast.FunctionDef], set[str]]:
    """Return the functions that a program needs, each after those that it calls, and the primitives among them."""
    needed: set[str] = set()
    found = called(tree)
    while new := found - needed:
        needed |= new
        found = {name for function in new & FUNCTIONS.keys() for name in called(FUNCTIONS[function])}
    return [node for name, node in FUNCTIONS.items() if name in needed], needed & set(PRIMITIVES)


def literal(value: float) -> str:
    """Return the shortest text of a float of 32 bits, which gives it back through 32 or 64 bits alike.

    Examples
    --------
    >>> literal(0.1), literal(1 / 3), literal(-2.0), literal(1e-7)
    ('0.1', '0.33333334', '-2.0', '1e-07')
    """
    exact = np.float32(value)
    text = str(exact)
    if np.float32(float(text)) != exact:  # rounded to 64 bits first, it would be another
        text = repr(float(exact))
    return text if any(mark in text for mark in ".einf") else f"{text}.0"


class Tongue(ABC):
    """A language, as far as single statements go."""

    indent: str = "    "
    wraps: str = ""
    """What an operation on floats is wrapped in, where it would not be rounded to 32 bits by itself."""
    ints: frozenset[str] = frozenset({"i", "j", "best"})

    def __init__(self) -> None:
        self._ints = set(self.ints)
        self._declared: set[str] = set()
        self._often: set[str] = set()

    # What a language says

    @abstractmethod
    def name(self, name: str) -> str:
        """Return what a name is called."""

    @abstractmethod
    def number(self, value: float) -> str:
        """Return a constant."""

    @abstractmethod
    def comment(self, text: str) -> list[str]:
        """Return the lines of a comment."""

    @abstractmethod
    def head(self, function: ast.FunctionDef, arguments: Sequence[tuple[str, bool]], whole: bool) -> str:
        """Return how a function begins: its arguments, with whether each is a whole number, and whether it is one."""

    @abstractmethod
    def declared(self, name: str, value: str, whole: bool, changes: bool) -> str:
        """Return the statement that makes a variable."""

    @abstractmethod
    def loop(self, variable: str, count: str) -> str:
        """Return how a loop from 0 to a count begins."""

    def choice(self, condition: str, yes: str, no: str) -> str:
        """Return a choice between two values."""
        return f"{condition} ? {yes} : {no}"

    def branch(self, condition: str) -> str:
        """Return how a branch begins."""
        return f"if ({condition}) {{"

    end: str | None = "}"
    stop: str = ";"

    def call(self, function: str, arguments: list[str]) -> str:
        """Return a call."""
        return f"{self.name(function)}({', '.join(arguments)})"

    def item(self, array: str, places: list[str]) -> str:
        """Return a number of an array."""
        return self.name(array) + "".join(f"[{place}]" for place in places)

    def operation(self, sign: str, left: str, right: str) -> str:
        """Return an operation on floats."""
        return f"{self.wraps}({self.joined(sign, left, right)})" if self.wraps else self.joined(sign, left, right)

    def joined(self, sign: str, left: str, right: str) -> str:
        """Return two operands with a sign between them."""
        return f"{left} {sign} {right}"

    def assigned(self, name: str, value: str) -> str:
        """Return an assignment to what there is."""
        return f"{name} = {value}{self.stop}"

    def chosen(self, first: str, later: str, value: ast.IfExp) -> list[str]:
        """Return the statements that make something of one of two values.

        first, later : what stands before the value, and after it
        """
        return [first + self.expression(value) + later]

    # How it is said

    def function(self, node: ast.FunctionDef) -> list[str]:
        """Return the lines of a function."""
        arguments = [(argument.arg, _whole(argument.annotation)) for argument in node.args.args]
        self.begin({name for name, whole in arguments if whole}, {name for name, _ in arguments}, node)
        body = [statement for place, statement in enumerate(node.body) if place or not isinstance(statement, ast.Expr)]
        lines = [*self.comment(ast.get_docstring(node) or ""), self.head(node, arguments, _whole(node.returns))]
        lines += self.indented(self.block(body))
        return [*lines, *([self.end] if self.end else [])]

    def begin(self, whole: set[str], known: set[str], tree: ast.AST) -> None:
        """Forget the variables of the function before."""
        self._ints = {*self.ints, *whole}
        self._declared = set(known)
        names = [
            target.id
            for node in ast.walk(tree)
            if isinstance(node, (ast.Assign, ast.AnnAssign))
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        ]
        self._often = {name for name in names if names.count(name) > 1}

    def indented(self, lines: list[str]) -> list[str]:
        """Return lines one step further in."""
        return [self.indent + line if line else line for line in lines]

    def block(self, statements: Sequence[ast.stmt]) -> list[str]:
        """Return the lines of some statements."""
        return [line for statement in statements for line in self.statement(statement)]

    def statement(self, node: ast.stmt) -> list[str]:  # noqa: PLR0911  (one for each kind)
        """Return the lines of a statement."""
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                return self.comment(text)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._ints.add(name)
                return self._assign(name, value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return self._assign(name, value)
            case ast.Assign(targets=[ast.Subscript() as place], value=value):
                return [self.assigned(self.expression(place), self.expression(value))]
            case ast.For(target=ast.Name(id=name), iter=ast.Call(args=[count])):
                inner = self._inner(node.body)
                return [self.loop(name, self.expression(count)), *inner, *([self.end] if self.end else [])]
            case ast.If(test=test, body=body):
                inner = self._inner(body)
                return [self.branch(self.expression(test)), *inner, *([self.end] if self.end else [])]
            case ast.Return(value=ast.IfExp() as value):
                return self.chosen("return ", self.stop, value)
            case ast.Return(value=ast.expr() as value):
                return [f"return {self.expression(value)}{self.stop}"]
        raise TypeError(f"no language has a word for {ast.dump(node)}")

    def _inner(self, statements: Sequence[ast.stmt]) -> list[str]:
        """Return the lines of a block, whose variables are its own."""
        known = set(self._declared)
        lines = self.indented(self.block(statements))
        self._declared = known
        return lines

    def _assign(self, name: str, value: ast.expr) -> list[str]:
        shown, whole = self.name(name), name in self._ints
        if name in self._declared:
            if isinstance(value, ast.IfExp):
                return self.chosen(f"{shown} = ", self.stop, value)
            return [self.assigned(shown, self.expression(value))]
        self._declared.add(name)
        if isinstance(value, ast.IfExp):
            first, later = self.declared(name, "\0", whole, name in self._often).split("\0")
            return self.chosen(first, later, value)
        return [self.declared(name, self.expression(value), whole, name in self._often)]

    def expression(self, node: ast.expr) -> str:  # noqa: PLR0911  (one for each kind)
        """Return an expression."""
        match node:
            case ast.Constant(value=int(value)):
                return str(value)
            case ast.Constant(value=float(value)):
                return self.number(value)
            case ast.Name(id=name):
                return self.name(name)
            case ast.Subscript():
                array, places = _indexed(node)
                return self.item(array, [self.expression(place) for place in places])
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, [self.expression(argument) for argument in arguments])
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.choice(*(self.expression(part) for part in (test, body, other)))
            case ast.Compare(left=left, ops=[sign], comparators=[right]):
                return f"{self.expression(left)} {_SIGNS[type(sign)]} {self.expression(right)}"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                constant = _constant(node)
                shown = self.expression(operand)
                return self.number(constant) if constant is not None else f"-{shown}"
            case ast.BinOp():
                return self._operation(node)
        raise TypeError(f"no language has a word for {ast.dump(node)}")

    def _operation(self, node: ast.BinOp) -> str:
        constant = _constant(node)
        if constant is not None:
            return self.number(constant)
        sign = _SIGNS[type(node.op)]
        whole = self._is_whole(node)
        left, right = self._operand(node, node.left, first=True), self._operand(node, node.right, first=False)
        return self.joined(sign, left, right) if whole else self.operation(sign, left, right)

    def _operand(self, parent: ast.BinOp, node: ast.expr, *, first: bool) -> str:
        shown = self.expression(node)
        if not isinstance(node, ast.BinOp) or _constant(node) is not None:
            return shown
        if self.wraps and not self._is_whole(node):
            return shown
        if isinstance(parent.op, _SUM) and (isinstance(node.op, _PRODUCT) or (first and isinstance(node.op, _SUM))):
            return shown
        if isinstance(parent.op, _PRODUCT) and first and isinstance(node.op, _PRODUCT):
            return shown
        return f"({shown})"

    def _is_whole(self, node: ast.expr) -> bool:
        match node:
            case ast.Constant(value=value):
                return isinstance(value, int)
            case ast.Name(id=name):
                return name in self._ints
            case ast.Call(func=ast.Name(id=name)):
                return name == "bits"
            case ast.BinOp(left=left, right=right):
                return self._is_whole(left) and self._is_whole(right) and not isinstance(node.op, ast.Div)
            case ast.UnaryOp(operand=operand):
                return self._is_whole(operand)
        return False


def _whole(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "i32"


def _constant(node: ast.expr) -> float | None:
    """Return the value of a constant of constants, not yet rounded to 32 bits; None for whole numbers and the rest."""
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=float(value))):
            return -value
        case ast.BinOp(left=ast.Constant(value=int(top)), op=ast.Div(), right=ast.Constant(value=int(bottom))):
            return top / bottom
    return None


def _indexed(node: ast.Subscript) -> tuple[str, list[ast.expr]]:
    """Return the array, and the places in it."""
    inner: ast.expr = node
    places: list[ast.expr] = []
    while isinstance(inner, ast.Subscript):
        places.insert(0, inner.slice)
        inner = inner.value
    return inner.id if isinstance(inner, ast.Name) else "", places
