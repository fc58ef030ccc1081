"""What a run's steps say, in a notebook: ledgers, influence, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pellucid.drawing import Html, Series, bars, chart, facts, page, part, sentence, sum_bars, table
from pellucid.insight._series import apart_by_layer, class_sums, value_by_step, weight_name

if TYPE_CHECKING:
    from pellucid.insight._compare import Comparison
    from pellucid.insight._influence import Influence
    from pellucid.insight._ledger import Ledger

__all__ = ["comparison_html", "influence_html", "ledger_html"]

Rows = tuple[tuple[int, float], ...]


def ledger_html(ledger: Ledger) -> str:
    """Return a ledger as HTML: its sum, the weight's way, what each class added, whose rows moved it most."""
    top, whole = ledger.top(), float(np.abs(ledger.by_example).sum())
    way = [part("The weight, step by step", chart([value_by_step(ledger)], "The weight by step", x="step"))]
    if ledger.by_class is not None and len(ledger.by_step):
        sums = chart(class_sums(ledger), "What the examples of some classes added up to, by step", x="step")
        way.append(part("What the examples of the most moving classes added up to", sums))
    return page(
        f"Ledger of {weight_name(ledger)}, from step {ledger.first:,} to step {ledger.last:,}",
        part("As a sum", _sum(ledger)),
        *(way if len(ledger.by_step) else []),
        part("Rows that moved it most, upwards", _rows(top.up, ledger, whole)) if top.up else None,
        part("… and downwards", _rows(top.down, ledger, whole)) if top.down else None,
        sentence(ledger.rule, class_="note"),
    )


def _sum(ledger: Ledger) -> Html:
    rows = [(f"at step {ledger.first}", ledger.value_first), *ledger.told()]
    frozen = f"frozen in {ledger.frozen_steps} of {len(ledger.by_step)} steps" if ledger.frozen_steps else None
    last = (f"at step {ledger.last}", ledger.value_last)
    return sum_bars(rows, ledger.totals["rounding"], last, head=("", "weight"), caption=frozen)


def _rows(rows: Rows, of: Ledger | Influence, whole: float) -> Html:
    """Return rows of X as bars, with class and share."""
    told = [(_named(row, of.labels, of.names) + f", {abs(far) / whole:.2%} of all", far) for row, far in rows]
    return bars(told)


def _named(row: int, labels: NDArray[Any] | None, names: tuple[str | int, ...]) -> str:
    return f"row {row:,}" if labels is None else f"row {row:,}, class {names[labels[row]]}"


def influence_html(influence: Influence) -> str:
    """Return influence as HTML: the loss's change and what the scores say of it, who helped, who hurt."""
    whole = float(np.abs(influence.scores).sum())
    told = facts(
        {
            "loss of the prediction, before": influence.loss_first,
            "… and after": influence.loss_last,
            "its change": influence.actual_change,
            "its change by these scores": influence.predicted_change,
            "steps looked at": f"{len(influence.steps):,} of {influence.of_steps:,}",
        }
    )
    helped, hurt = influence.helped(), influence.hurt()
    return page(
        f"Influence of {len(influence.scores):,} examples on one prediction",
        told,
        part("Helped most", _rows(helped, influence, whole)) if helped else None,
        part("Hurt most", _rows(hurt, influence, whole)) if hurt else None,
        sentence(influence.rule, class_="note"),
    )


def comparison_html(comparison: Comparison) -> str:
    """Return a comparison as HTML: where and why two runs part, and how far each layer goes."""
    if comparison.parted is None:
        return page("Two runs", sentence(f"They are the same, bit by bit, up to step {comparison.until:,}."))
    reasons = [sentence(f"• {reason}") for reason in comparison.because] or [sentence("Nothing recorded tells why.")]
    series: list[Series] = apart_by_layer(comparison)
    drawn = chart(series, "How far the neurons of each layer are apart, by step", x="step", y="√(mean Δ²)")
    return page(
        f"Two runs that part at step {comparison.parted:,}",
        part("Because of", *reasons),
        part("Layers", table(_HEAD, [_layer(comparison, name) for name in comparison.apart])),
        part("How far apart", drawn),
    )


_HEAD = ("layer", "first differs at step", "√(mean Δ²) at the end", "farthest neuron", "… and how far")


def _layer(comparison: Comparison, name: str) -> list[object]:
    apart, first = comparison.apart[name][-1], comparison.first[name]
    begun = int(first[first >= 0].min()) if (first >= 0).any() else "not in the steps looked at"
    far = int(apart.argmax())
    return [name, begun, float(np.sqrt((apart**2).mean())), f"node_{far + 1}", float(apart[far])]
