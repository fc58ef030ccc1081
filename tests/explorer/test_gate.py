"""Who comes in: a host, an origin, a method, a secret or a path that is not exactly right is refused."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, product

import pytest

from .conftest import FILES, Line, Reply, Started, answer_in, asks

METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "NONSENSE",
    "get",
]
NAMES = ["", "index.html", "explorer.js", "explorer.css", "socket", "missing", "explorer.js/", "Explorer.js"]
POLICY = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


def refused(reply: Reply, status: int) -> None:
    """Assert that a reply has the status, every header of the policy, and says nothing."""
    assert (status, b"") == (reply.status, reply.body)
    assert POLICY == {name: reply.headers.get(name) for name in POLICY}


def alive(started: Started) -> None:
    """Assert that nothing was asked so far, and that a viewer still gets its answer."""
    assert [] == started.session.asked
    with started.viewer() as viewer:
        viewer.send(asks(7))
        header, _ = answer_in(viewer.recv(30))
        assert (7, "Status") == (header["id"], header["answer"])


def wrong_headers(started: Started) -> dict[str, dict[str, str | None]]:
    """Return headers each of which is to be refused, for any request."""
    port, other = started.port, started.port % 65_535 + 1
    hosts = [None, "", "127.0.0.1", "localhost", f"127.0.0.1:{other}", f"evil.example:{port}", f"127.0.0.1.:{port}"]
    hosts += [f"localhost.:{port}", f"127.0.0.1.nip.io:{port}", f"LOCALHOST:{port}", f"127.1:{port}", f"[::1]:{port}"]
    hosts += [f"2130706433:{port}", f"0.0.0.0:{port}", f"127.0.0.1:{port}@evil.example", f"127.0.0.1:0{port}"]
    right = f"127.0.0.1:{port}"
    origins = ["null", "", "http://evil.example", f"https://{right}", f"http://localhost:{port}", "http://127.0.0.1"]
    origins += [f"http://{right}.evil.example", f"http://{right}/", f"HTTP://{right}", f"http://127.0.0.1:{other}"]
    wrong: dict[str, dict[str, str | None]] = {f"host {host}": {"Host": host} for host in hosts}
    wrong |= {f"origin {origin}": {"Origin": origin} for origin in origins}
    wrong |= {f"site {site}": {"Sec_Fetch_Site": site} for site in ("cross-site", "same-site", "", "Same-Origin")}
    return wrong


def test_the_page_is_served(started: Started, line: Line) -> None:
    """The page, its script and its style come with their types and the policy; HEAD brings their length alone."""
    for name in ("", *FILES):
        kind, body = FILES[name or "index.html"]
        reply = line.ask(started.request("GET", f"/{started.token}/{name}"))
        assert (200, body, kind) == (reply.status, reply.body, reply.headers["content-type"])
        assert POLICY == {header: reply.headers.get(header) for header in POLICY}
        head = line.ask(started.request("HEAD", f"/{started.token}/{name}"), head=True)
        assert {**reply.headers, "date": ""} == {**head.headers, "date": ""}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost:{port}"},
        {"Origin": "http://127.0.0.1:{port}"},
        {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"},
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "same-origin", "Origin": "http://127.0.0.1:{port}"},
    ],
)
def test_what_is_right_comes_in(started: Started, line: Line, headers: dict[str, str]) -> None:
    """Both names of this machine, the page's own origin, and an address that was typed."""
    given = {name: value.format(port=started.port) for name, value in headers.items()}
    assert 200 == line.ask(started.request("GET", f"/{started.token}/", **given)).status


@pytest.mark.parametrize("method", METHODS)
def test_every_method_on_every_path(started: Started, line: Line, method: str) -> None:
    """GET and HEAD of what is there; everything else is refused: 405 behind the secret, 404 without it."""
    for name in NAMES:
        reply = line.ask(started.request(method, f"/{started.token}/{name}"), head=method == "HEAD")
        if method in {"GET", "HEAD"} and (name or "index.html") in FILES:
            assert 200 == reply.status
        else:
            refused(reply, 404 if method in {"GET", "HEAD"} else 405)
        refused(line.ask(started.request(method, f"/{name}"), head=method == "HEAD"), 404)
    alive(started)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "NONSENSE"])
def test_foreign_pages_are_refused(started: Started, line: Line, method: str) -> None:
    """A host, an origin or a site that is not exactly right is refused, whatever the method and the path."""
    for told, headers in wrong_headers(started).items():
        for path in (f"/{started.token}/", f"/{started.token}/socket", "/"):
            reply = line.ask(started.request(method, path, **headers), head=method == "HEAD")
            if headers.get("Host", "") is None:
                assert 400 == reply.status  # HTTP/1.1 has no request without a host
            else:
                assert 403 == reply.status, told
            refused(reply, reply.status)
    two = started.request("GET", f"/{started.token}/", Origin=f"http://{started.host}")
    refused(line.ask(two.replace(b"\r\n\r\n", b"\r\nOrigin: http://evil.example\r\n\r\n")), 403)
    refused(line.ask(b"GET / HTTP/1.0\r\n\r\n"), 403)
    alive(started)


