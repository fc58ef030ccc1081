"""What every test shares: quiet figures, the judges, and the names of those that were missing."""

from __future__ import annotations

import gc
import importlib.util
import os
import re
from collections.abc import Callable
from typing import Any

import hypothesis
import pytest

import judges

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("KERAS_BACKEND", "torch")  # which Keras reads when it is first imported

JUDGES_IN_EXAMPLES = {"keras": ("keras", "torch"), "onnx": ("onnx",), "torch": ("torch",)}
"""By what the example of a docstring imports, the judges that it needs."""

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    absent = []
    for item in items:
        wanted = _judges_of(item) if isinstance(item, pytest.DoctestItem) else set()
        if wanted or "judge" in getattr(item, "fixturenames", ()):
            item.add_marker("judged")
        lacking = {name for name in wanted if importlib.util.find_spec(name) is None}
        if lacking and os.environ.get("CI") != "true":
            judges.missing.update(lacking)
            absent.append(item)
    if absent:
        items[:] = [item for item in items if item not in absent]
        config.hook.pytest_deselected(items=absent)


def _judges_of(item: pytest.DoctestItem) -> set[str]:
    """Return the judges that the examples of a docstring import."""
    source = "".join(example.source for example in item.dtest.examples)
    imported = re.findall(r"^import (.+)$", source, flags=re.MULTILINE)
    names = {name.strip() for line in imported for name in line.split(",")}
    return {judge for name in names for judge in JUDGES_IN_EXAMPLES.get(name, ())}


def pytest_collection_finish() -> None:
    """Let the garbage collector pass by what was collected: thousands of tests, at each of its rounds."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if judges.missing:
        names = ", ".join(sorted(judges.missing))
        terminalreporter.write_line(f"Skipped for want of a judge that is not installed: {names}", yellow=True)
