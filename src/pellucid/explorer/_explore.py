"""`explore`: a network or a run, opened in the browser or in the notebook that one is in."""

from __future__ import annotations

import importlib.util
import sys
import threading
import webbrowser
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pellucid.checks import whole_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pellucid.explorer._server import Server
    from pellucid.explorer._session import Session
    from pellucid.network import Run

__all__ = ["Explorer", "explore"]


def explore(obj: Any, data: Any = None, *, port: int = 0, browser: bool = True) -> Any:
    """Open a network or a run, so that every number of it can be looked at.

    In a notebook this is a widget, where anywidget is installed. Elsewhere a page is served, to this machine alone, and
    the browser opened; the page is there as long as the process is, or until the explorer is closed.

    Parameters
    ----------
    obj : Network or Run
    data : what it is tested on, (X, y); or {"training": (X, y), "test": (X, y)}; or None
        A run knows the data that it learns from.
    port : of 127.0.0.1, where it serves a page; 0 for one that is free
    browser : whether to open the browser; its address is ``.url`` anyway

    Returns
    -------
    Explorer or an anywidget

    Raises
    ------
    KindError, SettingError
        It is nothing that can be explored, or the port is taken.
    MissingLibraryError
        The libraries of pellucid[explorer] are not installed.

    Examples
    --------
    >>> from pellucid import Network, explore
    >>> with explore(Network([2, 3, 2]), browser=False) as explorer:
    ...     explorer.url.startswith("http://127.0.0.1:")
    True
    """
    whole_number("port", port, 0, 65_535)
    if _in_notebook():
        from pellucid.explorer._widget import Widget

        return Widget(_session(obj, data))
    from pellucid.explorer._server import Server

    session = _session(obj, data)
    try:
        explorer = Explorer(session, Server(session, port))
    except BaseException:
        session.close()
        raise
    if browser:
        webbrowser.open(explorer.url)
    return explorer


class Explorer:
    """A page that is served, made by `explore`; close it, or use it in a ``with`` statement.

    Attributes
    ----------
    url : where it is; the long word in it is the key, so it is told to nobody
    """

    def __init__(self, session: Session, server: Server) -> None:
        self._session, self._server = session, server
        self._closed = threading.Event()
        self.url = server.url
        server.start()

    @property
    def runs(self) -> dict[str, Run]:
        """The runs by their names, also those that were branched off in the page."""
        return self._session.runs

    @property
    def own(self) -> list[NDArray[Any]]:
        """The rows of inputs that were drawn or typed in the page."""
        return self._session.sets.own

    def wait(self) -> None:
        """Wait until it is closed; Ctrl-C closes it."""
        try:
            while not self._closed.wait(0.5):  # Windows hears no Ctrl-C in a wait without end
                pass
        except KeyboardInterrupt:
            self.close()

    def close(self) -> None:
        """Pause what is trained, tell the pages goodbye, and end; a second time does nothing."""
        if not self._closed.is_set():
            self._closed.set()
            self._server.close()
            self._session.close()

    def __enter__(self) -> Explorer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return "Explorer (closed)" if self._closed.is_set() else f"Explorer at {self.url}"


def _session(obj: Any, data: Any) -> Session:
    from pellucid.explorer._session import Session

    return Session(obj, data)


def _in_notebook() -> bool:
    """Return whether this is the kernel of a notebook, in which widgets can be shown."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None and importlib.util.find_spec("anywidget") is not None
