"""Random numbers: the published vectors, a pinned table, addresses that keep apart, and fair distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.errors import KindError, SettingError
from pellucid.random import Purpose, Stream, checked_seed, philox_4x32

# The known answers of the Random123 distribution, tests/kat_vectors, philox4x32 with 10 rounds.
KNOWN_ANSWERS = [
    (
        (0x00000000, 0x00000000, 0x00000000, 0x00000000),
        (0x00000000, 0x00000000),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF),
        (0xFFFFFFFF, 0xFFFFFFFF),
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_philox_gives_the_known_answers(
    counter: tuple[int, ...], key: tuple[int, int], expected: tuple[int, ...]
) -> None:
    """The cipher is the published one."""
    c0, c1, c2, c3 = (np.array([word], dtype=np.uint64) for word in counter)
    words = philox_4x32((c0, c1, c2, c3), key)
    assert np.uint32 == words.dtype
    assert [list(expected)] == words.tolist()


def test_counters_do_not_disturb_each_other() -> None:
    """Many counters at once give what each gives alone."""
    blocks = np.arange(1000, dtype=np.uint64)
    zero = np.zeros(1, dtype=np.uint64)
    together = philox_4x32((blocks, zero, zero, zero), (1, 2))
    apart = [philox_4x32((blocks[i : i + 1], zero, zero, zero), (1, 2))[0] for i in range(0, 1000, 37)]
    assert (1000, 4) == together.shape
    assert np.array_equal(together[::37], apart)


def test_an_address_is_a_counter_and_a_key() -> None:
    """Block b is the cipher of (b, step, epoch, purpose + 256·layer) under the halves of the seed."""
    stream = Stream(0x0123456789ABCDEF, Purpose.DROPOUT, layer=7, epoch=5, step=11)
    block = (9, 11, 5, 3 + 256 * 7)
    c0, c1, c2, c3 = (np.array([word], dtype=np.uint64) for word in block)
    expected = philox_4x32((c0, c1, c2, c3), (0x89ABCDEF, 0x01234567))[0]
    assert expected.tolist() == stream.words(4, start=36).tolist()


STREAMS = {
    "zero": Stream(0, Purpose.INITIAL),
    "shuffle": Stream(2019, Purpose.SHUFFLE, epoch=3),
    "dropout": Stream(2**32 + 5, Purpose.DROPOUT, layer=2, epoch=1, step=1000),
    "highest": Stream(2**64 - 1, Purpose.DATASET, layer=2**24 - 1, epoch=2**32 - 1, step=2**32 - 1),
}
PINNED: dict[str, dict[str, list[Any]]] = {
    "zero": {
        "words": ["2dce73e5", "1348e23f", "fcf8e0ec", "a287aadb", "e9535be3"],
        "words_64": ["1348e23f2dce73e5", "a287aadbfcf8e0ec", "510c4549e9535be3"],
        "uniform": ["0x1.348e23f2dce70p-4", "0x1.450f55b7f9f1cp-1", "0x1.44311527a54d6p-2"],
        "normal": ["-0x1.0c3cad107652cp-2", "-0x1.6447e28b59f07p-1", "-0x1.4b646f6b98fe8p+0"],
        "far": ["0x1.4a81e07989df9p+0", "-0x1.7604dbd9f8649p-2"],
        "permutation": [0, 2, 5, 9, 7, 3, 1, 6, 4, 8],
    },
    "shuffle": {
        "words": ["c29cff00", "016b2401", "b7536884", "a6dd88d9", "83775f43"],
        "words_64": ["016b2401c29cff00", "a6dd88d9b7536884", "94dc5bf683775f43"],
        "uniform": ["0x1.6b2401c29cf80p-8", "0x1.4dbb11b36ea6dp-1", "0x1.29b8b7ed06eebp-1"],
        "normal": ["-0x1.f3970b2550cc9p-5", "0x1.37b2e802615ccp+0", "-0x1.699dfd5c6c7d9p-1"],
        "far": ["-0x1.4cabdd3fec5fdp+0", "-0x1.32a6eb330f58dp-2"],
        "permutation": [0, 3, 8, 7, 9, 6, 2, 1, 5, 4],
    },
    "dropout": {
        "words": ["35124223", "6012f4ae", "47cec480", "83cb6a10", "d6e26c12"],
        "words_64": ["6012f4ae35124223", "83cb6a1047cec480", "fedb3184d6e26c12"],
        "uniform": ["0x1.804bd2b8d4490p-2", "0x1.0796d4208f9d8p-1", "0x1.fdb66309adc4dp-1"],
        "normal": ["-0x1.ee7f11c901ba9p-1", "-0x1.6bbbc91a4d67ap+1", "-0x1.7d69e39dfca90p-5"],
        "far": ["-0x1.cde2ba12c632ap+0", "0x1.9e2436d9f557ep-3"],
        "permutation": [4, 5, 0, 9, 1, 8, 3, 6, 7, 2],
    },
    "highest": {
        "words": ["79927375", "13cb4cf2", "e6a2cdbf", "cd0a1396", "cf5941b6"],
        "words_64": ["13cb4cf279927375", "cd0a1396e6a2cdbf", "e01921fccf5941b6"],
        "uniform": ["0x1.3cb4cf2799270p-4", "0x1.9a14272dcd459p-1", "0x1.c03243f99eb28p-1"],
        "normal": ["0x1.027b3bc289516p-3", "0x1.001f4604c6fa4p+1", "-0x1.426eb01942079p+0"],
        "far": ["0x1.f17176501b64cp-2", "-0x1.a7e9a6800948dp-2"],
        "permutation": [3, 0, 5, 8, 9, 4, 7, 6, 1, 2],
    },
}


@pytest.mark.parametrize("name", STREAMS)
def test_values_are_pinned(name: str) -> None:
    """These may never change: a change to any of them is a new arithmetic."""
    stream, expected = STREAMS[name], PINNED[name]
    assert expected["words"] == [f"{word:08x}" for word in stream.words(5).tolist()]
    assert expected["words_64"] == [f"{word:016x}" for word in stream.words_64(3).tolist()]
    assert expected["uniform"] == [x.hex() for x in stream.uniform(3).tolist()]
    assert expected["normal"] == [x.hex() for x in stream.normal(3).tolist()]
    assert expected["far"] == [x.hex() for x in stream.normal(2, start=1_000_003).tolist()]
    assert expected["permutation"] == stream.permutation(10).tolist()


def test_definitions() -> None:
    """Elements of 64 bits are pairs of words, the lower first; uniform numbers are their upper 53 bits."""
    stream = STREAMS["shuffle"]
    words = [int(word) for word in stream.words(8)]
    expected = [low + (high << 32) for low, high in zip(words[::2], words[1::2], strict=True)]
    assert expected == stream.words_64(4).tolist()
    assert [(word >> 11) / 2**53 for word in expected] == stream.uniform(4).tolist()
    assert sorted(range(4), key=lambda i: expected[i]) == stream.permutation(4).tolist()


ADDRESSES = st.builds(
    Stream,
    seed=st.integers(0, 2**64 - 1),
    purpose=st.sampled_from(Purpose),
    layer=st.integers(0, 2**24 - 1),
    epoch=st.integers(0, 2**32 - 1),
    step=st.integers(0, 2**32 - 1),
)


@pytest.mark.parametrize("kind", ["words", "words_64", "uniform", "normal"])
@settings(deadline=None)
@given(stream=ADDRESSES, start=st.integers(0, 200), count=st.integers(0, 50))
def test_any_element_is_reached_alone(kind: str, stream: Stream, start: int, count: int) -> None:
    """A slice is the same whether the elements before it were drawn or not."""
    draw = getattr(stream, kind)
    part = draw(count, start=start)
    assert (count,) == part.shape
    assert np.array_equal(draw(start + count)[start:], part)


@settings(deadline=None)
@given(one=ADDRESSES, other=ADDRESSES)
def test_different_addresses_give_different_words(one: Stream, other: Stream) -> None:
    """Two streams agree exactly if their addresses do."""
    assert (one == other) == np.array_equal(one.words(8), other.words(8))


@pytest.mark.parametrize("part", ["seed", "purpose", "layer", "epoch", "step"])
def test_each_part_of_the_address_counts(part: str) -> None:
    """To change one part, by as little as may be, changes every word."""
    address = {"seed": 1, "purpose": 1, "layer": 1, "epoch": 1, "step": 1}
    one, other = Stream(**address), Stream(**{**address, part: 2})  # type: ignore[arg-type]
    assert not np.isin(one.words(64), other.words(64)).any()


def test_parts_of_the_address_do_not_run_into_each_other() -> None:
    """All streams of a small box of addresses, each part at both ends of its range, are different."""
    streams = [
        Stream(seed, purpose, layer, epoch, step)
        for seed in (0, 1, 2**32, 2**64 - 1)
        for purpose in Purpose
        for layer in (0, 1, 2**24 - 1)
        for epoch in (0, 1, 2**32 - 1)
        for step in (0, 1, 2**32 - 1)
    ]
    assert len(streams) == len({stream.words(4).tobytes() for stream in streams})


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS.keys())
def test_distributions_are_fair(stream: Stream, judge: Any) -> None:
    """Uniform and normal numbers pass the test of Kolmogorov and Smirnov, and neighbours are uncorrelated."""
    stats = judge("scipy.stats")
    uniform, normal = stream.uniform(100_000), stream.normal(100_000)
    assert 0 <= uniform.min() < 1e-3
    assert 1 - 1e-3 < uniform.max() < 1
    # The numbers are fixed, so these are facts about them and not chances.
    assert stats.kstest(uniform, "uniform").pvalue > 0.01
    assert stats.kstest(normal, "norm").pvalue > 0.01
    for numbers in (uniform, normal):
        for lag in (1, 2, 3, 4, 8):
            assert abs(np.corrcoef(numbers[:-lag], numbers[lag:])[0, 1]) < 0.012


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS.keys())
def test_every_bit_is_fair(stream: Stream) -> None:
    """Each of 32 bits is set in half of the words, within four standard deviations."""
    words = stream.words(100_000)
    for bit in range(32):
        share = float(((words >> np.uint32(bit)) & np.uint32(1)).mean())
        assert abs(0.5 - share) < 4 * 0.5 / np.sqrt(100_000)


@settings(deadline=None)
@given(stream=ADDRESSES, n=st.integers(0, 500))
def test_permutation_holds_each_number_once(stream: Stream, n: int) -> None:
    """A permutation of n holds 0 … n − 1, as int64."""
    order = stream.permutation(n)
    assert np.int64 == order.dtype
    assert list(range(n)) == sorted(order.tolist())


def test_permutations_are_fair(judge: Any) -> None:
    """All orders of three come equally often, over many epochs."""
    stats = judge("scipy.stats")
    orders = [tuple(Stream(7, Purpose.SHUFFLE, epoch=epoch).permutation(3).tolist()) for epoch in range(6000)]
    counts = [orders.count(order) for order in sorted(set(orders))]
    assert 6 == len(counts)
    assert stats.chisquare(counts).pvalue > 0.01


def test_equal_keys_stand_by_index(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where two keys are equal, the lower index comes first."""
    keys = np.array([5, 3, 5, 3, 0], dtype=np.uint64)
    monkeypatch.setattr(Stream, "words_64", lambda self, count, start=0: keys)
    assert [4, 1, 3, 0, 2] == Stream(0, Purpose.SHUFFLE).permutation(5).tolist()


