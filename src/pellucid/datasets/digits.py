"""MNIST: 70,000 handwritten digits, read from the four files in which they were published.

Source: LeCun, Cortes & Burges (1998), The MNIST database of handwritten digits. The files lie in ``mnist/``;
their licence is named in NOTICE.
"""

from __future__ import annotations

import functools
import math
import zlib
from dataclasses import dataclass
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pellucid.errors import DataError

__all__ = ["Mnist", "load_mnist"]

Bytes = NDArray[np.uint8]

_PIXELS: Final = 28 * 28
_GZIP: Final = 31  # for zlib: a gzip header is expected, and the check sum at the end is held against the content


@dataclass(frozen=True, eq=False)
class Mnist:
    """Handwritten digits as bytes: 0 is paper, 255 is ink. All arrays are read-only.

    Attributes
    ----------
    X_train : uint8, shape (60000, 784)
        One image a row, its 28 rows of 28 pixels one after the other.
    y_train : uint8, shape (60000,)
        Which digit it is, 0 … 9.
    X_test : uint8, shape (10000, 784)
    y_test : uint8, shape (10000,)
    """

    X_train: Bytes
    y_train: Bytes
    X_test: Bytes
    y_test: Bytes

    def __repr__(self) -> str:
        return f"Mnist({len(self.X_train)} training and {len(self.X_test)} test images of 28 × 28 bytes)"


@functools.cache
def load_mnist() -> Mnist:
    """Return MNIST, which comes with the package.

    The first call unpacks the files, in about a quarter of a second; later ones return the same arrays.

    Returns
    -------
    Mnist
        With ``X_train``, ``y_train``, ``X_test`` and ``y_test``.

    Raises
    ------
    DataError
        A file is missing or damaged.

    Examples
    --------
    >>> mnist = load_mnist()
    >>> mnist
    Mnist(60000 training and 10000 test images of 28 × 28 bytes)
    >>> mnist.X_train.shape, mnist.y_train[:5].tolist()
    ((60000, 784), [5, 0, 4, 1, 9])
    """
    return Mnist(
        _unpacked("train-images-idx3-ubyte.gz", (60_000, 28, 28)).reshape(-1, _PIXELS),
        _unpacked("train-labels-idx1-ubyte.gz", (60_000,)),
        _unpacked("t10k-images-idx3-ubyte.gz", (10_000, 28, 28)).reshape(-1, _PIXELS),
        _unpacked("t10k-labels-idx1-ubyte.gz", (10_000,)),
    )


def _unpacked(name: str, shape: tuple[int, ...]) -> Bytes:
    """Return the bytes of one packed IDX file of this shape, read-only.

    IDX is: two zero bytes, the type (8: unsigned bytes), the number of dimensions, the dimensions as
    big-endian 32-bit numbers, the elements.
    """
    header = bytes([0, 0, 8, len(shape), *np.array(shape, dtype=">u4").tobytes()])
    size = len(header) + math.prod(shape)
    try:
        packed = resources.files("pellucid.datasets").joinpath("mnist", name).read_bytes()
    except OSError as error:
        raise _damaged(name, f"cannot be read ({error.strerror or error})") from None
    try:
        content = zlib.decompress(packed, _GZIP, size)
    except zlib.error as error:
        raise _damaged(name, f"cannot be unpacked ({error})") from None
    if not content.startswith(header):
        raise _damaged(name, f"begins with {content[: len(header)].hex()}, where {header.hex()} was expected")
    if len(content) != size:
        raise _damaged(name, f"holds {len(content)} bytes, where {size} were expected")
    return np.frombuffer(content, dtype=np.uint8, offset=len(header)).reshape(shape)


def _damaged(name: str, what: str) -> DataError:
    return DataError(f"The MNIST file {name} of this installation {what}. Install Pellucid anew.")
