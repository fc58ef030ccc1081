"""What is changed on the way, by hand or by a callback, is recorded, and performed again at the same step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Run
from pellucid.errors import KindError, RunError, SettingError
from pellucid.training import Edited, EpochEnded, Event, RunEnded, RunStarted, StepsMade
from training import runs


def check_replay(run: Run, states: dict[int, Any], folder: Path) -> None:
    """Fail unless every recorded state is found again: by looking, by advancing, and after saving and loading."""
    for step, expected in states.items():
        assert expected == run.at(step).parameters.tobytes(), step
    end = runs.state(run)
    run.seek(0)
    run.finish()
    assert end == runs.state(run)
    run.save(folder / "edited.run")
    loaded = Run.load(folder / "edited.run", **runs.named("adam").given())
    assert len(run.edits) == len(loaded.edits)
    for mine, theirs in zip(run.edits, loaded.edits, strict=True):
        assert (mine.step, mine.learning_rate) == (theirs.step, theirs.learning_rate)
        assert (mine.parameters is None) == (theirs.parameters is None)
    for step, expected in states.items():
        assert expected == loaded.at(step).parameters.tobytes(), step
    assert (end, runs.record(run)) == (runs.state(loaded), runs.record(loaded))


def test_weights_changed_by_hand(tmp_path: Path) -> None:
    """Weights written between two calls, before the first step too, are an edit at that step."""
    run = runs.named("adam").start()
    net, states = run.network, {}
    random = np.random.default_rng(6)
    edited = [0, 1, 7, 12, 13]
    while run.ended is None:
        if run.step in edited:
            net["layer_1"][f"node_{random.integers(1, 9)}"].weights *= 1.5
            net["output"].biases = 0.25
        states[run.step] = net.parameters.tobytes()
        run.advance(1)
    states[run.step] = net.parameters.tobytes()
    assert edited == [edit.step for edit in run.edits]
    check_replay(run, states, tmp_path)


def test_a_rest_without_changes_is_no_edit() -> None:
    """Weights that are written and put back, or looked at, leave no edit behind."""
    run = runs.named("adam").start()
    for _ in range(4):
        run.advance(3)
        kept = run.network.parameters.copy()
        run.network.parameters[:] = 0
        run.network.parameters = kept
        run.network.predict(runs.table()[0])
    assert () == run.edits
    run.finish()
    runs.check_same("adam", run)


def test_the_last_of_several_changes_counts(tmp_path: Path) -> None:
    """Of changes at one step, each recorded since the run was saved in between, the last is in force."""
    run = runs.named("adam").start()
    run.advance(5)
    states = {}
    for value in (0.5, 0.25, 0.125):
        run.network.parameters[:] = value
        run.save(tmp_path / "between.run")
        states[5] = run.network.parameters.tobytes()
    run.finish()
    assert [5, 5, 5] == [edit.step for edit in run.edits]
    check_replay(run, states, tmp_path)


@pytest.mark.parametrize("kind", [RunStarted, StepsMade, EpochEnded, Edited])
def test_weights_changed_by_callbacks(kind: type[Event], tmp_path: Path) -> None:
    """A callback may change weights at any event; that is recorded, and the callback is not called on replay."""
    calls: list[int] = []
    states: dict[int, bytes] = {}

    def shrink(event: Event, run: Run) -> None:
        if isinstance(event, kind):
            calls.append(run.step)
            run.network.parameters *= 0.9

    run = runs.named("adam").start(callbacks=[shrink])
    if kind is Edited:
        run.network.parameters *= 1.1
    while run.ended is None:
        run.advance(1)
        states[run.step] = run.network.parameters.tobytes()
    assert calls
    assert run.edits
    count = len(calls)
    final = run.network.parameters.tobytes()
    check_replay(run, {run.last_step: final}, tmp_path)
    assert count == len(calls)
    if kind in {StepsMade, EpochEnded}:
        check_replay(run, states, tmp_path)


def test_a_callback_that_changes_at_every_event_comes_to_an_end() -> None:
    """Being told of its own changes does not keep a callback busy for ever."""

    def noise(event: Event, run: Run) -> None:
        run.network.parameters *= 0.999

    run = runs.named("adam").start(callbacks=[noise])
    run.finish()
    assert "all epochs done" == run.ended
    end = run.fingerprint
    run.seek(0)
    run.finish()
    assert end == run.fingerprint


def test_changes_of_the_last_step_are_in_the_run() -> None:
    """A callback that works on the weights after the last epoch has the last word."""

    def clip(event: Event, run: Run) -> None:
        if isinstance(event, EpochEnded):
            np.clip(run.network.parameters, -0.1, 0.1, out=run.network.parameters)

    run = runs.named("adam").start(callbacks=[clip])
    run.finish()
    assert np.float32(0.1) == np.abs(run.at(run.last_step).parameters).max()
    assert run.fingerprint == run.network.fingerprint == run.at(run.last_step).fingerprint


def test_learning_rate_edits(tmp_path: Path) -> None:
    """A new rate holds from its step on, is scaled by the schedule, and is performed again."""
    run = runs.named("momentum").start()
    n = run.total_steps
    run.advance(4)
    run.edit(learning_rate=0.01)
    run.advance(9)
    run.edit(learning_rate=0.5)
    run.edit(learning_rate=0.002)
    run.finish()
    expected = [(0.02 if k < 4 else 0.01 if k < 13 else 0.002) * (1 - k / n) for k in range(n)]
    assert expected == [run.at(k).learning_rate for k in range(n)]
    assert [(4, 0.01), (13, 0.5), (13, 0.002)] == [(edit.step, edit.learning_rate) for edit in run.edits]
    end = run.fingerprint
    run.seek(0)
    run.finish()
    assert end == run.fingerprint
    run.save(tmp_path / "rates.run")
    loaded = Run.load(tmp_path / "rates.run", **runs.named("momentum").given())
    assert expected == [loaded.at(k).learning_rate for k in range(n)]
    loaded.seek(0)
    loaded.finish()
    assert end == loaded.fingerprint


def test_a_callback_edits_the_learning_rate() -> None:
    """A callback may change the rate after each epoch; every edit is told once."""
    told: list[float] = []

    def halve(event: Event, run: Run) -> None:
        if isinstance(event, EpochEnded) and event.step < run.total_steps:
            run.edit(learning_rate=0.01 / 2**event.epoch)
        elif isinstance(event, Edited):
            told.append(event.edit.learning_rate or -1)

    run = runs.named("adam").start(callbacks=[halve])
    run.finish()
    assert [0.005, 0.0025, 0.00125, 0.000625] == told
    assert [6, 12, 18, 24] == [edit.step for edit in run.edits]
    assert [0.01] * 6 + [0.005] * 6 == [run.at(k).learning_rate for k in range(12)]


@pytest.mark.parametrize("move", ["advance", "finish", "seek"])
def test_a_callback_cannot_move_its_run(move: str) -> None:
    """A callback that would move its own run is refused; the run can go on afterwards."""
    moves: dict[str, Callable[[Run], None]] = {
        "advance": lambda run: run.advance(1),
        "finish": lambda run: run.finish(),
        "seek": lambda run: run.seek(0),
    }
    wanted = [True]

    def meddle(event: Event, run: Run) -> None:
        if wanted[0] and isinstance(event, StepsMade):
            moves[move](run)

    run = runs.named("adam").start(callbacks=[meddle])
    with pytest.raises(
        RunError, match=r"^A run cannot be (advanced|moved) while it is advancing, .*\. A callback may change"
    ):
        run.finish()
    wanted[0] = False
    run.finish()
    runs.check_same("adam", run)


def test_a_callback_may_look_and_save(tmp_path: Path) -> None:
    """Looking at any step and saving the run are open to a callback, and change nothing."""
    fingerprints = {}

    def look(event: Event, run: Run) -> None:
        if isinstance(event, StepsMade):
            fingerprints[run.step] = run.at(run.step).fingerprint
            assert run.fingerprint == fingerprints[run.step]
            run.at(run.step // 2)
        if isinstance(event, EpochEnded):
            run.save(tmp_path / f"{event.epoch}.run")

    run = runs.named("adam").start(callbacks=[look])
    run.finish()
    runs.check_same("adam", run)
    for step, fingerprint in fingerprints.items():
        assert fingerprint == run.at(step).fingerprint
    for epoch in (1, 3, 5):
        loaded = Run.load(tmp_path / f"{epoch}.run", **runs.named("adam").given())
        assert 6 * epoch == loaded.step
        loaded.finish()
        runs.check_same("adam", loaded)


@pytest.mark.parametrize("name", ["adam", "early stopping", "fraction"])
def test_a_callback_that_raises(name: str) -> None:
    """Wherever a callback raises, the run stands whole on a step and goes on to the same end."""
    whole, _ = runs.uninterrupted(name)
    for wanted in range(200):
        seen = [0]

        def trip(event: Event, run: Run, wanted: int = wanted, seen: list[int] = seen) -> None:
            seen[0] += 1
            if seen[0] == wanted + 1:
                raise ZeroDivisionError

        run = runs.named(name).start(callbacks=[trip])
        try:
            while run.ended is None:
                run.advance(5)
        except ZeroDivisionError:
            assert run.last_step == len(run.history.loss)
            assert run.last_step // run._timeline.steps_per_epoch == len(run.history.epochs)
            assert run.fingerprint == run.network.fingerprint
        else:
            break
        run.finish()
        assert () == run.edits
        runs.check_same(name, run)
    assert wanted > 10
    assert whole.ended == run.ended


def test_what_a_callback_changes_before_it_raises_is_recorded() -> None:
    """A change by hand counts even if its callback fails right after."""

    def change(event: Event, run: Run) -> None:
        if isinstance(event, EpochEnded) and event.epoch == 1:
            run.network.parameters[0] = 5.0
            raise ZeroDivisionError

    run = runs.named("adam").start(callbacks=[change])
    with pytest.raises(ZeroDivisionError):
        run.finish()
    run.finish()
    assert [6] == [edit.step for edit in run.edits]
    assert 5.0 == run.at(6).parameters[0]


def test_stop_from_a_callback() -> None:
    """A callback stops the run after the steps in hand, for its own reason; RunEnded is the last event."""
    events: list[Event] = []

    def enough(event: Event, run: Run) -> None:
        events.append(event)
        if isinstance(event, EpochEnded) and event.epoch == 2:
            run.stop("enough")

    run = runs.named("adam").start(callbacks=[enough])
    run.finish()
    assert ("enough", 12, True) == (run.ended, run.step, run.done)
    assert isinstance(events[-1], RunEnded)
    assert runs.uninterrupted("adam")[0].at(12).fingerprint == run.fingerprint
    run.finish()
    run.advance(5)
    assert 12 == run.step


@pytest.mark.parametrize("rewound", [False, True])
def test_stop_by_hand(rewound: bool) -> None:
    """A run is ended where its record ends, wherever it stands, and callbacks are told."""
    told: list[Event] = []
    run = runs.named("adam").start(callbacks=[lambda event, run: told.append(event)])
    run.advance(10)
    if rewound:
        run.seek(3)
    run.stop()
    run.stop("again")
    assert ("stopped by hand", 10, True) == (run.ended, run.step, run.done)
    assert [10] == [event.step for event in told if isinstance(event, RunEnded)]


@pytest.mark.parametrize("name", ["adam", "velocity", "half squares", "early stopping"])
@pytest.mark.parametrize("rewound", [False, True])
def test_stop_on_a_step_before(name: str, rewound: bool, tmp_path: Path) -> None:
    """Run and network end on a step that is named, as on a best epoch; what was made after it can be looked at."""
    told: list[Event] = []
    case = runs.named(name)
    run = case.start(callbacks=[lambda event, run: told.append(event)])
    run.advance(16)
    if rewound:
        run.seek(3)
    expected = runs.uninterrupted(name)[0].at(9)
    run.stop("judged elsewhere", stand_on=9)
    assert ("judged elsewhere", 9, 16, True) == (run.ended, run.step, run.last_step, run.done)
    assert expected.fingerprint == run.fingerprint == run.network.fingerprint
    assert [9] == [event.step for event in told if isinstance(event, RunEnded)]
    run.save(tmp_path / "a.run")
    loaded = Run.load(tmp_path / "a.run", **case.given())
    run.save(tmp_path / "a.run", keyframes=False)
    for one in (run, loaded, Run.load(tmp_path / "a.run", **case.given())):
        assert runs.record(run) == runs.record(one)
        assert (9, expected.fingerprint) == (one.step, one.network.fingerprint)
        assert runs.uninterrupted(name)[0].at(14).fingerprint == one.at(14).fingerprint
        one.seek(16)
        one.finish()
        assert 9 == one.step


def test_stop_on_a_step_notices_hands_first() -> None:
    """What was changed by hand stays in the record, and leaves the network."""
    run = runs.named("adam").start()
    run.advance(16)
    run.network.parameters[0] = 5.0
    run.stop(stand_on=9)
    assert runs.uninterrupted("adam")[0].at(9).fingerprint == run.network.fingerprint
    assert 5.0 == run.at(16).parameters[0]
    run.network.parameters[0] = 7.0  # no more of this run
    assert runs.uninterrupted("adam")[0].at(9).fingerprint == run.fingerprint


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (17, RunError, r"Step 17 is not recorded; 0 … 16 are"),
        (-1, SettingError, r"stand_on must be a whole number ≥ 0; -1 was given"),
        (1.5, KindError, r"stand_on must be a whole number, not float"),
        (True, KindError, r"stand_on must be a whole number, not bool"),
    ],
)
def test_stop_on_a_step_that_there_is_not(step: Any, error: type[Exception], message: str) -> None:
    """It is refused, and the run goes on as if nobody had asked."""
    run = runs.named("adam").start()
    run.advance(16)
    with pytest.raises(error, match=message):
        run.stop(stand_on=step)
    assert (None, 16) == (run.ended, run.step)
    run.finish()
    runs.check_same("adam", run)


def test_stop_on_a_step_is_not_for_callbacks() -> None:
    """From within a callback the run can be stopped, not moved."""
    run = runs.named("adam").start(callbacks=[lambda event, run: run.stop(stand_on=0)])
    with pytest.raises(RunError, match="cannot be moved while it is advancing"):
        run.advance(3)
    assert run.ended is None


def test_stop_before_the_first_step() -> None:
    """A run that was never begun can be ended, too."""
    run = runs.named("early stopping").start()
    run.stop("not needed")
    assert (0, "not needed") == (run.step, run.ended)
    assert runs.named("adam").network().fingerprint == run.network.fingerprint


def test_edits_that_are_refused() -> None:
    """The record of a run that is over, or before whose end one stands, is not changed."""
    run = runs.named("adam").start()
    run.advance(10)
    run.seek(4)
    with pytest.raises(RunError) as error:
        run.edit(learning_rate=0.1)
    assert (
        "The run's steps up to 10 are recorded, so nothing can be changed at step 4. Go to the last one first, with "
        "seek(10), or another way from there, with run.branch(4, …) and the same changes." == str(error.value)
    )
    run.seek(10)
    run.edit(learning_rate=0.01)
    run.finish()
    with pytest.raises(RunError) as error:
        run.edit(learning_rate=0.1)
    assert (
        "The run is over (all epochs done); nothing can be changed in it. Start a new one, or go another way from a "
        f"step of it, with run.branch({run.step}, …)." == str(error.value)
    )


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(value: float, tmp_path: Path) -> None:
    """NaN written by hand is no edit: the run refuses to go on or to be saved until it is mended."""
    run = runs.named("adam").start()
    run.advance(8)
    run.network.parameters[3] = value
    for refused in (lambda: run.advance(1), run.finish, lambda: run.save(tmp_path / "a.run"), run.stop):
        with pytest.raises(
            RunError, match=r"At step 8 .* changed by hand to NaN or infinity; .* run\.at\(8\)\.parameters"
        ):
            refused()
    assert (8, None, ()) == (run.last_step, run.ended, run.edits)
    run.network.parameters = run.at(8).parameters
    run.finish()
    runs.check_same("adam", run)


@pytest.mark.parametrize("name", ["adam", "early stopping"])
def test_what_follows_a_run_is_not_of_it(name: str, tmp_path: Path) -> None:
    """Once a run is over, its network may be trained on or changed; the run stays as it was."""
    case = runs.named(name)
    run = case.start()
    run.finish()
    before, fingerprint = runs.state(run), run.fingerprint
    second = run.network.fit(**case.given(), epochs=1)
    run.network.parameters[:] += 1
    run.save(tmp_path / "a.run")
    run.seek(1)
    run.finish()
    assert (before, fingerprint, ()) == (runs.state(run), run.fingerprint, run.edits)
    loaded = Run.load(tmp_path / "a.run", **case.given())
    assert (before, runs.record(run)) == (runs.state(loaded), runs.record(loaded))
    assert second.fingerprint != run.fingerprint


def test_two_runs_on_one_network() -> None:
    """A run does not go on from where another one has trained its network; its own branch does."""
    first = runs.named("adam").start()
    case = runs.named("sgd")
    second = first.network.start(**case.given(), epochs=5, batch_size=10, optimizer="sgd")
    first.advance(5)
    with pytest.raises(RunError, match=r"Another run has trained this network since this one stood on step 0; .*mix"):
        second.advance(1)
    assert (0, ()) == (second.step, second.edits)
    before = first.network.fingerprint
    branch = second.branch(0)
    branch.advance(3)
    assert before == first.network.fingerprint
    first.finish()
    runs.check_same("adam", first)


def test_a_change_while_looking_back_is_refused() -> None:
    """The network stands on the last step: a change by hand while the run stands elsewhere is not mistaken."""
    run = runs.named("adam").start()
    run.advance(8)
    run.seek(3)
    kept = run.network.parameters.copy()
    run.network.parameters[:] = 0.25
    for go_on in (lambda: run.advance(1), run.finish, lambda: run.save("nowhere")):
        with pytest.raises(RunError, match=r"stands on step 3, but the network, which was changed by hand, on step 8"):
            go_on()
    run.network.parameters = run.at(8).parameters
    assert (run.network.parameters == kept).all()
    run.finish()
    runs.check_same("adam", run)


def test_a_change_by_hand_survives_looking_back(tmp_path: Path) -> None:
    """What was changed before the run was moved is recorded, and is in its file."""
    case = runs.named("adam")
    run = case.start()
    run.advance(5)
    run.network.parameters[:] = 0.5
    run.seek(2)
    assert [5] == [edit.step for edit in run.edits]
    run.save(tmp_path / "it.run")
    loaded = Run.load(tmp_path / "it.run", **case.given())
    assert [5] == [edit.step for edit in loaded.edits]
    assert (loaded.network.parameters == 0.5).all()


def test_what_events_tell_cannot_be_written_to() -> None:
    """A callback that writes into an event's arrays, or an edit's, is stopped: they are the record."""

    def write(event: Event, run: Run) -> None:
        if isinstance(event, StepsMade):
            with pytest.raises(ValueError, match="read-only"):
                event.losses[0] = 7
        if isinstance(event, Edited) and event.edit.parameters is not None:
            with pytest.raises(ValueError, match="read-only"):
                event.edit.parameters[0] = 7
        if isinstance(event, EpochEnded):
            with pytest.raises(TypeError):
                event.metrics["loss"] = 7  # type: ignore[index]

    run = runs.named("adam").start(callbacks=[write])
    run.network.parameters *= 0.5
    run.finish()
    assert 1 == len(run.edits)


@pytest.mark.parametrize("fresh", [True, False])
def test_a_change_before_the_first_step_leaves_the_start(fresh: bool, tmp_path: Path) -> None:
    """Looked at, saved and loaded, with keyframes and without: the start is the recipe's, and the change is an edit."""
    case = runs.named("adam")
    net = case.network()
    if not fresh:
        net.fit(**case.given(), epochs=1)
    run = net.start(**case.given(), epochs=3)
    net["output"].biases[:] = 1.0
    run.at(0)
    for _ in range(2):
        for keyframes in (True, False):
            run.save(tmp_path / "a.run", keyframes=keyframes)
            loaded = Run.load(tmp_path / "a.run", **case.given())
            assert runs.state(run) == runs.state(loaded)
            loaded.save(tmp_path / "a.run", keyframes=not keyframes)
            loaded = Run.load(tmp_path / "a.run", **case.given())
            loaded.finish()
        run.finish()
        assert runs.state(run) == runs.state(loaded)
