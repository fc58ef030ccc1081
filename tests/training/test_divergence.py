"""When numbers cease to be finite the run ends on its last finite step, and says where and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Network, Run, Sgd
from pellucid.errors import DivergedError, RunError
from pellucid.training import Event, RunEnded, StepsMade
from training import runs


def _run(layers: list[int], given: dict[str, Any], **settings: Any) -> Run:
    net = Network(layers, seed=1, **given.pop("built", {}))
    return net.start(given["X"], given["y"], batch_size=10, epochs=4, **settings)


def huge_rate(**more: Any) -> Run:
    X, y, _ = runs.table()
    return _run([5, 8, 3], {"X": X, "y": y}, optimizer="sgd", learning_rate=1e20, **more)


def growing(**more: Any) -> Run:
    X, _, _ = runs.table()
    built = {"loss": "mse", "standardize_targets": False}
    return _run([5, 8, 1], {"X": X, "y": X[:, 0] * 50, "built": built}, optimizer="sgd", learning_rate=0.9, **more)


def momentum(**more: Any) -> Run:
    X, _, _ = runs.table()
    built = {"loss": "mse"}
    return _run([5, 1], {"X": X, "y": X[:, 0], "built": built}, optimizer=Sgd(momentum=0.9), learning_rate=5.0, **more)


def huge_inputs(**more: Any) -> Run:
    X, _, _ = runs.table()
    built = {"loss": "mse", "standardize_targets": False}
    with pytest.warns(UserWarning, match="after the network's scaling"):
        return _run([5, 8, 1], {"X": X * 1e25, "y": X[:, 0], "built": built}, **more)


def squares_overflow(**more: Any) -> Run:
    X, _, _ = runs.table()
    built = {"loss": "mse", "standardize_targets": False}
    with pytest.warns(UserWarning, match="after the network's scaling"):
        return _run([5, 1], {"X": X * np.float32(3e12), "y": X[:, 0] * 1e10, "built": built}, learning_rate=0.5, **more)


DIVERGING: dict[str, tuple[Callable[..., Run], str, str]] = {
    "rate": (huge_rate, "layer_1|output|the loss", r"the learning rate is too high \(1e\+20; .*try a tenth of it"),
    "growing": (growing, "layer_1|output|the loss", r"the learning rate is too high \(0\.9; .*try a tenth of it"),
    "momentum": (momentum, "layer_1|output|the loss", r"the learning rate is too high \(5; .*try a tenth of it"),
    "inputs": (huge_inputs, "the loss|output", r"the inputs are large \(up to .*\); give the network an input_scale"),
    "squares": (
        squares_overflow,
        r"the update \(adam\)",
        r"the inputs are large \(up to .*\); give the network an input",
    ),
}

each = pytest.mark.parametrize("name", DIVERGING)


@each
@pytest.mark.parametrize("by_one", [False, True])
def test_it_ends_on_the_last_finite_step(name: str, by_one: bool, tmp_path: Path) -> None:
    """Within one step the run ends, with a message; run and network stand on the step before, bit for bit."""
    make, where, cause = DIVERGING[name]
    events: list[Event] = []
    run = make(callbacks=[lambda event, run: events.append(event)])

    def go_on() -> None:
        while by_one:
            run.advance(1)
        run.finish()

    with pytest.raises(DivergedError) as error:
        go_on()
    last = run.step
    message = str(error.value)
    start = re.escape(
        f"Training diverged at step {last + 1} (epoch {last // 6 + 1}): numbers became NaN or infinite in "
    )
    end = re.escape(
        f"The network keeps the last finite step, {last}; "
        "the error's .run.at(0).network is the network before the first."
    )
    assert error.value.run is run
    assert re.fullmatch(rf"{start}({where})\. Likely cause: {cause}.*\. {end}", message)
    assert run.ended is not None
    assert run.ended.startswith(f"diverged at step {last + 1} in ")
    assert (last, True, last) == (run.last_step, run.done, len(run.history.loss))
    assert RunEnded(last, run.ended) == events[-1]
    assert last == sum(len(event.losses) for event in events if isinstance(event, StepsMade))
    again = make()
    again.advance(last)
    assert runs.state(again) == runs.state(run)
    assert again.network.parameters.tobytes() == run.network.parameters.tobytes()
    assert np.isfinite(run.network.parameters).all()
    assert again.history.loss.tobytes() == run.history.loss.tobytes()
    with pytest.raises(DivergedError):
        again.advance(1)


@each
def test_it_is_over(name: str, tmp_path: Path) -> None:
    """A run that diverged goes nowhere, can be looked at, saved and loaded, and is not edited."""
    run = DIVERGING[name][0]()
    with pytest.raises(DivergedError):
        run.finish()
    before = runs.state(run)
    run.finish()
    run.advance(3)
    assert before == runs.state(run)
    with pytest.raises(RunError, match="The run is over"):
        run.edit(learning_rate=1e-3)
    for step in range(run.last_step + 1):
        assert np.isfinite(run.at(step).parameters).all()
    run.save(tmp_path / "a.run")
    data = run._timeline.data
    if name in {"rate", "momentum", "growing"}:
        y = data.T if run.recipe.spec.output.scale == 1.0 else runs.table()[0][:, 0]
        loaded = Run.load(tmp_path / "a.run", data.X, y)
        assert (before, run.ended) == (runs.state(loaded), loaded.ended)


def test_in_the_middle_of_an_epoch_after_some_good_ones() -> None:
    """A rate raised by hand ruins the steps after it alone."""
    run = runs.named("sgd").start()
    run.advance(15)
    good = run.fingerprint
    run.edit(learning_rate=1e30)
    with pytest.raises(DivergedError, match=r"diverged at step 1[678] \(epoch 3\)"):
        run.finish()
    assert 15 <= run.step <= 17
    assert good == run.at(15).fingerprint
    assert 2 == len(run.history)


def test_a_new_run_goes_on_from_the_finite_network() -> None:
    """The network that a diverged run leaves can be trained on."""
    run = huge_rate()
    with pytest.raises(DivergedError):
        run.finish()
    net = run.network
    net.parameters = run.at(0).parameters
    X, y, _ = runs.table()
    assert "all epochs done" == net.fit(X, y, epochs=1).ended
