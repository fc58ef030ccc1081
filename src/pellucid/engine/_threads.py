"""How many processors may be used: those that affinity, control group and PELLUCID_NUM_THREADS leave."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

__all__ = ["cpu_quota", "usable_processors"]


def usable_processors() -> int:
    """Return how many threads the engine may use where none are asked for.

    The least of the processors there are, those this process may run on, the container's limit, and
    ``PELLUCID_NUM_THREADS`` where it is a whole number ≥ 1, else ``OMP_NUM_THREADS``, by which joblib tells processes
    side by side how many threads each may have.
    """
    wished = os.environ.get("PELLUCID_NUM_THREADS") or os.environ.get("OMP_NUM_THREADS", "")
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    usable = min(allowed, _granted())
    return min(usable, int(wished)) if wished.isdecimal() and int(wished) >= 1 else usable


@cache
def _granted() -> int:
    quota = cpu_quota(Path("/sys/fs/cgroup"))
    return 1 << 16 if quota is None else max(1, round(quota))


def cpu_quota(root: Path) -> float | None:
    """Return how many processors the control group grants (version 2, else 1), or None where there is no limit."""
    try:
        quota, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota, period = ((root / "cpu" / f"cpu.cfs_{part}_us").read_text() for part in ("quota", "period"))
        except OSError:
            return None
    try:
        granted = float(quota) / float(period)
    except (ValueError, ZeroDivisionError):  # "max"
        return None
    return granted if granted > 0 else None
