"""Optimisers: what is made of a gradient. Each is two functions, ``init`` and ``update``."""

from collections.abc import Mapping
from typing import Any, Final

from pellucid.checks import member
from pellucid.core.named import made
from pellucid.core.optimizers._adagrad import Adagrad
from pellucid.core.optimizers._adam import Adam
from pellucid.core.optimizers._adam_hat import AdamHat
from pellucid.core.optimizers._adamw import AdamW
from pellucid.core.optimizers._chain import KINDS, Chain, Clip, ClipNorm, ClipValue, Link, WeightDecay
from pellucid.core.optimizers._optimizer import Optimizer, Slots, flush_tiny
from pellucid.core.optimizers._rmsprop import RMSprop
from pellucid.core.optimizers._sgd import Sgd
from pellucid.core.optimizers._sgd_velocity import SgdVelocity
from pellucid.core.own import Custom, given_again, is_own
from pellucid.errors import KindError

__all__ = [
    "OPTIMIZERS",
    "Adagrad",
    "Adam",
    "AdamHat",
    "AdamW",
    "Chain",
    "Clip",
    "ClipNorm",
    "ClipValue",
    "Optimizer",
    "RMSprop",
    "Sgd",
    "SgdVelocity",
    "Slots",
    "WeightDecay",
    "flush_tiny",
    "optimizer_from_json",
    "optimizer_of",
]

OPTIMIZERS: Final[dict[str, type[Optimizer]]] = {
    optimizer.name: optimizer for optimizer in (Sgd, SgdVelocity, Adam, AdamHat, AdamW, RMSprop, Adagrad)
}
_LINKS: Final[dict[str, type[Link]]] = {link.name: link for link in KINDS}


def optimizer_of(given: object) -> Optimizer:
    """Return an optimiser given by its name, with its usual settings, or as it is.

    Raises
    ------
    UnknownNameError, KindError
        There is none of this name; or it is neither a name nor an optimiser.

    Examples
    --------
    >>> optimizer_of("sgd")
    Sgd(momentum=0.0, nesterov=False)
    """
    if isinstance(given, Optimizer):
        return given
    if isinstance(given, Link):
        raise KindError(f"{given} is no optimiser, but a link of a chain. Give Chain({given}, Adam()), say.")
    if not isinstance(given, str):
        kind = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        raise KindError(
            f"The optimizer must be a name ({', '.join(OPTIMIZERS)}) or an optimiser such as Adam(beta_1=0.8), "
            f"not {kind}."
        )
    return member("optimizer", given, OPTIMIZERS)()


def optimizer_from_json(given: Mapping[str, Any], custom: Custom | None = None) -> Optimizer:
    """Return the optimiser that `Optimizer.to_json` wrote; ``custom`` gives those of the user's own, by name."""
    if is_own(given):
        optimizer: Optimizer = given_again("optimizer", given, custom, Optimizer, made=True)
        return optimizer
    if given.get("name") == Chain.name:
        settings = {name: value for name, value in given.items() if name not in {"name", "links"}}
        return Chain(*(_link(link, custom) for link in given["links"]), **settings)
    return made("optimizer", given, OPTIMIZERS)


def _link(given: Mapping[str, Any], custom: Custom | None) -> Optimizer | Link:
    if is_own(given):
        return optimizer_from_json(given, custom)
    kinds: dict[str, type[Optimizer | Link]] = {**OPTIMIZERS, **_LINKS}
    return made("link of a chain", given, kinds)
