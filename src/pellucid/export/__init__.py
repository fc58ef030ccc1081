"""Networks as source code in other languages, through one waist; every file proves itself by examples."""

from pellucid.export._golden import program_of
from pellucid.export._language import pascal as class_name
from pellucid.export._languages import LANGUAGES, sources
from pellucid.export._names import checked_name, name_from
from pellucid.export._page import page
from pellucid.export._program import Program

__all__ = ["LANGUAGES", "Program", "checked_name", "class_name", "name_from", "page", "program_of", "sources"]
