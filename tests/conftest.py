"""What every test shares: quiet figures, the judges, and the names of those that were missing."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest

import judges

os.environ.setdefault("MPLBACKEND", "Agg")

# No test depends on timing, and each run draws the same examples.
hypothesis.settings.register_profile("pellucid", deadline=None, derandomize=True)
hypothesis.settings.load_profile("pellucid")


@pytest.fixture
def judge() -> Callable[[str], Any]:
    """``judge("torch")`` imports an independent library, or ends the test as :mod:`judges` says."""
    return judges.judge


@pytest.fixture
def tool() -> Callable[[str, str], str]:
    """``tool("qemu-aarch64", "qemu-user")`` finds a program, or ends the test as :mod:`judges` says."""
    return judges.tool


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "judge" in getattr(item, "fixturenames", ()):
            item.add_marker("judged")


def pytest_collection_finish() -> None:
    """Let the garbage collector pass by what was collected: thousands of tests, at each of its rounds."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if judges.missing:
        names = ", ".join(sorted(judges.missing))
        terminalreporter.write_line(f"Skipped for want of a judge that is not installed: {names}", yellow=True)
