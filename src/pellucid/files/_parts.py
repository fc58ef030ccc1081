"""Networks made elsewhere, as a row of parts, and the one spec and vector that stand for them.

Whatever the library, a dense network is a row of few kinds of parts. A reader turns a model into that row;
`assembled` folds it into layers of ours: what scales a layer's inputs or outputs goes into its weights, in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final

import numpy as np
from numpy.typing import NDArray

from pellucid.core import Dense, Dropout, Input, Layer, Loss, Name, Output, Parameters, Spec, Task, loss_of
from pellucid.errors import SettingError

__all__ = ["Activate", "Drop", "Linear", "Part", "Scaled", "Scaling", "assembled"]

Array = NDArray[Any]

OUTPUTS: Final = {"softmax": "cross_entropy", "sigmoid": "binary_cross_entropy", "exp": "poisson"}
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
    """y = (x − shift)·scale, number by number: what prepares inputs. Each is one number, or one for each."""

    shift: Array
    scale: Array


@final
@dataclass(frozen=True)
class Scaling:
    """y = x·factor + plus, number by number, such as a batch norm that is not trained any more; shapes (n,)."""

    factor: Array
    plus: Array


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


class _Layer:
    """A layer in the making: its numbers in float64, its activation, and the rate of the dropout behind it."""

    def __init__(self, W: Array, b: Array) -> None:
        self.W, self.b = W.astype(np.float64), b.astype(np.float64)
        self.activation: str | None = None
        self.drop = 0.0


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

    Parameters
    ----------
    width : int
        Number of inputs.
    parts : list of parts
    dtype : "float32" or "float64"
    loss : str, Loss, or None for the one that belongs to how the model ends
        softmax: cross_entropy; sigmoid: binary_cross_entropy; exp: poisson; anything else: mse. A model that ends in the
        sums of one of these may say so here.
    classes, targets, features : see `Spec.of`

    Raises
    ------
    SettingError
        An activation stands where no network of ours can have one, or the loss contradicts how the model ends.
    """
    rows: list[Part] = list(parts)
    scale: Any = 1.0
    shift: Any = 0.0
    if rows and isinstance(rows[0], Scaled):
        first = rows.pop(0)
        scale, shift = _numbers(first.scale), _numbers(first.shift)
    ending = rows[-1] if rows and isinstance(rows[-1], Activate) and rows[-1].name in OUTPUTS else None
    if ending is not None:
        rows.pop()
    output = Output()
    if (
        len(rows) > 1
        and isinstance(rows[-1], Scaling)
        and ending is None
        and loss is None
        and (rows[-1].factor > 0).all()
    ):
        units = rows.pop()  # values in units of their own
        output = Output(None, _numbers(units.factor), _numbers(units.plus))
    layers, first_drop = _layers(width, rows)
    if not layers:
        raise SettingError(
            "The model has no layer with weights, so there is no network to make of it. Give one with a dense layer."
        )
    chosen = _loss(loss, ending)
    last = layers[-1]
    if ending is not None and last.activation is not None:
        last = _unit(layers)
    built: list[Layer] = [Dropout(first_drop)] if first_drop else []
    for layer in layers:
        usual = Dense(len(layer.b)).resolved(layer.activation or "identity", None)
        built.append(usual)
        if layer.drop and layer is not last:
            built.append(Dropout(layer.drop))
    names = classes if classes is not None else targets
    if classes is not None and chosen.task is Task.VALUES:
        raise SettingError(
            f"classes were given, but the model's loss {chosen.name!r} is for values. Where its outputs are sums of classes, "
            "give loss='cross_entropy' too."
        )
    spec = Spec(
        Input(width, scale, shift, None if features is None else tuple(features)),
        tuple(built),
        chosen,
        Output(None if names is None else tuple(names), output.scale, output.shift),
        dtype,
    )
    parameters = Parameters(spec)
    for place, layer in zip(parameters.layers(), layers, strict=True):
        place.W[...], place.b[...] = layer.W, layer.b
    return spec, parameters.vector


