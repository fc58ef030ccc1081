"""Random stories of a run: gone on with, rewound, changed, branched, saved; the record tells it all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Adam, Dropout, Network, Run
from pellucid.errors import RunError
from training import runs

X, Y, _ = runs.table()


def begun(random: np.random.Generator) -> Run:
    layers: list[Any] = [5, Dropout(0.2), 8, 4, 3]
    settings = {
        "optimizer": Adam() if random.random() < 0.5 else "sgd",
        "schedule": "linear" if random.random() < 0.5 else "constant",
        "epochs": int(random.integers(3, 6)),
        "keyframe_bytes": int(random.choice([1, 5000, 1 << 20])),
    }
    return Network(layers, seed=int(random.integers(100))).start(X, Y, batch_size=10, **settings)


def an_edit(random: np.random.Generator, run: Run) -> dict[str, Any]:
    kinds = [
        {"learning_rate": float(random.choice([0.001, 0.02, 0.1]))},
        {"dropout": float(random.choice([0.0, 0.5]))},
        {"l2": float(random.choice([0.0, 0.05]))},
        {"freeze": f"layer_1/node_{random.integers(1, 9)}"},
        {"silence": f"layer_2/node_{random.integers(1, 5)}"},
        {"scale": {f"layer_1/node_{random.integers(1, 9)}": 1.5}},
        {"biases": {f"output/node_{random.integers(1, 4)}": float(random.normal())}},
        {"layer_rates": {"layer_1": float(random.choice([0.0, 0.5, 1.0]))}},
        {"epochs": run._timeline.epoch(run.last_step) + 2},
        {"batch_size": int(random.choice([3, 10, 17, 100]))},
    ]
    return kinds[random.integers(len(kinds))]


def a_deed(random: np.random.Generator, run: Run, folder: Path) -> Run:
    """Do one thing to a run, drawn by chance; return the run to go on with."""
    deed = random.integers(8)
    changeable = run.ended is None and run.step == run.last_step
    if deed <= 2:
        run.advance(int(random.integers(1, 7)))
    elif deed == 3:
        run.seek(int(random.integers(0, run.last_step + 1)))
    elif deed == 4 and changeable:
        run.network["layer_1"]["node_2"].weights[int(random.integers(5))] = float(random.normal())
    elif deed == 5 and changeable:
        at = min(run.step + int(random.integers(0, 6)), run.total_steps)
        run.edit(at=at, **an_edit(random, run))
    elif deed == 6:
        return run.branch(int(random.integers(0, run.last_step + 1)))
    elif deed == 7:
        run.save(folder / "a.run", keyframes=bool(random.integers(2)))
        return Run.load(folder / "a.run", X, Y)
    return run


@pytest.mark.parametrize("seed", range(60))
def test_a_random_story_is_the_one_that_its_record_tells(seed: int, tmp_path: Path) -> None:
    """Whatever was done, the states are those that the recipe, the data and the recorded edits give from the start."""
    random = np.random.default_rng(seed)
    run = begun(random)
    seen: dict[int, bytes] = {}
    for _ in range(14):
        run = a_deed(random, run, tmp_path)
        seen = {step: state for step, state in seen.items() if step <= run.last_step}
        for step in random.integers(0, run.last_step + 1, 3).tolist():
            state = run.at(step).parameters.tobytes()
            if any(edit.step == step for edit in run.edits):  # another one may have come since
                seen[step] = state
            assert seen.setdefault(step, state) == state
    run.seek(run.last_step)
    run.finish()
    run.save(tmp_path / "told.run", keyframes=False)
    told = Run.load(tmp_path / "told.run", X, Y)
    assert runs.record(run) == runs.record(told)
    for step in range(run.last_step + 1):
        assert run.at(step).fingerprint == told.at(step).fingerprint
    with pytest.raises(RunError):
        run.edit(l2=0.5)
