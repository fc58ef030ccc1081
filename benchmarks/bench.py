"""Measure Pellucid beside its peers, all in turn in one run; print the ratios and keep every sample.

    make bench                                            # everything: about half an hour on a quiet machine
    make bench BENCH="--cases tiny,deep --rounds 3"       # a part, kept in results/partial.json
    make bench BENCH=--write                              # everything, and the README's table and the plots

benchmarks/README.md says what each case is.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cases import CASES
from contest import Contest, usable_cores
from machine import commit, machine
from peers import PEERS
from table import lines, table, write

RESULTS = Path(__file__).parent / "results"


def options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=names_of(CASES), default=[*CASES], help=f"of {', '.join(CASES)}")
    parser.add_argument("--peers", type=names_of(PEERS), default=[*PEERS], help=f"of {', '.join(PEERS)}")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contender (default 7)")
    parser.add_argument("--seeds", type=int, default=10, help="trainings to 97 %%, seeds 0, 1, … (default 10)")
    parser.add_argument("--out", type=Path, help="file of the results, if not the usual one in results/")
    parser.add_argument("--write", action="store_true", help="draw the plots and write the README's table")
    chosen = parser.parse_args()
    chosen.whole = set(chosen.cases) == set(CASES)
    if min(chosen.rounds, chosen.seeds) < 1:
        parser.error("--rounds and --seeds must be at least 1")
    if chosen.write and not chosen.whole:
        parser.error("--write takes a run of all cases: what the README shows comes from one run")
    return chosen


def names_of(table: dict[str, Any]) -> Any:
    """Return a reader of names with commas between them."""

    def read(text: str) -> list[str]:
        names = text.split(",")
        if unknown := set(names) - set(table):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not among {', '.join(table)}")
        return names

    return read


def measured(contest: Contest, cases: list[str]) -> dict[str, Any]:
    """Return the results of the cases, each told when it is there."""
    results = {}
    for name in cases:
        begun = time.perf_counter()
        results[name] = asdict(CASES[name](contest))
        told = lines(results[name])
        print("\n".join([f"{told[0]}   [{name}, {time.perf_counter() - begun:.0f} s]", *told[1:], ""]), flush=True)
    return results


def main() -> None:
    """Measure, print, keep."""
    chosen = options()
    present = [name for name in dict.fromkeys(["ours", "openblas", *chosen.peers]) if PEERS[name].installed]
    if missing := [PEERS[name].name for name in chosen.peers if name not in present]:
        print(f"Not installed, so left out: {', '.join(missing)}. `make bench` installs them into .venv-bench.\n")
    threads = [n for n in (1, 2) if n <= usable_cores()]
    contest = Contest(present, chosen.rounds, chosen.seeds, threads)
    report = {
        "format": 1,
        "date": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "commit": commit(),
        "machine": machine(),
        "settings": {"rounds": chosen.rounds, "seeds": chosen.seeds, "threads": threads},
    }
    try:
        report["cases"] = measured(contest, chosen.cases)
    finally:
        contest.close()
    print(table(report))
    cpu = re.sub(r"\W+", "-", re.sub(r"\([^)]*\)", "", report["machine"]["cpu"])).strip("-").lower()
    path = chosen.out or RESULTS / (f"{report['date']}-{cpu}.json" if chosen.whole else "partial.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"\nAll samples: {path}")
    if chosen.write:
        from plots import draw

        write(report)
        print(f"Written: README.md, {', '.join(path.name for path in draw(report))}")


if __name__ == "__main__":
    main()
