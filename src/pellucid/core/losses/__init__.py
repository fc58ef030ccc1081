"""Losses: how wrong an output is. A loss owns the output function that belongs to it."""

from typing import Final

from pellucid.checks import member
from pellucid.core.losses._binary_cross_entropy import BinaryCrossEntropy
from pellucid.core.losses._cross_entropy import CrossEntropy, softmax
from pellucid.core.losses._loss import Loss, Task
from pellucid.core.losses._values import MAE, MSE, Huber, Pinball, Poisson
from pellucid.errors import KindError

__all__ = [
    "LOSSES",
    "MAE",
    "MSE",
    "BinaryCrossEntropy",
    "CrossEntropy",
    "Huber",
    "Loss",
    "Pinball",
    "Poisson",
    "Task",
    "loss_from_json",
    "loss_of",
    "softmax",
]

LOSSES: Final[dict[str, type[Loss]]] = {
    loss.name: loss for loss in (CrossEntropy, BinaryCrossEntropy, MSE, MAE, Huber, Pinball, Poisson)
}


def loss_of(given: object) -> Loss:
    """Return a loss given by its name, with its usual settings, or as it is.

    Raises
    ------
    UnknownNameError, KindError
        There is none of this name; or it is a loss that is not of this family.

    Examples
    --------
    >>> loss_of("huber")
    Huber(delta=1.0)
    """
    if isinstance(given, Loss):
        if type(given) not in LOSSES.values():
            raise KindError(
                f"The loss must be one of the family ({', '.join(LOSSES)}); {type(given).__name__} is none of them. "
                "Losses of one's own are not supported yet."
            )
        return given
    return member("loss", given, LOSSES)()


def loss_from_json(given: object) -> Loss:
    """Return the loss that `Loss.to_json` wrote."""
    if not isinstance(given, dict):
        return loss_of(given)
    settings = dict(given)
    return member("loss", settings.pop("name"), LOSSES)(**settings)
