"""Insight in a notebook: whole HTML that needs nothing from elsewhere, of the very numbers; and its plots."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pytest

from drawing import markup
from pellucid import Network, Run
from pellucid.drawing import figure
from pellucid.errors import RunError, SettingError, UnknownNameError
from pellucid.insight import Diagnosis, Finding, Portrait, Trace
from pellucid.insight._formula import Sum
from pellucid.insight.diagnosis._finding import Suspect

CLASSES = ['<b>&"', "in", "7"]


class Made(NamedTuple):
    X: Any
    y: Any
    run: Run
    other: Run


@cache
def made() -> Made:
    """Return a run on little images, and a branch of it."""
    random = np.random.default_rng(3)
    X = random.integers(0, 256, (90, 64), dtype=np.uint8)
    y = np.array(CLASSES)[X[:, :3].argmax(axis=1)]
    net = Network([64, 6, 5, 3], input_scale=1 / 255, classes=CLASSES, seed=1)
    run = net.fit(X, y, epochs=3, batch_size=30, l2=1e-3, progress=False)
    other = run.branch(4, biases={"layer_2/node_2": 1.0})
    other.finish(progress=False)
    return Made(X, y, run, other)


def row() -> Trace:
    return made().run.network.trace(made().X[0], made().y[0])


def batch() -> Trace:
    return made().run.at(3).trace()


def portrait(neuron: str = "layer_1/node_2") -> Portrait:
    return made().run.network.portrait(made().X, made().y, neuron)


def named() -> Trace:
    """Return the trace of a row whose inputs have names, 64 of them though they are."""
    features = [f"<f{i}>" for i in range(64)]
    net = Network([64, 2, 3], features=features, input_scale=1 / 255, classes=CLASSES)
    return net.trace(made().X[0], made().y[0])


def values() -> Trace:
    net = Network([3, 4, 2], loss="mse", targets=["<t>", "u"], standardize_targets=False)
    return net.trace([1.0, -2.0, 0.5], [1.0, 2.0])


def findings() -> Diagnosis:
    found = Finding(
        "label_noise", "serious", "<i>8</i> of 300", {"share_<x>": 0.25}, "Look & mend", {"drop_rows": [1, 2]},
        step=1200, rows=(Suspect(7, "<b>", "in", 0.5),),
    )  # fmt: skip
    return Diagnosis((found, Finding("twins", "note", "Two", {}, "Leave <them>")), 300, (1, 2))


THINGS = {
    "trace": row,
    "trace of a batch": batch,
    "trace without targets": lambda: made().run.network.trace(made().X[0]),
    "trace of values": values,
    "trace of named inputs": named,
    "layer": lambda: row()["layer_1"],
    "layer of a batch": lambda: batch()["layer_2"],
    "neuron, inputs an image": lambda: row()["layer_1"][2],
    "neuron, inputs named": lambda: named()["layer_1"][2],
    "neuron": lambda: row()["layer_2"][2],
    "neuron of a batch, inputs an image": lambda: batch()["layer_1"][2],
    "neuron of a batch": lambda: batch()["output"][2],
    "neuron without targets": lambda: made().run.network.trace(made().X[0])["output"][1],
    "formula": lambda: row()["output"][1].formula(terms=3),
    "receipt": lambda: row().receipt("layer_1", 2, 5),
    "receipt of a bias in a run": lambda: batch().receipt("layer_2", 2),
    "why": lambda: row().why(),
    "why one alone": lambda: values().why("<t>"),
    "why of a batch's row": lambda: batch().sample(3).why("in", "7"),
    "view": lambda: row().why()["layer_1"],
    "counterfactual": lambda: row().counterfactual(),
    "portrait": portrait,
    "portrait of a deeper neuron": lambda: portrait("layer_2/node_1"),
    "portrait of an output": lambda: portrait("output/node_3"),
    "ledger": lambda: made().run.ledger("layer_1", 2, 5),
    "ledger of no step": lambda: made().run.ledger("layer_1", 2, 5, last=0),
    "influence": lambda: made().run.influence(made().X[0], made().y[0]),
    "comparison": lambda: made().run.compare(made().other),
    "comparison of the same": lambda: made().run.compare(made().run),
    "diagnosis": findings,
    "diagnosis of nothing": lambda: Diagnosis((), 5),
}


def tree_of(name: str) -> markup.Node:
    return markup.read(THINGS[name]()._repr_html_())


@pytest.mark.parametrize("name", THINGS)
def test_everything_shows_itself_as_whole_html(name: str) -> None:
    """Each is one page with a title, closed and escaped, with no script and nothing from elsewhere."""
    tree = tree_of(name)
    (page,) = tree.inner
    assert isinstance(page, markup.Node)
    assert "pellucid" == page.attributes["class"]
    assert tree.all("div", class_="title")[0].text
    assert not tree.all("b")
    assert not [one for one in tree.within() if one.tag.startswith("f") and one.tag not in {"figure", "figcaption"}]
    assert "0x" not in tree.text  # the address of something that does not tell itself


def test_hostile_names_come_out_as_they_are() -> None:
    for name in ("trace", "why", "portrait", "ledger", "influence", "counterfactual", "neuron, inputs named"):
        text = tree_of(name).text
        assert '<b>&"' in text or "<f" in text, name


def test_images_are_the_rows_and_the_weights() -> None:
    """Inputs are the row's own greys; opacity is how large a weight is beside the largest, blue that it is below 0."""
    neuron = row()["layer_1"][1 + int(np.abs(row()["layer_1"].delta).argmax())]
    images = markup.read(neuron._repr_html_()).all("img")
    assert ["inputs x", "weights w", "products w·x", "gradient dL/dw"] == [
        one.attributes["alt"].partition(",")[0] for one in images
    ]
    X = made().X[0].astype(np.float64)
    greys = np.rint(255 * (X - X.min()) / (X.max() - X.min()))
    np.testing.assert_allclose(markup.pixels(images[0]).ravel(), greys, atol=1)
    for drawn, numbers in zip(images[1:], (neuron.weights, neuron.products, neuron.dw), strict=True):
        pixels = markup.pixels(drawn)
        cell = len(pixels) // 8
        opacity = pixels[..., 3].reshape(8, cell, 8, cell).max(axis=(1, 3)).ravel()
        np.testing.assert_allclose(opacity / 255, np.abs(numbers) / np.abs(numbers).max(), atol=1 / 64 + 1 / 255)
        blue = pixels[::cell, ::cell, 2].ravel() > pixels[::cell, ::cell, 0].ravel()
        np.testing.assert_array_equal(numbers < 0, blue)