def test_wrong_secrets(started: Started, line: Line) -> None:
    """A secret that is missing, short, long, in other letters or encoded finds nothing."""
    token = started.token
    first = f"%{ord(token[0]):02x}{token[1:]}"
    for path in (
        "/",
        "//",
        "/x/",
        f"/{token[:-1]}/",
        f"/{token}x/",
        f"/{token.swapcase()}/",
        f"/{first}/",
        f"/{token}",
    ):
        refused(line.ask(started.request("GET", path)), 404)
        refused(line.ask(started.handshake(path=f"{path}socket")), 404)
    for path in (f"//{token}/", f"/./{token}/", f"http://{started.host}/{token}/", f"{token}/", "*", f"/x/../{token}/"):
        refused(line.ask(started.request("GET", path)), 404)
    alive(started)


def test_handshakes(started: Started, line: Line) -> None:
    """A WebSocket opens for this host and this origin alone; one without an origin is refused too."""
    for headers in ({"Origin": None}, *wrong_headers(started).values()):
        reply = line.ask(started.handshake(**headers))
        refused(reply, 400 if headers.get("Host", "") is None else 403)
    for name in ("", "index.html", "socket/", "Socket", "sockets"):
        refused(line.ask(started.handshake(path=f"/{started.token}/{name}")), 404)
    for method in METHODS[1:]:
        head = method == "HEAD"
        refused(line.ask(started.handshake(method), head=head), 404 if head else 405)
    for headers in ({"Sec_WebSocket_Version": "12"}, {"Sec_WebSocket_Key": "short"}, {"Sec_WebSocket_Key": None}):
        refused(line.ask(started.handshake(**headers)), 404)
    assert 101 == line.ask(started.handshake()).status
    alive(started)


def traversals(token: str) -> Iterator[bytes]:
    """Yield paths that lead out of a folder wherever a server decodes, joins or normalises what it was asked for."""
    ups = [
        "..",
        ".",
        "...",
        "....",
        "%2e%2e",
        "%2E%2E",
        ".%2e",
        "%252e%252e",
        "%25252e%25252e",
        "..;",
        "..%00",
        "%c0%ae%c0%ae",
    ]
    ups += ["%e0%80%ae%e0%80%ae", "%uff0e%uff0e", "%ef%bc%8e%ef%bc%8e", "．．", "․․", "..%0d%0a", "~", "%5c..", "\\.."]
    separators = ["/", "%2f", "%252f", "\\", "%5c", "%255c", "//", "/./", "%c0%af", "%ef%bc%8f"]
    goals = ["etc/passwd", "_server.py", "page/index.html", "explorer/_server.py", "C:/Windows/win.ini"]
    starts = [f"/{token}/", f"/{token}/explorer.js/", "/", f"/{token}/page/"]
    ends = cycle(["", "%00", "%00.js", "?x=/explorer.js", "#explorer.js", ";.css", "/.", "/", "%20", "\x00"])
    for start, up, separator, goal, depth in product(starts, ups, separators, goals, (1, 3, 8)):
        yield (start + (up + separator) * depth + goal + next(ends)).encode()
    for goal in goals:
        absolute = [
            f"/{goal}",
            f"//{goal}",
            f"/%2f{goal}",
            f"/file:///{goal}",
            f"/\\\\server\\{goal}",
            f"/{'/' * 5000}{goal}",
        ]
        yield from (f"/{token}{path}".encode() for path in absolute)
        yield from (path.encode() for path in (f"file:///{goal}", goal, f"http://evil.example/{goal}"))
    yield from (f"/{token}/{'../' * many}etc/passwd".encode() for many in (100, 1000, 20_000, 40_000))


def test_ten_thousand_traversals(started: Started, line: Line, opened: list[str]) -> None:
    """Not one finds anything, opens a file or asks a question; afterwards the page is as it was."""
    paths = list(traversals(started.token))
    assert len(paths) > 10_000
    assert len(paths) == len(set(paths))
    opened.clear()
    ending = f" HTTP/1.1\r\nHost: {started.host}\r\n\r\n".encode()
    for path in paths:
        reply = line.ask(b"GET " + path + ending)
        assert (b"", True) == (reply.body, reply.status in {400, 404}), path
    assert [] == opened
    assert b"export {};" == line.ask(started.request("GET", f"/{started.token}/explorer.js")).body
    alive(started)
