"""Counterfactuals: the smallest change of one neuron that changes the answer, judged by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid.core import ACTIVATIONS, Activation, Dense, Dropout, Parameters, Spec, activation_of, initial_parameters
from pellucid.engine import Backend, NativeEngine, ReadableCore, instruction_sets
from pellucid.errors import DataError, KindError, SettingError, ShapeError
from pellucid.insight._counterfactual import Change, Counterfactual, counterfactual
from pellucid.insight._ranges import range_of

BACKENDS: dict[str, Backend] = {
    "readable core": ReadableCore(),
    **{f"native engine ({name})": NativeEngine(name) for name in instruction_sets()[:1]},
}
every_backend = pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS)
every_task = pytest.mark.parametrize(
    ("loss", "outputs"), [("cross_entropy", 4), ("cross_entropy", 2), ("binary_cross_entropy", 1)]
)
SEEDS = range(3)


def network(widths: list[int | Dense | Dropout], seed: int, **settings: Any) -> tuple[Spec, Parameters, Any]:
    """Return a network whose biases are not 0, and a row."""
    spec = Spec.of(widths, **{"dtype": "float64", **settings})
    parameters = initial_parameters(spec, seed)
    random = np.random.default_rng(seed)
    for layer in parameters.layers():
        layer.b[...] = random.normal(scale=0.3, size=layer.b.shape)
    return spec, parameters, random.normal(size=spec.input.width).astype(spec.dtype)


def activations(spec: Spec, parameters: Parameters, x: Any) -> dict[str, Any]:
    """Return each layer's activations, worked out apart from the package's passes."""
    found = {}
    a = x.astype(np.float64)
    for name, layer in zip(spec.names, spec.dense, strict=True):
        z = a @ parameters[name].W.T.astype(np.float64) + parameters[name].b
        a = found[name] = activation_of(layer.activation or "identity").function(z[np.newaxis])[0]
    return found


def answers_above(spec: Spec, parameters: Parameters, layer: str, A: Any) -> Any:
    """Return the answer for each row of activations of a layer."""
    names = spec.names
    for name in names[names.index(layer) + 1 :]:
        Z = A @ parameters[name].W.T.astype(np.float64) + parameters[name].b
        A = activation_of(spec.dense[names.index(name)].activation or "identity").function(Z)
    return A.argmax(axis=1) if A.shape[1] > 1 else (A[:, 0] > 0).astype(np.int64)


def first_flip(spec: Spec, parameters: Parameters, layer: str, a: Any, j: int, sign: int, to: int | None) -> float:
    """Return the distance of the first of many even steps at which the answer is another, or the one wished for."""
    sizes = np.linspace(0, 8, 1001)
    A = np.repeat(a[np.newaxis], len(sizes), axis=0)
    A[:, j] += sign * sizes
    found = answers_above(spec, parameters, layer, A)
    flips = found != found[0] if to is None else found == to
    return float(sizes[flips.argmax()]) if flips.any() else np.inf


def check_against_brute_force(
    found: Counterfactual, spec: Spec, parameters: Parameters, x: Any, to: int | None
) -> None:
    """Each layer's smallest changes are, to a step, those of all neurons and directions tried one by one."""
    for layer, a in list(activations(spec, parameters, x).items())[:-1]:
        low, high = range_of(spec.dense[spec.names.index(layer)].activation)
        tried = [
            (first_flip(spec, parameters, layer, a, j, sign, to), a[j], sign) for j in range(len(a)) for sign in (1, -1)
        ]
        within = [size for size, before, sign in tried if low <= before + sign * size <= high]
        for expected, actual in [
            (min(within, default=np.inf), found.layers[layer][0]),
            (min(tried)[0], found.layers[layer][1]),
        ]:
            if actual is None:
                assert expected == np.inf
            elif expected != np.inf:
                assert abs(actual.change) <= expected * (1 + 1e-5)
                assert expected - 0.008 - 1e-5 <= abs(actual.change)
            else:
                assert abs(actual.change) > 8


def check_change(change: Change, spec: Spec, parameters: Parameters, x: Any, to: int | None) -> None:
    """With the change the answer is the new one; with 0.999 of it, it is not."""
    a = activations(spec, parameters, x)[change.layer]
    assert a[change.node - 1] == pytest.approx(change.before, rel=1e-5, abs=1e-6)
    A = np.repeat(a[np.newaxis], 3, axis=0)
    A[:, change.node - 1] = [change.before, change.after, change.before + 0.999 * change.change]
    before, after, short = answers_above(spec, parameters, change.layer, A).tolist()
    assert before != after == change.answer
    assert short != after if to is not None else short == before
    low, high = range_of(spec.dense[spec.names.index(change.layer)].activation)
    assert change.reachable == (low <= change.after <= high)


