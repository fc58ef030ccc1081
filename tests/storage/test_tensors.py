"""The container: what is written is read, here and by the public library; what is not whole is refused."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from pellucid.errors import ModelFileError
from pellucid.storage import MAX_HEADER_BYTES, MAX_TENSORS, pack_tensors, read_tensors, write_atomically

Tensors = dict[str, NDArray[Any]]

NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda name: name != "__metadata__")
ARRAYS = st.one_of(
    hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
    for dtype in (np.float32, np.float64, np.int64, np.uint8)
)
TENSORS = st.dictionaries(NAMES, ARRAYS, max_size=5)
TEXTS = st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=4)

# The folder of a test serves all its examples; each writes the file anew.
examples = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_same(expected: Mapping[str, NDArray[Any]], actual: Mapping[str, NDArray[Any]]) -> None:
    """Compare names, types, shapes and bits; NaN equals itself, and −0 is not 0."""
    assert set(expected) == set(actual)
    for name, array in expected.items():
        assert array.dtype == actual[name].dtype
        assert array.shape == actual[name].shape
        assert array.tobytes() == actual[name].tobytes()


@examples
@given(tensors=TENSORS, texts=TEXTS)
def test_what_is_written_is_read(tensors: Tensors, texts: dict[str, str], tmp_path: Path) -> None:
    """Arrays of every shape and bit pattern, and texts of every script, come back as they were."""
    write_atomically(tmp_path / "file", pack_tensors(tensors, texts))
    read, read_texts = read_tensors(tmp_path / "file")
    assert_same(tensors, read)
    assert list(tensors) == list(read) or any(array.size == 0 for array in tensors.values())
    assert texts == read_texts


@examples
@given(tensors=TENSORS, texts=TEXTS)
def test_public_library_reads_what_we_write(
    tensors: Tensors, texts: dict[str, str], tmp_path: Path, judge: Any
) -> None:
    """The public safetensors library reads our files: the same arrays, the same texts."""
    library = judge("safetensors")
    numpy_side = judge("safetensors.numpy")
    write_atomically(tmp_path / "file", pack_tensors(tensors, texts))
    assert_same(tensors, numpy_side.load_file(tmp_path / "file"))
    with library.safe_open(tmp_path / "file", framework="numpy") as file:
        assert texts == (file.metadata() or {})


@examples
@given(tensors=TENSORS, texts=st.none() | TEXTS)
def test_we_read_what_the_public_library_writes(
    tensors: Tensors, texts: dict[str, str] | None, tmp_path: Path, judge: Any
) -> None:
    """We read the public library's files: the same arrays, the same texts, with or without any."""
    assume(tensors or texts != {})  # there the public library writes a header that it cannot read itself
    judge("safetensors.numpy").save_file(tensors, tmp_path / "file", metadata=texts)
    read, read_texts = read_tensors(tmp_path / "file")
    assert_same(tensors, read)
    assert (texts or {}) == read_texts


def test_layout_is_pinned(tmp_path: Path) -> None:
    """A small file, byte for byte: the length, the header padded to eight bytes, the arrays without a gap."""
    tensors = {
        "layer_1.weight": np.array([[1.0, -2.0]], dtype=np.float32),
        "labels": np.array([1, 2], dtype=np.uint8),
    }
    header = (
        b'{"__metadata__":{"format":"pellucid"},'
        b'"layer_1.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},'
        b'"labels":{"dtype":"U8","shape":[2],"data_offsets":[8,10]}}'
    )
    header += b" " * (-len(header) % 8)
    expected = len(header).to_bytes(8, "little") + header + bytes.fromhex("0000803f000000c0") + b"\1\2"
    assert expected == b"".join(pack_tensors(tensors, {"format": "pellucid"}))


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-2],
        np.arange(12, dtype=">f8"),
        np.arange(12, dtype=">i8").reshape(2, 6)[:, ::3],
        np.asfortranarray(np.ones((3, 5), dtype=np.float32)),
        np.broadcast_to(np.float64(3), (4, 4)),
    ],
    ids=["transposed", "backwards", "big-endian", "big-endian slice", "column-major", "broadcast"],
)
def test_memory_layout_does_not_matter(array: NDArray[Any], tmp_path: Path) -> None:
    """An array that lies otherwise in memory is written row by row, little-endian."""
    write_atomically(tmp_path / "file", pack_tensors({"x": array}, {}))
    read = read_tensors(tmp_path / "file")[0]["x"]
    assert np.array_equal(array, read)
    assert array.dtype.newbyteorder("<") == read.dtype


def test_arrays_read_cannot_be_written_to(tmp_path: Path) -> None:
    """What comes from a file is read-only, contiguous and aligned."""
    write_atomically(tmp_path / "file", pack_tensors({"a": np.zeros(3, np.uint8), "b": np.ones((2, 2))}, {}))
    for array in read_tensors(tmp_path / "file")[0].values():
        assert not array.flags.writeable
        assert array.flags.c_contiguous
        assert array.flags.aligned


