"""Layers: each returns its output and the way back."""

from pellucid.core.layers._dense import DensePass, dense
from pellucid.core.layers._dropout import dropout, dropout_mask

__all__ = ["DensePass", "dense", "dropout", "dropout_mask"]
