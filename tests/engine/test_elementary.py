"""The engine's own elementary functions: close to exact values, sound at the ends, the same bits for every vector."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.engine import instruction_sets

_native = pytest.importorskip("pellucid.engine._native", reason="there is no native engine here")
Wide = np.longdouble

FUNCTIONS = {
    "exp": (np.exp, -100.0, 88.0),
    "expm1": (np.expm1, 0.0, 40.0),
    "log": (np.log, 1e-30, 1e30),
    "log1p": (np.log1p, 0.0, 1.0),
    "sigmoid": (lambda x: np.where(x < 0, np.exp(-np.abs(x)), 1) / (1 + np.exp(-np.abs(x))), -80.0, 80.0),
    "tanh": (np.tanh, -30.0, 30.0),
}
ULPS = {"exp": 1.5, "expm1": 2.0, "log": 2.0, "log1p": 3.0, "sigmoid": 2.5, "tanh": 3.0}


def computed(name: str, x: np.ndarray, instructions: str | None = None) -> np.ndarray:
    y = np.empty_like(x)
    _native.elementary(name, instructions or instruction_sets()[0], x, y)
    return y


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_are_close_to_exact_ones(name: str, dtype: type) -> None:
    """Within the stated units in the last place of NumPy's values in a wider type, over the whole range."""
    reference, least, most = FUNCTIONS[name]
    random = np.random.default_rng(0)
    x = random.uniform(least, most, 200_000)
    near = random.uniform(-1, 1, 100_000) * 10.0 ** random.integers(-8, 1, 100_000)
    x = np.concatenate([x, near[(near >= least) & (near <= most)]]).astype(dtype)
    expected = reference(x.astype(Wide if dtype is np.float64 else np.float64))
    actual = computed(name, x)
    kept = np.abs(expected) >= np.finfo(dtype).tiny  # among the subnormal a unit is no longer relative
    apart = np.abs(actual.astype(expected.dtype) - expected) / np.spacing(np.abs(expected).astype(dtype))
    assert float(apart[kept].max()) <= ULPS[name]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ends_and_odd_values(dtype: type) -> None:
    """±0, ±∞, NaN, huge, tiny and subnormal numbers have the values that a table of limits gives."""
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    inf, nan = np.inf, np.nan
    table = {  # pairs of x and f(x)
        "exp": [(0, 1), (-0.0, 1), (inf, inf), (-inf, 0), (nan, nan), (huge, inf), (-huge, 0), (tiny, 1), (1000, inf)],
        "expm1": [(0, 0), (nan, nan), (tiny, tiny)],
        "log": [(1, 0), (inf, inf), (nan, nan)],
        "log1p": [(0, 0), (1, np.log(2)), (nan, nan)],
        "sigmoid": [(0, 0.5), (-0.0, 0.5), (inf, 1), (-inf, 0), (nan, nan), (huge, 1), (-huge, 0), (tiny, 0.5)],
        "tanh": [(0, 0), (-0.0, 0), (inf, 1), (-inf, -1), (nan, nan), (huge, 1), (-huge, -1), (tiny, tiny)],
    }
    for name, values in table.items():
        x, expected = np.array(values, dtype=dtype).T
        np.testing.assert_array_max_ulp(expected, computed(name, x.copy()), 1, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_vector_has_the_same_bits(name: str, dtype: type) -> None:
    """Instruction sets agree to the bit, in whichever lane of whichever vector a number stands."""
    _, least, most = FUNCTIONS[name]
    x = np.random.default_rng(1).uniform(least, most, 1003).astype(dtype)
    expected = computed(name, x)
    for instructions in instruction_sets():
        assert expected.tobytes() == computed(name, x, instructions).tobytes()
        assert expected[5:].tobytes() == computed(name, x[5:].copy(), instructions).tobytes()
