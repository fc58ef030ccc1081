"""Inputs and targets: what is taken, as what, and what is refused with which reason."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pellucid.core import (
    Dense,
    Input,
    Output,
    Spec,
    checked_inputs,
    class_weights,
    encoded_targets,
    fitted_output,
    sample_weights,
    scaled,
    weights_of_classes,
)
from pellucid.errors import DataError, KindError, PellucidError, SettingError, ShapeError

PLAIN = Spec.of([2, 3])
NAMED = Spec.of([2, 3], classes=["cat", "ant", "bee"])
NUMBERED = Spec.of([2, 3], classes=[30, 10, 20], dtype="float64")
YES = Spec.of([2, 1], loss="binary_cross_entropy")
YES_NAMED = Spec.of([2, 1], loss="binary_cross_entropy", classes=["no", "yes"])
TAGS = Spec.of([2, 3], loss="binary_cross_entropy")
VALUE = Spec.of([2, 1], loss="mse", standardize_targets=False)
VALUES = Spec.of([2, 2], loss="mse", standardize_targets=False, dtype="float64")
OPEN = Spec.of([2, 2], loss="mse", dtype="float64")
FITTED = Spec(Input(2), (Dense(2, "identity"),), "mse", Output(None, (2.0, 10.0), (1.0, -5.0)), "float64")


class Sparse:
    """Something with the sign of a sparse matrix."""

    def toarray(self) -> np.ndarray:
        return np.zeros((1, 2))


class Other:
    """An object that is no number."""


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_usable_tables_are_taken_without_a_copy(dtype: type) -> None:
    """uint8, float32 and float64 stay as they are."""
    X = np.ones((3, 2), dtype)
    assert checked_inputs(PLAIN, X) is X


@pytest.mark.parametrize(
    ("X", "dtype", "expected"),
    [
        ([[1, 2], [3, 4]], "float64", [[1, 2], [3, 4]]),
        (((0.5, 1),), "float64", [[0.5, 1]]),
        (np.array([[-1, 2]], np.int16), "float64", [[-1, 2]]),
        (np.array([[0.5, 2]], np.float16), "float64", [[0.5, 2]]),
        (np.array([[0.5, 2]], np.longdouble), "float64", [[0.5, 2]]),
        (np.array([[True, False]]), "uint8", [[1, 0]]),
        (np.array([[1, 2.5]], object), "float64", [[1, 2.5]]),
        (np.ma.masked_array([[1.0, 2.0]], mask=[[False, False]]), "float64", [[1, 2]]),
    ],
    ids=str,
)
def test_other_numbers_become_float64_and_truths_bytes(X: Any, dtype: str, expected: list[list[float]]) -> None:
    """Whatever NumPy can read as a table of numbers is taken."""
    table = checked_inputs(PLAIN, X)
    assert (dtype, expected) == (table.dtype, table.tolist())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("given", [np.uint8, np.float32, np.float64])
def test_scaling_leaves_the_data_as_they_are(given: type, dtype: str) -> None:
    """(x − shift)·scale comes out in the spec's type; X keeps its numbers, and is no view of the result."""
    X = np.array([[1, 2], [3, 4]], given)
    for more in ({}, {"input_scale": [0.5, 2]}, {"input_shift": 1}, {"input_scale": 0.5, "input_shift": [1, 2]}):
        spec = Spec.of([2, 3], dtype=dtype, **more)
        S = scaled(spec, X)
        expected = (X.astype(dtype) - np.array(spec.input.shift)) * np.array(spec.input.scale)
        assert (dtype, expected.tolist()) == (S.dtype, S.tolist())
        assert not np.shares_memory(S, X)
        assert [[1, 2], [3, 4]] == X.tolist()


LONG = np.zeros((1_100_000, 2), np.float32)
LONG[1_000_003, 1] = np.nan

