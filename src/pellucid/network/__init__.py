"""The front door: networks, their runs, and a look at any moment of them."""

from pellucid.network._breakpoints import Breakpoint, Condition
from pellucid.network._edits import Changes
from pellucid.network._moment import Moment
from pellucid.network._network import Network
from pellucid.network._run import Callback, Run
from pellucid.network._summary import Summary
from pellucid.network._views import LayerView, NodeView

__all__ = [
    "Breakpoint",
    "Callback",
    "Changes",
    "Condition",
    "LayerView",
    "Moment",
    "Network",
    "NodeView",
    "Run",
    "Summary",
]
