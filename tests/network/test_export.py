"""The front door to everywhere: endings, targets, names, examples, and what is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pellucid import Dense, Network
from pellucid.core import Activation, Pinball
from pellucid.errors import DataError, KindError, SettingError, ShapeError, UnknownNameError
from pellucid.export import LANGUAGES

ENDINGS = {language: next(iter(files)) for language, files in LANGUAGES.items()}


@pytest.fixture
def net() -> Network:
    return Network([3, 4, 2], classes=["no", "yes"], features=["a", "b", "c"], input_scale=0.5, seed=1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ending_says_the_language(net: Network, language: str, tmp_path: Path) -> None:
    """The same file comes by its ending and by ``to``; its own name is in it; what stood there is replaced."""
    ending = ENDINGS[language]
    path, other = tmp_path / f"Answer{ending}", tmp_path / "unlike-it"
    path.write_text("what was there")
    written = net.export(path, to="column" if language == "column" else None)
    named = net.export(other, to=language, name="Answer")
    assert path == written[0]
    assert len(LANGUAGES[language]) == len(written)
    assert path.read_text(encoding="utf-8") == named[0].read_text(encoding="utf-8").replace(
        "unlike-it", f"Answer{ending}"
    )
    assert "Answer: a network of 3 inputs, 2 outputs and 26 parameters" in path.read_text(encoding="utf-8")
    assert {"no", "yes"} <= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))


def test_a_script_may_be_called_js(net: Network, tmp_path: Path) -> None:
    """Its types then have the ending that belongs to it."""
    assert ["digits.js", "digits.d.ts"] == [file.name for file in net.export(tmp_path / "digits.js")]


def test_a_page_holds_the_program_and_the_rows(net: Network, tmp_path: Path) -> None:
    """By its ending, or by ``to``; rows with their labels, by the names of the classes."""
    X = np.arange(21.0).reshape(7, 3)
    (file,) = net.export(tmp_path / "answer.html", data=(X, ["no", "yes", "no", "no", "no", "yes", "yes"]))
    text = file.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "answer: a network of 3 inputs, 2 outputs and 26 parameters" in text
    assert '"labels":["no","yes","no","no","no","yes","yes"]' in text
    (named,) = net.export(tmp_path / "other", to="html", name="answer", data=(X, [0, 1, 0, 0, 0, 1, 1]))
    assert text == named.read_text(encoding="utf-8")


def test_examples_come_from_the_data(net: Network, tmp_path: Path) -> None:
    """Three rows, from the first to the last, with the engine's answers; without data rows are drawn."""
    X = np.arange(21.0).reshape(7, 3)
    net.export(tmp_path / "answer.py", data=X)
    net.export(tmp_path / "same.py", data=(X, [0, 1, 0, 1, 0, 1, 1]), name="answer")
    net.export(tmp_path / "drawn.py")
    text = (tmp_path / "answer.py").read_text()
    assert text == (tmp_path / "same.py").read_text().replace("same.py", "answer.py")
    module: dict[str, Any] = {"__name__": "answer"}
    exec(text, module)
    assert X[[0, 3, 6]].tolist() == [list(row) for row in module["EXAMPLE_INPUTS"]]
    expected = net.predict_proba(X[[0, 3, 6]])
    np.testing.assert_array_equal(expected, np.array([list(row) for row in module["EXAMPLE_OUTPUTS"]], np.float32))
    assert [module["classify"](row) for row in X] == list(net.predict(X))
    drawn: dict[str, Any] = {"__name__": "drawn"}
    exec((tmp_path / "drawn.py").read_text(), drawn)
    assert np.abs(np.array([list(row) for row in drawn["EXAMPLE_INPUTS"]])).max() <= 4  # ±2 after scaling
    assert drawn["self_test"]()


