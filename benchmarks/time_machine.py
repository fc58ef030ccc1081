"""Measures the time machine on MNIST: what a seek takes and whether it is exact, what being rewindable costs.

python benchmarks/time_machine.py
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import numpy as np

from pellucid import Dropout, Network, Run
from pellucid.datasets import load_mnist
from pellucid.training.record import Record

SEEKS, ROUNDS = 200, 25

Digest = tuple[int, str]


def digest(run: Run) -> Digest:
    """Return the step, and the SHA-256 of parameters and of all that the optimiser keeps."""
    state = run._timeline.state  # noqa: SLF001 (what is measured)
    sha = hashlib.sha256(state.parameters)
    for name in sorted(state.slots):
        sha.update(state.slots[name])
    return state.step, sha.hexdigest()


def kinds(mnist: Any) -> dict[str, Callable[[], Run]]:
    """Return how each run is begun."""
    X, y = mnist.X_train, mnist.y_train
    plain = [784, 32, 32, 10]
    given = {"epochs": 6, "batch_size": 64, "schedule": "linear"}

    def begun(layers: list[Any], **more: Any) -> Run:
        return Network(layers, input_scale=1 / 255).start(X, y, **given, **more)

    return {
        "sgd": lambda: begun(plain, optimizer="sgd", learning_rate=0.1),
        "adam": lambda: begun(plain, learning_rate=6e-3),
        "dropout": lambda: begun([784, 32, Dropout(0.1), 32, Dropout(0.1), 10], learning_rate=6e-3),
    }


def seeks(begin: Callable[[], Run], count: int, random: np.random.Generator) -> None:
    """Print what random seeks take, and hold each against the way forward."""
    judge, run = begin(), begin()
    steps = np.unique(random.integers(0, run.total_steps + 1, count))
    forward: dict[int, Digest] = {}
    for step in steps.tolist():
        judge.advance(step - judge.step)
        forward[step] = digest(judge)
    run.finish(progress=False)
    taken, gap = [], run._timeline._record.gap  # noqa: SLF001
    wrong = 0
    for step in random.permutation(steps).tolist():
        begun = time.perf_counter()
        run.seek(step)
        taken.append(time.perf_counter() - begun)
        wrong += digest(run) != forward[step]
    most = max(run._timeline.seek_cost(step)[0] for step in range(run.total_steps + 1))  # noqa: SLF001
    ms = 1e3 * np.array(taken)
    print(
        f"  {len(steps)} seeks: {wrong} differ from the way forward; median {np.median(ms):.1f} ms, "
        f"95 % within {np.quantile(ms, 0.95):.1f} ms, longest {ms.max():.1f} ms; "
        f"at most {most} steps again, of a gap of {gap}"
    )


def branches(begin: Callable[[], Run], random: np.random.Generator) -> None:
    """Print how far branches without a change are from their run at the end."""
    run = begin()
    run.finish(progress=False)
    apart = 0.0
    for step in random.integers(0, run.total_steps, 5).tolist():
        branch = run.branch(step)
        branch.finish(progress=False)
        apart = max(apart, float(np.abs(branch.network.parameters - run.network.parameters).max()))
    print(f"  5 branches without a change: largest difference at the end {apart}")


def seconds(begin: Callable[[], Run]) -> float:
    run = begin()
    begun = time.perf_counter()
    run.finish(progress=False)
    return time.perf_counter() - begun


def cost(begin: Callable[[], Run]) -> None:
    """Print what keeping keyframes costs: runs with and without, in turn, as ratios of pairs."""
    ratios = []
    for number in range(ROUNDS):
        pair = {}
        for kept in (True, False) if number % 2 else (False, True):
            with mock.patch.object(Record, "gap", Record.gap if kept else 10**9):
                pair[kept] = seconds(begin)
        ratios.append(pair[True] / pair[False])
    low, middle, high = np.quantile(ratios, [0.25, 0.5, 0.75])
    print(f"  rewindable / not: {middle:.3f} (half of {ROUNDS} pairs between {low:.3f} and {high:.3f})")


def main() -> None:
    mnist, random = load_mnist(), np.random.default_rng(2019)
    for name, begin in kinds(mnist).items():
        print(name)
        seeks(begin, SEEKS // 3 + 1, random)
        branches(begin, random)
        cost(begin)
    net = Network([784, 32, 32, 10], input_scale=1 / 255)
    net.fit(mnist.X_train, mnist.y_train, epochs=1, progress=False)
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        net.portraits(mnist.X_test, mnist.y_test)
        taken.append(time.perf_counter() - begun)
    print(f"portraits of all neurons over 10,000 images: median {np.median(taken):.2f} s")


if __name__ == "__main__":
    main()
