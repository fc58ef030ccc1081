"""A trace: every number of a pass, the engine's own, and those that a step of training was made of."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid.core import ACTIVATIONS, Dropout, Sgd, Spec, initial_parameters
from pellucid.engine import Backend, Job, NativeEngine, ReadableCore, State, instruction_sets

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()},
}
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def problem(spec: Spec, rows: int, *, weighted: bool = False) -> tuple[Any, ...]:
    random = np.random.default_rng(rows)
    X = random.normal(size=(rows, spec.input.width)).astype(spec.dtype)
    T = random.integers(0, spec.n_outputs, rows)
    weights = random.integers(0, 3, rows).astype(spec.dtype) if weighted else None
    return initial_parameters(spec, 7).vector, X, T, weights


@every_dtype
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("rows", [1, 17, 300])
def test_the_engine_agrees_with_the_core(activation: str, rows: int, dtype: str) -> None:
    """Every number of every layer, with dropout and weights, to rounding."""
    spec = Spec.of([9, Dropout(0.2), 17, 33, Dropout(0.3), 5], activation=activation, dtype=dtype, input_scale=0.5)
    parameters, X, T, weights = problem(spec, rows, weighted=rows > 1)
    expected = ReadableCore().trace(spec, parameters, X, T, weights, (5, 3))
    for backend in BACKENDS.values():
        actual = backend.trace(spec, parameters, X, T, weights, (5, 3))
        for name, layer in actual.layers.items():
            for field, array in layer._asdict().items():
                should = getattr(expected.layers[name], field)
                assert should.shape == array.shape
                close = (3e-6 if dtype == "float32" else 1e-14) * max(1.0, float(np.abs(should).max()))
                np.testing.assert_allclose(array, should, rtol=0, atol=close, err_msg=f"{name}.{field}")
        assert expected.total == actual.total
        np.testing.assert_allclose(actual.losses, expected.losses, rtol=1e-5)


@every_backend
@every_dtype
@pytest.mark.parametrize("threads", [1, 2])
def test_a_traced_step_is_the_step(backend: Backend, dtype: str, threads: int) -> None:
    """Descent by the traced gradient of a step's rows, dropout included, is the step."""
    spec = Spec.of([9, 17, Dropout(0.5), 33, 5], activation="gelu", dtype=dtype)
    parameters, X, T, weights = problem(spec, 300, weighted=True)
    order = np.random.default_rng(1).permutation(300)
    job = Job(spec, X, T, weights, Sgd(), 0.0, 64, 11)
    state = State(2, parameters.copy(), {})
    made = backend.train(job, state, order[128:192], np.array([0.25]), threads=threads)
    rows = order[128:192]
    traced = backend.trace(spec, parameters, X[rows], T[rows], weights[rows], (11, 2), threads=threads)
    assert traced.gradient is not None
    assert traced.losses is not None
    expected = (parameters.astype(np.float64) - 0.25 * traced.gradient.astype(np.float64)).astype(dtype)
    exact = isinstance(backend, NativeEngine) and dtype == "float32"  # elsewhere wider numbers would be needed here
    close = 0.0 if exact else 1e-15 if dtype == "float64" else 1e-7
    np.testing.assert_allclose(state.parameters, expected, rtol=0, atol=close)
    loss = float((traced.losses * weights[rows]).sum()) / traced.total
    assert made.losses[0] == pytest.approx(loss, rel=1e-6)


@every_backend
@every_dtype
def test_gradients_and_deltas_belong_together(backend: Backend, dtype: str) -> None:
    """The gradient by a weight is Σ δ·x over rows / total, by a bias Σ δ / total; δ is dL/da·f′(z)."""
    spec = Spec.of([6, 8, 7, 4], activation="silu", dtype=dtype)
    parameters, X, T, weights = problem(spec, 40, weighted=True)
    traced = backend.trace(spec, parameters, X, T, weights)
    tolerance: dict[str, float] = {"rtol": 1e-4, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-10, "atol": 1e-14}
    begin = 0
    assert traced.gradient is not None
    for layer in traced.layers.values():
        assert layer.delta is not None
        assert layer.dA is not None
        np.testing.assert_array_equal(layer.delta, layer.dA * layer.slope)
        rows = np.hstack([layer.X, np.ones((40, 1))]).astype(np.float64)
        expected = rows.T @ layer.delta.astype(np.float64) / traced.total
        part = traced.gradient[begin : begin + expected.size]
        np.testing.assert_allclose(part, expected.ravel(), **tolerance)
        begin += expected.size


@every_backend
def test_without_targets_there_is_no_way_back(backend: Backend) -> None:
    """The way forward is the same; all that needs targets is None."""
    spec = Spec.of([6, 8, 4])
    parameters, X, T, _ = problem(spec, 5)
    forward, both = backend.trace(spec, parameters, X), backend.trace(spec, parameters, X, T)
    assert (forward.losses, forward.gradient) == (None, None)
    for name, layer in forward.layers.items():
        assert (layer.dA, layer.delta) == (None, None)
        np.testing.assert_array_equal(layer.A, both.layers[name].A)
    np.testing.assert_array_equal(forward.layers["output"].A, backend.forward(spec, parameters, X))
