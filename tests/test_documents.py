"""What the documents show is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parent.parent


def blocks(document: str, language: str) -> list[str]:
    """Return the document's code blocks of a language."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def test_the_readme_runs_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python block of the README runs, and its network reads 97 % of the test images."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    first, *rest = blocks("README.md", "python")
    trained, changed = first.split("net.score", maxsplit=1)
    exec(trained, names)
    assert names["net"].score(names["mnist"].X_test, names["mnist"].y_test) >= 0.97
    exec("net.score" + changed, names)
    assert (tmp_path / "digits.safetensors").is_file()
    for block in rest:
        exec(block, names)


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
