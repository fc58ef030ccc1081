"""The gradient is that of the loss: compared with central differences of the loss, parameter by parameter."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from core.conftest import output_counts
from pellucid.core import ACTIVATIONS, LOSSES, Parameters, loss_and_gradient

# The error of a central difference is about h²·|L‴|/6 + ε·|L|/h: with h = 1e-5 both are near 1e-10.
STEP = 1e-5
TOLERANCE = 1e-6


def test_the_gradient_is_that_of_the_loss(case: Any) -> None:
    """Each component differs from the central difference by at most 1e-6·max(1, its size)."""
    spec = case.spec
    parameters, X, T, weights = case.away_from_kinks()
    assert case.nearest_kink(parameters, X) >= 1e-3, "a weighted sum stands too near a kink"

    at, scratch = Parameters(spec), Parameters(spec)

    def loss(vector: np.ndarray) -> float:
        at.vector[:] = vector
        return loss_and_gradient(spec, at, X, T, weights, **case.penalties, drop=case.drop, out=scratch).loss

    numeric = np.empty_like(parameters.vector)
    for place in range(parameters.vector.size):
        above, below = parameters.vector.copy(), parameters.vector.copy()
        above[place] += STEP
        below[place] -= STEP
        numeric[place] = (loss(above) - loss(below)) / (above[place] - below[place])
    analytic = loss_and_gradient(spec, parameters, X, T, weights, **case.penalties, drop=case.drop).gradient.vector

    worst = float((np.abs(numeric - analytic) / np.maximum(1, np.abs(analytic))).max())
    assert worst <= TOLERANCE


def test_the_table_holds_what_it_promises(all_cases: list[Any]) -> None:
    """Every activation meets every loss, output count, weighting, dropout and penalty, and every input scaling."""
    heads = {(loss.name, n) for loss in LOSSES.values() for n in output_counts(loss)}
    promised = {
        (hidden, *head, weighted, rate, l2)
        for hidden, head, weighted, rate, l2 in itertools.product(
            ACTIVATIONS, heads, (False, True), (0.0, 0.3), (0.0, 0.05)
        )
    }
    held = {(case.hidden, case.loss, case.outputs, case.weighted, case.rate, case.l2) for case in all_cases}
    assert promised == held
    scalings = {(case.hidden, case.inputs) for case in all_cases}
    assert set(itertools.product(ACTIVATIONS, ("plain", "scalar", "shifted", "bytes"))) == scalings
    free = {(case.loss, case.output) for case in all_cases if not LOSSES[case.loss].owns_output}
    assert {(loss.name, name) for loss in LOSSES.values() if not loss.owns_output for name in ACTIVATIONS} == free


def test_rows_of_weight_zero_have_no_part(all_cases: list[Any]) -> None:
    """Leaving them out gives the same loss and gradient (where no dropout mask moves with the rows)."""
    for case in (case for case in all_cases if case.weighted and not case.rate):
        parameters, X, T, weights = case.away_from_kinks()
        kept = weights > 0
        assert 2 == np.count_nonzero(~kept)
        every = loss_and_gradient(case.spec, parameters, X, T, weights, **case.penalties)
        some = loss_and_gradient(case.spec, parameters, X[kept], T[kept], weights[kept], **case.penalties)
        assert some.loss == pytest.approx(every.loss, rel=1e-12)
        np.testing.assert_allclose(
            every.gradient.vector, some.gradient.vector, rtol=1e-10, atol=1e-14, err_msg=str(case)
        )


def test_equal_weights_are_no_weights(all_cases: list[Any]) -> None:
    """Weights that are all 2.5 change neither loss nor gradient beyond rounding."""
    for case in (case for case in all_cases if case.weighted):
        parameters, X, T, _ = case.away_from_kinks()
        expected = loss_and_gradient(case.spec, parameters, X, T, **case.penalties, drop=case.drop)
        actual = loss_and_gradient(case.spec, parameters, X, T, np.full(len(X), 2.5), **case.penalties, drop=case.drop)
        assert expected.loss == pytest.approx(actual.loss, rel=1e-12)
        np.testing.assert_allclose(actual.gradient.vector, expected.gradient.vector, rtol=1e-10, atol=1e-14)


def test_the_gradient_goes_where_it_is_asked_to(all_cases: list[Any]) -> None:
    """Given ``out``, the same bits overwrite what was there."""
    for case in all_cases[::7]:
        parameters, X, T, weights = case.away_from_kinks()
        settings = {**case.penalties, "drop": case.drop}
        expected = loss_and_gradient(case.spec, parameters, X, T, weights, **settings)
        out = Parameters(case.spec, np.full_like(parameters.vector, 7.0))
        actual = loss_and_gradient(case.spec, parameters, X, T, weights, out=out, **settings)
        assert actual.gradient is out
        assert expected.gradient.vector.tobytes() == out.vector.tobytes()
