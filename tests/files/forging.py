"""Forged files: changed, and written again with a digest that fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pellucid.files import _container

Change = Callable[[dict[str, Any], dict[str, str]], Any]

TEXTS = ("spec", "seed", "recipe", "run", "settings")


def taken_apart(path: Path) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return a file's kind, its arrays and its texts."""
    content = _container.read(path)
    arrays = dict(content.arrays)
    return content.kind, arrays, {name: arrays.pop(name).tobytes().decode() for name in TEXTS if name in arrays}


def rewritten(path: Path, change: Change) -> None:
    """Change a file's arrays and texts, and write it again."""
    kind, arrays, texts = taken_apart(path)
    change(arrays, texts)
    _container.write(path, kind, arrays, {name: text for name, text in texts.items() if name not in arrays})


def in_bytes(name: str, change: Callable[[Any], Any]) -> Change:
    """Return a change of a text as an array of bytes."""
    return lambda arrays, texts: arrays.update({name: change(np.frombuffer(texts[name].encode(), np.uint8))})
