"""From a message to its answer, the same for a page and for a widget; nothing that is asked makes it raise."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol

from pellucid.errors import PellucidError, brief
from pellucid.explorer._messages import Refused
from pellucid.explorer._wire import header_and_buffer, question_of, read_json

__all__ = ["Answers", "answer_to", "answer_to_text"]

_LOG: Final = logging.getLogger("pellucid.explorer")
_MOST: Final = 2**53  # whole numbers that JavaScript has
_ALIGNED: Final = 8


class Answers(Protocol):
    """Whoever answers questions, from several threads at once."""

    def answer(self, question: Any, /) -> Any:
        """Return the answer to a question, or raise `PellucidError`, which refuses it."""


def answer_to(session: Answers, message: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the header and the buffer that answer a message.

    A message without a number of its own is refused under the number 0, which no question of a page has.
    """
    number = message.get("id")
    if type(number) is not int or not 0 <= number < _MOST:
        return header_and_buffer(0, Refused("A question has a number: id, a whole number ≥ 0."))
    try:
        return header_and_buffer(number, session.answer(question_of(message)))
    except PellucidError as error:
        return header_and_buffer(number, Refused(str(error)))
    except Exception as error:  # noqa: BLE001  # the page stays alive, whatever a bug makes of one question
        _LOG.exception("The question %s was not answered", brief(repr(message.get("ask")), 100))
        return header_and_buffer(number, Refused(_bug(error)))


def _bug(error: Exception) -> str:
    return f"This is a bug in Pellucid ({type(error).__name__}). Please report it, with what its log says."


def answer_to_text(session: Answers, text: str) -> bytes:
    """Return what is sent back for the text of a message: the header's length, 4 bytes of nothing, header, buffer."""
    try:
        message = read_json(text)
    except PellucidError as error:
        return _packed(*header_and_buffer(0, Refused(str(error))))
    return _packed(*answer_to(session, message))


def _packed(header: Mapping[str, Any], buffer: bytes) -> bytes:
    told = json.dumps(header, allow_nan=False, separators=(",", ":")).encode()
    told += b" " * (-len(told) % _ALIGNED)  # the buffer begins at a multiple of 8
    return len(told).to_bytes(4, "little") + bytes(4) + told + buffer
