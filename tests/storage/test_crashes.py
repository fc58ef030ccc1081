"""After any fault, and any power cut, the old file is there or the new one: never neither, never a mixture."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from storage import faults, powercut
from storage.savings import write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux lets a library stand before the C library")

# What a writer does wrong, and the complaints that must come of it: after faults, and after a power cut.
LOST = "neither the old file nor the new one"
UNDONE = "saved, and the old one is back"
MISTAKES: dict[str, tuple[str | None, str | None]] = {
    "": (None, None),
    "writes in place": (LOST, LOST),
    "believes in whole writes": (LOST, None),
    "leaves its temporary file": ("a temporary file", None),
    "replaces a link": ("a link no more", None),
    "tells no error": ("not saved, and no error", None),
    "is deaf to close": ("a failure not told", None),
    "is deaf to the folder": ("a failure not told", None),
    "forgets to flush": (None, LOST),
    "flushes too late": (None, LOST),
    "forgets to flush the folder": (None, UNDONE),
}

SMALL = ["parts 0 11 1 4000", "network 3 5 2", "network 60 40 2", "run 5"]
LARGE = ["parts 100 70000 0 8192 3000001 5"]  # of what a power cut may leave of these there are gigabytes

each_saving = pytest.mark.parametrize("saving", SMALL + LARGE)
each_model = pytest.mark.parametrize("model", powercut.MODELS)
each_mistake = pytest.mark.parametrize("mistake", MISTAKES)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Executor]:
    with faults.process(tmp_path_factory.mktemp("library")) as pool:
        yield pool


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files are saved, by its real name."""
    (tmp_path / "saved").mkdir()
    return (tmp_path / "saved").resolve()


@each_saving
def test_all_calls_are_seen(saving: str, process: Executor, folder: Path) -> None:
    """The temporary file is written, flushed, closed and renamed, and its folder flushed: faults can strike it all."""
    calls = process.submit(faults.calls, saving, folder).result()
    told = [call for call in calls if call in faults.NEEDED | {"close folder"}]
    written = [call for call in told if call == "write file"]
    folder_calls = ["open folder", "fsync folder", "close folder"]
    expected = ["open file", "chmod file", *written, "fsync file", "close file", "rename file", *folder_calls]
    assert written
    assert expected == told


@each_saving
def test_every_fault_at_every_call(saving: str, process: Executor, folder: Path) -> None:
    """Each fault strikes each call: one file is whole, errors are told, and nothing is left behind."""
    outcomes = process.submit(faults.strike, saving, folder).result()
    assert [] == [outcome for outcome in outcomes if outcome.complaint]
    calls = process.submit(faults.calls, saving, folder).result()
    for fault in faults.FAULTS:
        struck = [o.struck for o in outcomes if (o.situation, o.fault) == ("through a link", fault)]
        if fault == "a disk that is full from then on":
            assert {"write file"} == set(struck)
        else:
            assert [call for call in calls if fault != "a short write" or call == "write file"] == struck
    saved = {outcome.struck for outcome in outcomes if outcome.fault == "EINTR" and outcome.content == "new"}
    assert saved >= faults.RETRIED


@each_mistake
def test_faults_find_mistakes(mistake: str, process: Executor, folder: Path) -> None:
    """A writer with one mistake, where faults can show it, is found out; the same writer without it is not."""
    writer = functools.partial(write, mistake=mistake)
    outcomes = process.submit(faults.strike, "network 60 40 2", folder, writer).result()
    complaints = {outcome.complaint for outcome in outcomes} - {""}
    expected = MISTAKES[mistake][0]
    assert (expected in complaints) if expected else (set() == complaints)


@pytest.mark.parametrize("saving", SMALL)
@each_model
@pytest.mark.parametrize("old", [True, False], ids=["over an old file", "where none is"])
def test_power_cut_after_every_call(old: bool, model: str, saving: str, process: Executor, folder: Path) -> None:
    """Whatever of the unflushed arrived, what is loaded is old or new to the last bit; after the last call, new."""
    calls = process.submit(faults.record, saving, folder, faults.SITUATIONS[not old]).result()
    found, complaints = powercut.cut(saving, calls, folder, old, model)
    assert found > len(calls)
    assert set() == complaints


@each_mistake
@each_model
def test_power_cuts_find_mistakes(model: str, mistake: str, process: Executor, folder: Path) -> None:
    """A writer that flushes too little or too late is found out, and so is one that writes in place."""
    writer = functools.partial(write, mistake=mistake)
    calls = process.submit(faults.record, "network 3 5 2", folder, faults.SITUATIONS[0], writer).result()
    complaints = powercut.cut("network 3 5 2", calls, folder, True, model)[1]
    expected = MISTAKES[mistake][1]
    assert (expected in complaints) if expected else (set() == complaints)
