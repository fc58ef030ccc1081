"""Parameters: one vector, views that share its memory, and a fingerprint of its bytes."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from pellucid.core import Parameters, Spec, fingerprint, initial_parameters

SPEC = Spec.of([2, 3, 2], dtype="float64")


def test_storage_is_input_major_layer_by_layer_weights_then_biases() -> None:
    """The weights of one input lie together: W[j, i] of a layer is number i·n_out + j of its part."""
    parameters = Parameters(SPEC, np.arange(17.0))
    assert ["layer_1", "output"] == list(parameters)
    assert [[0, 3], [1, 4], [2, 5]] == parameters["layer_1"].W.tolist()
    assert [6, 7, 8] == parameters["layer_1"].b.tolist()
    assert [[9, 11, 13], [10, 12, 14]] == parameters["output"].W.tolist()
    assert [15, 16] == parameters["output"].b.tolist()
    assert [(3, 2), (2, 3)] == [layer.W.shape for layer in parameters.layers()]


@pytest.mark.parametrize("layers", [[1, 2], [2, 3, 2], [7, 5, 4, 3]])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_views_are_writable_and_share_memory(layers: list[int], dtype: str) -> None:
    """What is written through a view is in the vector, and the other way round; views cover it once."""
    parameters = Parameters(Spec.of(layers, dtype=dtype))
    assert dtype == parameters.vector.dtype
    assert not parameters.vector.any()
    for layer in parameters.layers():
        for view in layer:
            assert np.shares_memory(view, parameters.vector)
            assert view.flags.writeable
            view[...] = view + 1
    assert [1.0] * parameters.vector.size == parameters.vector.tolist()
    parameters.vector[:] = 5
    assert all((view == 5).all() for layer in parameters.layers() for view in layer)
    parameters["output"].W[1, 0] = 9
    assert 1 == np.count_nonzero(parameters.vector == 9)


def test_a_vector_of_ones_own_is_used_without_a_copy() -> None:
    """The vector given is the one written to."""
    vector = np.zeros(17)
    parameters = Parameters(SPEC, vector)
    parameters["layer_1"].b[0] = 4
    assert parameters.vector is vector
    assert 4 == vector[6]


@pytest.mark.parametrize("vector", [np.zeros(16), np.zeros((17, 1)), np.zeros(17, np.float32), np.zeros(17, int)])
def test_a_vector_that_does_not_fit_is_refused(vector: np.ndarray) -> None:
    """Size and type must be the spec's."""
    with pytest.raises(ValueError, match="expected 17 numbers of float64, got"):
        Parameters(SPEC, vector)


@pytest.mark.parametrize(("dtype", "letter"), [("float32", "f"), ("float64", "d")])
def test_the_fingerprint_is_the_sha256_of_the_little_endian_bytes(dtype: str, letter: str) -> None:
    """Byte by byte as `struct` writes them, whatever the order of bytes or the strides in memory."""
    vector = initial_parameters(Spec.of([3, 4, 2], dtype=dtype), seed=1).vector
    packed = struct.pack(f"<{vector.size}{letter}", *vector.tolist())
    expected = hashlib.sha256(packed).hexdigest()
    strided = np.repeat(vector, 2)[::2]
    assert [expected] * 3 == [fingerprint(vector), fingerprint(vector.astype(f">{letter}")), fingerprint(strided)]
    assert (64, expected.lower()) == (len(expected), expected)


def test_the_fingerprint_tells_the_signs_of_zero_and_the_last_bit() -> None:
    """Equal numbers with other bits have other fingerprints."""
    zero, ones = np.zeros(2), np.ones(2)
    assert fingerprint(zero) != fingerprint(-zero)
    assert fingerprint(ones) != fingerprint(np.nextafter(ones, 2))
