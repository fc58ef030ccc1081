"""From scikit-learn's words to Pellucid's: what a network is, where it starts, and how it learns."""

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pellucid.checks import fraction
from pellucid.core import (
    MAE,
    Activation,
    AdamHat,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Dropout,
    HalfSquare,
    Huber,
    InverseScaling,
    Layer,
    Loss,
    Name,
    Optimizer,
    Parameters,
    Pinball,
    Poisson,
    Schedule,
    SgdVelocity,
    Spec,
    loss_of,
    on_cache_lines,
    optimizer_of,
    schedule_of,
)
from pellucid.errors import KindError, SettingError

__all__ = [
    "activations",
    "drawn_parameters",
    "dropout_rates",
    "loss_of_values",
    "optimizer_for",
    "schedule_for",
    "shown_activation",
    "spec_for",
    "widths",
]

_LOSSES_OF_VALUES: Final[dict[str, Loss]] = {
    "squared_error": HalfSquare(),
    "poisson": Poisson(sum_outputs=True),
    "absolute_error": MAE(),
    "mae": MAE(),
    "huber": Huber(),
    "pinball": Pinball(0.5),
}


def widths(hidden_layer_sizes: Any) -> list[int]:
    """Return the widths of the hidden layers."""
    found = list(hidden_layer_sizes) if hasattr(hidden_layer_sizes, "__iter__") else [hidden_layer_sizes]
    if np.any(np.array(found) <= 0):
        raise SettingError(f"hidden_layer_sizes must be > 0, got {found}.")
    try:
        return [operator.index(width) for width in found]
    except TypeError:
        raise KindError(f"hidden_layer_sizes must be whole numbers, got {found}.") from None


def activations(given: Any, layers: int) -> list[str | Activation]:
    """Return the activation of each hidden layer, by Pellucid's names."""
    several = hasattr(given, "__iter__") and not isinstance(given, str)
    found = list(given) if several else [given] * layers
    if len(found) != layers:
        raise SettingError(
            f"activation must be one, or one for each of {layers} hidden layers; {len(found)} were given."
        )
    return [one if isinstance(one, Activation) else "sigmoid" if one == "logistic" else str(one) for one in found]


def dropout_rates(given: Any, layers: int) -> list[float]:
    """Return the dropout rate behind each hidden layer."""
    found = list(given) if np.ndim(given) else [given] * layers
    if len(found) != layers:
        raise SettingError(f"dropout must be one rate, or one for each of {layers} hidden layers; {given!r} was given.")
    return [fraction("dropout", rate, usual=0.1) for rate in np.asarray(found).tolist()]


def loss_of_values(given: Any) -> Loss:
    """Return the loss of a regressor: by its name, or as it is."""
    return _LOSSES_OF_VALUES[given] if isinstance(given, str) else loss_of(given)


def shown_activation(loss: Loss) -> str:
    """Return what scikit-learn calls the output function that belongs to a loss."""
    of_loss = {CrossEntropy: "softmax", BinaryCrossEntropy: "logistic", Poisson: "exp"}
    return of_loss.get(type(loss), "identity")


def spec_for(
    n_features: int,
    hidden: list[int],
    n_outputs: int,
    activation: list[str | Activation],
    dropout: list[float],
    loss: Loss,
    *,
    classes: list[Name] | None,
    features: list[str] | None,
    dtype: str,
) -> Spec:
    """Return the spec of an estimator's network."""
    layers: list[int | Layer] = [n_features]
    for width, function, rate in zip(hidden, activation, dropout, strict=True):
        layers.append(Dense(width, function))
        if rate:
            layers.append(Dropout(rate))
    # A loss of values that does not own its output is of targets in their own units, as scikit-learn has it.
    return Spec.of(
        [*layers, n_outputs],
        loss=loss,
        classes=classes,
        features=features if features is None or len(set(features)) == len(features) else None,
        standardize_targets=False,
        dtype=dtype,
    )


def drawn_parameters(spec: Spec, random: np.random.RandomState, dtype: Any, *, logistic: bool) -> NDArray[Any]:
    """Return the start as scikit-learn draws it: layer by layer the weights, then the biases, uniform in ±bound.

    bound = √(6 / (n_in + n_out)), or √(2 / (n_in + n_out)) where ``activation`` is the logistic function. They are
    rounded to ``dtype``, that of the data, first.

    Source: Glorot & Bengio (2010); scikit-learn's ``_init_coef``.
    """
    parameters = Parameters(spec)
    factor = 2.0 if logistic else 6.0
    for (n_out, n_in), part in zip(spec.shapes, parameters.layers(), strict=True):
        bound = np.sqrt(factor / (n_in + n_out))
        part.W.T[...] = random.uniform(-bound, bound, (n_in, n_out)).astype(dtype)
        part.b[...] = random.uniform(-bound, bound, n_out).astype(dtype)
    return on_cache_lines(parameters.vector)


def optimizer_for(estimator: Any) -> Optimizer:
    """Return the optimiser: the one that was asked for, or what scikit-learn's ``solver`` means."""
    if estimator.optimizer is not None:
        return optimizer_of(estimator.optimizer)
    if estimator.solver == "sgd":
        return SgdVelocity(float(estimator.momentum), bool(estimator.nesterovs_momentum))
    return AdamHat(float(estimator.beta_1), float(estimator.beta_2), float(estimator.epsilon))


def schedule_for(estimator: Any, steps: int, rows: int) -> Schedule:
    """Return the schedule of a fit: the one that was asked for, or what scikit-learn's ``learning_rate`` means."""
    if estimator.schedule is not None:
        return schedule_of(estimator.schedule)
    if estimator.optimizer is None and estimator.solver == "sgd" and estimator.learning_rate == "invscaling":
        return InverseScaling(float(estimator.power_t), steps=steps, rows=rows, before=int(estimator.t_))
    return schedule_of("constant")
