"""Members of a family that have settings: told in JSON by a name alone where these are the usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from pellucid.checks import member

__all__ = ["made", "told_briefly", "unusual"]

T = TypeVar("T")


def unusual(settings: Any) -> dict[str, Any]:
    """Return those fields of a dataclass that are not as they usually are."""
    return {f.name: value for f in fields(settings) if (value := getattr(settings, f.name)) != f.default}


def told_briefly(name: str, unusual: Mapping[str, Any]) -> str | dict[str, Any]:
    """Return what stands in JSON for a member: its name, and with it its unusual settings, if it has such.

    Examples
    --------
    >>> told_briefly("huber", {}), told_briefly("huber", {"delta": 0.5})
    ('huber', {'name': 'huber', 'delta': 0.5})
    """
    return {"name": name, **unusual} if unusual else name


def made(what: str, told: Mapping[str, Any], table: Mapping[str, type[T]]) -> T:
    """Return the member that an object in JSON tells of: made with its settings, by its class in the family's table."""
    settings = dict(told)
    return member(what, settings.pop("name"), table)(**settings)
