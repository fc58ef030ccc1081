"""A hundred steps of chains, penalties and layers' rates against PyTorch, on both backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.test_against_torch import batches, in_torch, on_one_thread
from pellucid.core import (
    Adam,
    AdamW,
    Chain,
    Clip,
    ClipNorm,
    ClipValue,
    RMSprop,
    Sgd,
    Spec,
    WeightDecay,
    initial_parameters,
)
from pellucid.engine import Backend, Job, NativeEngine, ReadableCore, State, instruction_sets

BACKENDS: list[Callable[[], Backend]] = [ReadableCore, *([NativeEngine] if instruction_sets() else [])]
CHAINS: list[tuple[Chain, str, dict[str, Any], float]] = [
    (Chain(ClipNorm(0.05), Sgd(0.9)), "SGD", {"momentum": 0.9}, 0.5),
    (Chain(ClipNorm(0.3), Adam(epsilon=1e-3), WeightDecay(0.1)), "AdamW", {"eps": 1e-3, "weight_decay": 0.1}, 0.02),
    (Chain(ClipValue(0.02), RMSprop(epsilon=1e-3)), "RMSprop", {"eps": 1e-3}, 0.003),
    (Chain(ClipValue(0.02), AdamW(epsilon=1e-3, decay=0.1)), "AdamW", {"eps": 1e-3, "weight_decay": 0.1}, 0.01),
]


def clip(torch: Any, bound: Clip | None, numbers: list[Any]) -> None:
    """Bound the gradient with PyTorch, without the 1e-6 that it adds to the norm."""
    if isinstance(bound, ClipValue):
        torch.nn.utils.clip_grad_value_(numbers, bound.most)
    elif isinstance(bound, ClipNorm):
        norm = torch.nn.utils.get_total_norm([number.grad for number in numbers])
        for number in numbers:
            number.grad *= min(1.0, bound.most / float(norm))


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("factors", [(), (0.0, 0.5, 1.0), (0.1, 1.0, 0.0)], ids=str)
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.003, 0.01)])
@pytest.mark.parametrize(("chain", "name", "settings", "rate"), CHAINS, ids=[str(chain[0]) for chain in CHAINS])
def test_a_hundred_steps_are_those_of_pytorch(
    judge: Callable[[str], Any],
    chain: Chain,
    name: str,
    settings: dict[str, Any],
    rate: float,
    l1: float,
    l2: float,
    factors: tuple[float, ...],
    backend: Callable[[], Backend],
) -> None:
    """From the same start, on the same batches, every parameter is within 1e-6 (float64); a frozen layer keeps all."""
    torch = judge("torch")
    spec = Spec.of([6, 8, 5, 3], activation="tanh", dtype="float64")
    parameters = initial_parameters(spec, seed=2019)
    start = parameters.vector.copy()
    linears, model = in_torch(torch, parameters)
    of_layers = list(zip(linears, factors or (1.0,) * 3, strict=True))
    for linear, factor in of_layers:
        linear.requires_grad_(factor > 0)
    groups = [{"params": list(linear.parameters()), "lr": rate * factor} for linear, factor in of_layers if factor]
    numbers = [number for group in groups for number in group["params"]]
    theirs = getattr(torch.optim, name)(groups, **settings)

    state, ours = State(0, parameters.vector, chain.init(parameters.vector)), backend()
    with on_one_thread(torch):
        for X, T in batches():
            theirs.zero_grad()
            loss = torch.nn.functional.cross_entropy(model(torch.from_numpy(X)), torch.from_numpy(T))
            weights = [linear.weight for linear in linears]
            loss = loss + sum(l1 * w.abs().sum() + 0.5 * l2 * (w**2).sum() for w in weights)
            loss.backward()
            clip(torch, chain.clip, numbers)
            theirs.step()

            n = len(X)
            job = Job(spec, X, T, None, chain, l2, n, 0, l1, factors)
            made = ours.train(job, state, np.arange(n), np.array([rate]), threads=2)
            assert loss.item() == pytest.approx(made.losses[0], rel=1e-6)

    for part, linear, factor in zip(parameters.layers(), linears, factors or (1.0,) * 3, strict=True):
        np.testing.assert_allclose(part.W, linear.weight.detach().numpy(), rtol=0, atol=1e-6)
        np.testing.assert_allclose(part.b, linear.bias.detach().numpy(), rtol=0, atol=1e-6)
        place = parameters.parts[linears.index(linear)]
        moved = float(np.abs(parameters.vector[place] - start[place]).max())
        assert (moved > 0.05) if factor > 0.3 else moved == 0 or factor > 0
