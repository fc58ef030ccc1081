"""Activations: their values against SciPy and Python, and their slopes against differences."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from pellucid.core import ACTIVATIONS, activation_of
from pellucid.errors import UnknownNameError

EXPECTED: dict[str, Any] = {
    "identity": lambda Z: Z,
    "sigmoid": special.expit,
    "tanh": np.vectorize(math.tanh),
    "relu": lambda Z: np.where(Z > 0, Z, 0.0),
    "leaky_relu": lambda Z: np.maximum(Z, Z / 100),
    "elu": lambda Z: np.array([z if z > 0 else math.expm1(z) for z in Z]),
    "selu": lambda Z: np.array([ALPHA_AND_SCALE[1] * (z if z > 0 else ALPHA_AND_SCALE[0] * math.expm1(z)) for z in Z]),
    "gelu": lambda Z: Z * special.ndtr(Z),
    "silu": lambda Z: Z * special.expit(Z),
    "softplus": lambda Z: np.logaddexp(0, Z),
}
ALPHA_AND_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
# Far out, z/√2 rounded once is felt in gelu's tail; SciPy's expit there has fewer digits than its quotient.
APART = {"gelu": 2e-13, "selu": 1e-15, "silu": 2e-15, "softplus": 1e-15}
Z = np.concatenate([np.linspace(-800, 800, 4001), np.linspace(-3, 3, 4001)])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_agree_with_an_independent_function(name: str) -> None:
    """To 1e-15 (1e-305 where SciPy rounds subnormal numbers to 0), and none changes what it is given."""
    before = Z.tobytes()
    found = activation_of(name).function(Z)
    np.testing.assert_allclose(found, EXPECTED[name](Z), rtol=APART.get(name, 1e-15), atol=1e-305)
    assert before == Z.tobytes()


@pytest.mark.parametrize("name", ACTIVATIONS)
@settings(deadline=None)
@given(z=st.floats(-30, 30).filter(lambda z: abs(z) > 1e-3))
def test_the_slope_is_the_derivative(name: str, z: float) -> None:
    """Away from the kinks at 0, slope and central difference agree to 1e-8."""
    activation, h = ACTIVATIONS[name], 1e-5
    at = np.array([z - h, z + h])
    below, above = activation.function(at)
    here = np.array([z])
    expected = (above - below) / (at[1] - at[0])
    assert expected == pytest.approx(activation.slope(here, activation.function(here))[0], abs=1e-8)


def test_sigmoid_is_the_columns() -> None:
    """Of 2.13, the column's weighted sum, it is 0.8937850083248244."""
    assert 0.8937850083248244 == activation_of("sigmoid").function(np.array(2.13))


def test_softmax_is_refused_with_where_it_belongs() -> None:
    """Softmax is the loss's own."""
    with pytest.raises(UnknownNameError, match=r"the loss 'cross_entropy' already contains it.*one of: identity, sig"):
        activation_of("softmax")


@pytest.mark.parametrize("given", ["rellu", ["relu"], None, 3])
def test_an_unknown_activation_is_refused(given: object) -> None:
    """The message names those there are."""
    with pytest.raises(
        UnknownNameError,
        match=r"Unknown activation .*\. Accepted: identity, sigmoid, .*, softplus\.",
    ):
        activation_of(given)
