"""Losses: how wrong an output is. A loss owns the output function that belongs to it."""

from typing import Final

from pellucid.checks import member
from pellucid.core.losses._binary_cross_entropy import BinaryCrossEntropy
from pellucid.core.losses._cross_entropy import CrossEntropy, softmax
from pellucid.core.losses._loss import Loss, Task
from pellucid.core.losses._own import check_own_loss
from pellucid.core.losses._pinball import Pinball
from pellucid.core.losses._poisson import Poisson
from pellucid.core.losses._values import MAE, MSE, HalfSquare, Huber
from pellucid.core.named import made
from pellucid.core.own import Custom, given_again, is_own
from pellucid.errors import KindError

__all__ = [
    "LOSSES",
    "MAE",
    "MSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "HalfSquare",
    "Huber",
    "Loss",
    "Pinball",
    "Poisson",
    "Task",
    "check_own_loss",
    "loss_from_json",
    "loss_of",
    "softmax",
]

LOSSES: Final[dict[str, type[Loss]]] = {
    loss.name: loss for loss in (CrossEntropy, BinaryCrossEntropy, MSE, HalfSquare, MAE, Huber, Pinball, Poisson)
}


def loss_of(given: object) -> Loss:
    """Return a loss given by its name, with its usual settings, or as it is.

    Raises
    ------
    UnknownNameError, KindError
        There is none of this name; or it is a class, where one of its objects is needed.

    Examples
    --------
    >>> loss_of("huber")
    Huber(delta=1.0)
    """
    if isinstance(given, Loss):
        return given
    if isinstance(given, type) and issubclass(given, Loss):
        raise KindError(f"The loss must be a name or an object; the class {given.__name__} was given. Call it.")
    return member("loss", given, LOSSES)()


def loss_from_json(given: object, custom: Custom | None = None) -> Loss:
    """Return the loss that `Loss.to_json` wrote; ``custom`` gives those of the user's own, by name."""
    if not isinstance(given, dict):
        return loss_of(given)
    if is_own(given):
        loss: Loss = given_again("loss", given, custom, Loss, made=True)
        return loss
    return made("loss", given, LOSSES)
