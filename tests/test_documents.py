"""What the documents show is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pellucid.core import ACTIVATIONS, INITIALIZERS, LOSSES, METRICS, OPTIMIZERS, SCHEDULES

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parent.parent


def blocks(document: str, language: str) -> list[str]:
    """Return the document's code blocks of a language."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_readme_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python block of the README runs, and its network reads 97 % of the test images."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    names: dict[str, Any] = {}
    first, *rest = blocks("README.md", "python")
    lines = first.splitlines()
    scores = [float(found) for line in lines if "score(" in line for found in re.findall(r"# (0\.\d+)", line)]
    for block in ["\n".join(scored(lines)), *rest]:
        exec(block, names)
    names["explorer"].close()
    assert [pytest.approx(score, abs=0.005) for score in scores] == names["scores"]
    assert names["scores"][0] >= 0.97
    assert (tmp_path / "digits.safetensors").is_file()


def scored(lines: list[str]) -> list[str]:
    """Return lines of code in which what a score shows is kept."""
    code = [f"scores.append({line.partition('#')[0].strip()})" if "score(" in line else line for line in lines]
    return ["scores = []", *code]


def test_the_table_of_metrics_is_whole() -> None:
    """Every metric stands in its table, with its formula and whether more or less of it is better."""
    rows = (ROOT / "docs/metrics.md").read_text(encoding="utf-8").splitlines()
    for metric in (kind() for kind in METRICS.values()):
        shown = re.sub(r"0\.\d+", "0.9", metric.shown)
        row = next(row for row in rows if row.startswith(f"| `{shown}`"))
        assert f"| {metric.formula} | {'more' if metric.better > 0 else 'less'} |" in row.replace("\\|", "|")


def test_the_page_of_families_is_whole() -> None:
    """Every member of every family has its row, in its family's table, with its formula where it has one."""
    parts = (ROOT / "docs/families.md").read_text(encoding="utf-8").replace("\\|", "|").split("\n## ")[1:]
    tables = dict(part.split("\n", 1) for part in parts)
    families: dict[str, Any] = {"Activations": ACTIVATIONS, "Initialisers": INITIALIZERS, "Losses": LOSSES}
    families |= {"Optimisers": OPTIMIZERS, "Schedules": SCHEDULES}
    assert set(families) == set(tables)
    for family, members in families.items():
        rows = [row for row in tables[family].splitlines() if row.startswith("| `")]
        assert list(members) == [row.split("`")[1] for row in rows]
        for name, row in zip(members, rows, strict=True):
            assert getattr(members[name], "formula", "") in row


def test_the_page_of_metrics_runs_as_it_stands() -> None:
    """Its code measures what it says that it does."""
    names: dict[str, Any] = {}
    (block,) = blocks("docs/metrics.md", "python")
    exec(block, names)
    assert ["loss", "accuracy", "auc"] == list(names["net"].evaluate(names["toy"].X, names["toy"].y, metrics="auc"))
    assert {"val_auc", "val_f1", "val_log_loss"} < set(names["run"].history)


def test_the_page_of_onnx_runs_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: Callable[[str], Any]
) -> None:
    """Its code runs the model elsewhere, with the labels that the network gives."""
    judge("onnx")
    judge("onnxruntime")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    (block,) = blocks("docs/onnx.md", "python")
    exec(block, names)
    assert names["net"].predict(names["toy"].X).tolist() == names["label"].tolist()


def test_the_document_of_exports_writes_what_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code runs, each file that it names is written, the cost is what it says, and what tests itself is right."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    export, cost = blocks("docs/exporting.md", "python")
    exec(export + cost, names)
    expected = {*re.findall(r'export\("(\S+?)"', export), "digits.d.mts"}
    assert expected == {file.name for file in tmp_path.iterdir()}
    assert re.findall(r"# (Cost\(.*\))", cost) == [str(names["net"].summary(cost=True).cost)]
    command = [sys.executable, "digits_column.py", "--self-test"]
    assert "right to the last bit" in subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_document_of_one_page_makes_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code writes the file, of the size that it says, with as many rows as it says."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/one_page.md").read_text(encoding="utf-8")
    (block,) = blocks("docs/one_page.md", "python")
    exec(block, {})
    size, rows = re.findall(r"# ([\d.]+) MB, (\d+) test images", text)[0]
    page = (tmp_path / "digits.html").read_text(encoding="utf-8")
    assert pytest.approx(float(size), abs=0.05) == len(page.encode()) / 1e6
    beside = json.loads(re.findall(r'id="pellucid-beside">(.*?)</script>', page)[0])
    assert int(rows) == len(beside["rows"]["places"]) == len(beside["labels"])
    assert f"up to {rows} rows" in text


def test_every_link_of_a_document_leads_somewhere() -> None:
    """Links between documents name files that are there."""
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/**/*.md"), *ROOT.glob("news/*.md")]
    dead = [
        f"{document.relative_to(ROOT)}: {link}"
        for document in documents
        for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8"))
        if not (document.parent / link).exists()
    ]
    assert [] == dead