@every_backend
@every_task
@pytest.mark.parametrize("activation", ["relu", "tanh", "silu"])
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_brute_force_finds_the_same(backend: Backend, activation: str, loss: str, outputs: int, seed: int) -> None:
    """Over all neurons of all layers, with dropout layers between, to any class and to each one."""
    layers = [3, 5, Dropout(0.5), 4, Dropout(0.1), 3, outputs]
    spec, parameters, x = network(layers, seed, activation=activation, loss=loss)
    answer = counterfactual(spec, parameters, backend, x).answer
    others = [place for place in range(max(outputs, 2)) if place != answer]
    for to in [None, *others[:1]]:
        found = counterfactual(spec, parameters, backend, x, to=to)
        assert (
            answer
            == answers_above(spec, parameters, "layer_1", activations(spec, parameters, x)["layer_1"][np.newaxis])[0]
        )
        check_against_brute_force(found, spec, parameters, x, to)
        for layer in found.layers.values():
            for change in filter(None, layer):
                check_change(change, spec, parameters, x, to)


@every_backend
@pytest.mark.parametrize(("begin", "end", "seen"), [(1.05, 1.25, True), (1.2, 1.4, False), (5e3, 6e3, False)])
def test_how_finely_deeper_layers_are_searched(backend: Backend, begin: float, end: float, seen: bool) -> None:
    """A stretch of another answer is seen where it holds one of the distances 2^(k/4), as the docstring says.

    The second answer leads where relu(a − c) − relu(a − d) and its mirror make a bump between two distances.
    """
    spec = Spec.of([1, 1, 4, 2], dtype="float64")
    parameters = Parameters(spec)
    parameters["layer_1"].W[...] = 1
    parameters["layer_2"].W[...] = 1
    edge = (end - begin) / 100
    parameters["layer_2"].b[...] = [-1 - begin, -1 - begin - edge, -1 - end + edge, -1 - end]
    parameters["output"].W[1], parameters["output"].b[...] = [1, -1, -1, 1], [edge / 2, 0]
    found = counterfactual(spec, parameters, backend, [1.0]).layers["layer_1"].reachable
    assert seen == (found is not None)
    if found is not None:
        assert begin + edge / 2 == pytest.approx(found.change, rel=1e-5)


@every_backend
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_last_layer_is_solved(backend: Backend, activation: str, dtype: str) -> None:
    """There the least |t| with z_k + t·w_k = z_y + t·w_y is found, over all classes k and neurons."""
    spec, parameters, x = network([6, 9, 5], 2, activation=activation, dtype=dtype)
    found = counterfactual(spec, parameters, backend, x)
    a, z = activations(spec, parameters, x).values()
    low, high = range_of(activation)
    y, W = int(z.argmax()), parameters["output"].W.astype(np.float64)
    moves = [((z[y] - z[k]) / (W[k, j] - W[y, j]), j, k) for j in range(9) for k in range(5) if k != y]
    within = [move for move in moves if low <= a[move[1]] + move[0] <= high]
    for candidates, actual in [(moves, found.smallest), (within, found.reachable)]:
        if not candidates:
            assert actual is None
            continue
        assert actual is not None
        expected = min(candidates, key=lambda move: abs(move[0]))
        assert (expected[1] + 1, expected[2]) == (actual.node, actual.answer)
        assert expected[0] == pytest.approx(actual.change, rel=1e-5)


@every_backend
def test_what_is_found_is_flipped_by_the_engine(backend: Backend) -> None:
    """In float32, the engine's own outputs flip at the change, and do not at 0.999 of it."""
    for seed in SEEDS:
        spec, parameters, x = network([6, 12, 11, 4], seed, dtype="float32")
        found = counterfactual(spec, parameters, backend, x)
        A = backend.trace(spec, parameters.vector, x[np.newaxis]).layers
        for number, (name, (reachable, smallest)) in enumerate(found.layers.items(), start=1):
            above = Spec.of([spec.shapes[number][1], *(layer.width for layer in spec.dense[number:])])
            vector = parameters.vector[-above.n_parameters :]
            for change in filter(None, (reachable, smallest)):
                rows = np.repeat(A[name].A, 3, axis=0)
                rows[1:, change.node - 1] = [change.after, change.before + 0.999 * change.change]
                assert change.before == rows[0, change.node - 1]
                expected = [found.answer, change.answer, found.answer]
                assert expected == [int(backend.forward(above, vector, row[np.newaxis]).argmax()) for row in rows]


@every_backend
def test_what_a_neuron_can_reach_comes_first(backend: Backend) -> None:
    """A relu neuron cannot be negative: a larger change within reach is preferred, and the smallest is told beside."""
    spec = Spec.of([2, 2, 2], dtype="float64", classes=["a", "b"])
    parameters = Parameters(spec)
    parameters["layer_1"].W[...] = [[1, 0], [0, 1]]
    parameters["output"].W[...], parameters["output"].b[...] = [[1, 0], [0, 0.5]], [2, 0]
    found = counterfactual(spec, parameters, backend, [1.0, 0.0])
    assert found.best is found.reachable is not None
    assert found.smallest is not None
    assert (1, False, "b") == (found.smallest.node, found.smallest.reachable, found.smallest.name)
    assert (-3.0, 6.0) == pytest.approx((found.smallest.change, found.reachable.change), rel=1e-5)
    expected = """\
a; with one neuron changed as little as it takes:
  layer_1/node_2: 0 → 6.00001 (+6.00001) gives b
  layer_1/node_1: 1 → −2 (−3) gives b (its activation function never gives that)"""
    assert expected.replace("6.00001", f"{found.reachable.after:.6g}") == repr(found)


