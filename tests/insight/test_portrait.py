"""Portraits: what excites a neuron, its histogram by class, and what is lost without it, judged by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid.core import ACTIVATIONS, Dense, Dropout, Parameters, SparseRows, Spec, initial_parameters
from pellucid.engine import Backend, NativeEngine, ReadableCore, instruction_sets
from pellucid.errors import KindError, SettingError, ShapeError, UnknownNameError
from pellucid.insight._layers_apart import activations, layers_above
from pellucid.insight._portrait import Portrait, portrait, portraits

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()[:1]},
}
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
ROWS = 700
TASKS: dict[str, tuple[str, int, dict[str, Any]]] = {
    "classes": ("cross_entropy", 4, {"classes": ["a", "b", "c", "never"]}),
    "yes or no": ("binary_cross_entropy", 1, {}),
    "several yes or no": ("binary_cross_entropy", 3, {}),
    "values": ("mse", 2, {}),
}
every_task = pytest.mark.parametrize("task", TASKS)


def problem(task: str, activation: str = "relu", dtype: str = "float32") -> tuple[Spec, Parameters, Any, Any]:
    """Return a network with a dropout layer and biases, and rows with targets; one class has no rows."""
    loss, outputs, settings = TASKS[task]
    layers = [6, 9, Dropout(0.3), Dense(7, activation), outputs]
    spec = Spec.of(layers, activation=activation, loss=loss, dtype=dtype, input_scale=0.5, input_shift=0.1, **settings)
    parameters, random = initial_parameters(spec, 1), np.random.default_rng(5)
    for layer in parameters.layers():
        layer.b[...] = random.normal(scale=0.3, size=layer.b.shape)
    X = random.normal(size=(ROWS, 6)).astype(dtype)
    T = random.normal(size=(ROWS, outputs)).astype(dtype)
    parameters["output"].b[...] -= ReadableCore().forward(spec, parameters.vector, X).mean(axis=0)  # all answers occur
    if task == "classes":
        return spec, parameters, X, random.integers(0, 3, ROWS)
    return spec, parameters, X, T if task == "values" else (T > 0).astype(dtype)


def worth(task: str, output: Any, T: Any) -> tuple[float, list[float]]:
    """Return accuracy (or for values mean squared error), and each class's, row by row."""
    rows = range(len(T))
    if task == "values":
        return float(np.mean([np.mean((output[i].astype(np.float64) - T[i]) ** 2) for i in rows])), []
    if task == "classes":
        hits, of_rows = [int(output[i].argmax()) == T[i] for i in rows], [{int(T[i])} for i in rows]
    else:
        hits = [all((o > 0) == (t == 1) for o, t in zip(output[i], T[i], strict=True)) for i in rows]
        one = T.shape[1] == 1
        of_rows = [{int(T[i, 0])} if one else {k for k in range(T.shape[1]) if T[i, k] == 1} for i in rows]
    n = {"classes": 4, "yes or no": 2, "several yes or no": 3}[task]
    members = [[i for i in rows if k in of_rows[i]] for k in range(n)]
    return sum(hits) / len(T), [sum(hits[i] for i in m) / len(m) if m else np.nan for m in members]


@every_backend
@every_task
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ablation_is_a_network_without_the_neuron(backend: Backend, task: str, dtype: str) -> None:
    """Silencing gives what a copy of the network gives whose outgoing weights of the neuron are 0."""
    spec, parameters, X, T = problem(task, dtype=dtype)
    found = portraits(spec, parameters, backend, X, T)
    whole = worth(task, backend.forward(spec, parameters.vector, X), T)
    for number, name in enumerate(spec.names[:-1]):
        for node, one in enumerate(found[name]):
            copy = Parameters(spec, parameters.vector.copy())
            copy[spec.names[number + 1]].W[:, node] = 0
            without = worth(task, backend.forward(spec, copy.vector, X), T)
            cut = one.ablation
            assert cut is not None
            assert ("loss" if task == "values" else "accuracy") == cut.measure
            close = (
                {"rel": 1e-5} if task == "values" else {"abs": 1.5 / ROWS if isinstance(backend, ReadableCore) else 0}
            )
            assert (whole[0], without[0]) == pytest.approx((cut.whole, cut.without), **close)
            assert without[0] - whole[0] == pytest.approx(cut.effect, rel=1e-3, abs=1e-6)
            np.testing.assert_allclose(cut.class_whole, whole[1], atol=1e-2 if isinstance(backend, ReadableCore) else 0)
            np.testing.assert_allclose(
                cut.class_without, without[1], atol=1e-2 if isinstance(backend, ReadableCore) else 0
            )
    assert [None] * spec.n_outputs == [one.ablation for one in found["output"]]
    if task != "values":
        effects = {one.ablation.effect for name in spec.names[:-1] for one in found[name] if one.ablation}
        assert len(effects) > 3  # the judge had something to judge