def test_inputs_with_names_are_no_image() -> None:
    for name in ("neuron, inputs named", "neuron", "trace of named inputs"):
        assert not tree_of(name).all("img")


@pytest.mark.parametrize("name", ["why", "why one alone", "view", "ledger", "ledger of no step", "neuron"])
def test_bars_add_up_as_they_are_shown(name: str) -> None:
    """Each sum is that of its rows to the last digit shown, and of rounding it has no more than digits not shown."""
    tables = [one for one in tree_of(name).all("table") if one.all("tr", class_="sum")]
    assert tables
    assert all(map(markup.adds_up, tables))
    assert all(map(markup.rounds_little, tables))


@pytest.mark.parametrize("name", ["why", "why one alone", "why of a batch's row"])
def test_an_answer_shows_its_own_numbers(name: str) -> None:
    why = THINGS[name]()
    tree = markup.read(why._repr_html_())
    summed = [one for one in tree.all("table") if one.all("tr", class_="sum")]
    assert len(why.views) == len(summed)
    for table, view in zip(summed, reversed(why.views.values()), strict=True):
        shown = {cells[0]: float(markup.number(cells[-1])) for cells in markup.rows(table)}
        largest = view.largest(3)
        assert {bar.name: pytest.approx(bar.contribution, rel=1e-3, abs=1e-5) for bar in largest} == {
            bar.name: shown[bar.name] for bar in largest
        }
        assert shown["sum"] == pytest.approx(why.difference, rel=1e-4)


def test_an_answer_shows_the_inputs_and_what_they_contribute() -> None:
    why = row().why()
    inputs, contributions = tree_of("why").all("img")
    assert (8, 8) == markup.pixels(inputs).shape
    np.testing.assert_allclose(why.inputs, made().X[0] / 255, rtol=1e-6)
    assert "contributions" in contributions.attributes["alt"]


