"""The files of the page, which ``make`` builds from ``web/`` and a wheel brings along."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pellucid.errors import MissingPartError

__all__ = ["page_files", "page_text"]

_FOLDER: Final = Path(__file__).with_name("page")
_KINDS: Final = {
    "index.html": "text/html; charset=utf-8",
    "explorer.js": "text/javascript; charset=utf-8",
    "explorer.css": "text/css; charset=utf-8",
}


def page_files() -> dict[str, tuple[str, bytes]]:
    """Return name → (media type, bytes) of all there is to be served; nothing is read from disk after that.

    Raises
    ------
    MissingPartError
        The page was not built.
    """
    return {name: (kind, page_text(name).encode()) for name, kind in _KINDS.items()}


def page_text(name: str) -> str:
    """Return a file of the page."""
    try:
        return (_FOLDER / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MissingPartError(
            f"The explorer's page was not built: {_FOLDER / name} is missing. In a checkout, run `make`, for which "
            "Node.js is needed; a wheel has it built in."
        ) from None
