"""Judges: independent libraries and programs against which Pellucid's numbers are checked.

A judge that cannot be imported skips its tests on a user's machine and is named in pytest's last lines.
With ``CI=true`` in the environment it fails them instead, so that no check drops out unseen.
"""

from __future__ import annotations

import importlib
import os
import shutil
from typing import Any, NoReturn

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
    return _absent(f"the judge {name!r} is not installed (see requirements/oracles.txt)")


def tool(name: str, package: str) -> str:
    """Return the path of a program such as a compiler; where it is missing, skip the calling test or fail it."""
    __tracebackhide__ = True
    found = shutil.which(name)
    if found is None:
        missing.add(name)
        _absent(f"the program {name!r} is not installed (Debian's package {package})")
    return str(found)


def _absent(message: str) -> NoReturn:
    __tracebackhide__ = True
    raise (pytest.fail.Exception if os.environ.get("CI") == "true" else pytest.skip.Exception)(message)
