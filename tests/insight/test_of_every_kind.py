"""Questions to networks of every kind: own parts, one output, values, sparse rows, dropout, edits, divergence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Activation, BinaryCrossEntropy, Breakpoint, CrossEntropy, Dense, Dropout, Network, Run
from pellucid.datasets import load_toy
from pellucid.errors import DivergedError, PellucidError

TOY = load_toy("moons")
X, Y = TOY.X, TOY.y


def yes_or_no() -> Network:
    net = Network([2, 6, 1], loss="binary_cross_entropy", classes=["no", "yes"], seed=0)
    net.fit(X, np.array(["no", "yes"])[Y], epochs=2)
    return net


def test_one_yes_or_no_output_is_explained_both_ways() -> None:
    """No is yes with every sign turned round; None is what the network says; other names are refused."""
    net = yes_or_no()
    trace = net.trace(X[0])
    no, yes = trace.why("no"), trace.why("yes")
    assert (("no", None), -yes.difference) == (no.names, no.difference)
    for place, view in no.views.items():
        np.testing.assert_array_equal(-yes[place].bars, view.bars)
        assert sum(value for name, value in view.rows(99) if name != "sum") == pytest.approx(no.difference)
    said = net.predict(X[:1])[0]
    assert said == trace.why().names[0]
    assert trace.why().difference > 0
    assert trace.why("yes", rather_than="no").names[0] == "yes"
    for ask in (lambda: trace.why("banana"), lambda: trace.why("yes", rather_than="yes")):
        with pytest.raises(PellucidError):
            ask()


def test_why_of_a_value_says_what_it_is_in() -> None:
    """Targets standardised inside are told of; unknown targets are refused."""
    net = Network([2, 4, 1], loss="mse", targets=["price"], seed=0)
    net.fit(X, X[:, 0] * 100, epochs=2)
    found = net.trace(X[0]).why()
    assert "times the targets' spread, plus their mean" in repr(found)
    scale, shift = net.spec.output.scale, net.spec.output.shift
    assert net.predict(X[:1])[0] == pytest.approx(found.difference * np.ravel(scale)[0] + np.ravel(shift)[0], rel=1e-5)
    with pytest.raises(PellucidError, match="prise"):
        net.trace(X[0]).why("prise")
    with pytest.raises(PellucidError, match="must be a row of inputs"):
        net.trace(X[0]).why(baseline="mean")


def test_an_activation_of_ones_own_has_its_formula() -> None:
    """It is called by its name."""
    bent = Activation("bent", lambda Z: Z / (1 + np.abs(Z)), lambda Z, A: (1 - np.abs(A)) ** 2)
    net = Network([2, Dense(3, bent), 2], seed=1)
    assert "a = bent(" in net.trace(X[0])["layer_1"]["node_1"].formula().text()
    assert "<math" in net.trace(X[0])["layer_1"]["node_1"].mathml()


def test_the_loss_of_a_receipt_leads_to_its_slope() -> None:
    """2·(a − t) for mse, a − t for half squares, p − q where classes are smoothed, times the weight of a row."""
    net = Network([2, 4, 1], loss="mse", seed=0, standardize_targets=False)
    assert "= 2·(a − t) = 2·(" in net.trace(X[0], 1.0).receipt("output", 1, 0).text()
    halves = Network([2, 4, 2], loss="half_square", seed=0, standardize_targets=False)
    of_halves = halves.trace(X[0], [1.0, 2.0]).receipt("output", 1, 0).text()
    assert "L = 0.5·(" in of_halves
    assert "= a − t = " in of_halves
    summed = Network([2, 4, 2], loss=BinaryCrossEntropy(sum_outputs=True), seed=0).trace(X[0], [1, 0])
    assert "= p − t = " in summed.receipt("output", 1, 0).text()
    meant = Network([2, 4, 2], loss="binary_cross_entropy", seed=0).trace(X[0], [1, 0])
    assert "= (p − t) / n = " in meant.receipt("output", 1, 0).text()
    smoothed = Network([2, 6, 2], loss=CrossEntropy(0.1), seed=0).trace(X[0], Y[0]).receipt("output", 1, 0).text()
    assert "L = Σ q·(−ln p) = 0.95·" in smoothed or "L = Σ q·(−ln p) = 0.05·" in smoothed
    assert "= p − q = " in smoothed
    weights = np.full(len(X), 3.0)
    run = Network([2, 6, 2], seed=0).fit(X, Y, epochs=1, batch_size=16, sample_weight=weights)
    assert "= weight·(p − t) = 3·(" in run.at(2).trace().receipt("output", 1, 0).text()


def test_dropout_factors_are_those_of_the_step() -> None:
    """A silent relu's factor, which its activation of 0 does not tell, too."""
    run = Network([2, Dense(8), Dropout(0.5), 2], seed=0).fit(X, Y, epochs=2, batch_size=16)
    trace = run.at(3).trace()
    assert trace.factors is not None
    np.testing.assert_array_equal(trace["layer_1"].a * trace.factors["output"], trace["output"].inputs)
    delta = trace["output"].delta.astype(np.float64) @ trace["output"].weights.astype(np.float64)
    np.testing.assert_allclose(trace["layer_1"].dA, delta * trace.factors["output"], rtol=1e-5, atol=1e-7)
    assert {0.0, 2.0} == set(np.unique(trace.factors["output"]).tolist())


