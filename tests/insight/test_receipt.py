"""Receipts: every printed line multiplies out, gradients are slopes, and the step shown is the step that was made."""

from __future__ import annotations

import re

import numpy as np
import pytest

from insight.arithmetic_of_text import computed, multiplies_out
from insight.random_runs import Case, drawn
from pellucid import Network, Run
from pellucid.errors import PellucidError

CASES = 500


def a_weight(case: Case) -> tuple[str, int, int | None]:
    """Return a layer, a neuron (from 1) and an input (or None, the bias), drawn by the case."""
    spec = case.network.spec
    place = int(case.random.integers(len(spec.names)))
    n_out, n_in = spec.shapes[place]
    column = int(case.random.integers(n_in + 1))
    return spec.names[place], int(case.random.integers(n_out)) + 1, None if column == n_in else column


def parameter(network: Network, layer: str, node: int, column: int | None) -> float:
    view = network[layer][f"node_{node}"]
    return float(view.bias[0] if column is None else view.weights[column])


def check_receipt(case: Case, run: Run, step: int) -> None:
    layer, node, column = a_weight(case)
    receipt = run.at(step).trace().receipt(layer, node, column)
    for line in receipt.text().splitlines():
        if " = " in line:
            assert multiplies_out(line.strip()), line
            assert rounding_is_small(line), line
    before, after = (parameter(run.at(k).network, layer, node, column) for k in (step, step + 1))
    assert (before, after) == (receipt.old, receipt.new)
    assert receipt.step == after - before
    assert after == float(np.dtype(run.recipe.spec.dtype).type(_last_number(receipt.text())))


def rounding_is_small(line: str) -> bool:
    """Return whether what is called rounding is nothing else: a thousandth of the line's largest number at most."""
    found = re.search(r"([0-9.e−+]+) \(rounding\)", line)
    if found is None:
        return True
    numbers = re.findall(r"[0-9]+\.?[0-9]*(?:e[+−][0-9]+)?", line.partition(" = ")[2])
    return float(found[1].replace("−", "-")) <= 1e-3 * max(float(one.replace("−", "-")) for one in numbers)


def _last_number(text: str) -> str:
    return text.splitlines()[-1].split(" = ")[-1].split(" (")[0].replace("−", "-")


@pytest.mark.parametrize("block", range(10))
def test_every_line_multiplies_out_and_the_step_is_the_engines(block: int) -> None:
    """Of 500 random networks, data, recipes and weights: each printed line, and the new value to the last bit."""
    for seed in range(block, CASES, 10):
        case = drawn(seed)
        run = case.run(4)
        check_receipt(case, run, int(case.random.integers(run.last_step)))


@pytest.mark.parametrize("block", range(10))
def test_gradients_are_central_differences(block: int) -> None:
    """In float64, of 500 random networks × samples: within 1e-6·max(1, |g|) of (L(w + h) − L(w − h)) / 2h."""
    for seed in range(block, CASES, 10):
        case = drawn(seed, dtype="float64", dropout=False)
        net = case.run(2).network  # as fitted: with its standardised targets
        row = int(case.random.integers(len(case.X)))
        x, y = case.X[row], np.asarray(case.y)[row]
        layer, node, column = a_weight(case)
        receipt = net.trace(x, y).receipt(layer, node, column)
        losses = []
        for h in (1e-6, -1e-6):
            near = net.copy()
            view = near[layer][f"node_{node}"]
            if column is None:
                view.bias[0] += h
            else:
                view.weights[column] += h
            losses.append(near.trace(x, y).loss)
        expected = (losses[0] - losses[1]) / 2e-6
        if case.network.spec.loss.name in {"mae", "huber", "pinball"} and abs(expected - receipt.gradient) > 1e-6:
            assert _crosses_a_kink(net, x, y)
            continue
        assert expected == pytest.approx(receipt.gradient, abs=1e-6 * max(1.0, abs(receipt.gradient)))


def _crosses_a_kink(net: Network, x: object, y: object) -> bool:
    """Return whether an output, or a weighted sum of a relu, lies so near its kink that differences reach across."""
    trace = net.trace(np.asarray(x), y)
    near = [np.abs(trace[name].z).min() for name in trace]
    return min(near) < 1e-4


def test_a_receipt_outside_a_run_ends_with_the_gradient() -> None:
    """There is no optimiser there: no step and no new value."""
    case = drawn(0)
    receipt = case.network.trace(case.X[0], np.asarray(case.y)[0]).receipt("output", "node_1", 0)
    assert (None, None) == (receipt.new, receipt.step)
    assert [heading for heading, _ in receipt.parts] == ["The loss", "The way back: δ = dL/dz", "The gradient"]


def test_a_sample_of_the_batch_can_be_chosen() -> None:
    """The loss and the way back are of that row; the gradient stays the batch's."""
    case = drawn(8)
    trace = case.run(3).at(1).trace()
    one, other = (trace.receipt("output", 1, 0, sample=i) for i in (0, trace.rows - 1))
    assert one.gradient == other.gradient
    assert one.parts[0][1].text() != other.parts[0][1].text() or trace.rows == 1
    assert computed(one.lines[-1].text().split(" = ")[1]) == pytest.approx(one.new)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("layer_9", 1, 0), "layer_9"),
        (("output", "node_99", 0), "no node 'node_99'"),
        (("output", 0, 0), "no node 0"),
        (("output", 1, 10**6), "has the inputs 0"),
        (("output", 1, "nothing"), "nothing"),
    ],
)
def test_weights_that_there_are_not(asked: tuple[str, int, int], why: str) -> None:
    """Names and numbers of layers, neurons and inputs are told when they are wrong."""
    case = drawn(1)
    with pytest.raises(PellucidError, match=why):
        case.network.trace(case.X[0], np.asarray(case.y)[0]).receipt(*asked)


def test_a_receipt_needs_a_target_and_a_row_of_the_batch() -> None:
    """Without a target there is no loss to begin with."""
    case = drawn(1)
    with pytest.raises(PellucidError, match=r"Give trace\(x, y\)"):
        case.network.trace(case.X[0]).receipt("output", 1, 0)
    with pytest.raises(PellucidError, match="sample=99"):
        case.network.trace(case.X, case.y).receipt("output", 1, 0, sample=99)
