"""One HTML file, opened from a disk in Chromium: its numbers are the engine's, and it asks for nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browsing import PHONE, WIDE, chromium, read
from export.pages import opened
from insight.arithmetic_of_text import multiplies_out
from pellucid import Network
from pellucid.datasets import load_mnist, load_toy, prepared_digit
from pellucid.errors import MissingPartError, ShapeError
from pellucid.export import _page as module
from pellucid.export import program_of
from pellucid.export._page import page

MNIST = load_mnist()
STROKES = {
    "three": [(0.35, 0.25), (0.65, 0.22), (0.68, 0.4), (0.45, 0.5), (0.7, 0.6), (0.62, 0.8), (0.32, 0.78)],
    "one": [(0.52, 0.1), (0.5, 0.5), (0.47, 0.93)],
    "seven": [(0.05, 0.06), (0.93, 0.05), (0.6, 0.4), (0.4, 0.96)],
    "small": [(0.7, 0.7), (0.78, 0.7), (0.78, 0.78), (0.7, 0.78), (0.7, 0.7)],
    "flat": [(0.1, 0.5), (0.9, 0.52)],
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for all tests of this file."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def net() -> Network:
    net = Network([784, 32, 32, 10], activation="relu", initializer="glorot", input_scale=1 / 255, seed=0)
    net.fit(MNIST.X_train[:20_000], MNIST.y_train[:20_000], epochs=2, learning_rate=6e-3, batch_size=64, progress=False)
    return net


@pytest.fixture(scope="module")
def digits(net: Network) -> str:
    """The MNIST network with its test images."""
    return written(net, MNIST.X_test, [str(y) for y in MNIST.y_test])


def written(net: Network, X: Any = None, labels: Sequence[str] | None = None, name: str = "digits") -> str:
    program = program_of(net.spec, net._parameters, net._backend, name, X if X is None else X[:3])
    return page(program, X, labels)


# Samples, and what comes out


def test_outputs_have_the_engines_bits(browser: Any, tmp_path: Path, digits: str, net: Network) -> None:
    """For chosen images every probability is the engine's float32; answer and truth are named, the examples right."""
    with opened(browser, tmp_path, digits) as shown:
        assert "true" == shown.part("self-test").get_attribute("data-value")
        assert "to the last bit" in shown.part("self-test").inner_text()
        for place in (0, 3, 7, 12):
            row = shown.choose(place)
            expected = net.predict_proba(MNIST.X_test[[row]])[0]
            assert np.float32 == expected.dtype
            assert [float(p) for p in expected] == shown.outputs()
            cells = shown.part("outputs-table").locator("[data-value]").all_inner_texts()
            assert [pytest.approx(float(p), abs=6e-5) for p in expected] == [read(cell) for cell in cells]
            assert str(net.predict(MNIST.X_test[[row]])[0]) == shown.part("sample-says").inner_text()
            assert str(MNIST.y_test[row]) == shown.part("sample-truth").inner_text()
            assert float(expected.max()) == shown.value("sample-sure")


def test_what_it_gets_wrong_can_be_looked_for(browser: Any, tmp_path: Path, digits: str, net: Network) -> None:
    with opened(browser, tmp_path, digits) as shown:
        shown.part("wrong-only").check()
        shown.settle()
        row = shown.choose(0)
        assert net.predict(MNIST.X_test[[row]])[0] != MNIST.y_test[row]
        assert "200 of 10,000 rows" in shown.part("rows-taken").inner_text()


@pytest.mark.parametrize("name", STROKES)
def test_a_drawing_becomes_what_python_makes_of_it(
    browser: Any, tmp_path: Path, digits: str, net: Network, name: str
) -> None:
    """The pixels that reach the network are those of `prepared_digit`, and the answer is the network's to them."""
    with opened(browser, tmp_path, digits) as shown:
        shown.page.evaluate(
            "(() => { const f = pellucidNetwork.forward;"
            " pellucidNetwork.forward = x => { globalThis.given = Array.from(x); return f(x); }; })()"
        )
        shown.draw(STROKES[name])
        expected = prepared_digit(shown.ink())
        given = np.array(shown.page.evaluate("globalThis.given"))
        np.testing.assert_allclose(given, expected, atol=1)
        assert [float(p) for p in net.predict_proba(given[np.newaxis].astype(np.uint8))[0]] == shown.outputs()
        assert str(net.predict(expected[np.newaxis])[0]) == shown.part("sample-says").inner_text()
        assert "Your drawing" == shown.part("sample-name").inner_text()


