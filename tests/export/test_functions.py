"""The functions of exported programs, over the whole range of floats, beside the engine's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.core import ACTIVATIONS
from pellucid.export import program_of, sources


def sweep() -> np.ndarray:
    """Numbers of either sign, from subnormal ones to the largest, dense where activations bend; and their edges."""
    rng = np.random.default_rng(5)
    wide = rng.integers(0, 0x7F800000, 1500, dtype=np.uint32).view(np.float32)
    near = np.concatenate([np.linspace(0, 12, 800), np.linspace(12, 110, 300)]).astype(np.float32)
    edges = np.array([0, 1e-45, 1.1754944e-38, 1e-8, 0.34657359, 1.4142135, 40, 88.7, 88.8, 89, 104, 1e30], np.float32)
    edges = np.concatenate([edges, np.nextafter(edges, np.float32(0)), np.nextafter(edges, np.float32(np.inf))])
    numbers = np.concatenate([wide, near, edges])
    return np.concatenate([numbers, -numbers])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_have_the_engines_bits(activation: str) -> None:
    """A neuron with the weight 1 answers each number as the engine's does."""
    net = Network([1, Dense(1, activation), 1], loss="mse", standardize_targets=False)
    net.parameters[:] = [1, 0, 1, 0]
    module: dict[str, Any] = {"__name__": "one"}
    exec(sources(program_of(net.spec, net._parameters, net._backend, "one"), "python")[".py"], module)
    z = sweep()
    expected = net._backend.forward(net.spec, net.parameters, z[:, None])[:, 0]
    function = module.get(activation, lambda value: value)
    actual = np.array([function(value) + 0.0 for value in z.tolist()], np.float32)
    np.testing.assert_array_equal(expected.view(np.int32), actual.view(np.int32))


def test_heads_have_the_engines_bits() -> None:
    """Softmax of sums far apart and near, and e to the power of a count's sum."""
    rng = np.random.default_rng(6)
    X = (rng.normal(size=(400, 4)) * 10.0 ** rng.integers(-3, 3, (400, 1))).astype(np.float32)
    for loss in ("cross_entropy", "binary_cross_entropy", "poisson"):
        net = Network([4, 4], loss=loss)
        net["output"].weights[:] = np.eye(4)
        module: dict[str, Any] = {"__name__": "four"}
        exec(sources(program_of(net.spec, net._parameters, net._backend, "four"), "python")[".py"], module)
        kept = X[np.abs(X).max(axis=1) < 80]
        expected = net._backend.use(net.spec, net.parameters, kept, shown=True).output
        actual = np.array([module["predict"](row) for row in kept.tolist()], np.float32)
        np.testing.assert_array_equal(expected.view(np.int32), actual.view(np.int32))