@pytest.mark.parametrize("task", ["bce", "values", "quantiles", "counts", "several"])
def test_every_task_says_what_the_front_door_says(task: str, tmp_path: Path) -> None:
    """`predict` of the file is `predict_proba` or `predict` of the network, to the last bit."""
    kinds: dict[str, dict[str, Any]] = {
        "bce": {"loss": "binary_cross_entropy", "width": 1},
        "several": {"loss": "binary_cross_entropy", "width": 3},
        "values": {"loss": "mse", "width": 2},
        "quantiles": {"loss": Pinball((0.1, 0.9)), "width": 4},
        "counts": {"loss": "poisson", "width": 2},
    }
    settings = dict(kinds[task])
    net = Network([3, Dense(5, "gelu"), settings.pop("width")], **settings, seed=2)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 3)).astype(np.float32)
    y = rng.integers(0, 2, (20, 2 if task == "quantiles" else net.spec.n_outputs)) * (
        1.0 if task in {"bce", "several", "counts"} else 7.25
    )
    net.fit(X, y, epochs=2)
    net.export(tmp_path / "answer.py", data=X)
    module: dict[str, Any] = {"__name__": "answer"}
    exec((tmp_path / "answer.py").read_text(), module)
    actual = np.array([module["predict"](row) for row in X.tolist()])
    expected = net.predict_proba(X) if task in {"bce", "several"} else net.predict(X)
    if task == "bce":
        assert list(net.predict(X)) == [module["classify"](row) for row in X.tolist()]
        expected = expected[:, 1:]
    np.testing.assert_array_equal(expected.reshape(actual.shape), actual)
    assert (expected.dtype == np.float64) == (task in {"values", "quantiles"})


def test_float64_and_own_functions_are_refused(tmp_path: Path) -> None:
    """Each with what to do; nothing is written."""
    double = Network([2, 3, 2], dtype="float64")
    with pytest.raises(SettingError, match=r"float64.*astype\('float32'\)"):
        double.export(tmp_path / "net.h")
    assert double.astype("float32").export(tmp_path / "net.h")
    swish = Activation("swish", lambda Z: Z, lambda Z, A: np.ones_like(Z))
    with pytest.raises(SettingError, match="swish"):
        Network([2, Dense(3, swish), 2]).export(tmp_path / "own.h")
    broken = Network([2, 2])
    broken.parameters[0] = np.nan
    with pytest.raises(SettingError, match="NaN"):
        broken.export(tmp_path / "nan.h")
    assert ["net.h"] == [file.name for file in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("path", "settings", "error", "said"),
    [
        ("net.txt", {}, SettingError, r"'net.txt' names no target; \.onnx, \.html,"),
        ("net", {}, SettingError, "names no target"),
        ("my_net.java", {}, SettingError, r"the class would be MyNet; 'my_net.java' was given\. Give MyNet\.java"),
        ("net_test.go", {}, SettingError, r"ends in _test .*Give net_test_net\.go"),
        ("net_arm64.go", {}, SettingError, r"Give net_arm64_net\.go"),
        ("net.pt", {}, SettingError, r"torch\.save\(net\.to_torch\(\), path\)"),
        ("net.keras", {}, SettingError, r"net\.to_keras\(\)\.save\(path\)"),
        ("net.h", {"to": "cobol"}, UnknownNameError, "Unknown target 'cobol'"),
        ("net.h", {"name": "class"}, SettingError, "Give 'class_net', say"),
        ("net.h", {"name": "a b"}, SettingError, "Give 'a_b', say"),
        ("net.h", {"name": 3}, SettingError, "Give 'net_3', say"),
        ("net.h", {"data": [[1.0, 2.0]]}, ShapeError, "2 columns"),
        ("net.h", {"data": [[1.0, 2.0, np.inf]]}, DataError, "inf"),
        ("net.h", {"data": ([[1.0, 2.0, 3.0]], [5])}, DataError, "the data's y"),
    ],
)
def test_what_cannot_be_is_refused(
    net: Network, path: str, settings: dict[str, Any], error: type[Exception], said: str, tmp_path: Path
) -> None:
    """With what is accepted; nothing is written."""
    with pytest.raises(error, match=said):
        net.export(tmp_path / path, **settings)
    assert [] == list(tmp_path.iterdir())


def test_sparse_data_is_refused(net: Network, tmp_path: Path, judge: Callable[[str], Any]) -> None:
    """Rows are shown as they are."""
    sparse = judge("scipy.sparse")
    with pytest.raises(KindError, match="toarray"):
        net.export(tmp_path / "net.h", data=sparse.csr_matrix(np.eye(3)))