def test_formulas_say_what_their_text_says() -> None:
    """Every line is there as MathML, whose numbers are those of its text in the same order, and as its label."""
    for formula in (row()["output"][1].formula(), *(part for _, part in batch().receipt("layer_1", 2, 5).parts)):
        lines = markup.read(formula._repr_html_()).all("div", role="math")
        assert [one.text() for one in formula.lines] == [one.attributes["aria-label"] for one in lines]
        for drawn, one in zip(lines, formula.lines, strict=True):
            assert (len(one.expression.terms) if isinstance(one.expression, Sum) else 1) <= len(drawn.all("math"))
            shown = drawn.text.replace("\xa0", "").replace(" ", "")
            whole = markup.read(one.mathml()).text.replace("\xa0", "").replace(" ", "")
            assert whole == shown


def test_a_receipt_shows_the_weight_before_and_after() -> None:
    receipt = batch().receipt("layer_1", 2, 5)
    cells = dict(markup.rows(markup.read(receipt._repr_html_()).all("table")[0]))
    assert (figure(receipt.old), figure(receipt.new)) == (cells["before the step"], cells["after the step"])
    assert figure(receipt.gradient) == cells["gradient"]


def test_a_trace_shows_what_came_out() -> None:
    trace = row()
    shown = {cells[0]: cells[-1] for cells in markup.rows(tree_of("trace").all("table")[0])}
    assert {name: figure(p) for name, p in zip(CLASSES, trace.shown, strict=True)} == shown
    assert f"loss {figure(trace.loss)}, of class {made().y[0]}" in tree_of("trace").text


def test_a_layer_shows_each_neuron() -> None:
    layer = row()["layer_1"]
    rows = markup.rows(tree_of("layer").all("table")[0])
    for j, (name, *numbers) in enumerate(rows):
        assert f"node_{j + 1}" == name
        expected = [layer.biases[j], layer.z[j], layer.a[j], layer.slope[j], layer.delta[j]]
        assert [figure(float(number)) for number in expected] == numbers
    assert 6 == len(rows) == len(tree_of("layer").all("img"))


def test_a_batch_shows_means() -> None:
    layer = batch()["layer_2"]
    rows = markup.rows(tree_of("layer of a batch").all("table")[0])
    expected = layer.delta.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose([float(markup.number(cells[-1])) for cells in rows], expected, rtol=1e-5)


def test_a_portrait_shows_the_rows_themselves() -> None:
    """Its images are the weights, and the rows that excite it most and least, with their activations beneath."""
    one = portrait()
    tree = markup.read(one._repr_html_())
    rows = [*one.most.rows.tolist(), *one.least.rows.tolist()]
    a = [*one.most.activations.tolist(), *one.least.activations.tolist()]
    figures = tree.all("figure")[1:]
    assert [f"row {i}: {figure(x, 4)}" for i, x in zip(rows, a, strict=True)] == [each.text for each in figures]
    for i, each in zip(rows, figures, strict=True):
        X = made().X[i].astype(np.float64)
        expected = np.rint(255 * (X - X.min()) / (X.max() - X.min()))
        np.testing.assert_array_equal(expected, markup.pixels(each.all("img")[0]).ravel())
    assert np.count_nonzero(one.counts) == len(tree.all("rect"))
    silenced = markup.rows(tree.all("table")[-1])
    assert one.ablation is not None
    assert ["all rows", *map(figure, (one.ablation.whole, one.ablation.without))] == silenced[0][:3]
    assert CLASSES == [cells[0] for cells in silenced[1:]]


def test_a_counterfactual_shows_every_layers_change() -> None:
    found = row().counterfactual()
    assert found is not None
    assert found.best is not None
    first, *others = markup.rows(tree_of("counterfactual").all("table")[0])
    best = found.best
    assert [f"{best.layer}/node_{best.node}", figure(best.before), figure(best.after)] == first[:3]
    layers = {name for name, each in found.layers.items() if each.smallest is not None}
    assert layers == {cells[0].partition("/")[0] for cells in (first, *others)}


def test_a_ledgers_line_ends_where_the_weight_does() -> None:
    """The curve has a point for each step, the first and the last at the weight's values: by the scale of all."""
    ledger = made().run.ledger("layer_1", 2, 5)
    line = tree_of("ledger").all("polyline")[0]
    drawn = np.array([pair.split(",") for pair in line.attributes["points"].split()], dtype=np.float64)
    weights = [made().run.at(k).network["layer_1"]["node_2"].weights[5] for k in range(ledger.last + 1)]
    slope, begin = np.polyfit(weights, drawn[:, 1], 1)
    np.testing.assert_allclose(drawn[:, 1], slope * np.array(weights) + begin, atol=0.1)


