"""One URL on its way: redirects, retries, caps, and the body read against the clock."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from time import monotonic, time
from typing import TYPE_CHECKING

from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError

from ..errors import FetchFailed
from .address import read_address, read_location
from .cookies import ChainCookies
from .dimensions import is_pixel
from .encodings import decoded, is_understood
from .failures import status_failure
from .formats import describe, sniff
from .guard import judge
from .models import Fetched
from .robots import opted_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse

    from .address import Address
    from .clock import Clock
    from .models import FetchLimits
    from .reused import PlainAnswer
    from .transport import FetchSession

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BUSY = frozenset({429, 503})
_BLOCK = 262_144
_DRAINED = 65_536  # bytes of an unwanted body that are read to keep the connection
_DRAINING = 0.2  # seconds for them
_PROOFS = frozenset({"authorization", "cookie"})  # which a caller's own session may hold


class Transfer:
    """One URL on its way: redirects are followed here, so that each hop is judged."""

    def __init__(
        self,
        url: str,
        referer: str | None,
        limits: FetchLimits,
        session: FetchSession,
        clock: Clock,
        address: Address | None = None,
    ) -> None:
        self._url = url
        self._address = address  # of `url`, where it was read before
        self._limits = limits
        self._session = session
        self._clock = clock
        self._headers = dict(session.headers)
        if page := _referer(referer):
            self._headers["Referer"] = page
        self._cookies = ChainCookies()
        self._tries = 0

    def run(self) -> Fetched:
        """The picture; raises FetchFailed, or urllib3's errors where no answer came."""
        with self._session.deadlines.watch(self._clock.attempt, self._clock.due):
            try:
                return self._run()
            except (HTTPError, OSError):
                self._clock.check()  # a connection that was cut looks like one that broke
                raise
            except FetchFailed as failure:
                if failure.reason == "bad-answer":
                    self._clock.check()  # or like one that ended within the headers
                raise

    def _run(self) -> Fetched:
        self._home = here = self._address or read_address(self._url)
        seen: set[tuple[str, str | None]] = set()
        while True:
            if not self._limits.allow_private:
                judge(here)
            # A host may send one round in a circle to set its cookie; with it, that is no circle.
            state = (here.href, self._cookies.header(here))
            if state in seen or len(seen) > self._limits.max_redirects:
                raise FetchFailed("too-many-redirects", f"{len(seen)} hops, last {here.href}")
            seen.add(state)
            found = self._ask(here)
            if isinstance(found, Fetched):
                return found
            here = found

    def _ask(self, here: Address) -> Fetched | Address:
        """The picture, or where a redirect leads; asked as often as manners and time allow."""
        self._tries = 0  # of this hop: those before it have answered
        while True:
            self._tries += 1
            try:
                with self._session.asked(here, self._headers_for(here), self._clock) as answer:
                    self._cookies.store(here, answer.headers.getlist("set-cookie"))
                    if answer.status not in _BUSY:
                        return self._answered(answer, here)
                    self._skip_body(answer)
                    wait = retry_after(answer.headers.get("retry-after"))
            except (ProtocolError, HTTPException) as error:
                self._clock.check()
                if not self._may_wait(here, self._backoff()):
                    raise FetchFailed("connection", str(error)[:200]) from error
                continue
            if wait is not None:
                self._clock.attempt.on_wait(here.authority, wait)
            if not self._may_wait(here, self._backoff() if wait is None else wait):
                raise status_failure(answer.status)

    def _headers_for(self, here: Address) -> dict[str, str]:
        """The headers for one hop: what proves who asks goes to the first host only."""
        ports = self._home.port, here.port
        is_home = here.host == self._home.host and (ports[0] == ports[1] or ports == (80, 443))
        headers = {n: v for n, v in self._headers.items() if is_home or n.lower() not in _PROOFS}
        if cookies := self._cookies.header(here):
            headers["Cookie"] = cookies
        if login := here.basic_authorization():
            headers["Authorization"] = login
        return headers

    def _backoff(self) -> float:
        return 0.5 * 2.0 ** (self._tries - 1)

    def _may_wait(self, here: Address, seconds: float) -> bool:
        if self._tries >= self._limits.max_tries or seconds >= self._clock.left():
            return False
        if self._clock.attempt.stopped.wait(seconds):
            raise FetchFailed("stopped", here.href)
        return True

    def _skip_body(self, answer: BaseHTTPResponse | PlainAnswer) -> None:
        """Read an unwanted body, if it is short and there, to keep the connection."""
        if (length := _length(answer)) is not None and length > _DRAINED:
            return
        size = 0
        with (
            suppress(HTTPError, OSError, HTTPException),
            self._session.deadlines.watch(self._clock.attempt, monotonic() + _DRAINING),
        ):
            for block in answer.stream(_BLOCK, decode_content=False):
                size += len(block)
                if size > _DRAINED:
                    return

    def _answered(self, answer: BaseHTTPResponse | PlainAnswer, here: Address) -> Fetched | Address:
        location = _location(answer)
        if location is not None or not 200 <= answer.status < 300:
            self._skip_body(answer)
        if location is not None:
            return read_location(location, here)
        if not 200 <= answer.status < 300:
            raise status_failure(answer.status)
        tags = answer.headers.getlist("x-robots-tag")
        if self._limits.honour_robots_tag and opted_out(tags):
            raise FetchFailed("opted-out", ", ".join(tags), answer.status)
        _refuse_part(answer)
        data = self._body(answer)
        coding = answer.headers.get("content-encoding", "")
        if sniff(data) is None and not is_understood(coding):
            raise FetchFailed("bad-encoding", f"Content-Encoding: {coding[:80]}", answer.status)
        return Fetched(
            url=self._url,
            final_url=here.href,
            data=data,
            extension=extension_of(data, answer.headers.get("content-type")),
            content_type=answer.headers.get("content-type"),
            status=answer.status,
            x_robots_tag=", ".join(tags) or None,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
        )

    def _body(self, answer: BaseHTTPResponse | PlainAnswer) -> bytes:
        most = self._limits.max_bytes
        if (length := _length(answer)) is not None and length > most:
            raise FetchFailed("too-large", f"{length} bytes announced", answer.status)
        data = bytearray()
        blocks = self._blocks(answer, most)
        for block in decoded(blocks, answer.headers.get("content-encoding", ""), self._clock.check):
            data += block
            if len(data) > most:
                raise FetchFailed("too-large", f"over {most} bytes", answer.status)
        for _ in blocks:  # what follows a compressed stream's end belongs to the body, too
            pass
        if not data:
            raise FetchFailed("empty", f"status {answer.status}", answer.status)
        return bytes(data)

    def _blocks(self, answer: BaseHTTPResponse | PlainAnswer, most: int) -> Iterator[bytes]:
        """The body as it is sent; raises FetchFailed `truncated` where it ends early."""
        codings = answer.headers.get("transfer-encoding", "").lower().replace(" ", "")
        if codings.removeprefix("identity").strip(",") not in ("", "chunked"):
            raise FetchFailed("bad-encoding", f"Transfer-Encoding: {codings[:80]}", answer.status)
        size = 0
        try:
            for block in answer.stream(_BLOCK, decode_content=False):
                self._clock.check()
                size += len(block)
                if size > most:
                    raise FetchFailed("too-large", f"over {most} bytes", answer.status)
                yield block
            self._clock.check()  # a cut may look like an orderly end
        except ReadTimeoutError as error:
            self._clock.check()
            raise FetchFailed(
                "too-slow", f"silent for {self._limits.read_timeout:g} s", answer.status
            ) from error
        except (HTTPError, HTTPException, OSError) as error:
            self._clock.check()
            raise FetchFailed("truncated", f"{size} bytes, then: {error}"[:200]) from error


