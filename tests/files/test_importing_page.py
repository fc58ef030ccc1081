"""What docs/importing.md shows happens."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")

pytestmark = pytest.mark.checkout

PAGE = Path(__file__).resolve().parents[2] / "docs" / "importing.md"


def test_the_page_runs_as_it_stands(
    judge: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its networks learn the irises, wherever their models came from, and go there again."""
    judge("torch").manual_seed(0)
    judge("keras").utils.set_random_seed(0)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(block, names)
        assert names["net"].score(names["X"], names["y"]) > 0.9
    assert ["layer_1", "layer_1_gelu"] == [layer.name for layer in names["again"].layers][1:3]