def test_most_tensors_and_most_text_are_read_again(tmp_path: Path) -> None:
    """As many tensors, and as long a header, as may be written can also be read."""
    tensors = {str(i): np.zeros((), np.uint8) for i in range(MAX_TENSORS)}
    write_atomically(tmp_path / "file", pack_tensors(tensors, {"a": "text"}))
    assert MAX_TENSORS == len(read_tensors(tmp_path / "file")[0])
    text = "x" * (MAX_HEADER_BYTES - len('{"__metadata__":{"":""}}'))
    write_atomically(tmp_path / "file", pack_tensors({}, {"": text}))
    assert {"": text} == read_tensors(tmp_path / "file")[1]


NOT_TENSORS = "A file holds at most 10000 tensors, none of them named '__metadata__'; {} were given."


@pytest.mark.parametrize(
    ("tensors", "texts", "expected"),
    [
        ({str(i): np.zeros((), np.uint8) for i in range(MAX_TENSORS + 1)}, {}, NOT_TENSORS.format(10_001)),
        ({"__metadata__": np.zeros(1)}, {}, NOT_TENSORS.format(1)),
        (
            {},
            {"history": "x" * MAX_HEADER_BYTES},
            "A file's names and texts may take 1048576 bytes; they take 1048608.",
        ),
    ],
    ids=["tensors", "name", "text"],
)
def test_what_could_not_be_read_is_not_written(tensors: Tensors, texts: dict[str, str], expected: str) -> None:
    """A file that `read_tensors` would refuse is refused when it is made."""
    with pytest.raises(ModelFileError) as caught:
        pack_tensors(tensors, texts)
    assert str(caught.value).startswith(expected)


