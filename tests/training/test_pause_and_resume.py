"""Wherever a run is stopped, and however it is taken up again, it ends on the same bits."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pellucid import Run
from training import runs

STOPS = 20  # for each of the runs and each way

each_case = pytest.mark.parametrize("name", [case.name for case in runs.CASES])


@pytest.mark.parametrize("name", [case.name for case in runs.CASES if not case.recipe])
def test_fit_is_start_and_finish(name: str) -> None:
    """`Network.fit` gives the bits of `Network.start` and `Run.finish`."""
    case = runs.named(name)
    run = case.network().fit(**case.given(), **{"epochs": 5, "batch_size": 10, **case.settings})
    runs.check_same(name, run)


@each_case
def test_in_pieces(name: str) -> None:
    """Going on in pieces of random lengths, single steps among them, changes nothing."""
    random = np.random.default_rng(3)
    for _ in range(5):
        run = runs.named(name).start()
        while run.ended is None:
            run.advance(int(random.integers(1, 9)))
        runs.check_same(name, run)


@each_case
def test_stopped_at_random_steps(name: str) -> None:
    """A run paused at any step, in the middle of an epoch too, goes on to the same end."""
    for step in runs.steps(name, STOPS):
        run = runs.named(name).start()
        run.advance(step)
        whole = runs.uninterrupted(name)[0]
        assert (whole.step if step == whole.last_step else step) == run.step
        run.finish()
        runs.check_same(name, run)


def test_stopped_at_fifty_random_steps_of_a_longer_run(tmp_path: Path) -> None:
    """The run of the issue's figure: 240 steps, 50 of them drawn; in memory, by rewinding, and through a file."""
    case = runs.named("dropout")
    whole = case.start(epochs=40)
    whole.finish()
    assert 240 == whole.total_steps
    end = (runs.record(whole), runs.state(whole))
    for step in np.random.default_rng(50).choice(np.arange(1, 240), 50, replace=False).tolist():
        run = case.start(epochs=40)
        run.advance(step)
        run.save(tmp_path / "a.run")
        loaded = Run.load(tmp_path / "a.run", **case.given())
        run.seek(step // 2)
        for resumed in (run, loaded):
            resumed.finish()
            assert end == (runs.record(resumed), runs.state(resumed))


@each_case
def test_sought_and_gone_on(name: str) -> None:
    """A run that was moved to any step before it goes on, goes on from where its record ends."""
    random = np.random.default_rng(4)
    for step in runs.steps(name, STOPS):
        run = runs.named(name).start()
        run.advance(step)
        run.seek(int(random.integers(0, step + 1)))
        run.finish()
        runs.check_same(name, run)


@each_case
def test_through_files(name: str, tmp_path: Path) -> None:
    """A run saved at any step and loaded, into a network of its own, goes on to the same end."""
    case = runs.named(name)
    given = case.given()
    for step in runs.steps(name, STOPS):
        run = case.start()
        run.advance(step)
        before = runs.state(run)
        run.save(tmp_path / "a.run")
        assert before == runs.state(run)
        loaded = Run.load(tmp_path / "a.run", **given)
        assert run.network is not loaded.network
        assert (runs.record(run), runs.state(run)) == (runs.record(loaded), runs.state(loaded))
        loaded.finish()
        runs.check_same(name, loaded)


def test_saved_again_and_again(tmp_path: Path) -> None:
    """A run that rests in a file after every step ends like one that never rested."""
    case = runs.named("dropout")
    run = case.start()
    while run.ended is None:
        run.advance(1)
        run.save(tmp_path / "a.run")
        run = Run.load(tmp_path / "a.run", **case.given())
    runs.check_same("dropout", run)


def test_loaded_run_reaches_every_step(tmp_path: Path) -> None:
    """What happened before a run was saved can still be stood in."""
    case = runs.named("weights")
    run = case.start()
    run.advance(17)
    run.save(tmp_path / "a.run")
    loaded = Run.load(tmp_path / "a.run", **case.given())
    for step in range(18):
        assert run.at(step).fingerprint == loaded.at(step).fingerprint


def test_rewound_run_is_saved_whole(tmp_path: Path) -> None:
    """A run that stands on an early step is saved with all of its steps, and goes on standing where it stands."""
    case = runs.named("adam")
    run = case.start()
    run.advance(20)
    run.seek(3)
    run.save(tmp_path / "a.run")
    assert 3 == run.step
    assert 20 == Run.load(tmp_path / "a.run", **case.given()).step


RESUME = """
import sys
from pellucid import Run
from training import runs
run = Run.load(sys.argv[1], **runs.named(sys.argv[2]).given())
run.finish()
run.save(sys.argv[1])
"""


def test_in_another_process(tmp_path: Path) -> None:
    """A run that is saved here and finished by another process ends on the same bits."""
    case, path = runs.named("dropout"), tmp_path / "a.run"
    run = case.start()
    run.advance(8)
    run.save(path)
    search = "import sys; sys.path[:0] = " + repr(sys.path) + "\n"
    subprocess.run([sys.executable, "-c", search + RESUME, str(path), case.name], check=True, timeout=120)
    loaded = Run.load(path, **case.given())
    assert "all epochs done" == loaded.ended
    runs.check_same("dropout", loaded)
