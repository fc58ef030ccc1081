"""The page about the doctor tells what its code does."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from pellucid.insight import diagnosis
from pellucid.insight.diagnosis import _thresholds

pytestmark = pytest.mark.checkout

PAGE = Path(__file__).resolve().parents[3] / "docs/diagnosis.md"


def rows(heading: str) -> list[str]:
    """Return the rows of the table under a heading."""
    part = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}")[1].split("\n## ")[0]
    return [row for row in part.splitlines() if row.startswith("| `")]


def test_every_kind_of_finding_has_its_row() -> None:
    """Those of the table are those that the code can find."""
    kinds = set()
    for file in Path(diagnosis.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Finding":
                kinds.add(ast.literal_eval(node.args[0]))
    told = [kind for row in rows("What is looked for") for kind in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(kinds) == sorted(told)


def test_every_threshold_is_told_as_it_is() -> None:
    """In the order of the file, with the value that counts."""
    values = {name: value for name, value in vars(_thresholds).items() if name.isupper()}
    expected = [f"| `{name}` | {value:g} |" for name, value in values.items()]
    assert expected == rows("Thresholds")


def test_the_example_runs_as_it_stands() -> None:
    """A rate a thousand times too low is found, and the change raises it."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    names: dict[str, Any] = {}
    exec(block, names)
    finding = names["finding"]
    assert ("learning_rate_too_low",) == names["diagnosis"].kinds()
    assert finding.evidence["other_late_loss"] < finding.evidence["late_loss"]
    assert finding.change["learning_rate"] > 1e-6
