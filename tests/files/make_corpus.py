"""Writes tests/files/corpus/VERSION: small files as this release writes them, and what they must give for ever.

python tests/files/make_corpus.py VERSION adds the files that are not there yet, and changes none.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pellucid import (
    Adam,
    AdamW,
    Chain,
    ClipNorm,
    Cosine,
    CrossEntropy,
    Dense,
    Dropout,
    EarlyStopping,
    Huber,
    Network,
    Pinball,
    RMSprop,
    Run,
    Sgd,
    WarmUp,
    WeightDecay,
)
from pellucid.core import ACTIVATIONS, Task
from pellucid.random import Purpose, Stream

CORPUS = Path(__file__).with_name("corpus")
ROWS, INPUTS = 40, 3


def drawn(layer: int, columns: int) -> Any:
    """Return numbers between −1 and 1, the same on every machine."""
    return Stream(2019, Purpose.DATASET, layer=layer).uniform(ROWS * columns).reshape(ROWS, columns) * 2 - 1


X = drawn(1, INPUTS).astype(np.float32)
VALUES = 50 + 10 * drawn(2, 2)


def targets(network: Network) -> Any:
    """Return a y that fits a network."""
    spec = network.spec
    if spec.loss.task is Task.VALUES:
        n = spec.n_outputs // spec.loss.outputs_per_target
        return np.floor(VALUES[:, :n]) if spec.loss.counts else VALUES[:, :n]
    if spec.loss.task is Task.YES_NO and spec.n_outputs > 1:
        return (X[:, : spec.n_outputs] > 0).astype(int)
    places = np.arange(ROWS) % spec.n_names
    return places if spec.output.names is None else np.asarray(spec.output.names)[places]


MODELS: dict[str, Callable[[], Network]] = {
    **{
        f"activation_{name}": lambda name=name: Network([INPUTS, 4, 2], activation=name, seed=3) for name in ACTIVATIONS
    },
    "float64": lambda: Network([INPUTS, 4, 4, 2], dtype="float64", seed=2**64 - 1),
    "named": lambda: Network(
        [INPUTS, Dropout(0.3), 5, 3],
        classes=["è", 'a"b\n', "c"],
        features=["x", "y", "größe"],
        input_scale=[1 / 3, 2, 1],
        input_shift=[0.1, 0.2, -0.5],
    ),
    "yes_no": lambda: Network([INPUTS, 4, 1], loss="binary_cross_entropy", classes=["no", "yes"]),
    "multilabel": lambda: Network([INPUTS, 4, 3], loss="binary_cross_entropy"),
    "values": lambda: Network([INPUTS, Dense(4, "tanh", "glorot"), 2], loss="mse", targets=["price", "size"]),
    "bounded": lambda: Network([INPUTS, 4, Dense(2, "sigmoid")], loss="mae"),
    "huber": lambda: Network([INPUTS, 4, 1], loss=Huber(0.5)),
    "smoothed": lambda: Network([INPUTS, 4, 3], loss=CrossEntropy(0.1), initializer="orthogonal"),
    "quantiles": lambda: Network([INPUTS, 4, 2], loss=Pinball((0.25, 0.75))),
    "counts": lambda: Network([INPUTS, 4, 1], loss="poisson"),
}
"""Each is fitted for two epochs, so that no number of it is a round one."""


def halved(event: Any, run: Run) -> None:
    """Change the rate, and a weight, in the middle of a run."""
    if type(event).__name__ == "EpochEnded" and event.epoch == 2:
        run.edit(learning_rate=run.learning_rate / 2)
        run.network["layer_1"]["node_1"].weights[0] = 0.5


RUNS: dict[str, tuple[dict[str, Any], dict[str, Any], int | None]] = {
    "adam": ({}, {}, 13),
    "sgd": ({"dtype": "float64"}, {"optimizer": Sgd(0.9, True), "schedule": "linear", "shuffle": False}, 13),
    "adamw": ({}, {"optimizer": AdamW(), "schedule": WarmUp(5, Cosine(0.1)), "l2": 0.01}, None),
    "chain": ({}, {"optimizer": Chain(ClipNorm(0.1), RMSprop(), WeightDecay(0.1)), "layer_rates": {"output": 0.5}}, 13),
    "edited": ({}, {"callbacks": [halved]}, 16),
    "early": ({}, {"validation": 0.25, "early_stopping": EarlyStopping(2), "learning_rate": 0.1, "epochs": 30}, None),
    "balanced": ({"layers": [INPUTS, Dropout(0.2), 5, 3]}, {"class_weight": "balanced", "optimizer": Adam(0.8)}, 13),
    "values": ({"layers": [INPUTS, 5, 2], "loss": "mse"}, {"seed": 7}, 13),
}
"""What the network is built with, what it is fitted with, and the step on which the run rests; None: its end."""


def changed(event: Any, run: Run) -> None:
    """Change settings, and hold neurons, in the middle of a run."""
    if type(event).__name__ == "EpochEnded" and event.epoch == 2:
        run.edit(optimizer=Adam(0.7), schedule=Cosine(0.1), l1=1e-3, l2=0.01, layer_rates={"output": 0.5})
        run.edit(freeze=["layer_1/node_2"], silence="layer_1/node_4", dropout=0.4, epochs=7)


def ahead(event: Any, run: Run) -> None:
    """Record changes that are made later, before the run rests and after it."""
    if type(event).__name__ == "RunStarted" and event.step == 0:
        run.edit(at=8, scale={"layer_1/node_1": 2.0}, learning_rate=0.02)
        run.edit(at=14, scale={"layer_1/node_3": 0.5}, biases={"output/node_2": 0.25}, freeze="output")


RUNS_OF_3: dict[str, tuple[dict[str, Any], dict[str, Any], int | None]] = {
    "changed": ({"layers": [INPUTS, Dropout(0.2), 5, 3]}, {"callbacks": [changed]}, 16),
    "ahead": ({}, {"callbacks": [ahead], "schedule": "linear"}, 13),
}
"""What only version 3 tells; all else is still written as version 2."""


def network_of(built: dict[str, Any]) -> Network:
    return Network(**{"layers": [INPUTS, 5, 3], "seed": 5, **built})


def used(network: Network) -> str:
    """Return the bytes of what the network gives for `X`, in hexadecimal digits."""
    return (network.predict if network.spec.loss.task is Task.VALUES else network.predict_proba)(X).tobytes().hex()


def finished(run: Run) -> str:
    """Return the fingerprint on which a run ends."""
    run.finish(progress=False)
    return run.fingerprint


def main(version: str) -> None:
    folder = CORPUS / version
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "expected.json"
    expected = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {"models": {}, "runs": {}}
    for name, make in ({} if version == "3" else MODELS).items():
        if name in expected["models"]:
            continue
        network = make()
        network.fit(X, targets(network), epochs=2, batch_size=10, progress=False)
        network.save(folder / f"{name}.safetensors")
        expected["models"][name] = {"fingerprint": network.fingerprint, "output": used(network)}
    for name, (built, given, rest) in (RUNS_OF_3 if version == "3" else RUNS).items():
        if name in expected["runs"]:
            continue
        network = network_of(built)
        run = network.start(X, targets(network), **{"epochs": 6, "batch_size": 8, **given})
        run.advance(run.total_steps if rest is None else rest)
        run.save(folder / f"{name}.run")
        at_rest = {"step": run.step, "ended": run.ended, "fingerprint": run.fingerprint}
        expected["runs"][name] = {**at_rest, "epochs": len(run.history), "end": finished(run)}
    told.write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
