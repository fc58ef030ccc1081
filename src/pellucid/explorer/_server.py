"""The explorer's server, on this machine alone: three files and a WebSocket behind a gate. Here uvicorn is imported."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, Final

from pellucid.errors import MissingLibraryError, SettingError
from pellucid.explorer._exchange import Answers
from pellucid.explorer._gate import HEADERS, Gate, is_handshake
from pellucid.explorer._page import page_files
from pellucid.explorer._viewer import AT_ONCE, Receive, Send, serve_viewer
from pellucid.explorer._wire import MOST_BYTES

try:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
except ModuleNotFoundError as error:
    raise MissingLibraryError(
        f"The explorer's server needs the library {error.name}, which is not installed. Install pellucid[explorer]."
    ) from None

__all__ = ["Server"]

_HERE: Final = "127.0.0.1"
_VIEWERS: Final = 8
_SOON: Final = 5.0  # seconds in which the thread ends


class Server:
    """Serves a session to browsers of this machine, from a thread of its own.

    Parameters
    ----------
    session : who answers the questions
    port : 0 for one that is free

    Raises
    ------
    SettingError
        The port is taken.
    MissingPartError
        The page was not built.

    Attributes
    ----------
    url : where the page is; whoever knows it may look, and train
    """

    def __init__(self, session: Answers, port: int = 0) -> None:
        self._session = session
        self._files = page_files()
        self._socket = _bound(port)
        token, port = secrets.token_urlsafe(32), self._socket.getsockname()[1]
        self.url = f"http://{_HERE}:{port}/{token}/"
        self._gate = Gate(frozenset(f"{name}:{port}".encode() for name in (_HERE, "localhost")), token.encode())
        self._workers = ThreadPoolExecutor(_VIEWERS * AT_ONCE, "pellucid-explorer")
        self._viewers = 0
        self._goodbye = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._uvicorn = uvicorn.Server(_configuration(self._app))
        self._thread = threading.Thread(target=self._run, name="pellucid-explorer", daemon=True)

    def start(self) -> None:
        """Begin to serve; what comes before that waits at the port."""
        self._thread.start()

    def close(self) -> None:
        """Tell the viewers goodbye and end, in a few seconds at most; a second time does nothing."""
        if self._thread.is_alive():
            self._uvicorn.should_exit = True
            with contextlib.suppress(RuntimeError):  # it has ended just now
                self._loop.call_soon_threadsafe(self._goodbye.set)
            self._thread.join(_SOON)
        elif not self._loop.is_closed():  # it never began
            self._socket.close()
            self._loop.close()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        await self._uvicorn.serve(sockets=[self._socket])
        for left in self._uvicorn.server_state.connections:
            left.transport.abort()
        await asyncio.sleep(0)  # in which they close

    async def _app(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request: what the gate lets through, and what then is there."""
        name = self._gate.asked_for(scope)
        if isinstance(name, HTTPStatus):
            await _respond(scope, send, name)
        elif scope["type"] == "websocket":
            await self._watch(scope, name, receive, send)
        elif (name or "index.html") in self._files:
            await _respond(scope, send, HTTPStatus.OK, *self._files[name or "index.html"])
        else:
            await _respond(scope, send, HTTPStatus.NOT_FOUND)

    async def _watch(self, scope: dict[str, Any], name: str, receive: Receive, send: Send) -> None:
        if name != "socket":
            await _respond(scope, send, HTTPStatus.NOT_FOUND)
        elif self._viewers >= _VIEWERS:
            await _respond(scope, send, HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._viewers += 1
            try:
                await serve_viewer(self._session, self._workers, self._goodbye, receive, send)
            finally:
                self._viewers -= 1


def _bound(port: int) -> socket.socket:
    try:
        return socket.create_server((_HERE, port))
    except OSError as error:
        raise SettingError(
            f"Port {port} of {_HERE} cannot be used: {error.strerror}. Give another, or 0 for one that is free."
        ) from None


def _configuration(app: Callable[..., Awaitable[None]]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_Requests,
        ws=_Socket,
        ws_max_size=MOST_BYTES,
        ws_per_message_deflate=False,  # this machine's own wire needs none, and bombs come in by it
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )


async def _respond(scope: dict[str, Any], send: Send, status: int, kind: str = "text/plain", body: bytes = b"") -> None:
    prefix = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    await send({"type": f"{prefix}.start", "status": int(status), "headers": _headers(kind, len(body))})
    await send({"type": f"{prefix}.body", "body": body})


def _headers(kind: str = "text/plain", length: int = 0) -> list[tuple[bytes, bytes]]:
    return [*HEADERS, (b"content-type", kind.encode()), (b"content-length", str(length).encode())]


class _Requests(H11Protocol):
    """uvicorn's HTTP/1.1; what is no whole handshake of a WebSocket is answered as any other request is."""

    def _should_upgrade(self) -> bool:
        return is_handshake(self.scope) and super()._should_upgrade()

    def send_400_response(self, msg: str) -> None:
        lines = [b"HTTP/1.1 400 Bad Request", *(b": ".join(one) for one in _headers()), b"connection: close", b"", b""]
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()


class _Socket(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket, which keeps little for a viewer that has ceased to read, and does not wait for it."""

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()  # thrown away

    async def run_asgi(self) -> None:
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()
