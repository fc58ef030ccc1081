"""A ledger: every movement of a weight is accounted for, to whom it is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

from insight.replays import CASES, ROWS, Case
from pellucid.core import (
    Adam,
    AdamHat,
    Optimizer,
    Parameters,
    Sgd,
    SgdVelocity,
    Spec,
    initial_parameters,
    loss_and_gradient,
)
from pellucid.errors import KindError, RunError, SettingError, UnknownNameError
from pellucid.insight._ledger import Ledger, ledger
from pellucid.insight._shares import Gains, carried_on, reach
from pellucid.training import Timeline

every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def places(spec: Spec, count: int) -> Iterator[tuple[str, int, int | None]]:
    """Random weights, every fourth a bias."""
    random = np.random.default_rng(count)
    for number in range(count):
        layer = int(random.integers(len(spec.names)))
        n_out, n_in = spec.shapes[layer]
        yield spec.names[layer], int(random.integers(n_out)), None if number % 4 == 3 else int(random.integers(n_in))


def value(timeline: Timeline, step: int, place: tuple[str, int, int | None]) -> float:
    layer, node, of = place
    part = Parameters(timeline.recipe.spec, timeline.state_at(step).parameters)[layer]
    return float(part.b[node] if of is None else part.W[node, of])


def check_balanced(found: Ledger, close: float) -> None:
    """Fail unless what was added, but rounding, is the whole difference: in all, and step by step."""
    entries = np.column_stack([found.by_step_and_class, *(e for name, e in found.others.items() if name != "rounding")])
    whole = np.abs(entries).sum()
    assert abs(found.value_last - found.value_first - entries.sum()) <= close * whole
    totals = {name: total for name, total in found.totals.items() if name != "rounding"}
    assert abs(found.value_last - found.value_first - sum(totals.values())) <= close * whole
    by_steps = found.by_step + found.others["by hand"]
    assert np.abs(by_steps - entries.sum(axis=1)).max() <= close * whole
    assert found.by_example.sum() == pytest.approx(found.by_step_and_class.sum(), abs=1e-12 * max(whole, 1e-9))


@every_case
def test_every_movement_is_accounted_for(case: Case) -> None:
    """The value at last is that at first and what was added, within 10⁻⁹ of all movement, before any rounding."""
    timeline = case.run()
    for number, place in enumerate(places(timeline.recipe.spec, 12)):
        first, last = [(0, 24), (5, 24), (7, 20), (0, 10)][number % 4]
        found = ledger(timeline, *place, first, last)
        assert (value(timeline, first, place), value(timeline, last, place)) == (found.value_first, found.value_last)
        check_balanced(found, 1e-9)


@pytest.mark.parametrize("name", ["sgd", "momentum", "adam", "norm clipped", "velocity", "half squares"])
def test_float32_is_accounted_for_to_its_rounding(name: str) -> None:
    """In the usual type of number, what is left is rounding of that type, and the ledger says how much."""
    timeline = CASES[name].run("float32")
    for place in places(timeline.recipe.spec, 6):
        found = ledger(timeline, *place)
        check_balanced(found, 2e-5)
        rest = found.value_last - found.value_first - sum(found.totals.values())
        assert rest == pytest.approx(0, abs=1e-12)


@every_case
def test_steps_are_the_engine_s_own(case: Case) -> None:
    """By step and with changes by hand, the movements lead through the very values that the run has there."""
    timeline = case.run()
    for place in places(timeline.recipe.spec, 2):
        found = ledger(timeline, *place)
        path = found.value_first + np.cumsum(found.by_step + found.others["by hand"])
        expected = [value(timeline, step + 1, place) for step in range(24)]
        np.testing.assert_allclose(path, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    "optimizer", [Sgd(), Sgd(0.9), Sgd(0.8, nesterov=True), Adam(0.7)], ids=["sgd", "momentum", "nesterov", "adam"]
)
def test_shares_are_those_of_each_example_carried_on_by_itself(optimizer: Optimizer) -> None:
    """Each example's gradient, made by itself, with a velocity or mean of its own, moves the weight as far."""
    case = Case(optimizer, recipe={"l2": 0.05}, hidden=CASES["adamw"].hidden, weighted=True)
    timeline, place = case.run(), ("layer_2", 1, 3)
    spec, data = timeline.recipe.spec, timeline.data
    u, expected, decayed, penalty = np.zeros(ROWS), np.zeros(ROWS), 0.0, 0.0
    at = 8 * 5 + 8 + 3 * 4 + 1
    for step in range(24):
        before, after = timeline.state_at(step), timeline.state_at(step + 1)
        gradients, rows = np.zeros(ROWS), timeline.batch(step)
        parameters = Parameters(spec, before.parameters)
        for one, row in enumerate(rows):
            alone = np.zeros(len(rows))
            alone[one] = 1.0
            made = loss_and_gradient(
                spec, parameters, data.X[rows], data.T[rows], alone, drop=(timeline.recipe.seed, step)
            )
            gradients[row] = made.gradient.vector[at] * data.weights[row] / data.weights[rows].sum()
        of_penalty = 0.05 * before.parameters[at]
        rate, t = timeline.rate(step), step + 1
        if isinstance(optimizer, Adam):
            u, decayed = 0.7 * u + 0.3 * gradients, 0.7 * decayed + 0.3 * of_penalty
            root = np.sqrt(after.slots["square"][at] / (1 - 0.999**t)) + 1e-8
            expected -= rate * u / (1 - 0.7**t) / root
            penalty -= rate * decayed / (1 - 0.7**t) / root
        else:
            mu = optimizer.momentum
            u, decayed = mu * u + gradients, mu * decayed + of_penalty
            expected -= rate * (gradients + mu * u if optimizer.nesterov else u)
            penalty -= rate * (of_penalty + mu * decayed if optimizer.nesterov else decayed)
    found = ledger(timeline, *place)
    np.testing.assert_allclose(found.by_example, expected, rtol=1e-9, atol=1e-15)
    assert found.totals["l2"] == pytest.approx(penalty, rel=1e-10)
    assert found.by_class is not None
    by_class = [expected[data.T == label].sum() for label in range(3)]
    np.testing.assert_allclose(found.by_class, by_class, rtol=1e-9)


