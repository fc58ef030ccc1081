"""What every function makes of numbers at the edge: zeros, the largest and smallest, infinities and NaN.

Each row of a table is a limit that can be reasoned out. Warnings are errors in tests, so none is given either.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from pellucid.core import ACTIVATIONS, LOSSES, loss_of, softmax

NAN, INF, LN2 = math.nan, math.inf, math.log(2)
SCALE, FLOOR = 1.0507009873554805, 1.7580993408473766  # selu's λ and λ·α
TYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
ZERO = {"float32": 0.0, "float64": 0.0}
SUB = {"float32": 2.0**-149, "float64": 5e-324}  # the smallest positive number of each type
LARGE = {"float32": 3e38, "float64": 1.7e308}

# z: (a, da/dz). "-zero" is −0; "sub" and "large" are the type's own smallest and nearly largest number.
EDGES: dict[str, dict[Any, tuple[Any, Any]]] = {
    "identity": {
        0.0: (0, 1), "-zero": (0, 1), 1e38: ("z", 1), -1e38: ("z", 1), INF: (INF, 1), -INF: (-INF, 1), NAN: (NAN, 1),
        "sub": ("z", 1), "-sub": ("z", 1), "large": ("z", 1), "-large": ("z", 1),
    },
    "sigmoid": {
        0.0: (0.5, 0.25), "-zero": (0.5, 0.25), 1e38: (1, 0), -1e38: (0, 0), INF: (1, 0), -INF: (0, 0), NAN: (NAN, NAN),
        "sub": (0.5, 0.25), "-sub": (0.5, 0.25), "large": (1, 0), "-large": (0, 0), 1e6: (1, 0), -1e6: (0, 0),
    },
    "tanh": {
        0.0: (0, 1), "-zero": (0, 1), 1e38: (1, 0), -1e38: (-1, 0), INF: (1, 0), -INF: (-1, 0), NAN: (NAN, NAN),
        "sub": ("z", 1), "-sub": ("z", 1), "large": (1, 0), "-large": (-1, 0),
    },
    # NaN passes through relu, so the loss shows it; the slope asks only whether z > 0, and NaN is not.
    "relu": {
        0.0: (0, 0), "-zero": (0, 0), 1e38: ("z", 1), -1e38: (0, 0), INF: (INF, 1), -INF: (0, 0), NAN: (NAN, 0),
        "sub": ("z", 1), "-sub": (0, 0), "large": ("z", 1), "-large": (0, 0),
    },
    "leaky_relu": {
        0.0: (0, 0.01), "-zero": (0, 0.01), 1e38: ("z", 1), -1e38: (-1e36, 0.01), INF: (INF, 1), -INF: (-INF, 0.01),
        NAN: (NAN, 0.01), "sub": ("z", 1), "-sub": (0, 0.01), "large": ("z", 1),
    },
    "elu": {
        0.0: (0, 1), "-zero": (0, 1), 1e38: ("z", 1), -1e38: (-1, 0), INF: (INF, 1), -INF: (-1, 0), NAN: (NAN, NAN),
        "sub": ("z", 1), "-sub": ("z", 1), "large": ("z", 1), "-large": (-1, 0),
    },
    "selu": {
        0.0: (0, FLOOR), "-zero": (0, FLOOR), 1e38: (1e38 * SCALE, SCALE), -1e38: (-FLOOR, 0), INF: (INF, SCALE),
        -INF: (-FLOOR, 0), NAN: (NAN, NAN), "sub": ("z", SCALE), "-large": (-FLOOR, 0),
    },
    "gelu": {
        0.0: (0, 0.5), "-zero": (0, 0.5), 1e38: ("z", 1), -1e38: (0, 0), INF: (INF, 1), -INF: (0, 0), NAN: (NAN, NAN),
        "sub": (0, 0.5), "-sub": (0, 0.5), "large": ("z", 1), "-large": (0, 0),
    },
    "silu": {
        0.0: (0, 0.5), "-zero": (0, 0.5), 1e38: ("z", 1), -1e38: (0, 0), INF: (INF, 1), -INF: (0, 0), NAN: (NAN, NAN),
        "sub": (0, 0.5), "-sub": (0, 0.5), "large": ("z", 1), "-large": (0, 0),
    },
    "softplus": {
        0.0: (LN2, 0.5), "-zero": (LN2, 0.5), 1e38: ("z", 1), -1e38: (0, 0), INF: (INF, 1), -INF: (0, 0),
        NAN: (NAN, NAN), "sub": (LN2, 0.5), "-sub": (LN2, 0.5), "large": ("z", 1), "-large": (0, 0),
    },
}  # fmt: skip


def number(given: float | str, dtype: str) -> float:
    """Return the number that a word stands for."""
    if not isinstance(given, str):
        return given
    return (-1 if given[0] == "-" else 1) * {"zero": ZERO, "sub": SUB, "large": LARGE}[given.lstrip("-")][dtype]


def numbers(table: Any, dtype: str) -> Any:
    """Return an array of a table's numbers and words."""
    return np.array([[number(x, dtype) for x in row] for row in table], dtype=dtype)