INPUTS_REFUSED: dict[str, tuple[Any, type[PellucidError], str]] = {
    "sparse": (Sparse(), KindError, r"X is sparse \(Sparse\), but no table; .* are accepted\. Give X\.toarray\(\)"),
    "ragged": ([[1, 2], [3]], ShapeError, r"X has rows of different lengths"),
    "objects": ([[1, Other()]], KindError, r"X holds Python objects"),
    "mixed": (np.array([["a", 1]], object), KindError, r"X holds Python objects \(str among them\)"),
    "too large": ([[10**400, 1]], KindError, r"X holds Python objects \(int among them\)"),
    "complex": (np.ones((1, 2), complex), KindError, r"X is of dtype complex128; real numbers are accepted"),
    "dates": (np.array([["2020-01-01"] * 2], "M8"), KindError, r"X is of dtype datetime64"),
    "texts": ([["1", "2"]], KindError, r"X holds texts; numbers are accepted"),
    "texts as objects": (np.array([["1", "2"]], object), KindError, r"X holds texts; numbers are accepted"),
    "bytes": ([[b"1", b"2"]], KindError, r"X holds texts; numbers are accepted"),
    "no ASCII": ([[b"\xff", b"2"]], KindError, r"X holds bytes that are not ASCII"),
    "masked": (np.ma.masked_array([[1.0, 2]], mask=[[0, 1]]), DataError, r"X has masked values.*Fill them"),
    "one sample": (
        [1, 2],
        ShapeError,
        r"shape \(2,\); \(rows, 2\) is accepted\. For one sample give X\.reshape\(1, -1\)",
    ),
    "a number": (3, ShapeError, r"X has shape \(\); .* Give a table"),
    "None": (None, ShapeError, r"X has shape \(\)"),
    "pictures": (np.zeros((3, 1, 2)), ShapeError, r"Give X\.reshape\(len\(X\), -1\)"),
    "columns": (np.zeros((3, 4)), ShapeError, r"X has 4 columns, but the network has 2 inputs\. Give 2 columns, or"),
    "no rows": (np.zeros((0, 2)), DataError, r"X has no rows"),
    "NaN": ([[1, 2], [3, math.nan]], DataError, r"X holds nan in row 1, column 1 \(counting from 0\)"),
    "infinity": ([[-math.inf, 2]], DataError, r"X holds -inf in row 0, column 0"),
    "NaN far down": (LONG, DataError, r"X holds nan in row 1000003, column 1"),
    "None within": ([[None, 1.0]], DataError, r"X holds nan in row 0, column 0"),
    "long double": (np.array([[1, 2]], np.longdouble) * np.longdouble("1e4000"), DataError, r"X holds inf in row 0"),
}


@pytest.mark.parametrize(("X", "error", "message"), INPUTS_REFUSED.values(), ids=INPUTS_REFUSED)
def test_what_is_no_table_is_refused(X: Any, error: type[PellucidError], message: str) -> None:
    """The message says what was given, what is accepted and what to do."""
    with pytest.raises(error, match=message) as caught:
        checked_inputs(PLAIN, X)
    assert type(caught.value) is error


def test_messages_name_what_was_given() -> None:
    """The name that the caller gives stands in the message."""
    with pytest.raises(ShapeError, match=r"^the validation X has shape"):
        checked_inputs(PLAIN, [1], "the validation X")
    with pytest.raises(ShapeError, match=r"^the validation y has 1 rows, but X has 2\."):
        encoded_targets(PLAIN, [1], 2, "the validation y")