@pytest.mark.parametrize("optimizer", [SgdVelocity(0.8), SgdVelocity(0.8, nesterov=True), AdamHat(0.7, epsilon=1e-3)])
def test_shares_at_rates_that_change_and_a_penalty_by_weight(optimizer: Optimizer) -> None:
    """Each example's way, with the rate of its step in it, and that of alpha, add up to what the ledger says."""
    more = {"schedule": "cosine", "alpha": 0.5, "steps_before": 5}
    timeline, place = Case(optimizer, recipe=more, weighted=True).run(), ("layer_2", 1, 3)
    spec, data, at = timeline.recipe.spec, timeline.data, 8 * 5 + 8 + 3 * 4 + 1
    u, expected = np.zeros(ROWS + 1), np.zeros(ROWS + 1)  # the last is the penalty's
    for step in range(24):
        before, after = timeline.state_at(step), timeline.state_at(step + 1)
        gradients, rows = np.zeros(ROWS + 1), timeline.batch(step)
        total = data.weights[rows].sum()
        for one, row in enumerate(rows):
            alone = np.zeros(len(rows))
            alone[one] = 1.0
            made = loss_and_gradient(spec, Parameters(spec, before.parameters), data.X[rows], data.T[rows], alone)
            gradients[row] = made.gradient.vector[at] * data.weights[row] / total
        gradients[-1] = 0.5 / total * before.parameters[at]
        rate, t = timeline.rate(step), step + 6
        if isinstance(optimizer, SgdVelocity):
            u = 0.8 * u - rate * gradients
            expected += 0.8 * u - rate * gradients if optimizer.nesterov else u
        else:
            u = 0.7 * u + 0.3 * gradients
            root = np.sqrt(after.slots["square"][at]) + 1e-3
            expected -= rate * np.sqrt(1 - 0.999**t) / (1 - 0.7**t) * u / root
    found = ledger(timeline, *place)
    np.testing.assert_allclose(found.by_example, expected[:-1], rtol=1e-9, atol=1e-15)
    assert found.totals["l2"] == pytest.approx(expected[-1], rel=1e-10)