def test_every_activation_and_loss_has_its_table() -> None:
    """No member of a family goes without."""
    assert set(ACTIVATIONS) == set(EDGES)
    assert set(LOSSES) == {name for name, *_ in LOSS_EDGES}


@TYPES
@pytest.mark.parametrize("name", EDGES)
def test_activations_at_the_edge(name: str, dtype: str) -> None:
    """Function and slope are the limits of the table, element by element and in one array."""
    activation = ACTIVATIONS[name]
    Z = np.array([[number(z, dtype) for z in EDGES[name]]], dtype=dtype)
    A = activation.function(Z)
    slope = activation.slope(Z, A)
    expected = np.array([[z if a == "z" else a for z, (a, _) in zip(Z[0], EDGES[name].values(), strict=True)]], dtype)
    np.testing.assert_array_max_ulp(A, expected, 1, dtype)
    np.testing.assert_array_max_ulp(slope, np.array([[s for _, s in EDGES[name].values()]], dtype), 1, dtype)
    assert [dtype] * 2 == [A.dtype, slope.dtype]
    for place in range(Z.size):
        alone = activation.function(Z[:, place : place + 1])
        np.testing.assert_array_equal(alone[0, 0], A[0, place])


# logits: probabilities. One +Inf takes all; several share; −Inf has none; all −Inf are alike; NaN spoils its row.
SOFTMAX_EDGES = {
    "zeros": ([0.0, -0.0], [0.5, 0.5]),
    "1e38": ([1e38, -1e38, 1e38], [0.5, 0, 0.5]),
    "largest": (["large", "-large"], [1, 0]),
    "subnormal": (["sub", "-sub", 0.0, 0.0], [0.25] * 4),
    "one infinity": ([3.0, INF, -1e38], [0, 1, 0]),
    "two infinities": ([INF, 0.0, INF], [0.5, 0, 0.5]),
    "minus infinity": ([0.0, -INF, 0.0], [0.5, 0, 0.5]),
    "both infinities": ([INF, -INF], [1, 0]),
    "all minus infinity": ([-INF, -INF], [0.5, 0.5]),
    "NaN": ([0.0, NAN], [NAN, NAN]),
    "NaN and infinity": ([INF, NAN], [NAN, NAN]),
}


@TYPES
@pytest.mark.parametrize(("Z", "P"), SOFTMAX_EDGES.values(), ids=SOFTMAX_EDGES)
def test_softmax_at_the_edge(Z: list[Any], P: list[float], dtype: str) -> None:
    """The probabilities are the limits of the table, and a row beside is not touched."""
    given = numbers([Z, [0.0] * len(Z)], dtype)
    np.testing.assert_array_equal(softmax(given), np.array([P, [1 / len(Z)] * len(Z)], dtype=dtype))


