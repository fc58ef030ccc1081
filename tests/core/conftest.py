"""The table of networks that every check of gradients goes through, each with the data it is checked on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pellucid.core import (
    ACTIVATIONS,
    LOSSES,
    BinaryCrossEntropy,
    Dense,
    Dropout,
    Loss,
    Parameters,
    Poisson,
    Spec,
    Task,
    forward,
    initial_parameters,
)
from pellucid.random import Purpose, Stream

Array = NDArray[Any]

KINK = 1e-3
"""No weighted sum of these may come nearer to 0 than this, so that a small difference does not cross the kink."""

KINKED = {"relu", "leaky_relu", "elu", "selu"}

ROWS, INPUTS, SEED, STEP = 7, 4, 2019, 3

SUMMED: dict[str, Loss] = {loss.name: loss for loss in (BinaryCrossEntropy(True), Poisson(True))}

INPUT_SCALES: dict[str, dict[str, Any]] = {
    "plain": {},
    "scalar": {"input_scale": 0.25},
    "shifted": {"input_scale": [0.5, 2.0, -1.5, 0.1], "input_shift": [0.3, -0.2, 1.0, 5.0]},
    "bytes": {"input_scale": 1 / 255},
}


@dataclass(frozen=True)
class Case:
    """A network, and how its loss is to be taken."""

    hidden: str
    output: str
    loss: str
    outputs: int
    inputs: str = "plain"
    weighted: bool = False
    rate: float = 0.0
    l2: float = 0.0
    summed: bool = False

    def __str__(self) -> str:
        more = [self.inputs, "weighted" * self.weighted, "dropout" * (self.rate > 0), "l2" * (self.l2 > 0)]
        more += ["summed" * self.summed]
        return "-".join([self.hidden, self.output, self.loss, str(self.outputs), *filter(None, more)])

    @property
    def spec(self) -> Spec:
        """Two hidden layers of 5 and 3 neurons, dropout (if any) on inputs and on both."""
        drop = [Dropout(self.rate)] if self.rate else []
        layers = [INPUTS, *drop, 5, *drop, 3, *drop, Dense(self.outputs, self.output)]
        return Spec.of(
            layers,
            activation=self.hidden,
            loss=SUMMED[self.loss] if self.summed else self.loss,
            standardize_targets=False,
            dtype="float64",
            **INPUT_SCALES[self.inputs],
        )

    @property
    def penalties(self) -> dict[str, float]:
        """Both at once: their gradients add up."""
        return {"l1": 0.4 * self.l2, "l2": self.l2}

    @property
    def drop(self) -> tuple[int, int] | None:
        """Which dropout masks to use."""
        return (SEED, STEP) if self.rate else None

    def drawn(self, draw: int) -> tuple[Parameters, Array, Array, Array | None]:
        """Return random parameters, inputs, targets and weights of samples (two of them zero)."""
        random = np.random.default_rng([draw, 0])
        spec = self.spec
        parameters = initial_parameters(spec, seed=draw)
        parameters.vector += random.normal(0, 0.2, parameters.vector.shape)
        X = random.normal(size=(ROWS, INPUTS))
        if self.inputs == "bytes":
            X = random.integers(0, 256, (ROWS, INPUTS), dtype=np.uint8)
        T: Array = random.normal(size=(ROWS, self.outputs))
        if self.loss == "binary_cross_entropy":
            T = (T > 0).astype(np.float64)
        if self.loss == "poisson":
            T = random.poisson(1.5, T.shape).astype(np.float64)
        if self.loss == "cross_entropy":
            T = random.integers(0, self.outputs, ROWS)
        weights = random.uniform(0.2, 3.0, ROWS) if self.weighted else None
        if weights is not None:
            weights[[1, 4]] = 0.0
        return parameters, X, T, weights

    def away_from_kinks(self) -> tuple[Parameters, Array, Array, Array | None]:
        """Return the first draw whose weighted sums stand at least `KINK` away from 0 where there is a kink."""
        draws = (self.drawn(draw) for draw in itertools.count(1))
        return next(drawn for drawn in draws if self.nearest_kink(drawn[0], drawn[1]) >= KINK)

    def nearest_kink(self, parameters: Parameters, X: Array) -> float:
        """Return the smallest |z| of all layers with a kink, infinity where there are none."""
        spec = self.spec
        sums = forward(spec, parameters, X, self.drop).weighted_sums
        kinked = [sums[n] for n, layer in zip(spec.names, spec.dense, strict=True) if layer.activation in KINKED]
        return min((float(np.abs(Z).min()) for Z in kinked), default=np.inf)

    def masks(self) -> list[Array] | None:
        """Return the factors of each dropout layer for the batch, drawn from the documented address."""
        if not self.rate:
            return None
        factors = []
        for number, width in ((1, INPUTS), (3, 5), (5, 3)):
            stream = Stream(SEED, Purpose.DROPOUT, layer=number, step=STEP)
            words = stream.words(ROWS * width).astype(np.float64).reshape(ROWS, width)
            factors.append((words >= self.rate * 2.0**32) / (1 - self.rate))
        return factors


def output_counts(loss: type[Loss]) -> tuple[int, ...]:
    """Return how many outputs a loss is checked with."""
    return (3,) if loss.task is Task.CLASSES else (3, 6) if loss().outputs_per_target == 3 else (1, 3)


def table() -> list[Case]:
    """Return every hidden activation × loss × 1 and 3 outputs × weights × dropout × penalty, and what is beside that.

    Cross-entropy with one output is no network (a softmax of one is 1 whatever it sees; `Spec` refuses it);
    test_losses.py looks at the loss itself there. For mse, the hidden activation comes as the output's, too.
    """
    hidden, inputs = tuple(ACTIVATIONS), itertools.cycle(INPUT_SCALES)
    cases = [
        Case(name, output, loss.name, n, next(inputs), weighted, rate, l2)
        for name, loss in itertools.product(hidden, LOSSES.values())
        for output in dict.fromkeys(("identity",) if loss.owns_output else ("identity", name))
        for n in output_counts(loss)
        for weighted, rate, l2 in itertools.product((False, True), (0.0, 0.3), (0.0, 0.05))
    ]
    cases += [Case(name, "identity", "cross_entropy", 3, given) for name in hidden for given in INPUT_SCALES]
    cases += [
        Case("tanh", "identity", name, 3, next(inputs), weighted, rate, l2, summed=True)
        for name in SUMMED
        for weighted, rate, l2 in itertools.product((False, True), (0.0, 0.3), (0.0, 0.05))
    ]
    return list(dict.fromkeys(cases))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Drive a test that asks for ``case`` through the table."""
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", table(), ids=str)


@pytest.fixture
def all_cases() -> list[Case]:
    """The table itself."""
    return table()
