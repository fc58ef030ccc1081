"""Loss and gradient against an independent differentiator, HIPS autograd.

The network is written a second time here, from the definitions, as a plain function of a list of W and b;
autograd differentiates that. Nothing of `pellucid.core` computes on this side.
"""

from __future__ import annotations

from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from autograd.scipy.special import erf

from pellucid.core import ACTIVATIONS, loss_and_gradient

INPUTS = {  # name: (scale, shift), written out again
    "plain": (1.0, 0.0),
    "scalar": (0.25, 0.0),
    "shifted": (np.array([0.5, 2.0, -1.5, 0.1]), np.array([0.3, -0.2, 1.0, 5.0])),
    "bytes": (1 / 255, 0.0),
}
ANSWERS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 0.5 * (anp.tanh(0.5 * z) + 1),
    "tanh": lambda z: 2 / (1 + anp.exp(-2 * z)) - 1,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, z / 100),
    "elu": lambda z: anp.where(z > 0, z, anp.exp(z) - 1),
    "selu": lambda z: 1.0507009873554805 * anp.where(z > 0, z, 1.6732632423543772 * (anp.exp(z) - 1)),
    "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + anp.exp(-z)),
    "softplus": lambda z: anp.log(1 + anp.exp(z)),
}


def cross_entropy(z: Any, t: Any) -> Any:
    own = np.eye(z.shape[1])[t]
    return anp.log(anp.sum(anp.exp(z), axis=1)) - anp.sum(own * z, axis=1)


def binary_cross_entropy(z: Any, t: Any) -> Any:
    p = 1 / (1 + anp.exp(-z))
    return anp.mean(-t * anp.log(p) - (1 - t) * anp.log(1 - p), axis=1)


def mse(a: Any, t: Any) -> Any:
    return anp.sum((a - t) ** 2, axis=1) / t.shape[1]


def half_square(a: Any, t: Any) -> Any:
    return 0.5 * anp.sum((a - t) ** 2, axis=1)


def mae(a: Any, t: Any) -> Any:
    return anp.sum(anp.abs(a - t), axis=1) / t.shape[1]


def huber(a: Any, t: Any) -> Any:
    apart = anp.abs(a - t)
    return anp.mean(anp.where(apart <= 1, apart**2 / 2, apart - 0.5), axis=1)


def pinball(a: Any, t: Any) -> Any:
    above = np.tile([0.1, 0.5, 0.9], t.shape[1] // 3)
    return anp.mean(anp.maximum(above * (t - a), (above - 1) * (t - a)), axis=1)


def poisson(z: Any, t: Any) -> Any:
    return anp.mean(anp.exp(z) - t * z - t + t * np.log(np.where(t > 0, t, 1)), axis=1)


LOSSES = {
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "mse": mse,
    "half_square": half_square,
    "mae": mae,
    "huber": huber,
    "pinball": pinball,
    "poisson": poisson,
}


def network_loss(flat: list[Any], case: Any, X: Any, T: Any, weights: Any) -> Any:
    """Return the loss of a network given as [W1, b1, W2, b2, W3, b3], W's row j being neuron j."""
    scale, shift = INPUTS[case.inputs]
    a = (X.astype(float) - shift) * scale
    masks = case.masks()
    for number, answer in enumerate((case.hidden, case.hidden, case.output)):
        if masks is not None:
            a = a * masks[number]
        W, b = flat[2 * number], flat[2 * number + 1]
        a = ANSWERS[answer](anp.einsum("bi,ji->bj", a, W) + b)
    each = LOSSES[case.loss](a, T) * (case.outputs if case.summed else 1)
    weights = np.ones(len(X)) if weights is None else weights
    squares = sum(anp.sum(W**2) for W in flat[::2])
    sizes = sum(anp.sum(anp.abs(W)) for W in flat[::2])
    return anp.sum(each * weights) / np.sum(weights) + 0.4 * case.l2 * sizes + 0.5 * case.l2 * squares


def test_loss_and_gradient_agree_with_autograd(case: Any) -> None:
    """The loss, and every layer's dW and db, agree to 1e-9 of the largest component."""
    parameters, X, T, weights = case.away_from_kinks()
    flat = [np.array(part) for layer in parameters.layers() for part in layer]
    expected_loss, expected = autograd.value_and_grad(network_loss)(flat, case, X, T, weights)

    actual = loss_and_gradient(case.spec, parameters, X, T, weights, **case.penalties, drop=case.drop)

    assert float(expected_loss) == pytest.approx(actual.loss, rel=1e-9)
    parts = [part for layer in actual.gradient.layers() for part in layer]
    for want, got in zip(expected, parts, strict=True):
        assert want.shape == got.shape
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9 * max(1e-3, np.abs(want).max()))


def test_every_activation_has_an_answer() -> None:
    """A new activation is written a second time here before it is believed."""
    assert set(ANSWERS) == set(ACTIVATIONS)