ENCODED: dict[str, tuple[Spec, Any, str, Any]] = {
    "places": (PLAIN, [2, 0, 1], "int64", [2, 0, 1]),
    "places as floats": (PLAIN, [2.0, 0.0], "int64", [2, 0]),
    "places as a column": (PLAIN, [[2], [0]], "int64", [2, 0]),
    "places as bytes": (PLAIN, np.array([2, 0], np.uint8), "int64", [2, 0]),
    "places as truths": (Spec.of([2, 2]), [True, False], "int64", [1, 0]),
    "places as objects": (PLAIN, np.array([2, 0], object), "int64", [2, 0]),
    "one-hot": (PLAIN, [[0, 0, 1], [1, 0, 0]], "int64", [2, 0]),
    "one-hot floats": (PLAIN, [[0.0, 1.0, 0.0]], "int64", [1]),
    "one-hot truths": (PLAIN, [[False, True, False]], "int64", [1]),
    "names": (NAMED, ["bee", "cat", "ant"], "int64", [2, 0, 1]),
    "names as objects": (NAMED, np.array(["bee", "cat"], object), "int64", [2, 0]),
    "names as bytes": (NAMED, np.array([b"bee", b"cat"]), "int64", [2, 0]),
    "names as a column": (NAMED, [["bee"], ["cat"]], "int64", [2, 0]),
    "places of named classes": (NAMED, [2, 0], "int64", [2, 0]),
    "numbered": (NUMBERED, [10, 20, 30], "int64", [1, 2, 0]),
    "numbered floats": (NUMBERED, [10.0, 30.0], "int64", [1, 0]),
    "one-hot of numbered": (NUMBERED, [[1, 0, 0]], "int64", [0]),
    "yes": (YES, [1, 0], "float32", [[1], [0]]),
    "yes as truths": (YES, [True, False], "float32", [[1], [0]]),
    "yes as a column": (YES, [[1], [0]], "float32", [[1], [0]]),
    "yes by name": (YES_NAMED, ["yes", "no"], "float32", [[1], [0]]),
    "yes as one-hot": (YES, [[0, 1], [1, 0]], "float32", [[1], [0]]),
    "tags": (TAGS, [[1, 0, 1], [0, 0, 0]], "float32", [[1, 0, 1], [0, 0, 0]]),
    "tags as truths": (TAGS, [[True, False, True]], "float32", [[1, 0, 1]]),
    "value": (VALUE, [0.5, 2], "float32", [[0.5], [2]]),
    "value as a column": (VALUE, [[0.5], [2]], "float32", [[0.5], [2]]),
    "values": (VALUES, [[0.5, 2]], "float64", [[0.5, 2]]),
    "values left open": (OPEN, [[0.5, 2]], "float64", [[0.5, 2]]),
    "values standardised": (FITTED, [[3, 5], [1, -5]], "float64", [[1, 1], [0, 0]]),
}


@pytest.mark.parametrize(("spec", "y", "dtype", "expected"), ENCODED.values(), ids=ENCODED)
def test_targets_are_taken_as_the_loss_takes_them(spec: Spec, y: Any, dtype: str, expected: list[Any]) -> None:
    """Places of classes, zeros and ones, or values in the spec's type."""
    T = encoded_targets(spec, y, len(y))
    assert (dtype, expected) == (T.dtype, T.tolist())


TARGETS_REFUSED: dict[str, tuple[Spec, Any, type[PellucidError], str]] = {
    "none": (PLAIN, None, ShapeError, r"y has no rows, but X has 2\. Give one for each row of X"),
    "rows": (PLAIN, [0], ShapeError, r"y has 1 rows, but X has 2"),
    "NaN": (PLAIN, [0, math.nan], DataError, r"y holds nan in row 1 \(counting from 0\)"),
    "beyond": (PLAIN, [0, 3], DataError, r"label 3, but the network has 3 classes, 0 … 2"),
    "below": (PLAIN, [-1, 0], DataError, r"label -1, but the network has 3 classes"),
    "not whole": (PLAIN, [0, 0.5], DataError, r"label 0\.5, which is no class; 0 … 2 are accepted"),
    "huge": (PLAIN, [0, 1e20], DataError, r"label 1e\+20, which is no class"),
    "huge whole": (PLAIN, np.array([0, 2**63], np.uint64), DataError, r"label 9223372036854775808, which is no class"),
    "two ones": (PLAIN, [[1, 1, 0], [0, 0, 1]], DataError, r"y has 3 columns, so each row must be one-hot"),
    "no one": (PLAIN, [[0, 0, 0], [0, 0, 1]], DataError, r"must be one-hot: a single 1, else 0"),
    "halves": (PLAIN, [[0.5, 0.5, 0], [0, 0, 1]], DataError, r"must be one-hot"),
    "columns": (
        PLAIN,
        [[0, 1], [1, 0]],
        ShapeError,
        r"a label for each row, shape \(2,\), or one-hot rows, shape \(2, 3\)",
    ),
    "cube": (PLAIN, np.zeros((2, 3, 1)), ShapeError, r"y has shape \(2, 3, 1\)"),
    "texts": (
        PLAIN,
        ["b", "a"],
        DataError,
        r"holds texts \(\['a', 'b'\]\), but .*Build it with classes=\['a', 'b'\], or",
    ),
    "unknown name": (
        NAMED,
        ["cat", "dog"],
        DataError,
        r"'dog'.*no class of the network\. Its classes are \['cat', 'ant',",
    ),
    "name beyond": (NAMED, ["cat", "zebra"], DataError, r"'zebra'"),
    "unknown number": (NUMBERED, [10, 0], DataError, r"holds .*0.*, which is no class .* \[30, 10, 20\]"),
    "texts for numbers": (NUMBERED, ["10", "20"], DataError, r"texts, but the network's classes are \[30, 10, 20\]"),
    "no ASCII": (NAMED, [b"\xff", b"cat"], KindError, r"y holds bytes that are not ASCII"),
    "objects": (PLAIN, [Other(), Other()], KindError, r"y holds Python objects \(Other among them\)"),
    "tags of 2": (TAGS, [[0, 1, 2], [0, 0, 0]], DataError, r"y must hold 0 or 1 for each of the 3 outputs"),
    "tags as texts": (TAGS, [["a", "b", "c"]] * 2, DataError, r"y must hold 0 or 1 for each"),
    "tags' columns": (TAGS, [[0, 1]] * 2, ShapeError, r"shape \(2, 2\), but the network has 3 outputs\. Give \(2, 3\)"),
    "values as texts": (VALUE, ["1", "2"], KindError, r"y holds texts; for the loss 'mse' numbers are accepted"),
    "values' columns": (VALUES, [1, 2], ShapeError, r"shape \(2,\), but the network has 2 outputs"),
    "value too large": (VALUE, [0, 1e300], DataError, r"y, as the network's float32, holds inf in row 1, column 0"),
    "masked": (VALUE, np.ma.masked_array([1.0, 2], mask=[0, 1]), DataError, r"y has masked values"),
}


