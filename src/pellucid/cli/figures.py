"""Figures that a network is measured by, as they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pellucid.cli.screen import percent

if TYPE_CHECKING:
    from pellucid.network import Network

__all__ = ["figure", "figure_label"]


def figure_label(name: str, network: Network) -> str:
    """Return what a figure is called; a loss of targets brought to the scale 1 is not in their units."""
    output = network.spec.output
    own = output.scale is None or (output.scale == 1.0 and output.shift == 0.0)
    return name if own or name != "loss" else "loss (standardised)"


def figure(name: str, value: float) -> str:
    """Return a figure as it is shown.

    Examples
    --------
    >>> figure("accuracy", 0.93), figure("r2", -0.5), figure("loss", 0.25)
    ('93.0 %', '−0.50000', '0.25')
    """
    if name == "accuracy":
        return percent(value)
    if name == "r2":
        return "> 0.99999" if 0.999995 <= value < 1 else f"{value:.5f}".replace("-", "−")
    return f"{value:.4g}"