@every_backend
def test_where_nothing_changes_the_answer(backend: Backend) -> None:
    """Where no neuron counts, there is no change, and the list says so."""
    spec, parameters, x = network([3, 4, 4, 2], 0)
    parameters["output"].W[...] = 0
    found = counterfactual(spec, parameters, backend, x)
    assert (None, None, None) == (found.best, found.reachable, found.smallest)
    assert {"layer_1": (None, None), "layer_2": (None, None)} == dict(found.layers)
    assert "no change of one neuron" in repr(found)


@every_backend
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_tie(backend: Backend, dtype: str) -> None:
    """Where two outputs are equal the first is the answer, and next to nothing makes it the other."""
    spec, parameters, x = network([3, 4, 2], 0, dtype=dtype)
    parameters["output"].W[...] = [[1, 1, 1, 1], [1, 1, 1, 2]]
    parameters["output"].b[...] = 0
    parameters["layer_1"].W[3], parameters["layer_1"].b[3] = 0, 0
    found = counterfactual(spec, parameters, backend, x)
    assert (0, 4) == (found.answer, getattr(found.best, "node", None))
    assert found.best is not None
    assert 0 < found.best.change < 1e-5


def test_activations_of_ones_own() -> None:
    """Their range is looked at; an output layer of one's own above the last hidden one is searched, not solved."""
    bent = Activation("bent", lambda Z: Z / (1 + np.abs(Z)), lambda Z, A: (1 - np.abs(A)) ** 2)
    spec, parameters, x = network([3, Dense(5, bent), Dense(4, bent), 3], 5)
    found = counterfactual(spec, parameters, ReadableCore(), x)
    check_against_brute_force(found, spec, parameters, x, None)
    assert range_of(bent) == pytest.approx((-1, 1), abs=1e-5)
    cubic = Activation("cubic", lambda Z: Z + Z**3, lambda Z, A: 1 + 3 * Z**2)
    assert (-np.inf, np.inf) == range_of(cubic)
    square = Activation("square", lambda Z: Z**2, lambda Z, A: 2 * Z)
    assert (0, np.inf) == range_of(square)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_ranges(activation: str) -> None:
    """No weighted sum gives an activation outside of the range, and some come as near to its ends as one likes."""
    Z = np.concatenate([np.linspace(-1e6, 1e6, 10_001), np.linspace(-40, 40, 800_001)])
    A = ACTIVATIONS[activation].function(Z)
    low, high = range_of(activation)
    assert low <= A.min() + 1e-15
    assert A.max() <= high
    assert A.min() == pytest.approx(low, abs=1e-9) if np.isfinite(low) else A.min() <= -1e4
    assert A.max() == pytest.approx(high, abs=1e-9) if np.isfinite(high) else A.max() >= 1e4


def test_what_cannot_be_asked_is_refused() -> None:
    """Values, several answers at once, no hidden layer, the answer that there is, rows that do not fit."""
    core = ReadableCore()
    spec, parameters, x = network([3, 4, 2], 0, loss="mse")
    with pytest.raises(SettingError, match=r"^The loss 'mse' gives values, which have no smallest change"):
        counterfactual(spec, parameters, core, x)
    spec, parameters, x = network([3, 4, 2], 0, loss="binary_cross_entropy")
    with pytest.raises(SettingError, match="gives 2 answers of yes or no at once; one answer is accepted"):
        counterfactual(spec, parameters, core, x)
    spec, parameters, x = network([3, 2], 0)
    with pytest.raises(SettingError, match="The network has no hidden layer"):
        counterfactual(spec, parameters, core, x)
    spec, parameters, x = network([3, 4, 2], 0)
    answer = counterfactual(spec, parameters, core, x).answer
    with pytest.raises(SettingError, match=f"The answer is {answer} already"):
        counterfactual(spec, parameters, core, x, to=answer)
    with pytest.raises(SettingError, match=r"must lie in 0 … 1; 2 was given"):
        counterfactual(spec, parameters, core, x, to=2)
    with pytest.raises(KindError, match="must be a whole number"):
        counterfactual(spec, parameters, core, x, to="dog")  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="one row"):
        counterfactual(spec, parameters, core, x[np.newaxis])
    parameters["output"].b[0] = np.nan
    with pytest.raises(DataError, match="The outputs for x are not finite"):
        counterfactual(spec, parameters, core, x)