def test_influence_shows_who_helped_and_who_hurt() -> None:
    influence = made().run.influence(made().X[0], made().y[0])
    _, *bars = tree_of("influence").all("table")
    shown = [(cells[0].partition(",")[0], cells[-1].strip("▲▼ ")) for table in bars for cells in markup.rows(table)]
    expected = [*influence.helped(), *influence.hurt()]
    assert [(f"row {i}", figure(score, signed=True)) for i, score in expected] == shown


def test_a_comparison_shows_where_runs_part() -> None:
    tree, comparison = tree_of("comparison"), made().run.compare(made().other)
    assert f"Two runs that part at step {comparison.parted}" == tree.all("div", class_="title")[0].text
    rows = markup.rows(tree.all("table")[0])
    assert list(comparison.apart) == [cells[0] for cells in rows]
    assert [figure(float(apart[-1].max())) for apart in comparison.apart.values()] == [cells[-1] for cells in rows]
    assert "same, bit by bit" in tree_of("comparison of the same").text


def test_a_diagnosis_shows_evidence_and_remedy() -> None:
    text = tree_of("diagnosis").text
    for told in ("✖ serious: label noise, from step 1,200", "<i>8</i> of 300", "share <x>", "0.25", "Look & mend"):
        assert told in text
    assert "drop_rows=[1, 2]" == tree_of("diagnosis").all("code")[0].text
    assert [["row 7", "<b>", "in", "0.5"]] == markup.rows(tree_of("diagnosis").all("table")[1])
    assert "Nothing was found, on 5 rows." in tree_of("diagnosis of nothing").text


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_shown_as_what_they_are(bad: float) -> None:
    net = Network([64, 4, 3, 2])
    net["layer_1"]["node_2"].weights[3] = bad
    trace = net.trace(np.linspace(0.1, 1, 64), 1)
    for part in (trace, trace["layer_1"], trace["layer_1"][2], trace["layer_2"], trace["layer_2"][1]):
        tree = markup.read(part._repr_html_())
        assert "NaN" in tree.text or "∞" in tree.text


# Plots


@pytest.fixture
def ax() -> Any:
    yield plt.subplots()[1]
    plt.close("all")


def test_a_neurons_point_lies_on_its_curve(ax: Any) -> None:
    neuron = row()["layer_2"][2]
    assert neuron.plot(ax) is ax
    curve, point = ax.get_lines()
    assert (float(neuron.z), float(neuron.a)) == tuple(point.get_xydata()[0])
    z, a = curve.get_xydata().T
    np.testing.assert_array_equal(np.maximum(z, 0), a)
    assert z[0] < float(neuron.z) < z[-1]
    with pytest.raises(SettingError, match=r"sample\(0\)"):
        batch()["layer_2"][2].plot(ax)


def test_plotted_bars_of_an_answer_add_up(ax: Any) -> None:
    why = row().why()
    why.plot(ax)
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(why.difference, abs=1e-12)
    assert "rounding" in [one.get_text() for one in ax.get_yticklabels()]
    with pytest.raises(UnknownNameError):
        why.plot(ax, place="layer_9")


def test_a_plotted_portrait_has_all_rows(ax: Any) -> None:
    one = portrait()
    one.plot(ax)
    assert [*one.counts.ravel().tolist()] == [bar.get_height() for bar in ax.patches]
    assert 90 == sum(bar.get_height() for bar in ax.patches)


def test_a_plotted_ledger_is_the_weight(ax: Any) -> None:
    ledger = made().run.ledger("output", 1)
    ledger.plot(ax)
    weights = [made().run.at(k).network["output"]["node_1"].bias for k in range(ledger.last + 1)]
    np.testing.assert_allclose(ax.get_lines()[0].get_ydata(), np.ravel(weights), atol=1e-12)


def test_a_plotted_comparison_is_what_is_apart(ax: Any) -> None:
    comparison = made().run.compare(made().other)
    comparison.plot(ax)
    drawn = {line.get_label(): line.get_ydata() for line in ax.get_lines()}
    assert list(comparison.apart) == list(drawn)
    for name, apart in comparison.apart.items():
        np.testing.assert_allclose(drawn[name], np.sqrt((apart**2).mean(axis=1)))
    with pytest.raises(RunError, match="nothing apart"):
        made().run.compare(made().run).plot(ax)
