"""The conversation of page and server: whole answers, bounded questions, and viewers that misbehave and harm nobody."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from pellucid.errors import SettingError
from pellucid.explorer import _viewer
from pellucid.explorer._messages import AskAbout, AskStatus, Train
from pellucid.explorer._wire import MOST_BYTES

from .conftest import STATUS, Line, Started, answer_in, asks, entered

WAIT = 30  # seconds after which a test gives up; none depends on how long it takes


def said(viewer: Any) -> tuple[int, str, str]:
    """Return number, kind and message of the next answer."""
    header, _ = answer_in(viewer.recv(WAIT))
    return header["id"], header["answer"], header.get("message", "")


def closed_with(viewer: Any) -> int:
    """Return the code with which the server closes, after all that it still sends."""
    from websockets.exceptions import ConnectionClosed

    with contextlib.suppress(ConnectionClosed):
        while True:
            viewer.recv(WAIT)
    return int(viewer.close_code)


def alive(started: Started) -> None:
    """Assert that a new viewer is answered."""
    with started.viewer() as viewer:
        viewer.send(asks(1))
        assert (1, "Status", "") == said(viewer)


def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


class Held:
    """A session's answer that is held back until it is let go; ``running`` counts who waits, ``most`` at once."""

    def __init__(self) -> None:
        self.go, self.lock = threading.Event(), threading.Lock()
        self.running = self.most = 0

    def __call__(self, _: object) -> Any:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.go.wait(WAIT)
        with self.lock:
            self.running -= 1
        return STATUS


@pytest.fixture
def held(started: Started) -> Iterator[Held]:
    """Questions after what the network is are held; other questions are not."""
    held = Held()
    started.session.how = lambda question: held(question) if isinstance(question, AskAbout) else STATUS
    yield held
    held.go.set()


# Answers


def test_questions_are_answered_by_number(started: Started) -> None:
    """Each answer bears its question's number; none is made by the thread that serves."""
    with started.viewer() as viewer:
        for number in range(10):
            viewer.send(asks(number))
        assert {(number, "Status", "") for number in range(10)} == {said(viewer) for _ in range(10)}
    assert 10 * [AskStatus()] == started.session.asked
    assert all(name.startswith("pellucid-explorer_") for name in started.session.threads)


def test_arrays_travel_in_the_buffer(started: Started) -> None:
    """The header says where an array begins, at a multiple of 8 bytes of the message; its bits are the answer's."""
    started.session.how = lambda _: entered(1_000_001)
    with started.viewer() as viewer:
        viewer.send(asks(2**53 - 1))
        message = viewer.recv(WAIT)
    header, buffer = answer_in(message)
    assert (2**53 - 1, "Entered", 0) == (header["id"], header["answer"], header["row"])
    assert 0 == (len(message) - len(buffer)) % 8
    place = header["x"]
    found = np.frombuffer(buffer, np.float32, place["length"], place["at"])
    assert np.arange(1_000_001, dtype=np.float32).tobytes() == found.tobytes()


def test_refusals(started: Started) -> None:
    """What the session refuses is refused under the question's number, in its own words."""

    def refuse(_: object) -> Any:
        raise SettingError("No such step. Give 0 … 10.")

    started.session.how = refuse
    with started.viewer() as viewer:
        viewer.send(asks(3))
        assert (3, "Refused", "No such step. Give 0 … 10.") == said(viewer)


def test_bugs(started: Started, caplog: pytest.LogCaptureFixture) -> None:
    """A bug is told by its kind alone, and logged whole; the next question is answered."""

    def fail(question: object) -> Any:
        return {}["secret"] if isinstance(question, AskAbout) else STATUS

    started.session.how = fail
    with started.viewer() as viewer, caplog.at_level(logging.ERROR, "pellucid.explorer"):
        viewer.send(asks(4, "AskAbout"))
        number, answer, message = said(viewer)
        assert (4, "Refused", True, False) == (number, answer, "(KeyError)" in message, "secret" in message)
        viewer.send(asks(5))
        assert (5, "Status", "") == said(viewer)
    assert ["The question 'AskAbout' was not answered"] == [record.message for record in caplog.records]


# Messages that are none

