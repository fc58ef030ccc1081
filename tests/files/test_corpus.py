"""Files of every version stay readable, and give the bits that they gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from files.make_corpus import CORPUS, RUNS, RUNS_OF_3, X, finished, network_of, targets, used
from pellucid import Network, Run
from pellucid.engine import instruction_sets
from pellucid.storage import read_tensors

TOLD: dict[Path, dict[str, Any]] = {
    told.parent: json.loads(told.read_text(encoding="utf-8")) for told in sorted(CORPUS.glob("*/expected.json"))
}
MODELS = [(folder, name) for folder, told in TOLD.items() for name in told["models"]]
SAVED = [(folder, name) for folder, told in TOLD.items() for name in told["runs"]]

FILES = sorted(path for folder in TOLD for path in folder.iterdir() if path.suffix != ".json")

native = pytest.mark.skipif(not instruction_sets(), reason="the bits are the native engine's")


def test_all_versions_are_there() -> None:
    """No file of an earlier release was lost: every file has its expectation, and every expectation its file."""
    assert ["1", "2", "3"] == [folder.name for folder in TOLD]
    for folder, told in TOLD.items():
        named = {f"{name}.safetensors" for name in told["models"]} | {f"{name}.run" for name in told["runs"]}
        assert named | {"expected.json"} == {path.name for path in folder.iterdir()}
        assert len(named) >= (2 if folder.name == "3" else 28)


@native
@pytest.mark.parametrize(("folder", "name"), MODELS, ids=lambda part: part.name if isinstance(part, Path) else part)
def test_models(folder: Path, name: str) -> None:
    """The parameters have their fingerprint, and what the network gives for the same inputs its bits."""
    expected = TOLD[folder]["models"][name]
    network = Network.load(folder / f"{name}.safetensors")
    assert expected == {"fingerprint": network.fingerprint, "output": used(network)}
    assert np.isfinite(network.parameters).all()
    assert len(X) == len(network.predict(X))


@native
@pytest.mark.parametrize(("folder", "name"), SAVED, ids=lambda part: part.name if isinstance(part, Path) else part)
def test_runs(folder: Path, name: str, tmp_path: Path) -> None:
    """A run stands where it stood, goes on to the same bits, and can be rewound; also once it is saved anew."""
    expected = dict(TOLD[folder]["runs"][name])
    end = expected.pop("end")
    y = targets(network_of((RUNS | RUNS_OF_3)[name][0]))
    run = Run.load(folder / f"{name}.run", X, y)
    at_rest = {"step": run.step, "ended": run.ended, "fingerprint": run.fingerprint, "epochs": len(run.history)}
    assert expected == at_rest
    for keyframes in (True, False):
        run.save(tmp_path / "anew", keyframes=keyframes)
        anew = Run.load(tmp_path / "anew", X, y)
        assert (run.fingerprint, run.edits.__repr__()) == (anew.fingerprint, run.edits.__repr__())
        assert run.history.loss.tolist() == anew.history.loss.tolist()
        for row, again in zip(run.history.epochs, anew.history.epochs, strict=True):
            assert row == pytest.approx(again, rel=1e-6)  # version 1 measured in NumPy's order
            assert row == again or folder.name == "1"
        assert end == finished(anew)
    assert end == finished(run)
    run.seek(0)
    assert run.recipe.start == run.fingerprint
    assert end == finished(run)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_others_can_read_each(path: Path, judge: Any) -> None:
    """The safetensors library finds the arrays that our own reader finds, bit for bit."""
    found = judge("safetensors.numpy").load_file(path)
    arrays, _ = read_tensors(path)
    assert set(arrays) == set(found)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, found[name], strict=True)
