"""The front door: networks, their runs, and a look at any moment of them."""

from pellucid.network._network import Network
from pellucid.network._run import Callback, Moment, Run
from pellucid.network._summary import Summary
from pellucid.network._views import LayerView, NodeView

__all__ = ["Callback", "LayerView", "Moment", "Network", "NodeView", "Run", "Summary"]
