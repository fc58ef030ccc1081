"""Copies of networks, by whatever means, are whole: one vector, and views into it."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pellucid import Dropout, Network
from pellucid.errors import DataError, SettingError
from training import runs


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, copy.copy, lambda net: pickle.loads(pickle.dumps(net)), Network.copy],
    ids=["deepcopy", "copy", "pickle", "Network.copy"],
)
def test_a_copy_is_a_network_of_its_own(copied: Callable[[Network], Network], tmp_path: Path) -> None:
    """Its views lie in its own vector; what is trained there is what is saved, and the original stays as it is."""
    X, y, _ = runs.table()
    net = Network([5, 8, Dropout(0.1), 3], seed=3)
    net.start(X, y, epochs=1).advance(2)
    before = net.fingerprint
    other = copied(net)
    assert before == other.fingerprint
    assert np.shares_memory(other.parameters, other["layer_1"].weights)
    assert not np.shares_memory(other.parameters, net.parameters)
    other.fit(X, y, epochs=2, progress=False)
    other.save(tmp_path / "other")
    assert other.fingerprint == Network.load(tmp_path / "other").fingerprint != before
    assert before == net.fingerprint


def test_networks_of_nan_are_not_used_silently(tmp_path: Path) -> None:
    """A network that holds NaN predicts, scores, trains and saves nothing."""
    X, y, _ = runs.table()
    net = Network([5, 8, 3])
    net.parameters[:] = np.nan
    for use in (net.predict, net.predict_proba, lambda X: net.score(X, y), lambda X: net.evaluate(X, y)):
        with pytest.raises(DataError, match=r"output for row 0 is NaN or infinite: the network holds such\."):
            use(X)
    with pytest.raises(SettingError, match=r"holds NaN or infinity, so no file is written\. Set finite weights"):
        net.save(tmp_path / "it")
    assert [] == list(tmp_path.iterdir())
    small = Network([5, 8, 3])
    with pytest.warns(UserWarning, match="reaches"), pytest.raises(DataError, match="inputs or weights are too large"):
        small.predict(np.full((2, 5), 1e300))


@pytest.mark.parametrize("rows", [20, 150, 700, 60_000])
def test_settings_that_are_left_out_suit_the_data(rows: int) -> None:
    """Without epochs and batch_size, a run makes about 2,000 steps at least, on batches that suit the rows."""
    X = np.zeros((rows, 2), dtype=np.uint8)
    X[::2] = 1
    run = Network([2, 2]).start(X, X[:, 0])
    assert 8 <= run.recipe.batch_size <= 64
    assert run.recipe.epochs >= 10
    assert run.total_steps >= 2000


@pytest.mark.parametrize("name", ["adam", "dropout", "early stopping", "values"])
def test_threads_decide_no_bit(name: str) -> None:
    """A run has the same bits on any number of threads."""
    case = runs.named(name)
    ends = set()
    for threads in (None, 1, 2, 3, 7):
        run = case.start(threads=threads)
        run.finish()
        ends.add(run.fingerprint)
    assert 1 == len(ends)


def test_start_changes_nothing_yet() -> None:
    """A run that is not begun leaves the network as it is, its output's scale too."""
    X, _, _ = runs.table()
    net = Network([5, 4, 1], loss="mse")
    before = net.predict(X)
    run = net.start(X, X[:, 0] + 1000)
    assert np.array_equal(before, net.predict(X))
    run.advance(1)
    assert abs(net.predict(X).mean() - 1000) < 20
