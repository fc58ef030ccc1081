"""The recorded jobs whose bits are pinned in fingerprints.toml, and how they are written for native/replay.cpp.

python tests/engine/recorded.py writes fingerprints.toml anew: only a new version of the arithmetic may change it.
"""

from __future__ import annotations

import functools
import hashlib
import struct
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pellucid import Network, Run
from pellucid.arithmetic import ARITHMETIC
from pellucid.cli.recipe import HIDDEN, NETWORK, RECIPE
from pellucid.core import (
    Adagrad,
    Adam,
    AdamHat,
    AdamW,
    BinaryCrossEntropy,
    Chain,
    ClipNorm,
    ClipValue,
    CrossEntropy,
    Dense,
    Dropout,
    Huber,
    Optimizer,
    Pinball,
    RMSprop,
    Sgd,
    SgdVelocity,
    Spec,
    Task,
    WeightDecay,
    initial_parameters,
)
from pellucid.datasets import load_mnist
from pellucid.engine import Backend, Job, NativeEngine, State
from pellucid.engine._native_engine import _ACTIVATIONS, _loss, _rule
from pellucid.random import Purpose, Stream

FINGERPRINTS = Path(__file__).with_name("fingerprints.toml")
SEED = 2019


@dataclass(frozen=True)
class Recorded:
    """A job on data drawn from our own streams, so that it is the same on every machine.

    zeros: the share of inputs that are 0; kind: uint8, float32 or float64; csr: given as compressed sparse rows.
    """

    layers: tuple[Any, ...]
    batch: int
    rows: int
    optimizer: Optimizer = field(default_factory=Adam)
    built: dict[str, Any] = field(default_factory=dict)
    kind: str = "float32"
    zeros: float = 0.0
    weighted: bool = False
    l2: float = 0.0
    first_step: int = 0
    l1: float = 0.0
    layer_rates: tuple[float, ...] = ()
    alpha: float = 0.0
    epoch: int = 0

    @functools.cached_property
    def spec(self) -> Spec:
        return Spec.of(self.layers, **self.built)

    @functools.cached_property
    def job(self) -> Job:
        spec, n_in = self.spec, self.spec.input.width
        drawn = Stream(SEED, Purpose.DATASET, layer=1).uniform(self.rows * n_in).reshape(self.rows, n_in)
        kept = Stream(SEED, Purpose.DATASET, layer=2).uniform(self.rows * n_in).reshape(self.rows, n_in) >= self.zeros
        X = np.floor(drawn * 256) if self.kind == "uint8" else drawn * 2 - 1
        X = np.where(kept, X, 0).astype(self.kind)
        answers = Stream(SEED, Purpose.DATASET, layer=3).uniform(self.rows * spec.n_outputs)
        T: Any = np.floor(answers[: self.rows] * spec.n_outputs).astype(np.int64)
        if spec.loss.task is not Task.CLASSES:
            T = answers.reshape(self.rows, spec.n_outputs)
            T = (np.floor(T * 2) if spec.loss.task is Task.YES_NO or spec.loss.counts else T).astype(spec.dtype)
        weights = None
        if self.weighted:
            weights = np.floor(Stream(SEED, Purpose.DATASET, layer=4).uniform(self.rows) * 4).astype(spec.dtype)
        more = self.l1, self.layer_rates
        return Job(spec, X, T, weights, self.optimizer, self.l2, self.batch, SEED, *more, alpha=self.alpha)

    @property
    def order(self) -> np.ndarray:
        return Stream(SEED, Purpose.SHUFFLE).permutation(self.rows)[self.first_step * self.batch :]

    @property
    def rates(self) -> np.ndarray:
        epoch = self.epoch or self.rows
        steps = self.rows // epoch * -(-epoch // self.batch) - self.first_step
        return np.array([0.01 / (1 + step) for step in range(steps)])

    def start(self) -> State:
        parameters = initial_parameters(self.spec, SEED).vector
        return State(self.first_step, parameters, self.optimizer.init(parameters))

    def made(self, backend: Backend, threads: int, cuts: tuple[int, ...] = (), *, recompute: bool = False) -> str:
        """Return the SHA-256 of all that the steps leave: parameters, slots, losses and hits."""
        state, losses, hits = self.start(), [], []
        job = replace(self.job, recompute=recompute)
        for rates in np.split(self.rates, cuts):
            for order, some, epoch in self._calls(state.step - self.first_step, rates):
                steps = backend.train(job, state, order, some, epoch=epoch, threads=threads)
                losses.append(steps.losses.tobytes())
                hits.append(steps.hits.tobytes())
        return digest(state.parameters.tobytes(), *(s.tobytes() for s in state.slots.values()), *losses, *hits)

    def _calls(self, made: int, rates: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """Yield the calls for some steps: an epoch that was begun is ended by one of its own."""
        rows = self.epoch or self.rows
        each = -(-rows // self.batch)
        number, place = divmod(made, each)
        if self.epoch and place:
            yield self.order[number * rows + place * self.batch : (number + 1) * rows], rates[: each - place], 0
            number, place, rates = number + 1, 0, rates[each - place :]
        yield self.order[number * rows + place * self.batch :], rates, self.epoch

    def written(self, sparse: int = -1, *, recompute: bool = False) -> bytes:
        """Return the job as native/replay.cpp reads it."""
        spec, job, state = self.spec, self.job, self.start()
        rule, numbers = _rule(self.optimizer)
        scale, shift = (np.atleast_1d(np.asarray(x, dtype=np.float64)) for x in (spec.input.scale, spec.input.shift))
        kind = ["uint8", "float32", "float64"].index(self.kind)
        loss, factor, settings = _loss(spec)
        whole = [len(spec.dense), loss, spec.dtype == "float64", scale.size, shift.size, self.rows, kind]
        whole += [
            0,
            0,
            self.weighted,
            len(self.order),
            job.batch_size,
            self.epoch,
            state.step,
            len(self.rates),
            job.seed,
            rule,
        ]
        whole += [len(state.slots), sparse, recompute]
        *settings_of_rule, hat = numbers
        out = struct.pack(f"<{len(whole)}q10d", *map(int, whole), self.l1, self.l2, self.alpha, *settings_of_rule)
        out += struct.pack(f"<2q{len(self.layer_rates)}d", int(hat), len(self.layer_rates), *self.layer_rates)
        out += struct.pack(f"<dq{len(settings)}d", factor, len(settings), *settings)
        n_in, drops = spec.input.width, []
        for number, layer in enumerate(spec.layers, start=1):
            if isinstance(layer, Dropout):
                drops.append(struct.pack("<2qd", number, round(layer.rate * 2.0**32), 1.0 / (1.0 - layer.rate)))
                continue
            activation = _ACTIVATIONS[layer.activation or "identity"]
            out += struct.pack("<4q", n_in, layer.width, activation, len(drops)) + b"".join(drops)
            n_in, drops = layer.width, []
        arrays = [scale, shift, job.X, job.T, job.weights, self.order, self.rates, state.parameters]
        return out + b"".join(a.tobytes() for a in [*arrays, *state.slots.values()] if a is not None)


def digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(parts)).hexdigest()


BYTES = {"kind": "uint8", "zeros": 0.8, "built": {"input_scale": 1 / 255}}
RECORDED = {
    "bytes, mostly zero": Recorded((100, 32, 32, 10), 64, 500, **BYTES),
    "bytes, odd widths": Recorded((77, 33, 17, 3), 50, 430, **BYTES),
    "bytes, float64": Recorded(
        (80, 24, 10), 64, 300, kind="uint8", zeros=0.8, built={"dtype": "float64", "input_scale": 1 / 255}
    ),
    "bytes, several leaves": Recorded((70, 32, 10), 700, 1500, **BYTES),
    "one neuron": Recorded((1, 1), 3, 10, Sgd(), {"loss": "mse"}),
    "tiny": Recorded((2, 8, 8, 2), 16, 200),
    "single rows": Recorded((5, 9, 4), 1, 40, Sgd(0.9)),
    "widths about a panel": Recorded((15, 16, 17, 31, 33, 2), 17, 100, Sgd(0.9, nesterov=True)),
    "five leaves and a rest": Recorded((10, 20, 3), 1300, 2700, Sgd(0.5)),
    "many units": Recorded((40, 300, 520, 10), 96, 300),
    "deeper than a block": Recorded((1100, 48, 5), 40, 100),
    "deep": Recorded((16, *[32] * 20, 4), 32, 96),
    "larger than the caches": Recorded((300, 1700, 1400, 10), 16, 32),  # 35 MB of weights and moments
    "weights and penalty": Recorded((12, 32, 32, 3), 48, 200, Adam(0.8, 0.99, 1e-6), weighted=True, l2=0.01),
    "adamw": Recorded((12, 32, 3), 48, 200, AdamW(decay=0.1), l2=0.01),
    "rmsprop": Recorded((12, 32, 17, 3), 48, 200, RMSprop(0.9), weighted=True),
    "adagrad": Recorded((12, 32, 3), 48, 200, Adagrad(), **BYTES | {"built": {"dtype": "float64"}}),
    "dropout": Recorded((20, Dropout(0.2), 40, Dropout(0.5), Dropout(0.1), 32, 5), 33, 200),
    "sigmoid and tanh": Recorded((20, Dense(32, "sigmoid"), Dense(40, "tanh"), 6), 64, 300),
    "leaky_relu, elu and selu": Recorded(
        (20, Dense(24, "leaky_relu"), Dense(24, "elu"), Dense(24, "selu"), 6), 64, 300
    ),
    "gelu, silu and softplus": Recorded(
        (20, Dense(24, "gelu"), Dense(24, "silu"), Dense(24, "softplus"), Dropout(0.2), Dense(2, "gelu")),
        *(64, 300, Sgd(0.9), {"loss": "mse"}),
    ),
    "yes or no": Recorded((9, 40, 3), 32, 200, Adam(), {"loss": "binary_cross_entropy"}, weighted=True),
    "values": Recorded((9, 40, Dense(2, "sigmoid")), 32, 200, Sgd(0.9), {"loss": "mse"}, l2=0.001),
    "values, float64": Recorded((9, 40, 17, 2), 300, 900, Adam(), {"loss": "mse", "dtype": "float64"}, kind="float64"),
    "smoothed classes": Recorded((12, 24, 5), 48, 200, Adam(), {"loss": CrossEntropy(0.1)}, weighted=True),
    "mae": Recorded((9, 24, 3), 32, 200, Sgd(0.9), {"loss": "mae"}),
    "huber, float64": Recorded((9, 24, 3), 32, 200, Adam(), {"loss": Huber(0.4), "dtype": "float64"}),
    "shifted and scaled": Recorded(
        (6, 32, 2), 32, 200, Adam(), {"input_scale": [1, 2, 3, 0.5, 0.25, 4], "input_shift": [0.1, 0, 0, -1, 2, 3]}
    ),
    "from the middle of an epoch": Recorded((8, 32, 4), 16, 160, first_step=4),
    "quantiles": Recorded((9, 24, 6), 32, 200, Adam(), {"loss": Pinball((0.1, 0.5, 0.8))}, weighted=True),
    "counts": Recorded((9, 24, 3), 32, 200, Adam(), {"loss": "poisson"}),
    "counts, float64": Recorded((9, 24, 3), 32, 200, Sgd(), {"loss": "poisson", "dtype": "float64"}),
    "both penalties": Recorded((12, 32, 17, 3), 48, 200, Sgd(0.9), l1=0.003, l2=0.01),
    "a bounded norm": Recorded((12, 32, 40, 17, 3), 48, 200, Chain(ClipNorm(0.1), Adam(), WeightDecay(0.1)), l1=0.01),
    "a bounded norm, bytes": Recorded((100, 32, 32, 10), 64, 500, Chain(ClipNorm(0.1), Sgd(0.9)), **BYTES),
    "a bounded norm, larger than the caches": Recorded((300, 1700, 1400, 10), 16, 32, Chain(ClipNorm(0.1), Adam())),
    "bounded numbers": Recorded((12, 32, 17, 3), 48, 200, Chain(WeightDecay(0.1), ClipValue(0.01), RMSprop()), l2=0.01),
    "layers at rates of their own": Recorded(
        (12, 32, 17, 9, 3), 48, 200, Chain(ClipNorm(0.1), Adam(), WeightDecay(0.1)), layer_rates=(0.5, 1.0, 0.0, 2.0)
    ),
    "adam_hat, weights and alpha": Recorded((12, 32, 3), 48, 200, AdamHat(), weighted=True, alpha=0.5),
    "velocity, epochs of a short batch": Recorded(
        (12, 32, 3), 48, 300, SgdVelocity(), {"dtype": "float64"}, alpha=0.5, l2=0.01, epoch=100
    ),
    "velocity of Nesterov's, half squares": Recorded(
        (9, 24, 3), 50, 200, SgdVelocity(nesterov=True), {"loss": "half_square"}
    ),
    "summed yes or no": Recorded((9, 24, 3), 32, 200, Sgd(), {"loss": BinaryCrossEntropy(sum_outputs=True)}, epoch=40),
    "frozen below": Recorded((40, 32, 32, 32, 3), 48, 200, AdamW(), layer_rates=(0.0, 0.0, 0.3, 1.0)),
    "frozen above": Recorded((40, 32, 3), 48, 200, Sgd(0.9), layer_rates=(1.0, 0.0), **BYTES),
}


def pinned_demo() -> str:
    """Return the fingerprint on which the run of `pellucid demo` ends."""
    return str(tomllib.loads(FINGERPRINTS.read_text(encoding="utf-8"))["demo"])


def pinned() -> dict[str, str]:
    """Return the fingerprints of fingerprints.toml."""
    table = tomllib.loads(FINGERPRINTS.read_text(encoding="utf-8"))
    assert ARITHMETIC == table["arithmetic"]
    return table["fingerprints"]


def send_bits(pipe: Any) -> None:
    """Send what a job leaves; here, since a spawned process can import this file, and none of tests."""
    pipe.send(RECORDED["many units"].made(NativeEngine(), 2))


def demo_run(threads: int | None) -> Run:
    """Return the run of `pellucid demo`, not yet begun."""
    mnist = load_mnist()
    network = Network([784, *HIDDEN, 10], activation="relu", **NETWORK, seed=0)
    return network.start(mnist.X_train, mnist.y_train, **RECIPE, threads=threads)


def main() -> None:
    """Write the fingerprints anew."""
    run = demo_run(None)
    run.finish(progress=False)
    lines = [
        "# SHA-256 of what the jobs of recorded.py leave: parameters, slots, losses and hits, in storage order.",
        "# Only another version of the arithmetic may change a line here.",
        f"arithmetic = {ARITHMETIC}",
        "",
        "# The parameters on which `pellucid demo` ends.",
        f'demo = "{run.fingerprint}"',
        "",
        "[fingerprints]",
        *(f'"{name}" = "{recorded.made(NativeEngine(), 1)}"' for name, recorded in RECORDED.items()),
    ]
    FINGERPRINTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
