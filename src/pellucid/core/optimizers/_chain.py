"""A chain: an optimiser, and what is done to its gradient before or to the parameters beside."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, final

import numpy as np

from pellucid.checks import checked_number, positive
from pellucid.core.optimizers._adamw import AdamW
from pellucid.core.optimizers._optimizer import Optimizer, Setting, Slots, Vector
from pellucid.errors import KindError, SettingError


@dataclass(frozen=True)
class Link(Setting):
    """A link of a chain that is no optimiser."""


@dataclass(frozen=True)
class Clip(Link):
    """A bound of the gradient."""

    @abstractmethod
    def clipped(self, gradient: Vector) -> Vector:
        """Return the gradient within the bound; what was given stays as it is."""


@final
@dataclass(frozen=True)
class ClipNorm(Clip):
    """Shortens a gradient that is longer than ``most``: g ← g · min(1, most / ‖g‖).

    ‖g‖ = √(Σ g²) is taken over all parameters that are trained. The direction stays.

    Parameters
    ----------
    most : float, above 0

    Examples
    --------
    >>> ClipNorm(1.0).clipped(np.array([3.0, 4.0])).round(12).tolist()
    [0.6, 0.8]

    Source: Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks, algorithm 1.
    PyTorch's clip_grad_norm_ divides by ‖g‖ + 1e-6 instead.
    """

    most: float = 1.0

    name: ClassVar[str] = "clip_norm"

    def __post_init__(self) -> None:
        object.__setattr__(self, "most", positive("most", self.most, usual=1.0))

    def clipped(self, gradient: Vector) -> Vector:
        """Return g · min(1, most / ‖g‖)."""
        with np.errstate(over="ignore", invalid="ignore"):
            norm = float(np.sqrt((gradient.astype(np.float64) ** 2).sum()))
            return gradient if norm <= self.most else gradient * gradient.dtype.type(self.most / norm)


@final
@dataclass(frozen=True)
class ClipValue(Clip):
    """Holds each number of a gradient within ± ``most``.

    Parameters
    ----------
    most : float, above 0

    Examples
    --------
    >>> ClipValue(1.0).clipped(np.array([3.0, -0.5])).tolist()
    [1.0, -0.5]
    """

    most: float = 1.0

    name: ClassVar[str] = "clip_value"

    def __post_init__(self) -> None:
        object.__setattr__(self, "most", positive("most", self.most, usual=1.0))

    def clipped(self, gradient: Vector) -> Vector:
        """Return g within ± most."""
        return np.clip(gradient, -self.most, self.most)


@final
@dataclass(frozen=True)
class WeightDecay(Link):
    """Decay of all parameters that no gradient scales: w ← w − η·λ·w, before the optimiser's step.

    Parameters
    ----------
    decay : float, λ ≥ 0

    Source: Loshchilov & Hutter (2019), Decoupled weight decay regularization. With Adam it is AdamW.
    """

    decay: float = 0.01

    name: ClassVar[str] = "weight_decay"

    def __post_init__(self) -> None:
        object.__setattr__(self, "decay", checked_number("decay", self.decay, usual=0.01))


KINDS: Final = (ClipNorm, ClipValue, WeightDecay)


@final
@dataclass(frozen=True, init=False)
class Chain(Optimizer):
    """An optimiser with links before and beside it.

    Parameters
    ----------
    *links : one optimiser; before it a `ClipNorm` or a `ClipValue`, if wanted; anywhere a `WeightDecay`, if wanted

    Raises
    ------
    KindError, SettingError
        These are no such links, or not in such an order.

    Examples
    --------
    >>> from pellucid import Adam, Chain, ClipNorm, Network, WeightDecay
    >>> from pellucid.datasets import load_toy
    >>> toy = load_toy("moons")
    >>> run = Network([2, 8, 2]).fit(toy.X, toy.y, epochs=5, optimizer=Chain(ClipNorm(0.5), Adam(), WeightDecay(0.01)))
    >>> run.recipe.learning_rate
    0.001
    """

    links: tuple[Optimizer | Link, ...]

    name: ClassVar[str] = "chain"

    def __init__(self, *links: Optimizer | Link) -> None:
        strange = [link for link in links if not isinstance(link, (Optimizer, *KINDS)) or isinstance(link, Chain)]
        if strange:
            raise KindError(
                "The links of a chain are an optimiser such as Adam(), ClipNorm, ClipValue and WeightDecay; "
                f"{strange[0]!r} was given."
            )
        kinds = [next(kind for kind in (Optimizer, Clip, WeightDecay) if isinstance(link, kind)) for link in links]
        in_order = Optimizer in kinds and Clip not in kinds[kinds.index(Optimizer) :]
        if WeightDecay in kinds and any(isinstance(link, AdamW) for link in links):
            raise SettingError(
                "AdamW decays the parameters already; a WeightDecay was given beside it. Give one of them."
            )
        if not in_order or len(set(kinds)) < len(kinds):
            raise SettingError(
                "A chain holds one optimiser, before it at most one ClipNorm or ClipValue, and at most one decay; "
                f"{', '.join(map(str, links)) or 'nothing'} was given. Give Chain(ClipNorm(1.0), Adam()), say."
            )
        object.__setattr__(self, "links", links)
        object.__setattr__(self, "learning_rate", self.rule.learning_rate)

    @property
    def rule(self) -> Optimizer:
        """The optimiser."""
        return next(link for link in self.links if isinstance(link, Optimizer))

    @property
    def clip(self) -> Clip | None:
        """The bound of the gradient."""
        return next((link for link in self.links if isinstance(link, Clip)), None)

    @property
    def decay(self) -> float:
        """How much parameters decay, λ."""
        return next((link.decay for link in self.links if isinstance(link, WeightDecay)), 0.0)

    @property
    def slots(self) -> tuple[str, ...]:
        """Those of the optimiser."""
        return self.rule.slots

    def init(self, parameters: Vector) -> Slots:
        """Return the vectors of the optimiser at the start."""
        return self.rule.init(parameters)

    def clipped(self, gradient: Vector) -> Vector:
        """Return the gradient within its bound."""
        return gradient if self.clip is None else self.clip.clipped(gradient)

    def update(self, parameters: Vector, gradient: Vector, slots: Slots, rate: float, t: int) -> None:
        """Let the parameters decay, and make the optimiser's step, in place."""
        if self.decay:
            parameters *= 1 - rate * self.decay
        self.rule.update(parameters, gradient, slots, rate, t)

    def to_json(self) -> dict[str, Any]:
        """Return what stands for it in JSON: its name, and its links."""
        return {"name": self.name, "links": [link.to_json() for link in self.links]}
