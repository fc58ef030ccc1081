"""One weight of a run: how the next step makes it new, and how it came to what it is."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final, final

from pellucid.cli.neuron import WIDE
from pellucid.cli.screen import left_over, note, signed, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from pellucid.insight import Ledger, Receipt
    from pellucid.network import Moment, Run

__all__ = ["Weight"]

_TRIED: Final = 16  # steps followed to learn how long one takes
_SOON: Final = 1.0  # seconds of which nothing is said
_MOVERS: Final = 3  # rows that moved it most, up and down
_OTHERS: Final = {
    "l1": "penalty l1",
    "l2": "penalty l2",
    "decay": "weight decay",
    "before": "from before",
    "optimizer": "optimiser, without gradient",
    "by hand": "changes by hand",
}


@final
@dataclass(frozen=True)
class Weight:
    """A weight, or with place None a bias, at a moment of a run."""

    run: Run
    moment: Moment
    layer: str
    node: int
    place: int | None

    def receipt(self) -> Receipt:
        """Return the chain from the loss to the new value."""
        return self.moment.trace().receipt(self.layer, self.node, self.place)

    def ledger(self) -> Ledger | None:
        """Return how it came to what it is, after saying how long that takes; None at the start."""
        step = self.moment.step
        if not step:
            return None
        tried = min(_TRIED, step)
        begun = time.perf_counter()
        self.run.ledger(self.layer, self.node, self.place, first=step - tried, last=step)
        seconds = (time.perf_counter() - begun) / tried * step
        if seconds > _SOON:
            note(f"the weight is followed through {step:,} steps, which takes about {math.ceil(seconds)} s.")
        return self.run.ledger(self.layer, self.node, self.place, first=0, last=step)

    def show(self, screen: Console) -> None:
        """Print the receipt, then the ledger in brief."""
        receipt = self.receipt()
        name = f"{self.layer}/node_{self.node}, {self._what(short=screen.width < WIDE)}"
        old, new = (signed(value) for value in (receipt.old, receipt.new or 0.0))
        screen.print(f"\n{name}", style="bold")
        screen.print(f"Step {self.moment.step + 1:,} makes {new} of {old}.")
        for heading, part in receipt.parts:
            screen.print(f"\n{heading}", style="bold")
            for one in part.lines:
                for line in wrap(one.text(), max(20, screen.width), initial_indent="  ", subsequent_indent="      "):
                    screen.print(line, soft_wrap=True)
        ledger = self.ledger()
        if ledger is not None:
            _show_ledger(ledger, screen)

    def _what(self, *, short: bool) -> str:
        """Return which number of the neuron it is."""
        from pellucid.cli.sources import names_of_inputs

        if self.place is None:
            return "bias"
        names = names_of_inputs(self.moment.network, self.layer, short=short)
        return f"weight of {names[self.place]}"

    def as_json(self) -> dict[str, Any]:
        """Return both as JSON."""
        receipt, ledger = self.receipt(), self.ledger()
        return {
            "receipt": {
                "name": receipt.name,
                "sample": receipt.sample,
                "gradient": receipt.gradient,
                "old": receipt.old,
                "new": receipt.new,
                "parts": [
                    {"heading": heading, "lines": [one.text() for one in part.lines]} for heading, part in receipt.parts
                ],
            },
            "ledger": None if ledger is None else _ledger_as_json(ledger),
        }


def _parts(ledger: Ledger) -> Iterator[tuple[str, float]]:
    """Yield what added to the weight: the examples of each class, or all of them, and what else there is."""
    if ledger.by_class is None:
        yield "examples", ledger.totals["examples"]
    else:
        yield from (
            (f"examples of {name}", float(far)) for name, far in zip(ledger.names, ledger.by_class, strict=True)
        )
    yield from ((told, ledger.totals[name]) for name, told in _OTHERS.items() if ledger.totals[name])


def _show_ledger(ledger: Ledger, screen: Console) -> None:
    """Print the journey as a sum whose rows, as they are written, add up, and the rows of X that moved most."""
    made = table(["how it came there", ""], left=["how it came there"])
    rows = [(f"at step {ledger.first:,}", ledger.value_first), *_parts(ledger)]
    rest = left_over(ledger.value_last, [value for _, value in rows])
    for label, value in [*rows, *([("rounding", rest)] if rest else [])]:
        made.add_row(label, signed(value))
    made.add_section()
    made.add_row(f"at step {ledger.last:,}", signed(ledger.value_last), style="bold")
    screen.print()
    screen.print(made)
    screen.print()
    screen.print(_movers_table(ledger))
    screen.print(f"\n{ledger.rule}", style="dim")


def _movers_table(ledger: Ledger) -> Table:
    """Return the rows of X that moved it most, up and down."""
    made = table(["row of X", *([] if ledger.labels is None else ["class"]), "moved it by"], left=["class"])
    top = ledger.top(_MOVERS)
    for movers in (top.up, top.down):
        for row, far in movers:
            named = [] if ledger.labels is None else [str(ledger.names[ledger.labels[row]])]
            made.add_row(f"{row:,}", *named, signed(far))
        made.add_section()
    return made


def _ledger_as_json(ledger: Ledger) -> dict[str, Any]:
    by_class = ledger.by_class
    return {
        "first": ledger.first,
        "last": ledger.last,
        "value_first": ledger.value_first,
        "value_last": ledger.value_last,
        "by_class": None
        if by_class is None
        else {str(name): float(far) for name, far in zip(ledger.names, by_class, strict=True)},
        "totals": ledger.totals,
        "most_up": [list(mover) for mover in ledger.top(_MOVERS).up],
        "most_down": [list(mover) for mover in ledger.top(_MOVERS).down],
        "rule": ledger.rule,
    }
