"""Outputs computed a second time: less memory, the same bits."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pellucid import Network
from pellucid.datasets import load_toy
from pellucid.engine import instruction_sets

# Prints the fingerprint, and by how many bytes the process grew: 41 outputs of 8,192 rows and 256 units are 344 MB.
PROGRAM = """
import sys
import numpy as np
from pellucid import Network
X = np.random.default_rng(0).random((8192, 16), dtype=np.float32)
net = Network([16, *[256] * 40, 2], seed=0)
y, recompute = np.arange(8192) % 2, sys.argv[1] == "yes"
run = net.start(X, y, epochs=1, batch_size=8192, recompute=recompute, threads=1)
most = lambda: 1024 * int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
before = most()
run.finish(progress=False)
print(run.fingerprint, most() - before)
"""


def test_a_run_is_the_same() -> None:
    """The run, what is branched from it and what is loaded again end on the same bits."""
    toy = load_toy("xor", n=200)
    layers, settings = [2, 9, 8, 7, 6, 5, 2], {"epochs": 3, "batch_size": 20}
    kept = Network(layers, seed=1).fit(toy.X, toy.y, **settings)
    run = Network(layers, seed=1).fit(toy.X, toy.y, **settings, recompute=True)
    branch = run.branch(11)
    branch.finish()
    assert {kept.fingerprint} == {run.fingerprint, branch.fingerprint}


@pytest.mark.skipif(not instruction_sets(), reason="the readable core keeps all outputs")
def test_it_takes_less_memory() -> None:
    """Of 41 layers' outputs room for 13 is kept: 150 MB at least are saved."""
    results = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM, wanted], capture_output=True, text=True, check=True
        ).stdout.split()
        for wanted in ("no", "yes")
    ]
    (kept, all_outputs), (computed, few_outputs) = results
    assert kept == computed
    assert int(few_outputs) < int(all_outputs) - 150_000_000
