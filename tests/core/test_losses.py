"""Losses: their values against SciPy, their outputs, and what holds for every member of the family."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special

from pellucid.core import (
    LOSSES,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Huber,
    Loss,
    Pinball,
    Poisson,
    Spec,
    Task,
    loss_of,
    right,
    softmax,
)
from pellucid.errors import KindError, SettingError, UnknownNameError

ROWS = 40
LOGITS = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.floats(-1e6, 1e6))


def targets(loss: Loss, outputs: int) -> np.ndarray:
    random = np.random.default_rng(outputs)
    if loss.task is Task.CLASSES:
        return random.integers(0, outputs, ROWS)
    if loss.counts:
        return random.poisson(2.0, (ROWS, outputs)).astype(np.float64)
    values = random.normal(size=(ROWS, outputs))
    return (values > 0).astype(np.float64) if loss.task is Task.YES_NO else values


def by_scipy(name: str, A: np.ndarray, T: np.ndarray) -> np.ndarray:
    if name == "cross_entropy":
        return -special.log_softmax(A, axis=1)[np.arange(len(A)), T]
    if name == "binary_cross_entropy":
        return -(T * special.log_expit(A) + (1 - T) * special.log_expit(-A)).mean(axis=1)
    if name == "half_square":
        return special.huber(np.inf, A - T).sum(axis=1)  # which is ½·d² as far as δ
    if name == "mae":
        return np.abs(A - T).mean(axis=1)
    if name == "huber":
        return special.huber(1.0, A - T).mean(axis=1)
    if name == "pinball":
        above = np.resize([0.1, 0.5, 0.9], A.shape[1])
        return np.maximum(above * (T - A), (above - 1) * (T - A)).mean(axis=1)
    if name == "poisson":
        Z = A.astype(np.longdouble)  # whose exp does not overflow here
        with np.errstate(over="ignore"):
            return (np.exp(Z) - T * Z - T + special.xlogy(T, T)).mean(axis=1).astype(np.float64)
    return np.mean(np.square(A - T), axis=1)


def exp(A: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore", under="ignore"):
        return np.exp(A)


OUTPUTS = {
    "cross_entropy": lambda A: special.softmax(A, axis=1),
    "binary_cross_entropy": special.expit,
    "poisson": exp,
}


@pytest.mark.parametrize("spread", [0.1, 3.0, 30.0, 700.0])
@pytest.mark.parametrize("outputs", [1, 2, 3, 10])
@pytest.mark.parametrize("name", LOSSES)
def test_values_agree_with_scipy(name: str, outputs: int, spread: float) -> None:
    """The loss of every sample, and the output shown, are SciPy's to 1e-13."""
    loss = loss_of(name)
    A = np.random.default_rng(outputs).normal(0, spread, (ROWS, outputs))
    T = targets(loss, outputs)
    L, back = loss.function(A, T)
    assert (ROWS,) == L.shape
    assert A.shape == back().shape
    np.testing.assert_allclose(L, by_scipy(name, A, T), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(loss.output(A), OUTPUTS.get(name, lambda A: A)(A), rtol=1e-13, atol=1e-300)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_owns_its_output_names_it(name: str) -> None:
    """By the name that exports and other libraries' models know it by; no other loss has one."""
    expected = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid", "poisson": "exp"}.get(name)
    assert (expected, expected is not None) == (loss_of(name).output_name, loss_of(name).owns_output)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", LOSSES)
def test_losses_keep_the_type_and_their_arguments(name: str, dtype: str) -> None:
    """Loss, gradient and output are of the type that came in; outputs and targets are not changed."""
    loss = loss_of(name)
    A = np.random.default_rng(0).normal(size=(ROWS, 3)).astype(dtype)
    T = targets(loss, 3)
    T = T if loss.task is Task.CLASSES else T.astype(dtype)
    before = A.tobytes(), T.tobytes()
    L, back = loss.function(A, T)
    assert [dtype] * 3 == [L.dtype, back().dtype, loss.output(A).dtype]
    assert back().tobytes() == back().tobytes()
    assert before == (A.tobytes(), T.tobytes())


@settings(deadline=None)
@given(Z=LOGITS)
def test_rows_of_softmax_add_up_to_one(Z: np.ndarray) -> None:
    """Whatever the logits, the probabilities lie in 0 … 1, add up to 1, and the greatest logit has the greatest."""
    P = softmax(Z)
    assert ((P >= 0) & (P <= 1)).all()
    np.testing.assert_allclose(P.sum(axis=1), 1.0, rtol=1e-15 * Z.shape[1])
    assert (P[np.arange(len(P)), Z.argmax(axis=1)] == P.max(axis=1)).all()


@settings(deadline=None)
@given(Z=LOGITS, shift=st.floats(-1e3, 1e3))
def test_softmax_sees_differences_alone(Z: np.ndarray, shift: float) -> None:
    """The same number added to every logit of a row changes nothing beyond the rounding of that sum."""
    np.testing.assert_allclose(softmax(Z + shift), softmax(Z), rtol=1e-9, atol=1e-300)


@settings(deadline=None, max_examples=50)
@given(Z=LOGITS, draw=st.data())
def test_losses_are_never_negative(Z: np.ndarray, draw: st.DataObject) -> None:
    """No logits and targets give a loss below 0."""
    seed = draw.draw(st.integers(0, 99))
    random = np.random.default_rng(seed)
    for loss in map(loss_of, LOSSES):
        T: Any = random.integers(0, Z.shape[1], len(Z))
        if loss.task is not Task.CLASSES:
            T = random.integers(0, 2, Z.shape).astype(np.float64)
        assert (loss.function(Z, T)[0] >= 0).all()


def test_a_binary_loss_near_zero_keeps_its_digits() -> None:
    """ln(1 + e⁻⁴⁰) is e⁻⁴⁰ to the last digits, not 0."""
    L, _ = loss_of("binary_cross_entropy").function(np.array([[40.0]]), np.array([[1.0]]))
    assert np.exp(-40.0) == pytest.approx(L[0], rel=1e-15)


def test_cross_entropy_of_one_class_is_zero_and_so_is_its_gradient() -> None:
    """A softmax of one output is 1 whatever its logit, so there is nothing to learn: L = 0, dL/dz = 0.

    That is why `Spec` refuses such a network, and why the table of gradients leaves it out.
    """
    Z = np.array([[-3.0], [0.0], [250.0]])
    L, back = loss_of("cross_entropy").function(Z, np.zeros(3, dtype=np.int64))
    assert [0.0] * 3 == L.tolist()
    assert [[0.0]] * 3 == back().tolist()
    assert [[1.0]] * 3 == softmax(Z).tolist()
    with pytest.raises(SettingError, match=r"needs an output for each of at least 2 classes; 1 was given\. For yes or"):
        Spec.of([4, Dense(1)], loss="cross_entropy")


def test_worked_values() -> None:
    """By hand: ln 2 where nothing is known; (1 + 4)/2 and 2·(a − t)/2 for mse; (1 + 4 + 0)/2 and a − t for halves."""
    L, back = loss_of("cross_entropy").function(np.zeros((1, 2)), np.array([1]))
    assert (np.log(2), [[0.5, -0.5]]) == (L[0], back().tolist())
    L, back = loss_of("binary_cross_entropy").function(np.zeros((1, 2)), np.array([[1.0, 0.0]]))
    assert (np.log(2), [[-0.25, 0.25]]) == (L[0], back().tolist())
    L, back = loss_of("mse").function(np.array([[3.0, 5.0]]), np.array([[2.0, 7.0]]))
    assert (2.5, [[1.0, -2.0]]) == (L[0], back().tolist())
    L, back = loss_of("half_square").function(np.array([[3.0, 5.0, 2.0]]), np.array([[2.0, 7.0, 2.0]]))
    assert (2.5, [[1.0, -2.0, 0.0]]) == (L[0], back().tolist())


@pytest.mark.parametrize("spread", [0.1, 30.0, 700.0])
@pytest.mark.parametrize("smoothing", [0.01, 0.1, 0.9])
def test_a_smoothed_class_is_a_mixture(smoothing: float, spread: float) -> None:
    """Loss and slope are those of the mixed targets q = (1 − ε)·[j = t] + ε/n, written out."""
    A = np.random.default_rng(3).normal(0, spread, (ROWS, 4))
    T = targets(CrossEntropy(), 4)
    q = (1 - smoothing) * np.eye(4)[T] + smoothing / 4
    L, back = CrossEntropy(smoothing).function(A, T)
    np.testing.assert_allclose(L, -(q * special.log_softmax(A, axis=1)).sum(axis=1), rtol=1e-13)
    np.testing.assert_allclose(back(), special.softmax(A, axis=1) - q, rtol=0, atol=1e-15)


@pytest.mark.parametrize("delta", [0.01, 0.5, 3.0])
def test_huber_has_its_delta(delta: float) -> None:
    """It is SciPy's, and its slope is the difference, held within ±δ."""
    A = np.random.default_rng(3).normal(0, 2, (ROWS, 4))
    L, back = Huber(delta).function(A, np.zeros_like(A))
    np.testing.assert_allclose(L, special.huber(delta, A).mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(back(), np.clip(A, -delta, delta) / 4, rtol=1e-15)


@pytest.mark.parametrize(
    "loss",
    [
        *(loss_of(name) for name in LOSSES),
        CrossEntropy(0.25),
        Huber(0.3),
        Pinball([0.25, 0.5, 0.75]),
        BinaryCrossEntropy(sum_outputs=True),
        Poisson(sum_outputs=True),
    ],
    ids=str,
)
def test_a_spec_gives_its_loss_back(loss: Loss) -> None:
    """Through JSON, with its settings; usual ones are left out, so that a name alone is read as it always was."""
    spec = Spec.of([2, 3], loss=loss)
    assert Spec.from_json(spec.to_json()) == spec
    assert loss == spec.loss
    assert (f'"loss": "{loss.name}"' in spec.to_json()) == (loss == LOSSES[loss.name]())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CrossEntropy(1.0), r"smoothing must be a number ≥ 0 and < 1; 1\.0 was given"),
        (lambda: Huber(10**400), r"delta must be a finite number above 0"),
        (lambda: Huber(1e-50), r"delta must be a finite number above 0, at least 1e-30; 1e-50 was given"),
        (lambda: Pinball(1.0), r"quantiles must be rising numbers between 0 and 1; 1\.0 was given\. Give \(0\.1,"),
        (lambda: Pinball((0.5, 0.1)), r"quantiles must be rising numbers between 0 and 1; \(0\.5, 0\.1\) was given"),
        (lambda: Pinball(()), r"quantiles must be rising"),
        (lambda: Pinball("half"), r"quantiles must be rising"),
        (lambda: Spec.of([2, 4], loss="pinball"), r"needs 3 outputs for each target; 4 were given\. Give the output"),
        (lambda: Spec.of([2, 1], loss="poisson", standardize_targets=True), r"other than counts, not to 'poisson'"),
        (lambda: Huber(0), r"delta must be a finite number above 0, at least 1e-30; 0 was given"),
    ],
)
def test_settings_outside_their_range_are_refused(make: Any, message: str) -> None:
    """The message says what is accepted."""
    with pytest.raises(SettingError, match=message):
        make()


