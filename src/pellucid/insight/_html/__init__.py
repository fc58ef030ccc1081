"""How insight shows itself in a notebook: one file for each kind of thing."""

from pellucid.insight._html._counterfactual import counterfactual_html
from pellucid.insight._html._diagnosis import diagnosis_html
from pellucid.insight._html._formula import formula_html, receipt_html
from pellucid.insight._html._neuron import neuron_html
from pellucid.insight._html._portrait import portrait_html
from pellucid.insight._html._runs import comparison_html, influence_html, ledger_html
from pellucid.insight._html._trace import layer_html, trace_html
from pellucid.insight._html._why import view_html, why_html

__all__ = [
    "comparison_html",
    "counterfactual_html",
    "diagnosis_html",
    "formula_html",
    "influence_html",
    "layer_html",
    "ledger_html",
    "neuron_html",
    "portrait_html",
    "receipt_html",
    "trace_html",
    "view_html",
    "why_html",
]
