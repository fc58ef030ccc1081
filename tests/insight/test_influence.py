"""Influence: first-order accounts agree with gradients that are made, and with what the loss really did."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from insight.replays import CASES, ROWS, Case
from pellucid.core import Adam, AdamHat, Chain, ClipNorm, Dropout, Parameters, Sgd, SgdVelocity, loss_and_gradient
from pellucid.errors import KindError, RunError, SettingError, ShapeError, UnknownNameError
from pellucid.insight._influence import Influence, influence
from pellucid.training import Timeline

X_ONE = np.array([0.3, -0.2, 0.8, 0.1, -0.5])
NAMES = ["sgd with penalties", "momentum", "adam, yes or no", "adagrad", "norm clipped", "norm clipped, frozen"]
# without changes by hand, after which the judged loss has another slope at a step's end
NEW = ["velocity", "half squares", "velocity clipped"]


def judged(timeline: Timeline) -> np.ndarray:
    """A target for the row that is judged."""
    return timeline.data.T[4]


def of_judged(timeline: Timeline, step: int) -> Parameters:
    """The gradient of the judged loss at a step."""
    parameters = Parameters(timeline.recipe.spec, timeline.state_at(step).parameters)
    target = judged(timeline)[np.newaxis]
    return loss_and_gradient(timeline.recipe.spec, parameters, X_ONE[np.newaxis], target).gradient


def by_brute_force(timeline: Timeline, steps: range, *, mean: bool = False) -> np.ndarray:
    """The scores by gradients that are made, of each row alone, in float64, by the readable core."""
    data, scores = timeline.data, np.zeros(ROWS)
    for step in steps:
        job, rows = timeline.job(step), timeline.batch(step)
        parameters = Parameters(job.spec, timeline.state_at(step).parameters)
        one = of_judged(timeline, step)
        slope = (one.vector + of_judged(timeline, step + 1).vector) / 2 if mean else one.vector
        weights = np.ones(len(rows)) if data.weights is None else data.weights[rows]
        factors = np.ones(job.spec.n_parameters)
        for part, factor in zip(one.parts, job.layer_rates, strict=bool(job.layer_rates)):
            factors[part] = factor
        factors[[] if job.held is None else job.held] = 0.0
        for place, row in enumerate(rows):
            alone = np.zeros(len(rows))
            alone[place] = 1.0
            of = loss_and_gradient(job.spec, parameters, data.X[rows], data.T[rows], alone, drop=job.dropout(step))
            product = float((factors * of.gradient.vector) @ slope)
            scores[row] += timeline.rate(step) * weights[place] / weights.sum() * product
    return scores


@pytest.mark.parametrize(
    "name", [*NAMES, *NEW, "velocity of nesterov's", "neurons frozen", "settings change", "chain of rmsprop"]
)
def test_scores_are_products_of_gradients(name: str) -> None:
    """Without a gradient being made, each score is that of gradients that are; dropout, weights and edits included."""
    timeline = CASES[name].run()
    found = influence(timeline, X_ONE, judged(timeline))
    expected = by_brute_force(timeline, range(24))
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ["sgd with penalties", "momentum", "norm clipped", "neurons frozen", *NEW])
def test_the_mean_slope_is_that_of_both_ends(name: str) -> None:
    """With slope="mean" the judged gradient is the mean of those before and after the step."""
    timeline = CASES[name].run()
    found = influence(timeline, X_ONE, judged(timeline), slope="mean")
    np.testing.assert_allclose(found.scores, by_brute_force(timeline, range(24), mean=True), rtol=1e-9, atol=1e-15)
    assert "the mean of before and after the step" in found.rule


def test_the_mean_slope_is_right_to_second_order() -> None:
    """Of plain descent, half the rate leaves a fourth of the gap, and at usual rates the sum is nearly the change."""
    gaps = []
    for rate in [0.2, 0.1, 0.05]:
        timeline = Case(Sgd(), rate).run()
        before, mean = (influence(timeline, X_ONE, judged(timeline), slope=slope) for slope in ("before", "mean"))
        gaps.append(abs(mean.predicted_change / mean.actual_change - 1))
        assert gaps[-1] < 0.1 * abs(before.predicted_change / before.actual_change - 1)
    assert gaps[2] < 1e-3
    assert gaps[2] < gaps[1] / 3


@pytest.mark.parametrize("case", [Case(Sgd()), Case(Sgd(), loss="mse", weighted=True)], ids=["classes", "values"])
def test_small_steps_of_descent_are_accounted_for(case: Case) -> None:
    """Of plain descent at a tiny rate the scores add up to what the loss did, within 1 %; half of it halves the gap."""
    gaps = []
    for rate in [2e-4, 1e-4]:
        timeline = replace(case, rate=rate).run()
        found = influence(timeline, X_ONE, judged(timeline))
        gaps.append(abs(found.predicted_change / found.actual_change - 1))
    assert gaps[1] < 0.01
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.05)


def test_the_change_is_the_losses_own() -> None:
    """The losses at the ends are those of the networks there."""
    timeline = CASES["momentum"].run()
    found = influence(timeline, X_ONE, judged(timeline))
    for step, expected in [(0, found.loss_first), (24, found.loss_last)]:
        parameters = Parameters(timeline.recipe.spec, timeline.state_at(step).parameters)
        judgement = loss_and_gradient(timeline.recipe.spec, parameters, X_ONE[np.newaxis], judged(timeline)[np.newaxis])
        assert judgement.loss == pytest.approx(expected, rel=1e-12)
    assert found.actual_change == found.loss_last - found.loss_first


def test_an_example_helps_itself() -> None:
    """A row judged by itself helped itself: each product is that of a gradient with itself."""
    timeline = Case(Sgd(), 0.1).run()
    for row in range(0, ROWS, 8):
        found = influence(timeline, timeline.data.X[row], timeline.data.T[row])
        assert found.scores[row] > 0


def test_fewer_steps_are_scaled_up() -> None:
    """Every n-th step, or some, count as many times as there are more of all; the result says so."""
    timeline = CASES["sgd"].run()
    for steps, taken in [(5, range(0, 24, 5)), ([9, 3, 3], [3, 9]), (np.arange(24), range(24)), (100, [0])]:
        found = influence(timeline, X_ONE, judged(timeline), steps=steps)
        expected = by_brute_force(timeline, taken) * 24 / len(taken)
        np.testing.assert_allclose(found.scores, expected, rtol=1e-9, atol=1e-15)
        assert list(taken) == found.steps.tolist()
        said = "over 24 steps" if len(taken) == 24 else f"over {len(taken)} of 24 steps, scaled to all"
        assert said in repr(found)


def test_rows_that_helped_and_hurt_are_sorted() -> None:
    """Those that helped come with scores above 0, the largest first; those that hurt with the lowest first."""
    timeline = CASES["adam"].run()
    found = influence(timeline, X_ONE, judged(timeline))
    helped, hurt = found.helped(100), found.hurt(100)
    assert sorted((score for _, score in helped), reverse=True) == [score for _, score in helped]
    assert sorted(score for _, score in hurt) == [score for _, score in hurt]
    assert min(score for _, score in helped) > 0 > max(score for _, score in hurt)
    assert all(found.scores[row] == score for row, score in (*helped, *hurt))
    assert found.predicted_change == pytest.approx(-sum(score for _, score in (*helped, *hurt)))


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_float32_agrees_with_float64(name: str) -> None:
    """In the usual type of number scores are those of the wider one, to its rounding."""
    wide, usual = (
        influence(timeline, X_ONE, judged(timeline))
        for timeline in (CASES[name].run("float64", epochs=2), CASES[name].run("float32", epochs=2))
    )
    np.testing.assert_allclose(usual.scores, wide.scores, rtol=0, atol=1e-4 * np.abs(wide.scores).max())


def test_the_rule_tells_what_is_left_out() -> None:
    """For plain descent nothing is left out; of any other optimiser it is told."""
    rules = {}
    for optimizer in [Sgd(), Sgd(0.5), Adam(), Chain(ClipNorm(), Sgd()), SgdVelocity(0.5), AdamHat()]:
        timeline = Case(optimizer).timeline()
        timeline.advance(2)
        rules[repr(optimizer)] = influence(timeline, X_ONE, judged(timeline)).rule
    plain, *others = rules.values()
    assert "left out" not in plain
    assert all("left out" in rule for rule in others)


def test_it_goes_as_far_as_the_run_stands() -> None:
    """A run that stands on an earlier step is judged up to there."""
    timeline = CASES["sgd"].run()
    timeline.seek(7)
    found = influence(timeline, X_ONE, judged(timeline))
    np.testing.assert_allclose(found.scores, by_brute_force(timeline, range(7)), rtol=1e-9, atol=1e-15)
    assert 7 == found.of_steps


def test_shown_as_a_table() -> None:
    """An influence shows what it looked at, both changes of the loss, and those that helped and hurt most."""
    found = Influence(
        np.array([0.5, -0.25, 0.0, 0.25]),
        np.array([0, 1, 1, 0]),
        ("cat", "dog"),
        np.arange(8),
        8,
        1.5,
        1.0625,
        "The rule.",
    )
    assert repr(found) == (
        "Influence of 4 examples on one prediction, over 8 steps\n"
        "  loss of the prediction          1.5 → 1.0625\n"
        "  its change                      −0.4375\n"
        "  its change by these scores      −0.5\n"
        "Helped most, and its share of all influence:\n"
        "  row 0       class 'cat'                +0.5     50.00%\n"
        "  row 3       class 'cat'               +0.25     25.00%\n"
        "Hurt most:\n"
        "  row 1       class 'dog'               −0.25     25.00%\n"
        "The rule."
    )


def test_what_cannot_be_judged_is_refused() -> None:
    """Rows, targets and steps that do not fit are refused with what is accepted."""
    timeline = Case(Sgd(), hidden=(Dropout(0.1), 4)).timeline()
    with pytest.raises(RunError, match="stands before its first step"):
        influence(timeline, X_ONE, 1)
    timeline.advance(5)
    with pytest.raises(ShapeError, match=r"one row of 5 numbers is accepted"):
        influence(timeline, X_ONE[:4], 1)
    with pytest.raises(ShapeError, match=r"the target of one row, shape \(1,\), is accepted"):
        influence(timeline, X_ONE, [1, 2])
    with pytest.raises(SettingError, match=r"steps must be some of 0 … 4"):
        influence(timeline, X_ONE, 1, steps=[0, 5])
    with pytest.raises(SettingError, match=r"steps must be some of 0 … 4"):
        influence(timeline, X_ONE, 1, steps=[])
    with pytest.raises(SettingError, match=r"steps must be a whole number ≥ 1"):
        influence(timeline, X_ONE, 1, steps=0)
    with pytest.raises(KindError, match=r"steps must be whole numbers, not float64"):
        influence(timeline, X_ONE, 1, steps=[0.5])
    with pytest.raises(UnknownNameError, match=r"Unknown slope 'after'\. Accepted: before, mean"):
        influence(timeline, X_ONE, 1, slope="after")