@pytest.mark.parametrize("kind", [BinaryCrossEntropy, Poisson])
@pytest.mark.parametrize("wrong", [1, "yes", None])
def test_whether_outputs_are_summed_is_yes_or_no(kind: Any, wrong: object) -> None:
    """Anything but True and False is refused; NumPy's are taken as Python's."""
    with pytest.raises(KindError, match=f"sum_outputs must be True or False, not {type(wrong).__name__}"):
        kind(sum_outputs=wrong)
    assert kind(True) == kind(np.bool_(True))
    assert '"sum_outputs": true' in json.dumps(kind(np.bool_(True)).to_json())


@pytest.mark.parametrize("outputs", [1, 2, 5])
@pytest.mark.parametrize("kind", [BinaryCrossEntropy, Poisson])
def test_a_sum_over_outputs_is_as_many_times_their_mean(kind: Any, outputs: int) -> None:
    """Loss and slope; what is shown does not change."""
    mean, summed = kind(), kind(sum_outputs=True)
    A = np.random.default_rng(outputs).normal(0, 2, (ROWS, outputs))
    T = targets(mean, outputs)
    (L, back), (of_mean, back_of_mean) = summed.function(A, T), mean.function(A, T)
    np.testing.assert_allclose(L, of_mean * outputs, rtol=1e-14)
    np.testing.assert_allclose(back(), back_of_mean() * outputs, rtol=1e-14)
    np.testing.assert_array_equal(summed.output(A), mean.output(A))
    assert (True, False) == (summed.summed, mean.summed)


def test_which_losses_are_sums() -> None:
    """Half squares always are; others where they are told to be."""
    assert {"half_square"} == {name for name in LOSSES if loss_of(name).summed}


def test_right_tells_which_predictions_are_right() -> None:
    """Classes: the greatest logit is the label's; yes-no: every logit is on its target's side of 0."""
    A = np.array([[0.1, 0.2, 0.0], [5.0, 1.0, 2.0]])
    assert [True, False] == right(A, np.array([1, 2])).tolist()
    T = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    assert [True, False, True] == right(np.array([[1.0, -1.0], [1.0, 1.0], [-1.0, 0.0]]), T).tolist()


@pytest.mark.parametrize("given", ["crossentropy", ["mse"], None, 3])
def test_an_unknown_loss_is_refused(given: object) -> None:
    """The message names those there are."""
    with pytest.raises(
        UnknownNameError, match=r"Accepted: cross_entropy, binary_cross_entropy, mse, half_square, mae, huber, pinball,"
    ):
        loss_of(given)
