"""A network in another number type."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Dropout, Network
from pellucid.errors import SettingError, UnknownNameError


def test_a_wider_type_holds_the_same_numbers() -> None:
    """float64 holds every float32, so that there and back is the same network; nothing is shared."""
    net = Network([3, 8, Dropout(0.1), 2], input_scale=1 / 255, classes=["a", "b"], seed=5)
    wide = net.astype("float64")
    np.testing.assert_array_equal(net.parameters.astype(np.float64), wide.parameters)
    assert (net.spec, net.seed) == (wide.astype("float32").spec, wide.seed)
    assert net.fingerprint == wide.astype("float32").fingerprint
    wide.parameters[:] = 0
    assert net.parameters.any()


def test_a_narrower_type_rounds() -> None:
    """To the nearest float32; what is too large for one is refused."""
    net = Network([1, 2], dtype="float64")
    net.parameters[:] = [0.1, 1 / 3, 2.0, -7.5]
    np.testing.assert_array_equal(np.float32([0.1, 1 / 3, 2.0, -7.5]), net.astype("float32").parameters)
    net.parameters[0] = 1e39
    with pytest.raises(SettingError, match=r"too large for float32.*Keep the network in float64"):
        net.astype("float32")


def test_the_same_type_is_a_copy() -> None:
    """As with `copy`, it has its own memory."""
    net = Network([2, 2])
    assert net.parameters is not net.astype("float32").parameters
    assert net.fingerprint == net.astype("float32").fingerprint


def test_other_types_are_unknown() -> None:
    """The two that there are stand in the error."""
    with pytest.raises(UnknownNameError, match="Accepted: float32, float64"):
        Network([2, 2]).astype("float16")
