"""Spec: what it counts and names, its way to JSON and back, and what it refuses."""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core import (
    ACTIVATIONS,
    INITIALIZERS,
    LOSSES,
    CrossEntropy,
    Dense,
    Dropout,
    Huber,
    Input,
    Output,
    Pinball,
    Spec,
    Task,
    initial_parameters,
)
from pellucid.errors import KindError, ModelFileError, PellucidError, SettingError, UnknownNameError

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SCALES = FINITE.filter(lambda x: x != 0)
ABOVE = st.floats(min_value=5e-324, allow_infinity=False)


def one_or_each(numbers: Any, width: int) -> Any:
    return st.one_of(numbers, st.lists(numbers, min_size=width, max_size=width))


def names(width: int) -> Any:
    kinds = (st.text(max_size=5), st.integers(-(10**20), 10**20))
    return st.one_of(st.none(), *(st.lists(k, min_size=width, max_size=width, unique=True) for k in kinds))


@st.composite
def specs(draw: Any) -> Spec:
    """Any valid spec of moderate size."""
    loss = draw(st.sampled_from([*(loss() for loss in LOSSES.values()), Pinball(0.5), Huber(0.2), CrossEntropy(0.1)]))
    n_in, n_names = draw(st.integers(1, 4)), draw(st.integers(2 if loss.task is Task.CLASSES else 1, 4))
    n_out = n_names * loss.outputs_per_target
    kinds = st.sampled_from([None, *INITIALIZERS])
    dense = st.builds(Dense, st.integers(1, 9), st.sampled_from([None, *ACTIVATIONS]), kinds)
    dropout = st.builds(Dropout, st.floats(0, 1, exclude_max=True))
    hidden = draw(st.lists(st.one_of(dense, dropout, st.integers(1, 9)), max_size=4))
    last = Dense(n_out, None if loss.owns_output else draw(st.sampled_from(list(ACTIVATIONS))), draw(kinds))
    values = loss.task is Task.VALUES
    spec = Spec.of(
        [n_in, *hidden, last],
        activation=draw(st.sampled_from(list(ACTIVATIONS))),
        initializer=draw(kinds),
        loss=loss,
        classes=None if values else draw(names(2 if loss.task is Task.YES_NO and n_out == 1 else n_out)),
        targets=draw(names(n_names)) if values else None,
        features=draw(names(n_in)),
        input_scale=draw(one_or_each(SCALES, n_in)),
        input_shift=draw(one_or_each(FINITE, n_in)),
        standardize_targets=draw(st.sampled_from([None, False, True])) if values and not loss.counts else None,
        dtype=draw(st.sampled_from(["float32", "float64"])),
    )
    if values and not loss.counts and spec.output.scale is not None and draw(st.booleans()):
        output = Output(spec.output.names, draw(one_or_each(ABOVE, n_out)), draw(one_or_each(FINITE, n_out)))
        spec = Spec(spec.input, spec.layers, spec.loss, output, spec.dtype)
    return spec


@settings(deadline=None)
@given(spec=specs())
def test_json_gives_back_every_bit(spec: Spec) -> None:
    """Reading what was written gives an equal spec, with equal kinds of numbers, that writes the same text."""
    text = spec.to_json()
    again = Spec.from_json(text)
    assert spec == again
    assert repr(spec) == repr(again)
    assert text == again.to_json()
    assert hash(spec) == hash(again)


@settings(deadline=None)
@given(spec=specs())
def test_counts_agree_with_the_parameters(spec: Spec) -> None:
    """Names, shapes and the number of parameters are those of the arrays."""
    parameters = initial_parameters(spec, seed=0)
    assert spec.n_parameters == parameters.vector.size
    assert list(spec.names) == list(parameters)
    assert list(spec.shapes) == [layer.W.shape for layer in parameters.layers()]
    assert len(spec.dense) == len(spec.names)
    assert spec.n_outputs == spec.shapes[-1][0]