@pytest.mark.parametrize("optimizer", [Sgd(0.9), SgdVelocity(), SgdVelocity(0.8, nesterov=True), Adam(), AdamHat()])
def test_what_an_earlier_run_left_is_told(optimizer: Optimizer) -> None:
    """Of a run that goes on with another's velocity or means, what was kept stands in a row of its own."""
    begun = Case(optimizer).run()
    state, like = begun.state, begun.recipe
    slots = {name: slot.copy() for name, slot in state.slots.items()}
    recipe = replace(like, steps_before=24)
    timeline = Timeline(recipe, state.parameters.copy(), begun.data, begun.backend, slots=slots)
    timeline.advance()
    for place in places(like.spec, 6):
        found = ledger(timeline, *place)
        assert found.others["before"].any()
        check_balanced(found, 1e-9)


def test_penalties_of_plain_descent_are_their_slopes() -> None:
    """Without momentum the penalties move a weight by −η·l1·sign(w) and −η·l2·w in each step, a bias not at all."""
    timeline = CASES["sgd with penalties"].run()
    found, bias = ledger(timeline, "output", 2, 3), ledger(timeline, "output", 2, None)
    values = np.array([value(timeline, step, ("output", 2, 3)) for step in range(24)])
    np.testing.assert_allclose(found.others["l1"], -0.3 * 2e-3 * np.sign(values), rtol=1e-14)
    np.testing.assert_allclose(found.others["l2"], -0.3 * 0.02 * values, rtol=1e-14)
    assert {"examples", "rounding"} == {name for name, total in bias.totals.items() if total}


def test_decay_is_that_of_the_weight_itself() -> None:
    """Decay moves a weight by −η·λ·w in each step, with the layer's own rate."""
    timeline, place = CASES["norm clipped"].run(), ("layer_2", 0, 1)
    values = np.array([value(timeline, step, place) for step in range(24)])
    np.testing.assert_allclose(ledger(timeline, *place).others["decay"], -0.05 * 0.5 * 0.1 * values, rtol=1e-14)


def test_changes_by_hand_stand_in_a_row_of_their_own() -> None:
    """A change stands with the step that it followed; one at the beginning of the journey is in the first value."""
    timeline = CASES["nesterov"].run()
    changed = ledger(timeline, "layer_1", 0, 0).others["by hand"]  # place 0: changed at 11 and at the last step but one
    np.testing.assert_allclose(changed[[10, 22]], [0.125, -0.25], rtol=0, atol=1e-15)
    assert 2 == np.count_nonzero(changed)
    assert not ledger(timeline, "layer_1", 0, 0, 11, 20).others["by hand"].any()


def test_frozen_weights_stay() -> None:
    """A frozen layer moves nothing; a frozen neuron stays from its edit on, though its mean goes on."""
    layer = ledger(CASES["norm clipped, frozen"].run(), "layer_1", 3, 2)
    assert (24, 0.0) == (layer.frozen_steps, layer.value_last - layer.value_first)
    assert not any(layer.totals.values())
    timeline = CASES["neurons frozen"].run()
    neuron, other = ledger(timeline, "layer_1", 1, 2), ledger(timeline, "layer_1", 2, 2)
    assert (15, 0) == (neuron.frozen_steps, other.frozen_steps)
    assert neuron.by_step[:9].all()
    assert not neuron.by_step[9:].any()


