"""Why a URL brings no picture: the words, and the border where foreign errors become them."""

from __future__ import annotations

import http.client
import ssl
from types import MappingProxyType
from typing import TYPE_CHECKING

from urllib3 import exceptions

from ..errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "bad-url": "not a web address",
        "bad-scheme": "neither http, https nor data:",
        "bad-data-uri": "a data: URI that holds no decodable bytes",
        "unsafe-port": "a port of another protocol, which browsers refuse to ask",
        "private-address": "the host is not on the public internet",
        "opted-out": "the host's X-Robots-Tag keeps its pictures out of datasets",
        "connection": "no connection, or it broke before an answer came",
        "tls": "no trustworthy encrypted connection",
        "bad-answer": "what came is not HTTP",
        "too-slow": "not all there before the deadline",
        "too-large": "more bytes than the cap",
        "too-many-redirects": "sent on more often than the cap, or in a circle",
        "truncated": "the body ended before its announced length, last chunk or trailer",
        "bad-encoding": "the body's compression cannot be undone",
        "empty": "an answer without a body",
        "not-an-image": "the bytes are no picture, whatever they are called",
        "stopped": "the run was stopped while this was under way",
        "unexpected": "a fault of pixset itself, or of this machine: the detail names it",
        "http-*": "the status that the host answered with: http-403, http-404, http-429 …",
    }
)


# The first that fits: urllib3's and the system's errors, the narrower ones before the wider.
_FOREIGN: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.ProxyError, "connection"),
    (exceptions.SSLError, "tls"),
    (ssl.SSLError, "tls"),
    (exceptions.TimeoutError, "too-slow"),
    (TimeoutError, "too-slow"),
    (exceptions.HTTPError, "connection"),
    (OSError, "connection"),
)


def status_failure(status: int) -> FetchFailed:
    """The failure that a status is: 404 → `http-404`."""
    return FetchFailed(f"http-{status}", http.client.responses.get(status, ""), status)


def translate(error: Exception) -> FetchFailed:
    """One of our reasons for whatever ended a fetch; a FetchFailed is one already."""
    if isinstance(error, FetchFailed):
        return error
    for kind, reason in _FOREIGN:
        if isinstance(error, kind):
            return FetchFailed(reason, str(error)[:200])
    return FetchFailed("unexpected", f"{type(error).__name__}: {error}"[:200])
