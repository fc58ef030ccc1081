"""The summary: a network as a table, for a terminal or a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, final

from pellucid.core import Cost, Dropout, Spec, cost_of

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Summary"]


@final
class Summary:
    """A table of a network's layers; shows itself in a terminal, a notebook, or through rich.

    Attributes
    ----------
    rows : list of (layer, kind, output width, activation, parameters), and with the cost bytes and multiplications
    cost : what one row through the network costs

    Examples
    --------
    >>> from pellucid import Network
    >>> Network([784, 32, 10]).summary().rows[1]
    ('layer_1', 'dense', 32, 'relu', 25120)
    >>> Network([784, 32, 10]).summary(cost=True).rows[1]
    ('layer_1', 'dense', 32, 'relu', 25120, 100480, 25088)
    """

    def __init__(self, spec: Spec, *, cost: bool = False) -> None:
        self._spec, self._costs, self.cost = spec, cost, cost_of(spec)
        self.columns = ("layer", "kind", "width", "activation", "parameters", *(("bytes", "mult-adds") if cost else ()))
        self.rows: list[tuple[str | int, ...]] = []
        self._add("input", _scaling(spec), spec.input.width, "", Cost(0, 0, 0, 0))
        names, width = iter(spec.names), spec.input.width
        for layer in spec.layers:
            if isinstance(layer, Dropout):
                self._add("", f"dropout {layer.rate:g}", width, "", Cost(0, 0, 0, 0))
            else:
                name, width = next(names), layer.width
                self._add(name, "dense", width, str(layer.activation or "identity"), cost_of(spec, name))

    def _add(self, layer: str, kind: str, width: int, activation: str, cost: Cost) -> None:
        costs = (cost.bytes, cost.macs) if self._costs else ()
        self.rows.append((layer, kind, width, activation, cost.parameters, *costs))

    @property
    def total(self) -> str:
        """The closing line, or lines."""
        spec, cost = self._spec, self.cost
        line = f"{spec.n_parameters:,} parameters, {spec.dtype}; loss {spec.loss.name}"
        if not self._costs:
            return line
        return (
            f"{line}\n{cost.bytes:,} bytes; a row takes {cost.macs:,} mult-adds and {cost.scratch:,} bytes of scratch"
        )

    def __rich__(self) -> Table:
        from rich.table import Table

        table = Table(caption=self.total, caption_justify="left")
        for name in self.columns:
            table.add_column(name, justify="left" if name in {"layer", "kind", "activation"} else "right")
        for row in self.rows:
            table.add_row(*map(_shown, row))
        return table

    def __repr__(self) -> str:
        from rich.console import Console

        console = Console(width=100, color_system=None, force_jupyter=False)
        with console.capture() as capture:
            console.print(self)
        return capture.get().rstrip()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(_shown(cell))}</td>" for cell in row) + "</tr>" for row in self.rows
        )
        return f"<table><caption>{escape(self.total).replace(chr(10), '<br>')}</caption><tr>{head}</tr>{body}</table>"


def _shown(cell: str | int) -> str:
    return (f"{cell:,}" if cell else "") if isinstance(cell, int) else cell


def _scaling(spec: Spec) -> str:
    parts = []
    if spec.input.shift != 0.0:
        parts.append("shifted")
    if isinstance(spec.input.scale, tuple):
        parts.append("scaled")
    elif spec.input.scale != 1.0:
        parts.append(f"× {spec.input.scale:.6g}")
    return " ".join(parts)
