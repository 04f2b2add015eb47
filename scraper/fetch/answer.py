"""An HTTP/1 answer: its head, and its body to the very end, by the rules that browsers follow.

`http.client` stops at 103 Early Hints, at the hundred-first header and at a body that it reads
without a bound, so the head is read here. What a body's end looks like (a length, chunks, the
end of the connection) decides whether it came whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import FetchFailed
from .connection import ConnectionEnded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .clock import Clock
    from .connection import Connection

_MOST_HEAD = 262_144  # bytes, as in Chromium; however many headers they hold
_MOST_LINE = 16_384  # bytes of a chunk's size line
_HEAD_END = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"(?:HTTP/(\d+)(?:\.(\d+))?|ICY)[ \t]+(\d{3})(?![0-9])", re.IGNORECASE)
_BODILESS = frozenset({204, 304})


class Answer:
    """One answer on a connection: `status`, headers, and `blocks` to read its body by.

    Header names are lower case, values hold the header's bytes as Latin-1. `complete` becomes
    True when the body was read to its end.
    """

    def __init__(self, connection: Connection, patience: float) -> None:
        self._connection = connection
        self._patience = patience
        self.status = 0
        self.headers: dict[str, list[str]] = {}
        self.complete = False
        self._version = (1, 1)
        self._chunked = False
        self.length: int | None = None  # bytes of the body as sent, where announced

    def read_head(self, clock: Clock) -> None:
        """Read past informational answers (100, 103) to the head of the real one.

        Raises FetchFailed `bad-answer` for what is no HTTP, and ConnectionEnded where the
        connection ends before a byte has come.
        """
        spent = 0
        while True:
            head = self._head(clock, _MOST_HEAD - spent)
            self._parse(head)
            if not 100 <= self.status < 200 or self.status == 101:
                break
            spent += len(head)
            if spent > _MOST_HEAD:
                raise FetchFailed("bad-answer", "endless informational answers")
        self._frame()

    def header(self, name: str) -> str | None:
        """A header's value, several of them joined by commas; None where there is none."""
        values = self.headers.get(name)
        return ", ".join(values) if values else None

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection may be used again once the body is complete."""
        words = (self.header("connection") or "").lower()
        if not self.complete or "close" in words or self.status == 101:
            return False
        return self._version >= (1, 1) or "keep-alive" in words

    def blocks(self, clock: Clock) -> Iterator[bytes]:
        """The body as it is sent; raises FetchFailed `truncated` where it ends early."""
        if self._chunked:
            yield from self._chunks(clock)
        elif self.length is not None:
            yield from self._counted(self.length, clock)
        else:
            while block := self._receive(clock, "the connection broke within the body"):
                yield block
            return  # complete as far as one can tell, but the connection is over
        self.complete = True

    def _head(self, clock: Clock, most: int) -> bytes:
        data = bytearray()
        while True:
            block = self._connection.receive(clock, self._patience)
            if not block:
                if data:
                    raise FetchFailed("bad-answer", "the connection ended within the headers")
                raise ConnectionEnded("no answer")
            # The end may straddle two blocks; blank lines before a head are passed over.
            start = max(0, len(data) - 3)
            data += block if data else block.lstrip(b"\r\n")
            end = _HEAD_END.search(data, start)
            if end is not None:
                self._connection.unread(bytes(data[end.end() :]))
                return bytes(data[: end.start()])
            if len(data) > most:
                raise FetchFailed("bad-answer", f"over {_MOST_HEAD} bytes of headers")

    def _parse(self, head: bytes) -> None:
        first, _, rest = head.partition(b"\n")
        found = _STATUS.match(first)
        if found is None:
            raise FetchFailed("bad-answer", f"no HTTP: {first[:80]!r}")
        self._version = (int(found[1] or 1), int(found[2] or 0))
        self.status = int(found[3])
        self.headers = {}
        values: list[str] | None = None
        for line in rest.decode("latin-1").split("\n"):
            if line[:1] in (" ", "\t"):
                if values:  # a folded line goes on with the one before
                    values[-1] = f"{values[-1]} {line.strip()}".strip()
                continue
            name, colon, value = line.partition(":")
            if colon:
                values = self.headers.setdefault(name.strip().lower(), [])
                values.append(value.strip(" \t\r\n\0"))

    def _frame(self) -> None:
        codings = (self.header("transfer-encoding") or "").lower().replace(" ", "")
        codings = codings.removeprefix("identity").strip(",")
        if self.status in _BODILESS or 100 <= self.status < 200:
            self.length = 0
        elif codings == "chunked" and self._version >= (1, 1):
            self._chunked = True
        elif codings and self._version >= (1, 1):  # older hosts may say it and not mean it
            raise FetchFailed("bad-encoding", f"Transfer-Encoding: {codings[:80]}")
        else:
            lengths = {part.strip() for part in (self.header("content-length") or "").split(",")}
            lengths = {part for part in lengths if re.fullmatch(r"[0-9]{1,15}", part)}
            if len({int(part) for part in lengths}) > 1:
                raise FetchFailed("bad-answer", "several lengths that differ")
            self.length = int(lengths.pop()) if lengths else None

    def _receive(self, clock: Clock, what: str, most: int | None = None) -> bytes:
        try:
            if most is None:
                return self._connection.receive(clock, self._patience)
            return self._connection.receive(clock, self._patience, most)
        except ConnectionEnded as error:
            raise FetchFailed("truncated", f"{what}: {error}", self.status) from error

    def _counted(self, length: int, clock: Clock) -> Iterator[bytes]:
        came = 0
        while came < length:
            block = self._receive(clock, f"{came} of {length} bytes", length - came)
            if not block:
                raise FetchFailed("truncated", f"{came} of {length} bytes", self.status)
            came += len(block)
            yield block

    def _chunks(self, clock: Clock) -> Iterator[bytes]:
        while size := self._chunk_size(clock):
            yield from self._counted(size, clock)
            if self._line(clock).strip():
                raise FetchFailed("truncated", "a chunk is longer than it says", self.status)
        while self._line(clock, last=True).strip():
            pass  # headers behind the body

    def _chunk_size(self, clock: Clock) -> int:
        line = self._line(clock).partition(b";")[0].strip()
        if not re.fullmatch(rb"[0-9a-fA-F]{1,15}", line):
            raise FetchFailed("truncated", f"no chunk's size: {line[:40]!r}", self.status)
        return int(line, 16)

    def _line(self, clock: Clock, *, last: bool = False) -> bytes:
        """A line between chunks; behind the last one, the blank line may be missing."""
        try:
            line = self._connection.receive_line(clock, self._patience, _MOST_LINE)
        except ConnectionEnded as error:
            raise FetchFailed("truncated", f"between chunks: {error}", self.status) from error
        if not line.endswith(b"\n") and not last:
            if len(line) > _MOST_LINE:
                raise FetchFailed("truncated", "an endless chunk's size", self.status)
            raise FetchFailed("truncated", "the last chunk is missing", self.status)
        return line