# (loss, outputs, targets, L, dL/da)
LOSS_EDGES: list[tuple[str, list[Any], Any, float | str, list[Any]]] = [
    ("cross_entropy", [0.0, -0.0], 0, math.log(2), [-0.5, 0.5]),
    ("cross_entropy", [1e38, -1e38], 0, 0, [0, 0]),
    ("cross_entropy", [1e38, -1e38], 1, 2e38, [1, -1]),
    ("cross_entropy", ["large", "-large"], 0, 0, [0, 0]),
    ("cross_entropy", ["large", "-large"], 1, INF, [1, -1]),
    ("cross_entropy", ["sub", "-sub"], 0, math.log(2), [-0.5, 0.5]),
    ("cross_entropy", [0.0, -INF], 1, INF, [1, -1]),
    ("cross_entropy", [0.0, -INF], 0, 0, [0, 0]),
    ("cross_entropy", [INF, 0.0], 0, 0, [0, 0]),
    ("cross_entropy", [INF, 0.0], 1, INF, [1, -1]),
    ("cross_entropy", [INF, INF], 1, math.log(2), [0.5, -0.5]),
    ("cross_entropy", [-INF, -INF], 1, math.log(2), [0.5, -0.5]),
    ("cross_entropy", [NAN, 0.0], 1, NAN, [NAN, NAN]),
    ("binary_cross_entropy", [0.0, -0.0], [1, 1], math.log(2), [-0.25, -0.25]),
    ("binary_cross_entropy", [0.0, -0.0], [0, 0], math.log(2), [0.25, 0.25]),
    ("binary_cross_entropy", [1e38, -1e38], [1, 0], 0, [0, 0]),
    ("binary_cross_entropy", [1e38, -1e38], [0, 1], 1e38, [0.5, -0.5]),
    ("binary_cross_entropy", ["large", "large"], [0, 0], "large", [0.5, 0.5]),
    ("binary_cross_entropy", ["sub", "-sub"], [1, 1], math.log(2), [-0.25, -0.25]),
    ("binary_cross_entropy", [INF, -INF], [1, 0], 0, [0, 0]),
    ("binary_cross_entropy", [INF, -INF], [0, 0], INF, [0.5, 0]),
    ("binary_cross_entropy", [-INF, 0.0], [1, 1], INF, [-0.5, -0.25]),
    ("binary_cross_entropy", [NAN, 0.0], [1, 1], NAN, [NAN, -0.25]),
    ("mse", [0.0, -0.0], [-0.0, 0.0], 0, [0, 0]),
    ("mse", [1e38, 0.0], [1e38, 0.0], 0, [0, 0]),
    ("mse", ["large", 0.0], ["-large", 0.0], INF, [INF, 0]),
    ("mse", ["large", 0.0], [0.0, 0.0], INF, ["large", 0]),
    ("mse", ["sub", 0.0], [0.0, 0.0], 0, ["sub", 0]),
    ("mse", [INF, 0.0], [0.0, 0.0], INF, [INF, 0]),
    ("mse", [-INF, 0.0], [INF, 0.0], INF, [-INF, 0]),
    ("mse", [INF, 0.0], [INF, 0.0], NAN, [NAN, 0]),
    ("mse", [NAN, 0.0], [0.0, 0.0], NAN, [NAN, 0]),
    ("half_square", [0.0, -0.0], [-0.0, 0.0], 0, [0, 0]),
    ("half_square", [1e38, 0.0], [1e38, 0.0], 0, [0, 0]),
    ("half_square", ["large", 0.0], ["-large", 0.0], INF, [INF, 0]),
    ("half_square", ["large", 0.0], [0.0, 0.0], INF, ["large", 0]),
    ("half_square", ["sub", 0.0], [0.0, 0.0], 0, ["sub", 0]),
    ("half_square", [INF, 0.0], [0.0, 0.0], INF, [INF, 0]),
    ("half_square", [-INF, 0.0], [INF, 0.0], INF, [-INF, 0]),
    ("half_square", [INF, 0.0], [INF, 0.0], NAN, [NAN, 0]),
    ("half_square", [NAN, 0.0], [0.0, 0.0], NAN, [NAN, 0]),
    ("mae", [0.0, -0.0], [-0.0, 0.0], 0, [0, 0]),
    ("mae", [1e38, 0.0], [-1e38, 0.0], 1e38, [0.5, 0]),
    ("mae", ["large", 0.0], [0.0, "large"], "large", [0.5, -0.5]),
    ("mae", ["large", 0.0], ["-large", 0.0], INF, [0.5, 0]),
    ("mae", ["sub", 0.0], [0.0, 0.0], 0, [0.5, 0]),
    ("mae", [-INF, 0.0], [INF, 0.0], INF, [-0.5, 0]),
    ("mae", [INF, 0.0], [INF, 0.0], NAN, [NAN, 0]),
    ("mae", [NAN, 0.0], [0.0, 0.0], NAN, [NAN, 0]),
    ("huber", [0.0, -0.0], [-0.0, 0.0], 0, [0, 0]),
    ("huber", [1e38, 0.0], [0.0, 0.0], 5e37, [0.5, 0]),
    ("huber", ["large", 0.0], ["-large", 0.0], INF, [0.5, 0]),
    ("huber", ["sub", 0.0], [0.0, 0.0], 0, [0, 0]),
    ("huber", [-INF, 0.0], [INF, 0.0], INF, [-0.5, 0]),
    ("huber", [INF, 0.0], [INF, 0.0], NAN, [NAN, 0]),
    ("huber", [NAN, 0.0], [0.0, 0.0], NAN, [NAN, 0]),
    # of two outputs: the quantiles 0.1 and 0.5
    ("pinball", [0.0, -0.0], [-0.0, 0.0], 0, [0, 0]),
    ("pinball", [1e38, 0.0], [0.0, 0.0], 4.5e37, [0.45, 0]),
    ("pinball", [0.0, 1e38], [0.0, 0.0], 2.5e37, [0, 0.25]),
    ("pinball", ["large", 0.0], ["-large", 0.0], INF, [0.45, 0]),
    ("pinball", ["-large", 0.0], ["large", 0.0], INF, [-0.05, 0]),
    ("pinball", ["sub", 0.0], [0.0, 0.0], 0, [0.45, 0]),
    ("pinball", [INF, 0.0], [0.0, 0.0], INF, [0.45, 0]),
    ("pinball", [-INF, 0.0], [0.0, 0.0], INF, [-0.05, 0]),
    ("pinball", [INF, 0.0], [INF, 0.0], NAN, [NAN, 0]),
    ("pinball", [NAN, 0.0], [0.0, 0.0], NAN, [NAN, 0]),
    ("poisson", [0.0, -0.0], [1.0, 1.0], 0, [0, 0]),
    ("poisson", [0.0, -0.0], [0.0, -0.0], 1, [0.5, 0.5]),
    ("poisson", [1e38, 0.0], [0.0, 1.0], INF, [INF, 0]),
    ("poisson", [-1e38, 0.0], [0.0, 1.0], 0, [0, 0]),
    ("poisson", [-1e38, 0.0], [1.0, 1.0], 5e37, [-0.5, 0]),
    ("poisson", ["large", 0.0], [1.0, 1.0], INF, [INF, 0]),
    ("poisson", ["-large", 0.0], [0.0, 1.0], 0, [0, 0]),
    ("poisson", ["sub", "-sub"], [1.0, 1.0], 0, [0, 0]),
    ("poisson", [0.0, 0.0], ["sub", "sub"], 1, [0.5, 0.5]),
    ("poisson", [INF, 0.0], [0.0, 1.0], INF, [INF, 0]),
    ("poisson", [INF, 0.0], [1.0, 1.0], INF, [INF, 0]),
    ("poisson", [-INF, 0.0], [0.0, 1.0], 0, [0, 0]),
    ("poisson", [-INF, 0.0], [1.0, 1.0], INF, [-0.5, 0]),
    ("poisson", [NAN, 0.0], [0.0, 1.0], NAN, [NAN, 0]),
    ("poisson", [NAN, 0.0], [1.0, 1.0], NAN, [NAN, 0]),
]


