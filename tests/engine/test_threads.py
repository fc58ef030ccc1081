"""How many threads the engine may use where none are asked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pellucid.engine import usable_processors
from pellucid.engine._threads import cpu_quota


@pytest.mark.parametrize(
    ("expected", "files"),
    [
        (2.0, {"cpu.max": "200000 100000\n"}),
        (0.5, {"cpu.max": "50000 100000\n"}),
        (None, {"cpu.max": "max 100000\n"}),
        (1.5, {"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "100000\n"}),
        (None, {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}),
        (None, {}),
    ],
)
def test_limits_of_control_groups(expected: float | None, files: dict[str, str], tmp_path: Path) -> None:
    """The limit of a container is read from either version of control groups; none is None."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert expected == cpu_quota(tmp_path)


@pytest.mark.parametrize(("wished", "expected"), [("1", 1), ("1000000", None), ("0", None), ("two", None), ("", None)])
def test_the_environment_may_ask_for_fewer(monkeypatch: pytest.MonkeyPatch, wished: str, expected: int | None) -> None:
    """PELLUCID_NUM_THREADS lowers the number; what is no number ≥ 1, or more than there are, changes nothing."""
    monkeypatch.delenv("PELLUCID_NUM_THREADS", raising=False)
    usual = usable_processors()
    assert 1 <= usual <= (os.cpu_count() or 1)
    monkeypatch.setenv("PELLUCID_NUM_THREADS", wished)
    assert (expected or usual) == usable_processors()