def test_the_columns_networks_have_the_columns_counts() -> None:
    """26,432 weights and 74 biases for MNIST; 4,642 parameters and 162 neurons for (10, 5, [32]*5, 2)."""
    mnist = Spec.of([784, 32, 32, 10])
    assert (26_432, 74, 26_506) == (
        sum(n_out * n_in for n_out, n_in in mnist.shapes),
        sum(n_out for n_out, _ in mnist.shapes),
        mnist.n_parameters,
    )
    assert ("layer_1", "layer_2", "output") == mnist.names
    assert ((32, 784), (32, 32), (10, 32)) == mnist.shapes
    deep = Spec.of([10, *[32] * 5, 2])
    assert (162, 4_642) == (sum(layer.width for layer in deep.dense), deep.n_parameters)
    assert ("layer_1", "layer_2", "layer_3", "layer_4", "layer_5", "output") == deep.names


def test_dropout_has_no_name_and_no_parameters() -> None:
    """Layers with weights are counted alone."""
    spec = Spec.of([784, Dropout(0.1), Dense(32, "tanh"), Dropout(0.5), 32, 10])
    assert (("layer_1", "layer_2", "output"), 26_506) == (spec.names, spec.n_parameters)
    assert (5, 3) == (len(spec.layers), len(spec.dense))


def test_short_forms_are_filled_in() -> None:
    """Hidden layers take the network's activation, the output layer identity; each its fitting initialiser."""
    spec = Spec.of([4, 5, Dense(6, "sigmoid"), 3], activation="tanh")
    assert (
        Dense(5, "tanh", "glorot"), Dense(6, "sigmoid", "glorot"), Dense(3, "identity", "glorot"),
    ) == spec.layers  # fmt: skip
    assert (Input(4), "cross_entropy", Output(), "float32") == (spec.input, spec.loss.name, spec.output, spec.dtype)
    plain = Spec.of((np.int64(4), np.int32(5), 3), input_scale=np.float32(0.5), input_shift=np.array([0, 1, 2, 3]))
    assert Input(4, 0.5, (0.0, 1.0, 2.0, 3.0)) == plain.input
    assert {int} == {type(width) for width in (plain.input.width, *(layer.width for layer in plain.dense))}
    assert {float} == {type(x) for x in (plain.input.scale, *plain.input.shift)}


@pytest.mark.parametrize(
    ("loss", "activation", "asked", "expected"),
    [
        ("mse", None, None, (None, None)),
        ("mse", "identity", False, (1.0, 0.0)),
        ("mse", "sigmoid", None, (1.0, 0.0)),
        ("mse", "sigmoid", True, (None, None)),
        ("pinball", None, None, (None, None)),
        ("poisson", None, None, (1.0, 0.0)),
        ("cross_entropy", None, None, (1.0, 0.0)),
        ("binary_cross_entropy", None, None, (1.0, 0.0)),
    ],
)
def test_targets_are_standardised_where_it_makes_sense(
    loss: str, activation: str | None, asked: bool | None, expected: tuple[Any, Any]
) -> None:
    """By itself for values from an identity output, but not for counts; else where asked. Open until fitted: None."""
    spec = Spec.of([2, Dense(3, activation)], loss=loss, standardize_targets=asked)
    assert expected == (spec.output.scale, spec.output.shift)


@pytest.mark.parametrize(
    ("loss", "outputs", "expected"),
    [
        ("cross_entropy", 3, 3),
        ("binary_cross_entropy", 1, 2),
        ("binary_cross_entropy", 3, 3),
        ("mse", 1, 1),
        ("pinball", 6, 2),
    ],
)
def test_one_yes_or_no_has_two_names(loss: str, outputs: int, expected: int) -> None:
    """Quantiles of a target share one; else there is one name for each output."""
    assert expected == Spec.of([2, outputs], loss=loss).n_names


def test_names_are_kept_as_texts_or_whole_numbers() -> None:
    """NumPy's own kinds become Python's."""
    assert ("a", "b") == Spec.of([2, 2], classes=np.array(["a", "b"])).output.names
    numbered = Spec.of([2, 2], classes=np.array([7, 3])).output.names
    assert ((7, 3), {int}) == (numbered, {type(name) for name in numbered})
    assert ("x", "y") == Spec.of([2, 2], features=["x", "y"]).input.features


