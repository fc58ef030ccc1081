"""Ctrl-C pauses a run after the steps in hand; a second one breaks in, and leaves no half-made step."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from pellucid import Run
from pellucid.engine import State
from pellucid.training import Event, RunPaused, RunStarted, StepsMade
from pellucid.training.interrupt import interruptible
from training import runs


@pytest.fixture(autouse=True)
def python_s_own_handler() -> Iterator[None]:
    """Under Python's handler before; the same after."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    try:
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def press(by_kill: bool = False) -> None:
    if by_kill:
        os.kill(os.getpid(), signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.skipif(os.name != "posix", reason="os.kill ends the process elsewhere")
@pytest.mark.parametrize("by_kill", [False, True])
@pytest.mark.parametrize("name", ["adam", "dropout", "early stopping", "values"])
def test_ctrl_c_pauses(name: str, by_kill: bool) -> None:
    """The run returns, whole, with all that was done, says so, and goes on to the same end."""
    events: list[Event] = []
    pressed = [0]

    def at_step(event: Event, run: Run) -> None:
        events.append(event)
        if isinstance(event, StepsMade) and pressed[0] == 0:
            pressed[0] = run.step
            press(by_kill)

    run = runs.named(name).start(callbacks=[at_step])
    run.finish()
    assert run.ended is None
    assert pressed[0] == run.step == run.last_step
    assert RunPaused(run.step, "stopped by Ctrl-C; finish() goes on") == events[-1]
    run.finish()
    runs.check_same(name, run)


def test_ctrl_c_within_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed while steps are being made, it waits until they are made."""
    run = runs.named("adam").start()
    kind = type(run._timeline.backend)
    train = kind.train

    def slow(self: Any, *given: Any, **named: Any) -> Any:
        press()
        return train(self, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(kind, "train", slow)
        run.finish()
    assert 0 < run.step < run.total_steps
    run.finish()
    runs.check_same("adam", run)


def test_fit_returns_when_interrupted() -> None:
    """`Network.fit` returns the run on Ctrl-C, so that it can go on."""
    case = runs.named("adam")

    def at_start(event: Event, run: Run) -> None:
        if isinstance(event, RunStarted):
            press()

    run = case.network().fit(**case.given(), epochs=5, batch_size=10, learning_rate=0.01, callbacks=[at_start])
    assert (None, 0) == (run.ended, run.step)
    run._callbacks = ()
    run.finish()
    runs.check_same("adam", run)


def test_ctrl_c_ends_a_loop_of_advances() -> None:
    """In a loop of one's own, one Ctrl-C is enough: the steps in hand are finished, and then it is raised."""

    def at_step(event: Event, run: Run) -> None:
        if isinstance(event, StepsMade) and run.step == 3:
            press()

    run = runs.named("adam").start(callbacks=[at_step])
    run.advance(2)
    with pytest.raises(KeyboardInterrupt):
        run.advance(1)
    assert 3 == run.step == run.last_step
    run.finish()
    runs.check_same("adam", run)


def test_a_second_ctrl_c_breaks_in() -> None:
    """It raises `KeyboardInterrupt` at once; the run can go on all the same."""
    presses = [2]

    def twice(event: Event, run: Run) -> None:
        while presses[0] and isinstance(event, StepsMade):
            presses[0] -= 1
            press()

    run = runs.named("adam").start(callbacks=[twice])
    with pytest.raises(KeyboardInterrupt):
        run.finish()
    run.finish()
    runs.check_same("adam", run)


TORN = [KeyboardInterrupt, MemoryError]


@pytest.mark.parametrize("error", TORN)
@pytest.mark.parametrize("name", ["adam", "momentum", "early stopping", "weights"])
def test_a_torn_step_is_taken_back(name: str, error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that breaks off after changing some numbers leaves the state before its call."""
    run = runs.named(name).start()
    run.network.parameters[:] = run.network.parameters  # no edit
    kind = type(run._timeline.backend)
    train = kind.train
    for reached in (0, 4, 11):
        run.advance(reached - run.step)
        before = runs.state(run)
        calls = [0]

        def broken(self: Any, job: Any, state: State, *given: Any, calls: list[int] = calls, **named: Any) -> Any:
            calls[0] += 1
            if calls[0] > 1:
                return train(self, job, state, *given, **named)
            state.step += 2
            state.parameters[::2] = np.nan
            for slot in state.slots.values():
                slot[1:] = 9
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(kind, "train", broken)
            with pytest.raises(error):
                run.finish()
        assert before == runs.state(run)
        assert before[1] == run.network.parameters.tobytes()
        assert reached == run.last_step == len(run.history.loss)
    run.finish()
    assert () == run.edits
    runs.check_same(name, run)


def test_a_torn_step_that_cannot_be_mended_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where even taking back fails, the half-made step is not taken for a change by hand later."""
    run = runs.named("adam").start()
    run.advance(2)
    run._timeline._record.keyframes.forget(1)
    kind = type(run._timeline.backend)

    def broken(self: Any, job: Any, state: State, *given: Any, **named: Any) -> Any:
        state.parameters[::2] = 77
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(kind, "train", broken)
        with pytest.raises(MemoryError):
            run.advance(3)
        with pytest.raises(MemoryError):
            run.finish()
    assert 2 == run.last_step
    run.finish()
    assert () == run.edits
    runs.check_same("adam", run)


def test_an_error_while_an_epoch_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken off in the validation, the steps of that call are taken back, so that the epoch is measured later."""
    run = runs.named("early stopping").start()
    kind = type(run._timeline.backend)

    def broken(self: Any, *given: Any, **named: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(kind, "forward", broken)
        with pytest.raises(KeyboardInterrupt):
            run.finish()
    assert run.step < 6
    assert [] == run.history.epochs
    run.finish()
    assert () == run.edits
    runs.check_same("early stopping", run)


@pytest.mark.parametrize("place", range(1, 40))
def test_a_second_ctrl_c_anywhere(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pressed twice anywhere in the writing of the record, it breaks in only when the record is whole."""
    import sys

    from pellucid.training import timeline

    run = runs.named("early stopping").start()
    lines = [0]

    def trace(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != timeline.__file__ or frame.f_code.co_name not in {"_new_steps", "_settle"}:
            return trace if frame.f_code.co_name == "_go_on" else None
        if event == "line":
            lines[0] += 1
            if lines[0] == place:
                press()
                press()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run.finish()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    assert run.last_step == len(run.history.loss)
    assert run.last_step // 6 == len(run.history.epochs)
    run.finish()
    assert () == run.edits
    runs.check_same("early stopping", run)


def test_other_handlers_are_left_alone() -> None:
    """Where a program handles SIGINT itself, it goes on doing so."""
    heard: list[int] = []
    mine = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        own = signal.getsignal(signal.SIGINT)
        run = runs.named("adam").start(callbacks=[lambda event, run: press()])
        run.finish()
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, mine)
    assert heard
    runs.check_same("adam", run)


def test_a_handler_that_a_callback_installs_stays() -> None:
    """Only our own handler is taken away again."""

    def ignored(number: int, frame: object) -> None: ...

    run = runs.named("adam").start(callbacks=[lambda event, run: signal.signal(signal.SIGINT, ignored) and None])
    run.finish()
    assert signal.getsignal(signal.SIGINT) is ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_handler_is_restored_after_an_error() -> None:
    """An error in the block does not leave our handler behind (the fixture checks)."""

    def fail() -> None:
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_other_threads_install_nothing() -> None:
    """A run in another thread leaves signals alone, and gives the same bits."""
    run = runs.named("adam").start()
    found: list[object] = []

    def work() -> None:
        run.finish()
        with interruptible():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert [signal.default_int_handler] == found
    runs.check_same("adam", run)
