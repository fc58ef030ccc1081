"""Several whole epochs in one call of the backend, where nobody listens: no bit, and nothing that is told, differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Network, Run
from pellucid.errors import DivergedError
from pellucid.random import LegacyShuffle
from pellucid.training import EpochEnded, Event, RunEnded, StepsMade
from training import runs

EPOCHS = 60  # keyframes lie 34 epochs apart
engines = pytest.mark.parametrize("engine", ["native", "readable"])


def nothing(event: Event, run: Run) -> None:
    """Listen, and so forbid calls that go across."""


def begun(name: str, engine: str, monkeypatch: pytest.MonkeyPatch, *, heard: bool, **more: Any) -> Run:
    """Return a long run of a case."""
    if engine == "readable":
        monkeypatch.setenv("PELLUCID_ENGINE", engine)
    return runs.named(name).start(epochs=EPOCHS, **more, **({"callbacks": [nothing]} if heard else {}))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Callable[[Run], list[int]]:
    """Return a function that counts, from now on, the epochs which each call for a run's backend ends, 0 for a part."""

    def counted(run: Run) -> list[int]:
        found: list[int] = []
        kind = type(run._timeline.backend)
        plain = kind.train

        def train(self: Any, job: Any, state: Any, order: Any, rates: Any, *, epoch: int = 0, **more: Any) -> Any:
            found.append(len(order) // epoch if epoch else 0)
            return plain(self, job, state, order, rates, epoch=epoch, **more)

        monkeypatch.setattr(kind, "train", train)
        return found

    return counted


def check_alike(one: Run, other: Run) -> None:
    """Fail unless two runs have the same record, end and states, wherever one stands."""
    assert runs.record(one) == runs.record(other)
    assert runs.state(one) == runs.state(other)
    assert one.network.parameters.tobytes() == other.network.parameters.tobytes()
    assert one.history.epochs == other.history.epochs or np.isnan([*one.history.epochs[-1].values()]).any()
    random = np.random.default_rng(3)
    for step in [0, 1, one.last_step, *random.integers(0, one.last_step + 1, 20).tolist()]:
        for run in (one, other):
            run.seek(step)
        assert runs.state(one) == runs.state(other)
    for run in (one, other):
        run.seek(run.last_step)


@engines
@pytest.mark.parametrize("name", [case.name for case in runs.CASES])
def test_nobody_listening_decides_no_bit(name: str, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a callback that does nothing, and without one: record, end and any step are the same."""
    heard, alone = (begun(name, engine, monkeypatch, heard=heard).finish() for heard in (True, False))
    check_alike(heard, alone)


@pytest.mark.parametrize("name", ["adam", "velocity", "half squares", "one batch", "values"])
def test_calls_do_go_across(name: str, monkeypatch: pytest.MonkeyPatch, calls: Callable[[Run], list[int]]) -> None:
    """Most epochs are made several to a call, which ends with a whole one; with a listener, none is."""
    run = begun(name, "native", monkeypatch, heard=False)
    found = calls(run)
    run.finish()
    assert sum(epochs for epochs in found if epochs > 1) > EPOCHS / 2
    heard = begun(name, "native", monkeypatch, heard=True)
    del found[:]
    heard.finish()
    assert max(found) == 0


@pytest.mark.parametrize("name", ["validation", "fraction", "early stopping", "orders of a fraction"])
def test_rows_that_are_held_out_forbid_it(
    name: str, monkeypatch: pytest.MonkeyPatch, calls: Callable[[Run], list[int]]
) -> None:
    """Where something is measured at each epoch's end, no call goes across, not in a file that is read again either."""
    run = begun(name, "native", monkeypatch, heard=False)
    found = calls(run)
    run.finish()
    assert max(found) == 0


def test_whoever_begins_to_listen_is_told_of_each_epoch(calls: Callable[[Run], list[int]]) -> None:
    """A listener that comes later hears of every epoch from then on, where it ends; one that has gone, of none."""
    told: list[Event] = []
    run = runs.named("velocity").start(epochs=EPOCHS)
    found = calls(run)
    run.advance(101)
    assert max(found) > 1
    del found[:]
    end = run.listen(lambda event, run: told.append(event))
    run.advance(102)
    assert max(found) == 0
    ends = [event for event in told if isinstance(event, EpochEnded)]
    assert list(range(17, 34)) == [event.epoch for event in ends]
    end()
    run.finish()
    assert max(found) > 1
    check_alike(runs.named("velocity").start(epochs=EPOCHS, callbacks=[nothing]).finish(), run)


def test_events_are_the_same() -> None:
    """A progress bar, which is told after each call, is told of the same epochs and of the same steps."""
    told: dict[bool, list[Event]] = {True: [], False: []}
    for across, events in told.items():
        timeline = runs.named("velocity").start(epochs=EPOCHS)._timeline
        timeline.advance(None, [events.append], heard=lambda across=across: not across)
    for kind in (EpochEnded, RunEnded):
        one, other = ([event for event in events if isinstance(event, kind)] for events in told.values())
        assert one == other
    losses = [
        np.concatenate([event.losses for event in events if isinstance(event, StepsMade)]) for events in told.values()
    ]
    assert losses[0].tobytes() == losses[1].tobytes()
    assert 1 < len([event for event in told[True] if isinstance(event, StepsMade)]) < EPOCHS


EDITS: dict[str, list[dict[str, Any]]] = {
    "a rate within an epoch": [{"at": 45, "learning_rate": 0.001}],
    "at an epoch's end": [{"at": 42, "learning_rate": 0.001}],
    "batches": [{"at": 45, "batch_size": 7}, {"at": 120, "batch_size": 100}, {"at": 140, "batch_size": 10}],
    "batches at an epoch's end": [{"at": 60, "batch_size": 3}],
    "frozen and silenced": [{"at": 7, "freeze": "layer_1/node_2"}, {"at": 99, "silence": "layer_1/node_3"}],
    "by hand": [{"at": 33, "biases": {"output/node_1": 0.5}}, {"at": 34, "scale": {"layer_1/node_1": 1.5}}],
    "penalty and length": [{"at": 50, "l2": 0.05}, {"at": 51, "epochs": 30}],
}


@engines
@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("name", ["adam", "velocity"])
def test_changes_on_the_way(
    name: str, edits: list[dict[str, Any]], engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Calls stop at what is changed, within an epoch or at its end, and batches may be of other sizes after it."""
    heard, alone = (begun(name, engine, monkeypatch, heard=heard) for heard in (True, False))
    for run in (heard, alone):
        for edit in edits:
            run.edit(**edit)
        run.finish()
    check_alike(heard, alone)
    for keyframes in (True, False):
        alone.save(tmp_path / "a.run", keyframes=keyframes)
        check_alike(heard, Run.load(tmp_path / "a.run", **runs.named(name).given()))


@pytest.mark.parametrize("step", [1, 17, 18, 200, 204, 205, 359])
def test_stopped_and_gone_on(step: int, tmp_path: Path) -> None:
    """Wherever a run was paused or saved, a call that begins within an epoch ends with it."""
    whole = runs.named("velocity").start(epochs=EPOCHS, callbacks=[nothing]).finish()
    run = runs.named("velocity").start(epochs=EPOCHS)
    run.advance(step)
    run.save(tmp_path / "a.run")
    for one in (run, Run.load(tmp_path / "a.run", **runs.named("velocity").given()), run.branch(step)):
        check_alike(whole, one.finish())


@pytest.mark.parametrize(("rate", "rows"), [(1.03, 10), (1.05, 1000), (1.2, 7), (2.0, 57), (5.0, 10)])
def test_epochs_before_a_divergence_are_measured(rate: float, rows: int, tmp_path: Path) -> None:
    """Those that were whole stand in the history, though a later step of their call was not finite."""
    X, _, _ = runs.table()
    found = []
    for callbacks in ([nothing], []):
        net = Network([5, 1], loss="mse", seed=1)
        run = net.start(
            X,
            X[:, 0] * 3,
            epochs=4000,
            batch_size=rows,
            optimizer="sgd",
            learning_rate=rate,
            callbacks=callbacks,
        )
        with pytest.raises(DivergedError):
            run.finish()
        found.append(run)
    heard, alone = found
    assert repr(heard.history.epochs) == repr(alone.history.epochs)
    assert heard.last_step // -(-57 // min(rows, 57)) == len(alone.history)
    check_alike(heard, alone)
    for keyframes in (True, False):
        alone.save(tmp_path / "a.run", keyframes=keyframes)
        check_alike(heard, Run.load(tmp_path / "a.run", X, X[:, 0] * 3))


class Fused:
    """Orders whose drawing is interrupted once, after one was drawn."""

    left = 1

    def __init__(self, orders: Iterator[Any], after: int) -> None:
        self.orders, self.after = orders, after

    def __iter__(self) -> Fused:
        return self

    def __next__(self) -> Any:
        order = next(self.orders)
        self.after -= 1
        if self.after < 0 and Fused.left:
            Fused.left = 0
            raise KeyboardInterrupt
        return order


@pytest.mark.parametrize("after", [0, 1, 7, 20])
@pytest.mark.parametrize("name", ["velocity", "orders of a fraction"])
def test_an_interrupted_drawing_loses_no_order(name: str, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Ctrl-C comes between two orders, the run goes on with the right one."""
    whole = runs.named(name).start(epochs=30).finish()
    run = runs.named(name).start(epochs=30)
    plain = LegacyShuffle.orders
    monkeypatch.setattr(Fused, "left", 1)
    monkeypatch.setattr(LegacyShuffle, "orders", lambda self, n: Fused(plain(self, n), after))
    with pytest.raises(KeyboardInterrupt):
        run.finish()
    check_alike(whole, run.finish())


def test_orders_are_drawn_again_for_an_earlier_epoch() -> None:
    """Rows of any step are those of scikit-learn's order of its epoch, in whatever sequence they are asked for."""
    run = runs.named("velocity").start(epochs=12).finish()
    orders = [order for _, order in zip(range(12), runs.legacy(3).orders(runs.ROWS), strict=False)]
    for step in [71, 0, 35, 36, 35, 5, 6, 71, *np.random.default_rng(3).integers(0, 72, 30).tolist()]:
        epoch, place = divmod(step, 6)
        batch = run.at(step).batch
        assert batch is not None
        assert orders[epoch][10 * place : 10 * place + 10].tolist() == batch.tolist()


def test_orders_of_a_fraction_are_of_its_rows() -> None:
    """Held-out rows are in none of them; the others come in scikit-learn's order of places among them."""
    run = runs.named("orders of a fraction").start().finish()
    rows = run.data.rows
    assert rows is not None
    for epoch, order in zip(range(3), runs.legacy(4).orders(len(rows)), strict=False):
        steps = range(epoch * -(-len(rows) // 10), (epoch + 1) * -(-len(rows) // 10))
        assert rows[order].tolist() == np.concatenate([run.at(step).batch for step in steps]).tolist()


def test_alpha_is_the_recipe_s_own() -> None:
    """The run with alpha is another one than that with l2 alone, where batches differ in size or weight."""
    run = runs.named("velocity").start()
    plain = runs.with_recipe(runs.named("velocity").start(), alpha=0.0, l2=0.5 / 10)
    for one in (run, plain):
        one.finish()
    assert run.at(5).fingerprint == plain.at(5).fingerprint  # five whole batches of ten rows
    assert run.at(6).fingerprint != plain.at(6).fingerprint  # and seven
    assert replace(run.recipe, alpha=0.0, l2=0.05) == plain.recipe
