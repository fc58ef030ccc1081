"""The explorer as a widget of a notebook: the page's module, answered by the kernel. It alone imports anywidget."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import anywidget
from numpy.typing import NDArray

from pellucid.explorer._exchange import answer_to
from pellucid.explorer._page import page_text
from pellucid.explorer._session import Session
from pellucid.network import Run

__all__ = ["Widget"]

_AT_ONCE: Final = 4


class Widget(anywidget.AnyWidget):
    """A widget whose page asks by custom messages; nothing of it is kept in traits, so notebooks store no numbers.

    A kernel hears messages in its main thread or, while a cell runs, in another (subshells). Here they are answered in
    threads of the widget's own, so that a long answer does not hold up a pause.

    Parameters
    ----------
    session : who answers the questions
    """

    _esm = page_text("explorer.js")
    _css = page_text("explorer.css")

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._workers = ThreadPoolExecutor(_AT_ONCE, "pellucid-explorer")
        self._sending = threading.Lock()
        self.on_msg(self._heard)

    @property
    def runs(self) -> dict[str, Run]:
        """The runs by their names, also those that were branched off in the page."""
        return self._session.runs

    @property
    def own(self) -> list[NDArray[Any]]:
        """The rows of inputs that were drawn or typed in the page."""
        return self._session.sets.own

    def _heard(self, _: object, message: Any, buffers: object) -> None:
        if isinstance(message, dict):  # the context says to which message the kernel replies
            self._workers.submit(contextvars.copy_context().run, self._reply, message)

    def _reply(self, message: Mapping[str, Any]) -> None:
        view = message.get("view")  # each view of the widget hears the answers of all
        header, buffer = answer_to(self._session, {name: value for name, value in message.items() if name != "view"})
        with self._sending:
            self.send({**header, "view": view}, buffers=[buffer])
