"""What a network costs where it is used: numbers to keep, multiplications to make, memory to work in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from pellucid.core.spec import Spec

__all__ = ["Cost", "cost_of", "two_buffers"]


class Cost(NamedTuple):
    """What one row through a network, or a layer of it, costs.

    Attributes
    ----------
    parameters : int
        Weights and biases.
    bytes : int
        Of the parameters.
    macs : int
        Multiplications with addition (multiply-accumulates): one for each weight.
    scratch : int
        Bytes that the layers' numbers take: each reads one of two buffers and writes the other.
    """

    parameters: int
    bytes: int
    macs: int
    scratch: int


def two_buffers(widths: Sequence[int]) -> tuple[int, int]:
    """Return the room, in numbers, of the buffer for layers 1, 3, 5 and so on, and of that for the others.

    Examples
    --------
    >>> two_buffers([32, 64, 10])
    (32, 64)
    """
    return max(widths[::2]), max(widths[1::2], default=0)


def cost_of(spec: Spec, layer: str | None = None) -> Cost:
    """Return what one row through a network costs, or through one of its layers.

    Examples
    --------
    >>> cost_of(Spec.of([784, 32, 32, 10]))
    Cost(parameters=26506, bytes=106024, macs=26432, scratch=256)
    >>> cost_of(Spec.of([784, 32, 32, 10]), "output")
    Cost(parameters=330, bytes=1320, macs=320, scratch=40)
    """
    size = np.dtype(spec.dtype).itemsize
    shapes = [shape for name, shape in zip(spec.names, spec.shapes, strict=True) if layer in {None, name}]
    macs, widths = sum(n_out * n_in for n_out, n_in in shapes), [n_out for n_out, _ in shapes]
    parameters = macs + sum(widths)
    return Cost(parameters, parameters * size, macs, sum(two_buffers(widths)) * size)
