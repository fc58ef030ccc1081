"""The readable core computes on one BLAS thread, whatever is allowed: a number of threads would decide bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from pellucid import Network
from pellucid.core import Adam
from pellucid.engine import Job, ReadableCore, State, _readable


def blas_threads() -> list[int]:
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_every_call_computes_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Predicting, the gradient and training hold BLAS to one thread, and give back what there was."""
    before, seen = blas_threads(), set()

    def watched(name: str) -> None:
        real = getattr(_readable, name)

        def watching(*given: Any, **named: Any) -> Any:
            seen.update((name, threads) for threads in blas_threads())
            return real(*given, **named)

        monkeypatch.setattr(_readable, name, watching)

    watched("forward")
    watched("loss_and_gradient")
    net = Network([3, 4, 2])
    X, T = np.ones((6, 3), dtype=np.float32), np.array([0, 1, 0, 1, 0, 1])
    core = ReadableCore()
    core.forward(net.spec, net.parameters, X, threads=3)
    core.loss_and_gradient(net.spec, net.parameters, X, T, None, 0.0, 0.0, threads=3)
    job = Job(net.spec, X, T, None, Adam(), 0.0, 3, 0)
    core.train(job, State(0, net.parameters, Adam().init(net.parameters)), np.arange(6), np.full(2, 0.1), threads=3)
    assert {("forward", 1), ("loss_and_gradient", 1)} == seen
    assert before == blas_threads()
