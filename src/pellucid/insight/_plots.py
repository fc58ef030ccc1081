"""Plots of what insight finds, on axes of Matplotlib's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pellucid.core import activation_of
from pellucid.drawing import Series, plot_bars, plot_histograms, plot_series
from pellucid.errors import RunError, SettingError
from pellucid.insight._series import apart_by_layer, value_by_step, weight_name

if TYPE_CHECKING:
    from pellucid.insight._bars import View
    from pellucid.insight._compare import Comparison
    from pellucid.insight._layer_trace import LayerTrace
    from pellucid.insight._ledger import Ledger
    from pellucid.insight._neuron_view import NeuronView
    from pellucid.insight._portrait import Portrait

__all__ = ["comparison_plot", "ledger_plot", "neuron_plot", "portrait_plot", "view_plot"]

_POINTS: Final = 201
_LEAST_REACH: Final = 4.0


def neuron_plot(neuron: NeuronView, layer: LayerTrace, ax: Any) -> Any:
    """Draw the activation function, with the neuron's point (z, a) on it."""
    if layer.trace.rows != 1:
        raise SettingError(f"A point is of one row; the trace has {layer.trace.rows}. Take one, with trace.sample(0).")
    z, a = float(np.ravel(neuron.z)[0]), float(np.ravel(neuron.a)[0])
    reach = max(_LEAST_REACH, 1.25 * abs(z))
    place = layer.trace.spec.names.index(layer.name)
    function = activation_of(layer.trace.spec.dense[place].activation or "identity").function
    grid = np.linspace(-reach, reach, _POINTS)
    with np.errstate(all="ignore"):
        values = np.asarray(function(grid[np.newaxis].copy()))[0]
    curve = Series(layer.activation, grid, values)
    return plot_series([curve], ax, title=neuron.name, x="z", y="a", point=(z, a))


def view_plot(view: View, title: str, ax: Any) -> Any:
    """Draw what makes up a difference as bars; all of them, with the rounding, add up to it."""
    return plot_bars(list(view.rows())[:-1], ax, title=title, x=f"contribution; sum {view.difference:+.6g}")


def portrait_plot(portrait: Portrait, ax: Any) -> Any:
    """Draw the histogram of a neuron's activations, the classes one upon another."""
    title = f"{portrait.layer}/node_{portrait.node}"
    return plot_histograms(portrait.edges, portrait.counts, portrait.classes, ax, title=title, x="activation")


def ledger_plot(ledger: Ledger, ax: Any) -> Any:
    """Draw a weight's value at each step."""
    return plot_series([value_by_step(ledger)], ax, title=weight_name(ledger), x="step", y="weight")


def comparison_plot(comparison: Comparison, ax: Any) -> Any:
    """Draw how far the layers of two runs are apart, by step."""
    if comparison.parted is None:
        raise RunError(f"The runs are the same up to step {comparison.until}; there is nothing apart to be drawn.")
    title = f"Runs that part at step {comparison.parted}"
    return plot_series(apart_by_layer(comparison), ax, title=title, x="step", y="√(mean Δ²)")
