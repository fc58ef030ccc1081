"""The benchmarks run; what they measure is no matter of the tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from judges import tool

pytestmark = pytest.mark.checkout

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


def script(name: str, *arguments: object) -> str:
    """Return what a script of the benchmarks prints."""
    command = [sys.executable, BENCHMARKS / name, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def test_a_run_keeps_every_sample_and_shows_them_in_a_table(tmp_path: Path) -> None:
    """A case gives a sample for each contender and round; a file of results can be shown again."""
    file = tmp_path / "results.json"
    printed = script("bench.py", "--cases", "tiny", "--peers", "numpy_core", "--rounds", 2, "--out", file)
    tiny = json.loads(file.read_text(encoding="utf-8"))["cases"]["tiny"]
    assert {"Pellucid": 2, "NumPy core, 1 thr.": 2} == {name: len(many) for name, many in tiny["samples"].items()}
    assert script("table.py", file).strip() in printed


def test_the_flops_of_a_step_are_those_of_its_products_and_of_adam() -> None:
    """2-3-2 at batch 5: 12 weights forward and by the weights, 6 by the inputs, twice 5 each; 17 parameters of Adam."""
    printed = subprocess.run(
        [sys.executable, "-c", "from tasks import Task; print(Task((2, 3, 2), 5).flops)"],
        cwd=BENCHMARKS,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert 2 * 5 * (12 + 12 + 6) + 12 * 17 == int(printed.stdout)


def test_the_table_is_written_between_its_marks_alone(tmp_path: Path) -> None:
    """What stands before and after the marks stays as it is."""
    document, mark = tmp_path / "README.md", ("<!-- bench:start -->", "<!-- bench:end -->")
    document.write_text(f"before\n{mark[0]}\nold\n{mark[1]}\nafter\n", encoding="utf-8")
    code = (
        "import sys, table; from pathlib import Path; table.table = lambda report: 'new';"
        "table.write({}, Path(sys.argv[1]))"
    )
    subprocess.run([sys.executable, "-c", code, document], cwd=BENCHMARKS, check=True)
    assert f"before\n{mark[0]}\nnew\n{mark[1]}\nafter\n" == document.read_text(encoding="utf-8")


def test_exported_programs_are_measured_beside_the_engine() -> None:
    """A line for the engine, for a call, and for each program that can be built; each proves its examples first."""
    tool("gcc", "gcc")
    tool("node", "nodejs")
    printed = script("exported.py", "--rounds", 1)
    number = r"-?\d+\.\d+"  # whatever it is, on a machine with other work
    assert re.search(rf"^the native engine, a row +{number} µs$", printed, re.MULTILINE)
    for program in ("C, gcc -O3 -march=native", "JavaScript, Node"):
        assert re.search(rf"^{program} +{number} µs +{number} × the engine$", printed, re.MULTILINE)
