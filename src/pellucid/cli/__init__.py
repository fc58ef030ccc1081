"""The command ``pellucid``. One file a command; what is heavy is imported when a command runs."""

from pellucid.cli._main import main

__all__ = ["main"]
