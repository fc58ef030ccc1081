"""History holds what was measured, by step and by epoch; the figures can be computed again independently."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid import Run
from pellucid.errors import RunError, UnknownNameError
from pellucid.training import History
from training import runs

OWN = {"metrics": ["auc", "top_2", "log_loss"], "metrics of values": ["r2", "pinball_0.9", "mae"]}


@pytest.mark.parametrize("name", OWN)
def test_metrics_are_measured_on_held_out_rows(name: str) -> None:
    """What was asked for, and what is watched, has a row an epoch: what `evaluate` says of the network as it was."""
    case = runs.named(name)
    run = case.start()
    run.finish()
    X, T = run._timeline.data.held_out
    usual = ["accuracy", "val_loss", "val_accuracy"] if name == "metrics" else ["val_loss"]
    assert ["epoch", "step", "loss", *usual, *(f"val_{metric}" for metric in OWN[name])] == run.history.keys()
    y = case.given()["validation"][1] if name == "metrics" else _in_own_units(run, T)
    for row in run.history.epochs:
        measured = run.at(int(row["step"])).network.evaluate(X, y, OWN[name])
        for metric in ["loss", *OWN[name]]:
            assert measured[metric] == pytest.approx(row[f"val_{metric}"], rel=0 if name == "metrics" else 1e-6)


def _in_own_units(run: Run, T: np.ndarray) -> np.ndarray:
    output = run.recipe.spec.output
    return np.asarray(T * np.asarray(output.scale) + np.asarray(output.shift))


@pytest.mark.parametrize("name", ["adam", "validation", "bytes", "values", "yes or no", "one batch"])
def test_figures_can_be_computed_again(name: str) -> None:
    """Step figures equal those of a copy of the network at that step; epoch figures follow from them."""
    case = runs.named(name)
    given = case.given()
    X, y, held_out = given["X"], given["y"], given.get("validation")
    run = case.start()
    run.finish()
    history, n = run.history, run._timeline.steps_per_epoch
    losses, right, sizes = [], [], []
    for step in range(run.last_step):
        moment = run.at(step)
        measured = moment.network.evaluate(X[moment.batch], y[moment.batch])
        losses.append(measured["loss"])
        assert moment.batch is not None
        sizes.append(len(moment.batch))
        right.append(round(measured.get("accuracy", 0) * sizes[-1]))
    np.testing.assert_allclose(losses, history.loss, rtol=1e-5, atol=1e-8)
    assert right == history.hits.tolist()
    assert run.recipe.epochs == len(history) == len(history["loss"])
    for epoch in range(len(history)):
        here = slice(epoch * n, (epoch + 1) * n)
        row = history.epochs[epoch]
        assert (epoch + 1, (epoch + 1) * n) == (row["epoch"], row["step"])
        assert runs.ROWS == sum(sizes[here])
        assert np.dot(losses[here], sizes[here]) / runs.ROWS == pytest.approx(row["loss"], rel=1e-5)
        if name != "values":
            assert sum(right[here]) / runs.ROWS == row["accuracy"]
        if held_out is not None:
            measured = run.at(int(row["step"])).network.evaluate(*held_out)
            assert (measured["loss"], measured["accuracy"]) == (row["val_loss"], row["val_accuracy"])


def test_what_is_not_measured_is_refused() -> None:
    """A metric that no epoch has is refused with the names of those that there are."""
    run = runs.named("adam").start()
    with pytest.raises(RunError, match=r"^No epoch was ended yet, so 'loss' was not measured\. Go on first"):
        run.history["loss"]
    run.finish()
    with pytest.raises(UnknownNameError) as error:
        run.history["val_loss"]
    assert "Unknown metric (one by epoch) 'val_loss'. Accepted: epoch, step, loss, accuracy." in str(error.value)


def test_copies_are_given_away() -> None:
    """Writing into what a history returns changes nothing in it."""
    run = runs.named("adam").start()
    run.finish()
    before = runs.record(run)
    run.history.loss[:] = 0
    run.history.hits[:] = 0
    run.history["accuracy"][:] = 0
    other = run.history.copy()
    other.epochs[0]["loss"] = 0
    other.add_steps(np.zeros(1), np.zeros(1, dtype=np.int64))
    assert before == runs.record(run)


def test_shown_as_a_table() -> None:
    """A history shows itself as a table, a line an epoch."""
    history = History()
    assert "History(0 steps, no epoch ended yet)" == repr(history)
    history.epochs.append({"epoch": 1, "step": 6, "loss": 0.123456789, "val_loss": 12.5})
    assert (
        "       epoch          step          loss      val_loss\n"
        "           1             6      0.123457          12.5" == repr(history)
    )
