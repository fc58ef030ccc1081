"""MNIST comes out as it was published, or not at all."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pellucid.datasets import digits, load_mnist
from pellucid.errors import DataError

FILES = Path(digits.__file__).with_name("mnist")


# The MD5 sums of the unpacked files, under which they have been known since they were published; how they are
# packed differs from mirror to mirror.
@pytest.mark.parametrize(
    ("name", "md5"),
    [
        ("train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
        ("train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
        ("t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
        ("t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
    ],
)
def test_files_are_those_that_were_published(name: str, md5: str) -> None:
    """Each file, unpacked, has the check sum under which it is known."""
    assert md5 == hashlib.md5(gzip.decompress((FILES / f"{name}.gz").read_bytes())).hexdigest()


@pytest.mark.parametrize(
    ("name", "shape", "sha256"),
    [
        ("X_train", (60_000, 784), "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757"),
        ("y_train", (60_000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
        ("X_test", (10_000, 784), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
        ("y_test", (10_000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
    ],
)
def test_arrays_are_pinned(name: str, shape: tuple[int, ...], sha256: str) -> None:
    """Each array has its shape, holds bytes, cannot be written to, and has the pinned content."""
    array = getattr(load_mnist(), name)
    assert shape == array.shape
    assert np.uint8 == array.dtype
    assert not array.flags.writeable
    assert array.flags.c_contiguous
    assert sha256 == hashlib.sha256(array.tobytes()).hexdigest()


def test_known_facts() -> None:
    """Counts of the labels, and mean and standard deviation of the pixels, are the well-known ones."""
    mnist = load_mnist()
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert train == np.bincount(mnist.y_train).tolist()
    assert test == np.bincount(mnist.y_test).tolist()
    assert [5, 0, 4, 1, 9] == mnist.y_train[:5].tolist()
    # 0.1307 and 0.3081 of 255: the figures by which MNIST is normalised everywhere.
    assert 0.1307 == round(mnist.X_train.mean() / 255, 4)
    assert 0.3081 == round(mnist.X_train.std() / 255, 4)


def test_second_call_returns_the_same_arrays() -> None:
    """The files are unpacked once in a process."""
    assert load_mnist() is load_mnist()


def test_repr_is_short() -> None:
    """The data are named, not printed."""
    assert "Mnist(60000 training and 10000 test images of 28 × 28 bytes)" == repr(load_mnist())


def flipped(packed: bytes) -> bytes:
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :]


def packed_again(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda packed: gzip.compress(change(gzip.decompress(packed)), compresslevel=1)


DAMAGE = {
    "empty": (lambda packed: b"", "cannot be unpacked"),
    "not gzip": (lambda packed: b"PK" + packed, "cannot be unpacked"),
    "cut short": (lambda packed: packed[:-1], "cannot be unpacked"),
    "a byte flipped": (flipped, "cannot be unpacked"),
    "other type": (packed_again(lambda idx: b"\0\0\x0d" + idx[3:]), "begins with 00000d01"),
    "other dimensions": (packed_again(lambda idx: b"\0\0\x08\x03" + idx[4:]), "begins with 00000803"),
    "other count": (packed_again(lambda idx: idx[:4] + b"\0\0\x27\x11" + idx[8:]), "begins with 0000080100002711"),
    "a label missing": (packed_again(lambda idx: idx[:-1]), "holds 10007 bytes, where 10008 were expected"),
    "a label too many": (packed_again(lambda idx: idx + b"\x07"), "holds 10009 bytes, where 10008 were expected"),
}


def load_with(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Load MNIST from another folder, past the cache."""
    monkeypatch.setattr(digits.resources, "files", lambda _: folder)
    load_mnist.__wrapped__()


@pytest.mark.parametrize(("change", "reason"), DAMAGE.values(), ids=DAMAGE.keys())
def test_damaged_file_is_refused(
    change: Callable[[bytes], bytes], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not exactly what it must be raises, with its name, the reason and what to do."""
    (tmp_path / "mnist").mkdir()
    for file in FILES.glob("*.gz"):
        (tmp_path / "mnist" / file.name).write_bytes(file.read_bytes())
    last = tmp_path / "mnist" / "t10k-labels-idx1-ubyte.gz"
    last.write_bytes(change(last.read_bytes()))
    with pytest.raises(DataError) as caught:
        load_with(monkeypatch, tmp_path)
    message = str(caught.value)
    assert message.startswith(f"The MNIST file {last.name} of this installation {reason}")
    assert message.endswith("Install Pellucid anew.")


def test_missing_file_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation without the files says which is missing."""
    expected = (
        "The MNIST file train-images-idx3-ubyte.gz of this installation cannot be read "
        "(No such file or directory). Install Pellucid anew."
    )
    with pytest.raises(DataError) as caught:
        load_with(monkeypatch, tmp_path)
    assert expected == str(caught.value)
