"""Backends: what computes. Each sees arrays and a spec behind one small protocol."""

from pellucid.engine._protocol import Backend, Job, State, Steps
from pellucid.engine._readable import ReadableCore

__all__ = ["Backend", "Job", "ReadableCore", "State", "Steps", "default_backend"]


def default_backend() -> Backend:
    """Return the backend that is used where none is asked for."""
    return ReadableCore()
