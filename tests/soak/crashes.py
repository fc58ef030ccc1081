"""Saving under faults and power cuts, at length: many sizes, every fault at every call, and a count of what came of it.

python tests/soak/crashes.py [HOW MANY SAVINGS]
"""

from __future__ import annotations

import collections
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from storage import faults, powercut

# Sizes at which buffers, blocks and pages end.
EDGES = [0, 1, 2, 511, 512, 4_095, 4_096, 8_191, 8_192, 8_193, 65_535, 65_536, 65_537, 131_073, 1_048_577]


def savings(count: int) -> list[str]:
    """Draw so many savings: two of three are parts, the rest networks and runs."""
    random = np.random.default_rng(2019)
    names = []
    for i in range(count):
        if i % 3 < 2:
            names.append(f"parts {' '.join(map(str, random.choice(EDGES, random.integers(1, 6))))}")
        elif i % 2:
            names.append(f"network {' '.join(map(str, random.integers(1, 150, random.integers(2, 5))))}")
        else:
            names.append(f"run {random.integers(2, 300)}")
    return names


def main(count: int) -> int:
    struck: collections.Counter[tuple[str, str]] = collections.Counter()
    complaints: collections.Counter[str] = collections.Counter()
    cuts = states = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve() / "saved"
        folder.mkdir()
        with faults.process(folder.parent) as process:
            for saving in savings(count):
                for outcome in process.submit(faults.strike, saving, folder).result():
                    struck[outcome.fault, f"{'told' if outcome.error else 'not told'}, {outcome.content}"] += 1
                    complaints[outcome.complaint] += 1
                if sum(map(int, saving.split()[1:])) > 20_000 or len(saving.split()) > 4:
                    continue  # too many states to be held at once
                for old in (True, False):
                    calls = process.submit(faults.record, saving, folder, faults.SITUATIONS[not old]).result()
                    for model in powercut.MODELS:
                        found, wrong = powercut.cut(saving, calls, folder, old, model)
                        complaints.update(wrong)
                        cuts += len(calls) + 1
                        states += found
    del complaints[""]
    for (fault, outcome), times in sorted(struck.items()):
        print(f"{times:9,}  {fault}: {outcome}")
    print(f"{struck.total():9,}  faults in all, of {count} savings")
    print(f"{states:9,}  folders that {cuts:,} power cuts may leave")
    for complaint, times in complaints.items():
        print(f"{times:9,}  times {complaint}")
    print("All as promised." if not complaints else "Not as promised.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 120))
