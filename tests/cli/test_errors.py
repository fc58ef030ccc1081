"""What goes wrong is one line on standard error, and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from pellucid import Network

from .conftest import Call

CASES = [
    ("frob", "No such command 'frob'"),
    ("--frob", "No such option: --frob"),
    ("demo --frob", "No such option: --frob"),
    ("demo extra", "unexpected extra argument"),
    ("demo --epochs", "requires an argument"),
    ("demo --epochs many", "--epochs must be a whole number; 'many' was given. See pellucid demo --help."),
    ("demo --epochs=1.5", "--epochs must be a whole number; '1.5' was given. See pellucid demo --help."),
    ("train xor --noise much", "--noise must be a number; 'much' was given. See pellucid train --help."),
    ("dem", "No such command 'dem'. Did you mean 'demo'? See pellucid --help."),
    ("demo --epochs 0", "epochs must be a whole number ≥ 1; 0 was given"),
    ("demo --seed -1", "-1"),
    ("demo --save nowhere/net", "--save nowhere/net: there is no folder nowhere. Make it first"),
    ("train xor --save a --run a", "--save and --run are the same file, a; one would replace the other."),
    ("train xor --save /dev/null", "--save /dev/null: it is no plain file. Give another path."),
    ("train xor --layers 100000000,100000000", "does not fit into memory. Make it smaller."),
    ("demo --save .", "--save .: it is a folder. Give the name of a file in it."),
    ("train", "Missing argument 'DATA'. See pellucid train --help."),
    ("train mnits", "Unknown data 'mnits'. Accepted: mnist, xor, circles, spirals, gaussians, moons, plane. Did you"),
    ("train xor --layers 3,x", "--layers must be whole numbers with commas between them; '3,x' was given. Give 32,32"),
    ("train xor --layers 0", "The width of a layer must be a whole number ≥ 1; 0 was given"),
    ("train xor --activation rellu", "Unknown activation 'rellu'. Accepted: "),
    ("train xor --optimizer adm", "Unknown optimizer 'adm'. Accepted: "),
    ("train xor --schedule wavy", "Unknown schedule 'wavy'. Accepted: "),
    ("train xor --dtype float16", "Unknown dtype 'float16'. Accepted: float32, float64."),
    ("train xor --batch-size 0", "batch_size must be a whole number ≥ 1; 0 was given"),
    ("train xor --learning-rate -1", "learning_rate must be a finite number ≥ 0; -1.0 was given"),
    ("train xor --l2 nan", "l2 must be a finite number ≥ 0; nan was given"),
    ("train xor --dropout 1", "The rate of Dropout must be a number ≥ 0 and < 1; 1.0 was given"),
    ("train xor --validation 20", "--validation must be a fraction between 0 and 1, such as 0.1; 20 was given."),
    ("train xor --validation nan", "--validation must be a fraction between 0 and 1, such as 0.1; nan was given."),
    ("train mnist --points 10", "--points belongs to the toy sets, and mnist is none"),
    ("train mnist --noise 0.1", "--noise belongs to the toy sets, and mnist is none"),
    ("train xor --patience 3", "--patience watches held-out rows, and none are held out. Give --validation 0.1"),
    ("train xor --validation 0.1 --patience 0", "0"),
    ("train xor --threads 0", "threads must be a whole number ≥ 1; 0 was given"),
    ("train xor --points 1", "--points must lie in 2 … 500000; 1 was given. Give 400, say."),
    ("train xor --noise -1", "noise must lie in 0 … 1000; -1.0 was given"),
    ("train xor --run nowhere/run", "--run nowhere/run: there is no folder nowhere."),
    ("train xor --learning-rate 1e30 --optimizer sgd", "Training diverged at step"),
    ("show", "Missing argument 'MODEL'. See pellucid show --help."),
    ("show missing", "missing cannot be read: No such file or directory."),
    ("show .", ". is not a whole model or run file: it is no plain file."),
    ("show text", "text"),
    ("show run", "run is a run; this command reads networks, as --save writes them."),
    ("predict run --digit 1", "run is a run; this command reads networks, as --save writes them."),
    ("show net layer_9", "Unknown layer 'layer_9'. Accepted: layer_1, output."),
    ("show net layer_1/", "layer_1 has no node ''; it has node_1 … node_3."),
    ("show net layer_1/node_0", "layer_1 has no node 'node_0'; it has node_1 … node_3."),
    ("show net layer_1/node_1/bias", "layer_1 has no node 'node_1/bias'; it has node_1 … node_3."),
    ("show net /node_1", "Unknown layer ''. Accepted: layer_1, output."),
    ("show net --digit 3", "--digit belongs to a layer or a neuron, and none was given."),
    ("show net layer_1 --digit 3", "This network has 2 inputs; a picture of a digit has 784."),
    ("show pixels layer_1 --digit 10000", "image of MNIST's test set, 0 … 9999; 10000 was given"),
    ("why", "Missing argument 'MODEL'. See pellucid why --help."),
    ("why pixels", "Missing option '--digit'. See pellucid why --help."),
    ("why run --digit 1", "run is a run; this command reads networks, as --save writes them. pellucid rewind run"),
    ("why net --digit 1", "This network has 2 inputs; a picture of a digit has 784."),
    ("why pixels --digit 10000", "image of MNIST's test set, 0 … 9999; 10000 was given"),
    ("why pixels --digit 1 --this 10", "Unknown class or target '10'. Accepted: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9."),
    ("why pixels --digit 1 --this 3 --rather 3", "Why '3' rather than itself has no answer. Name another class."),
    ("why pixels --digit 1 --layer layer_9", "'layer_9'. Accepted: input, layer_1."),
    ("why values --digit 1 --rather 3", "rather_than is for networks that choose one of several classes."),
    ("predict net", "Give either the path of a picture or --digit N"),
    ("predict pixels picture.png --digit 1", "both was given"),
    ("predict net --digit 1", "This network has 2 inputs; a picture of a digit has 784."),
    ("predict pixels --digit -1", "0 … 9999; -1 was given"),
    ("predict pixels missing.png", "missing.png cannot be read as a picture"),
    ("predict pixels text", "text cannot be read as a picture"),
    ("predict values --digit 1", "gives values, not probabilities"),
    ("doctor --frob", "No such option: --frob"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Network([2, 3, 2]).save(tmp_path / "net")
    Network([784, 3, 10], input_scale=1 / 255).save(tmp_path / "pixels")
    Network([784, 3, 1], input_scale=1 / 255, loss="mse").save(tmp_path / "values")
    Network([2, 3, 2]).start([[0.0, 1], [1, 0]], [0, 1], epochs=1).save(tmp_path / "run")
    (tmp_path / "text").write_text("no network, no picture")
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("json", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(("arguments", "message"), CASES, ids=[arguments for arguments, _ in CASES])
def test_an_error_is_one_line(call: Call, arguments: str, message: str, json: list[str]) -> None:
    """Exit code 2; nothing on standard output from --json; one line that says what was wrong; no traceback."""
    command, *rest = arguments.split()
    called = call(command, *([] if command in {"dem", "frob", "--frob"} else json), *rest)
    assert 2 == called.code
    assert called.err.startswith("pellucid: error: ")
    assert 1 == called.err.count("\n")
    assert "Traceback" not in called.err
    assert message in called.err
    if json:
        assert "" == called.out


def test_a_file_that_may_not_be_written(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the operating system refuses is said in its words."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "net")

    monkeypatch.setattr(Network, "save", refuse)
    called = call("train", "xor", "--epochs", 1, "--save", "net", "--json")
    assert (2, "pellucid: error: net: Permission denied.\n") == (called.code, called.err)


def test_a_bug_is_one_line_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unforeseen exception asks for a report and ends with code 1; PELLUCID_DEBUG=1 lets it through."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(Network, "load", broken)
    called = call("show", "net")
    assert 1 == called.code
    assert called.err.startswith("pellucid: error: this is a bug in Pellucid: ZeroDivisionError: two lines. Please")
    assert 1 == called.err.count("\n")
    monkeypatch.setenv("PELLUCID_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        call("show", "net")


def test_a_warning_is_a_note(call: Call, tmp_path: Path) -> None:
    """A warning of the library becomes one line on standard error, and JSON stays whole."""
    Network([784, 10]).save(tmp_path / "unscaled")
    called = call("predict", "unscaled", "--digit", 1, "--json")
    assert 0 == called.code
    assert called.err.startswith("pellucid: note: X reaches 255 after the network's scaling")
    assert 1 == called.err.count("\n")
    assert called.out.startswith("{")