def test_purposes_are_pinned() -> None:
    """The numbers of the purposes are part of the arithmetic: new ones may be added."""
    expected = {"INITIAL": 1, "SHUFFLE": 2, "DROPOUT": 3, "SPLIT": 4, "DATASET": 5}
    assert expected.items() <= {purpose.name: purpose.value for purpose in Purpose}.items()
    assert max(Purpose) < 256


@pytest.mark.parametrize("kind", [int, np.uint8, np.int16, np.int32, np.int64, np.uint64])
def test_seeds_of_each_kind(kind: type) -> None:
    """A seed of NumPy is the same seed."""
    assert 100 == checked_seed(kind(100))
    assert type(checked_seed(kind(100))) is int
    expected = Stream(100, Purpose.INITIAL)
    assert expected == Stream(kind(100), Purpose.INITIAL)
    assert np.array_equal(expected.words(9), Stream(kind(100), Purpose.INITIAL).words(9))


@pytest.mark.parametrize("seed", [-1, 2**64, -(10**30)])
def test_seed_outside_the_range_is_refused(seed: int) -> None:
    """A seed that would not fit into the key raises, with the range."""
    expected = f"The seed must lie in 0 … 18446744073709551615; {seed} was given. Give an int such as 0."
    for make in (checked_seed, lambda seed: Stream(seed, Purpose.INITIAL)):
        with pytest.raises(SettingError) as caught:
            make(seed)
        assert expected == str(caught.value)


