"""What a page is answered are the numbers of `network` and `insight`, and the Python beside them gives the same."""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
import pytest

from explorer.sessions import HERE, KINDS, TEST_ROW, ask, evaluated, session_of
from pellucid import Breakpoint, Network, Run
from pellucid.core import Task
from pellucid.datasets import load_mnist
from pellucid.errors import RunError, SettingError, ShapeError, UnknownNameError
from pellucid.explorer._messages import Sample, Where
from pellucid.explorer._session import Session

LOOK: dict[str, Any] = {"first": 0, "count": 12, "edges": 20, "by": "weight", "pictures": 64}
CLASSES = [kind for kind in KINDS if kind in {"classes", "named", "plane", "dropout"}]


@pytest.mark.parametrize("kind", KINDS)
def test_a_look_shows_the_trace_of_its_line(kind: str) -> None:
    """Activations, δ, output, loss and fingerprint are those of the trace that its Python gives, at several steps."""
    session, names = session_of(kind)
    run = names["run"]
    for step in (0, 7, run.last_step):
        looked = ask(session, "Look", where=Where("run", step), sample=TEST_ROW, **LOOK)
        trace = evaluated(looked.python, names)
        assert (step, run.at(step).fingerprint) == (looked.step, looked.fingerprint)
        for layer in looked.layers:
            np.testing.assert_array_equal(trace[layer.name].a, layer.a)
            np.testing.assert_array_equal(trace[layer.name].delta, layer.delta)
            np.testing.assert_array_equal(trace[layer.name].biases, layer.biases)
        np.testing.assert_array_equal(np.atleast_1d(trace.shown), looked.shown)
        np.testing.assert_array_equal(trace.inputs.astype(np.float32), looked.inputs)
        assert trace.loss == looked.sample_loss
        assert looked.loss == (run.at(step).loss if step < run.last_step else None)
    assert looked.rate is None
    assert looked.truth
    assert looked.says


@pytest.mark.parametrize("by", ["weight", "contribution"])
def test_edges_are_the_largest(by: str) -> None:
    """So many as were asked for, by weight or by what they contribute, the largest first, of how many."""
    session, _ = session_of("classes")
    looked = ask(session, "Look", where=HERE, sample=TEST_ROW, **{**LOOK, "by": by, "first": 1, "count": 1})
    _, trace = session.trace(HERE, TEST_ROW)
    layer = looked.layers[1]
    W = trace["layer_2"].weights
    values = W if by == "weight" else W * trace["layer_2"].inputs
    assert (20, W.size) == (layer.edges_shown, layer.edges_all)
    assert np.sort(np.abs(values).ravel())[::-1][:20].tolist() == np.abs(layer.values).tolist()
    np.testing.assert_array_equal(values[layer.tos, layer.froms], layer.values)
    np.testing.assert_array_equal(W[layer.tos, layer.froms], layer.weights)
    assert [0, 20, 0] == [one.edges_shown for one in looked.layers]


