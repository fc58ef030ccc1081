"""Chains: what their links do, and in which order they stand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from pellucid.core import (
    Adam,
    AdamW,
    Chain,
    ClipNorm,
    ClipValue,
    Optimizer,
    RMSprop,
    Sgd,
    WeightDecay,
    optimizer_from_json,
    optimizer_of,
)
from pellucid.errors import KindError, SettingError, UnknownNameError


def stepped(optimizer: Optimizer, gradients: np.ndarray) -> list[bytes]:
    """Return what some steps leave of parameters and slots."""
    w = np.linspace(-1, 1, gradients.shape[1])
    slots = optimizer.init(w)
    for t, gradient in enumerate(gradients, start=1):
        optimizer.update(w, optimizer.clipped(gradient), slots, 0.1, t)
    return [w.tobytes(), *(slot.tobytes() for slot in slots.values())]


GRADIENTS = np.random.default_rng(0).normal(size=(9, 5))


@pytest.mark.parametrize("rule", [Sgd(0.9), Adam(), RMSprop()], ids=str)
def test_a_chain_without_links_is_its_optimiser(rule: Optimizer) -> None:
    """So it is with a bound that nothing reaches, and a decay of 0: bit for bit."""
    expected = stepped(rule, GRADIENTS)
    for chain in (Chain(rule), Chain(ClipNorm(1e9), rule), Chain(ClipValue(1e9), rule, WeightDecay(0.0))):
        assert expected == stepped(chain, GRADIENTS)
        assert (rule.learning_rate, rule.slots) == (chain.learning_rate, chain.slots)


def test_adam_with_decay_is_adamw() -> None:
    """Wherever the decay stands."""
    expected = stepped(AdamW(0.8, 0.99, 1e-6, 0.3), GRADIENTS)
    assert expected == stepped(Chain(Adam(0.8, 0.99, 1e-6), WeightDecay(0.3)), GRADIENTS)
    assert expected == stepped(Chain(WeightDecay(0.3), Adam(0.8, 0.99, 1e-6)), GRADIENTS)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bounds(dtype: str) -> None:
    """A long gradient keeps its direction and gets the length; a short one keeps its bits; what was given stays."""
    long, short = np.array([30.0, 0.0, -40.0], dtype), np.array([0.3, 0.0, -0.4], dtype)
    before = long.tobytes()
    np.testing.assert_allclose(ClipNorm(2.0).clipped(long), [1.2, 0, -1.6], rtol=1e-6)
    assert short.tobytes() == ClipNorm(2.0).clipped(short).tobytes()
    assert [2.0, 0.0, -2.0] == ClipValue(2.0).clipped(long).tolist()
    assert short.tobytes() == ClipValue(2.0).clipped(short).tobytes()
    assert before == long.tobytes()
    assert {np.dtype(dtype)} == {clip.clipped(g).dtype for clip in (ClipNorm(), ClipValue()) for g in (long, short)}


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_stays_so(wrong: float) -> None:
    """A bound hides no divergence: something stays NaN or infinite, or the number itself is held."""
    gradient = np.array([1.0, wrong])
    assert not np.isfinite(ClipNorm(1.0).clipped(gradient)).all()
    assert [1.0, wrong if math.isnan(wrong) else 1.0] == pytest.approx(ClipValue(1.0).clipped(gradient), nan_ok=True)


CHAINS = [
    Chain(Sgd(0.9)),
    Chain(ClipNorm(0.5), Adam(0.8), WeightDecay(0.1)),
    Chain(WeightDecay(0.1), ClipValue(0.5), RMSprop()),
]


@pytest.mark.parametrize("chain", CHAINS, ids=str)
def test_a_chain_goes_to_json_and_back(chain: Chain) -> None:
    """Links, their settings and their order."""
    assert chain == optimizer_from_json(chain.to_json())
    assert len({hash(other) for other in CHAINS}) == len(CHAINS)


REFUSED: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "nothing": (Chain, SettingError, r"one optimiser, .*; nothing was given\. Give Chain\(ClipNorm\(1\.0\), Adam"),
    "no optimiser": (lambda: Chain(ClipNorm()), SettingError, r"; ClipNorm\(most=1\.0\) was given"),
    "two": (lambda: Chain(Adam(), Sgd()), SettingError, "A chain holds one optimiser"),
    "a bound behind": (lambda: Chain(Adam(), ClipNorm()), SettingError, "before it at most one ClipNorm"),
    "two bounds": (lambda: Chain(ClipNorm(), ClipValue(), Adam()), SettingError, "at most one ClipNorm or ClipValue"),
    "two decays": (lambda: Chain(WeightDecay(), Adam(), WeightDecay()), SettingError, "and at most one decay"),
    "decay twice": (lambda: Chain(AdamW(), WeightDecay()), SettingError, "AdamW decays the parameters already"),
    "a link alone": (
        lambda: optimizer_of(ClipNorm(0.5)),
        KindError,
        r"^ClipNorm\(most=0\.5\) is no optimiser, but a link of a chain\. Give Chain\(ClipNorm\(most=0\.5\), Adam",
    ),
    "a name": (lambda: Chain(ClipNorm(), "adam"), KindError, "'adam' was given"),
    "a chain": (lambda: Chain(Chain(Adam())), KindError, r"Chain\(.*\) was given"),
    "no bound": (lambda: ClipNorm(0), SettingError, "most must be a finite number above 0; 0 was given"),
    "a bound below 0": (lambda: ClipValue(-1), SettingError, "most must be a finite number above 0; -1 was given"),
    "a decay below 0": (lambda: WeightDecay(-1), SettingError, "decay must be a finite number ≥ 0; -1 was given"),
    "an unknown link": (
        lambda: optimizer_from_json({"name": "chain", "links": [{"name": "noise"}]}),
        UnknownNameError,
        "Unknown link of a chain 'noise'. Accepted: sgd, ",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_chains_that_are_none(name: str) -> None:
    """The message says what a chain is, and what was given."""
    make, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        make()
