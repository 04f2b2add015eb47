"""Why a URL brought no picture: the words, and the border where foreign errors become them."""

from __future__ import annotations

import http.client
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions

from ..errors import FetchFailed
from .guard import PrivateAddressError, is_public

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .guard import Watch

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "bad-url": "not a web address",
        "bad-scheme": "neither http, https nor data:",
        "bad-data-uri": "a data: URI that holds no decodable bytes",
        "private-address": "the host is not on the public internet",
        "opted-out": "the host's X-Robots-Tag keeps its pictures out of datasets",
        "connection": "no connection, or it broke before an answer came",
        "tls": "no trustworthy encrypted connection",
        "too-slow": "not all there before the deadline",
        "too-large": "more bytes than the cap",
        "too-many-redirects": "sent on more often than the cap, or in a circle",
        "truncated": "the body ended before its announced length",
        "bad-encoding": "the body's compression cannot be undone",
        "empty": "an answer without a body",
        "not-an-image": "the bytes are no picture, whatever they are called",
        "stopped": "the run was stopped while this was under way",
        "http-*": "the status that the host answered with: http-403, http-404, http-429 …",
    }
)
OPT_OUTS = frozenset({"noai", "noimageai", "noindex", "noimageindex"})
AGENT = "pixset"


def judge(url: str, *, allow_private: bool) -> None:
    """Refuse an address by its spelling; what its name leads to is judged when it is connected."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed("bad-url", str(error)) from error
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchFailed("bad-scheme" if parts.scheme else "bad-url", url[:200])
    if not host:
        raise FetchFailed("bad-url", url[:200])
    if allow_private:
        return
    try:
        public = is_public(host)
    except ValueError:  # a name, not an address
        public = not (host == "localhost" or host.endswith((".localhost", ".local", ".internal")))
    if not public:
        raise FetchFailed("private-address", host)


def opted_out(tags: list[str]) -> bool:
    """Whether X-Robots-Tag lines keep a picture out, for everybody or for this agent by name."""
    for line in tags:
        agent, colon, rest = line.partition(":")
        named = bool(colon) and "," not in agent
        if named and agent.strip().lower() not in (AGENT, "*"):
            continue
        words = {word.strip().lower() for word in (rest if named else line).split(",")}
        if words & OPT_OUTS or "none" in words:
            return True
    return False


def status_failure(status: int) -> FetchFailed:
    """The failure that a status is: 404 → `http-404`."""
    return FetchFailed(f"http-{status}", http.client.responses.get(status, ""), status)


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what is wrapped in it, requests' way (arguments) and Python's (causes)."""
    found: list[BaseException] = []
    todo: list[Any] = [error]
    while todo and len(found) < 20:
        one = todo.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            todo += [*one.args, one.__cause__, getattr(one, "reason", None)]
    return found


def hung_up(error: BaseException) -> bool:
    """Whether the host dropped a connection that it had taken: worth one more try."""
    kinds = (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected)
    return any(isinstance(cause, kinds) for cause in _causes(error))


FOREIGN = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    PrivateAddressError,
    OSError,
    UnicodeError,
)
# The border: the first kind found in an error or its causes names the failure.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (PrivateAddressError, "private-address"),
    (requests.exceptions.SSLError, "tls"),
    (urllib3.exceptions.SSLError, "tls"),
    (requests.exceptions.ContentDecodingError, "bad-encoding"),
    (urllib3.exceptions.DecodeError, "bad-encoding"),
    (urllib3.exceptions.IncompleteRead, "truncated"),
    (http.client.IncompleteRead, "truncated"),
    (urllib3.exceptions.NewConnectionError, "connection"),  # urllib3 counts it as a timeout
    (requests.Timeout, "too-slow"),
    (urllib3.exceptions.TimeoutError, "too-slow"),
    (TimeoutError, "too-slow"),
    (requests.exceptions.InvalidURL, "bad-url"),
    (requests.exceptions.InvalidSchema, "bad-scheme"),
    (urllib3.exceptions.LocationParseError, "bad-url"),
    (UnicodeError, "bad-url"),
)


def translate(error: BaseException, watch: Watch, *, stopped: bool) -> FetchFailed:
    """One of our reasons for an error of requests, urllib3 or the socket."""
    if stopped:
        return FetchFailed("stopped")
    if watch.expired or watch.due <= monotonic():
        return FetchFailed("too-slow", "the deadline passed")
    causes = _causes(error)
    for kind, reason in _KINDS:
        for cause in causes:
            if isinstance(cause, kind):
                return FetchFailed(reason, str(cause)[:200])
    return FetchFailed("connection", str(error)[:200])
