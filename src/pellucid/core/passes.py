"""Through the whole network and back: forward, and the gradient of the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pellucid.core.activations import activation_of
from pellucid.core.layers import dense, dropout, dropout_mask
from pellucid.core.parameters import LayerParameters, Parameters
from pellucid.core.spec import Dropout, Spec
from pellucid.random import Purpose, Stream

__all__ = [
    "Forward",
    "LayerNumbers",
    "LossAndGradient",
    "Traced",
    "dropout_factors",
    "forward",
    "loss_and_gradient",
    "penalty",
    "scaled",
    "total_weight",
    "traced",
]

Array = NDArray[Any]


class Forward(NamedTuple):
    """A pass through the network: what each layer made of the batch, and the way back."""

    inputs: dict[str, Array]
    weighted_sums: dict[str, Array]
    activations: dict[str, Array]
    output: Array
    back: Callable[[Array, Parameters], dict[str, tuple[Array, Array]]]


class LossAndGradient(NamedTuple):
    """The loss of a batch, its gradient by every parameter, and the output that was judged."""

    loss: float
    gradient: Parameters
    output: Array


def scaled(spec: Spec, X: Array) -> Array:
    """Return the inputs as the first layer sees them: (x − shift)·scale, in the spec's dtype."""
    dtype = np.dtype(spec.dtype)
    S = X.astype(dtype)  # always a copy: what follows is done in place
    if spec.input.shift != 0.0:
        S -= np.asarray(spec.input.shift, dtype=dtype)
    if spec.input.scale != 1.0:
        S *= np.asarray(spec.input.scale, dtype=dtype)
    return S


class LayerNumbers(NamedTuple):
    """Every number of one layer, of a batch.

    Attributes
    ----------
    X : array, shape (batch, n_in)
        What comes in: inputs after scaling, or activations of the layer before; where units are dropped, without them.
    Z, A, slope : arrays, shape (batch, n_out)
        Weighted sums z, activations a = f(z), and f′(z).
    dA, delta : arrays, shape (batch, n_out), or None where there are no targets
        Slopes of each row's own loss, times the row's weight, by a and by z: δ = dL/dz = dL/da·f′(z).
    """

    X: Array
    Z: Array
    A: Array
    slope: Array
    dA: Array | None
    delta: Array | None


class Traced(NamedTuple):
    """Every number of a pass through the network, and of the way back.

    Attributes
    ----------
    layers : LayerNumbers by the layers' names
    losses : float64, shape (batch,), or None where there are no targets
        The loss of each row, not weighted.
    total : float
        What the gradient's sums over rows are divided by: the sum of the rows' weights, or 1 where all are 0.
    gradient : vector like the parameters, or None where there are no targets
        Of the batch's loss: by a weight, Σ δ·x over rows / total, and l2·w + l1·sign(w) where there are penalties.
    """

    layers: dict[str, LayerNumbers]
    losses: NDArray[np.float64] | None
    total: float
    gradient: Array | None


def forward(spec: Spec, parameters: Parameters, X: Array, drop: tuple[int, int] | None = None) -> Forward:
    """Pass a batch through the network.

    Parameters
    ----------
    spec : Spec
    parameters : Parameters
    X : array, shape (batch, n_in), as the user gives it
    drop : (seed, step) to apply dropout as in that step of training; None to use every unit

    Returns
    -------
    Forward
        ``back(dA, gradient)``, given dL/d(output), writes dL/dW and dL/db of every layer into ``gradient``, and
        returns dL/dA and dL/dZ of every layer.
    """
    A = scaled(spec, X)
    inputs: dict[str, Array] = {}
    sums: dict[str, Array] = {}
    activations: dict[str, Array] = {}
    ways_back: list[tuple[str | None, Callable[..., Any]]] = []
    names = iter(spec.names)
    for number, layer in enumerate(spec.layers, start=1):
        if not isinstance(layer, Dropout):
            name = next(names)
            inputs[name] = A
            step = dense(A, parameters[name], activation_of(layer.activation or "identity"))
            sums[name], activations[name], A = step.Z, step.A, step.A
            ways_back.append((name, step.back))
        elif drop is not None and layer.rate > 0:
            stream = Stream(drop[0], Purpose.DROPOUT, layer=number, step=drop[1])
            batch, width = A.shape
            A, undo = dropout(A, dropout_mask(stream, batch, width, layer.rate, A.dtype))
            ways_back.append((None, undo))

    def back(dA: Array, gradient: Parameters) -> dict[str, tuple[Array, Array]]:
        slopes: dict[str, tuple[Array, Array]] = {}
        for place, (name, undo) in reversed(list(enumerate(ways_back))):
            if name is None:
                dA = undo(dA)
            else:
                dZ, dX = undo(dA, gradient[name], place > 0)
                slopes[name], dA = (dA, dZ), dX
        return slopes

    return Forward(inputs, sums, activations, A, back)


