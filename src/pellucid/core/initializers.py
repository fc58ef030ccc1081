"""Initialisers: the numbers a layer starts from.

They decide the bits of a run before its first step, so they use `pellucid.random` and ``+ − × ÷ √`` alone,
in float64, and are rounded to the network's type once. Each has its own stream (seed, layer); the weight of
neuron j for input i is its element j·n_in + i, however weights are stored.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import member
from pellucid.random import Stream

__all__ = ["INITIALIZERS", "column", "glorot", "he", "initializer_named"]

Float64 = NDArray[np.float64]
Initializer = Callable[[Stream, int, int], tuple[Float64, Float64]]


def column(stream: Stream, n_out: int, n_in: int) -> tuple[Float64, Float64]:
    """Return weights and biases uniform on [0, 1), rounded to two decimals, drawn node by node.

    The start of the column's network: all positive, so good for looking, poor for training deep networks.
    """
    drawn = np.rint(stream.uniform(n_out * (n_in + 1)) * 100.0) / 100.0
    nodes = drawn.reshape(n_out, n_in + 1)
    return nodes[:, :n_in], nodes[:, n_in]


def glorot(stream: Stream, n_out: int, n_in: int) -> tuple[Float64, Float64]:
    """Return weights uniform on ±√(6 / (n_in + n_out)), and biases of zero.

    For sigmoid, tanh and identity layers: it keeps the spread of activations and of gradients alike.

    Source: Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, eq. 16.
    """
    bound = math.sqrt(6.0 / (n_in + n_out))
    W = (stream.uniform(n_out * n_in) * 2.0 - 1.0) * bound
    return W.reshape(n_out, n_in), np.zeros(n_out)


def he(stream: Stream, n_out: int, n_in: int) -> tuple[Float64, Float64]:
    """Return weights normal with standard deviation √(2 / n_in), and biases of zero.

    For relu layers, which pass on half of what they see.

    Source: He, Zhang, Ren & Sun (2015), Delving deep into rectifiers, eq. 10.
    """
    W = stream.normal(n_out * n_in) * math.sqrt(2.0 / n_in)
    return W.reshape(n_out, n_in), np.zeros(n_out)


INITIALIZERS: Final[dict[str, Initializer]] = {"column": column, "glorot": glorot, "he": he}


def initializer_named(name: object) -> Initializer:
    """Return the initialiser of this name, or raise `UnknownNameError`."""
    return member("initializer", name, INITIALIZERS)