def test_a_spec_is_frozen() -> None:
    """What a network is does not change under it."""
    for part in (Spec.of([2, 2]), Input(2), Dense(2), Dropout(0.1), Output()):
        with pytest.raises(FrozenInstanceError):
            part.width = 3


REFUSED: dict[str, tuple[Any, type[PellucidError], str]] = {
    "no list": (lambda: Spec.of(784), SettingError, r"a list of at least 2: .*; 784 was given\. Give \[784, 32, 10\]"),
    "a text": (lambda: Spec.of("784"), SettingError, r"a list of at least 2"),
    "one layer": (lambda: Spec.of([784]), SettingError, r"\[784\] was given"),
    "dropout first": (lambda: Spec.of([Dropout(0.1), 3]), SettingError, r"first .* must be the number of inputs"),
    "dense first": (lambda: Spec.of([Dense(2), 3]), SettingError, r"first .* must be the number of inputs"),
    "dropout last": (lambda: Spec.of([2, Dropout(0.1)]), SettingError, r"last layer must be the output layer"),
    "no layers": (lambda: Spec(Input(2), ()), SettingError, r"last layer must be the output layer, .*; none was"),
    "half a neuron": (lambda: Spec.of([2, 2.5, 3]), KindError, r"width of a layer must be a whole number, not float"),
    "width a text": (
        lambda: Spec.of([2, "3"]),
        KindError,
        r"must be a whole number, not str \('3'\)\. Give an int ≥ 1",
    ),
    "width 0": (lambda: Spec.of([2, 0, 3]), SettingError, r"width of a layer must be a whole number ≥ 1; 0 was given"),
    "width True": (lambda: Spec.of([2, True]), KindError, r"whole number, not bool \(True\)"),
    "0 inputs": (lambda: Spec.of([0, 3]), SettingError, r"number of inputs must be a whole number ≥ 1; 0 was given"),
    "activation": (lambda: Spec.of([2, 3], activation="rellu"), UnknownNameError, r"Did you mean 'relu'\?"),
    "list as activation": (
        lambda: Spec.of([2, 3], activation=["relu"]),
        UnknownNameError,
        r"Unknown activation \['rel",
    ),
    "layer's activation": (
        lambda: Dense(3, "softmax"),
        UnknownNameError,
        r"the loss 'cross_entropy' already contains it",
    ),
    "initialiser": (lambda: Spec.of([2, 3], initializer="hee"), UnknownNameError, r"Did you mean 'he'\?"),
    "loss": (lambda: Spec.of([2, 3], loss="mea"), UnknownNameError, r"Unknown loss 'mea'\. Accepted: cross_entropy"),
    "dtype": (
        lambda: Spec.of([2, 3], dtype="float16"),
        UnknownNameError,
        r"Unknown dtype 'float16'\. Accepted: float32",
    ),
    "list as dtype": (lambda: Spec.of([2, 3], dtype=["float32"]), UnknownNameError, r"Unknown dtype \['float32'\]"),
    "softmax twice": (lambda: Spec.of([2, Dense(3, "relu")]), SettingError, r"contains its own output .* Leave it out"),
    "sigmoid twice": (
        lambda: Spec.of([2, Dense(1, "sigmoid")], loss="binary_cross_entropy"),
        SettingError,
        r"activation must be 'identity'; 'sigmoid' was given",
    ),
    "one class": (lambda: Spec.of([2, 1]), SettingError, r"at least 2 classes; 1 was given\. For yes or no give loss="),
    "classes of values": (lambda: Spec.of([2, 1], loss="mse", classes=["a"]), SettingError, r"Give targets instead"),
    "targets of classes": (lambda: Spec.of([2, 2], targets=["a", "b"]), SettingError, r"Give classes instead"),
    "too few classes": (
        lambda: Spec.of([2, 3], classes=["a"]),
        SettingError,
        r"must be 3 different names; 1 were given",
    ),
    "a class twice": (lambda: Spec.of([2, 2], classes=["a", "a"]), SettingError, r"2 were given, 1 of them different"),
    "mixed classes": (lambda: Spec.of([2, 2], classes=["a", 1]), KindError, r"all texts or all whole numbers"),
    "classes a number": (lambda: Spec.of([2, 2], classes=2), KindError, r"must be a list of 2, not int \(2\)"),
    "lists as classes": (lambda: Spec.of([2, 2], classes=[[1], [2]]), KindError, r"all texts or all whole numbers"),
    "features": (lambda: Spec.of([2, 2], features=["a"]), SettingError, r"features must be 2 different names"),
    "features a number": (lambda: Spec.of([2, 2], features=7), KindError, r"features must be a list of 2, not int"),
    "scale 0": (lambda: Spec.of([2, 2], input_scale=[1, 0]), SettingError, r"input_scale must not be 0"),
    "scale NaN": (
        lambda: Spec.of([2, 2], input_scale=np.nan),
        SettingError,
        r"input_scale must be a finite number or 2",
    ),
    "scale a text": (
        lambda: Spec.of([2, 2], input_scale="0.5"),
        SettingError,
        r"finite number or 2 of them; '0\.5' was",
    ),
    "scale None": (lambda: Spec.of([2, 2], input_scale=None), SettingError, r"None was given"),
    "scale True": (lambda: Spec.of([2, 2], input_scale=True), SettingError, r"True was given"),
    "scale too large": (lambda: Spec.of([2, 2], input_scale=10**400), SettingError, r"input_scale must be a finite"),
    "shift's length": (lambda: Spec.of([2, 2], input_shift=[1, 2, 3]), SettingError, r"input_shift must be .* or 2 of"),
    "shift ragged": (lambda: Spec.of([2, 2], input_shift=[[1], [2, 3]]), SettingError, r"input_shift must be a finite"),
    "output scale below 0": (
        lambda: Spec(Input(1), (Dense(1, "identity"),), "mse", Output(None, -1.0, 0.0)),
        SettingError,
        r"scale must be above 0, and given with its shift",
    ),
    "output scale alone": (
        lambda: Spec(Input(1), (Dense(1, "identity"),), "mse", Output(None, 1.0, None)),
        SettingError,
        r"scale must be above 0, and given with its shift",
    ),
}


