"""Breakpoints and searches: a run stops at exactly the step, says why, and its bits are those of the whole run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pellucid import Breakpoint, Moment, Network, Run
from pellucid.errors import PellucidError
from training import runs

X, Y, _ = runs.table()


def start(name: str = "validation") -> Run:
    return runs.named(name).start()


def states(run: Run) -> list[Moment]:
    return [run.at(k) for k in range(run.last_step + 1)]


def mean_loss(run: Run, k: int) -> float:
    return float(run.history.loss[k - 5 : k].mean()) if k >= 5 else np.inf


def dead(run: Run, k: int) -> int:
    trace = run.at(k).network.trace(X)
    return sum(int((trace[layer].slope == 0).all(axis=0).sum()) for layer in ("layer_1", "layer_2"))


STOPS: dict[str, tuple[Breakpoint, Callable[[Run, int], bool], str]] = {
    "loss": (
        Breakpoint.loss(below=1.1, over=5),
        lambda run, k: mean_loss(run, k) < 1.1,
        "the loss of the last 5 steps is",
    ),
    "metric": (
        Breakpoint.metric("val_accuracy", above=0.5),
        lambda run, k: any(row["step"] == k and row["val_accuracy"] > 0.5 for row in run.history.epochs),
        "val_accuracy is",
    ),
    "gradient norm": (
        Breakpoint.gradient_norm(below=0.5),
        lambda run, k: k < 30 and run.at(k).gradient_norm < 0.5,
        "the gradient's norm is",
    ),
    "weight": (
        Breakpoint.weight("layer_1/node_3", 2, above=-0.15),
        lambda run, k: run.at(k).network["layer_1"]["node_3"].weights[2] > -0.15,
        "the weight of input_2 in layer_1/node_3 is",
    ),
    "bias": (
        Breakpoint.weight("output/node_1", below=-0.03),
        lambda run, k: run.at(k).network["output"]["node_1"].bias[0] < -0.03,
        "the bias of output/node_1 is",
    ),
    "activation": (
        Breakpoint.activation(X[4], "output/node_2", below=0.0),
        lambda run, k: run.at(k).network.trace(X[4])["output"]["node_2"].a < 0.0,
        "the activation of output/node_2 is",
    ),
    "function": (
        Breakpoint.of(lambda m: m.step == 17 and m.loss > 0),
        lambda run, k: k == 17,
        "the condition holds",
    ),
}


@pytest.mark.parametrize(("condition", "holds", "why"), STOPS.values(), ids=STOPS)
@pytest.mark.parametrize("recorded", [False, True])
def test_it_stops_at_the_first_step_after_which_it_holds(
    condition: Breakpoint, holds: Callable[[Run, int], bool], why: str, recorded: bool
) -> None:
    """Over new steps and over recorded ones alike; what is found by looking at every step is the judge."""
    whole = start()
    whole.finish()
    expected = next((k for k in range(1, whole.last_step + 1) if holds(whole, k)), None)
    assert expected is not None
    run = start()
    if recorded:
        run.finish()
        run.seek(0)
    reason = run.until(condition)
    assert expected == run.step
    assert reason is not None
    assert reason.startswith(f"step {expected}: {why}")
    assert whole.at(expected).fingerprint == run.fingerprint
    run.finish()
    assert whole.fingerprint == run.fingerprint


def test_it_goes_on_from_where_it_stopped() -> None:
    """Asked again, it stops at the next such step; None where there is none to the end."""
    run = start()
    found = []
    while run.until(lambda m: m.step % 7 == 3) is not None:
        found.append(run.step)
    assert [3, 10, 17, 24] == found
    assert run.done


def test_a_neuron_that_dies() -> None:
    """The step at which a relu neuron's slope becomes 0 for every row, and which neuron it is."""
    net = Network([5, 6, 3], seed=0)
    run = net.start(X, Y, epochs=30, batch_size=5, optimizer="sgd", learning_rate=2.0)
    reason = run.until(Breakpoint.dead(X))
    assert reason is not None
    name = reason.split(": ")[1].split(" died")[0].split(", ")[0]
    layer, node = name.split("/")
    before, now = (run.at(k).network.trace(X)[layer][node].slope for k in (run.step - 1, run.step))
    assert before.any()
    assert not now.any()
    assert f"for all {len(X)} rows" in reason