@every_backend
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_layers_apart_keep_their_numbers(backend: Backend, activation: str, dtype: str) -> None:
    """Each layer by itself gives the trace's activations, those above one the network's output: with the same bits."""
    spec, parameters, X, _ = problem("classes", activation, dtype)
    traced = backend.trace(spec, parameters.vector, X).layers
    output = backend.forward(spec, parameters.vector, X)
    exact = isinstance(backend, NativeEngine)  # the readable core's BLAS is free to add up in another order
    close = 0.0 if exact else 1e-5 if dtype == "float32" else 1e-13
    for name, A in activations(spec, parameters, backend, X).items():
        np.testing.assert_allclose(A, traced[name].A, rtol=0, atol=close)
        if name != "output":
            np.testing.assert_allclose(
                layers_above(spec, parameters, name).output(backend, A), output, rtol=0, atol=close
            )


@every_backend
@every_task
def test_histograms(backend: Backend, task: str) -> None:
    """Counts of each class are NumPy's, over edges that all classes share; the examples are the extremes."""
    spec, parameters, X, T = problem(task, "tanh", "float64")
    found = portraits(spec, parameters, backend, X, T, n=5, bins=12)
    masks = {
        "classes": [T == k for k in range(4)] if task == "classes" else [],
        "yes or no": [T[..., 0] == k for k in (0, 1)] if task == "yes or no" else [],
        "several yes or no": [T[:, k] == 1 for k in range(3)] if task == "several yes or no" else [],
        "values": [np.ones(ROWS, dtype=bool)],
    }[task]
    for name, A in activations(spec, parameters, backend, X).items():
        for node, one in enumerate(found[name]):
            a = A[:, node]
            assert (name, node + 1) == (one.layer, one.node)
            np.testing.assert_array_equal(np.histogram_bin_edges(a, 12), one.edges)
            np.testing.assert_array_equal([np.histogram(a[mask], one.edges)[0] for mask in masks], one.counts)
            order = sorted(range(ROWS), key=lambda row, a=a: (a[row], row))  # type: ignore[misc]
            assert order[:5] == one.least.rows.tolist()
            order = sorted(range(ROWS), key=lambda row, a=a: (-a[row], row))  # type: ignore[misc]
            assert order[:5] == one.most.rows.tolist()
            np.testing.assert_array_equal(a[one.most.rows], one.most.activations)
            assert sum(value > 0 for value in a) / ROWS == one.active
            np.testing.assert_array_equal(parameters[name].W[node], one.weights)
            assert parameters[name].b[node] == one.bias
            hidden = name != "output"
            assert (sum(abs(value) >= 0.9 for value in a) / ROWS if hidden else None) == one.saturated
    names = {
        "classes": ("a", "b", "c", "never"),
        "yes or no": (0, 1),
        "several yes or no": (0, 1, 2),
        "values": ("all",),
    }
    assert names[task] == found["output"][0].classes


def test_activations_on_an_edge() -> None:
    """One that lies on an edge counts above it, the greatest in the last bin, as in NumPy's histogram."""
    spec = Spec.of([1, 1], loss="mse", dtype="float64")
    parameters = Parameters(spec)
    parameters["output"].W[...] = 1
    X = np.array([[0.0], [1.0], [1.0], [2.0], [4.0], [4.0], [3.5]])
    one = portrait(spec, parameters, ReadableCore(), X, 0 * X, "output", 1, bins=4)
    assert [[1, 2, 1, 3]] == one.counts.tolist()
    assert np.histogram(X, 4)[0].tolist() == one.counts[0].tolist()
    assert 6 / 7 == one.active