def test_sparse_rows_are_asked_like_others(judge: Any) -> None:
    """Trace, influence and breakpoints take a row of a sparse table."""
    sparse = judge("scipy.sparse")
    S = sparse.random(200, 50, density=0.1, format="csr", random_state=1)
    y = (np.asarray(S.sum(1)).ravel() > 2.4).astype(int)
    net = Network([50, 6, 2], seed=0)
    run = net.fit(S, y, epochs=4)
    dense = S[0].toarray()[0]
    np.testing.assert_array_equal(net.trace(dense, y[0])["layer_1"].z, net.trace(S[0], y[0])["layer_1"].z)
    np.testing.assert_array_equal(run.influence(dense, y[0]).scores, run.influence(S[0], y[0]).scores)
    assert run.when(Breakpoint.flips(dense)).tolist() == run.when(Breakpoint.flips(S[0])).tolist()
    run.when(Breakpoint.dead(S))


def test_conditions_that_ask_for_a_batch_are_not_true_at_the_end() -> None:
    """A search comes to its end; before the first epoch has ended, a metric is NaN."""
    run = Network([2, 8, 2], seed=0).fit(X, Y, epochs=2, batch_size=16)
    expected = [k for k in range(run.last_step) if 5 in run.at(k).batch]  # type: ignore[operator]
    assert expected == run.when(lambda m: 5 in m.batch).tolist()  # type: ignore[operator]
    assert run.when(lambda m: m.losses.max() > 1e9).tolist() == []
    assert run.first(lambda m: m.metrics["loss"] > 0) == run.last_step // 2
    with pytest.raises(TypeError):
        run.when(lambda m: m.step < "3")
    with pytest.raises(PellucidError, match="no prediction flips"):
        Network([2, 1], loss="mse").fit(X, X[:, 0], epochs=1).when(Breakpoint.flips(X[0]))


def test_a_branch_without_a_change_has_the_edits_that_come_after(tmp_path: Path) -> None:
    """Of settings, by hand, recorded ahead; through a file, too; with a change they are left behind."""
    run = Network([2, 8, 2], seed=0).start(X, Y, epochs=5, batch_size=20, optimizer="sgd")
    run.advance(10)
    run.edit(learning_rate=0.5)
    run.advance(5)
    run.network["layer_1"]["node_1"].weights[0] = 3.0
    run.edit(at=30, l2=0.1)
    run.finish()
    for step in (0, 5, 10, 12, 15, 20, 40):
        branch = run.branch(step)
        branch.save(tmp_path / "a.run")
        assert run.fingerprint == branch.finish().fingerprint
        assert run.fingerprint == Run.load(tmp_path / "a.run", X, Y).finish().fingerprint
    assert 1 == len(run.branch(5, l1=0.1).edits)


@pytest.mark.parametrize("rate", [100.0, 1e20])
def test_a_diverged_run_is_told_so(rate: float) -> None:
    """A lower rate that stays finite, where there is one within six powers of ten; else the divergence itself."""
    net = Network([2, 16, 16, 1], loss="mse", seed=3)
    with pytest.raises(DivergedError) as error:
        net.fit(X, Y * 1.0, epochs=20, batch_size=20, optimizer="sgd", learning_rate=rate)
    run: Any = error.value.run
    kinds = run.diagnose().kinds("serious")
    assert ("learning_rate_too_high" if rate == 100.0 else "diverged") in kinds
    if rate == 100.0:
        assert np.isfinite(run.remedied(run.diagnose().of("learning_rate_too_high")[0]).finish().history.loss).all()


def test_a_moment_is_read_only() -> None:
    """Its parameters cannot be written to, and its network is a copy."""
    moment = Network([2, 6, 2], seed=0).fit(X, Y, epochs=2).at(3)
    before = moment.fingerprint
    moment.network.fit(X, Y, epochs=1)
    assert before == moment.fingerprint
    with pytest.raises(ValueError, match="read-only"):
        moment.parameters[0] = 5


def test_the_opposite_answer_of_one_output_is_named_as_the_network_does() -> None:
    """By its name, or where the two have none by 0 and 1."""
    named, plain = yes_or_no(), Network([2, 6, 1], loss="binary_cross_entropy", seed=0)
    for net, answers in ((named, ["no", "yes"]), (plain, [0, 1])):
        said = net.predict(X[:1])[0]
        other = next(name for name in answers if name != said)
        assert other == net.trace(X[0]).counterfactual(other).best.name  # type: ignore[union-attr]
        with pytest.raises(PellucidError, match="already"):
            net.trace(X[0]).counterfactual(said)
