"""Who may come in: every request is looked at here before anything else, and refused unless all is as it should be.

A server on one's own machine can be reached by every page that one's browser shows, under names of its choosing. What
keeps them out: the exact name of the host (DNS rebinding), the origin, where the browser says that a request comes
from, and a secret that is part of the address. Nothing that is asked for ever becomes the path of a file.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

__all__ = ["HEADERS", "Gate", "is_handshake"]

_METHODS: Final = {"GET", "HEAD"}
_KEY: Final = re.compile(rb"[A-Za-z0-9+/]{22}==")  # 16 bytes in base 64
_OWN: Final = {b"same-origin", b"none"}  # none: an address typed, or opened from outside the browser

_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS: Final[Sequence[tuple[bytes, bytes]]] = (
    (b"content-security-policy", _POLICY),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
"""What every response carries."""


@dataclass(frozen=True)
class Gate:
    """The hosts and the secret of a server; names are compared as they came, byte by byte, and nothing is decoded.

    Attributes
    ----------
    hosts : what the header Host may be
    token : the first part of every path
    """

    hosts: frozenset[bytes]
    token: bytes

    def asked_for(self, scope: Mapping[str, Any]) -> str | HTTPStatus:
        """Return what of the page is asked for, ``""`` being the page itself, or the status that refuses it."""
        if not self._from_here(scope):
            return HTTPStatus.FORBIDDEN
        parts = scope["raw_path"].split(b"/", 2)
        if len(parts) != 3 or parts[0] or not hmac.compare_digest(parts[1], self.token):
            return HTTPStatus.NOT_FOUND
        if scope.get("method", "GET") not in _METHODS:
            return HTTPStatus.METHOD_NOT_ALLOWED
        return str(parts[2].decode("latin-1"))

    def _from_here(self, scope: Mapping[str, Any]) -> bool:
        """Return whether a request names this host, and comes from a page of this server or from no page."""
        hosts, origins, sites = (_values(scope, name) for name in (b"host", b"origin", b"sec-fetch-site"))
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return False
        if origins != [b"http://" + hosts[0]] and (origins or scope["type"] == "websocket"):
            return False
        return not sites or (len(sites) == 1 and sites[0] in _OWN)


def is_handshake(scope: Mapping[str, Any]) -> bool:
    """Return whether a request asks for a WebSocket as RFC 6455, 4.1 has it."""
    versions, keys = (_values(scope, name) for name in (b"sec-websocket-version", b"sec-websocket-key"))
    return scope["method"] == "GET" and versions == [b"13"] and len(keys) == 1 and _KEY.fullmatch(keys[0]) is not None


def _values(scope: Mapping[str, Any], name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]
