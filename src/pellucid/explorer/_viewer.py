"""One viewer: a WebSocket whose questions are answered in threads, a few at a time; dropped when it stalls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from typing import Any, Final

from pellucid.explorer._exchange import Answers, answer_to_text

__all__ = ["AT_ONCE", "WAITING", "serve_viewer"]

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

AT_ONCE: Final = 4
"""Questions of a viewer that are answered at the same time."""

WAITING: Final = 16
"""Questions of a viewer that may wait."""

_PATIENCE: Final = 5.0  # seconds that a viewer may leave an answer unread while the next one waits to be sent
_TEXT_ALONE, _TOO_MANY, _GOODBYE = 1003, 1008, 1001  # codes of RFC 6455, 7.4.1


class _OverError(Exception):
    """The conversation ends, with this code; None: the viewer has gone, or does not read."""

    def __init__(self, code: int | None) -> None:
        self.code = code


async def serve_viewer(
    session: Answers, workers: Executor, goodbye: asyncio.Event, receive: Receive, send: Send
) -> None:
    """Answer a viewer's questions until it goes, misbehaves or is told goodbye."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    code = None
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_part(goodbye))
            await _converse(session, workers, tasks, receive, send)
    except* _OverError as ends:
        code = next((one.code for one in ends.exceptions if isinstance(one, _OverError)), None)
    if code is not None:
        with contextlib.suppress(_OverError):
            await _send(send, {"type": "websocket.close", "code": code})


async def _part(goodbye: asyncio.Event) -> None:
    await goodbye.wait()
    raise _OverError(_GOODBYE)


async def _converse(
    session: Answers, workers: Executor, tasks: asyncio.TaskGroup, receive: Receive, send: Send
) -> None:
    """Take each question as it comes, and hand it to a task of its own."""
    turns, sending = asyncio.Semaphore(AT_ONCE), asyncio.Lock()
    open_questions: set[asyncio.Task[None]] = set()

    async def answer(text: str) -> None:
        async with turns:  # held until the answer is sent: no more than these are kept for a viewer that does not read
            told = await asyncio.get_running_loop().run_in_executor(workers, answer_to_text, session, text)
            async with sending:
                await _send(send, {"type": "websocket.send", "bytes": told})

    while (message := await receive())["type"] == "websocket.receive":
        if not isinstance(message.get("text"), str):
            raise _OverError(_TEXT_ALONE)
        if len(open_questions) >= AT_ONCE + WAITING:
            raise _OverError(_TOO_MANY)
        task = tasks.create_task(answer(message["text"]))
        open_questions.add(task)
        task.add_done_callback(open_questions.discard)
    raise _OverError(None)


async def _send(send: Send, message: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            await send(message)
    except OSError:  # it took too long, or the viewer has gone
        raise _OverError(None) from None
