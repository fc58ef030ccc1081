"""A run can stand on any of its steps, exactly as it was, whatever its keyframes."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Moment, Run
from pellucid.core import fingerprint
from pellucid.engine import State
from pellucid.errors import RunError
from pellucid.training import keyframes
from pellucid.training.keyframes import Keyframes
from training import runs

each_case = pytest.mark.parametrize("name", [case.name for case in runs.CASES])


def forward(run: Run) -> list[tuple[int, bytes, dict[str, bytes]]]:
    """Go on step by step; return all states, in order."""
    states = [runs.state(run)]
    while run.ended is None:
        run.advance(1)
        if run.ended is None or run.step == run.last_step:
            states.append(runs.state(run))
        else:  # the best epoch was restored
            states.append(look(run.at(run.last_step)))
    return states


def look(moment: Moment) -> tuple[int, bytes, dict[str, bytes]]:
    return moment.step, moment.parameters.tobytes(), {name: slot.tobytes() for name, slot in moment.slots.items()}


@each_case
@pytest.mark.parametrize("budget", [keyframes.DEFAULT_BYTES, 1], ids=["usual", "tiny"])
def test_seek_gives_the_bits_of_the_way_there(name: str, budget: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 random seeks, and as many looks, equal what was recorded going forward; with hardly any keyframes too."""
    monkeypatch.setattr(Keyframes.__init__, "__defaults__", (budget,))
    run = runs.named(name).start()
    states = forward(run)
    end, network = run.step, run.network.parameters.tobytes()
    random = np.random.default_rng(5)
    for step in random.integers(0, len(states), 100).tolist():
        run.seek(step)
        assert states[step] == runs.state(run)
        other = int(random.integers(0, len(states)))
        assert states[other] == look(run.at(other))
        assert states[step] == runs.state(run)
        assert network == run.network.parameters.tobytes()
    run.seek(0)
    run.finish()
    assert (end, states[end]) == (run.step, runs.state(run))


