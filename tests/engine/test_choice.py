"""Which backend computes: the native engine where there is one, the core where it is asked for or needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from pellucid import Network
from pellucid.core import Adam, Chain, ClipNorm, Optimizer, Sgd, Spec
from pellucid.core.optimizers import Slots
from pellucid.engine import NativeEngine, ReadableCore, _choice, backend_for, default_backend, instruction_sets
from pellucid.errors import SlowEngineWarning, UnknownNameError

needs_engine = pytest.mark.skipif(not instruction_sets(), reason="there is no native engine here")


@dataclass(frozen=True)
class SignDescent(Optimizer):
    """An optimiser of a user's own."""

    name: ClassVar[str] = "sign_descent"
    learning_rate: ClassVar[float] = 0.01

    @property
    def slots(self) -> tuple[str, ...]:
        return ()

    def update(self, parameters: np.ndarray, gradient: np.ndarray, slots: Slots, rate: float, t: int) -> None:
        parameters -= rate * np.sign(gradient)


@needs_engine
def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    """PELLUCID_ENGINE names an instruction set or the core; another name is refused with those there are."""
    monkeypatch.delenv("PELLUCID_ENGINE", raising=False)
    assert f"native engine ({instruction_sets()[0]})" == default_backend().name
    for name in instruction_sets():
        monkeypatch.setenv("PELLUCID_ENGINE", name)
        assert f"native engine ({name})" == default_backend().name
    monkeypatch.setenv("PELLUCID_ENGINE", "readable")
    assert isinstance(default_backend(), ReadableCore)
    monkeypatch.setenv("PELLUCID_ENGINE", "avx3")
    with pytest.raises(UnknownNameError, match=r"PELLUCID_ENGINE.*avx3.*readable"):
        default_backend()


def test_without_an_engine_it_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core computes, and the warning says why and what to do."""
    monkeypatch.delenv("PELLUCID_ENGINE", raising=False)
    monkeypatch.setattr(_choice, "instruction_sets", list)
    _choice._say_that_it_is_slow.cache_clear()
    with pytest.warns(SlowEngineWarning, match="pellucid doctor"):
        assert isinstance(default_backend(), ReadableCore)
    assert isinstance(default_backend(), ReadableCore)  # a second warning would be an error
    _choice._say_that_it_is_slow.cache_clear()


@needs_engine
def test_an_optimiser_of_ones_own_is_the_cores() -> None:
    """The engine makes the steps it knows; the others fall to the core, and the run says so."""
    engine, spec = NativeEngine(), Spec.of([2, 8, 2])
    assert engine is backend_for(spec, engine)
    assert all(engine is backend_for(spec, engine, known) for known in (Adam(), Sgd(), Chain(ClipNorm(), Sgd(0.9))))
    assert isinstance(backend_for(spec, engine, SignDescent()), ReadableCore)
    assert isinstance(backend_for(spec, engine, Chain(ClipNorm(), SignDescent())), ReadableCore)
    X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    run = Network([2, 8, 2]).fit(X, y, epochs=3, optimizer=SignDescent())
    assert run.exactness.startswith("this machine (the readable core")
    assert "everywhere" == Network([2, 8, 2]).fit(X, y, epochs=3).exactness
