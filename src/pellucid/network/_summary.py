"""The summary: a network as a table, for a terminal or a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, final

from pellucid.core import Dropout, Spec

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["Summary"]


@final
class Summary:
    """A table of a network's layers; shows itself in a terminal, a notebook, or through rich.

    Attributes
    ----------
    rows : list of (layer, kind, output width, activation, parameters)

    Examples
    --------
    >>> from pellucid import Network
    >>> Network([784, 32, 10]).summary().rows[1]
    ('layer_1', 'dense', 32, 'relu', 25120)
    """

    COLUMNS = ("layer", "kind", "width", "activation", "parameters")

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.rows: list[tuple[str, str, int, str, int]] = [("input", _scaling(spec), spec.input.width, "", 0)]
        dense = iter(zip(spec.names, spec.shapes, strict=True))
        for layer in spec.layers:
            if isinstance(layer, Dropout):
                self.rows.append(("", f"dropout {layer.rate:g}", self.rows[-1][2], "", 0))
            else:
                name, (n_out, n_in) = next(dense)
                self.rows.append((name, "dense", n_out, str(layer.activation or "identity"), n_out * (n_in + 1)))

    @property
    def total(self) -> str:
        """The closing line."""
        spec = self._spec
        return f"{spec.n_parameters:,} parameters, {spec.dtype}; loss {spec.loss.name}"

    def __rich__(self) -> Table:
        from rich.table import Table

        table = Table(caption=self.total, caption_justify="left")
        for name in self.COLUMNS:
            table.add_column(name, justify="right" if name in {"width", "parameters"} else "left")
        for layer, kind, width, activation, count in self.rows:
            table.add_row(layer, kind, f"{width:,}", activation, f"{count:,}" if count else "")
        return table

    def __repr__(self) -> str:
        from rich.console import Console

        console = Console(width=100, color_system=None, force_jupyter=False)
        with console.capture() as capture:
            console.print(self)
        return capture.get().rstrip()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self.COLUMNS)
        body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in self.rows)
        return f"<table><caption>{escape(self.total)}</caption><tr>{head}</tr>{body}</table>"


def _scaling(spec: Spec) -> str:
    parts = []
    if spec.input.shift != 0.0:
        parts.append("shifted")
    if isinstance(spec.input.scale, tuple):
        parts.append("scaled")
    elif spec.input.scale != 1.0:
        parts.append(f"× {spec.input.scale:.6g}")
    return " ".join(parts)
