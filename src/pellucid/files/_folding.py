"""Layers in the making: what a foreign model does, step after step, is folded into as few layers as there can be."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Dense, Dropout, Layer
from pellucid.errors import SettingError, ShapeError

__all__ = ["Folding"]

Array = NDArray[Any]


@final
class _Made:
    """A layer in the making: its numbers in float64, its activation, and the rate of the dropout behind it."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W.astype(np.float64), b.astype(np.float64)
        self.activation: str | None = None
        self.drop = 0.0


@final
class Folding:
    """Layers of ours that compute what was asked for so far.

    A scaling goes into the weights of the layer before, as long as that has no activation; else it waits for those of
    the layer behind.

    Parameters
    ----------
    width : int
        Number of inputs.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._layers: list[_Made] = []
        self._waiting: tuple[Array, Array] | None = None
        self._drop_of_inputs = 0.0

    def linear(self, W: Array, b: Array) -> None:
        """Go on with W·x + b; W of shape (n_out, n_in)."""
        if W.ndim != 2 or W.shape[1] != self.width or b.shape != W.shape[:1]:
            raise ShapeError(
                f"Weights of shape {W.shape} with biases of shape {b.shape} follow {self.width} numbers; shapes "
                f"(n, {self.width}) and (n,) are accepted. Try the model on a row of data first."
            )
        layer = _Made(W, b)
        if self._waiting is not None:
            factor, plus = self._waiting
            layer.b += layer.W @ plus
            layer.W *= factor
            self._waiting = None
        self._layers.append(layer)
        self.width = len(b)

    def scale(self, factor: Array | float, plus: Array | float) -> None:
        """Go on with x·factor + plus; each is one number, or one for each."""
        factor, plus = self._one_for_each(factor), self._one_for_each(plus)
        if self._waiting is not None:
            before = self._waiting
            self._waiting = before[0] * factor, before[1] * factor + plus
        elif self._layers and self._layers[-1].activation is None:
            last = self._layers[-1]
            last.W *= factor[:, np.newaxis]
            last.b = last.b * factor + plus
        else:
            self._waiting = factor, plus

    def activate(self, name: str) -> None:
        """Go on with an activation of the family's."""
        if name == "identity":
            return
        if self._waiting is not None or not self._layers or self._layers[-1].activation is not None:
            self._hand_on()
        self._layers[-1].activation = name

    def drop(self, rate: float) -> None:
        """Go on with dropout."""
        before = self._layers[-1].drop if self._layers else self._drop_of_inputs
        both = 1 - (1 - before) * (1 - rate) if before else float(rate)
        if self._layers:
            self._layers[-1].drop = both
        else:
            self._drop_of_inputs = both

    def finish(self, *, in_sums: bool) -> None:
        """Let nothing wait; ``in_sums``: whether the last layer must have no activation."""
        if not self._layers and self._waiting is None:
            raise SettingError(
                "The model has no layer with weights, so no network can be made of it. Give one with a dense layer."
            )
        if self._waiting is not None or (in_sums and self._layers[-1].activation is not None):
            self._hand_on()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What the layers are, apart from their numbers."""
        told: list[Layer] = [Dropout(self._drop_of_inputs)] if self._drop_of_inputs else []
        for layer in self._layers:
            told.append(Dense(len(layer.b)).resolved(layer.activation or "identity", None))
            if layer.drop and layer is not self._layers[-1]:
                told.append(Dropout(layer.drop))
        return tuple(told)

    @property
    def numbers(self) -> list[tuple[Array, Array]]:
        """W and b of each layer, float64."""
        return [(layer.W, layer.b) for layer in self._layers]

    def _hand_on(self) -> None:
        """Add a layer that hands on what it is given, but for the scaling that waits."""
        factor, plus = self._waiting or (np.ones(self.width), np.zeros(self.width))
        self._waiting = None
        self._layers.append(_Made(np.diag(factor), plus))

    def _one_for_each(self, numbers: Array | float) -> Array:
        wide = np.asarray(numbers, dtype=np.float64)
        if wide.shape not in {(), (1,), (self.width,)}:
            raise ShapeError(
                f"A scaling of shape {wide.shape} follows {self.width} numbers; one number, or one for each of them, "
                "is accepted. Try the model on a row of data first."
            )
        return np.broadcast_to(wide, (self.width,))
