"""The waist between other libraries' models and ours: rows of parts are folded, and compute what they did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from files.foreign import HUNDRED, difference, outputs, random_network, random_rows
from pellucid import Dense, Dropout, Network
from pellucid.core import ACTIVATIONS, Parameters, Spec
from pellucid.errors import SettingError, ShapeError
from pellucid.files._apart import apart
from pellucid.files._parts import Activate, Drop, Linear, Part, Scaled, Scaling, assembled

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(16, 3))
FIRST, SECOND = (
    Linear(RANDOM.normal(size=(4, 3)), RANDOM.normal(size=4)),
    Linear(RANDOM.normal(size=(2, 4)), np.ones(2)),
)
INPUTS, OTHER = Scaled(np.array([1.0, 2.0, 3.0]), np.array([0.5, -0.1, 2.0])), Scaling(np.float64(3.0), np.arange(3.0))
MIDDLE = Scaling(np.array([1.0, -2.0, 0.0, 0.5]), RANDOM.normal(size=4))
UNITS = Scaling(np.array([2.0, 3.0]), np.array([-1.0, 5.0]))
RELU, TANH, SIGMOID = Activate("relu", "ReLU"), Activate("tanh", "Tanh"), Activate("sigmoid", "Sigmoid")
SOFTMAX, EXP, PLAIN = Activate("softmax", "Softmax"), Activate("exp", "Exp"), Activate("identity", "Identity")
DROP = Drop(0.5)

ROWS: dict[str, tuple[list[Part], str]] = {
    # each with the layers that there should be: width, activation, dropout
    "plain": ([FIRST, RELU, SECOND], "4 relu, 2"),
    "norm before the first": ([Scaled(1.0, 0.5), OTHER, FIRST, RELU, SECOND], "4 relu, 2"),
    "norm that loses an input": ([Scaling(np.array([1.0, 0.0, 2.0]), np.ones(3)), FIRST, RELU, SECOND], "4 relu, 2"),
    "norm after a linear": ([FIRST, MIDDLE, RELU, SECOND], "4 relu, 2"),
    "norm after an activation": ([FIRST, RELU, MIDDLE, SECOND], "4 relu, 2"),
    "norms everywhere": ([INPUTS, FIRST, MIDDLE, RELU, MIDDLE, MIDDLE, SECOND, UNITS], "4 relu, 2"),
    "norm, dropout, linear": ([FIRST, RELU, MIDDLE, DROP, SECOND], "4 relu, drop 0.5, 2"),
    "dropout, norm, linear": ([FIRST, RELU, DROP, MIDDLE, SECOND], "4 relu, drop 0.5, 2"),
    "dropout before its activation": ([FIRST, DROP, RELU, SECOND], "4 relu, drop 0.5, 2"),
    "dropout twice": ([FIRST, RELU, DROP, DROP, SECOND], "4 relu, drop 0.75, 2"),
    "dropout of inputs": ([INPUTS, DROP, FIRST, SECOND], "drop 0.5, 4, 2"),
    "dropout of inputs, norm": ([DROP, INPUTS, FIRST, SECOND], "drop 0.5, 4, 2"),
    "dropout at the end": ([FIRST, RELU, SECOND, DROP, SOFTMAX, DROP], "4 relu, 2"),
    "two activations": ([FIRST, RELU, TANH, SECOND], "4 relu, 4 tanh, 2"),
    "an activation after a norm": ([FIRST, RELU, MIDDLE, TANH, SECOND], "4 relu, 4 tanh, 2"),
    "an activation of the inputs": ([TANH, FIRST, RELU, SECOND], "3 tanh, 4 relu, 2"),
    "… scaled": ([INPUTS, TANH, FIRST, RELU, SECOND], "3 tanh, 4 relu, 2"),
    "identity": ([PLAIN, FIRST, PLAIN, MIDDLE, PLAIN, RELU, PLAIN, SECOND, PLAIN], "4 relu, 2"),
    "linear, linear": ([FIRST, SECOND], "4, 2"),
    "a hidden sigmoid": ([FIRST, SIGMOID, SECOND], "4 sigmoid, 2"),
    "softmax": ([FIRST, RELU, SECOND, SOFTMAX], "4 relu, 2"),
    "sigmoid": ([FIRST, RELU, SECOND, SIGMOID], "4 relu, 2"),
    "counts": ([FIRST, RELU, SECOND, EXP], "4 relu, 2"),
    "softmax of activations": ([FIRST, RELU, SECOND, TANH, SOFTMAX], "4 relu, 2 tanh, 2"),
    "… behind dropout": ([FIRST, RELU, SECOND, TANH, DROP, SOFTMAX], "4 relu, 2 tanh, drop 0.5, 2"),
    "softmax of a norm": ([FIRST, RELU, SECOND, UNITS, SOFTMAX], "4 relu, 2"),
    "softmax of a norm of activations": ([FIRST, RELU, SECOND, TANH, UNITS, SOFTMAX], "4 relu, 2 tanh, 2"),
    "units": ([FIRST, RELU, SECOND, UNITS], "4 relu, 2"),
    "units twice": ([FIRST, RELU, SECOND, UNITS, Scaling(2.0, 1.0)], "4 relu, 2"),
    "units of a sigmoid": ([FIRST, RELU, SECOND, SIGMOID, UNITS], "4 relu, 2 sigmoid"),
    "units that turn round": ([FIRST, RELU, SECOND, TANH, Scaling(-1.0, 0.0)], "4 relu, 2 tanh, 2"),
    "relu at the end": ([FIRST, RELU, SECOND, RELU], "4 relu, 2 relu"),
}


def computed(parts: Sequence[Part], A: Any) -> Any:
    """Return what the parts do, one after the other, each by its definition."""
    for part in parts:
        match part:
            case Linear(W, b):
                A = A @ W.T + b
            case Scaled(shift, scale):
                A = (A - shift) * scale
            case Scaling(factor, plus):
                A = A * factor + plus
            case Activate("softmax"):
                powers = np.exp(A)
                A = powers / powers.sum(axis=1, keepdims=True)
            case Activate("exp"):
                A = np.exp(A)
            case Activate(name):
                A = ACTIVATIONS[name].function(A)
    return A


def told(spec: Spec) -> str:
    """Return the layers in short."""
    return ", ".join(
        f"drop {layer.rate}"
        if isinstance(layer, Dropout)
        else f"{layer.width} {layer.activation}".removesuffix(" identity")
        for layer in spec.layers
    )


@pytest.mark.parametrize("what", ROWS)
def test_a_row_is_folded(what: str) -> None:
    """The network has as few layers as can be, and computes what the parts do, one after the other."""
    parts, layers = ROWS[what]
    spec, vector = assembled(3, parts, dtype="float64")
    assert layers == told(spec)
    assert difference(computed(parts, X), outputs(Network.of_parts(spec, vector), X)) < 1e-13


def test_scalings_at_the_ends_stay_scalings() -> None:
    """What scales inputs is the network's input, what gives values their units its output; weights are untouched."""
    spec, vector = assembled(3, [INPUTS, FIRST, RELU, SECOND, UNITS], dtype="float64")
    assert ((0.5, -0.1, 2.0), (1.0, 2.0, 3.0)) == (spec.input.scale, spec.input.shift)
    assert ((2.0, 3.0), (-1.0, 5.0)) == (spec.output.scale, spec.output.shift)
    for part, layer in zip((FIRST, SECOND), Parameters(spec, vector).layers(), strict=True):
        np.testing.assert_array_equal(part.W, layer.W)
        np.testing.assert_array_equal(part.b, layer.b)


