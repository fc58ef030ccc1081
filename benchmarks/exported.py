"""One row through the exported MNIST network, in C and JavaScript, beside the native engine's own time.

    python benchmarks/exported.py                 # a minute; a quiet machine
    python benchmarks/exported.py --rounds 30

The network is the README's, 784-32-32-10, trained for one epoch; every program first proves its examples. Programs
take turns with the engine, round by round, each reading the same three images 1,000 times a round; shown are medians
over rounds, and the ratio to the engine. The engine's own time for a row is half of what a call with three rows takes
longer than a call with one: it takes so few rows one by one, and what a call from Python costs is in neither.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from machine import cpu
from pellucid import Network
from pellucid.datasets import load_mnist
from pellucid.engine import default_backend

CALLS = 1000
OURS = "three rows", "one row"

C_MAIN = r"""
#define _POSIX_C_SOURCE 199309L
#define DIGITS_SELF_TEST
#include "digits.h"
#include <stdio.h>
#include <time.h>

int main(void) {
    static float scratch[DIGITS_SCRATCH];
    float y[DIGITS_OUTPUTS];
    int sum = 0;
    struct timespec begin, end;
    if (digits_self_test(scratch)) return 1;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int k = 0; k < CALLS; ++k) sum += digits_predict(digits_example_inputs[k % 3], y, scratch);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.3f %d\n", ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / CALLS, sum);
    return 0;
}
"""

JS_MAIN = """
import { predict, selfTest } from "./digits.mjs";

if (!selfTest()) process.exit(1);
const rows = ROWS;
let sum = 0;
for (let k = 0; k < 300; ++k) sum += predict(rows[k % 3])[0]; // until it is compiled
const begin = process.hrtime.bigint();
for (let k = 0; k < CALLS; ++k) sum += predict(rows[k % 3])[0];
console.log(Number(process.hrtime.bigint() - begin) / CALLS, sum);
"""

COMPILERS = {
    "C, gcc -O3 -march=native": ["gcc", "-O3", "-march=native"],
    "C, clang -O3 -march=native": ["clang", "-O3", "-march=native"],
    "C, gcc -O2 -march=native": ["gcc", "-O2", "-march=native"],
    "C, gcc -O2 (no fused instruction)": ["gcc", "-O2"],
}


def built(folder: Path, net: Network, images: np.ndarray) -> dict[str, list[str]]:
    """By what each is called, the command that prints nanoseconds a row."""
    net.export(folder / "digits.h", data=images)
    net.export(folder / "digits.mjs", data=images)
    (folder / "main.c").write_text(C_MAIN)
    rows = str([image.tolist() for image in images])
    (folder / "main.mjs").write_text(JS_MAIN.replace("ROWS", rows).replace("CALLS", str(CALLS)))
    programs = {}
    for place, (name, command) in enumerate(COMPILERS.items()):
        if shutil.which(command[0]):
            program = str(folder / f"program_{place}")
            compiled = [*command, "-std=c99", f"-DCALLS={CALLS}", str(folder / "main.c"), "-o", program]
            subprocess.run(compiled, check=True)
            programs[name] = [program]
    if shutil.which("node"):
        programs["JavaScript, Node"] = ["node", str(folder / "main.mjs")]
    return programs


def engine_call(net: Network, images: np.ndarray) -> Callable[[], float]:
    """What measures the nanoseconds of a call with these rows."""
    rows = np.ascontiguousarray(images, dtype=np.float32)
    engine, spec, parameters = default_backend(), net.spec, net.parameters

    def once() -> float:
        begin = time.perf_counter_ns()
        for _ in range(CALLS):
            engine.use(spec, parameters, rows, shown=True)
        return (time.perf_counter_ns() - begin) / CALLS

    return once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="how often each has its turn")
    rounds = parser.parse_args().rounds
    mnist = load_mnist()
    net = Network([784, 32, 32, 10], input_scale=1 / 255, classes=list("0123456789"), seed=0)
    net.fit(mnist.X_train, mnist.y_train, epochs=1, batch_size=64, learning_rate=6e-3, progress=False)
    images = mnist.X_test[:3]
    three, one = engine_call(net, images), engine_call(net, images[:1])
    with tempfile.TemporaryDirectory() as folder:
        programs = built(Path(folder), net, images)
        times: dict[str, list[float]] = {name: [] for name in (*OURS, *programs)}
        for _ in range(rounds):
            times[OURS[0]].append(three())
            times[OURS[1]].append(one())
            for name, command in programs.items():
                told = subprocess.run(command, check=True, capture_output=True, text=True)
                times[name].append(float(told.stdout.split()[0]))
    medians = {name: statistics.median(found) for name, found in times.items()}
    engine = (medians[OURS[0]] - medians[OURS[1]]) / 2
    print(f"{cpu()}, Python {platform.python_version()}, {rounds} rounds of {CALLS:,} rows\n")
    print(f"{'the native engine, a row':<36} {engine / 1e3:8.2f} µs")
    print(f"{'… called from Python':<36} {medians[OURS[1]] / 1e3:8.2f} µs")
    for name in programs:
        print(f"{name:<36} {medians[name] / 1e3:8.2f} µs  {medians[name] / engine:6.2f} × the engine")


if __name__ == "__main__":
    main()
