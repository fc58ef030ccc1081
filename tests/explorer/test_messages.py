"""Messages: each kind goes there and back, what lies beyond its bounds is refused, and the page's types agree."""

from __future__ import annotations

import json
import math
import types
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from pellucid.errors import KindError, SettingError, UnknownNameError
from pellucid.explorer import _messages
from pellucid.explorer._messages import QUESTIONS, Answer, AskStatus, Bounds, Change, Entered, Look, Sample, Where
from pellucid.explorer._typescript import typescript
from pellucid.explorer._wire import MOST_BYTES, header_and_buffer, question_of, read_json

CHECKOUT = Path(__file__).parents[2]
KINDS = sorted(QUESTIONS, key=lambda kind: kind.__name__)


def example(hint: Any, most: bool) -> Any:
    """Return a JSON value of a type, at the lower or the upper end of its bounds."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        bounds = next(one for one in arguments if isinstance(one, Bounds))
        end = bounds.high if most else bounds.low
        plain = arguments[0]
        if plain is str:
            return "x" * int(end)
        if get_origin(plain) is list:
            return [example(get_args(plain)[0], most)] * int(end)
        return plain(end)
    if origin in {Union, types.UnionType}:
        return example(arguments[0], most) if most else None
    if origin is Literal:
        return arguments[-1 if most else 0]
    if is_dataclass(hint):
        return message_of(hint, most)
    return most


def message_of(kind: Any, most: bool) -> dict[str, Any]:
    return {name: example(hint, most) for name, hint in get_type_hints(kind, include_extras=True).items()}


def as_json(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return value


def refusal(message: dict[str, Any]) -> str | None:
    """Return why a message is refused, or None."""
    try:
        question_of(message)
    except (KindError, SettingError) as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("most", [False, True])
def test_questions_there_and_back(kind: type, most: bool) -> None:
    """Every question, at both ends of the bounds of its fields, is what was written, and fits into a message."""
    message = {"id": 1, "ask": kind.__name__, **message_of(kind, most)}
    text = json.dumps(message)
    assert len(text) <= MOST_BYTES
    question = question_of(read_json(text))
    assert kind is type(question)
    assert message == {"id": 1, "ask": kind.__name__, **as_json(question)}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if fields(kind)])
@pytest.mark.parametrize("value", [None, True, -1, 1.5, 1e31, math.nan, 10**400, "x" * 60_001, [], {}, [[]], "\ud800"])
def test_fields_of_the_wrong_kind(kind: type, value: Any) -> None:
    """A value either is one of the field's or is refused; in no field does it raise anything else."""
    for field in fields(kind):
        message = {"ask": kind.__name__, **message_of(kind, most=True), field.name: value}
        told = refusal(message)
        if told is None:
            assert value == as_json(getattr(question_of(message), field.name))
        else:
            assert f"{kind.__name__}.{field.name}" in told
            assert len(told) < 1000


@pytest.mark.parametrize("kind", KINDS)
def test_fields_missing_or_too_many(kind: type) -> None:
    """A question has exactly its fields."""
    whole = {"ask": kind.__name__, **message_of(kind, most=False)}
    for message in ({**whole, "more": 1}, *({k: v for k, v in whole.items() if k != one.name} for one in fields(kind))):
        with pytest.raises(SettingError, match=f"{kind.__name__} has the fields"):
            question_of(message)


@pytest.mark.parametrize("name", [None, 1, [], {}, "", "look", "Looked", "Where", "__class__", "Floats"])
def test_unknown_questions(name: Any) -> None:
    """Names that are no question's are refused; answers and parts are none."""
    with pytest.raises(UnknownNameError, match="Unknown question"):
        question_of({"ask": name})


@pytest.mark.parametrize("text", ["", "[]", "1", "null", '"x"', "{", "{'a':1}", "[" * 60_000, b"\xff"])
def test_texts_that_are_no_message(text: str | bytes) -> None:
    """They are refused, with what they are."""
    with pytest.raises(KindError, match="A question is a JSON object"):
        read_json(text)


def test_texts_that_are_too_long() -> None:
    """The longest that is read is of 64 KiB."""
    text = json.dumps({"ask": "AskStatus"})
    assert AskStatus() == question_of(read_json(text + " " * (MOST_BYTES - len(text))))
    with pytest.raises(SettingError, match="at most 65536 bytes; 65537 were given"):
        read_json(text + " " * (MOST_BYTES + 1 - len(text)))


def test_numbers_become_what_the_field_says() -> None:
    """A whole number where a real one belongs is taken; None stays None; parts are made too."""
    question = question_of(
        {"ask": "Change", "run": "run", "learning_rate": 1, "batch_size": None, "dropout": None, "epochs": 2}
    )
    assert Change("run", 1.0, None, None, 2) == question
    assert float is type(question.learning_rate)
    look = message_of(Look, most=True) | {"where": {"run": "run", "step": 5}, "sample": {"set": "test", "row": 7}}
    looked = question_of({"ask": "Look", **look})
    assert (Where("run", 5), Sample("test", 7)) == (looked.where, looked.sample)


# Answers


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.uint8])
@pytest.mark.parametrize("n", [0, 1, 3, 8, 1001])
def test_arrays_there_and_back(dtype: Any, n: int) -> None:
    """Arrays of all kinds and lengths begin at multiples of 8 bytes and keep their bits, whatever the byte order."""
    values = np.arange(n).astype(dtype)
    answer = Entered(3, values), Entered(4, values.astype(values.dtype.newbyteorder(">"))[::-1])
    for one in answer:
        header, buffer = header_and_buffer(5, one)
        assert (5, "Entered", one.row) == (header["id"], header["answer"], header["row"])
        assert (0, n) == (header["x"]["at"] % 8, header["x"]["length"])
        assert header["x"]["kind"].lower().removesuffix("array") == np.dtype(dtype).name
        found = np.frombuffer(buffer, np.dtype(dtype).newbyteorder("<"), n, header["x"]["at"])
        np.testing.assert_array_equal(one.x, found)
        json.dumps(header, allow_nan=False)


def test_numbers_that_are_not_finite_are_null() -> None:
    """JSON has no NaN and no infinity."""
    for value in (math.nan, math.inf, -math.inf, np.float32("nan"), np.float64("inf")):
        header, _ = header_and_buffer(1, Where("run", value))  # type: ignore[arg-type]
        assert header["step"] is None
    header, _ = header_and_buffer(1, Where("run", np.int64(5)))  # type: ignore[arg-type]
    assert int is type(header["step"])


def test_every_question_has_its_answer() -> None:
    """The table of questions holds all of them, and answers alone."""
    assert set(get_args(_messages.Question)) == set(QUESTIONS)
    assert set(get_args(Answer)) >= set(QUESTIONS.values())


@pytest.mark.checkout
def test_the_pages_types_are_these() -> None:
    """`web/src/messages.ts` is what `make web` makes of the messages."""
    assert typescript() == (CHECKOUT / "web/src/messages.ts").read_text(encoding="utf-8")
