"""Backends: what computes. Each sees arrays and a spec behind one small protocol."""

from pellucid.engine._choice import backend_for, default_backend
from pellucid.engine._native_engine import NativeEngine, instruction_sets, is_built, permutation
from pellucid.engine._protocol import Backend, Job, State, Steps, Used
from pellucid.engine._readable import ReadableCore
from pellucid.engine._threads import usable_processors

__all__ = [
    "Backend",
    "Job",
    "NativeEngine",
    "ReadableCore",
    "State",
    "Steps",
    "Used",
    "backend_for",
    "default_backend",
    "instruction_sets",
    "is_built",
    "permutation",
    "usable_processors",
]
