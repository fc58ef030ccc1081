"""A console that no text steers: names in a file may hold whatever their writer put there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from pellucid.cli.screen import without_controls

__all__ = ["Steady"]


@final
class Steady(Console):
    """A console of rich whose texts cannot move the cursor, colour or clear; what rich itself sends does."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Return the segments of what is to be printed, control characters in their texts as pictures of them."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=without_controls(segment.text))
