"""Cookies that live for one chain of redirects.

Hosts guard pictures by a redirect to themselves that sets a cookie; a browser comes back with
it. Nothing is kept beyond the one fetch.
"""

from __future__ import annotations

import re
from email.message import Message
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, cast
from urllib.request import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http.client import HTTPResponse

    from .address import Address

_MOST = 50  # cookies a chain; browsers keep as many a site
_ATTRIBUTES = {
    "domain": re.compile(r"=[^\s=,]{1,255}"),
    "path": re.compile(r"=/.{0,1024}"),
    "max-age": re.compile(r"=-?[0-9]{1,10}"),
    # No number of more than four digits: the jar's calendar ends with the year 9999.
    "expires": re.compile(r"=(?!.*[0-9]{5})[A-Za-z0-9 :,+-]{1,40}"),
    "secure": re.compile(r".{0,99}"),
}


class ChainCookies:
    """The cookies of one chain, each for the hosts and paths that it was set for."""

    def __init__(self) -> None:
        self._jar: CookieJar | None = None

    def store(self, address: Address, lines: Sequence[str]) -> None:
        """Take the Set-Cookie lines of an answer."""
        if not lines:
            return
        if self._jar is None:
            self._jar = CookieJar()
        self._jar.extract_cookies(cast("HTTPResponse", _Headers(lines[:_MOST])), _request(address))

    def header(self, address: Address) -> str | None:
        """The Cookie header for an address; None where no cookie belongs to it."""
        if self._jar is None:
            return None
        request = _request(address)
        self._jar.add_cookie_header(request)
        return request.get_header("Cookie")


class _Headers:
    """As much of an answer as the standard library's jar reads."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._message = Message()
        for line in lines:
            self._message["Set-Cookie"] = _tidied(line)

    def info(self) -> Message:
        return self._message


def _tidied(line: str) -> str:
    """A cookie with those of its attributes that are well formed, as browsers read them.

    The standard library's jar loses all cookies of an answer over one that is not, and prints a
    traceback of its own.
    """
    cookie, *attributes = line.split(";")
    kept = [cookie]
    for attribute in attributes:
        name, equals, value = attribute.partition("=")
        known = _ATTRIBUTES.get(name.strip().lower())
        if known is not None and known.fullmatch(f"{equals}{value.strip()}"):
            kept.append(attribute)
    return ";".join(kept)


def _request(address: Address) -> Request:
    return Request(address.href)  # noqa: S310  # never opened; the jar reads host and path from it