def container(header: object, data: bytes = b"") -> bytes:
    """Return a file with this header, as it is (bytes) or as JSON."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def tensor(dtype: object = "F32", shape: object = (2,), offsets: object = (0, 8), **more: object) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets, **more}


EIGHT = bytes(8)
CONTRADICTS = "tensor 'x' has a shape that contradicts its offsets"
MALFORMED = "the entry of tensor 'x' is malformed"
NOT_JSON = "its header is not JSON"
BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "its first bytes claim a header of 0 bytes in a file of 0"),
    "seven bytes": (b"\2" + bytes(6), "its first bytes claim a header of 0 bytes in a file of 7"),
    "header longer than the file": (
        (9).to_bytes(8, "little") + b"{}",
        "its first bytes claim a header of 9 bytes in a file of 10",
    ),
    "header of 2⁶⁴ − 1": (
        b"\xff" * 8 + b"{}",
        f"its first bytes claim a header of {2**64 - 1} bytes in a file of 10",
    ),
    "header longer than allowed": (
        container(b"{}" + b" " * MAX_HEADER_BYTES),
        "its first bytes claim a header of 1048578 bytes in a file of 1048586",
    ),
    "no header": (bytes(8), NOT_JSON),
    "not JSON": (container(b"{'x': 1}"), NOT_JSON),
    "a pickle": (b"\x80\x04\x95\0\0\0\0\0\0\0\0\0\x8c\x08builtins", "its first bytes claim a header of"),
    "not UTF-8": (container(b'{"\xff": 1}'), NOT_JSON),
    "half a character": (container(b'{"\xc3'), NOT_JSON),
    "two documents": (container(b"{}{}"), NOT_JSON),
    "deep lists": (container(b"[" * 500_000), NOT_JSON),
    "deep objects": (container(b'{"x":' * 100_000), NOT_JSON),
    "a number of a million digits": (container(b'{"x":' + b"9" * 1_000_000 + b"}"), NOT_JSON),
    "a list": (container([]), "its header is not an object of names and entries"),
    "a text": (container("x"), "its header is not an object of names and entries"),
    "null": (container(None), "its header is not an object of names and entries"),
    "a name twice": (
        container(b'{"x":%b,"x":%b}' % ((json.dumps(tensor()).encode(),) * 2), EIGHT),
        "its header is not JSON (a name occurs twice)",
    ),
    "metadata twice": (container(b'{"__metadata__":{},"__metadata__":{}}'), "(a name occurs twice)"),
    "a text twice": (container(b'{"__metadata__":{"a":"1","a":"2"}}'), "(a name occurs twice)"),
    "dtype twice": (
        container(b'{"x":{"dtype":"F32","dtype":"F64","shape":[1],"data_offsets":[0,8]}}', EIGHT),
        "(a name occurs twice)",
    ),
    "too many tensors": (
        container({str(i): tensor("U8", [0], [0, 0]) for i in range(MAX_TENSORS + 1)}),
        "its header names 10001 tensors; at most 10000 are read",
    ),
    "metadata a list": (container({"__metadata__": []}), "its metadata are not texts"),
    "metadata null": (container({"__metadata__": None}), "its metadata are not texts"),
    "metadata a number": (container({"__metadata__": {"a": 1}}), "its metadata are not texts"),
    "metadata nested": (container({"__metadata__": {"a": {}}}), "its metadata are not texts"),
    "entry a list": (container({"x": []}), MALFORMED),
    "entry null": (container({"x": None}), MALFORMED),
    "no dtype": (container({"x": {"shape": [2], "data_offsets": [0, 8]}}, EIGHT), MALFORMED),
    "no shape": (container({"x": {"dtype": "F32", "data_offsets": [0, 8]}}, EIGHT), MALFORMED),
    "no offsets": (container({"x": {"dtype": "F32", "shape": [2]}}, EIGHT), MALFORMED),
    "an unknown key": (container({"x": tensor(extra=1)}, EIGHT), MALFORMED),
    "dtype a number": (container({"x": tensor(32)}, EIGHT), MALFORMED),
    "shape a number": (container({"x": tensor(shape=2)}, EIGHT), MALFORMED),
    "shape a text": (container({"x": tensor(shape="2")}, EIGHT), MALFORMED),
    "one offset": (container({"x": tensor(offsets=[8])}, EIGHT), MALFORMED),
    "three offsets": (container({"x": tensor(offsets=[0, 4, 8])}, EIGHT), MALFORMED),
    "unknown dtype": (
        container({"x": tensor("F16", [4])}, EIGHT),
        "tensor 'x' is of type 'F16'; known are F32, F64, I64, U8",
    ),
    "dtype of NumPy": (container({"x": tensor("<f4")}, EIGHT), "tensor 'x' is of type '<f4'"),
    "dtype of objects": (container({"x": tensor("O", [1])}, EIGHT), "tensor 'x' is of type 'O'"),
    "negative side": (container({"x": tensor(shape=[-2])}, EIGHT), CONTRADICTS),
    "two negative sides": (container({"x": tensor(shape=[-1, -2])}, EIGHT), CONTRADICTS),
    "side a float": (container({"x": tensor(shape=[2.0])}, EIGHT), CONTRADICTS),
    "side true": (container({"x": tensor("U8", [True, 8])}, EIGHT), CONTRADICTS),
    "side a text": (container({"x": tensor(shape=["2"])}, EIGHT), CONTRADICTS),
    "side null": (container({"x": tensor(shape=[None])}, EIGHT), CONTRADICTS),
    "side infinite": (container(b'{"x":{"dtype":"F32","shape":[Infinity],"data_offsets":[0,8]}}', EIGHT), NOT_JSON),
    "a tab": (container(b'{"x":\t{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', EIGHT), "white space other than"),
    "a line's end": (container(b"{}\n"), "its header holds white space other than blanks"),
    "side of 2⁶⁴": (container({"x": tensor(shape=[2**64])}, EIGHT), CONTRADICTS),
    "product that wraps to 2": (container({"x": tensor(shape=[2**32, 2**32, 2])}, EIGHT), CONTRADICTS),
    "nothing, of a side too long": (container({"x": tensor(shape=[0, 2**64], offsets=[0, 0])}), CONTRADICTS),
    "nothing, of sides too long": (container({"x": tensor(shape=[2**40, 0, 2**40], offsets=[0, 0])}), CONTRADICTS),
    "nine dimensions": (container({"x": tensor(shape=[1] * 8 + [2])}, EIGHT), CONTRADICTS),
    "shape too small": (container({"x": tensor(shape=[1])}, EIGHT), CONTRADICTS),
    "shape too large": (container({"x": tensor(shape=[3])}, EIGHT), CONTRADICTS),
    "offset a float": (container({"x": tensor(offsets=[0.0, 8])}, EIGHT), CONTRADICTS),
    "offset false": (container({"x": tensor(offsets=[False, 8])}, EIGHT), CONTRADICTS),
    "offset negative": (container({"x": tensor(offsets=[-8, 0])}, EIGHT), CONTRADICTS),
    "offsets backwards": (container({"x": tensor(offsets=[8, 0])}, EIGHT), CONTRADICTS),
    "hole at the start": (
        container({"x": tensor(offsets=[4, 12])}, bytes(12)),
        "tensor 'x' begins at byte 4, where 0 was expected",
    ),
    "hole in the middle": (
        container({"x": tensor(), "y": tensor(offsets=[9, 17])}, bytes(17)),
        "tensor 'y' begins at byte 9, where 8 was expected",
    ),
    "overlap": (
        container({"x": tensor(), "y": tensor(offsets=[4, 12])}, bytes(12)),
        "tensor 'y' begins at byte 4, where 8 was expected",
    ),
    "the same bytes twice": (
        container({"x": tensor(), "y": tensor()}, EIGHT),
        "tensor 'y' begins at byte 0, where 8 was expected",
    ),
    "too few bytes": (container({"x": tensor()}, bytes(7)), "its tensors take 8 bytes, but 7 are there"),
    "too many bytes": (container({"x": tensor()}, bytes(9)), "its tensors take 8 bytes, but 9 are there"),
    "bytes of no tensor": (container({}, b"\0"), "its tensors take 0 bytes, but 1 are there"),
    "a terabyte that is not there": (
        container({"x": tensor("U8", [2**40], [0, 2**40])}, EIGHT),
        "its tensors take 1099511627776 bytes, but 8 are there",
    ),
}


@pytest.mark.parametrize(("content", "reason"), BAD_FILES.values(), ids=BAD_FILES.keys())
def test_malformed_file_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    """A file that is not what it claims raises, with its path, the reason and what to do."""
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ModelFileError) as caught:
        read_tensors(path)
    message = str(caught.value)
    assert message.startswith(f"{path} is not a whole model or run file: ")
    assert reason in message
    assert message.endswith("Give a file written by Pellucid, or take it again from where it came.")


def small_file() -> bytes:
    tensors = {"a": np.arange(3.0), "b": np.arange(4, dtype=np.uint8).reshape(2, 2)}
    return b"".join(pack_tensors(tensors, {"format": "pellucid"}))


def test_file_cut_short_is_refused(tmp_path: Path) -> None:
    """Wherever a file is cut off, it is refused."""
    content = small_file()
    for length in range(len(content)):
        (tmp_path / "file").write_bytes(content[:length])
        with pytest.raises(ModelFileError):
            read_tensors(tmp_path / "file")


def test_file_with_more_behind_is_refused(tmp_path: Path) -> None:
    """Bytes behind the last tensor are refused."""
    (tmp_path / "file").write_bytes(small_file() + b"\0")
    with pytest.raises(ModelFileError, match="its tensors take 28 bytes, but 29 are there"):
        read_tensors(tmp_path / "file")


@pytest.mark.parametrize("wrong", [0x00, 0x01, 0x20, 0x80, 0xFF])
def test_changed_byte_is_read_or_refused(wrong: int, tmp_path: Path) -> None:
    """Whichever byte is changed, the file gives arrays or a ModelFileError, and nothing else."""
    content = small_file()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= wrong
        (tmp_path / "file").write_bytes(changed)
        with contextlib.suppress(ModelFileError):
            read_tensors(tmp_path / "file")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["F32", "U8", "x"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ENTRIES = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "U8", "I64", "F64"]),
        "shape": st.lists(st.integers(0, 2**70) | st.integers(0, 3), max_size=3) | JSON,
        "data_offsets": st.lists(st.integers(-1, 32), min_size=2, max_size=2) | JSON,
    }
)


@examples
@given(header=st.dictionaries(NAMES | st.just("__metadata__"), ENTRIES | JSON, max_size=3), data=st.binary(max_size=32))
def test_any_header_is_read_or_refused(header: dict[str, object], data: bytes, tmp_path: Path) -> None:
    """Whatever JSON the header is, the file gives arrays within it or a ModelFileError."""
    (tmp_path / "file").write_bytes(container(header, data))
    with contextlib.suppress(ModelFileError):
        tensors, _ = read_tensors(tmp_path / "file")
        assert len(data) == sum(array.nbytes for array in tensors.values())


@examples
@given(content=st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path: Path) -> None:
    """So it is with any bytes at all."""
    (tmp_path / "file").write_bytes(content)
    with contextlib.suppress(ModelFileError):
        read_tensors(tmp_path / "file")


def test_tensors_may_stand_in_any_order(tmp_path: Path) -> None:
    """The header may name the tensors in another order than their bytes lie, empty ones anywhere."""
    header = {
        "late": tensor("U8", [2], [8, 10]),
        "early": tensor(),
        "empty, after": tensor("F64", [0, 5], [10, 10]),
        "empty, between": tensor("F64", [0], [8, 8]),
    }
    (tmp_path / "file").write_bytes(container(header, bytes(8) + b"\1\2"))
    tensors, _ = read_tensors(tmp_path / "file")
    assert [1, 2] == tensors["late"].tolist()
    assert [0.0, 0.0] == tensors["early"].tolist()
    assert (0, 5) == tensors["empty, after"].shape
    assert (0,) == tensors["empty, between"].shape


def test_missing_file(tmp_path: Path) -> None:
    """A missing file is the system's error, as it is."""
    with pytest.raises(FileNotFoundError):
        read_tensors(tmp_path / "none")