def test_inputs_far_from_zero_lose_no_digits() -> None:
    """x·factor + plus is used as (x − shift)·scale: in float32, 20,000 standard deviations from 0 do no harm."""
    far = 1e5 + 5 * X
    parts = [Scaling(0.2, -2e4), FIRST]
    spec, vector = assembled(3, parts, dtype="float32")
    far = far.astype(np.float32)
    assert difference(computed(parts, far.astype(np.float64)), outputs(Network.of_parts(spec, vector), far)) < 1e-5


def test_how_a_model_ends_decides_its_loss() -> None:
    """Unless one is given that does not contradict it."""
    for end, given, expected in (
        ([SOFTMAX], None, "cross_entropy"),
        ([SIGMOID], None, "binary_cross_entropy"),
        ([EXP], None, "poisson"),
        ([], None, "mse"),
        ([], "cross_entropy", "cross_entropy"),
        ([RELU], "binary_cross_entropy", "binary_cross_entropy"),
        ([SIGMOID], "mse", "mse"),
    ):
        assert expected == assembled(3, [FIRST, *end], dtype="float32", loss=given)[0].loss.name
    for end, given in ((SOFTMAX, "mse"), (SIGMOID, "cross_entropy"), (EXP, "huber")):
        with pytest.raises(SettingError, match=f"ends in {end.of}.*{given!r} was given"):
            assembled(3, [FIRST, end], dtype="float32", loss=given)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([FIRST, SOFTMAX, SECOND], "Softmax between its layers"),
        ([FIRST, EXP, SECOND], "Exp between its layers"),
        ([FIRST, SOFTMAX, UNITS], "Softmax between its layers"),
        ([], "no layer with weights"),
        ([INPUTS, DROP], "no layer with weights"),
    ],
)
def test_rows_that_no_network_computes_are_refused(parts: list[Part], message: str) -> None:
    """The part at fault is named."""
    with pytest.raises(SettingError, match=message):
        assembled(3, parts, dtype="float32")


def test_parts_that_do_not_fit_are_refused() -> None:
    """Their shapes are told."""
    with pytest.raises(ShapeError, match=r"shape \(2, 4\) .* follow 3 numbers"):
        assembled(3, [SECOND], dtype="float32")
    with pytest.raises(ShapeError, match=r"scaling of shape \(2,\) follows 4 numbers"):
        assembled(3, [FIRST, UNITS, RELU], dtype="float32")


@pytest.mark.parametrize("seed", HUNDRED)
def test_a_network_taken_apart_is_put_together_again(seed: int) -> None:
    """Spec and parameters are the same to the last bit, and the parts compute what the network does."""
    net = random_network(seed)
    named = apart(net.spec, Parameters(net.spec, net.parameters))
    spec, vector = assembled(net.spec.input.width, list(named.values()), dtype=net.spec.dtype, loss=net.spec.loss)
    assert net.spec == spec
    np.testing.assert_array_equal(net.parameters, vector)
    rows = random_rows(seed, net.spec.input.width, net.spec.dtype)
    assert difference(computed(list(named.values()), rows), outputs(net, rows)) < 1e-5


def test_dropout_behind_dropout_has_a_name_of_its_own() -> None:
    """No part is lost for want of a name."""
    net = Network([3, Dropout(0.1), Dropout(0.2), Dense(2)])
    named = apart(net.spec, Parameters(net.spec, net.parameters))
    assert ["input_dropout", "input_dropout_again", "output", "output_softmax"] == list(named)
