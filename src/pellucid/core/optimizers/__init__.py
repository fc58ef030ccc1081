"""Optimisers: what is made of a gradient. Each is two functions, ``init`` and ``update``."""

from typing import Final

from pellucid.checks import member
from pellucid.core.optimizers._adagrad import Adagrad
from pellucid.core.optimizers._adam import Adam
from pellucid.core.optimizers._adamw import AdamW
from pellucid.core.optimizers._optimizer import Optimizer, Slots, flush_tiny
from pellucid.core.optimizers._rmsprop import RMSprop
from pellucid.core.optimizers._sgd import Sgd
from pellucid.errors import KindError

__all__ = [
    "OPTIMIZERS",
    "Adagrad",
    "Adam",
    "AdamW",
    "Optimizer",
    "RMSprop",
    "Sgd",
    "Slots",
    "flush_tiny",
    "optimizer_of",
]

OPTIMIZERS: Final[dict[str, type[Optimizer]]] = {
    optimizer.name: optimizer for optimizer in (Sgd, Adam, AdamW, RMSprop, Adagrad)
}


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
    if not isinstance(given, str):
        kind = f"the class {given.__name__}" if isinstance(given, type) else type(given).__name__
        raise KindError(
            f"The optimizer must be a name ({', '.join(OPTIMIZERS)}) or an optimiser such as Adam(beta_1=0.8), "
            f"not {kind}."
        )
    return member("optimizer", given, OPTIMIZERS)()
