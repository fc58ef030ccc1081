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
    ("lecun", (2, 1), 0): (
        "7ba04d1e6ba8a00d9c6121db0c48850d69bbffe79bf351f7da44b6784885e1d1",
        "4ee655c4fdf4de8383b8381c7e3a932f64ffaa6852eed5030fbf2c7e6cdb5a5f",
    ),
    ("lecun", (2, 1), 2019): (
        "a7d9a3fbffcb11d2966aacd24473ccf4a1d09b0eed99d448ccf83d9430d4b77b",
        "58f3932b9ee9e0d968b69ea688415e5f3b4d61b611d77051e525982997e7324b",
    ),
    ("lecun", (4, 5, 3), 0): (
        "7c639a659fc52587231a6d6f6d9d7a376596891a3890c0cb01f78ad2c26ff81f",
        "4f07700d109b4ec90a7e7956a54e0901b6a869a6b79de3d20cdca8d73122b6fd",
    ),
    ("lecun", (4, 5, 3), 2019): (
        "3c5acd5ee80ef852ef7307713ca08c7220efaa112ea741cba4231993c1d7acfa",
        "064a1def993c109c5879d9c9f8dc9d2bd914ebfaaa0b5f3b548b070b5730ba42",
    ),
    ("lecun", (784, 32, 32, 10), 0): (
        "cb7fe07398452b51654563894aa542875aa213d2502fbe294c696a2908d01a98",
        "20dfb8386d8d1fa7a3ab01cb577d690234db5f5cf0c53d54fe2748a9996c8bc9",
    ),
    ("lecun", (784, 32, 32, 10), 2019): (
        "31fb728edbfd9c7aa815b1b743d5f9a02493fb6019d92d2c7693b96948e23e56",
        "25233e8eab25713639346a6147d8928c42e2c2c250ad6c5e857a4264752803f4",
    ),
    ("orthogonal", (2, 1), 0): (
        "8a1e28c2bfe67bec4622cf147487289f7aae69d35abb6fb2e6d01c6baeae806a",
        "b283f2d0d23d073110ac9e4f86c95e47f0a6a06d1ccc71b15663aa4ce04e249f",
    ),
    ("orthogonal", (2, 1), 2019): (
        "3127984f28131cdc86c2d581d8f105223afbe519c639254ddc37f0574fd28620",
        "99bcfb9714a7916a10e2d160a7085b1d237fcfd7c9cb0ef919af76472bc1274d",
    ),
    ("orthogonal", (4, 5, 3), 0): (
        "b164007077dca497b5aa2c4489cc6db440921e0d01d6c575048b9fd2461c790a",
        "994c71e245fb168842ab1fbd7c36948ceb8a69ad4978574266dcde8827765650",
    ),
    ("orthogonal", (4, 5, 3), 2019): (
        "0d8d9c7a134ba7bc5e574aff834f0b5d9838e34a83def93813d1c3c358561d14",
        "b1ea8ea7d64fe1436c5612abd01dfc5a128a694f25222dd81546556543b259af",
    ),
    ("orthogonal", (784, 32, 32, 10), 0): (
        "70fe38fd3bdeb6461a708ad64bff3f918b937487ec87f87c64f65b5175135b05",
        "f2d28594d7150eb10cce566addd8a06d14d7a35c72df200385c37252728f860a",
    ),
    ("orthogonal", (784, 32, 32, 10), 2019): (
        "2da2ea68f1e01198a2501ab7213307365859c02e12fde28f4bb7af9b1cee358e",
        "7c65c9b9c7271a706f55880d6f66664432a0f6333cd84f93ac2360b7a209550d",
    ),
    ("zeros", (2, 1), 0): (
        "9d908ecfb6b256def8b49a7c504e6c889c4b0e41fe6ce3e01863dd7b61a20aa0",
        "15ec7bf0b50732b49f8228e07d24365338f9e3ab994b00af08e5a3bffe55fd8b",
    ),
    ("zeros", (4, 5, 3), 0): (
        "7c7f15ed27de2f3a51d1da31356b27ea1be15370faa3caab96606e5390ebbd0e",
        "58f218aeb259309eeb545345a8f5c715987967b0ec724806d448394da578d0b0",
    ),
    ("zeros", (784, 32, 32, 10), 0): (
        "e2db16ea668699df3663a704298fbadc364b98d75997e8a6359a7220a4078687",
        "a223ac7f88168838e4fd557df0018ebee949e42555e1b8d57d82e550ea421a1b",
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
    if name == "zeros":
        return
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


@pytest.mark.parametrize(("name", "variance"), [("he", 2), ("lecun", 1)])
@pytest.mark.parametrize(("n_out", "n_in"), [(400, 100), (100, 400), (1, 40_000)])
def test_he_and_lecun_are_normal_with_their_variance(n_out: int, n_in: int, name: str, variance: int) -> None:
    """Weights have mean 0, variance 2/n_in or 1/n_in; 68.27, 95.45 and 99.73 % lie within 1, 2 and 3 deviations."""
    W, b = weights(name, n_out, n_in)
    deviation = math.sqrt(variance / n_in)
    assert variance / n_in == pytest.approx(W.var(), rel=0.04)
    assert abs(W.mean()) <= 5 * deviation / math.sqrt(W.size)
    for within in (1, 2, 3):
        share = math.erf(within / math.sqrt(2))
        actual = (np.abs(W) <= within * deviation).mean()
        assert share == pytest.approx(actual, abs=5 * math.sqrt(share * (1 - share) / W.size))
    assert not b.any()


@pytest.mark.parametrize(("n_out", "n_in"), [(1, 1), (1, 5), (7, 1), (30, 30), (20, 50), (50, 20), (128, 784)])
def test_orthogonal_vectors_are_orthogonal(n_out: int, n_in: int) -> None:
    """The rows, or the columns if they are fewer, have products of 0 with each other and of 1 with themselves."""
    W, b = weights("orthogonal", n_out, n_in)
    short = W if n_out <= n_in else W.T
    np.testing.assert_allclose(short @ short.T, np.eye(len(short)), rtol=0, atol=5e-15)
    assert not b.any()


def test_orthogonal_vectors_point_anywhere() -> None:
    """They are what QR makes of the normal numbers drawn, whatever side of a half-space: the uniform distribution."""
    drawn = Stream(2019, Purpose.INITIAL, layer=1).normal(30 * 50).reshape(30, 50)
    Q, R = np.linalg.qr(drawn.T)
    W, _ = weights("orthogonal", 30, 50)
    np.testing.assert_allclose(W, (Q * np.sign(np.diag(R))).T, rtol=0, atol=1e-13)


def test_zeros_are_zeros() -> None:
    """Weights and biases are 0."""
    W, b = weights("zeros", 3, 4)
    assert ((3, 4), (3,)) == (W.shape, b.shape)
    assert not W.any()
    assert not b.any()


def test_a_layer_starts_as_its_activation_usually_does() -> None:
    """What is left open is filled in by the activation; what is given is kept; the network's comes between."""
    spec = Spec.of([4, 5, Dense(6, "tanh"), Dense(7, "relu", "column"), 3])
    assert ["he", "glorot", "column", "glorot"] == [layer.initializer for layer in spec.dense]
    spec = Spec.of([4, Dense(5, "selu"), Dense(6, "gelu"), 3])
    assert ["lecun", "he", "glorot"] == [layer.initializer for layer in spec.dense]
    spec = Spec.of([4, 5, Dense(7, initializer="he"), 3], initializer="column")
    assert ["column", "he", "column"] == [layer.initializer for layer in spec.dense]


@pytest.mark.parametrize("given", ["xavier", ["he"], 3])
def test_an_unknown_initialiser_is_refused(given: object) -> None:
    """The message names those there are."""
    with pytest.raises(UnknownNameError, match=r"Unknown initializer .*\. Accepted: column, .*, zeros\."):
        Dense(3, initializer=given)


@pytest.mark.parametrize(("seed", "error"), [(-1, SettingError), (2**64, SettingError), (0.5, KindError)])
def test_a_seed_outside_its_range_is_refused(seed: float, error: type[Exception]) -> None:
    """Seeds are whole numbers from 0 to 2⁶⁴ − 1."""
    with pytest.raises(error, match=r"The seed must"):
        initial_parameters(Spec.of([2, 3]), seed)