@every_backend
def test_one_is_as_all(backend: Backend) -> None:
    """The portrait of one neuron is that of all, field by field."""
    spec, parameters, X, T = problem("classes")
    everything = portraits(spec, parameters, backend, X, T)
    for name in spec.names:
        one, same = portrait(spec, parameters, backend, X, T, name, 3), everything[name][2]
        assert repr(same) == repr(one)
        np.testing.assert_array_equal(same.counts, one.counts)
        np.testing.assert_array_equal(same.weights, one.weights)
        np.testing.assert_array_equal(same.most.rows, one.most.rows)
        if one.ablation is not None and same.ablation is not None:
            np.testing.assert_array_equal(same.ablation.class_without, one.ablation.class_without)


@every_backend
def test_sparse_tables(backend: Backend) -> None:
    """A table of many zeros gives what it gives when it is written out."""
    spec = Spec.of([6, 5, 3])
    parameters, random = initial_parameters(spec, 0), np.random.default_rng(0)
    X = random.integers(0, 3, (40, 6)).astype(np.uint8)
    rows, columns = np.nonzero(X)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=40))])
    sparse = SparseRows(X[rows, columns], columns.astype(np.int32), starts.astype(np.int32), (40, 6))
    T = random.integers(0, 3, 40)
    expected, actual = (portraits(spec, parameters, backend, table, T) for table in (X, sparse))
    assert repr(expected) == repr(actual)


@every_backend
def test_a_neuron_that_never_varies(backend: Backend) -> None:
    """A dead neuron is never active, lies in one bin around 0, and nothing is lost without it."""
    spec, parameters, X, T = problem("classes")
    parameters["layer_1"].W[4], parameters["layer_1"].b[4] = 0, -1
    one = portrait(spec, parameters, backend, X, T, "layer_1", 5)
    assert (0.0, -0.5, 0.5) == (one.active, one.edges[0], one.edges[-1])
    assert np.count_nonzero(one.counts.sum(axis=0)) == 1
    assert ROWS == one.counts.sum()
    assert list(range(9)) == one.most.rows.tolist() == one.least.rows.tolist()
    assert one.ablation is not None
    assert one.ablation.effect == 0


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_only_closed_ranges_saturate(activation: str) -> None:
    """Of the family, the sigmoid and tanh have two ends."""
    spec, parameters, X, T = problem("classes", activation)
    saturated = portrait(spec, parameters, ReadableCore(), X, T, "layer_2", 1).saturated
    assert (activation in {"sigmoid", "tanh"}) == (saturated is not None)


def test_the_list_shown() -> None:
    """A portrait reads as a few lines."""
    spec = Spec.of([1, Dense(2, "sigmoid"), 1], loss="mse", dtype="float64")
    parameters = Parameters(spec)
    parameters["layer_1"].W[...], parameters["output"].W[...] = [[1000], [-1]], [[1, 0]]
    X, T = np.array([[2.0], [1.0], [-1.0], [0.0]]), np.zeros((4, 1))
    one: Portrait = portrait(spec, parameters, ReadableCore(), X, T, "layer_1", 1, n=2)
    expected = """\
layer_1/node_1: 1 weights, bias 0
  active in 75.0% of rows, saturated in 75.0%
  most excited by row 0 (1), row 1 (1)
  least excited by row 2 (0), row 3 (0.5)
  without it, loss 0 in place of 0.5625 (−0.5625)"""
    assert expected == repr(one)


def test_what_cannot_be_asked_is_refused() -> None:
    """Layers and neurons that there are not, no examples, tables that do not fit."""
    spec, parameters, X, T = problem("classes")
    core = ReadableCore()
    with pytest.raises(UnknownNameError, match=r"Unknown layer 'layer_3'. Accepted: layer_1, layer_2, output"):
        portrait(spec, parameters, core, X, T, "layer_3", 1)
    with pytest.raises(SettingError, match=r"The node of layer_1, counted from 1, must lie in 1 … 9; 10 was given"):
        portrait(spec, parameters, core, X, T, "layer_1", 10)
    with pytest.raises(KindError, match="must be a whole number"):
        portrait(spec, parameters, core, X, T, "layer_1", "node_1")  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="n must be a whole number ≥ 1"):
        portraits(spec, parameters, core, X, T, n=0)
    with pytest.raises(SettingError, match="bins must be a whole number ≥ 1"):
        portraits(spec, parameters, core, X, T, bins=0)
    with pytest.raises(ShapeError, match=r"T has 3 rows, but X has 700\."):
        portraits(spec, parameters, core, X, T[:3])
    with pytest.raises(ShapeError, match="X has 5 columns, but the network has 6 inputs"):
        portraits(spec, parameters, core, X[:, :5], T)
