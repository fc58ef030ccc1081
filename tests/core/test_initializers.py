"""Initialisers: the same bits everywhere, the right spread, an order apart from how weights are stored."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pellucid.core import INITIALIZERS, Dense, Spec, fingerprint, initial_parameters, initializer_named
from pellucid.errors import KindError, SettingError, UnknownNameError
from pellucid.random import Purpose, Stream

# SHA-256 of the parameters that a seed gives, (float64, float32). They may never change within `ARITHMETIC` 1.
PINNED = {
    ("column", (2, 1), 0): (
        "d66e1a4c6a71248deac1af22c19677cdf525b1d4e1f6e1354366d8490be45e20",
        "0b8f67e9f7ed5844a2e5dd5b0f182c32405c85a25abca6751bd7977b3f9754d7",
    ),
    ("column", (2, 1), 2019): (
        "5ac7198b7bc146a21c72aaef1c63f059f77e3eaccf2aff6b62760b35bc0ce0c7",
        "ee5d4f53e5ec469a2de8bda480577b4a1e0726061b2a53e21f19cca398161d5f",
    ),
    ("column", (4, 5, 3), 0): (
        "754a6ac283120aab8eb0f21f56a9062863c036cd6ca15131af768d7acd75fd74",
        "bd9a18dade8c75ebc856a9957b608441fe084a905ada3b754216980b444d17b9",
    ),
    ("column", (4, 5, 3), 2019): (
        "fbac7ad048bf77dadffa730faa4c8a2055b48c3833b5788bf50673682aa6ed82",
        "9c0bb460eb685f88467d52f556d18d99c7a0769890f69ec17f1d65bb4d10459c",
    ),
    ("column", (784, 32, 32, 10), 0): (
        "fe6290a5cd7320ef184e2ab2c69f99a788e9d3983b4f900a02206927ec5e108d",
        "eea110c3070ce8ee26a2694102ad5d55830bc5799bb4f58908dbc6598cfbd848",
    ),
    ("column", (784, 32, 32, 10), 2019): (
        "1c0a9ec9822a4d149fce4d8657d82d93395a2179f3baacf5d21fd61f9c36ea97",
        "8acdf56f2e32293809ae1f958c3b5998312a07368dd1ee719d17cce9df4bc7e6",
    ),
    ("glorot", (2, 1), 0): (
        "dcf52235377a403b77fa94b7f7a20b8894da598285b84092d3c1b47708944112",
        "3b64c7c3a7ff2951a6c3398f4fbc78d33f2874e5f54e1538866b7c8fc2802393",
    ),
    ("glorot", (2, 1), 2019): (
        "78f6702bcb0c78667683e263174b6f5688b8bdb70c268c850df61f102eb05c4a",
        "5d90c2032bf01d2cdb7b72ee16a8957364e2d1b8dddc318e84b8ffc0b6962732",
    ),
    ("glorot", (4, 5, 3), 0): (
        "7caefb0ae8b8ed07c8b9cd677ed2ce0d5174246cfb45d97f4fd72f66b7b38012",
        "829c53c129e5d4fca727ccbc036c9059b7dd011d58b76ef5ed57d465bc20a9fd",
    ),
    ("glorot", (4, 5, 3), 2019): (
        "6ee08578a07e49c6ef13ae09c34e5705b55b1a984f7db086edfbf3eb0b152de7",
        "bc9cc6d6171d5a515f388beca6d63f87d6bca5d6b39c6c3c9ab5a027bfb62cea",
    ),
    ("glorot", (784, 32, 32, 10), 0): (
        "d190229112086da3d3e9d3a31c3234c80508ddd490d45eb90d734fd32137a44a",
        "5239aba1b6fed932cf7981c894ad38c02fbec55061c4c144a62929597491da54",
    ),
    ("glorot", (784, 32, 32, 10), 2019): (
        "b90be4fef0cb393bd2508c0dec3f59b2643d7bb87e7f1c11b2c5a9e0c8b53a3f",
        "76e1a26994583bb85a9724a870e7c2a4a78524ae6dcdc6b4000273de6629cf05",
    ),
    ("he", (2, 1), 0): (
        "5ef78593011ad7ccfccd792f12310711442f4f77de8ab202c64a90a5f6295a8b",
        "3c8d2125615421a40e5d8cdbc394f651763b4af3e32fdeefa5fa01c2f31d0ce1",
    ),
    ("he", (2, 1), 2019): (
        "21d12b3e4147e35cf43b50ac4c43f803b49a8396e789618860840616cc6df699",
        "34022e34c8fff0e804a21fe7d21b29fbbb599c4febfc24fdc2d4da57e9f7da6a",
    ),
    ("he", (4, 5, 3), 0): (
        "474c89536ecf912ddb2496570cf3aa59b69cf83ce88df082ea205569039ef7da",
        "e40b1ba67be2c3effc0081baa10918688c535058777e450ca5ac11daf061f2c8",
    ),
    ("he", (4, 5, 3), 2019): (
        "6dc4259ac205f9516e19ebcb446bbee90ffcc8e9538592d0e0e5d5e6c11b31be",
        "a848d730b42f3ff9d67c406f8e40c63f278193d8b6f127f608874faf3016184d",
    ),
    ("he", (784, 32, 32, 10), 0): (
        "894568b6fabea020d321a58bdcdc6bbe1ff437587a31e22f8ddbca8663e9ce6f",
        "fb6b8b645376d8d619ea9a6abd5806fb5842632d6e1ccd63bb520c37404df06d",
    ),
    ("he", (784, 32, 32, 10), 2019): (
        "56377b39ff13742843dd4864071eeda2dae5b181549468785323b00e8b7ff76a",
        "da12ebb2e9e3067a3dbb80756ca77fade0bc55079c842013d9e5aa246feb080d",
    ),
}


def weights(name: str, n_out: int, n_in: int, seed: int = 2019) -> tuple[np.ndarray, np.ndarray]:
    return initializer_named(name)(Stream(seed, Purpose.INITIAL, layer=1), n_out, n_in)


@pytest.mark.parametrize("place", [0, 1], ids=["float64", "float32"])
@pytest.mark.parametrize(("start", "pinned"), PINNED.items(), ids=str)
def test_a_seed_gives_the_same_bits_for_ever(
    start: tuple[str, tuple[int, ...], int], pinned: tuple[str, str], place: int
) -> None:
    """The fingerprint of the parameters is the pinned one, on any machine and with any NumPy."""
    name, layers, seed = start
    spec = Spec.of(layers, initializer=name, loss="mse", dtype=("float64", "float32")[place])
    assert pinned[place] == fingerprint(initial_parameters(spec, seed).vector)


def test_every_initialiser_is_pinned() -> None:
    """No member of the family goes without its bits pinned."""
    assert set(INITIALIZERS) == {name for name, _, _ in PINNED}


@pytest.mark.parametrize("name", INITIALIZERS)
def test_single_precision_is_the_double_rounded_once(name: str) -> None:
    """The float32 parameters are the float64 ones, rounded."""
    double, single = (
        initial_parameters(Spec.of([9, 7, 3], initializer=name, dtype=dtype), seed=5).vector
        for dtype in ("float64", "float32")
    )
    assert double.astype(np.float32).tobytes() == single.tobytes()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_each_layer_has_a_stream_of_its_own(name: str) -> None:
    """What a layer starts from hangs on seed, place and shape alone, not on the other layers."""
    one = initial_parameters(Spec.of([4, 6, 3], initializer=name), seed=3)
    wider = initial_parameters(Spec.of([9, 6, 3], initializer=name), seed=3)
    assert one["output"].W.tobytes() == wider["output"].W.tobytes()
    square = initial_parameters(Spec.of([4, 4, 4], initializer=name), seed=3)
    assert square["layer_1"].W.tobytes() != square["output"].W.tobytes()
    assert one.vector.tobytes() != initial_parameters(Spec.of([4, 6, 3], initializer=name), seed=4).vector.tobytes()


@pytest.mark.parametrize("name", ["glorot", "he"])
def test_a_weight_is_an_element_of_the_stream_in_logical_order(name: str) -> None:
    """The weight of neuron j for input i is element j·n_in + i, here drawn alone."""
    W, b = weights(name, n_out=3, n_in=5)
    stream = Stream(2019, Purpose.INITIAL, layer=1)
    for j in range(3):
        for i in range(5):
            place = j * 5 + i
            if name == "glorot":
                expected = (stream.uniform(1, start=place)[0] * 2.0 - 1.0) * math.sqrt(6.0 / 8)
            else:
                expected = stream.normal(1, start=place)[0] * math.sqrt(2.0 / 5)
            assert expected == W[j, i]
    assert [0.0] * 3 == b.tolist()


def test_the_column_draws_node_by_node() -> None:
    """Neuron j has elements j·(n_in + 1) …: its weights, then its bias."""
    W, b = weights("column", n_out=3, n_in=5)
    drawn = Stream(2019, Purpose.INITIAL, layer=1).uniform(18).reshape(3, 6)
    assert [[round(u, 2) for u in row] for row in drawn.tolist()] == np.column_stack([W, b]).tolist()


def test_the_columns_numbers_have_two_decimals() -> None:
    """Each is k/100 with k = 0 … 100, and about uniform (mean ½, variance 1/12)."""
    W, b = weights("column", n_out=100, n_in=300)
    for numbers in (W, b):
        assert [round(x, 2) for x in numbers.ravel().tolist()] == numbers.ravel().tolist()
        assert numbers.min() >= 0
        assert numbers.max() <= 1
    assert 0.5 == pytest.approx(W.mean(), abs=5 * math.sqrt(1 / 12 / W.size))
    assert 1 / 12 == pytest.approx(W.var(), rel=0.02)
    assert 100 < len(np.unique(W)) <= 101


@pytest.mark.parametrize(("n_out", "n_in"), [(400, 100), (100, 400), (1, 40_000)])
def test_glorot_is_uniform_within_its_bound(n_out: int, n_in: int) -> None:
    """Weights fill ±√(6/(n_in + n_out)) evenly: variance 2/(n_in + n_out), mean 0, every tenth as often."""
    W, b = weights("glorot", n_out, n_in)
    bound = math.sqrt(6 / (n_in + n_out))
    assert np.abs(W).max() <= bound
    assert np.abs(W).max() > 0.999 * bound
    assert 2 / (n_in + n_out) == pytest.approx(W.var(), rel=0.03)
    assert abs(W.mean()) <= 5 * bound / math.sqrt(3 * W.size)
    counts, _ = np.histogram(W, bins=10, range=(-bound, bound))
    assert (np.abs(counts - W.size / 10) <= 5 * math.sqrt(0.09 * W.size)).all()
    assert not b.any()


@pytest.mark.parametrize(("n_out", "n_in"), [(400, 100), (100, 400), (1, 40_000)])
def test_he_is_normal_with_its_variance(n_out: int, n_in: int) -> None:
    """Weights have mean 0 and variance 2/n_in; 68.27 %, 95.45 % and 99.73 % lie within 1, 2 and 3 deviations."""
    W, b = weights("he", n_out, n_in)
    deviation = math.sqrt(2 / n_in)
    assert 2 / n_in == pytest.approx(W.var(), rel=0.04)
    assert abs(W.mean()) <= 5 * deviation / math.sqrt(W.size)
    for within in (1, 2, 3):
        share = math.erf(within / math.sqrt(2))
        actual = (np.abs(W) <= within * deviation).mean()
        assert share == pytest.approx(actual, abs=5 * math.sqrt(share * (1 - share) / W.size))
    assert not b.any()


def test_a_layer_starts_from_he_before_relu_and_glorot_elsewhere() -> None:
    """What is left open is filled in by the activation; what is given is kept; the network's comes between."""
    spec = Spec.of([4, 5, Dense(6, "tanh"), Dense(7, "relu", "column"), 3])
    assert ["he", "glorot", "column", "glorot"] == [layer.initializer for layer in spec.dense]
    spec = Spec.of([4, 5, Dense(7, initializer="he"), 3], initializer="column")
    assert ["column", "he", "column"] == [layer.initializer for layer in spec.dense]


@pytest.mark.parametrize("given", ["xavier", ["he"], 3])
def test_an_unknown_initialiser_is_refused(given: object) -> None:
    """The message names those there are."""
    with pytest.raises(UnknownNameError, match=r"Unknown initializer .*\. Accepted: column, glorot, he\."):
        Dense(3, initializer=given)


@pytest.mark.parametrize(("seed", "error"), [(-1, SettingError), (2**64, SettingError), (0.5, KindError)])
def test_a_seed_outside_its_range_is_refused(seed: float, error: type[Exception]) -> None:
    """Seeds are whole numbers from 0 to 2⁶⁴ − 1."""
    with pytest.raises(error, match=r"The seed must"):
        initial_parameters(Spec.of([2, 3]), seed)
