"""The cases of inference: one row, and ten thousand; and matrix products alone."""

from __future__ import annotations

import math

import numpy as np

from contest import Contest, Result, say
from training import MNIST, SAMPLE_SECONDS
from worker import Worker

CALLS = 2_000
PEERS = ("ours", "scikit", "pytorch", "onnx_runtime", "numpy_core")

# forward, by the weights, by the inputs (not for the first layer) of 784-512-512-10 at batch 256
SHAPES = [
    *[(256, 784, 512), (256, 512, 512), (256, 512, 10)],
    *[(784, 256, 512), (512, 256, 512), (512, 256, 10)],
    *[(256, 512, 512), (256, 10, 512)],
]


def one_row(contest: Contest) -> Result:
    """The median time of a call with one row, by round."""
    workers = contest.workers(*PEERS)
    ready(workers)
    workers = contest.best(workers, lambda worker: worker("latency", calls=CALLS // 10))
    samples = contest.play(workers, lambda worker: worker("latency", calls=CALLS))
    return Result("one row through 784-32-32-10, p50", "s", samples, {"calls": CALLS})


def all_rows(contest: Contest, threads: int) -> Result:
    """The time of a call with MNIST's 10,000 test images."""
    workers = [contest.worker("ours", threads), *contest.workers("pytorch", "onnx_runtime")]
    workers = [worker for worker in workers if worker.threads == threads]
    ready(workers)
    calls = {worker: math.ceil(SAMPLE_SECONDS / worker("throughput", calls=1)) for worker in workers}
    samples = contest.play(workers, lambda worker: worker("throughput", calls=calls[worker]))
    title = f"10,000 rows through 784-32-32-10, {threads} thread{'s' if threads > 1 else ''}"
    return Result(title, "s", samples, {"rows": 10_000})


def ready(workers: list[Worker]) -> None:
    """Give every worker the same network, and see that they answer alike."""
    answers = {worker.name: worker("predict", task=MNIST) for worker in workers}
    first = next(iter(answers.values()))
    for name, answer in answers.items():
        np.testing.assert_allclose(answer, first, atol=1e-5, err_msg=f"{name} answers differently")


def products(contest: Contest) -> Result:
    """The matrix products of a step of 784-512-512-10 at batch 256, on one thread and on more."""
    workers = [contest.worker(peer, threads) for threads in contest.threads for peer in ("ours", "openblas")]
    title = "matrix products of a step, 784-512-512-10, batch 256"
    try:
        samples = contest.play(workers, lambda worker: worker("products", shapes=SHAPES, repeats=10))
    except RuntimeError as error:
        say(f"left out, {error}")
        return Result(title, "s", {})
    return Result(title, "s", samples, {"flops": sum(2 * m * k * n for m, k, n in SHAPES)})
