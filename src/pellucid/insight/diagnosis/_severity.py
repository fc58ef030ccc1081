"""How serious a number is."""

from __future__ import annotations

__all__ = ["severity"]


def severity(value: float, warning: float, serious: float) -> str:
    """Return the severity of a number that is the worse the greater it is.

    Examples
    --------
    >>> [severity(share, 0.5, 0.9) for share in (0.1, 0.5, 1.0)]
    ['note', 'warning', 'serious']
    """
    if value >= serious:
        return "serious"
    return "warning" if value >= warning else "note"
