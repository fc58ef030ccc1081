"""The table of languages: their names, the endings of their files, and what writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pellucid.export._c import C
from pellucid.export._csharp import CSharp
from pellucid.export._go import Go
from pellucid.export._java import Java
from pellucid.export._javascript import JavaScript, TypeScript
from pellucid.export._language import Language
from pellucid.export._program import Program
from pellucid.export._python import Column, Python
from pellucid.export._rust import Rust

__all__ = ["LANGUAGES", "sources"]

LANGUAGES: Final[Mapping[str, Mapping[str, type[Language]]]] = {
    "c": {".h": C},
    "javascript": {".mjs": JavaScript, ".d.mts": TypeScript},
    "python": {".py": Python},
    "column": {".py": Column},
    "java": {".java": Java},
    "csharp": {".cs": CSharp},
    "rust": {".rs": Rust},
    "go": {".go": Go},
}
"""By a language's name, its files: their endings, and what writes each. The first is the program."""


def sources(program: Program, to: str, file: str | None = None) -> dict[str, str]:
    """Return the files of a program in a language: by their endings, their texts.

    file : what the first is called, as its own comments tell; None: as the program
    """
    return {ending: language(program, file).source() for ending, language in LANGUAGES[to].items()}