def test_a_drawing_for_another_picture_fills_it(browser: Any, tmp_path: Path) -> None:
    """Of 8 × 8 pixels, the drawing takes the whole height; full ink is the data's greatest number."""
    X = np.random.default_rng(0).integers(0, 17, (40, 64)).astype(float)
    net = Network([64, 6, 3], seed=0)
    with opened(browser, tmp_path, written(net, X)) as shown:
        shown.draw(STROKES["three"])
        shown.open_neuron("layer_1", 2)
        shown.page.get_by_role("button", name="by place").click()
        shown.settle()
        rows = shown.part("weights-table").locator("tbody tr [data-field=x]").all()
        assert 0 < max(float(row.get_attribute("data-value")) for row in rows) <= 16  # the uppermost pixels are inked
        assert 1 == shown.page.get_by_role("img", name="weights w").count()


# One neuron


@pytest.mark.parametrize(("layer", "node"), [("layer_1", 5), ("layer_2", 17), ("output", 4)])
def test_a_neuron_shows_its_numbers(
    browser: Any, tmp_path: Path, digits: str, net: Network, layer: str, node: int
) -> None:
    """Its formula is the one that Python writes, each line multiplies out, and the table's numbers are the trace's."""
    with opened(browser, tmp_path, digits) as shown:
        row = shown.choose(5)
        view = net.trace(MNIST.X_test[row])[layer][node]
        shown.open_neuron(layer, node)
        expected = [line.text() for line in view.formula().lines]
        found = shown.lines("neuron-formula")
        for line in found:
            assert multiplies_out(line)
        if layer == "output":  # Python shows the sum as what comes out, the page its probability
            y = net.predict_proba(MNIST.X_test[[row]])[0, node - 1]
            assert expected[0].rsplit(" = ", 1)[0] == found[0].rsplit(" = ", 1)[0]
            assert float(y) == shown.value("neuron-a")
            assert pytest.approx(float(y), rel=1e-3) == float(found[-1].rsplit(" = ", 1)[1].replace("−", "-"))
        else:
            assert expected == found
            assert float(view.a) == shown.value("neuron-a")
        assert float(view.z) == shown.value("neuron-z")
        assert float(view.bias) == shown.value("neuron-bias")
        largest = np.argsort(-np.abs(view.products), kind="stable")[:12]
        cells = shown.part("weights-table").locator("tbody tr").all()
        for place, cell in zip(largest.tolist(), cells, strict=True):
            values = [
                float(cell.locator(f"[data-field={n}]").get_attribute("data-value")) for n in ("x", "w", "product")
            ]
            assert [float(view.inputs[place]), float(view.weights[place]), float(view.products[place])] == values
        cells[2].click()
        expected_line = view.product(int(largest[2])).text()
        shown.until(lambda: shown.lines("multiplication") == [expected_line])


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus"])
def test_every_activation_comes_out(browser: Any, tmp_path: Path, activation: str) -> None:
    toy = load_toy("moons", n=60)
    net = Network([2, 7, 2], activation=activation, seed=3)
    with opened(browser, tmp_path, written(net, toy.X, [str(y) for y in toy.y], "moons")) as shown:
        row = shown.choose(1)
        shown.open_neuron("layer_1", 3)
        lines = [line.text() for line in net.trace(toy.X[row])["layer_1"][3].formula().lines]
        assert lines == shown.lines("neuron-formula")
        assert all(map(multiplies_out, lines))
        assert 1 == shown.page.locator("svg.curve").count()
        assert "a over the plane" in shown.page.locator(".network-legend").inner_text()


# Tables


def table() -> tuple[Network, Any, Any]:
    toy = load_toy("gaussians", n=300)
    X = np.column_stack([toy.X, np.arange(300) % 7, np.round(toy.X[:, 0] * 3.7, 1)])
    names = ["first", "second", "whole", "fourth"]
    net = Network([4, 9, 3], features=names, classes=["a", "b", "c"], input_scale=0.5, input_shift=0.1, seed=2)
    return net, X, np.array(["a", "b", "c"])[toy.y % 3]


