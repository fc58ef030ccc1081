"""How results are shown: a few lines for each case, and one table of all, which the README carries.

``python benchmarks/table.py benchmarks/results/NAME.json [--write]`` shows a file of results again.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

from peers import PEERS

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"
OURS, SGEMM = PEERS["ours"].name, PEERS["openblas"].name
LEAST_ACCURACY = 0.97  # below it, a time is shown with what was reached
LEAST_SHARE = 0.01  # of the peak; below it, latency rules and the share says nothing
COLUMNS = [peer.name for name, peer in PEERS.items() if name != "openblas"]

Json = dict[str, Any]
Samples = dict[str, list[float]]


# Numbers


def amount(value: float, unit: str = "s") -> str:
    """Return seconds or bytes with three digits and a fitting unit.

    >>> amount(0.00123), amount(27.5e6, "bytes")
    ('1.23 ms', '27.5 MB')
    """
    scales = {"s": ((1, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")), "bytes": ((1e9, "GB"), (1e6, "MB"), (1, "B"))}
    scale, name = next((pair for pair in scales[unit] if value >= pair[0]), scales[unit][-1])
    return f"{digits(value / scale)} {name}"


def digits(value: float) -> str:
    """Return a number with three digits, or all those before its point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def peak_of(result: Json) -> float:
    """Return sgemm's operations a second, on the number of threads that makes most of them."""
    return max(map(median, result["facts"]["peak"].values()))


def share(result: Json, seconds: float) -> float:
    """Return which share of sgemm's peak a step of that many seconds is."""
    return result["facts"]["flops"] / seconds / peak_of(result)


def column(name: str) -> str:
    """Return a contender without its threads."""
    return name.partition(",")[0]


def own(result: Json) -> list[float] | None:
    """Return our samples, if there are any."""
    return next((many for name, many in result["samples"].items() if column(name) == OURS), None)


# A case, in lines


def lines(result: Json) -> list[str]:
    """Return a case for the terminal, a line for each contender."""
    facts, unit = result["facts"], result["unit"]
    made = [result["title"]]
    for name, samples in result["samples"].items():
        times = f"  {name:<22} {amount(median(samples), unit):>8} (best {amount(min(samples), unit)})"
        made.append("  ".join([times, *remarks(result, name)]))
    for name, points in facts.get("series", {}).items():
        shown = (f"{x:,}: {amount(median(samples))}" for x, samples in zip(facts["x"], points, strict=True))
        made.append(f"  {name:<22} {'; '.join(shown)}")
    if "peak" in facts:
        rates = (f"{name} {median(rate) / 1e9:.0f}" for name, rate in facts["peak"].items())
        made.append(f"  Gflop/s: {', '.join(rates)}; {facts['flops'] / 1e6:,.2f} Mflop")
    if "alone" in facts:
        alone = ", ".join(f"{name} {amount(size, 'bytes')}" for name, size in facts["alone"].items())
        made.append(f"  alone: {alone}; MNIST's files in ours {amount(facts['data'], 'bytes')}")
    return made


def remarks(result: Json, name: str) -> Iterator[str]:
    """Yield what is to be said of a contender: beside us, beside the peak, what it reached, by which recipe."""
    facts, samples, ours = result["facts"], result["samples"][name], own(result)
    middle, best = median(samples), min(samples)
    if ours and column(name) not in {OURS, SGEMM}:
        yield f"{digits(middle / median(ours))} × (best {digits(best / min(ours))} ×)"
    if "peak" in facts and share(result, best) >= LEAST_SHARE:
        yield f"{share(result, middle):.2f} of the peak ({share(result, best):.2f})"
    elif "flops" in facts and "peak" not in facts:
        yield f"{facts['flops'] / middle / 1e9:.0f} Gflop/s"
    if reached := facts.get("accuracies", {}).get(name):
        yield f"{100 * median(reached):.2f} % ({100 * min(reached):.2f} … {100 * max(reached):.2f})"
    if recipe := facts.get("recipes", {}).get(name):
        yield ", ".join(f"{key} {value}" for key, value in recipe.items())
    if seconds := facts.get("compile", {}).get(name):
        yield f"compiled in {amount(seconds)}"