@pytest.mark.parametrize(("spec", "y", "error", "message"), TARGETS_REFUSED.values(), ids=TARGETS_REFUSED)
def test_targets_that_do_not_fit_are_refused(spec: Spec, y: Any, error: type[PellucidError], message: str) -> None:
    """The message says what was given, what is accepted and what to do."""
    with pytest.raises(error, match=message) as caught:
        encoded_targets(spec, y, 2)
    assert type(caught.value) is error


def test_long_lists_of_names_are_shortened() -> None:
    """A message shows twelve names and leaves the rest out."""
    with pytest.raises(DataError, match=r"\['00', .*'11', …\]"):
        encoded_targets(Spec.of([2, 20]), [f"{i:02}" for i in range(20)], 20)


def test_sample_weights_come_in_the_specs_type() -> None:
    """None stays None; numbers ≥ 0 of which one is above are taken."""
    assert sample_weights(PLAIN, None, 3) is None
    for spec in (PLAIN, NUMBERED):
        weights = sample_weights(spec, [0, 1, 2.5], 3)
        assert (spec.dtype, [0, 1, 2.5]) == (weights.dtype, weights.tolist())
    assert [1, 0] == sample_weights(PLAIN, [True, False], 2).tolist()


WEIGHTS_REFUSED: dict[str, tuple[Any, type[PellucidError], str]] = {
    "texts": (["1", "2"], KindError, r"sample_weight holds texts; numbers ≥ 0 are accepted"),
    "one for all": (1.0, ShapeError, r"sample_weight has shape \(\); a number for each row of X, shape \(2,\)"),
    "a column": ([[1], [2]], ShapeError, r"shape \(2, 1\)"),
    "rows": ([1, 2, 3], ShapeError, r"shape \(3,\)"),
    "NaN": ([1, math.nan], DataError, r"sample_weight holds nan in row 1"),
    "below 0": ([1, -2.5], DataError, r"sample_weight holds -2\.5; numbers ≥ 0"),
    "all 0": ([0, 0], DataError, r"sample_weight is 0 for every row: nothing would be learnt"),
    "vanishing": ([1e-300, 0], DataError, r"sample_weight is 0 for every row"),
    "too large": ([1e300, 0], DataError, r"sample_weight, as the network's float32, holds inf in row 0"),
}


@pytest.mark.parametrize(("weights", "error", "message"), WEIGHTS_REFUSED.values(), ids=WEIGHTS_REFUSED)
def test_weights_that_cannot_be_are_refused(weights: Any, error: type[PellucidError], message: str) -> None:
    """The message says what was given and what is accepted."""
    with pytest.raises(error, match=message):
        sample_weights(PLAIN, weights, 2)