@pytest.mark.parametrize("seed", [0.0, "0", None, [0], np.array([1, 2]), np.random.RandomState])
def test_seed_of_another_kind_is_refused(seed: object) -> None:
    """What is no whole number raises, with what it is."""
    expected = f"The seed must be a whole number, not {type(seed).__name__} ({seed!r}). Give an int such as 0."
    with pytest.raises(KindError) as caught:
        checked_seed(seed)
    assert expected == str(caught.value)


@pytest.mark.parametrize(
    "address", [{"layer": -1}, {"layer": 2**24}, {"epoch": -1}, {"epoch": 2**32}, {"step": -1}, {"step": 2**32}]
)
def test_address_outside_its_range_is_refused(address: dict[str, int]) -> None:
    """A part that would run into its neighbour raises."""
    with pytest.raises(SettingError, match=r"layer must lie in 0 … 2\*\*24 - 1, its epoch and step in"):
        Stream(0, Purpose.INITIAL, **address)


@pytest.mark.parametrize(("count", "start"), [(1, 2**34), (5, 2**34 - 4), (1, -1), (-1, 5)])
def test_words_outside_the_stream_are_refused(count: int, start: int) -> None:
    """A stream ends after 2³⁴ words; the last can be had, one more raises instead of running into the next."""
    stream = Stream(0, Purpose.INITIAL)
    assert (4,) == stream.words(4, start=2**34 - 4).shape
    with pytest.raises(SettingError, match=r"A stream has words 0 … 2\*\*34 - 1"):
        stream.words(count, start)