# All cases, in a table


def table(report: Json) -> str:
    """Return the results as a table in Markdown, with what it was measured on."""
    rows = [row for name, result in report["cases"].items() if (row := table_row(name, result))]
    shown = [name for name in COLUMNS if any(name in row for row in rows)]
    last = ["of the peak"] if any("of the peak" in row for row in rows) else []
    head = ["median (best)", *shown, *last]
    cells = [head, ["---"] * len(head), *([row["title"], *(row.get(name, "") for name in head[1:])] for row in rows)]
    widths = [max(map(len, many)) for many in zip(*cells, strict=True)]
    drawn = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in cells]
    return "\n".join([*drawn, "", caption(report)])


def table_row(name: str, result: Json) -> dict[str, str] | None:
    """Return a case's cells by column, or None where it has no place in the table."""
    samples: Samples = result["samples"]
    if name in {"threads", "products"}:
        return beside_sgemm(name, result) if samples else None
    ours = own(result)
    if ours is None:
        return None
    row = {"title": result["title"]}
    for contender, many in samples.items():
        cell = amount(median(many), result["unit"])
        if many is ours:
            row[OURS] = f"{cell} ({amount(min(many), result['unit'])})" if len(many) > 1 else cell
        else:
            row[column(contender)] = f"{cell}, {digits(median(many) / median(ours))} ×"
        reached = median(result["facts"].get("accuracies", {}).get(contender, [1.0]))
        if reached < LEAST_ACCURACY:
            row[column(contender)] += f" ({100 * reached:.1f} %)"
    if "peak" in result["facts"] and share(result, min(ours)) >= LEAST_SHARE:
        row["of the peak"] = f"{share(result, median(ours)):.2f} ({share(result, min(ours)):.2f})"
    return row


def beside_sgemm(name: str, result: Json) -> dict[str, str]:
    """Return the row of what is compared with sgemm alone: the gain by threads, or the time of the products."""
    times = {contender: median(many) for contender, many in result["samples"].items()}
    ours, sgemm = ([s for c, s in times.items() if column(c) == who] for who in (OURS, SGEMM))
    if name == "threads":
        return {"title": result["title"], OURS: f"{ours[0] / ours[-1]:.2f} ×; sgemm {sgemm[0] / sgemm[-1]:.2f} ×"}
    shares = ", ".join(f"{theirs / mine:.2f}" for mine, theirs in zip(ours, sgemm, strict=True))
    return {"title": result["title"], OURS: amount(ours[-1]), "of the peak": f"{shares} of sgemm here"}


def caption(report: Json) -> str:
    machine, settings = report["machine"], report["settings"]
    peaks = [result["facts"]["peak"] for result in report["cases"].values() if "peak" in result["facts"]]
    rates = [median(chain(*many)) / 1e9 for many in zip(*(peak.values() for peak in peaks), strict=True)]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    parts = [
        f"{machine['cpu']} ({machine['family']}), {machine['cores']} cores, {machine['memory_GiB']} GiB",
        f"sgemm {' and '.join(f'{rate:.0f}' for rate in rates)} Gflop/s" if rates else "",
        f"core to core {machine['core_to_core_ns']:.0f} ns" if machine["core_to_core_ns"] else "",
        f"{machine['engine']}, Python {machine['python']}, {versions}",
        f"{report['date']}, commit {report['commit']}, {settings['rounds']} rounds, {settings['seeds']} seeds",
    ]
    return "; ".join(part for part in parts if part) + "."


def write(report: Json, path: Path = README) -> None:
    """Put the table between the marks of a document, and change nothing else in it."""
    text = path.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        sys.exit(f"{path.name} has no place for the table: put {START} and {END} on lines of their own.")
    path.write_text(f"{before}{start}\n{table(report)}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Show or write the table of a file of results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--write", action="store_true", help="into the README, between its marks")
    chosen = parser.parse_args()
    report = json.loads(chosen.results.read_text(encoding="utf-8"))
    if chosen.write:
        write(report)
    else:
        print(table(report))


if __name__ == "__main__":
    main()