TRAIN = {"run": "run", "do": "start", "steps": 1, "pace": 0}
MALFORMED = {
    "empty": ("", 0),
    "no JSON": ("{", 0),
    "a list": ("[]", 0),
    "null": ("null", 0),
    "deep lists": ("[" * 60_000, 0),
    "deep objects": ('{"a":' * 10_000 + "1" + "}" * 10_000, 0),
    "deep, and closed": ('{"id":1,"ask":"AskStatus","x":' + "[" * 900 + "]" * 900 + "}", 1),
    "no number": (json.dumps({"ask": "AskStatus"}), 0),
    "number null": (asks(None), 0),
    "number true": (asks(True), 0),
    "number a text": (asks("1"), 0),
    "number broken": (asks(1.5), 0),
    "number negative": (asks(-1), 0),
    "number too large": (asks(2**53), 0),
    "number huge": ('{"id":1' + "0" * 5000 + ',"ask":"AskStatus"}', 0),
    "number NaN": ('{"id":NaN,"ask":"AskStatus"}', 0),
    "no question": ('{"id":1}', 1),
    "unknown question": (asks(1, "AskPassword"), 1),
    "an answer": (asks(1, "Status"), 1),
    "a module's name": (asks(1, "np"), 1),
    "question a list": ('{"id":1,"ask":["AskStatus"]}', 1),
    "a field too many": (asks(1, "AskStatus", path="/etc/passwd"), 1),
    "a field missing": (asks(1, "Train", run="run", do="start", steps=1), 1),
    "a name too long": (asks(1, "Train", **{**TRAIN, "run": "x" * 101}), 1),
    "a name a number": (asks(1, "Train", **{**TRAIN, "run": 1}), 1),
    "a choice that is none": (asks(1, "Train", **{**TRAIN, "do": "delete"}), 1),
    "a choice a list": (asks(1, "Train", **{**TRAIN, "do": ["start"]}), 1),
    "steps broken": (asks(1, "Train", **{**TRAIN, "steps": 1.0}), 1),
    "steps true": (asks(1, "Train", **{**TRAIN, "steps": True}), 1),
    "steps 0": (asks(1, "Train", **{**TRAIN, "steps": 0}), 1),
    "steps huge": (asks(1, "Train", **{**TRAIN, "steps": 10**400}), 1),
    "pace NaN": (asks(1, "Train", **{**TRAIN, "pace": float("nan")}), 1),
    "pace infinite": ('{"id":1,"ask":"Train","run":"run","do":"start","steps":1,"pace":1e999}', 1),
    "pace huge": (asks(1, "Train", **{**TRAIN, "pace": 10**400}), 1),
    "a place a list": (asks(1, "AskHands", where=[]), 1),
    "a place incomplete": (asks(1, "AskHands", where={"run": "run"}), 1),
    "a place too full": (asks(1, "AskHands", where={"run": "run", "step": 1, "id": 2}), 1),
    "too many values": (asks(1, "Enter", values=[0] * 2001), 1),
    "no values": (asks(1, "Enter", values=[]), 1),
    "values of values": (asks(1, "Enter", values=[[0]]), 1),
    "half a character": ('{"id":1,"ask":"\\ud800"}', 1),
    "NUL": ('{"id":1,"ask":"\\u0000"}', 1),
}


@pytest.mark.parametrize("message", MALFORMED)
def test_malformed_messages(started: Started, message: str) -> None:
    """They are refused, under their number or under 0; nothing is asked, and the viewer may go on."""
    text, number = MALFORMED[message]
    assert len(text) <= MOST_BYTES
    with started.viewer() as viewer:
        viewer.send(text)
        assert (number, "Refused") == said(viewer)[:2]
        assert [] == started.session.asked
        viewer.send(asks(9, "Train", **TRAIN))
        assert (9, "Status", "") == said(viewer)
    assert [Train(**TRAIN)] == started.session.asked


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b'{"id":1,"ask":"AskStatus"}', 1003),
        (b"\xff" * 100, 1003),
        ("x" * (MOST_BYTES + 1), 1009),
        (["x" * 40_000, "x" * 40_000], 1009),
        (b"x" * 10_000_000, 1009),
    ],
)
def test_messages_that_end_the_conversation(started: Started, message: Any, code: int) -> None:
    """Bytes, and texts that are too long, in one piece or in several."""
    from websockets.exceptions import ConnectionClosed

    with started.viewer() as viewer:
        with contextlib.suppress(ConnectionClosed):  # before all of it was sent
            viewer.send(message)
        assert closed_with(viewer) in {code, 1006}  # 1006: it went while ten million bytes were on their way
    assert [] == started.session.asked
    alive(started)


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x05hello",  # not masked
        b"\xc1\x80abcd",  # a reserved bit
        b"\x83\x80abcd",  # an opcode that there is not
        b"\x80\x80abcd",  # goes on with nothing
        b"\x09\x80abcd",  # a ping in pieces
        b"\x81\x82\x00\x00\x00\x00\xc3\x28",  # no UTF-8
        b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xffabcd",  # of 2⁶⁴ bytes
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_frames_that_are_none(started: Started, line: Line, frame: bytes) -> None:
    """The conversation ends; nothing is asked."""
    assert 101 == line.ask(started.handshake()).status
    assert line.connection is not None
    line.connection.sendall(frame)
    with pytest.raises((EOFError, ConnectionError)):
        line.until(b"never")
    assert [] == started.session.asked
    alive(started)


# Viewers that ask too much, do not read, or are too many


