"""A server that is really started, over a session that counts what it is asked, and clients that speak in bytes."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import pytest

import judges
from pellucid.explorer._messages import Entered, Status

FILES = {
    "index.html": ("text/html; charset=utf-8", b"<!doctype html><title>page</title>"),
    "explorer.js": ("text/javascript; charset=utf-8", b"export {};"),
    "explorer.css": ("text/css; charset=utf-8", b"body {}"),
}
STATUS = Status([], 0, can_undo=False, can_redo=False)


class Counting:
    """Answers every question with a status, unless ``how`` says otherwise, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.threads: set[str] = set()
        self.how: Callable[[Any], Any] = lambda question: STATUS

    def answer(self, question: Any) -> Any:
        self.asked.append(question)
        self.threads.add(threading.current_thread().name)
        return self.how(question)

    def close(self) -> None:
        pass


class Reply(NamedTuple):
    """An answer over HTTP: status, headers by their names in small letters, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Line:
    """A connection of plain bytes to the server; it is made anew where the server has closed it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection: socket.socket | None = None
        self.kept = b""

    def ask(self, request: bytes, *, head: bool = False) -> Reply:
        """Send a request and return what is answered to it."""
        for _ in range(2):  # a connection that was kept may have been closed meanwhile
            try:
                if self.connection is None:
                    self.connection, self.kept = socket.create_connection(("127.0.0.1", self.port), 30), b""
                self.connection.sendall(request)
                return self._reply(head)
            except (ConnectionError, EOFError):
                self.close()
        raise EOFError(request[:200])

    def _reply(self, head: bool) -> Reply:
        top = self.until(b"\r\n\r\n")
        first, *lines = top.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        length = 0 if head or status == 101 else int(headers["content-length"])
        reply = Reply(status, headers, self.exactly(length))
        if headers.get("connection") == "close":
            self.close()
        return reply

    def until(self, end: bytes) -> bytes:
        while end not in self.kept:
            self._more()
        return self.exactly(self.kept.index(end) + len(end))

    def exactly(self, length: int) -> bytes:
        while len(self.kept) < length:
            self._more()
        taken, self.kept = self.kept[:length], self.kept[length:]
        return taken

    def _more(self) -> None:
        assert self.connection is not None
        found = self.connection.recv(1 << 16)
        if not found:
            raise EOFError
        self.kept += found

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def __enter__(self) -> Line:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Started(NamedTuple):
    """A server, the session behind it, and where both are."""

    server: Any
    session: Counting
    port: int
    token: str

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def request(self, method: str, path: str, **headers: str | None) -> bytes:
        """Return a request in bytes; headers that are None are left out."""
        given = {"Host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in given.items() if value is not None),
        ]
        return "\r\n".join([*lines, "", ""]).encode("utf-8")

    def handshake(self, method: str = "GET", path: str | None = None, **headers: str | None) -> bytes:
        """Return the handshake of a WebSocket."""
        usual = {
            "Origin": f"http://{self.host}",
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": base64.b64encode(os.urandom(16)).decode(),
        }
        return self.request(method, f"/{self.token}/socket" if path is None else path, **{**usual, **headers})

    def viewer(self) -> Any:
        """Return a viewer as a page is one."""
        from websockets.sync.client import connect

        address = f"ws://{self.host}/{self.token}/socket"
        return connect(address, origin=f"http://{self.host}", proxy=None, max_size=None)  # type: ignore[arg-type]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """A server of three small files; when it is closed, its thread has ended."""
    judges.judge("uvicorn")
    from pellucid.explorer import _server

    monkeypatch.setattr(_server, "page_files", lambda: FILES)
    session = Counting()
    server = _server.Server(session)
    server.start()
    parts = urlsplit(server.url)
    yield Started(server, session, parts.port or 0, parts.path.strip("/"))
    server.close()
    assert not server._thread.is_alive()


@pytest.fixture
def line(started: Started) -> Iterator[Line]:
    """A connection of plain bytes to the server."""
    with Line(started.port) as line:
        yield line


def answer_in(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the buffer of a message, as the page reads them."""
    length = int.from_bytes(message[:4], "little")
    assert bytes(4) == message[4:8]
    assert 0 == length % 8
    return json.loads(message[8 : 8 + length]), message[8 + length :]


def entered(size: int) -> Entered:
    """Return an answer of so many numbers."""
    return Entered(0, np.arange(size, dtype=np.float32))


def asks(number: object, name: str = "AskStatus", **fields: Any) -> str:
    return json.dumps({"id": number, "ask": name, **fields})


_opened: list[str] = []
_listening: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _listening and event == "open" and not re.match(r"<|\d+$", str(arguments[0])):
        _opened.append(str(arguments[0]))


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The names of all files that this process opens while the test runs."""
    if not getattr(sys, "_pellucid_hook", False):  # a hook stays for good
        sys.addaudithook(_hook)
        sys._pellucid_hook = True  # type: ignore[attr-defined]
    _opened.clear()
    _listening.append(True)
    yield _opened
    _listening.clear()
