"""The engine's own elementary functions: close to exact values, sound at the ends, the same bits for every vector."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.engine import instruction_sets

_native = pytest.importorskip("pellucid.engine._native", reason="there is no native engine here")
Wide = np.longdouble
SCALE, ALPHA = Wide("1.0507009873554804934193349852946"), Wide("1.6732632423543772848170429916717")


def normal_below(z: np.ndarray) -> np.ndarray:
    """Return Φ(z): by its series near 0, else by Mills' continued fraction (SciPy's has but 13 digits there)."""
    z = z.astype(Wide)
    y, density = np.abs(z), np.exp(-z * z / 2) / np.sqrt(2 * Wide("3.14159265358979323846264338327950288"))
    fraction = y
    for level in range(400, 0, -1):
        fraction = y + level / np.maximum(fraction, Wide(1))
    term = total = y
    for k in range(3, 120, 2):
        term = term * y * y / k
        total = total + term
    above = np.where(y < 2, Wide(0.5) - density * total, density / fraction)
    return np.where(z < 0, above, 1 - above)


FUNCTIONS = {
    "exp": (np.exp, -100.0, 88.0),
    "expm1": (np.expm1, 0.0, 40.0),
    "log": (np.log, 1e-30, 1e30),
    "log1p": (np.log1p, 0.0, 1.0),
    "sigmoid": (lambda x: np.where(x < 0, np.exp(-np.abs(x)), 1) / (1 + np.exp(-np.abs(x))), -80.0, 80.0),
    "tanh": (np.tanh, -30.0, 30.0),
    "leaky_relu": (lambda x: np.where(x > 0, x, x / 100), -100.0, 100.0),
    "elu": (lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), -50.0, 100.0),
    "selu": (lambda x: SCALE * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0))), -50.0, 100.0),
    "gelu": (lambda x: x * normal_below(x), -37.0, 100.0),
    "silu": (lambda x: x / (1 + np.exp(-x)), -80.0, 100.0),
    "softplus": (lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), -80.0, 100.0),
}
ULPS = {"exp": 1.5, "expm1": 2.0, "log": 2.0, "log1p": 3.0, "sigmoid": 2.5, "tanh": 3.0}
ULPS |= {"leaky_relu": 1.0, "elu": 2.0, "selu": 3.0, "gelu": 8.0, "silu": 4.0, "softplus": 3.0}


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
        "leaky_relu": [(0, 0), (inf, inf), (-inf, -inf), (nan, nan), (huge, huge), (tiny, tiny), (-tiny, 0)],
        "elu": [(0, 0), (inf, inf), (-inf, -1), (nan, nan), (huge, huge), (-huge, -1), (tiny, tiny), (-tiny, -tiny)],
        "selu": [(0, 0), (inf, inf), (-inf, -SCALE * ALPHA), (nan, nan), (-huge, -SCALE * ALPHA), (tiny, tiny)],
        "gelu": [(0, 0), (-0.0, 0), (inf, inf), (-inf, 0), (nan, nan), (huge, huge), (-huge, 0), (tiny, 0)],
        "silu": [(0, 0), (-0.0, 0), (inf, inf), (-inf, 0), (nan, nan), (huge, huge), (-huge, 0), (tiny, 0)],
        "softplus": [(0, np.log(2)), (inf, inf), (-inf, 0), (nan, nan), (huge, huge), (-huge, 0), (tiny, np.log(2))],
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
