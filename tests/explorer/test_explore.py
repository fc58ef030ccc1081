"""`explore`: a handle that serves until it is closed, a widget in a kernel, and what is refused."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import judges
import pellucid
from pellucid import Network
from pellucid.errors import KindError, MissingLibraryError, MissingPartError, SettingError
from pellucid.explorer import Explorer, _explore, _page, explore

from .conftest import Counting


@pytest.fixture(autouse=True)
def no_browser(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses at which a browser would have been opened."""
    opened: list[str] = []
    monkeypatch.setattr(_explore.webbrowser, "open", opened.append)
    return opened


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Network:
    """A network, in an environment where the page has been built."""
    judges.judge("uvicorn")
    for name in ("index.html", "explorer.js", "explorer.css"):
        (tmp_path / name).write_text(f"the {name}\n", encoding="utf-8")
    monkeypatch.setattr(_page, "_FOLDER", tmp_path)
    return Network([2, 3, 2], seed=0)


def test_it_serves_until_it_is_closed(net: Network, no_browser: list[str]) -> None:
    """The handle tells its address, at which the browser was opened; closed, it tells that, and nobody is there."""
    with explore(net) as explorer:
        assert [explorer.url] == no_browser
        assert f"Explorer at {explorer.url}" == repr(explorer)
        with urllib.request.urlopen(explorer.url) as page:
            assert b"the index.html\n" == page.read()
    assert "Explorer (closed)" == repr(explorer)
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(explorer.url)
    explorer.close()
    explorer.wait()


def test_it_opens_no_browser_that_is_not_wanted(net: Network, no_browser: list[str]) -> None:
    """browser=False; each explorer has a secret of its own."""
    with explore(net, browser=False) as one, explore(net, browser=False) as other:
        assert one.url.split("/")[3] != other.url.split("/")[3]
    assert [] == no_browser


def test_wait_ends_when_it_is_closed(net: Network) -> None:
    """Another thread may close it."""
    explorer = explore(net, browser=False)
    closing = threading.Timer(0.1, explorer.close)
    closing.start()
    explorer.wait()
    closing.join()
    assert "Explorer (closed)" == repr(explorer)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_ctrl_c_ends_the_wait(net: Network) -> None:
    """It is no error: the explorer is closed, and the program goes on."""
    explorer = explore(net, browser=False)
    ring = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # who runs the tests may ignore it
    try:
        ring.start()
        explorer.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    ring.join()
    assert "Explorer (closed)" == repr(explorer)


@pytest.mark.parametrize("port", [-1, 65_536, 1.5, "80", True])
def test_ports_that_are_none(net: Network, port: Any) -> None:
    """They are refused before anything begins."""
    with pytest.raises((SettingError, KindError), match="port must"):
        explore(net, port=port)


def test_a_port_that_is_taken(net: Network, no_browser: list[str]) -> None:
    """It is refused, with what to do; no browser is opened."""
    with explore(net, browser=False) as explorer:
        taken = int(explorer.url.split("/")[2].split(":")[1])
        with pytest.raises(SettingError, match=f"Port {taken} of 127.0.0.1 cannot be used: .* 0 for one that is free"):
            explore(net, port=taken)
    assert [] == no_browser


def test_what_cannot_be_explored(net: Network) -> None:
    """Neither a network nor a run: refused."""
    with pytest.raises(KindError):
        explore("a network")


def test_a_page_that_was_not_built(net: Network, tmp_path: Path) -> None:
    """The error says how it is built."""
    (tmp_path / "explorer.css").unlink()
    with pytest.raises(MissingPartError, match=r"explorer\.css is missing\. In a checkout, run `make`, for which Node"):
        explore(net, browser=False)


def test_without_its_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named, and what installs it."""
    monkeypatch.delitem(sys.modules, "pellucid.explorer._server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MissingLibraryError, match=r"library uvicorn, which .* Install pellucid\[explorer\]\."):
        explore(Network([2, 3, 2]))


def test_importing_it_is_light() -> None:
    """Neither `import pellucid` nor its explorer loads the server's libraries, the widget's, or NumPy."""
    heavy = {"uvicorn", "starlette", "websockets", "anywidget", "ipywidgets", "asyncio", "http.server"}
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        f"import pellucid, pellucid.explorer; pellucid.explore\n"
        f"print(sorted({heavy!r} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert "[]\n" == out.stdout
    assert pellucid.explore is explore


# In a notebook


class Sent(list[Any]):
    """What a widget sends; ``wait`` waits until there is something."""

    def __init__(self) -> None:
        super().__init__()
        self.there = threading.Semaphore(0)

    def __call__(self, content: Any, buffers: Any = None) -> None:
        self.append((content, buffers))
        self.there.release()

    def wait(self) -> Any:
        assert self.there.acquire(timeout=30)
        return self.pop()


@pytest.fixture
def kernel(net: Network, monkeypatch: pytest.MonkeyPatch, judge: Callable[[str], Any]) -> None:
    """A shell that has a kernel, as that of a notebook."""
    judge("anywidget")
    monkeypatch.delitem(sys.modules, "pellucid.explorer._widget", raising=False)
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


@pytest.mark.usefixtures("kernel")
def test_a_widget_in_a_notebook(net: Network, no_browser: list[str]) -> None:
    """It holds the page's module and style and no numbers; messages are answered in threads of its own."""
    widget = explore(net)
    assert ([], "the explorer.js\n", "the explorer.css\n") == (no_browser, widget._esm, widget._css)
    kept = {key for key in widget.get_state() if not key.startswith(("_model", "_view", "_anywidget", "_dom"))}
    assert {"_esm", "_css", "layout", "tabbable", "tooltip"} == kept
    session, sent = Counting(), Sent()
    widget._session, widget.send = session, sent
    widget._handle_custom_msg({"id": 1, "ask": "AskStatus", "view": "v"}, [])
    (header, buffers) = sent.wait()
    assert (1, "Status", "v", [b""]) == (header["id"], header["answer"], header["view"], buffers)
    widget._handle_custom_msg({"id": 2, "ask": "AskStatus", "view": "v", "path": "/etc/passwd"}, [])
    header, _ = sent.wait()
    assert (2, "Refused", "v") == (header["id"], header["answer"], header["view"])
    widget._handle_custom_msg("no message", [])
    widget._handle_custom_msg({"view": ["x"]}, [])
    header, _ = sent.wait()
    assert (0, "Refused", ["x"]) == (header["id"], header["answer"], header["view"])
    assert 1 == len(session.asked)
    assert all(name.startswith("pellucid-explorer_") for name in session.threads)


@pytest.mark.usefixtures("kernel")
def test_a_notebook_without_anywidget(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """There a page is served."""
    monkeypatch.setattr(_explore.importlib.util, "find_spec", lambda name: None)
    with explore(net, browser=False) as explorer:
        assert isinstance(explorer, Explorer)


def test_a_shell_without_a_kernel(net: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """IPython in a terminal shows no widgets: a page is served."""
    shell = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with explore(net, browser=False) as explorer:
        assert isinstance(explorer, Explorer)