def test_what_came_from_before_dies_out() -> None:
    """Of momentum 0.9, what was kept before step 7 moves the weight by η·v·0.9ᵏ in the k-th step from there."""
    case = Case(Sgd(0.9))
    timeline = case.run()
    found = ledger(timeline, "layer_1", 2, 1, 7)
    kept = timeline.state_at(7).slots["velocity"][1 * 8 + 2]
    np.testing.assert_allclose(found.others["before"], -0.05 * kept * 0.9 ** np.arange(1, 18), rtol=1e-12)
    assert not ledger(timeline, "layer_1", 2, 1).others["before"].any()


def test_an_own_optimizer_is_split_in_proportion() -> None:
    """Its steps are shared out as the step's gradient is made up, and the rule says so."""
    timeline = CASES["of the user's own"].run()
    found = ledger(timeline, "output", 1, 0, 3, 4)
    of_examples = found.by_example[timeline.batch(3)]
    assert found.value_last - found.value_first == pytest.approx(of_examples.sum() + found.totals["l2"], rel=1e-12)
    plain = ledger(Case(Sgd(), recipe={"l2": 0.01}).run(), "output", 1, 0, 0, 1)
    first = ledger(timeline, "output", 1, 0, 0, 1)  # the same start, so the same gradient
    np.testing.assert_allclose(
        first.by_example / first.by_step[0], plain.by_example / plain.by_step[0], rtol=1e-9, atol=1e-15
    )
    assert "signs is split in proportion" in found.rule


def test_what_an_own_optimizer_does_without_a_gradient_is_its_own() -> None:
    """A weight whose input is never on has no gradient; what moves it all the same is due to no example."""

    @dataclass(frozen=True)
    class Drift(Optimizer):
        name: ClassVar[str] = "drift"
        learning_rate: ClassVar[float] = 0.01

        @property
        def slots(self) -> tuple[str, ...]:
            return ()

        def update(self, parameters: Any, gradient: Any, slots: Any, rate: float, t: int) -> None:
            parameters -= rate * (gradient + 0.5)

    like = Case(Drift()).timeline()
    X = like.data.X.copy()
    X[:, 2] = 0.0
    start = initial_parameters(like.recipe.spec, 7).vector
    timeline = Timeline(like.recipe, start, replace(like.data, X=X), like.backend)
    timeline.advance()
    found = ledger(timeline, "layer_1", 3, 2)
    np.testing.assert_allclose(found.others["optimizer"], -0.05 * 0.5, rtol=1e-12)
    assert not found.by_example.any()
    assert "optimizer, without gradient" in repr(found)
    check_balanced(found, 1e-9)
    check_balanced(ledger(timeline, "layer_1", 3, 1), 1e-9)


def test_recurrences_agree() -> None:
    """What a gradient moves in all, found backwards, is the sum of what it moves in each step, found forwards."""
    random = np.random.default_rng(2)
    gains = [Gains(*row) for row in random.uniform(0, 1, (9, 4))]
    g, fed = random.normal(size=(9, 1)), np.zeros(9)
    for step in range(9):
        alone = np.where(np.arange(9)[:, np.newaxis] == step, g, 0.0)
        assert carried_on(gains, alone, fed).sum() == pytest.approx(reach(gains)[step] * g[step, 0])


def test_top_movers_are_sorted() -> None:
    """Movers up come before smaller ones, movers down too; none of the wrong sign is among them."""
    found = ledger(CASES["adam"].run(), "output", 0, 1)
    top = found.top(100)
    assert [*sorted((far for _, far in top.up), reverse=True)] == [far for _, far in top.up]
    assert [*sorted(far for _, far in top.down)] == [far for _, far in top.down]
    assert min(far for _, far in top.up) > 0 > max(far for _, far in top.down)
    assert ROWS == len(top.up) + len(top.down)
    assert all(found.by_example[row] == far for row, far in (*top.up, *top.down))