def test_four_at_a_time_and_sixteen_wait(started: Started, held: Held) -> None:
    """Of one viewer four questions are answered at once, sixteen wait; one more ends it. Others are not held up."""
    with started.viewer() as viewer:
        for number in range(20):
            viewer.send(asks(number, "AskAbout"))
        until(lambda: held.running == 4)
        alive(started)
        viewer.send(asks(20, "AskAbout"))
        assert 1008 == closed_with(viewer)
    held.go.set()
    until(lambda: held.running == 0)
    assert 4 == held.most
    assert 4 == sum(isinstance(question, AskAbout) for question in started.session.asked)
    alive(started)


def test_eight_viewers(started: Started, line: Line) -> None:
    """A ninth is told to come back; when one goes, another may come."""
    with contextlib.ExitStack() as seven:
        for _ in range(7):
            seven.enter_context(started.viewer())
        with started.viewer():
            assert (503, b"") == line.ask(started.handshake())[::2]
        until(lambda: started.server._viewers == 7)
        alive(started)


def stalled(started: Started, questions: int) -> socket.socket:
    """Return the connection of a viewer that asks, and reads no answer."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", started.port))
    connection.sendall(started.handshake())
    assert connection.recv(4096).endswith(b"\r\n\r\n")
    for number in range(questions):
        text = asks(number, "AskAbout").encode()
        connection.sendall(b"\x81" + bytes([0x80 | len(text)]) + bytes(4) + text)  # masked with zeros
    return connection


def test_a_viewer_that_does_not_read_is_dropped(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps at most its own few answers; others are answered meanwhile, and after some seconds it is gone."""
    monkeypatch.setattr(_viewer, "_PATIENCE", 0.5)
    large = entered(2_000_000)
    started.session.how = lambda question: large if isinstance(question, AskAbout) else STATUS
    with stalled(started, 8) as connection, started.viewer() as viewer:
        number = 0
        while started.server._viewers == 2 or number < 10:
            viewer.send(asks(number))
            assert (number, "Status", "") == said(viewer)
            number += 1
        assert 1 == started.server._viewers
        connection.settimeout(WAIT)
        came = sum(map(len, iter(lambda: connection.recv(1 << 20), b"")))
        assert came < large.x.nbytes  # what it had not read was thrown away
        assert sum(isinstance(question, AskAbout) for question in started.session.asked) < 8


def test_pings_are_not_kept_for_a_viewer_that_does_not_read(started: Started) -> None:
    """While an answer is unread, pings are not answered: nothing piles up."""
    started.session.how = lambda question: entered(4_000_000) if isinstance(question, AskAbout) else STATUS
    with stalled(started, 1) as connection:
        until(lambda: any(not one.writable.is_set() for one in sockets(started)))
        (one,) = sockets(started)
        kept = one.transport.get_write_buffer_size()
        for _ in range(1000):
            connection.sendall(b"\x89\xfd" + bytes(4) + bytes(125))
        alive(started)
        assert one.transport.get_write_buffer_size() <= kept


def sockets(started: Started) -> list[Any]:
    return [one for one in started.server._uvicorn.server_state.connections if hasattr(one, "writable")]


def test_half_a_request_holds_up_nobody(started: Started, line: Line) -> None:
    """Connections that say nothing, or half of what they have to say, leave the others alone."""
    others = [socket.create_connection(("127.0.0.1", started.port)) for _ in range(50)]
    for other in others[::2]:
        other.sendall(b"GET / HTTP/1.1\r\nHost: ")
    assert 200 == line.ask(started.request("GET", f"/{started.token}/")).status
    alive(started)
    for other in others:
        other.close()


# Beginning and end


def test_the_end(started: Started, held: Held) -> None:
    """Viewers are told goodbye; an answer that is still being made, and one that is not read, hold nothing up."""
    with started.viewer() as viewer, started.viewer() as busy, stalled(started, 1):
        busy.send(asks(1, "AskAbout"))
        until(lambda: held.running == 2)
        started.server.close()
        assert not started.server._thread.is_alive()
        assert (1001, 1001) == (closed_with(viewer), closed_with(busy))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", started.port))
    started.server.close()


def test_ports(started: Started) -> None:
    """A port that is taken is refused; one that is free is used; a server that never began can be closed."""
    from pellucid.explorer._server import Server

    with pytest.raises(SettingError, match=f"Port {started.port} of 127.0.0.1 cannot be used: .* Give another, or 0"):
        Server(started.session, started.port)
    started.server.close()
    again = Server(started.session, started.port)
    assert again.url.startswith(f"http://127.0.0.1:{started.port}/")
    assert started.server.url != again.url
    again.close()


def test_it_listens_on_this_machine_alone(started: Started, line: Line) -> None:
    """The one address it is bound to is 127.0.0.1."""
    assert 200 == line.ask(started.request("GET", f"/{started.token}/")).status  # it has begun
    assert [("127.0.0.1", started.port)] == [
        one.getsockname() for server in started.server._uvicorn.servers for one in server.sockets
    ]
    secret = base64.urlsafe_b64decode(started.token + "=")
    assert 32 == len(secret)
    assert struct.unpack("32B", secret) != struct.unpack("32B", os.urandom(32))
