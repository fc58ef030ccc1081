"""The command as a process: help, version, pipes, encodings, and how little it imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pellucid

from .conftest import Call

COMMANDS = [
    "demo",
    "train",
    "explore",
    "predict",
    "show",
    "why",
    "rewind",
    "diagnose",
    "export",
    "import",
    "check",
    "doctor",
]


def process(*arguments: str, **settings: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONUTF8": "1", **settings}
    return subprocess.run(
        [sys.executable, "-m", "pellucid", *arguments], capture_output=True, check=False, env=environment
    )


def test_version_as_a_process() -> None:
    """``python -m pellucid --version`` prints name and version."""
    done = process("--version")
    assert (0, b"") == (done.returncode, done.stderr)
    assert f"pellucid {pellucid.__version__}" == done.stdout.decode().strip()


def test_an_error_as_a_process() -> None:
    """A process that fails says so in one line and by its exit code."""
    done = process("show", "missing")
    assert (2, b"") == (done.returncode, done.stdout)
    assert 1 == done.stderr.count(b"\n")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(call: Call, arguments: list[str]) -> None:
    """Alone, or asked for help, the command lists what there is, each in one whole line."""
    called = call(*arguments)
    assert (0, "") == (called.code, called.err)
    assert "..." not in called.out.replace("[ARGS]...", "")
    listed = called.out.split("Commands:\n")[1].strip().split("\n")
    assert sorted(COMMANDS) == sorted(line.split()[0] for line in listed)  # older typers sort them


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(call: Call, command: str) -> None:
    """Each command explains itself within 80 columns."""
    called = call(command, "--help")
    assert 0 == called.code
    assert f"pellucid {command}" in called.out
    assert all(len(line) <= 80 for line in called.out.split("\n"))


def test_help_imports_nothing_heavy() -> None:
    """For help neither NumPy nor anything that needs it is imported."""
    code = (
        "import sys; from pellucid.cli import main; main(['--help']); "
        "print([name for name in ('numpy', 'threadpoolctl', 'pellucid.network') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert "[]" == done.stdout.strip().split("\n")[-1]


@pytest.mark.skipif(os.name != "posix", reason="needs a shell of POSIX")
@pytest.mark.parametrize("command", ["show small layer_1", "show small --json", "--help", "doctor"])
def test_a_closed_pipe_ends_quietly(small: Path, command: str) -> None:
    """When the reader of a pipe goes away, the command ends without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    arguments = [str(small) if part == "small" else part for part in command.split()]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pellucid", *arguments], stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (1, b"") == (done.returncode, done.stderr)


def test_an_ascii_stream_gets_question_marks(small: Path) -> None:
    """Where a stream takes ASCII alone, other characters become ?; nothing fails."""
    done = process("show", str(small), "layer_1/node_1", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (0, b"") == (done.returncode, done.stderr)
    assert b"z = ? w?x + b" in done.stdout