def test_an_empty_journey_adds_nothing() -> None:
    """From a step to itself there is nothing to tell but the value."""
    found = ledger(CASES["adam"].run(), "output", 0, 1, 5, 5)
    assert found.value_first == found.value_last
    assert not any(found.totals.values())
    assert not found.by_example.any()


def test_values_have_no_classes() -> None:
    """Where targets are no classes there is one row for all examples, and no class is named."""
    found = ledger(CASES["adagrad"].run(), "output", 0, 1)
    assert found.by_class is found.labels is None
    assert "  examples  " in repr(found)


def test_shown_as_an_account() -> None:
    """A ledger shows itself as a sum, with those that moved the weight most, and the rule."""
    shown = repr(ledger(CASES["adam, yes or no"].run(), "layer_1", 3, 0))
    lines = shown.splitlines()
    assert "Ledger of layer_1/node_4, weight of input_0, from step 0 to step 24" == lines[0]
    assert ["at step 0", "examples of 'no'", "examples of 'yes'", "changes by hand", "rounding", "at step 24"] == [
        line[2:34].strip() for line in lines[1:7]
    ]
    assert "under 1e-12" == lines[5].split("rounding")[1].strip()
    assert lines[7].startswith("Most upwards, and its share")
    assert "Most downwards:" == lines[13]
    assert lines[19].startswith("Each example's share of the gradient, w·δ·x / total, is carried on in the mean")


def test_many_classes_are_shown_in_brief() -> None:
    """The twelve classes that moved the weight most have rows of their own; the others have one together."""
    few = ledger(CASES["sgd"].run(), "layer_1", 3, 0)
    many = replace(few, by_class=np.arange(15.0) - 3, names=tuple(range(20, 35)))
    lines = [line.split() for line in repr(many).splitlines() if line.startswith("  examples")]
    assert [("20", "−3"), ("21", "−2"), ("25", "+2"), ("26", "+3")] == [(line[2], line[3]) for line in lines[:4]]
    assert ["examples", "of", "3", "other", "classes", "+0"] == lines[-1]
    assert 13 == len(lines)


def test_frozen_steps_and_names_of_inputs_are_shown() -> None:
    """Steps in which a layer was frozen are told, and an input that has a name has it in the title."""
    found = replace(ledger(CASES["settings change"].run(), "output", 1, 2), input_name="age")
    assert "output/node_2, weight of age, from" in repr(found)
    assert "  frozen in 15 of 24 steps" in repr(found)
    assert ". Then: Each example's share" not in found.rule  # the same rule before and after
    assert " Then: Each" in ledger(CASES["own, then momentum"].run(), "output", 1, 2).rule


def test_what_is_not_there_is_refused() -> None:
    """Layers, neurons, inputs and steps that there are not are refused, with those that there are."""
    timeline = CASES["sgd"].timeline()
    timeline.advance(5)
    with pytest.raises(UnknownNameError, match=r"Unknown layer 'layer_3'\. Accepted: layer_1, layer_2, output"):
        ledger(timeline, "layer_3", 0, 0)
    with pytest.raises(SettingError, match=r"The node of layer_1 must lie in 0 … 7; 8 was given"):
        ledger(timeline, "layer_1", 8, 0)
    with pytest.raises(SettingError, match=r"The input of layer_1 must lie in 0 … 4; -1 was given"):
        ledger(timeline, "layer_1", 0, -1)
    with pytest.raises(KindError, match="must be a whole number"):
        ledger(timeline, "layer_1", 0.5, 0)
    for ends in [(0, 6), (4, 3)]:
        with pytest.raises(RunError, match=r"0 ≤ first ≤ last ≤ 5 is accepted"):
            ledger(timeline, "layer_1", 0, 0, *ends)
