"""How the command names itself in the tips that it prints."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest

from pellucid.cli.screen import command


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder to stand in, and no shell that finds the command by its name."""
    monkeypatch.setattr("pellucid.cli.screen.which", lambda _name: None)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def started(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    monkeypatch.setattr(sys, "argv", [str(place), "demo"])
    return place


def test_a_command_that_shells_find_goes_by_its_name() -> None:
    """Where the shell finds it, its name is enough."""
    assert "pellucid" == command()


@pytest.mark.parametrize("place", [".venv/bin/pellucid", "pellucid", "a folder/pellucid"])
def test_a_command_below_goes_by_its_path_from_here(lost: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a virtual environment that is not active, a relative path, which a shell takes as it is."""
    started(lost / place, monkeypatch)
    (shown,) = shlex.split(command())
    assert os.sep in shown
    assert not Path(shown).is_absolute()
    assert Path(shown).samefile(lost / place)


def test_a_command_elsewhere_goes_by_its_whole_path(lost: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder far from it, the absolute path is the shorter one."""
    place = started(lost / "pellucid", monkeypatch)
    (deep := lost / "/".join(["deeper"] * 20)).mkdir(parents=True)
    monkeypatch.chdir(deep)
    monkeypatch.setattr(os.path, "relpath", lambda path: "../" * 100 + str(path))
    assert shlex.quote(str(place)) == command()


def test_a_module_goes_by_python(lost: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started in another way, as python -m pellucid does it, that is how."""
    started(lost / "__main__.py", monkeypatch)
    assert "python -m pellucid" == command()
