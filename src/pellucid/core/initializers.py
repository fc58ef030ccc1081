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

__all__ = ["INITIALIZERS", "column", "glorot", "he", "initializer_named", "lecun", "orthogonal", "zeros"]

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


def lecun(stream: Stream, n_out: int, n_in: int) -> tuple[Float64, Float64]:
    """Return weights normal with standard deviation √(1 / n_in), and biases of zero.

    For selu layers, which keep mean 0 and variance 1 from it.

    Source: LeCun, Bottou, Orr & Müller (1998), Efficient backprop, §4.6.
    """
    W = stream.normal(n_out * n_in) * math.sqrt(1.0 / n_in)
    return W.reshape(n_out, n_in), np.zeros(n_out)


def _added(terms: Float64) -> Float64:
    """Return the sum along the first axis, term by term from the first on (NumPy's own sums choose their order)."""
    return np.asarray(np.add.accumulate(terms, axis=0)[-1])


def orthogonal(stream: Stream, n_out: int, n_in: int) -> tuple[Float64, Float64]:
    """Return weights whose rows (or columns, if there are fewer) are orthogonal and of length 1, and biases of zero.

    It passes on signals of any direction with their length, through however many identity or tanh layers. Normal
    numbers are drawn, and from each vector its parts along those before it are taken, twice, since once leaves what
    rounding makes of nearly parallel ones. All in written order: the same bits everywhere. The time grows with the
    smaller width's square times the larger: 1,000 × 1,000 take some seconds.

    Source: Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks, §3; Giraud, Langou, Rozložník & van den Eshof (2005), Rounding error analysis of the classical
    Gram-Schmidt orthogonalization process.
    """
    drawn = stream.normal(n_out * n_in).reshape(n_out, n_in)
    vectors = drawn.copy() if n_out <= n_in else np.ascontiguousarray(drawn.T)
    for j in range(len(vectors)):
        before, own = vectors[:j], vectors[j]
        for _ in range(2 if j else 0):
            parts = _added(before.T * own[:, np.newaxis])
            own -= _added(before * parts[:, np.newaxis])
        own /= math.sqrt(float(_added(own * own)))
    return (vectors if n_out <= n_in else np.ascontiguousarray(vectors.T)), np.zeros(n_out)


def zeros(stream: Stream, n_out: int, n_in: int) -> tuple[Float64, Float64]:
    """Return nothing but zeros: for output layers, and for showing why hidden layers must not start alike."""
    return np.zeros((n_out, n_in)), np.zeros(n_out)


INITIALIZERS: Final[dict[str, Initializer]] = {
    "column": column,
    "glorot": glorot,
    "he": he,
    "lecun": lecun,
    "orthogonal": orthogonal,
    "zeros": zeros,
}


def initializer_named(name: object) -> Initializer:
    """Return the initialiser of this name, or raise `UnknownNameError`."""
    return member("initializer", name, INITIALIZERS)
