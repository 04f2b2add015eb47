"""One URL on its way: redirects, retries, caps, and the body read against the clock."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING

from ..errors import FetchFailed
from .address import read_address, read_location
from .answer import Answer
from .connection import ConnectionEnded
from .cookies import ChainCookies
from .encodings import decoded, is_understood
from .failures import status_failure
from .formats import describe, sniff
from .guard import judge
from .models import Fetched
from .robots import opted_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .address import Address
    from .clock import Clock
    from .connection import Connection
    from .models import FetchLimits
    from .session import FetchSession

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_DRAINED = 65_536  # bytes of a body nobody wants that are read to keep the connection
_DRAINING = 0.2  # seconds for them


class Transfer:
    """One URL on its way: redirects are followed here, so that each hop is judged."""

    def __init__(
        self,
        url: str,
        referer: str | None,
        limits: FetchLimits,
        session: FetchSession,
        clock: Clock,
    ) -> None:
        self._url = url
        self._limits = limits
        self._session = session
        self._clock = clock
        self._headers = dict(session.headers)
        if page := _referer(referer):
            self._headers["Referer"] = page
        self._cookies = ChainCookies()
        self._tries = 0

    def run(self) -> Fetched:
        """The picture; raises FetchFailed, or ConnectionEnded where no answer came."""
        here = read_address(self._url)
        seen: set[tuple[str, str | None]] = set()
        while True:
            if not self._limits.allow_private:
                judge(here)
            # A host may send one round in a circle to set its cookie; with it, that is no circle.
            state = (here.href, self._cookies.header(here))
            if state in seen or len(seen) > self._limits.max_redirects:
                raise FetchFailed("too-many-redirects", f"{len(seen)} hops, last {here.href}")
            seen.add(state)
            connection, answer = self._ask(here)
            try:
                location = _location(answer)
                if location is None:
                    return self._picture(answer, here)
                self._skip_body(answer)
            finally:
                self._leave(here, connection, answer)
            here = read_location(location, here)

    def _ask(self, here: Address) -> tuple[Connection, Answer]:
        """An answer that is not `try again later`, asked for as often as manners and time allow."""
        while True:
            self._tries += 1
            connection = self._session.take(here, self._clock)
            try:
                answer = self._exchange(connection, here)
            except ConnectionEnded:
                used = connection.requests > 1
                self._session.discard(connection, self._clock)
                if used:  # its host ended an idle connection, as it may: not a try
                    self._tries -= 1
                elif not self._may_wait(here, self._backoff()):
                    raise
                continue
            except BaseException:
                self._session.discard(connection, self._clock)
                raise
            self._cookies.store(here, answer.headers.get("set-cookie", ()))
            if answer.status not in _BUSY:
                return connection, answer
            self._skip_body(answer)
            self._leave(here, connection, answer)
            wait = _retry_after(answer.header("retry-after"))
            if wait is not None:
                self._clock.attempt.on_wait(here.authority, wait)
            if not self._may_wait(here, self._backoff() if wait is None else wait):
                raise status_failure(answer.status)

    def _exchange(self, connection: Connection, here: Address) -> Answer:
        connection.send(self._request(here, connection), self._clock, self._limits.read_timeout)
        answer = Answer(connection, self._limits.read_timeout)
        answer.read_head(self._clock)
        return answer

    def _request(self, here: Address, connection: Connection) -> bytes:
        target = here.href if connection.absolute else here.target
        lines = [f"GET {target} HTTP/1.1", f"Host: {here.authority}"]
        lines += [f"{name}: {value}" for name, value in self._headers.items()]
        if cookies := self._cookies.header(here):
            lines.append(f"Cookie: {cookies}")
        if login := here.basic_authorization():
            lines.append(f"Authorization: {login}")
        proxy = self._session.proxy(here) if connection.absolute else None
        if proxy is not None and (login := proxy.authorization()):
            lines.append(f"Proxy-Authorization: {login}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def _backoff(self) -> float:
        return 0.5 * 2.0 ** (self._tries - 1)

    def _may_wait(self, here: Address, seconds: float) -> bool:
        if self._tries >= self._limits.max_tries or seconds >= self._clock.left():
            return False
        if self._clock.attempt.stopped.wait(seconds):
            raise FetchFailed("stopped", here.href)
        return True

    def _skip_body(self, answer: Answer) -> None:
        """Read a body that nobody wants, if it is short and there, to keep the connection."""
        if answer.length is not None and answer.length > _DRAINED:
            return
        size = 0
        try:
            for block in answer.blocks(self._clock.shorter(_DRAINING)):
                size += len(block)
                if size > _DRAINED:
                    return
        except FetchFailed:
            self._clock.check()

    def _leave(self, here: Address, connection: Connection, answer: Answer) -> None:
        if answer.keeps_alive:
            self._session.give_back(here, connection, self._clock)
        else:
            self._session.discard(connection, self._clock)

    def _picture(self, answer: Answer, here: Address) -> Fetched:
        if not 200 <= answer.status < 300:
            self._skip_body(answer)
            raise status_failure(answer.status)
        tags = answer.headers.get("x-robots-tag", [])
        if self._limits.honour_robots_tag and opted_out(tags):
            raise FetchFailed("opted-out", ", ".join(tags), answer.status)
        _refuse_part(answer)
        data = self._body(answer)
        coding = answer.header("content-encoding") or ""
        if sniff(data) is None and not is_understood(coding):
            raise FetchFailed("bad-encoding", f"Content-Encoding: {coding[:80]}", answer.status)
        return Fetched(
            url=self._url,
            final_url=here.href,
            data=data,
            extension=extension_of(data, answer.header("content-type")),
            content_type=answer.header("content-type"),
            status=answer.status,
            x_robots_tag=", ".join(tags) or None,
            etag=answer.header("etag"),
            last_modified=answer.header("last-modified"),
        )

    def _body(self, answer: Answer) -> bytes:
        most = self._limits.max_bytes
        if answer.length is not None and answer.length > most:
            raise FetchFailed("too-large", f"{answer.length} bytes announced", answer.status)
        data = bytearray()
        blocks = _capped(answer.blocks(self._clock), most)
        for block in decoded(blocks, answer.header("content-encoding") or "", self._clock.check):
            data += block
            if len(data) > most:
                raise FetchFailed("too-large", f"over {most} bytes", answer.status)
        for _ in blocks:  # what follows a compressed stream's end belongs to the body, too
            pass
        if not data:
            raise FetchFailed("empty", f"status {answer.status}", answer.status)
        return bytes(data)


def _capped(blocks: Iterator[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > most:
            raise FetchFailed("too-large", f"over {most} bytes")
        yield block


def _location(answer: Answer) -> str | None:
    """Where a redirect leads; None where the answer is none."""
    if answer.status not in _REDIRECTS:
        return None
    return next((value for value in answer.headers.get("location", ()) if value), None)


def _refuse_part(answer: Answer) -> None:
    """Nobody asks for ranges: a 206 is a picture's part, unless it says that it is all of it."""
    if answer.status != 206:
        return
    said = answer.header("content-range") or "no Content-Range"
    part = re.fullmatch(r"bytes\s+0-(\d+)/(\d+)", said.strip())
    if part is None or int(part[1]) + 1 != int(part[2]):
        raise FetchFailed("truncated", f"a part that nobody asked for: {said}", answer.status)


def _referer(page: str | None) -> str | None:
    """A page's address as a Referer; None for what is no web address."""
    try:
        return read_address(page).href if page else None
    except FetchFailed:
        return None


def _retry_after(value: str | None) -> float | None:
    """Seconds to wait as a host asks for, in either of the header's two forms."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def extension_of(data: bytes, content_type: str | None) -> str:
    """The extension by signature; raises FetchFailed `not-an-image`."""
    extension = sniff(data)
    if extension is None:
        called = content_type or "nothing"
        raise FetchFailed("not-an-image", f"{describe(data)}, {len(data)} bytes called {called}")
    return extension