def _length(answer: BaseHTTPResponse | PlainAnswer) -> int | None:
    """Bytes of the body as sent, where announced."""
    length = answer.headers.get("content-length")
    return int(length) if length else None


def _location(answer: BaseHTTPResponse | PlainAnswer) -> str | None:
    """Where a redirect leads; None where the answer is none."""
    if answer.status not in _REDIRECTS:
        return None
    return next((value for value in answer.headers.getlist("location") if value), None)


def _refuse_part(answer: BaseHTTPResponse | PlainAnswer) -> None:
    """No range is ever asked for: a 206 is a picture's part, unless it says that it is all."""
    if answer.status != 206:
        return
    content_range = answer.headers.get("content-range", "no Content-Range")
    part = re.fullmatch(r"bytes\s+0-(\d{1,15})/(\d{1,15})", content_range.strip())
    if part is None or int(part[1]) + 1 != int(part[2]):
        raise FetchFailed("truncated", f"an unasked part: {content_range}", answer.status)


def _referer(page: str | None) -> str | None:
    """A page's address as a Referer; None for what is no web address."""
    try:
        return read_address(page).href if page else None
    except FetchFailed:
        return None


def retry_after(value: str | None) -> float | None:
    """Seconds to wait as a host asks for, in either of the header's two forms."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        # HTTP's dates are GMT, also where they do not say so.
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, moment.timestamp() - time())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def extension_of(data: bytes, content_type: str | None) -> str:
    """The extension by signature; raises FetchFailed `not-an-image`."""
    extension = None if is_pixel(data) else sniff(data)
    if extension is None:
        called = content_type or "nothing"
        raise FetchFailed("not-an-image", f"{describe(data)}, {len(data)} bytes called {called}")
    return extension