def test_a_neuron_that_saturates() -> None:
    """The step at which a tanh neuron's slope is below a hundredth for every row."""
    net = Network([5, 6, 3], activation="tanh", seed=7, input_scale=5.0)
    run = net.start(X, Y, epochs=60, batch_size=10, optimizer="sgd", learning_rate=1.0)
    few = X[:3]
    reason = run.until(Breakpoint.saturated(few))
    assert reason is not None
    layer, node = reason.split(": ")[1].split(" saturated")[0].split(", ")[0].split("/")
    before, now = (run.at(k).network.trace(few)[layer][node].slope for k in (run.step - 1, run.step))
    assert (before >= 0.01).any()
    assert (now < 0.01).all()


def test_a_prediction_that_flips() -> None:
    """The first step at which a row's prediction is another than where the run stood."""
    whole = start("adam")
    whole.finish()
    predicted = [int(whole.at(k).network.predict(X[:1])[0]) for k in range(31)]
    row = next(
        i for i in range(len(X)) if len({int(whole.at(k).network.predict(X[i : i + 1])[0]) for k in (0, 30)}) > 1
    )
    predicted = [int(whole.at(k).network.predict(X[row : row + 1])[0]) for k in range(31)]
    expected = next(k for k in range(31) if predicted[k] != predicted[0])
    run = start("adam")
    assert f"step {expected}: the prediction has flipped from {predicted[0]} to {predicted[expected]}" == run.until(
        Breakpoint.flips(X[row])
    )


def test_the_whole_run_is_searched() -> None:
    """The steps at which a condition holds, or each so many of them; the run goes on standing where it stands."""
    run = start()
    run.finish()
    run.seek(11)
    losses = run.history.loss
    expected = [k for k in range(30) if losses[k] < 0.8]
    assert expected == run.when(lambda m: m.loss < 0.8).tolist()
    assert [k for k in expected if k % 4 == 0] == run.when(lambda m: m.loss < 0.8, every=4).tolist()
    norms = [m.gradient_norm for m in states(run)[:30]]
    assert [k for k in range(30) if norms[k] > 0.7] == run.when(
        lambda m: m.batch is not None and m.gradient_norm > 0.7
    ).tolist()
    assert 11 == run.step


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (Breakpoint.loss, "either below= or above="),
        (lambda: Breakpoint.loss(below=1.0, above=2.0), "either below= or above="),
        (lambda: Breakpoint.dead(X[0]), "X must be rows"),
        (lambda: start().until("loss < 1"), "a Breakpoint or a function"),  # type: ignore[arg-type]
        (lambda: start().until(Breakpoint.metric("val_auc", above=0.5)), "No metric 'val_auc' was measured"),
        (lambda: start().until(Breakpoint.weight("layer_7/node_1", above=0.5)), "layer_7"),
        (lambda: start().when(3), "a Breakpoint or a function"),  # type: ignore[arg-type]
    ],
)
def test_conditions_that_are_none(make: Callable[[], object], why: str) -> None:
    """What cannot be asked is refused, and what can is told."""
    with pytest.raises(PellucidError, match=why):
        make()


def test_a_moment_tells_its_batch() -> None:
    """Losses, gradient and its norm are those of the step's rows; before a step is made, those it would have."""
    run = start("weights")
    run.advance(12)
    ahead = run.at(12)
    assert run._timeline.ended is None
    loss, norm, losses = ahead.loss, ahead.gradient_norm, ahead.losses
    run.advance(3)
    made = run.at(12)
    assert (loss, norm) == (made.loss, made.gradient_norm)
    np.testing.assert_array_equal(losses, made.losses)
    assert run.history.loss[12] == loss
    assert made.batch is not None
    _, gradient = made.network.loss_and_gradient(
        X[made.batch], Y[made.batch], sample_weight=run._timeline.data.weights[made.batch], l2=0.01
    )
    np.testing.assert_allclose(made.gradient, gradient, rtol=1e-4, atol=1e-7)
    assert {} == dict(run.at(3).metrics)
    assert 2 == run.at(13).metrics["epoch"]


def test_what_a_seek_costs(tmp_path: Path) -> None:
    """Nothing at a keyframe, and never more than the steps of one gap."""
    run = Network([5, 8, 3]).fit(X, Y, epochs=1000, batch_size=10)
    record = run._timeline._record
    assert 0.0 == run.seek_cost(0)
    steps = [run._timeline.seek_cost(k)[0] for k in range(0, run.last_step, 97)]
    assert 0 < max(steps) <= record.gap
    with pytest.raises(PellucidError, match="not recorded"):
        run.seek_cost(run.last_step + 1)
    run.save(tmp_path / "a.run")
    assert 0.0 < Run.load(tmp_path / "a.run", X, Y).seek_cost(run.last_step - 1)  # before any step is made here