@pytest.mark.parametrize(("make", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_network_is_refused(make: Any, error: type[PellucidError], message: str) -> None:
    """Each with a message that says what was given and what is accepted."""
    with pytest.raises(error, match=message):
        make()


BROKEN: dict[str, Any] = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "7",
    "null": "null",
    "deep": "[" * 100_000,
    "an endless number": "[" + "9" * 5000 + "]",
    "no parts": "{}",
}
CHANGED: dict[str, tuple[list[Any], Any]] = {  # where, and what is put there instead
    "input null": (["input"], None),
    "input a list": (["input"], [784]),
    "width a text": (["input", "width"], "784"),
    "width half": (["input", "width"], 784.5),
    "width below 1": (["input", "width"], -1),
    "scale a text": (["input", "scale"], "0.5"),
    "scale huge": (["input", "scale"], 10**400),
    "scale a mapping": (["input", "scale"], {}),
    "features in features": (["input", "features"], [["a"], ["b"]]),
    "unknown part of input": (["input", "colour"], 1),
    "layers null": (["layers"], None),
    "layers a mapping": (["layers"], {"kind": "dense"}),
    "no layers": (["layers"], []),
    "layer null": (["layers", 0], None),
    "layer without kind": (["layers", 0], {"width": 3}),
    "unknown kind": (["layers", 0, "kind"], "convolution"),
    "kind a list": (["layers", 0, "kind"], []),
    "activation a list": (["layers", 0, "activation"], []),
    "activation a number": (["layers", 0, "activation"], 3),
    "initialiser a mapping": (["layers", 0, "initializer"], {}),
    "rate a text": (["layers", 1, "rate"], "0.1"),
    "rate 1": (["layers", 1, "rate"], 1),
    "loss a list": (["loss"], []),
    "loss null": (["loss"], None),
    "dtype a number": (["dtype"], 32),
    "dtype a list": (["dtype"], ["float32"]),
    "output null": (["output"], None),
    "names a number": (["output", "names"], 3),
    "names mixed": (["output", "names"], ["a", 1, "c"]),
    "scale of output": (["output", "scale"], "one"),
    "shift missing": (["output", "shift"], None),
}  # fmt: skip


def valid() -> Any:
    """Return a valid description as lists and mappings."""
    return json.loads(Spec.of([2, 4, Dropout(0.1), 3], classes=list("abc"), features=["x", "y"]).to_json())


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_description_is_a_model_file_error(text: str) -> None:
    """Text that is no JSON, or other JSON."""
    with pytest.raises(ModelFileError, match="description of the network cannot be read"):
        Spec.from_json(text)


@pytest.mark.parametrize(("where", "what"), CHANGED.values(), ids=CHANGED)
def test_wrong_kinds_in_a_description_are_a_model_file_error(where: list[Any], what: Any) -> None:
    """A valid description with one thing changed."""
    given = valid()
    part = given
    for step in where[:-1]:
        part = part[step]
    part[where[-1]] = what
    with pytest.raises(ModelFileError, match="description of the network cannot be read"):
        Spec.from_json(json.dumps(given))


@pytest.mark.parametrize("name", ["input", "layers", "loss", "output", "dtype"])
def test_a_missing_part_is_a_model_file_error(name: str) -> None:
    """Every part must be there."""
    given = valid()
    del given[name]
    with pytest.raises(ModelFileError, match=name):
        Spec.from_json(json.dumps(given))


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.just(10**400),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from(["dense", "dropout", "relu", "mse", "float64", "cross_entropy"]),
    ),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=4), parts, max_size=3),
    max_leaves=6,
)