def test_the_readable_core_writes_the_same_files(tmp_path: Path) -> None:
    """Where there is no native engine, examples have its bits all the same: the program itself computes them."""
    code = (
        "import sys; from pellucid import Network; net = Network([3, 4, 2], activation='gelu', seed=1);"
        "print(net.export(sys.argv[1])[0].read_text(encoding='utf-8').encode())"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "net.h")],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **engine},
        ).stdout
        for engine in ({}, {"PELLUCID_ENGINE": "readable"})
    ]
    assert texts[0] == texts[1]
    assert "net_example_outputs" in texts[0]


def test_whole_numbers_stay_what_they_are(tmp_path: Path) -> None:
    """Classes that are numbers come back as numbers, as from `predict`."""
    net = Network([3, 4, 3], classes=[5, 6, 7], seed=1)
    X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    for to in ("python", "column"):
        net.export(tmp_path / "net.py", to=to)
        module: dict[str, Any] = {"__name__": "net"}
        exec((tmp_path / "net.py").read_text(), module)
        assert net.predict(X).tolist() == [module["classify"](row) for row in X.tolist()]
    net.export(tmp_path / "net.mjs")
    assert "export const names = [\n    5,\n    6,\n    7,\n];" in (tmp_path / "net.mjs").read_text()
    types = (tmp_path / "net.d.mts").read_text()
    assert "names: readonly number[];" in types
    assert "classify(x: ArrayLike<number>): number;" in types


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (["a", "b"], ["a, quantile 0.1", "a, quantile 0.9", "b, quantile 0.1", "b, quantile 0.9"]),
        (None, [f"target {t}, quantile {q}" for t in (1, 2) for q in (0.1, 0.9)]),
    ],
)
def test_each_quantile_has_a_name(targets: list[str] | None, expected: list[str], tmp_path: Path) -> None:
    """Of which target it is, and which one; as many names as outputs, in the same order as `predict`'s."""
    net = Network([3, 4, 4], loss=Pinball((0.1, 0.9)), targets=targets)
    net.export(tmp_path / "net.py")
    module: dict[str, Any] = {"__name__": "net"}
    exec((tmp_path / "net.py").read_text(), module)
    assert expected == module["NAMES"]
    assert len(expected) == module["OUTPUTS"]


def test_a_text_of_c_cannot_hold_the_sign_0(tmp_path: Path) -> None:
    """Two classes would become one; the other languages take it."""
    net = Network([2, 3], classes=["a\0b", "a\0c", "d"])
    with pytest.raises(SettingError, match="sign 0"):
        net.export(tmp_path / "net.h")
    assert net.export(tmp_path / "net.rs")


def test_a_file_names_itself(net: Network, tmp_path: Path) -> None:
    """What a file's head says to include, import or start is that file, also where its name is no identifier."""
    for name in ("my-net.h", "my-net.mjs", "a b.py", "net.js", "digits.cs"):
        net.export(tmp_path / name)
        head = (tmp_path / name).read_text(encoding="utf-8")[:2000]
        assert name in head
        assert "my_net." not in head


def test_a_network_that_is_being_trained_is_written_as_one(tmp_path: Path) -> None:
    """Weights and examples are of one moment, whatever another thread does meanwhile."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 20)).astype(np.float32), rng.integers(0, 3, 2000)
    net = Network([20, 64, 64, 3], seed=0)
    run = net.start(X, y, epochs=100_000, batch_size=8)
    ended = threading.Event()

    def train() -> None:
        while not ended.is_set():
            run.advance(500)

    thread = threading.Thread(target=train)
    thread.start()
    try:
        for attempt in range(6):
            net.export(tmp_path / f"net_{attempt}.py")
    finally:
        ended.set()
        thread.join()
    for attempt in range(6):
        module: dict[str, Any] = {"__name__": "net"}
        exec((tmp_path / f"net_{attempt}.py").read_text(), module)
        assert module["self_test"]()


def test_the_network_is_untouched(net: Network, tmp_path: Path) -> None:
    """Exporting changes no bit, and a copy exports the same."""
    before = net.fingerprint
    net.export(tmp_path / "net.py")
    net.copy().export(tmp_path / "copy.py", name="net")
    assert before == net.fingerprint
    first, second = ((tmp_path / name).read_text() for name in ("net.py", "copy.py"))
    assert first == second.replace("copy.py", "net.py")
