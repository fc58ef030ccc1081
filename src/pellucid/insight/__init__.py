"""Insight: what the numbers of a network and of a run say. Traces, receipts, why, ledgers, diagnoses."""

from pellucid.insight._compare import Comparison, compare
from pellucid.insight._counterfactual import Counterfactual, counterfactual
from pellucid.insight._formula import Formula, Line
from pellucid.insight._influence import Influence, influence
from pellucid.insight._layer_trace import LayerTrace
from pellucid.insight._ledger import Ledger, ledger
from pellucid.insight._names import input_names, input_place, node_place, output_names
from pellucid.insight._neuron_view import NeuronView
from pellucid.insight._portrait import Portrait, portrait, portraits
from pellucid.insight._receipt import Receipt, Update, receipt
from pellucid.insight._trace import Trace, trace
from pellucid.insight._why import Why, why
from pellucid.insight.diagnosis import Diagnosis, Finding, Suspect, diagnose_network, diagnose_run

__all__ = [
    "Comparison",
    "Counterfactual",
    "Diagnosis",
    "Finding",
    "Formula",
    "Influence",
    "LayerTrace",
    "Ledger",
    "Line",
    "NeuronView",
    "Portrait",
    "Receipt",
    "Suspect",
    "Trace",
    "Update",
    "Why",
    "compare",
    "counterfactual",
    "diagnose_network",
    "diagnose_run",
    "influence",
    "input_names",
    "input_place",
    "ledger",
    "node_place",
    "output_names",
    "portrait",
    "portraits",
    "receipt",
    "trace",
    "why",
]
