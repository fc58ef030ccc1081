"""The explorer: a page and a notebook widget in which a network is as open as a spreadsheet. See README.md here."""

from pellucid.explorer._explore import Explorer, explore

__all__ = ["Explorer", "explore"]
