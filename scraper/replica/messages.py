"""A request as the replica reads it, and an answer as it gives it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from ..engines.parsing.values import whole_number

if TYPE_CHECKING:
    from email.message import Message

Query = Mapping[str, list[str]]


@dataclass(frozen=True)
class Request:
    """Method, the path's parts, headers and body; `asked` is the query as it stood."""

    method: str
    path: str
    place: str
    query: Query
    asked: str
    headers: Message
    body: str = ""

    @classmethod
    def read(cls, method: str, path: str, headers: Message, body: str) -> Request:
        """Take a request line's target apart."""
        parts = urlsplit(path)
        return cls(method, path, parts.path, parse_qs(parts.query), parts.query, headers, body)

    def one(self, name: str, default: str = "") -> str:
        """The first value of a parameter."""
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """A parameter that is a number, else the default."""
        return whole_number(self.one(name), default)

    @property
    def cookies(self) -> str:
        """The cookie header as it stood."""
        return self.headers.get("Cookie", "")


@dataclass(frozen=True)
class Response:
    """Status, body and headers; `cut` ends the connection after the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


def html_page(text: str, status: int = 200, **headers: str) -> Response:
    """A page; header names with underscores for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text.encode(), status, {"Content-Type": "text/html; charset=utf-8", **named})


def sent_on(url: str, **headers: str) -> Response:
    """A redirect; what a header cannot hold is percent-encoded."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(b"", 302, {"Location": quote(url, safe="%/:=&?~#+!$,;'@()*[]"), **named})


def as_json(value: object, status: int = 200) -> Response:
    """JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, status, {"Content-Type": "application/json"})


NOT_FOUND = html_page("<html><title>404</title><h1>Not found</h1></html>", 404)