def total_weight(rows: int, weights: Array | None) -> float:
    """Return what sums over a batch are divided by: the rows' total weight, or 1 where all weights are 0."""
    return float(rows) if weights is None else float(weights.sum(dtype=np.float64)) or 1.0


def dropout_factors(spec: Spec, batch: int, drop: tuple[int, int]) -> dict[str, Array] | None:
    """Return what dropout multiplies each layer's inputs by in a step (seed, step); None: it drops nothing."""
    if not any(isinstance(layer, Dropout) and layer.rate > 0 for layer in spec.layers):
        return None
    names, width = iter(spec.names), spec.input.width
    found: dict[str, Array] = {}
    factors = np.ones((batch, width), spec.dtype)
    for number, layer in enumerate(spec.layers, start=1):
        if isinstance(layer, Dropout):
            if layer.rate > 0:
                stream = Stream(drop[0], Purpose.DROPOUT, layer=number, step=drop[1])
                factors *= dropout_mask(stream, batch, width, layer.rate, factors.dtype)
        else:
            found[next(names)], width = factors, layer.width
            factors = np.ones((batch, width), spec.dtype)
    return found


def penalty(layers: tuple[LayerParameters, ...], l1: float, l2: float) -> float:
    """Return l1·Σ |w| + ½·l2·Σ w² over all weights; biases are free."""
    sizes = l1 * sum(float(np.abs(layer.W).sum(dtype=np.float64)) for layer in layers) if l1 else 0.0
    return sizes + (0.5 * l2 * sum(float(np.vdot(layer.W, layer.W)) for layer in layers) if l2 else 0.0)


def _penalize(gradient: Parameters, parameters: Parameters, l1: float, l2: float) -> None:
    """Add the slopes of the penalties to a gradient."""
    if l1 or l2:
        for part, of in zip(gradient.layers(), parameters.layers(), strict=True):
            part.W[...] += l2 * of.W + l1 * np.sign(of.W)


def loss_and_gradient(
    spec: Spec,
    parameters: Parameters,
    X: Array,
    T: Array,
    weights: Array | None = None,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    drop: tuple[int, int] | None = None,
    out: Parameters | None = None,
) -> LossAndGradient:
    """Return the loss of a batch and its gradient by every parameter.

        L = Σᵢ wᵢ·Lᵢ / Σᵢ wᵢ + l1·Σ |w| + ½·l2·Σ w²      (first w: of samples; the others: of the network, no biases)

    where all weights of samples are 0, the first term is 0; the slope of |w| at 0 is 0.

    Parameters
    ----------
    spec, parameters, X : see `forward`
    T : targets as the loss takes them
    weights : array, shape (batch,), of the spec's dtype, each ≥ 0; None: all 1
    l1, l2 : float, ≥ 0
    drop : see `forward`
    out : where to write the gradient; made if not given

    Returns
    -------
    LossAndGradient
    """
    gradient = Parameters(spec) if out is None else out
    passed = forward(spec, parameters, X, drop)
    L, back = spec.loss.function(passed.output, T)
    dA = back()
    total = total_weight(len(L), weights)
    if weights is None:
        loss = float(L.sum(dtype=np.float64)) / total
    else:
        counted = weights != 0
        loss = float((weights[counted] * L[counted]).sum(dtype=np.float64)) / total
        dA *= weights[:, np.newaxis]
    passed.back(dA, gradient)
    gradient.vector /= gradient.vector.dtype.type(total)
    if l1 or l2:
        loss += penalty(parameters.layers(), l1, l2)
        _penalize(gradient, parameters, l1, l2)
    return LossAndGradient(loss, gradient, passed.output)


def traced(
    spec: Spec,
    parameters: Parameters,
    X: Array,
    T: Array | None = None,
    weights: Array | None = None,
    drop: tuple[int, int] | None = None,
    *,
    l1: float = 0.0,
    l2: float = 0.0,
) -> Traced:
    """Return every number of a pass through the network, and with targets of the way back.

    Parameters
    ----------
    spec, parameters, X, T, weights, drop, l1, l2 : see `loss_and_gradient`
    """
    passed = forward(spec, parameters, X, drop)
    losses: NDArray[np.float64] | None = None
    gradient: Array | None = None
    back: dict[str, tuple[Array, Array]] = {}
    total = total_weight(len(X), weights)
    if T is not None:
        L, slope_of_loss = spec.loss.function(passed.output, T)
        dA = slope_of_loss()
        if weights is not None:
            dA *= weights[:, np.newaxis]
        sums = Parameters(spec)
        back = passed.back(dA, sums)
        sums.vector /= sums.vector.dtype.type(total)
        _penalize(sums, parameters, l1, l2)
        losses, gradient = L.astype(np.float64), sums.vector
    layers = {}
    for name, layer in zip(spec.names, spec.dense, strict=True):
        Z, A = passed.weighted_sums[name], passed.activations[name]
        slope = activation_of(layer.activation or "identity").slope(Z, A)
        layers[name] = LayerNumbers(passed.inputs[name], Z, A, slope, *back.get(name, (None, None)))
    return Traced(layers, losses, total, gradient)
