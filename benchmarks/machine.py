"""On what it was measured: processor, its caches and the way between its cores, versions, the commit."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from contest import usable_cores
from pellucid.engine import default_backend

HERE = Path(__file__).parent
VERSIONS = ("pellucid", "numpy", "scipy", "scikit-learn", "torch", "jax", "jaxlib", "onnxruntime")


def machine() -> dict[str, Any]:
    """Return what identifies this machine and what runs on it."""
    return {
        "cpu": cpu(),
        "family": " ".join(f"{name} {fact('/proc/cpuinfo', name)}" for name in ("cpu family", "model", "stepping")),
        "cores": usable_cores(),
        "memory_GiB": memory(),
        "core_to_core_ns": core_to_core(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "engine": default_backend().name,
        "blas": blas(),
        "versions": {name: version for name in VERSIONS if (version := version_of(name))},
    }


def cpu() -> str:
    return fact("/proc/cpuinfo", "model name") or platform.processor() or platform.machine()


def fact(path: str, name: str) -> str | None:
    """Return what a file of ``name : value`` lines says, or None."""
    try:
        found = re.search(rf"^{name}\s*:\s*(.+)$", Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return None
    return found and found[1]


def memory() -> float | None:
    kilobytes = fact("/proc/meminfo", "MemTotal")
    return kilobytes and round(int(kilobytes.split()[0]) / 2**20, 1)


def core_to_core() -> float | None:
    """Return the nanoseconds that a cache line takes from core to core, or None without a compiler or a second core."""
    compiler = shutil.which("cc")
    if compiler is None or not hasattr(os, "sched_getaffinity") or usable_cores() < 2:
        return None
    cores = [str(core) for core in sorted(os.sched_getaffinity(0))[:2]]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "ping_pong"
        try:
            command = [compiler, "-O2", "-pthread", HERE / "ping_pong.c", "-o", program]
            subprocess.run(command, check=True, capture_output=True)
            runs = [subprocess.run([program, *cores], check=True, capture_output=True, timeout=30) for _ in range(3)]
        except (OSError, subprocess.SubprocessError):
            return None
    return min(float(run.stdout) for run in runs)


def blas() -> str:
    from threadpoolctl import threadpool_info

    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join(f"{p['internal_api']} {p['version']} {p.get('architecture', '')}".strip() for p in pools)


def version_of(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def commit() -> str:
    """Return the commit of the checkout, with a + where files differ from it; or unknown."""
    try:
        return git("rev-parse", "--short=12", "HEAD") + ("+" if git("status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=HERE, check=True, capture_output=True, encoding="utf-8"
    ).stdout.strip()
