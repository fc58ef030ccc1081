"""The page, in Chromium: the numbers that it shows are those of `insight` and `network`."""

from __future__ import annotations

import gzip
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from browsing import PHONE, chromium, read
from explorer.browser import Shown, shown
from explorer.sessions import evaluated
from insight.arithmetic_of_text import multiplies_out
from pellucid import Breakpoint, Network, Run
from pellucid.datasets import load_mnist, load_toy
from pellucid.explorer._page import page_files
from pellucid.explorer._server import Server
from pellucid.explorer._session import Session

MNIST = load_mnist()
SAMPLE = 8  # a 5 that looks like a 6


def started(epochs: int = 2) -> Run:
    net = Network([784, 32, 32, 10], activation="relu", initializer="glorot", input_scale=1 / 255, seed=0)
    X, y = MNIST.X_train[:20_000], MNIST.y_train[:20_000]
    return net.start(X, y, epochs=epochs, batch_size=64, optimizer="adam", learning_rate=6e-3, schedule="linear")


def session_of(run: Run) -> Session:
    return Session(run, {"test": (MNIST.X_test, MNIST.y_test)})


@pytest.fixture(scope="module")
def browser(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Chromium, for all tests of this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def run() -> Run:
    return started().finish(progress=False)


@pytest.fixture
def page(browser: Any, run: Run) -> Iterator[Shown]:
    """The page of a run that was trained to its end."""
    with shown(browser, session_of(run)) as page:
        choose_sample(page, SAMPLE)
        yield page


def choose_sample(page: Shown, row: int) -> None:
    """Go to a row of the test images, as a user does."""
    page.tab("Sample")
    page.part("go-to-row").fill(str(row))
    page.page.keyboard.press("Enter")
    page.until(lambda: page.page.evaluate("document.querySelector('[data-testid=samples]') !== null"))
    page.until(lambda: page.part("sample-truth").inner_text().strip().endswith(str(MNIST.y_test[row])))


def open_neuron(page: Shown, layer: str, node: int) -> None:
    """Open a neuron by the chooser of its view; nodes count from 1, as their names do."""
    page.tab("Neuron")
    page.part("choose-layer").select_option(label=layer)
    page.part("choose-node").fill(str(node))
    page.page.keyboard.press("Enter")
    page.page.get_by_role("heading", name=f"{layer}/node_{node}", exact=True).wait_for()


def near(value: float) -> Any:
    """Return what a number of four shown digits is held against."""
    return pytest.approx(value, rel=1e-3, abs=1e-12)


# The time line


def test_scrubbing_shows_the_bits_of_any_step(page: Shown, run: Run) -> None:
    """At 20 random steps fingerprint, loss and rate on the screen are those of `run.at`."""
    for step in np.random.default_rng(6).integers(0, run.last_step, 20).tolist():
        page.go_to(step)
        moment = run.at(step)
        page.until(lambda moment=moment: page.part("fingerprint").get_attribute("data-value") == moment.fingerprint)
        assert moment.fingerprint.startswith(page.part("fingerprint").inner_text())
        assert (moment.loss, moment.learning_rate) == (page.value("loss"), page.value("rate"))
        assert near(moment.loss) == read(page.part("loss").inner_text())
        assert f"step {step:,} of {run.total_steps:,} · epoch {moment.epoch} of 2" == page.part("step").inner_text()


def test_the_network_says_what_it_leaves_out(page: Shown, run: Run) -> None:
    """Captions count the edges; outputs are the trace's probabilities, at the step that is shown."""
    page.go_to(100)
    assert "150 of 25,088 edges" in page.part("edges-layer_1").inner_text()
    assert "150 of 1,024 edges" in page.part("edges-layer_2").inner_text()
    assert "150 of 320 edges" in page.part("edges-output").inner_text()
    P = run.at(100).network.trace(MNIST.X_test[SAMPLE]).shown
    np.testing.assert_allclose(P, run.at(100).network.predict_proba(MNIST.X_test[[SAMPLE]])[0], rtol=1e-5)
    found = page.part("outputs-table").locator("[data-value]")
    page.until(lambda: [float(cell.get_attribute("data-value")) for cell in found.all()] == [float(p) for p in P])
    cells = found.all()
    for p, cell in zip(P.tolist(), cells, strict=True):
        assert pytest.approx(p, abs=6e-5) == read(cell.inner_text())


# A neuron


@pytest.mark.parametrize(("step", "layer", "node"), [(40, "layer_1", 5), (400, "layer_2", 17), (610, "output", 6)])
def test_a_neuron_shows_its_numbers(page: Shown, run: Run, step: int, layer: str, node: int) -> None:
    """The formula sums to z, and every number and row of the table is the trace's."""
    open_neuron(page, layer, node)
    page.go_to(step)
    view = run.at(step).network.trace(MNIST.X_test[SAMPLE], MNIST.y_test[SAMPLE])[layer][node]
    page.until(lambda: page.value("neuron-z") == float(view.z))
    page.until(lambda: page.lines("neuron-formula") == [line.text() for line in view.formula().lines])
    for text in page.lines("neuron-formula"):
        assert multiplies_out(text)
    expected = {"z": view.z, "a": view.a, "slope": view.slope, "delta": view.delta, "bias": view.bias, "db": view.db}
    for name, value in expected.items():
        assert float(value) == page.value(f"neuron-{name}")
        assert near(float(value)) == read(page.part(f"neuron-{name}").inner_text())
    rows = page.part("weights-table").locator("tbody tr").all()
    largest = np.argsort(-np.abs(view.products), kind="stable")[: len(rows)]
    for place, row in zip(largest.tolist(), rows, strict=True):
        assert str(place) == row.get_attribute("data-place")
        shown_row = {name: row.locator(f"[data-field={name}]").inner_text() for name in ("x", "w", "product")}
        x, w, product = (read(text) for text in shown_row.values())
        assert near(float(view.inputs[place])) == x
        assert near(float(view.weights[place])) == w
        assert near(float(view.products[place])) == product


@pytest.mark.parametrize("step", [3, 250])
def test_a_receipt_multiplies_out_and_ends_in_the_runs_weight(page: Shown, run: Run, step: int) -> None:
    """Each line of the step's receipt, read from the page, multiplies out; the new weight is that of the next step."""
    open_neuron(page, "layer_1", 5)
    page.go_to(step)
    view = run.at(step).network.trace(MNIST.X_test[SAMPLE], MNIST.y_test[SAMPLE])["layer_1"]["node_5"]
    place = int(np.argmax(np.abs(view.products)))
    row = page.part("weights-table").locator("tbody tr").first
    page.until(lambda: page.value("neuron-z") == float(view.z) and row.get_attribute("data-place") == str(place))
    row.click()  # the table is that step's by now, so that its first row stays the first
    page.part("receipt").wait_for()
    receipt = run.at(step).trace().receipt("layer_1", "node_5", place)
    page.until(lambda: page.value("receipt-old") == receipt.old)
    page.until(lambda: len(page.lines("receipt")) == len(receipt.lines) + 1)  # and the sample's product
    assert [line.text() for line in receipt.lines] == page.lines("receipt")[1:]
    for text in page.lines("receipt"):
        assert multiplies_out(text)
    new = float(run.at(step + 1).network["layer_1"]["node_5"].weights[place])
    assert (receipt.gradient, new) == (page.value("receipt-gradient"), page.value("receipt-new"))
    assert near(receipt.gradient) == read(page.part("receipt-gradient").inner_text())
    assert pytest.approx(new, rel=1e-6) == read(page.part("receipt-new").inner_text())


def test_what_excites_a_neuron_is_its_portrait(page: Shown, run: Run) -> None:
    """Opened on demand: the share of rows in which it is active, and the accuracy without it."""
    open_neuron(page, "layer_1", 5)
    page.part("portrait").locator("summary").click()
    portrait = run.network.portrait(MNIST.X_test, MNIST.y_test, "layer_1/node_5")
    page.until(lambda: page.part("portrait").locator("[data-value]").count() > 3)
    found = [float(one.get_attribute("data-value")) for one in page.part("portrait").locator("[data-value]").all()]
    assert {portrait.active, portrait.ablation.whole, portrait.ablation.without} <= set(found)


# A sample


def test_why_adds_up_on_the_screen(page: Shown, run: Run) -> None:
    """The numbers of the bars, read from the page, add up to the difference, for every place that can be asked."""
    page.go_to(500)
    trace = run.at(500).network.trace(MNIST.X_test[SAMPLE], MNIST.y_test[SAMPLE])
    for place in ("input", "layer_1", "layer_2"):
        page.part("why-place").select_option(place)
        why = trace.why()
        page.until(lambda why=why: page.value("why-total") == why.difference)
        names = [name for name, _ in why[place].rows(10)]
        table = page.part("why-table")
        page.until(lambda table=table, names=names: table.locator("th").all_inner_texts()[: len(names)] == names)
        values = [float(v.get_attribute("data-value")) for v in page.part("why-table").locator("td[data-value]").all()]
        assert pytest.approx(why.difference, abs=1e-9) == math.fsum(values[:-1])
        texts = [read(one.inner_text()) for one in page.part("why-table").locator("td.number").all()]
        assert pytest.approx(sum(texts[:-1]), abs=0.01) == texts[-1]


def test_a_sample_shows_truth_answer_and_loss(page: Shown, run: Run) -> None:
    """They follow the step: at step 1,200 of the README's network it is a 6, say; here whatever the network says."""
    for step in (5, 600):
        page.go_to(step)
        trace = run.at(step).network.trace(MNIST.X_test[SAMPLE], MNIST.y_test[SAMPLE])
        page.until(lambda trace=trace: page.value("sample-loss") == trace.loss)
        assert near(trace.loss) == read(page.part("sample-loss").inner_text())
        assert "5" in page.part("sample-truth").inner_text()
        assert str(int(trace.output.argmax())) in page.part("sample-says").inner_text()


def test_a_digit_drawn_with_the_mouse_flows_through(page: Shown) -> None:
    """A stroke becomes a sample of one's own, prepared as MNIST's are, and the network's answer to it is shown."""
    pad = page.part("drawing-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    x, top, bottom = box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.2, box["y"] + box["height"] * 0.8
    page.page.mouse.move(x, top)
    page.page.mouse.down()
    for share in np.linspace(0, 1, 12):
        page.page.mouse.move(x, top + share * (bottom - top))
    page.page.mouse.up()
    page.until(lambda: len(page.session.sets.own) > 0)
    page.page.wait_for_timeout(500)
    drawn = page.session.sets.own[-1]
    assert (784, np.uint8) == (drawn.size, drawn.dtype)
    rows, _ = np.nonzero(drawn.reshape(28, 28))
    assert 20 == np.ptp(rows) + 1
    P = page.session.trainer("run").run.network.trace(drawn).shown
    cells = page.part("outputs-table").locator("[data-value]")
    page.until(lambda: [float(c.get_attribute("data-value")) for c in cells.all()] == [float(p) for p in P])


def test_the_flow_goes_forward_and_back(page: Shown, run: Run) -> None:
    """Stage by stage: the strongest neuron of a layer, the loss, the error that comes back."""
    page.go_to(600)
    trace = run.at(600).network.trace(MNIST.X_test[SAMPLE], MNIST.y_test[SAMPLE])
    page.until(lambda: page.value("sample-loss") == trace.loss)
    slider = page.part("flow-slider")
    slider.focus()
    page.page.keyboard.press("Home")
    page.until(lambda: slider.input_value() == "0")
    told = []
    for stage in range(9):
        told.append(page.part("flow-told").inner_text())
        last = slider.input_value() == slider.get_attribute("max")
        page.page.keyboard.press("ArrowRight")
        page.until(lambda stage=stage, last=last: last or slider.input_value() == str(stage + 1))
    whole = "\n".join(told)
    for layer in ("layer_1", "layer_2"):
        assert f"node_{int(trace[layer].a.argmax()) + 1}" in whole
        assert f"node_{int(np.abs(trace[layer].delta).argmax()) + 1}" in whole
    assert len(set(told)) >= 7


# Hands


def test_the_accuracy_follows_a_hand(page: Shown, run: Run) -> None:
    """Silence, bias and weight: the score shown is `Network.score`'s of 10,000 images; undone, it is the old one."""
    page.go_to(300)
    open_neuron(page, "layer_1", 5)
    page.tab("Hands")
    net = run.at(300).network
    before = net.score(MNIST.X_test, MNIST.y_test)
    page.until(lambda: page.value("score") == before)
    assert pytest.approx(before, abs=6e-5) == read(page.part("score").inner_text())
    page.part("hand-silence").click()
    net["layer_2"].weights[:, 4] = 0
    page.until(lambda: page.value("score") == net.score(MNIST.X_test, MNIST.y_test))
    assert before == page.value("score-before")
    page.part("hand-bias").fill("1.5")
    page.page.keyboard.press("Enter")
    net["layer_1"]["node_5"].bias = 1.5
    page.until(lambda: page.part("hands-list").locator("li").count() == 2)
    page.part("hand-weight").fill("-0.75")
    page.page.keyboard.press("Enter")
    page.until(lambda: page.part("hands-list").locator("li").count() == 3)
    place = int(page.session.sketch.changes[-1].input or 0)
    net["layer_1"]["node_5"].weights[place] = -0.75
    page.until(lambda: page.value("score") == net.score(MNIST.X_test, MNIST.y_test))
    page.until(lambda: page.part("fingerprint").get_attribute("data-value") == net.fingerprint)
    for left in (2, 1, 0):
        page.part("undo").click()
        page.until(lambda left=left: page.part("hands-list").locator("li").count() == left)
    page.until(lambda: page.value("score") == before)
    page.until(lambda: page.part("fingerprint").get_attribute("data-value") == run.at(300).fingerprint)
    for count in (1, 2, 3):
        page.part("redo").click()
        page.until(lambda count=count: page.part("hands-list").locator("li").count() == count)
    page.until(lambda: page.value("score") == net.score(MNIST.X_test, MNIST.y_test))
    page.part("keep").click()
    page.until(lambda: len(page.session.runs) == 2)
    page.until(lambda: page.part("fingerprint").get_attribute("data-value") == net.fingerprint)


# Training


def test_a_run_with_the_page_open_has_the_same_bits(browser: Any) -> None:
    """Started, paused, edited and ended from the page; the same edits in Python give the same fingerprint."""
    run = started(epochs=12)
    with shown(browser, session_of(run)) as page:
        page.part("one-step").click()
        page.until(lambda: page.value("step") == 1)
        page.part("start-pause").click()
        page.until(lambda: page.value("step") > 100)
        page.part("start-pause").click()
        page.until(lambda: not page.session.trainer("run").training)
        paused = run.last_step
        page.until(lambda: page.value("step") == paused)
        page.tab("Training")
        page.part("learning-rate-input").fill("0.002")
        page.part("apply-settings").click()
        page.until(lambda: len(run.edits) == 1)
        page.until(lambda: page.value("learning-rate-input") == 0.002)
        page.part("start-pause").click()
        page.until(lambda: run.done and not page.session.trainer("run").training)
        page.until(lambda: page.value("step") == run.last_step)
        page.until(lambda: page.part("fingerprint").get_attribute("data-value") == run.fingerprint)
    alone = started(epochs=12)
    alone.advance(paused)
    alone.edit(learning_rate=0.002)
    assert alone.finish(progress=False).fingerprint == run.fingerprint


def test_breakpoints_and_branches_from_the_page(browser: Any) -> None:
    """A run stops at the step at which it does in Python; a branch from there is compared with it."""
    run, alone = started(), started()
    reason = alone.until(Breakpoint.loss(below=0.5))
    with shown(browser, session_of(run)) as page:
        page.tab("Training")
        page.part("breakpoint-bound").fill("0.5")
        page.part("breakpoint-set").click()
        page.part("breakpoint-now").wait_for()
        page.part("start-pause").click()
        page.part("stopped").wait_for()
        assert str(reason) in page.part("stopped").inner_text()
        page.until(lambda: page.value("step") == alone.step)
        page.part("branch-learning_rate").fill("0.02")
        page.part("branch-here").click()
        page.until(lambda: len(page.session.runs) == 2)
        branch = page.session.runs["branch_1"]
        run.finish(progress=False)  # first, so that what the page asks at the branch's end is of both runs' ends
        page.part("start-pause").click()
        page.until(lambda: branch.done)
        page.until(lambda: page.part("compared").count() == 1 and page.value("parted") == alone.step + 1)
        score = branch.at(run.last_step).network.score(MNIST.X_test, MNIST.y_test)
        page.until(lambda: page.value("score-other") == score)
        assert pytest.approx(score, abs=6e-5) == read(page.part("score-other").inner_text())
        expected = alone.branch(alone.step, learning_rate=0.02).finish(progress=False)
        assert expected.fingerprint == branch.fingerprint


# The plane


def test_the_plane_of_a_toy_set(browser: Any) -> None:
    """A point that is put there is a sample, and its outputs are the network's."""
    toy = load_toy("spirals", n=200)
    run = Network([2, 8, 8, 2], activation="tanh").fit(toy.X, toy.y, epochs=20, batch_size=20)
    with shown(browser, Session(run)) as page:
        page.tab("Plane")
        page.part("plane").wait_for()
        page.part("plane-x1").fill("0.25")
        page.part("plane-x2").fill("-0.5")
        page.part("plane-put").click()
        page.until(lambda: len(page.session.sets.own) == 1)
        page.tab("Sample")
        P = run.network.trace([0.25, -0.5]).shown
        cells = page.part("outputs-table").locator("[data-value]")
        page.until(lambda: [float(c.get_attribute("data-value")) for c in cells.all()] == [float(p) for p in P])


# The Python, and what holds everywhere


@pytest.mark.parametrize("tab", ["Sample", "Neuron", "Training", "Hands"])
def test_the_python_of_every_view_runs(page: Shown, run: Run, tab: str) -> None:
    """Each button shows a line; with the names that docs/explorer.md gives, it runs."""
    open_neuron(page, "layer_2", 3)
    page.go_to(200)
    page.tab(tab)
    page.page.wait_for_timeout(600)
    names = {"run": run, "X_test": MNIST.X_test, "y_test": MNIST.y_test}
    buttons = page.page.locator(".python > button").all()
    assert len(buttons) >= 2
    for button in buttons:
        button.click()
    codes = [one.inner_text() for one in page.page.locator(".python-code code").all()]
    assert len(codes) == len(buttons)
    for code in codes:
        assert evaluated(code, names) is not None


def test_names_are_text(browser: Any) -> None:
    """Markup in the names of features and classes stays text, in tables, formulas and lists."""
    evil = '<img src="x" onerror="document.title=1"><math><script>1</script></math>'
    net = Network([2, 3, 2], features=[evil, "b"], classes=["<b>yes</b>", "&lt;no"])
    X = np.random.default_rng(0).normal(size=(40, 2))
    run = net.fit(X, np.array(["<b>yes</b>", "&lt;no"])[(X[:, 0] > 0).astype(int)], epochs=2)
    with shown(browser, Session(run)) as page:
        for tab in ("Plane", "Hands", "Training", "Sample"):
            page.tab(tab)
            page.page.wait_for_timeout(200)
        open_neuron(page, "layer_1", 2)
        page.part("weights-table").locator("tbody tr").first.click()
        page.part("receipt").wait_for()
        assert evil in page.part("weights-table").inner_text()
        assert 0 == page.page.locator("img, script:not([src]), math script").count()
        assert "Pellucid explorer" == page.page.title()


@pytest.mark.checkout  # axe lies among the packages that the page is built with
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [None, PHONE])
def test_axe_finds_nothing_serious(browser: Any, run: Run, dark: bool, size: dict[str, int] | None) -> None:
    """In every view, dark and light, wide and on a phone; on a phone no view is wider than the screen."""
    toy = load_toy("circles", n=100)
    plane = Network([2, 4, 2]).fit(toy.X, toy.y, epochs=3)
    views = {"digits": ("Sample", "Neuron", "Training", "Hands"), "plane": ("Sample", "Plane")}
    for name, tabs in views.items():
        session = session_of(run) if name == "digits" else Session(plane)
        with shown(browser, session, dark=dark, **({} if size is None else {"size": size})) as page:
            for tab in tabs:
                if tab == "Neuron":
                    open_neuron(page, "layer_1", 1)
                    page.part("weights-table").locator("tbody tr").first.click()
                    page.part("receipt").wait_for()
                else:
                    page.tab(tab)
                page.page.wait_for_timeout(400)
                assert [] == page.barriers(), tab
                if size is not None:
                    assert page.page.evaluate("document.documentElement.scrollWidth") <= size["width"], tab


def test_a_keyboard_alone_reaches_any_weight(browser: Any, run: Run) -> None:
    """From the page's beginning: Tab to the network, arrows, Enter, Tab to the neuron's table, arrows, Enter."""
    with shown(browser, session_of(run)) as page:
        keys = page.page.keyboard
        keys.press(",")  # from the run's end no step is made
        page.until(lambda: page.value("step") == run.last_step - 1)
        page.tab_to("network")
        for key in ("ArrowRight", "Home", "ArrowDown", "ArrowDown", "ArrowDown"):
            keys.press(key)
        page.until(lambda: "layer_1/node_4" in page.part("network-live").inner_text())
        keys.press("Enter")
        page.page.get_by_role("heading", name="layer_1/node_4", exact=True).wait_for()
        page.part("weights-table").wait_for()
        page.tab_to("weights-table")
        keys.press("End")
        for _ in range(3):
            keys.press("ArrowUp")
        page.until(lambda: page.page.evaluate("document.activeElement.ariaRowIndex") == str(784 - 3 + 1))
        keys.press("Enter")
        page.part("receipt").wait_for()
        view = run.at(run.last_step - 1).network.trace(MNIST.X_test[0], MNIST.y_test[0])["layer_1"][4]
        place = int(np.argsort(-np.abs(view.products), kind="stable")[-4])
        page.until(lambda: page.value("receipt-old") == float(view.weights[place]))


def test_the_page_is_small() -> None:
    """Module, styles and page together stay below 250 KB, packed."""
    packed = sum(len(gzip.compress(body)) for _, body in page_files().values())
    assert 20 * 1024 < packed <= 250 * 1024


def test_the_page_says_when_nobody_answers(browser: Any, run: Run) -> None:
    """The server's end is told, and what was shown stays."""
    server = Server(session_of(run))
    server.start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(server.url)
    page.get_by_test_id("fingerprint").wait_for()
    shown_before = page.get_by_test_id("fingerprint").inner_text()
    server.close()
    page.get_by_text("Nobody answers").wait_for()
    assert shown_before == page.get_by_test_id("fingerprint").inner_text()
    context.close()
