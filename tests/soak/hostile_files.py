"""Reads forged and damaged files, ten million of them: hostile_files.py [--files N] [--seed S] [--processes P].

Only a `ModelFileError` may come of them (or a file that is sound after all); each takes less than a second of the
processor, and all of them together no more memory than 64 MB.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from files.hostile import Tally, forged, mutated, originals

AT_ONCE = 20_000


def memory() -> int:
    """Return the most memory that this process ever held, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1]) * 1024


def part(given: tuple[int, int]) -> tuple[dict[str, int], float, int]:
    """Read mutated files, of a seed and so many; return what became of them, the slowest's seconds, and the memory."""
    seed, count = given
    with tempfile.TemporaryDirectory() as folder:
        whole = originals(Path(folder))
        chance, tally, path = random.Random(seed), Tally(), Path(folder) / "file"
        tally.read(path, whole[0].whole, whole[0].y)
        before, tally = memory(), Tally()
        for _ in range(count):
            original = chance.choice(whole)
            content = mutated(chance, original)
            try:
                tally.read(path, content, original.y)
            except BaseException:
                kept = Path(f"hostile-{seed}.file")
                kept.write_bytes(content)
                print(f"\na file that does more than it may is kept as {kept.absolute()}", flush=True)
                raise
        return tally.counts, tally.slowest, memory() - before


def all_forged() -> tuple[dict[str, int], float, int]:
    """Read every forged file of every whole one."""
    with tempfile.TemporaryDirectory() as folder:
        tally, path = Tally(), Path(folder) / "file"
        whole = originals(Path(folder))
        before = memory()
        for original in whole:
            for content in forged(original):
                tally.read(path, content, original.y)
        return tally.counts, tally.slowest, memory() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--processes", type=int, default=None)
    given = parser.parse_args()
    counts, slowest, most = all_forged()
    told = f"slowest {slowest:.3f} s  memory {most / 1e6:.0f} MB"
    print(f"forged   {sum(counts.values()):>10,}  {counts}  {told}", flush=True)
    done, begun = 0, time.monotonic()
    every: dict[str, int] = {}
    parts = [(given.seed + i, min(AT_ONCE, given.files - i * AT_ONCE)) for i in range(-(-given.files // AT_ONCE))]
    with multiprocessing.get_context("spawn").Pool(given.processes, maxtasksperchild=1) as pool:
        for found, slow, taken in pool.imap_unordered(part, parts):
            done += sum(found.values())
            slowest, most = max(slowest, slow), max(most, taken)
            for outcome, count in found.items():
                every[outcome] = every.get(outcome, 0) + count
            rate = done / (time.monotonic() - begun)
            print(f"\rmutated  {done:>10,}  {rate:,.0f} a second", end="", flush=True)
    print(f"\nmutated  {done:>10,}  {every}  slowest {slowest:.3f} s  memory {most / 1e6:.0f} MB  seed {given.seed}")
    assert slowest < 1, "a file took longer than a second"
    assert most < 64 << 20, "reading took more than 64 MB"


if __name__ == "__main__":
    main()
