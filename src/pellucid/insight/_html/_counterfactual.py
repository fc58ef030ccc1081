"""The least change to another answer, in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.drawing import figure, page, sentence, table

if TYPE_CHECKING:
    from pellucid.insight._counterfactual import Counterfactual
    from pellucid.insight._flips import Change

__all__ = ["counterfactual_html"]

_HEAD = ("neuron", "activation", "would have to be", "change", "answer then", "within its reach")


def counterfactual_html(found: Counterfactual) -> str:
    """Return a counterfactual as HTML: the smallest change, then the smallest of each layer."""
    title = f"The answer is {found.name}; with one neuron changed as little as it takes"
    if found.best is None:
        return page(title, sentence("No change of one neuron, within the bounds of the search, gives another answer."))
    each = [change for layer in found.layers.values() for change in (layer.reachable, layer.smallest)]
    others = dict.fromkeys(change for change in each if change is not None and change != found.best)
    none = [name for name, layer in found.layers.items() if layer == (None, None)]
    told = f"None was found in {', '.join(none)}." if none else None
    return page(
        title,
        sentence(str(found.best), "."),
        table(_HEAD, [_row(found.best), *map(_row, others)], told),
    )


def _row(change: Change) -> list[object]:
    moved = figure(change.change, signed=True)
    arrow = "▲" if change.change > 0 else "▼"
    name = f"{change.layer}/node_{change.node}"
    reach = "yes" if change.reachable else "no: its function never gives it"
    return [name, change.before, change.after, f"{arrow} {moved}", str(change.name), reach]