def places(part: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) of a description."""
    if isinstance(part, dict):
        return [(part, key) for key in part] + [place for value in part.values() for place in places(value)]
    if isinstance(part, list):
        return [(part, i) for i in range(len(part))] + [place for value in part for place in places(value)]
    return []


@settings(deadline=None, max_examples=250)
@given(spec=specs(), draw=st.data())
def test_a_changed_description_is_a_valid_spec_or_a_model_file_error(spec: Spec, draw: st.DataObject) -> None:
    """Parts replaced, removed, doubled or exchanged: never another exception, and what is read can be written."""
    given = json.loads(spec.to_json())
    for _ in range(draw.draw(st.integers(1, 3))):
        part, key = draw.draw(st.sampled_from(places(given)))
        change = draw.draw(st.sampled_from(["replace", "remove", "swap", "wrap"]))
        if change == "replace":
            part[key] = draw.draw(ANYTHING)
        elif change == "remove":
            del part[key]
        elif change == "swap":
            part[key] = json.loads(json.dumps(draw.draw(st.sampled_from(places(given)))[0]))
        else:
            part[key] = [part[key]]
        if not places(given):
            break
    try:
        read = Spec.from_json(json.dumps(given))
    except ModelFileError:
        return
    assert read == Spec.from_json(read.to_json())


@settings(deadline=None, max_examples=200)
@given(spec=specs(), draw=st.data())
def test_a_damaged_text_is_a_valid_spec_or_a_model_file_error(spec: Spec, draw: st.DataObject) -> None:
    """Characters cut out or put in anywhere."""
    text = spec.to_json()
    begin = draw.draw(st.integers(0, len(text)))
    end = draw.draw(st.integers(begin, min(len(text), begin + 8)))
    damaged = text[:begin] + draw.draw(st.text(max_size=3)) + text[end:]
    with contextlib.suppress(ModelFileError):
        Spec.from_json(damaged)


def test_a_column_without_spread_is_named() -> None:
    """Of many scales, the one that is not finite is named, with what to give instead."""
    with pytest.raises(SettingError, match=r"^input_scale\[2\] must be finite; inf was given\. .*give 1\.0 there\.$"):
        Spec.of([3, 2], input_scale=[1.0, 2.0, math.inf])


def test_names_that_no_file_can_hold_are_refused() -> None:
    """Half a character is no name: it could not be saved."""
    with pytest.raises(SettingError, match="half a character"):
        Spec.of([3, 2], classes=["a", "\ud800"])
