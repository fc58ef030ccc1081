"""Networks of ours as modules of PyTorch's, which this file alone imports; it is loaded when the first is made."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pellucid.files import _parts as parts
from pellucid.files._reading import numbers_of

__all__ = ["Exp", "Scaled", "Scaling", "sequential"]

Array = NDArray[Any]


class _TwoNumbers(nn.Module):  # type: ignore[misc]  # PyTorch is not looked into
    """Two buffers, each one number or one for each input; what they were rounded from is kept beside them."""

    _names: tuple[str, str]

    def __init__(self, first: parts.Values, second: parts.Values, dtype: torch.dtype) -> None:
        super().__init__()
        self._given = tuple(np.asarray(numbers, dtype=np.float64) for numbers in (first, second))
        for name, numbers in zip(self._names, self._given, strict=True):
            self.register_buffer(name, torch.tensor(numbers, dtype=dtype))

    def exact(self) -> tuple[Array, Array]:
        """Return both in float64: what was given, unless a buffer holds something else by now."""
        now = [numbers_of(getattr(self, name)) for name in self._names]
        first, second = (
            given if np.array_equal(held, given) or np.array_equal(held, given.astype(np.float32)) else held
            for given, held in zip(self._given, now, strict=True)
        )
        return first, second

    def extra_repr(self) -> str:
        """Return what the module shows of itself."""
        shown = ((name, getattr(self, name)) for name in self._names)
        return ", ".join(f"{name}={held.item() if held.ndim == 0 else tuple(held.shape)}" for name, held in shown)


@final
class Scaled(_TwoNumbers):
    """(x − shift)·scale; bytes are taken as they are."""

    _names = ("shift", "scale")

    def forward(self, x: Tensor) -> Tensor:
        """Return (x − shift)·scale."""
        return (x.to(self.scale.dtype) - self.shift) * self.scale


@final
class Scaling(_TwoNumbers):
    """x·factor + plus."""

    _names = ("factor", "plus")

    def forward(self, x: Tensor) -> Tensor:
        """Return x·factor + plus."""
        return x * self.factor + self.plus


@final
class Exp(nn.Module):  # type: ignore[misc]
    """The exponential function, which counts are told by."""

    def forward(self, x: Tensor) -> Tensor:
        """Return eˣ."""
        return torch.exp(x)


_ACTIVATIONS: Final[Mapping[str, Callable[[], nn.Module]]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "softmax": lambda: nn.Softmax(dim=-1),
    "exp": Exp,
}


def sequential(named: Mapping[str, parts.Part], dtype: str) -> nn.Sequential:
    """Return the parts as a Sequential, in evaluation mode."""
    kind = getattr(torch, dtype)
    return nn.Sequential(OrderedDict((name, _module(part, kind)) for name, part in named.items())).eval()


def _module(part: parts.Part, dtype: torch.dtype) -> nn.Module:
    match part:
        case parts.Linear(W, b):
            layer = nn.utils.skip_init(nn.Linear, W.shape[1], W.shape[0], dtype=dtype)  # draws no random numbers
            with torch.no_grad():
                layer.weight.copy_(torch.tensor(W))
                layer.bias.copy_(torch.tensor(b))
            return layer
        case parts.Scaled(shift, scale):
            return Scaled(shift, scale, dtype)
        case parts.Scaling(factor, plus):
            return Scaling(factor, plus, dtype)
        case parts.Drop(rate):
            return nn.Dropout(rate)
        case parts.Activate(name):
            return _ACTIVATIONS[name]()