@TYPES
@pytest.mark.parametrize(("name", "A", "T", "L", "dA"), LOSS_EDGES, ids=str)
def test_losses_at_the_edge(name: str, A: list[Any], T: Any, L: Any, dA: list[Any], dtype: str) -> None:
    """Loss and gradient are the limits of the table; a row beside keeps its own."""
    loss = loss_of(name)
    given = numbers([A, [0.0, 0.0]], dtype)
    target = np.array([T, 0]) if name == "cross_entropy" else numbers([T, [0.0, 0.0]], dtype)
    each, back = loss.function(given, target)
    np.testing.assert_allclose(each[0], number(L, dtype), rtol=1e-6)
    assert np.isfinite(each[1])
    np.testing.assert_allclose(back()[0], numbers([dA], dtype)[0], rtol=1e-6)
    assert np.isfinite(back()[1]).all()
    assert [dtype] * 2 == [each.dtype, back().dtype]


@TYPES
@pytest.mark.parametrize("row", [row for row in LOSS_EDGES if row[0] in {"binary_cross_entropy", "poisson"}], ids=str)
def test_a_summed_loss_at_the_edge_is_twice_the_mean_of_two(row: Any, dtype: str) -> None:
    """The same limits, both doubled; what is doubled beyond the largest number is infinite."""
    name, A, T, L, dA = row
    each, back = LOSSES[name](sum_outputs=True).function(numbers([A], dtype), numbers([T], dtype))
    with np.errstate(over="ignore"):
        expected = [2 * numbers([part], dtype)[0] for part in ([L], dA)]
    np.testing.assert_allclose(each, expected[0], rtol=1e-6)
    np.testing.assert_allclose(back()[0], expected[1], rtol=1e-6)
    assert [dtype] * 2 == [each.dtype, back().dtype]


@TYPES
@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_outputs_are_probabilities_whatever_the_logits(name: str, dtype: str) -> None:
    """No finite or infinite logit gives a probability outside 0 … 1."""
    edges = [-INF, number("-large", dtype), -1e38, -1.0, -0.0, number("sub", dtype), 1.0, 1e38, INF]
    Z = np.array(np.meshgrid(edges, edges), dtype=dtype).reshape(2, -1).T
    P = loss_of(name).output(Z)
    assert ((P >= 0) & (P <= 1)).all()


@TYPES
def test_mse_of_1e38_overflows_in_single_precision_alone(dtype: str) -> None:
    """(10³⁸)² is 10⁷⁶: infinite as float32, and so is told; a number as float64."""
    L, back = loss_of("mse").function(np.array([[1e38]], dtype), np.zeros((1, 1), dtype))
    assert {"float32": INF, "float64": 1e76}[dtype] == pytest.approx(L[0])
    assert 2e38 == pytest.approx(back()[0, 0])