def test_scales_hold_what_is_shown_and_stay() -> None:
    """Looking at any step of a recorded run does not move the colour scales of its weights."""
    session, names = session_of("classes")
    first = ask(session, "Look", where=Where("run", 0), sample=TEST_ROW, **LOOK)
    steps = range(0, names["run"].last_step + 1, 9)
    looks = [ask(session, "Look", where=Where("run", k), sample=TEST_ROW, **LOOK) for k in steps]
    for looked in looks[1:]:
        for one, then in zip(first.layers, looked.layers, strict=True):
            assert one.scale <= then.scale
            W = session.stand(Where("run", looked.step)).network[then.name].weights
            assert np.abs(W).max() <= then.scale
    assert len({looked.layers[0].scale for looked in looks[2:]}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_neuron_is_that_of_its_line(kind: str) -> None:
    """Formula, numbers, and the table sorted in three ways; the formula multiplies out."""
    session, names = session_of(kind)
    asked = {"where": Where("run", 9), "sample": TEST_ROW, "layer": "layer_1", "node": 2, "first": 1, "count": 3}
    orders = {"product": "products", "weight": "weights"}
    for order in ("product", "weight", "place"):
        found = ask(session, "AskNeuron", **asked, order=order)
        view = evaluated(found.python, names)
        assert all(line.multiplies_out() for line in view.formula().lines)
        assert [line.text() for line in view.formula().lines] == [line.text for line in found.formula]
        assert [float(view.z), float(view.a), float(view.slope), float(view.delta)] == [
            found.z,
            found.a,
            found.slope,
            found.delta,
        ]
        assert [float(view.bias), view.db] == [found.bias, found.db]
        ranked = list(range(len(view.weights)))
        if order in orders:
            ranked = sorted(ranked, key=lambda i: -abs(getattr(view, orders[order])[i]))
        assert ranked[1:4] == found.places.tolist()
        np.testing.assert_array_equal(view.products[found.places], found.products)
        np.testing.assert_array_equal(view.dw[found.places].astype(float), found.gradients)
    assert pytest.approx(found.dA * found.slope, abs=1e-6) == found.delta
    nearest = int(np.abs(found.curve_z - found.z).argmin())
    assert pytest.approx(found.a, abs=abs(found.curve_z[1] - found.curve_z[0])) == found.curve_a[nearest]


@pytest.mark.parametrize("of", ["step", "sample"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_receipt_is_that_of_its_line(kind: str, of: str) -> None:
    """Of the step it ends with the run's new weight; of the sample, with its gradient."""
    session, names = session_of(kind)
    where = Where("run", 9)
    for place in (1, None):
        found = ask(session, "AskReceipt", where=where, sample=TEST_ROW, layer="layer_2", node=3, input=place, of=of)
        receipt = evaluated(found.python, names)
        assert [line.text() for line in receipt.lines] == [line.text for part in found.parts for line in part.lines]
        assert all(line.multiplies_out() for line in receipt.lines)
        view = names["run"].at(10).network["layer_2"]["node_4"]
        new = float(view.bias[0] if place is None else view.weights[place])
        assert (new if of == "step" else None) == found.new
        assert (found.product is None) == (place is None)


@pytest.mark.parametrize("kind", CLASSES)
def test_why_adds_up(kind: str) -> None:
    """Bars, the others and what stands beside them add up to the difference, at every place."""
    session, names = session_of(kind)
    for place in ("input", "layer_1", "layer_2"):
        found = ask(session, "AskWhy", where=HERE, sample=TEST_ROW, this=1, rather=0, place=place, count=3)
        total = math.fsum([*found.bars.tolist(), found.others, *found.extra.tolist()])
        assert pytest.approx(found.difference, rel=1e-12, abs=1e-12) == total
        assert found.difference == found.output - found.other
        view = evaluated(found.python, names)
        assert [bar.name for bar in view.largest(3)] == found.names
        assert [place, ["input", "layer_1", "layer_2"]] == [found.place, found.views]


def test_why_of_yes_no_and_of_a_value() -> None:
    """One output alone is explained."""
    for kind in ("yes-no", "values"):
        session, _ = session_of(kind)
        found = ask(session, "AskWhy", where=HERE, sample=TEST_ROW, this=None, rather=None, place="", count=10)
        assert found.rather is None
        assert pytest.approx(found.difference) == math.fsum([*found.bars, found.others, *found.extra])


@pytest.mark.parametrize("kind", KINDS)
def test_portraits_and_samples_are_those_of_their_lines(kind: str) -> None:
    """What excites a neuron, and which rows there are."""
    session, names = session_of(kind)
    found = ask(session, "AskPortrait", where=HERE, layer="layer_2", node=1, count=4)
    portrait = evaluated(found.python, names)
    assert portrait.most.rows.tolist() == found.most.tolist()
    assert (portrait.active, portrait.ablation.without) == (found.active, found.without)
    rows = ask(session, "AskSamples", where=HERE, set="test", first=5, count=4, wrong=False)
    assert [5, 6, 7, 8] == rows.rows.tolist()
    assert 50 == rows.total
    said = evaluated(rows.python, names)
    assert len(said) == len(rows.says) == len(rows.truths) == 4
    if session.spec.loss.task is Task.CLASSES:
        assert [str(one) for one in said] == rows.says
    wrong = ask(session, "AskSamples", where=HERE, set="test", first=0, count=60, wrong=True)
    if session.spec.loss.task is not Task.VALUES:
        assert all(true != says for true, says in zip(wrong.truths, wrong.says, strict=True))
        right = names["run"].network.score(names["X_test"], names["y_test"])
        if session.spec.n_outputs == 1 or session.spec.loss.task is Task.CLASSES:
            assert pytest.approx(50 * (1 - right)) == wrong.total


def test_history_and_curves() -> None:
    """A weight at keyframes is that of those steps; curves are means, least and greatest losses of stretches."""
    session, names = session_of("classes")
    run = names["run"]
    found = ask(session, "AskHistory", where=HERE, layer="layer_1", node=0, input=2, points=50)
    assert [0, run.last_step] == [found.steps[0], found.steps[-1]]
    for step, weight, bias in zip(found.steps, found.weight, found.bias, strict=True):
        node = run.at(int(step)).network["layer_1"]["node_1"]
        assert (float(node.weights[2]), float(node.bias[0])) == (weight, bias)
    (curve,) = ask(session, "AskCurves", points=10).curves
    chunks = np.split(run.history.loss, range(4, 40, 4))
    np.testing.assert_allclose(curve.loss, [chunk.mean() for chunk in chunks], rtol=1e-12)
    assert curve.low.tolist() == [chunk.min() for chunk in chunks]
    assert curve.high.tolist() == [chunk.max() for chunk in chunks]
    assert ["loss", "accuracy"] == curve.metrics
    np.testing.assert_array_equal(np.concatenate([run.history["loss"], run.history["accuracy"]]), curve.values)


@pytest.mark.parametrize("kind", ["classes", "values", "plane"])
def test_hands(kind: str) -> None:
    """Each change is seen in the score at once, undone and redone; the Python gives the score, and the run stays."""
    session, names = session_of(kind)
    run, where = names["run"], Where("run", 9)
    before, fingerprint = ask(session, "AskHands", where=where), run.fingerprint
    changes = [("weight", 1, 0.75), ("bias", None, -2.0), ("scale", None, 3.0), ("silence", None, 0.0)]
    for count, (what, place, value) in enumerate(changes, 1):
        found = ask(session, "Hand", where=where, kind=what, layer="layer_1", node=0, input=place, value=value)
        assert count == len(found.changes)
        assert evaluated(found.python, names) == found.score
        assert before.score == found.score_before
    looked = ask(session, "Look", where=where, sample=TEST_ROW, **LOOK)
    assert (4, evaluated(looked.python, names).loss) == (looked.hands, looked.sample_loss)
    node = session.stand(where).network
    assert 0.75 == node["layer_1"]["node_1"].weights[1]
    assert not node["layer_2"].weights[:, 0].any()
    undone = [ask(session, "HandBack", where=where, do="undo").score for _ in range(4)]
    assert before.score == undone[-1]
    assert found.score == [ask(session, "HandBack", where=where, do="redo").score for _ in range(4)][-1]
    assert before.score == ask(session, "HandBack", where=where, do="drop").score
    assert fingerprint == run.fingerprint
    assert not run.edits


def test_hands_are_kept_in_a_run_that_goes_on() -> None:
    """At the last step they are recorded edits; the Python that is shown makes the same ones."""
    (session, names), (_, others) = session_of("classes", steps=20), session_of("classes", steps=20)
    ask(session, "Hand", where=HERE, kind="bias", layer="layer_1", node=0, input=None, value=0.5)
    ask(session, "Hand", where=HERE, kind="silence", layer="layer_2", node=3, input=None, value=0.0)
    kept = ask(session, "Keep", where=HERE)
    exec(kept.python, others)
    assert "run" == kept.run
    assert 0 == ask(session, "AskStatus").hands
    assert names["run"].finish().fingerprint == others["run"].finish().fingerprint
    assert names["run"].edits


def test_hands_are_kept_in_a_branch_of_the_past() -> None:
    """Elsewhere they begin a branch, and the run stays as it is."""
    session, names = session_of("classes")
    where = Where("run", 9)
    ask(session, "Hand", where=where, kind="scale", layer="layer_1", node=0, input=None, value=0.5)
    ask(session, "Hand", where=where, kind="weight", layer="layer_1", node=1, input=4, value=1.5)
    end = names["run"].fingerprint
    kept = ask(session, "Keep", where=where)
    exec(kept.python, names)
    assert "branch_1" == kept.run
    branch = session.trainer("branch_1").run
    assert names["branch_1"].finish().fingerprint == branch.finish().fingerprint != end
    assert end == names["run"].fingerprint
    assert 1.5 == branch.at(9).network["layer_1"]["node_2"].weights[4]


def test_hands_are_kept_in_a_network_alone() -> None:
    """Where there is no run, the user's own network is changed, and only then."""
    net = Network([3, 4, 2])
    session, where = Session(net), Where("network", None)
    ask(session, "Hand", where=where, kind="bias", layer="output", node=1, input=None, value=0.5)
    assert 0.0 == net["output"]["node_2"].bias
    assert None is ask(session, "AskHands", where=where).score
    ask(session, "Keep", where=where)
    assert 0.5 == net["output"]["node_2"].bias


def test_training_from_the_page() -> None:
    """Steps, a start to the end, edits of settings, epochs: all in the run's record, with the bits of a run alone."""
    session, names = session_of("dropout", steps=0)
    run = names["run"]
    alone = session_of("dropout", steps=0)[1]["run"]
    assert 3 == ask(session, "Train", run="run", do="step", steps=3, pace=0.0).runs[0].step
    settings = {"learning_rate": 0.02, "batch_size": 10, "dropout": 0.5, "epochs": 5}
    info = ask(session, "Change", run="run", **settings).runs[0]
    assert list(settings.values()) == [getattr(info, name) for name in settings]
    ask(session, "Train", run="run", do="start", steps=1, pace=0.0)
    while session.trainer("run").training:
        pass
    alone.advance(3)
    alone.edit(**settings)
    assert alone.finish().fingerprint == run.fingerprint
    info = ask(session, "AskStatus").runs[0]
    assert ("all epochs done", False, False) == (info.ended, info.training, info.can_train)
    with pytest.raises(RunError, match="has come to its end"):
        ask(session, "Train", run="run", do="start", steps=1, pace=0.0)


def test_slow_motion_is_paused_between_steps() -> None:
    """A pause does not wait for the pace, and a start at another pace goes on from there."""
    session, names = session_of("classes", steps=0)
    run = names["run"]
    ask(session, "Train", run="run", do="start", steps=1, pace=5.0)
    while run.last_step < 1:
        pass
    info = ask(session, "Train", run="run", do="pause", steps=1, pace=0.0).runs[0]
    assert (1, False) == (info.step, info.training)
    ask(session, "Train", run="run", do="start", steps=1, pace=5.0)
    ask(session, "Train", run="run", do="start", steps=1, pace=0.001)
    while session.trainer("run").training:
        pass
    assert run.done


def test_closing_leaves_the_users_own_training_alone() -> None:
    """What a page began pauses; a call of the user's own goes on to its end."""
    session, names = session_of("classes", steps=0)
    run = names["run"]
    ask(session, "Train", run="run", do="start", steps=1, pace=0.001)
    while run.last_step < 1:
        pass
    session.close()
    assert not run.advancing
    assert not run.done
    other = Session(run)
    end = run.listen(lambda event, run: other.close())
    assert run.finish(progress=False).done
    end()


@pytest.mark.parametrize("pace", [0.0, 0.0001])
def test_breakpoints(pace: float) -> None:
    """The run stops at exactly the step at which it does in Python, and says why."""
    session, names = session_of("plane", steps=0)
    asked = {"run": "run", "side": "below", "bound": 0.0, "layer": "layer_1", "node": 2, "input": 1}

    def weight(run: Run) -> float:
        return float(run.network["layer_1"]["node_3"].weights[1])

    expected, end = (session_of("plane", steps=0)[1]["run"] for _ in range(2))
    first, last = weight(expected), weight(end.finish())
    side, bound = "above" if last > first else "below", (first + last) / 2
    reason = expected.until(Breakpoint.weight("layer_1/node_3", 1, **{side: bound}))
    info = ask(session, "StopAt", **{**asked, "kind": "weight", "side": side, "bound": bound}, sample=None).runs[0]
    assert info.breakpoint.startswith(f"layer_1/node_3: its weight of input 1 {side} ")
    assert reason is not None
    ask(session, "Train", run="run", do="start", steps=1, pace=pace)
    while session.trainer("run").training:
        pass
    info = ask(session, "AskStatus").runs[0]
    assert (expected.step, reason) == (info.step, info.stopped)
    assert "" == ask(session, "StopAt", **{**asked, "kind": "none"}, sample=None).runs[0].breakpoint
    for kind in ("loss", "activation", "died", "saturated", "flips"):
        assert ask(session, "StopAt", **{**asked, "kind": kind}, sample=TEST_ROW).runs[0].breakpoint
    with pytest.raises(SettingError, match="watches a sample"):
        ask(session, "StopAt", **{**asked, "kind": "flips"}, sample=None)
    assert names["run"].last_step == expected.step


def test_branches_and_comparisons() -> None:
    """Two futures side by side, as `Run.compare` has them, with their scores."""
    session, names = session_of("classes")
    made = ask(session, "Branch", where=Where("run", 9), learning_rate=0.1, batch_size=None, dropout=None)
    exec(made.python, names)
    session.trainer(made.run).run.finish()
    names["branch_1"].finish()
    found = ask(session, "Compare", one="run", other=made.run)
    compared = evaluated(found.python, names)
    assert (compared.parted, compared.until, list(compared.because)) == (found.parted, found.until, found.because)
    assert repr(compared) == found.text
    for layer in found.layers:
        apart = compared.apart[layer.name]
        np.testing.assert_array_equal(np.sqrt((apart**2).mean(axis=1)), layer.rms)
        assert int(apart[-1].argmax()) == layer.far_node
    scores = [names[run].at(found.until).network.score(names["X_test"], names["y_test"]) for run in ("run", "branch_1")]
    assert scores == [found.score_one, found.score_other]
    info = ask(session, "AskStatus").runs[1]
    assert ("branch_1", "run", 9) == (info.name, info.parent, info.parted)


@pytest.mark.parametrize("kind", ["plane", "values of the plane"])
def test_the_plane(kind: str) -> None:
    """The grid is what the network, or a neuron, says there; the points are the data's."""
    if kind == "plane":
        session, names = session_of("plane")
    else:
        X = np.random.default_rng(0).uniform(-1, 1, (60, 2))
        run = Network([2, 4, 1], loss="mse").fit(X, X[:, 0] * 5, epochs=3)
        session, names = Session(run), {"run": run}
    from pellucid.explorer._plane import grid

    for layer, node in (("", 0), ("layer_1", 2)):
        found = ask(session, "AskBoundary", where=HERE, side=16, layer=layer, node=node)
        names["points"] = grid((found.low, found.high), 16)
        said = evaluated(found.python, names)
        if said.ndim == 2:
            np.testing.assert_array_equal(said.argmax(axis=1), found.classes)
            said = said[:, 1] - said[:, 0]
        np.testing.assert_array_equal(said.astype(np.float32), found.values)
        assert np.abs(said).max() <= found.scale
    assert (found.x1 >= found.low[0]).all()
    assert (found.x2 <= found.high[1]).all()
    looked = ask(session, "Look", where=HERE, sample=None, **LOOK)
    assert len(looked.pictures) == len(looked.picture_nodes) * looked.picture_side[0] * looked.picture_side[1] > 0


def test_a_digit_is_drawn_and_prepared() -> None:
    """A stroke becomes an image like MNIST's: 20 pixels high, its mass in the middle; a blank pad is refused."""
    mnist = load_mnist()
    session = Session(Network([784, 8, 10], input_scale=1 / 255), (mnist.X_test, mnist.y_test))
    pad = np.zeros((140, 140), np.uint8)
    pad[20:70, 100:108] = 255
    made = ask(session, "Draw", pixels=base64.b64encode(pad.tobytes()).decode(), side=140, row=None)
    image = made.x.reshape(28, 28)
    rows, columns = np.nonzero(image > 64)
    assert (20, 4, 14) == (np.ptp(rows) + 1, rows.min(), round(columns.mean()))
    again = ask(session, "Draw", pixels=base64.b64encode(pad.T.tobytes()).decode(), side=140, row=made.row)
    assert (made.row, 1) == (again.row, len(session.sets.own))
    looked = ask(session, "Look", where=Where("network", None), sample=Sample("own", made.row), **LOOK)
    assert pytest.approx(again.x / 255, abs=1e-6) == looked.inputs
    ask(session, "Draw", pixels=base64.b64encode(pad.tobytes()).decode(), side=140, row=made.row)
    looked = ask(session, "Look", where=Where("network", None), sample=Sample("own", made.row), **LOOK)
    assert pytest.approx(image.ravel() / 255, abs=1e-6) == looked.inputs
    assert "explorer.own[0]" in looked.python
    assert "" == looked.truth
    for pixels, side, what in (
        ("", 28, "holds 0"),
        ("!!", 28, "base 64"),
        (base64.b64encode(bytes(784)).decode(), 28, ""),
    ):
        with pytest.raises((ShapeError, SettingError, ValueError), match=what or "Nothing is drawn"):
            ask(session, "Draw", pixels=pixels, side=side, row=None)


def test_a_row_is_typed() -> None:
    """It is a sample like others, without a target; another width is refused."""
    session, names = session_of("plane")
    made = ask(session, "Enter", values=[0.25, -0.5])
    looked = ask(session, "Look", where=HERE, sample=Sample("own", made.row), **LOOK)
    assert "run.at(40).network.trace([0.25, -0.5])" == looked.python
    assert [0.25, -0.5] == evaluated(looked.python, names).inputs.tolist()
    assert (None, "", 0) == (looked.sample_loss, looked.truth, len(looked.layers[0].delta))
    with pytest.raises(ShapeError, match="A row has 2 inputs; 3 were given"):
        ask(session, "Enter", values=[1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("question", "fields"),
    [
        ("Look", {"where": Where("walk", None), "sample": None, **LOOK}),
        ("Look", {"where": Where("run", 10**6), "sample": None, **LOOK}),
        ("Look", {"where": HERE, "sample": Sample("test", 50), **LOOK}),
        ("Look", {"where": HERE, "sample": Sample("validation", 0), **LOOK}),
        ("Look", {"where": HERE, "sample": Sample("own", 0), **LOOK}),
        ("AskHistory", {"where": HERE, "layer": "layer_9", "node": 0, "input": None, "points": 9}),
        ("AskHistory", {"where": HERE, "layer": "layer_1", "node": 8, "input": None, "points": 9}),
        ("AskHistory", {"where": HERE, "layer": "layer_1", "node": 0, "input": 5, "points": 9}),
        ("Hand", {"where": HERE, "kind": "silence", "layer": "output", "node": 0, "input": None, "value": 0.0}),
        ("Hand", {"where": HERE, "kind": "weight", "layer": "output", "node": 0, "input": None, "value": 0.0}),
        ("Keep", {"where": HERE}),
        ("Change", {"run": "run", "learning_rate": None, "batch_size": None, "dropout": None, "epochs": None}),
        ("AskBoundary", {"where": HERE, "side": 9, "layer": "", "node": 0}),
        ("AskReceipt", {"where": HERE, "sample": None, "layer": "output", "node": 0, "input": 0, "of": "step"}),
        ("AskReceipt", {"where": HERE, "sample": None, "layer": "output", "node": 0, "input": 0, "of": "sample"}),
    ],
)
def test_what_cannot_be_answered_is_refused(question: str, fields: dict[str, Any]) -> None:
    """With an error that says why; nothing is changed."""
    session, names = session_of("classes")
    with pytest.raises((SettingError, RunError, UnknownNameError)):
        ask(session, question, **fields)
    assert 0 == ask(session, "AskStatus").hands
    assert not names["run"].edits
