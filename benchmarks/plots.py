"""Draw how time grows with rows and with parameters, from a file of results, into docs/images.

``python benchmarks/plots.py benchmarks/results/NAME.json`` draws them again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl

from peers import PEERS
from table import column

mpl.use("Agg")
from matplotlib import pyplot as plt

IMAGES = Path(__file__).parents[1] / "docs" / "images"
PLOTS = {"by-rows": ("time_by_rows", "rows"), "by-parameters": ("time_by_parameters", "parameters")}
COLOURS = {"ours": "#0b6e99", "scikit": "#e08a1e", "pytorch": "#c0392b", "jax_scan": "#7d5ba6"}
BY_NAME = {PEERS[peer].name: colour for peer, colour in COLOURS.items()}


def plot(result: dict[str, Any], what: str, path: Path) -> None:
    """Draw one line for each contender: median seconds over rows or parameters, both by powers of ten."""
    figure, axes = plt.subplots(figsize=(6.4, 4), layout="constrained")
    facts = result["facts"]
    for name, points in facts["series"].items():
        seconds = [median(samples) for samples in points]
        axes.loglog(facts["x"], seconds, marker="o", color=BY_NAME[column(name)], label=name)
    axes.set(title=result["title"], xlabel=what, ylabel="seconds")
    axes.grid(visible=True, which="major", color="#dddddd")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    plt.close(figure)


def draw(report: dict[str, Any]) -> list[Path]:
    """Draw what the results hold; return the files."""
    mpl.rcParams.update({"svg.hashsalt": "pellucid", "svg.fonttype": "none", "font.size": 10, "axes.titlesize": 10})
    made = []
    for case, (name, what) in PLOTS.items():
        if case in report["cases"]:
            made.append(IMAGES / f"{name}.svg")
            plot(report["cases"][case], what, made[-1])
    return made


def main() -> None:
    """Draw the plots of a file of results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("results", type=Path)
    for path in draw(json.loads(parser.parse_args().results.read_text(encoding="utf-8"))):
        print(path.name)


if __name__ == "__main__":
    main()
