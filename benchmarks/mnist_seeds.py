"""The demo's recipe over ten seeds: accuracy on the 10,000 test images of MNIST, and seconds of training.

    python benchmarks/mnist_seeds.py [--seeds 10]

The script fails where the median is below 97 %.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from pellucid import Network
from pellucid.cli.recipe import HIDDEN, NETWORK, RECIPE
from pellucid.datasets import load_mnist

LEAST = 0.97


def main() -> int:
    """Train once for each seed and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    seeds = parser.parse_args().seeds
    mnist = load_mnist()
    accuracies, seconds = [], []
    for seed in range(seeds):
        network = Network([784, *HIDDEN, 10], **NETWORK, seed=seed)
        begun = time.perf_counter()
        run = network.fit(mnist.X_train, mnist.y_train, **RECIPE, progress=False)
        seconds.append(time.perf_counter() - begun)
        accuracies.append(network.score(mnist.X_test, mnist.y_test))
        print(f"seed {seed}: {100 * accuracies[-1]:.2f} %  {seconds[-1]:.1f} s  {run.fingerprint[:16]}", flush=True)
    median = statistics.median(accuracies)
    print(f"median {100 * median:.2f} %, lowest {100 * min(accuracies):.2f} %; {statistics.median(seconds):.1f} s")
    return 0 if median >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