def test_inputs_are_moved_and_typed(browser: Any, tmp_path: Path) -> None:
    """Sliders have the data's ranges; what is set there, or typed, flows through the network with its bits."""
    net, X, y = table()
    with opened(browser, tmp_path, written(net, X, list(y), "table")) as shown:
        row = shown.choose(2)
        expected = net.predict_proba(X[[row]])[0]
        assert [float(p) for p in expected] == shown.outputs()
        values = X[row].astype(np.float32)
        for place in range(4):
            slider = shown.part(f"slider-{place}")
            low, high = (float(slider.get_attribute(name)) for name in ("min", "max"))
            step = float(slider.get_attribute("step"))
            assert X[:, place].min() - step <= low <= X[:, place].min()
            assert X[:, place].max() <= high <= X[:, place].max() + step
            assert float(values[place]) == shown.value(f"input-{place}")
        assert "1" == shown.part("slider-2").get_attribute("step")
        shown.slide("slider-2", 5)
        shown.until(lambda: shown.value("input-2") == 5)
        values[2] = 5
        shown.settle()
        assert [float(p) for p in net.predict_proba(values[np.newaxis])[0]] == shown.outputs()
        shown.part("input-0").fill("-7.25")
        shown.page.keyboard.press("Enter")
        values[0] = -7.25
        shown.until(lambda: [float(p) for p in net.predict_proba(values[np.newaxis])[0]] == shown.outputs())
        assert "Your values" == shown.part("sample-name").inner_text()
        assert str(net.predict(values[np.newaxis])[0]) == shown.part("sample-says").inner_text()


def test_values_come_in_their_own_units(browser: Any, tmp_path: Path) -> None:
    """A regression's outputs have the bits of `predict`, and its formula ends in them."""
    X = np.random.default_rng(1).normal(size=(80, 3))
    y = 300 + 40 * np.column_stack([X[:, 0] * X[:, 1], X[:, 2]])
    net = Network([3, 8, 2], loss="mse", activation="tanh", seed=0)
    net.fit(X, y, epochs=5, progress=False)
    with opened(browser, tmp_path, written(net, X, None, "values")) as shown:
        row = shown.choose(4)
        assert [float(v) for v in np.ravel(net.predict(X[[row]]))] == shown.outputs()
        shown.open_neuron("output", 2)
        lines = shown.lines("neuron-formula")
        assert all(map(multiplies_out, lines))
        assert pytest.approx(float(net.predict(X[[row]])[0, 1]), rel=1e-3) == read(lines[-1].rsplit(" = ", 1)[1])


def test_yes_or_no_is_one_probability(browser: Any, tmp_path: Path) -> None:
    toy = load_toy("circles", n=80)
    net = Network([2, 8, 1], loss="binary_cross_entropy", classes=["out", "in"], seed=0)
    net.fit(toy.X, np.array(["out", "in"])[toy.y], epochs=3, progress=False)
    with opened(browser, tmp_path, written(net, toy.X, [["out", "in"][t] for t in toy.y], "circles")) as shown:
        row = shown.choose(3)
        (p,) = shown.outputs()
        assert float(np.ravel(net.predict_proba(toy.X[[row]]))[-1]) == pytest.approx(p, abs=1e-7)
        assert str(net.predict(toy.X[[row]])[0]) == shown.part("sample-says").inner_text()
        shown.open_neuron("output", 1)
        assert "sigmoid" in shown.lines("neuron-formula")[-1]


def test_the_flow_is_stepped(browser: Any, tmp_path: Path, digits: str, net: Network) -> None:
    """Layer by layer: the strongest neuron of each, and at the end the answer; then all is shown again."""
    with opened(browser, tmp_path, digits) as shown:
        row = shown.choose(9)
        trace = net.trace(MNIST.X_test[row])
        told = []
        for _ in range(4):
            shown.part("flow-step").click()
            shown.settle()
            told.append(shown.part("flow-told").inner_text())
        assert "784 inputs" in told[0]
        for place, layer in enumerate(("layer_1", "layer_2"), start=1):
            assert f"node_{int(trace[layer].a.argmax()) + 1}" in told[place]
        assert f"says {net.predict(MNIST.X_test[[row]])[0]}" in told[3]
        shown.part("flow-slider").focus()
        shown.page.keyboard.press("Home")
        shown.until(lambda: shown.part("flow-told").inner_text() == told[0])


# Large networks