def test_seek_while_the_run_is_not_over() -> None:
    """Between two calls any step made so far can be stood in; the network keeps the newest weights."""
    run = runs.named("momentum").start()
    states = forward(runs.named("momentum").start())
    for reached in (4, 13, 22):
        run.advance(reached - run.last_step)
        for step in (reached, 0, reached // 2, reached):
            run.seek(step)
            assert states[step] == runs.state(run)
            assert states[reached][1] == run.network.parameters.tobytes()


def test_advance_over_recorded_ground() -> None:
    """From an early step, advancing performs the record again: no callbacks, no new history, the same states."""
    told: list[object] = []
    run = runs.named("adam").start(callbacks=[lambda event, run: told.append(event)])
    states = forward(run)
    count, before = len(told), runs.record(run)
    run.seek(2)
    for step in range(3, run.last_step + 1):
        run.advance(1)
        assert states[step] == runs.state(run)
    assert (count, before) == (len(told), runs.record(run))


def test_advance_from_the_record_into_new_steps() -> None:
    """One call may begin on recorded ground and end beyond it."""
    run = runs.named("weights").start()
    run.advance(10)
    run.seek(4)
    run.advance(9)
    assert (13, 13) == (run.step, run.last_step)
    run.finish()
    runs.check_same("weights", run)


def test_at_leaves_run_and_network_alone() -> None:
    """A look moves nothing, and what is done to it changes nothing."""
    run = runs.named("adam").start()
    run.advance(11)
    before, network = runs.state(run), run.network.parameters.tobytes()
    moment = run.at(5)
    with pytest.raises(ValueError, match="read-only"):
        moment.parameters[:] = 0
    moment.slots["mean"][:] = 0
    moment.network["output"]["node_1"].bias = 3
    assert moment.batch is not None
    moment.batch[:] = 0
    assert (before, network) == (runs.state(run), run.network.parameters.tobytes())
    run.finish()
    runs.check_same("adam", run)


def test_what_a_moment_tells() -> None:
    """A look tells loss, rate and rows of the step that was made from there; the last step has none."""
    case = runs.named("momentum")
    run = case.start()
    run.finish()
    n, size = run.total_steps, 10
    for step in (0, 5, 6, 17, n - 1):
        moment = run.at(step)
        assert step == moment.step
        assert run.history.loss[step] == moment.loss
        assert 0.02 * (1 - step / n) == moment.learning_rate
        assert fingerprint(moment.parameters) == moment.fingerprint == moment.network.fingerprint
        assert moment.batch is not None
        assert (7 if step % 6 == 5 else size) == len(moment.batch)
        X, y, _ = runs.table()
        loss, gradient = moment.network.loss_and_gradient(X[moment.batch], y[moment.batch])
        assert moment.loss == pytest.approx(loss, rel=1e-6)
        velocity = 0.9 * moment.slots["velocity"] + gradient
        np.testing.assert_allclose(velocity, run.at(step + 1).slots["velocity"], rtol=1e-4, atol=1e-6)
    epoch = np.concatenate([batch for step in range(6, 12) if (batch := run.at(step).batch) is not None])
    assert list(range(runs.ROWS)) == sorted(epoch.tolist())
    last = run.at(n)
    assert np.isnan(last.loss)
    assert (None, None) == (last.learning_rate, last.batch)
    with pytest.raises(RunError, match=r"From step 30 no step is made, .* at\(29\)"):
        last.gradient  # noqa: B018 (a property)


def test_rows_held_out_are_in_no_batch() -> None:
    """The rows of a fraction held out are never trained on; all others are, once an epoch."""
    run = runs.named("fraction").start()
    run.finish()
    batches = [run.at(step).batch for step in range(run._timeline.steps_per_epoch)]
    seen = sorted(int(row) for batch in batches if batch is not None for row in batch)
    held_out = set(range(runs.ROWS)) - set(seen)
    assert round(0.25 * runs.ROWS) == len(held_out)
    assert runs.ROWS - len(held_out) == len(seen)


@pytest.mark.parametrize("step", [-1, 12, 10**9])
def test_steps_that_were_not_made(step: int) -> None:
    """A step outside the record is refused, and the run goes on standing where it stands."""
    run = runs.named("adam").start()
    run.advance(11)
    with pytest.raises((RunError, ValueError), match=r"not recorded; 0 … 11 are|whole number ≥ 0"):
        run.seek(step)
    with pytest.raises((RunError, ValueError)):
        run.at(step)
    assert 11 == run.step


def test_an_interrupted_seek_leaves_no_torn_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where performing again breaks off, the run goes on standing where it stood, whole."""
    monkeypatch.setattr(Keyframes.__init__, "__defaults__", (1,))
    run = runs.named("adam").start()
    states = forward(run)
    run.seek(2)
    run._timeline._record.keyframes.forget(1)
    backend = run._timeline.backend

    def broken(self: object, job: object, state: State, *given: object, **named: object) -> object:
        state.step += 1
        state.parameters[:3] = np.nan
        raise KeyboardInterrupt

    for move in (lambda: run.seek(4), lambda: run.at(5), lambda: run.advance(1), run.finish):
        with monkeypatch.context() as patch:
            patch.setattr(type(backend), "train", broken)
            with pytest.raises(KeyboardInterrupt):
                move()
        assert states[2] == runs.state(run)
    for step in (3, 4, 1):
        run.seek(step)
        assert states[step] == runs.state(run)


def at_step(step: int) -> State:
    return State(step, np.full(4, step, dtype=np.float32), {})


def test_keyframes_keep_to_their_budget() -> None:
    """Beyond the budget every second copy goes; the first and the pinned one stay, the rest stays spread."""
    kept = Keyframes(budget=16 * 10)
    for step in range(0, 1001, 5):
        kept.save(at_step(step), pin=step == 50)
    held = [step for step in range(1001) if step in kept]
    assert len(held) <= 10
    assert 0 in kept
    assert 50 in kept
    assert max(held) >= 900
    for step in (0, 49, 50, 512, 1000):
        nearest = kept.before(step)
        assert nearest.step <= step
        assert nearest.parameters.tolist() == [nearest.step] * 4


def test_a_later_pin_takes_the_place_of_the_former() -> None:
    """One state is pinned at a time."""
    kept = Keyframes(budget=1)
    for step in range(0, 101, 10):
        kept.save(at_step(step), pin=step in {10, 60})
    assert 60 in kept
    assert 10 not in kept


def test_keyframes_forget() -> None:
    """What lies after a change by hand is dropped; the start never is."""
    kept = Keyframes()
    for step in (0, 5, 10, 15):
        kept.save(at_step(step))
    kept.forget(10)
    assert [0, 5] == [step for step in range(20) if step in kept]
    kept.forget(0)
    assert [0] == [step for step in range(20) if step in kept]
