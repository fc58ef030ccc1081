"""The doctor's confusion table: faults planted on purpose, and healthy runs, on data its thresholds were not chosen on.

    python benchmarks/planted_faults.py [--choosing] [--seed 0] [--verbose]

``--choosing`` shows the same table for the sets that the thresholds were chosen on. Every draw is seeded; the script
fails where fewer than 90 % of the faults are found, or more than 5 % of the healthy runs are taken for ill.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pellucid import Dense, Network, Run
from pellucid.core import Parameters, Sgd
from pellucid.datasets import load_mnist, load_toy
from pellucid.errors import DivergedError, ScaleWarning
from pellucid.insight import Diagnosis

LEAST_FOUND, MOST_FALSE = 0.90, 0.05


@dataclass(frozen=True)
class Set:
    """Data, and how a sensible person scales them and how long they train."""

    name: str
    X: np.ndarray
    y: np.ndarray
    scaling: dict[str, Any]
    outputs: int
    epochs: int
    small: bool = False  # so few rows, or such noise, that one stops early
    values: bool = False

    def network(self, hidden: list[Any], seed: int, **settings: Any) -> Network:
        loss = {"loss": "mse"} if self.values else {}
        return Network([self.X.shape[1], *hidden, self.outputs], **{**self.scaling, **loss, **settings}, seed=seed)

    def subset(self, rows: int, seed: int) -> Set:
        chosen = np.random.default_rng(seed).permutation(len(self.X))[:rows]
        return replace(self, X=self.X[chosen], y=self.y[chosen])


def standard(X: np.ndarray) -> dict[str, Any]:
    spread = X.std(axis=0)
    return {"input_shift": X.mean(axis=0), "input_scale": 1 / np.where(spread > 0, spread, 1)}


def toy(name: str, n: int, noise: float, epochs: int, **more: Any) -> Set:
    data = load_toy(name, n=n, noise=noise)
    return Set(name, data.X, data.y, {}, 2, epochs, **more)


def choosing_sets() -> list[Set]:
    """What thresholds were chosen on."""
    from sklearn.datasets import load_breast_cancer, load_iris, make_classification, make_friedman1

    cancer, iris = load_breast_cancer(), load_iris()
    X, y = make_classification(
        1500, 30, n_informative=12, n_classes=8, n_clusters_per_class=1, class_sep=2, random_state=0
    )
    Xf, yf = make_friedman1(800, n_features=10, noise=1.0, random_state=0)
    return [
        Set("breast_cancer", cancer.data, cancer.target, standard(cancer.data), 2, 30, small=True),
        Set("iris", iris.data, iris.target, standard(iris.data), 3, 60, small=True),
        Set("eight clusters", X, y, standard(X), 8, 20, small=True),
        Set("friedman1", Xf, yf, standard(Xf), 1, 40, small=True, values=True),
        toy("circles", 600, 0.05, 60),
        toy("moons", 600, 0.05, 60),
    ]


def judging_sets() -> list[Set]:
    """What the doctor is judged on; no threshold was chosen on them."""
    from sklearn.datasets import load_diabetes, load_digits, load_wine

    mnist, digits, wine = load_mnist(), load_digits(), load_wine()
    X, y = load_diabetes(return_X_y=True)
    return [
        Set("mnist", mnist.X_train[:4000], mnist.y_train[:4000], {"input_scale": 1 / 255}, 10, 10, small=True),
        Set("digits", digits.data, digits.target, {"input_scale": 1 / 16}, 10, 30),
        Set("wine", wine.data, wine.target, standard(wine.data), 3, 60, small=True),
        Set("diabetes", X, y, standard(X), 1, 60, small=True, values=True),
        toy("spirals", 800, 0.02, 150),
        toy("xor", 600, 0.05, 60),
    ]


def fitted(net: Network, s: Set, *, epochs: int | None = None, y: np.ndarray | None = None, **settings: Any) -> Run:
    """Return the run, diverged or not."""
    settings = {"batch_size": 32, "validation": 0.2, "threads": 1, **settings}  # small: two would wait for each other
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScaleWarning)
        try:
            return net.fit(s.X, s.y if y is None else y, epochs=epochs or s.epochs, progress=False, **settings)
        except DivergedError as error:
            return error.run


# Healthy runs

HIDDEN = [[16], [32], [64], [32, 32], [64, 32], [32, 32, 32]]
ACTIVATIONS = ["relu", "tanh", "leaky_relu", "elu", "gelu", "sigmoid", "silu", "selu", "softplus"]
RATES = [
    ("adam", 1e-3),
    ("adam", 3e-3),
    ("adamw", 1e-3),
    ("rmsprop", 1e-3),
    ("adagrad", 1e-2),
    ("sgd", 0.1),
    (Sgd(momentum=0.9), 0.01),
]


def healthy(s: Set, seed: int) -> tuple[str, Run]:
    """Return a run as a sensible person makes it, drawn by the seed."""
    draw = np.random.default_rng([seed, len(s.X), s.X.shape[1]])
    hidden = HIDDEN[draw.integers(len(HIDDEN))]
    activation = ACTIVATIONS[draw.integers(len(ACTIVATIONS))]
    optimizer, rate = RATES[draw.integers(len(RATES))]
    if s.values and rate >= 0.01 and optimizer != "adagrad":  # squared errors are steeper: a tenth for sgd
        rate /= 10
    if activation == "sigmoid":  # slow to start: with Adam, and not deep
        hidden, optimizer, rate = hidden[:1], "adam", 3e-3
    batch = int(draw.choice([16, 32, 64]))
    schedule = str(draw.choice(["constant", "constant", "linear", "cosine"]))
    more: dict[str, Any] = {"early_stopping": 8} if s.small else {}
    epochs = s.epochs * max(1, batch // 32)
    run = fitted(
        s.network(hidden, seed, activation=activation), s,
        optimizer=optimizer, learning_rate=rate, batch_size=batch, schedule=schedule, epochs=epochs, **more,
    )  # fmt: skip
    return f"{hidden} {activation} {optimizer} {rate:g} batch {batch} {schedule}", run


# Planted faults: each a function of a set and a seed


def parts(net: Network) -> Parameters:
    return Parameters(net.spec, net.parameters)


def dead_by_bias(s: Set, seed: int) -> Run:
    net = s.network([32, 32], seed)
    parts(net)["layer_1"].b[:24] = -30
    return fitted(net, s, learning_rate=2e-3)


def dead_second_layer(s: Set, seed: int) -> Run:
    net = s.network([32, 16], seed)
    parts(net)["layer_2"].b[:12] = -30
    return fitted(net, s, learning_rate=2e-3)


def dead_by_one_step(s: Set, seed: int) -> Run:
    """A rate of 30 times the usual for the first ten steps, which throws neurons far below 0."""

    net = s.network([32, 32], seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScaleWarning)
        run = net.start(s.X, s.y, epochs=s.epochs, batch_size=32, learning_rate=1.0, validation=0.2, threads=1)
    run.advance(10)
    run.edit(learning_rate=2e-3)
    run.finish(progress=False)
    return run


def saturated_weights(s: Set, seed: int) -> Run:
    net = s.network([32, 32], seed, activation="tanh")
    parts(net)["layer_1"].W[...] *= 40
    parts(net)["layer_2"].W[...] *= 40
    return fitted(net, s, learning_rate=1e-3)


def saturated_bias(s: Set, seed: int) -> Run:
    net = s.network([32], seed, activation="sigmoid")
    parts(net)["layer_1"].b[:24] = np.where(np.arange(24) % 2, 20, -20)
    return fitted(net, s, learning_rate=2e-3)


def saturated_second(s: Set, seed: int) -> Run:
    net = s.network([32, 24], seed, activation="tanh")
    parts(net)["layer_2"].W[...] *= 60
    return fitted(net, s, learning_rate=1e-3)


def twins_constant(s: Set, seed: int) -> Run:
    net = s.network([16, 16], seed, activation="tanh")
    for part in parts(net).layers():
        part.W[...], part.b[...] = 0.1, 0.0
    return fitted(net, s)


def twins_in_one_layer(s: Set, seed: int) -> Run:
    net = s.network([32, 16], seed)
    parts(net)["layer_2"].W[...] = 0.05
    parts(net)["output"].W[...] = parts(net)["output"].W[:, :1]
    return fitted(net, s)


def twins_in_pairs(s: Set, seed: int) -> Run:
    net = s.network([32], seed)
    one, out = parts(net)["layer_1"], parts(net)["output"]
    one.W[16:], one.b[16:], out.W[:, 16:] = one.W[:16], one.b[:16], out.W[:, :16]
    return fitted(net, s)


def vanishing_sigmoid(s: Set, seed: int) -> Run:
    return fitted(s.network([24] * 8, seed, activation="sigmoid"), s)


def vanishing_small(s: Set, seed: int) -> Run:
    net = s.network([24] * 6, seed, activation="tanh")
    for part in parts(net).layers()[1:]:
        part.W[...] *= 0.05
    return fitted(net, s, optimizer="sgd", learning_rate=0.05)


def exploding(s: Set, seed: int) -> Run:
    net = s.network([32] * 6, seed, activation="relu")
    for part in parts(net).layers():
        part.W[...] *= 4
    return fitted(net, s, learning_rate=1e-4)


def high_adam(s: Set, seed: int) -> Run:
    return fitted(s.network([32, 32], seed), s, learning_rate=0.5)


def high_sgd(s: Set, seed: int) -> Run:
    return fitted(s.network([32], seed, activation="tanh"), s, optimizer="sgd", learning_rate=20.0)


def high_momentum(s: Set, seed: int) -> Run:
    return fitted(s.network([64, 32], seed), s, optimizer=Sgd(momentum=0.9), learning_rate=2.0)


def low_adam(s: Set, seed: int) -> Run:
    return fitted(s.network([32, 32], seed), s, learning_rate=2e-6)


def low_sgd(s: Set, seed: int) -> Run:
    return fitted(s.network([32], seed, activation="tanh"), s, optimizer="sgd", learning_rate=2e-4)


def low_rmsprop(s: Set, seed: int) -> Run:
    return fitted(s.network([64], seed), s, optimizer="rmsprop", learning_rate=1e-6)


def unscaled_raw(s: Set, seed: int) -> Run:
    return fitted(s.network([32, 32], seed, input_scale=1.0, input_shift=0.0), s)


def unscaled_shifted(s: Set, seed: int) -> Run:
    moved = replace(s, X=s.X * np.mean(s.scaling.get("input_scale", 1.0)) + 100)
    return fitted(moved.network([32], seed, input_scale=1.0, input_shift=0.0), moved)


def unscaled_column(s: Set, seed: int) -> Run:
    """Every other column in thousandths: metres beside millimetres."""
    mixed = replace(s, X=(s.X - s.scaling.get("input_shift", 0.0)) * s.scaling.get("input_scale", 1.0))
    mixed.X[:, ::2] *= 1000
    return fitted(mixed.network([32], seed, input_scale=1.0, input_shift=0.0), mixed)


def unscaled_small(s: Set, seed: int) -> Run:
    """Scaled twice."""
    if "input_shift" in s.scaling:
        settings = {"input_scale": np.asarray(s.scaling["input_scale"]) * 0.01}
    else:
        settings = {"input_scale": s.scaling.get("input_scale", 1.0) * 0.01}
    return fitted(s.network([32], seed, **settings), s)


def noisy(share: float, **settings: Any) -> Callable[[Set, int], Run]:
    def plant(s: Set, seed: int) -> Run:
        """Other labels; of values a third as many, since outliers that are many are none."""
        draw = np.random.default_rng(seed)
        wrong = draw.permutation(len(s.y))[: round((share / 3 if s.values else share) * len(s.y))]
        y = s.y.astype(np.float64) if s.values else s.y.copy()
        if s.values:
            y[wrong] = y.mean() + draw.choice([-1, 1], len(wrong)) * y.std() * draw.uniform(6, 12, len(wrong))
        else:
            y[wrong] = (y[wrong] + draw.integers(1, s.outputs, len(wrong))) % s.outputs
        return fitted(s.network([32, 32], seed), s, y=y, learning_rate=2e-3, **settings)

    plant.__name__ = f"noisy_{share:g}"
    return plant


def overfit_few(s: Set, seed: int) -> Run:
    few = s.subset(max(40, 20 * s.outputs), seed)
    return fitted(few.network([128, 128], seed), few, epochs=400, validation=0.4, batch_size=16, learning_rate=2e-3)


def overfit_wide(s: Set, seed: int) -> Run:
    few = s.subset(300, seed)
    return fitted(few.network([256, 256], seed), few, epochs=200, validation=0.3, learning_rate=1e-3)


def overfit_tanh(s: Set, seed: int) -> Run:
    few = s.subset(200, seed)
    net = few.network([Dense(200, "tanh"), Dense(100, "tanh")], seed)
    return fitted(net, few, epochs=400, validation=0.4, batch_size=16, learning_rate=3e-3)


Way = Callable[[Set, int], Run]


def harms(way: Way, s: Set) -> bool:
    """Return whether a way is a fault on a set: points in the plane survive much, and need no scaling."""
    plane = s.X.shape[1] == 2
    return not (plane and way in {high_adam, saturated_second, unscaled_raw, overfit_few, overfit_wide, overfit_tanh})


PLANTS: dict[str, list[Way]] = {
    "dead_neurons": [dead_by_bias, dead_second_layer, dead_by_one_step],
    "saturated_neurons": [saturated_weights, saturated_bias, saturated_second],
    "twin_neurons": [twins_constant, twins_in_one_layer, twins_in_pairs],
    "vanishing_gradients": [vanishing_sigmoid, vanishing_small],
    "exploding_gradients": [exploding],
    "learning_rate_too_high": [high_adam, high_sgd, high_momentum],
    "learning_rate_too_low": [low_adam, low_sgd, low_rmsprop],
    "unscaled_inputs": [unscaled_raw, unscaled_shifted, unscaled_column, unscaled_small],
    "label_noise": [noisy(0.1), noisy(0.2), noisy(0.3)],
    "overfitting": [overfit_few, overfit_wide, overfit_tanh],
}


# The experiment


@dataclass(frozen=True)
class Case:
    """A run, what was planted in it (None: it is healthy), and what the doctor says."""

    kind: str | None
    name: str
    diagnosis: Diagnosis
    end: str


def cases(sets: list[Set], seed: int, healthy_each: int) -> list[Case]:
    """Return every way of every fault on every set that it harms, and some healthy runs on each set."""
    found = []
    for kind, ways in PLANTS.items():
        for way in ways:
            found += [case(kind, f"{way.__name__} on {s.name}", way(s, seed)) for s in sets if harms(way, s)]
    for s in sets:
        for number in range(healthy_each):
            name, run = healthy(s, 1000 * seed + number)
            found.append(case(None, f"{s.name}: {name}", run))
    return found


def case(kind: str | None, name: str, run: Run) -> Case:
    last = run.history.epochs[-1] if run.history.epochs else {}
    end = ", ".join(f"{key} {last[key]:.3g}" for key in ("loss", "val_loss", "val_accuracy") if key in last)
    return Case(kind, name, run.diagnose(), end)


def shown(all_cases: list[Case]) -> tuple[str, float, float]:
    """Return the table, the share of faults found, and that of healthy runs taken for ill."""
    lines = ["| planted | runs | found | share | found beside, in so many runs |", "|---|---:|---:|---:|---|"]
    total = hits = 0
    for kind in PLANTS:
        runs = [one for one in all_cases if one.kind == kind]
        good = sum(kind in one.diagnosis.kinds() for one in runs)
        total, hits = total + len(runs), hits + good
        lines.append(f"| {kind} | {len(runs)} | {good} | {good / len(runs):.0%} | {beside(runs, kind)} |")
    well = [one for one in all_cases if one.kind is None]
    false = sum(not one.diagnosis.healthy for one in well)
    lines.append(f"| **all** | {total} | {hits} | {hits / total:.1%} | |")
    lines.append(
        f"| nothing (healthy) | {len(well)} | {false} taken for ill | {false / len(well):.1%} | {beside(well)} |"
    )
    return "\n".join(lines), hits / total, false / len(well)


def beside(runs: list[Case], kind: str | None = None) -> str:
    counts = Counter(other for one in runs for other in one.diagnosis.kinds() if other != kind)
    return ", ".join(f"{other} {count}" for other, count in counts.most_common())


def main() -> int:
    """Print the table, and each run that was judged wrongly."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choosing", action="store_true", help="the sets that thresholds were chosen on")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--healthy", type=int, default=10, help="healthy runs for each set")
    given = parser.parse_args()
    begun = time.perf_counter()
    sets = choosing_sets() if given.choosing else judging_sets()
    done = cases(sets, given.seed, given.healthy)
    table, found, false = shown(done)
    print(f"Sets: {', '.join(s.name for s in sets)}; seed {given.seed}\n\n{table}\n")
    for one in done:
        wrong = one.kind not in one.diagnosis.kinds() if one.kind else not one.diagnosis.healthy
        if wrong:
            print(f"{'missed ' + one.kind if one.kind else 'false alarm'}: {one.name} ({one.end}); "
                  f"said {', '.join(one.diagnosis.kinds()) or 'nothing'}")  # fmt: skip
    print(f"\n{time.perf_counter() - begun:.0f} s")
    return 0 if found >= LEAST_FOUND and false <= MOST_FALSE else 1


if __name__ == "__main__":
    sys.exit(main())