@pytest.mark.parametrize(
    ("spec", "given", "expected"),
    [
        (PLAIN, None, None),
        (PLAIN, "balanced", "balanced"),
        (PLAIN, {0: 1, 2: 0.5}, ((0, 1.0), (2, 0.5))),
        (PLAIN, {np.int64(1): np.float32(2), 2.0: np.int64(3)}, ((1, 2.0), (2, 3.0))),
        (PLAIN, {}, ()),
        (NAMED, {"bee": 2}, (("bee", 2.0),)),
        (NUMBERED, {30: 2}, ((30, 2.0),)),
        (YES, {1: 3}, ((1, 3.0),)),
        (YES_NAMED, {"yes": 3}, (("yes", 3.0),)),
    ],
    ids=str,
)
def test_class_weights_become_pairs_that_a_recipe_can_hold(spec: Spec, given: Any, expected: Any) -> None:
    """Labels as texts or ints, weights as floats."""
    actual = class_weights(spec, given)
    assert expected == actual
    if isinstance(actual, tuple):
        assert all((type(label), type(weight)) in {(int, float), (str, float)} for label, weight in actual)


CLASS_WEIGHTS_REFUSED: dict[str, tuple[Spec, Any, type[PellucidError], str]] = {
    "values": (VALUE, {0: 1}, SettingError, r"class_weight needs classes; the loss 'mse' with these outputs has none"),
    "tags": (TAGS, "balanced", SettingError, r"class_weight needs classes; the loss 'binary_cross_entropy'"),
    "another word": (PLAIN, "balance", SettingError, r"'balanced' or a dict of label: weight; 'balance' was given"),
    "a list": (PLAIN, [1, 2, 3], KindError, r"'balanced' or a dict of label: weight, not list"),
    "unknown number": (PLAIN, {3: 1}, DataError, r"class_weight holds the label 3, but"),
    "half": (PLAIN, {0.5: 1}, DataError, r"class_weight holds the label 0\.5"),
    "NaN": (PLAIN, {math.nan: 1}, DataError, r"class_weight holds the label nan"),
    "unknown name": (NAMED, {"dog": 1}, DataError, r"class_weight holds .*'dog'"),
    "None": (PLAIN, {None: 1}, KindError, r"class_weight is for the label None; texts and whole numbers"),
    "a tuple": (PLAIN, {(0, 1, 0): 1}, KindError, r"class_weight is for the label \(0, 1, 0\)"),
    "below 0": (PLAIN, {1: -1}, SettingError, r"class_weight\[1\] must be a number ≥ 0; -1 was given"),
    "weight NaN": (PLAIN, {1: math.nan}, SettingError, r"nan was given"),
    "weight infinite": (PLAIN, {1: math.inf}, SettingError, r"inf was given"),
    "weight a text": (NAMED, {"bee": "2"}, SettingError, r"class_weight\['bee'\] must be a number ≥ 0; '2' was given"),
}


@pytest.mark.parametrize(
    ("spec", "given", "error", "message"), CLASS_WEIGHTS_REFUSED.values(), ids=CLASS_WEIGHTS_REFUSED
)
def test_class_weights_that_cannot_be_are_refused(
    spec: Spec, given: Any, error: type[PellucidError], message: str
) -> None:
    """The message says what was given and what is accepted."""
    with pytest.raises(error, match=message):
        class_weights(spec, given)


def test_weights_of_classes_multiply_those_of_samples() -> None:
    """Each row's weight is its own times its class's, in the spec's type; without class weights nothing changes."""
    T = np.array([0, 1, 1, 2])
    own = np.array([1, 2, 3, 4], np.float32)
    assert weights_of_classes(PLAIN, T, None, None) is None
    assert weights_of_classes(PLAIN, T, own, None) is own
    doubled = weights_of_classes(PLAIN, T, own, ((1, 2.0), (2, 0.0)))
    assert ("float32", [1, 4, 6, 0]) == (doubled.dtype, doubled.tolist())
    assert [1, 0.5, 0.5, 1] == weights_of_classes(NAMED, T, None, (("ant", 0.5),)).tolist()
    assert [3, 1, 1, 1] == weights_of_classes(NUMBERED, T, None, ((30, 3.0),)).tolist()
    assert [1, 3] == weights_of_classes(YES, np.array([[0.0], [1.0]]), None, ((1, 3.0),)).tolist()


