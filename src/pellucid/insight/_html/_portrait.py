"""Portraits of neurons in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pellucid.drawing import (
    SIGNS,
    Html,
    facts,
    figure,
    histograms,
    image,
    page,
    part,
    sentence,
    side_of,
    table,
    thumbnails,
)
from pellucid.insight._html._pictures import largest_bars, signed_image

if TYPE_CHECKING:
    from pellucid.insight._ablation import Ablation
    from pellucid.insight._portrait import Examples, Portrait

__all__ = ["portrait_html"]


def portrait_html(portrait: Portrait) -> str:
    """Return a portrait as HTML: weights, what excites it, how it is spread over the classes, what it is worth."""
    told = facts(
        {
            "bias": portrait.bias,
            "active (a > 0)": f"{portrait.active:.1%} of rows",
            "saturated": None if portrait.saturated is None else f"{portrait.saturated:.1%} of rows",
        }
    )
    counts = histograms(portrait.edges, portrait.counts, portrait.classes, "Histogram of its activations by class")
    note = "Each class is as tall as its own greatest count; how many rows it has stands at its right."
    return page(
        f"{portrait.layer}/node_{portrait.node}: {len(portrait.weights):,} weights",
        told,
        *_weights(portrait),
        part("What excites it most", _examples(portrait, portrait.most)),
        part("… and least", _examples(portrait, portrait.least)),
        part("Its activations, by class", counts, sentence(note, class_="note")),
        _without(portrait, portrait.ablation),
    )


def _weights(portrait: Portrait) -> list[Html]:
    side = side_of(len(portrait.weights)) if portrait.of_inputs and portrait.features is None else None
    if side is not None:
        drawn = signed_image(portrait.weights, side, "weights")
        return [thumbnails(drawn), sentence(SIGNS, class_="note")]
    named = portrait.features if portrait.of_inputs else None
    what = "input" if portrait.of_inputs else "node"
    names = named or [f"{what}_{i + (what == 'node')}" for i in range(len(portrait.weights))]
    return [part("Its largest weights", largest_bars(portrait.weights, names, "weight"))]


def _examples(portrait: Portrait, some: Examples) -> Html:
    """Return rows as images, if they may be images, else as a table."""
    told = list(zip(some.rows.tolist(), some.activations.tolist(), strict=True))
    side = None if some.inputs is None or portrait.features is not None else side_of(some.inputs.shape[1])
    if side is None or some.inputs is None:
        return table(["row", "activation"], [[f"{row:,}", a] for row, a in told])
    pairs = zip(told, some.inputs, strict=True)
    drawn = (
        image(np.asarray(x).reshape(side, side), f"row {row}", size=56, caption=f"row {row}: {figure(a, 4)}")
        for (row, a), x in pairs
    )
    return thumbnails(*drawn, small=True)


def _without(portrait: Portrait, cut: Ablation | None) -> Html | None:
    if cut is None:
        return None
    rows: list[list[object]] = [["all rows", cut.whole, cut.without, figure(cut.effect, signed=True)]]
    by_class = zip(portrait.classes, cut.class_whole.tolist(), cut.class_without.tolist(), strict=False)
    rows += [[str(name), a, b, figure(b - a, signed=True)] for name, a, b in by_class]
    return part("With the neuron silenced", table(["", cut.measure, "without it", "change"], rows))
