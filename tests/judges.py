"""Judges: independent libraries against which Pellucid's numbers are checked.

A judge that cannot be imported skips its tests on a user's machine and is named in pytest's last lines.
With ``CI=true`` in the environment it fails them instead, so that no check drops out unseen.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest

missing: set[str] = set()


def judge(name: str) -> Any:
    """Import the library ``name``; where it is missing, skip the calling test, or fail it if ``CI=true``."""
    __tracebackhide__ = True
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != name.partition(".")[0]:
            raise  # the judge is there, and broken
        missing.add(name)
    message = f"the judge {name!r} is not installed (see requirements/oracles.txt)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
