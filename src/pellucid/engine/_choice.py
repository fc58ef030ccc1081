"""Which backend computes."""

from __future__ import annotations

import os
from functools import cache

from pellucid.core import Optimizer, Spec
from pellucid.engine._native_engine import NativeEngine, instruction_sets, knows
from pellucid.engine._protocol import Backend
from pellucid.engine._readable import ReadableCore
from pellucid.errors import SlowEngineWarning, unknown_name, warn

__all__ = ["backend_for", "default_backend"]

_READABLE = "readable"


def default_backend() -> Backend:
    """Return the backend that is used where none is asked for: the native engine, or where there is none the core.

    ``PELLUCID_ENGINE`` names another one: "readable", or one of `instruction_sets`.

    Raises
    ------
    UnknownNameError
        ``PELLUCID_ENGINE`` names none that there is.
    """
    native = instruction_sets()
    wished = os.environ.get("PELLUCID_ENGINE", "")
    if wished and wished not in (*native, _READABLE):
        raise unknown_name("engine, in PELLUCID_ENGINE,", wished, (*native, _READABLE))
    if wished == _READABLE:
        return ReadableCore()
    if not native:
        _say_that_it_is_slow()
        return ReadableCore()
    return NativeEngine(wished or None)


@cache
def _say_that_it_is_slow() -> None:
    warn(
        "Pellucid runs on its readable core, many times slower than its native engine, and promises the same bits on "
        "this machine only: the engine was built without a C++ compiler, or is not for this processor. "
        "`pellucid doctor` says more; PELLUCID_ENGINE=readable takes the core without this warning.",
        SlowEngineWarning,
    )


def backend_for(spec: Spec, usual: Backend, optimizer: Optimizer | None = None) -> Backend:
    """Return the backend that can use, or train, this network: the usual one, or the core where users wrote a part."""
    native = not spec.is_own and (optimizer is None or knows(optimizer))
    return usual if native or not isinstance(usual, NativeEngine) else ReadableCore()