@pytest.mark.parametrize(
    ("widths", "caption"),
    [
        ([784, 512, 512, 10], ("layer_1", "50 of 401,408 edges")),
        ([100] + 100 * [100] + [5], ("layer_1", "50 of 10,000 edges")),
    ],
)
def test_large_networks_do_not_hang(browser: Any, tmp_path: Path, widths: list[int], caption: tuple[str, str]) -> None:
    """They are drawn with what is left out, and the next sample is there within a second or two."""
    net = Network(widths, activation="tanh", seed=0)
    X = np.random.default_rng(0).normal(size=(60, widths[0])).astype(np.float32)
    with opened(browser, tmp_path, written(net, X, None, "large")) as shown:
        assert caption[1] in shown.part(f"edges-{caption[0]}").inner_text()
        before = shown.outputs()
        shown.page.keyboard.press("]")
        shown.until(lambda: shown.outputs() != before, seconds=3)
        row = shown.row()
        assert [float(p) for p in net.predict_proba(X[[row]])[0]] == shown.outputs()
        if len(widths) > 50:
            assert "of 101" in shown.part("strip").get_attribute("aria-valuetext")
            shown.open_neuron("layer_80", 7)
            shown.part("edges-layer_80").wait_for()
            assert float(net.trace(X[row])["layer_80"][7].z) == shown.value("neuron-z")


# What holds everywhere


HOSTILE = (
    "</script><script>document.title='!'</script>",
    "<!--<script>",
    "\"quotes' & \\ <b>bold</b>",
    "雪 🙂 \u202e\u2028\u0007",
    "${name} $$ @about@",
)


def test_names_are_text(browser: Any, tmp_path: Path) -> None:
    """Whatever stands in the names of inputs, classes and rows stays text, and the network stays right."""
    net = Network([5, 4, 5], features=list(HOSTILE), classes=list(reversed(HOSTILE)), seed=1)
    X = np.random.default_rng(0).normal(size=(30, 5))
    labels = [HOSTILE[i % 5] for i in range(30)]
    with opened(browser, tmp_path, written(net, X, labels, "hostile")) as shown:
        assert "true" == shown.part("self-test").get_attribute("data-value")
        assert "hostile: a neural network" == shown.page.title()
        for place in range(4):
            row = shown.choose(place)
            assert str(net.predict(X[[row]])[0]) == shown.part("sample-says").text_content()
            assert labels[row] == shown.part("sample-truth").text_content()
        names = shown.page.locator(".slider-name").all()
        assert list(HOSTILE) == [name.text_content() for name in names]
        shown.open_neuron("layer_1", 1)
        assert set(HOSTILE) == set(shown.part("weights-table").locator("tbody th").all_text_contents())
        assert 3 == shown.page.locator("script").count()
        assert 0 == shown.page.locator("b:text('bold'), img").count()


def test_a_keyboard_alone_does_everything(browser: Any, tmp_path: Path, digits: str, net: Network) -> None:
    """To the network, a neuron and one of its weights, to a sample, a view and the list of keys."""
    with opened(browser, tmp_path, digits) as shown:
        keys, first = shown.page.keyboard, shown.row()
        keys.press("]")
        shown.until(lambda: shown.row() != first)
        row = shown.row()
        shown.tab_to("network")
        for key in ("ArrowRight", "Home", "ArrowDown", "ArrowDown"):
            keys.press(key)
        shown.until(lambda: "layer_1/node_3" in shown.part("network-live").inner_text())
        keys.press("Enter")
        shown.page.get_by_role("heading", name="layer_1/node_3", exact=True).wait_for()
        view = net.trace(MNIST.X_test[row])["layer_1"][3]
        shown.until(lambda: shown.value("neuron-z") == float(view.z))
        shown.tab_to("weights-table")
        keys.press("ArrowDown")
        shown.until(lambda: shown.page.evaluate("document.activeElement.ariaRowIndex") == "3")  # the header has 1
        keys.press("Enter")
        place = int(np.argsort(-np.abs(view.products), kind="stable")[1])
        shown.until(lambda: shown.lines("multiplication") == [view.product(place).text()])
        keys.press("1")
        shown.tab_to("samples")
        keys.press("Tab")
        keys.press("Enter")
        shown.settle()
        assert row == shown.row()  # the second sample, as by ]
        keys.press("?")
        shown.page.get_by_role("dialog").wait_for()
        keys.press("Escape")
        shown.page.get_by_role("dialog").wait_for(state="detached")


