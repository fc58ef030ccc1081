"""Runs, moments and histories in a notebook, and the history's plot."""

from __future__ import annotations

from functools import cache

import matplotlib.pyplot as plt
import numpy as np
import pytest

from drawing import markup
from pellucid import Network, Run
from pellucid.datasets import load_toy
from pellucid.drawing import figure
from pellucid.training import History


@cache
def finished() -> Run:
    """Return a run of 3 epochs with rows held out, and an edit."""
    toy = load_toy("moons")
    net = Network([2, 4, 2], classes=["<b>", "&"], seed=2)
    labels = np.array(["<b>", "&"])[toy.y]
    run = net.start(toy.X, labels, epochs=3, batch_size=20, l2=1e-4, validation=0.2, metrics=["auc"])
    run.advance(5)
    run.edit(learning_rate=0.02)
    run.finish(progress=False)
    return run


def begun() -> Run:
    toy = load_toy("moons")
    return Network([2, 4, 2]).start(toy.X, toy.y, epochs=3)


def facts(tree: markup.Node, place: int = 0) -> dict[str, str]:
    return {cells[0]: cells[1] for cells in markup.rows(tree.all("table")[place])}


def test_a_run_shows_where_it_stands_and_by_which_recipe() -> None:
    run = finished()
    tree = markup.read(run._repr_html_())
    told = facts(tree)
    assert (str(run.step), run.ended) == (told["stands on step"], told["ended because"])
    assert figure(run.history["val_auc"][-1]) == told["last epoch's val_auc"]
    assert run.fingerprint.startswith(told["parameters"].rstrip("…"))
    recipe = facts(tree, 1)
    expected = {"epochs": "3", "batch size": "20", "l2": "0.0001", "validation": "0.2"}
    assert expected.items() <= recipe.items()
    assert not {"l1", "shuffle", "early stopping"} & recipe.keys()  # as they usually are
    assert "2 → 4 → 2, 22 parameters, float32" in recipe["network"]
    assert [["5", repr(run.edits[0])]] == markup.rows(tree.all("table")[2])


def test_a_run_not_begun_shows_no_curve() -> None:
    tree = markup.read(begun()._repr_html_())
    assert "0" == facts(tree)["steps made"]
    assert not tree.all("svg")


def test_the_curve_goes_through_the_losses() -> None:
    """The first line is the loss of each step, the second that of the rows held out, by one scale."""
    history = finished().history
    first, second = markup.read(finished()._repr_html_()).all("polyline")
    drawn = [np.array([pair.split(",") for pair in one.attributes["points"].split()], float) for one in (first, second)]
    losses, steps = [history.loss, history["val_loss"]], [np.arange(1, len(history.loss) + 1), history["step"]]
    for place, values in enumerate((steps, losses)):
        x, y = np.concatenate(values), np.concatenate([one[:, place] for one in drawn])
        slope, begin = np.polyfit(x, y, 1)
        np.testing.assert_allclose(y, slope * x + begin, atol=0.1)


def test_a_history_shows_every_number_by_epoch() -> None:
    history = finished().history
    tree = markup.read(history._repr_html_())
    rows = markup.rows(tree.all("table")[0])
    for row, cells in zip(history.epochs, rows, strict=True):
        expected = [str(int(row[name])) if name in {"epoch", "step"} else figure(row[name]) for name in history]
        assert expected == cells
    headings = [one.text for one in tree.all("div", class_="heading")]
    assert ["Loss", "Accuracy", "val_auc"] == headings


def test_of_many_epochs_the_last_are_shown() -> None:
    history = History()
    history.add_steps(np.linspace(1, 0, 50), np.zeros(50, np.int64))
    history.epochs += [{"epoch": k, "step": k, "loss": 1 / k} for k in range(1, 51)]
    table = markup.read(history._repr_html_()).all("table")[0]
    assert [str(k) for k in range(31, 51)] == [cells[0] for cells in markup.rows(table)]
    assert "30 epochs before them" in table.all("caption")[0].text


def test_a_history_without_an_epoch_says_so() -> None:
    assert "No epoch has ended yet." in markup.read(History()._repr_html_()).text


@pytest.mark.parametrize("step", [0, 7, 24])
def test_a_moment_shows_its_batch_and_its_loss(step: int) -> None:
    """At the run's end there is no batch, so there is none to be shown."""
    moment = finished().at(step)
    told = facts(markup.read(moment._repr_html_()))
    assert str(step) == told["step"]
    if step == finished().last_step:
        assert "next batch" not in told
    else:
        assert moment.batch is not None
        assert told["next batch"].startswith(f"20 rows: {moment.batch[0]}, {moment.batch[1]}")
        assert figure(moment.loss) == told["its loss"]
        assert figure(moment.learning_rate) == told["learning rate"]
    assert moment.fingerprint.startswith(told["parameters"].rstrip("…"))


def test_the_plot_draws_the_losses() -> None:
    ax = finished().plot()
    drawn = {line.get_label(): line.get_xydata() for line in ax.get_lines()}
    history = finished().history
    np.testing.assert_array_equal(history.loss, drawn["loss of each step's batch"][:, 1])
    np.testing.assert_array_equal(np.column_stack([history["step"], history["val_loss"]]), drawn["val_loss"])
    assert history.plot(ax) is ax
    plt.close("all")
