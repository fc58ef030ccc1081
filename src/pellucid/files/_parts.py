"""Networks made elsewhere, as a row of parts, and the one spec and vector that stand for them.

Whatever the library, a dense network is a row of few kinds of parts. A reader turns a model into that row;
`assembled` folds it into layers of ours: what scales between layers goes into their weights, in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import LOSSES, Input, Loss, Name, Output, Parameters, Spec, Task, loss_of
from pellucid.errors import SettingError
from pellucid.files._folding import Folding

__all__ = ["Activate", "Drop", "Linear", "Part", "Scaled", "Scaling", "assembled", "entrance", "input_of"]

Array = NDArray[Any]
Values = Array | float

_LARGE: Final = 1e30
"""What can still be a float32, with room for products."""

OUTPUTS: Final = {loss.output_name: loss.name for loss in LOSSES.values() if loss.output_name is not None}
"""By what a model ends in, the loss that owns such an output."""


@final
@dataclass(frozen=True)
class Linear:
    """y = W·x + b: W of shape (n_out, n_in), b of shape (n_out,)."""

    W: Array
    b: Array


@final
@dataclass(frozen=True)
class Scaled:
    """y = (x − shift)·scale, number by number. Each is one number, or one for each."""

    shift: Values
    scale: Values


@final
@dataclass(frozen=True)
class Scaling:
    """y = x·factor + plus, number by number. Each is one number, or one for each."""

    factor: Values
    plus: Values


@final
@dataclass(frozen=True)
class Activate:
    """One of the family's activations, or "softmax", "exp"; ``of``: the part's own name, for messages."""

    name: str
    of: str


@final
@dataclass(frozen=True)
class Drop:
    """Dropout of this rate."""

    rate: float


Part = Linear | Scaled | Scaling | Activate | Drop


def assembled(
    width: int,
    parts: Sequence[Part],
    *,
    dtype: str,
    loss: str | Loss | None = None,
    classes: Sequence[Name] | None = None,
    targets: Sequence[str] | None = None,
    features: Sequence[str] | None = None,
) -> tuple[Spec, Array]:
    """Return the spec and the parameters of a network that computes what the parts do, one after the other.

    What scales the inputs becomes the network's `Input`, and a last `Scaling` of values its `Output`. Any other scaling
    is folded into weights beside it; where there are none, it becomes a layer of its own, as does an activation that
    follows another. Dropout counts in training alone: it stands behind the activation of its layer, and is left
    out behind the last.

    Parameters
    ----------
    width : int
        Number of inputs.
    parts : list of parts
    dtype : "float32" or "float64"
    loss : str, Loss, or None for the one that belongs to how the model ends
        softmax: cross_entropy; sigmoid: binary_cross_entropy; exp: poisson; anything else: mse. A model that ends in
        the sums of one of these may say so here.
    classes, targets, features : see `Spec.of`

    Raises
    ------
    SettingError
        An activation stands where no network of ours can have one, the loss contradicts how the model ends, there is
        no layer, or the names are not for such a network.
    ShapeError
        A part does not fit the one before.

    Examples
    --------
    >>> halved, row = Scaled(0.0, 0.5), Linear(np.array([[1.0, 2.0]]), np.array([3.0]))
    >>> spec, vector = assembled(2, [halved, row, Activate("sigmoid", "Sigmoid")], dtype="float32")
    >>> spec.input.scale, spec.loss.name, vector.tolist()
    (0.5, 'binary_cross_entropy', [1.0, 2.0, 3.0])
    """
    chosen, rest = _ended(parts, loss)
    scaled, rest = entrance(rest)
    units, rest = _units(rest) if chosen.task is Task.VALUES and not chosen.counts else (None, rest)
    folding = Folding(width)
    for part in rest:
        _fold(folding, part)
    folding.finish(in_sums=chosen.owns_output)
    inputs = input_of(width, scaled, features)
    names = _names(chosen, classes, targets)
    output = Output(names) if units is None else Output(names, _numbers(units.factor), _numbers(units.plus))
    spec = Spec(inputs, folding.layers, chosen, output, dtype)
    parameters = Parameters(spec)
    for layer, (W, b) in zip(parameters.layers(), folding.numbers, strict=True):
        layer.W[...], layer.b[...] = W, b
    return spec, parameters.vector


def _fold(folding: Folding, part: Part) -> None:
    """Go on with a part."""
    match part:
        case Linear(W, b):
            folding.linear(W, b)
        case Scaled(shift, scale):
            folding.scale(scale, -_float64(shift) * scale)
        case Scaling(factor, plus):
            folding.scale(factor, plus)
        case Drop(rate):
            folding.drop(rate)
        case Activate(name, of) if name in OUTPUTS and name != "sigmoid":
            raise SettingError(
                f"The model has {of} between its layers, where no network of Pellucid's has one; as the last part "
                "it is accepted. Take it, or what follows it, off the model."
            )
        case Activate(name):
            folding.activate(name)


def _ended(parts: Sequence[Part], given: str | Loss | None) -> tuple[Loss, list[Part]]:
    """Return the loss, and the parts without the output function that it owns."""
    rest = list(parts)
    while rest and isinstance(rest[-1], Drop):
        rest.pop()
    last = rest[-1] if rest else None
    owner = OUTPUTS.get(last.name) if isinstance(last, Activate) else None
    chosen = loss_of((owner or "mse") if given is None else given)
    if not isinstance(last, Activate) or owner is None:
        return chosen, rest
    if chosen.name == owner:
        return chosen, rest[:-1]
    if last.name == "sigmoid" and not chosen.owns_output:
        return chosen, rest
    raise SettingError(
        f"The model ends in {last.of}, which belongs to the loss {owner!r}; {chosen.name!r} was given. "
        "Leave it out, or take that part off the model."
    )


def entrance(parts: list[Part]) -> tuple[Scaled, list[Part]]:
    """Return what the parts before all others do to the inputs, and the rest.

    (x·factor + plus is written as (x − shift)·scale, which loses no digits where inputs lie far from 0.)
    """
    shift, scale, taken = np.zeros(()), np.ones(()), 0
    for part in parts:
        if not isinstance(part, (Scaled, Scaling)):
            break
        with np.errstate(all="ignore"):  # what is not finite is refused beneath
            if isinstance(part, Scaled):
                of_part, factor = _float64(part.shift), _float64(part.scale)
            else:
                of_part, factor = -_float64(part.plus) / part.factor, _float64(part.factor)
            both = shift + of_part / scale, scale * factor
            if not all((np.abs(numbers) < _LARGE).all() for numbers in (*both, 1 / both[1])):
                break
        (shift, scale), taken = both, taken + 1
    return Scaled(shift, scale), parts[taken:]


def input_of(width: int, scaled: Scaled, features: Sequence[Name] | None) -> Input:
    """Return the inputs of a network that scales them so."""
    return Input(width, _numbers(scaled.scale), _numbers(scaled.shift), None if features is None else tuple(features))


def _units(parts: list[Part]) -> tuple[Scaling | None, list[Part]]:
    """Return the scaling by which values get their own units, where the parts end in one, and the rest."""
    factor, plus, end = np.ones(()), np.zeros(()), len(parts)
    while end and isinstance(last := parts[end - 1], Scaling):
        factor, plus, end = _float64(last.factor) * factor, _float64(last.plus) * factor + plus, end - 1
    usable = 0 < end < len(parts) and (factor > 0).all() and np.isfinite(factor * plus).all()
    return (Scaling(factor, plus), parts[:end]) if usable else (None, parts)


def _float64(values: Values) -> Array:
    return np.asarray(values, dtype=np.float64)


def _numbers(values: Values) -> float | tuple[float, ...]:
    """Return one number where all are the same."""
    flat = _float64(values).ravel()
    return float(flat[0]) if (flat == flat[0]).all() else tuple(flat.tolist())


def _names(loss: Loss, classes: Sequence[Name] | None, targets: Sequence[str] | None) -> tuple[Name, ...] | None:
    """Return the outputs' names; raise where they are for another kind of outputs."""
    if classes is not None and loss.task is Task.VALUES:
        raise SettingError(
            f"classes were given, but the model's loss {loss.name!r} is for values. Give targets instead; or, where "
            "its outputs are sums that tell classes apart, loss='cross_entropy' too."
        )
    if targets is not None and loss.task is not Task.VALUES:
        raise SettingError(
            f"targets were given, but the model's loss {loss.name!r} is for classes. Give classes instead."
        )
    names = targets if classes is None else classes
    return None if names is None else tuple(names)