@pytest.mark.checkout  # axe lies among the packages that the page is built with
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_axe_finds_nothing_serious(browser: Any, tmp_path: Path, digits: str, dark: bool, size: dict[str, int]) -> None:
    """In both views, of pictures and of tables, dark and light; on a phone nothing is wider than the screen."""
    net, X, y = table()
    for text in (digits, written(net, X, list(y), "table")):
        with opened(browser, tmp_path, text, size=size, dark=dark) as shown:
            shown.choose(1)
            for tab in ("Sample", "Neuron"):
                if tab == "Neuron":
                    shown.open_neuron("layer_1", 2)
                assert [] == shown.barriers(), tab
                assert shown.page.evaluate("document.documentElement.scrollWidth") <= size["width"], tab


def test_it_reaches_nothing_even_if_asked_to(browser: Any, tmp_path: Path, digits: str) -> None:
    """The policy refuses connections, pictures and scripts that are not the file's own."""
    file = tmp_path / "page.html"
    file.write_text(digits, encoding="utf-8")
    context = browser.new_context(offline=True)
    shown = context.new_page()
    refused_by: list[str] = []
    shown.goto(file.as_uri())
    shown.get_by_test_id("network").wait_for()
    shown.on("requestfailed", lambda request: refused_by.append(request.failure))
    refused = shown.evaluate(
        "async () => { const kinds = []; document.addEventListener('securitypolicyviolation',"
        " e => kinds.push(e.effectiveDirective)); await fetch('https://pellucid.invalid/').catch(() => 0);"
        " const s = document.createElement('script'); s.textContent = 'globalThis.foreign = 1';"
        " document.body.append(s);"
        " const i = new Image(); i.src = 'https://pellucid.invalid/x.png'; await new Promise(r => setTimeout(r, 300));"
        " return [kinds.sort(), globalThis.foreign ?? null]; }"
    )
    context.close()
    assert [["connect-src", "img-src", "script-src-elem"], None] == refused
    assert {"csp"} == set(refused_by)


def test_a_changed_file_says_that_it_is_not_whole(browser: Any, tmp_path: Path, digits: str) -> None:
    """Whoever changes a weight in the file gets no network: its scripts are named by their digests."""
    file = tmp_path / "page.html"
    file.write_text(digits.replace("const layer2Biases = ", "const layer2Biases =  "), encoding="utf-8")
    context = browser.new_context(offline=True)
    shown = context.new_page()
    shown.goto(file.as_uri())
    shown.get_by_text("This page is not whole").wait_for()
    context.close()


def test_a_page_without_samples(browser: Any, tmp_path: Path, net: Network) -> None:
    """There is something to draw on, and then something to see; a table begins in the middle of its ranges."""
    with opened(browser, tmp_path, written(net)) as shown:
        assert 0 == shown.part("samples").count()
        shown.draw(STROKES["three"])
        expected = net.predict_proba(prepared_digit(shown.ink())[np.newaxis])[0]
        assert [float(p) for p in expected] == shown.outputs()
    other, _, _ = table()
    with opened(browser, tmp_path, written(other)) as shown:
        shown.slide("slider-1", 1)
        shown.until(lambda: len(shown.outputs()) == 3)
        x = np.array([[shown.value(f"input-{place}") for place in range(4)]], dtype=np.float32)
        assert [float(p) for p in other.predict_proba(x)[0]] == shown.outputs()


# The file


def test_the_file_is_of_a_sensible_size(digits: str) -> None:
    assert len(digits.encode()) < 800_000
    wide = np.random.default_rng(0).normal(size=(500, 3000))
    assert len(written(Network([3000, 2, 2]), wide).encode()) < 1_000_000


def test_the_same_rows_are_taken_each_time(net: Network) -> None:
    """200 by lot, in their order, with their labels; all, where there are fewer."""
    program = program_of(net.spec, net._parameters, net._backend, "digits", None)
    one, other = (module._taken(program, MNIST.X_test) for _ in range(2))
    assert (one == other).all()
    assert 200 == len(set(one.tolist()))
    assert (np.diff(one) > 0).all()
    assert list(range(50)) == module._taken(program, MNIST.X_test[:50]).tolist()
    assert page(program, MNIST.X_test, None) == page(program, MNIST.X_test, None)


def test_what_does_not_fit_is_refused(net: Network, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = program_of(net.spec, net._parameters, net._backend, "digits", None)
    with pytest.raises(ShapeError, match="784 inputs"):
        page(program, np.zeros((3, 5)), None)
    with pytest.raises(ShapeError, match="3 rows, 2 labels"):
        page(program, np.zeros((3, 784)), ["a", "b"])
    monkeypatch.setattr(module, "_HERE", tmp_path)
    with pytest.raises(MissingPartError, match="run `make`"):
        page(program, None, None)
