"""What docs/your_own.md shows happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Network, Run
from pellucid.datasets import load_toy

pytestmark = pytest.mark.checkout

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "your_own.md"


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Everything that the page defines, its programs run one after the other."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "builtins"}  # any module that is there will do for dataclasses
    for block in re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(block, names)
    return names


def test_the_parts_learn_and_come_back(shown: dict[str, Any]) -> None:
    """Activation and optimiser learn a toy set; the run comes back from its file and goes on to the same bits."""
    toy, net = load_toy("circles", n=200), shown["net"]
    given = {"epochs": 60, "batch_size": 20, "optimizer": shown["Lion"](beta=0.8), "learning_rate": 0.01}
    run = net.start(toy.X, toy.y, **given)
    run.advance(250)
    run.save("half.run")
    run.finish()
    assert net.score(toy.X, toy.y) > 0.9
    assert run.exactness.startswith("this machine (")
    custom = {"bent": shown["bent"], "lion": shown["Lion"]}
    half = Run.load("half.run", toy.X, toy.y, custom=custom)
    assert (250, shown["Lion"](beta=0.8)) == (half.step, half.recipe.optimizer)
    half.finish()
    assert run.fingerprint == half.fingerprint


def test_the_loss_learns_and_comes_back(shown: dict[str, Any]) -> None:
    """Its settings are in the file, and the network predicts the same."""
    values, X = shown["values"], np.random.default_rng(0).normal(size=(300, 2))
    y = X[:, 0] - 2 * X[:, 1]
    values.fit(X, y, epochs=30, learning_rate=0.02)
    assert values.score(X, y) > 0.98
    values.save("again")
    again = Network.load("again", custom={"log_cosh": shown["LogCosh"]})
    assert values.spec == again.spec
    assert values.predict(X).tobytes() == again.predict(X).tobytes()
