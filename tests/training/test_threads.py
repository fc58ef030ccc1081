"""A run that goes on in one thread may be asked, edited and paused from others, and keeps its bits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from pellucid import Network, Run
from pellucid.datasets import load_toy
from pellucid.training import Event, RunPaused, StepsMade
from pellucid.training.turns import Turns

TOY = load_toy("spirals", n=400)


def started(epochs: int = 400) -> Run:
    net = Network([2, 16, 16, 2], activation="tanh")
    return net.start(TOY.X, TOY.y, epochs=epochs, batch_size=20, learning_rate=0.01)


def test_questions_from_other_threads_change_no_bit() -> None:
    """While it goes on, moments, traces, losses and costs are asked for by four threads; all are those of the steps."""
    alone = started().finish()
    run = started()

    def ask(seed: int) -> list[tuple[int, str, float]]:
        places, found = np.random.default_rng(seed), []
        while not run.done or len(found) < 20:
            moment = run.at(int(places.integers(run.last_step + 1)))
            if moment.goes_on:
                found.append((moment.step, moment.fingerprint, moment.trace().loss))
            run.seek_cost(moment.step)
            assert len(run.history.loss) <= run.last_step
        return found

    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(ask, seed) for seed in range(4)]
        run.finish()
        found = [answer for one in answers for answer in one.result(timeout=300)]
    assert alone.fingerprint == run.fingerprint
    np.testing.assert_array_equal(alone.history.loss, run.history.loss)
    assert len(found) >= 80
    for step, fingerprint, loss in found[:: max(1, len(found) // 60)]:
        moment = alone.at(step)
        assert (moment.fingerprint, moment.trace().loss) == (fingerprint, loss)


def test_an_edit_from_another_thread_is_recorded_and_replayed() -> None:
    """It counts from the step on at which it came, and the run is performed again with it."""
    run, others = started(), []

    def edit() -> None:
        run.edit(learning_rate=0.005, biases={"layer_1/node_2": 0.25})

    def begin(event: Event, run: Run) -> None:
        if isinstance(event, StepsMade) and not others:
            others.append(threading.Thread(target=edit))
            others[0].start()
            while not run._timeline.turns._waiting:
                pass  # the next turn is the editor's

    run.listen(begin)
    run.finish()
    others[0].join()
    end, edits = run.fingerprint, run.edits
    assert [0.005, None] == [edit.learning_rate for edit in edits]
    run.seek(edits[0].step)
    assert 0.25 == run.at(run.step).network["layer_1"]["node_2"].bias
    assert end == run.finish().fingerprint


def test_pause_from_another_thread_and_on() -> None:
    """The call returns after the steps in hand, says so, and going on gives the bits of a run that never stopped."""
    run, told = started(), []

    def pause(event: Event, run: Run) -> None:
        told.append(event)
        if isinstance(event, StepsMade) and event.step >= 100:
            other = threading.Thread(target=run.pause)
            other.start()
            other.join()

    end = run.listen(pause)
    run.finish(progress=False)
    assert 100 <= run.step < run.total_steps
    assert isinstance(told[-1], RunPaused)
    assert "paused; finish() goes on" == told[-1].reason
    end()
    heard = len(told)
    assert started().finish().fingerprint == run.finish().fingerprint
    assert heard == len(told)


def test_until_is_paused_between_two_steps() -> None:
    """It says where, and can be called again."""
    run = started()
    run.listen(lambda event, run: run.pause() if isinstance(event, StepsMade) and event.step == 7 else None)
    assert "step 7: paused" == run.until(lambda m: m.step >= 20)
    assert "step 20: the condition holds" == run.until(lambda m: m.step >= 20)


def test_a_pause_that_nobody_waits_for_does_nothing() -> None:
    """Where no call makes steps, the next one does as it is told."""
    run = started(epochs=2)
    run.pause()
    assert run.finish().done


def test_turns_come_in_the_order_of_asking() -> None:
    """Whoever has waited longest is next, before who has just let go."""
    turns, order, threads = Turns(), [], []

    def take(place: int) -> None:
        with turns:
            order.append(place)

    with turns:
        for place in range(5):
            threads.append(threading.Thread(target=take, args=(place,)))
            threads[-1].start()
            while len(turns._waiting) <= place:
                pass
    with turns:
        order.append("who let go")
    for thread in threads:
        thread.join()
    assert [0, 1, 2, 3, 4, "who let go"] == order


def test_turns_are_alone_in_there() -> None:
    """Eight threads never overlap, also where one enters twice over."""
    turns, spans = Turns(), []

    def enter(_: int) -> None:
        for _ in range(200):
            with turns, turns:
                spans.append("in")
                spans.append("out")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(enter, range(8)))
    assert 3200 == len(spans)
    assert all(one != other for one, other in pairwise(spans))


def test_who_gives_up_waiting_leaves_the_queue() -> None:
    """Ctrl-C while it waits passes its turn on."""

    class Broken:
        def acquire(self) -> bool:
            raise KeyboardInterrupt

        def release(self) -> None: ...

    turns = Turns()
    with turns:
        me, broken = 1, Broken()
        turns._waiting.append((me, broken))  # type: ignore[arg-type]
        with pytest.raises(KeyboardInterrupt):
            broken.acquire()
        turns._give_up(me, broken)  # type: ignore[arg-type]
        assert not turns._waiting
    with turns:
        pass
