"""HTML for notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pellucid.insight._receipt import Receipt
    from pellucid.insight._trace import NeuronView, Trace


def trace_html(trace: Trace) -> str:
    return repr(trace)


def neuron_html(neuron: NeuronView) -> str:
    return repr(neuron)


def receipt_html(receipt: Receipt) -> str:
    return repr(receipt)