def test_balanced_weights_give_each_class_the_same_sum() -> None:
    """rows / (classes present · rows of the class): of 6 rows, 3 : 2 : 1 give ⅔, 1 and 2."""
    T = np.array([0, 0, 0, 1, 1, 2])
    assert [6 / 9] * 3 + [1, 1, 2] == weights_of_classes(NUMBERED, T, None, "balanced").tolist()
    assert [1, 1] == weights_of_classes(NUMBERED, np.array([2, 0]), None, "balanced").tolist()


def test_class_weights_that_leave_nothing_are_refused() -> None:
    """All rows of weight 0 would teach nothing."""
    with pytest.raises(DataError, match="class_weight gives every row the weight 0"):
        weights_of_classes(PLAIN, np.array([1, 1]), None, ((1, 0.0),))


def test_an_output_that_is_closed_stays() -> None:
    """Only what is open is taken from y."""
    assert FITTED.output is fitted_output(FITTED, [[9, 9]])
    assert VALUE.output is fitted_output(VALUE, [9])


@settings(deadline=None)
@given(columns=st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=20))
def test_the_mean_is_exact(columns: list[list[float]]) -> None:
    """The shift is the exact sum, rounded once, over the count; the scale the same of squared differences."""
    output = fitted_output(OPEN, columns)
    for place in range(2):
        column = [row[place] for row in columns]
        if len(set(column)) == 1:
            assert (column[0], 1.0) == (output.shift[place], output.scale[place])
            continue
        mean = float(sum(map(Fraction, column))) / len(column)
        squares = [(x - mean) * (x - mean) for x in column]
        spread = math.sqrt(float(sum(map(Fraction, squares))) / len(column))
        assert (mean, spread or 1.0) == (output.shift[place], output.scale[place])


def test_the_order_of_rows_does_not_matter() -> None:
    """Mean and standard deviation have the same bits for any order."""
    y = np.random.default_rng(0).normal(1e3, 5, (1000, 2))
    expected = fitted_output(OPEN, y)
    assert expected == fitted_output(OPEN, y[::-1])
    np.testing.assert_allclose(expected.shift, y.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(expected.scale, y.std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 0.1, -0.7, 1e-300, 1e300])
@pytest.mark.parametrize("rows", [1, 3, 7, 10])
def test_a_target_that_never_varies_keeps_the_scale_1(value: float, rows: int) -> None:
    """Its shift is that value itself, to the bit, also where its rounded mean would not be (0.1 three times)."""
    y = np.column_stack([np.full(rows, value), np.arange(rows)])
    output = fitted_output(OPEN, y)
    assert (value, 1.0) == (output.shift[0], output.scale[0])


def test_values_too_large_for_the_type_will_do_once_they_are_scaled() -> None:
    """In float32, 10¹⁰⁰ is infinite; standardised it is 1."""
    spec = Spec.of([2, 1], loss="mse")
    y = [-1e100, 1e100]
    assert (2, 1) == encoded_targets(spec, y, 2).shape
    fitted = replace(spec, output=fitted_output(spec, y))
    assert [[-1], [1]] == encoded_targets(fitted, y, 2).tolist()


@pytest.mark.parametrize("y", [[[1e308, 0], [-1e308, 0]], [[1e200, 0], [0, 0]], [[1.7e308, 0], [1.6e308, 1]]], ids=str)
def test_targets_whose_squares_overflow_are_refused(y: list[list[float]]) -> None:
    """No scale could be had from them."""
    with pytest.raises(DataError, match=r"y reaches 1.*, whose square is not finite; .*Give y in larger units"):
        fitted_output(OPEN, y)


def test_advice_for_arrays_of_one_dimension() -> None:
    """One sample, one input, or neither: each gets advice of its own."""
    for width, shape, advice in ((5, (5,), r"For one sample give X\.reshape\(1, -1\)"), (1, (9,), r"reshape\(-1, 1\)")):
        with pytest.raises(ShapeError, match=advice):
            checked_inputs(Spec.of([width, 2]), np.zeros(shape))
    with pytest.raises(ShapeError, match="Give a table, with a row for each sample"):
        checked_inputs(Spec.of([5, 2]), np.zeros(9))
