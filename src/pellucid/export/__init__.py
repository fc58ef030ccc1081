"""Networks as source code in other languages, through one waist; every file proves itself by examples."""

from pellucid.export._languages import LANGUAGES, sources
from pellucid.export._program import Program, program_of

__all__ = ["LANGUAGES", "Program", "program_of", "sources"]