def _numbers(values: Array) -> float | tuple[float, ...]:
    """Return one number where all are the same."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    return float(flat[0]) if (flat == flat[0]).all() else tuple(flat.tolist())


def _loss(given: str | Loss | None, ending: Activate | None) -> Loss:
    """Return the loss; raise where what was given contradicts how the model ends."""
    of_ending = "mse" if ending is None else OUTPUTS[ending.name]
    chosen = loss_of(of_ending if given is None else given)
    if ending is not None and chosen.name != of_ending:
        raise SettingError(
            f"The model ends in {ending.of}, which belongs to the loss {of_ending!r}; {chosen.name!r} was given. "
            "Leave it out, or take that part off the model."
        )
    return chosen


def _layers(width: int, parts: Sequence[Part]) -> tuple[list[_Layer], float]:
    """Return layers, and the rate of the dropout of the inputs."""
    layers: list[_Layer] = []
    waiting: tuple[Array, Array] | None = None  # what scales the next layer's inputs
    first_drop = 0.0
    for part in parts:
        match part:
            case Linear(W, b):
                layer = _Layer(W, b)
                if waiting is not None:
                    factor, plus = waiting
                    layer.b += layer.W @ plus
                    layer.W *= factor
                    waiting = None
                layers.append(layer)
            case Scaled() | Scaling():
                factor, plus = _as_scaling(part, len(layers[-1].b) if layers else width)
                waiting = _scale(layers, waiting, factor, plus)
            case Activate(name, of):
                if name in OUTPUTS and name != "sigmoid":
                    raise SettingError(
                        f"The model has {of} between its layers; only its last part may be one. Such a network cannot be "
                        "represented."
                    )
                if not layers or waiting is not None or layers[-1].activation is not None:
                    layer = _Layer(np.eye(len(layers[-1].b) if layers else width), np.zeros(1))
                    layer.b = np.zeros(len(layer.W))
                    if waiting is not None:
                        layer.W *= waiting[0]
                        layer.b, waiting = waiting[1], None
                    layers.append(layer)
                layers[-1].activation = name
            case Drop(rate):
                if layers:
                    layers[-1].drop = 1 - (1 - layers[-1].drop) * (1 - rate) if layers[-1].drop else rate
                else:
                    first_drop = 1 - (1 - first_drop) * (1 - rate) if first_drop else rate
    if waiting is not None:
        last = _unit(layers) if layers else None
        if last is not None:
            last.W *= waiting[0][:, np.newaxis]
            last.b = waiting[1]
    return layers, first_drop


def _as_scaling(part: Scaled | Scaling, width: int) -> tuple[Array, Array]:
    """Return factor and plus of every number."""
    if isinstance(part, Scaling):
        return np.asarray(part.factor, dtype=np.float64), np.asarray(part.plus, dtype=np.float64)
    scale = np.broadcast_to(np.asarray(part.scale, dtype=np.float64), (width,))
    return scale, -np.broadcast_to(np.asarray(part.shift, dtype=np.float64), (width,)) * scale


def _scale(
    layers: list[_Layer], waiting: tuple[Array, Array] | None, factor: Array, plus: Array
) -> tuple[Array, Array] | None:
    """Fold a scaling into the layer before, where its sums are what is scaled; return what the next layer takes."""
    if layers and waiting is None and layers[-1].activation is None:
        layers[-1].W *= factor[:, np.newaxis]
        layers[-1].b = layers[-1].b * factor + plus
        return None
    return (factor, plus) if waiting is None else (waiting[0] * factor, waiting[1] * factor + plus)


def _unit(layers: list[_Layer]) -> _Layer:
    """Append a layer that hands on what it is given, exactly, and return it."""
    width = len(layers[-1].b)
    layers.append(_Layer(np.eye(width), np.zeros(width)))
    return layers[-1]
