"""Contributions as a table with bars, whose rows, as they are written, add up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pellucid.cli.neuron import WIDE
from pellucid.cli.screen import left_over, signed, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from pellucid.insight._bars import View
    from pellucid.network import Network

__all__ = ["bars_table", "names_in"]

_BARS: Final = 10  # largest contributions shown
_LONGEST, _SHORTEST = 24, 6  # columns of a bar


def bars_table(network: Network, view: View, total: str, screen: Console) -> Table:
    """Return the largest contributions, each with a bar, and all the others; as they are written, they add up."""
    names = names_in(network, view, short=screen.width < WIDE)
    largest = [bar for bar in view.largest(_BARS) if bar.contribution]
    rows = [(names[bar.at], bar.contribution) for bar in largest]
    rows += [(_label(name), value) for name, value in list(view.rows(len(largest)))[len(largest) : -2]]
    rest = left_over(view.difference, [value for _, value in rows])
    if rest:
        rows.append(("rounding", rest))
    longest = screen.width - max(len(name) for name, _ in rows) - len(signed(view.difference)) - 6
    most = max((abs(bar.contribution) for bar in largest), default=1.0)
    with_bars = longest >= _SHORTEST
    made = table(["contribution of", "", *([" "] if with_bars else [])], left=["contribution of", " "])
    for place, (name, value) in enumerate(rows):
        share = value / most * min(longest, _LONGEST) if place < len(largest) else 0.0
        made.add_row(name, signed(value), *([_bar(share, screen)] if with_bars else []))
    made.add_section()
    made.add_row(total, signed(view.difference), style="bold")
    return made


def names_in(network: Network, view: View, *, short: bool = False) -> list[str]:
    """Return what the inputs, or the neurons of a layer, are called elsewhere in this command."""
    from pellucid.cli.sources import names_of_inputs

    if view.place == "input":
        return names_of_inputs(network, next(iter(network)), short=short)
    return [f"{view.place}/{name}" for name in view.names]


def _label(name: str) -> str:
    return "an empty image alone" if name == "the baseline's own" else name


def _bar(share: float, screen: Console) -> Text:
    """Return a bar, in the colours of the pictures, or with their characters."""
    from rich.text import Text

    from pellucid.cli.pictures import NEGATIVE, POSITIVE, in_colour

    length = round(abs(share))
    if not in_colour(screen):
        return Text(("#" if share > 0 else "=") * length)
    return Text("█" * length, f"rgb({','.join(str(part) for part in (POSITIVE if share > 0 else NEGATIVE))})")
