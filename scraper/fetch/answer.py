"""An answer's head, read as browsers read it, in place of the standard library's reader.

`http.client` stops at 103 Early Hints, at the hundred-first header and at a line that is none,
reads a chunk's size line without a bound, and parses headers as a letter's, which is a seventh
of what a fetch costs. So the head is read here, within a cap, and what is not needed of it is
left out; bodies are read by `http.client` and urllib3.
"""

from __future__ import annotations

import io
import re
from http.client import HTTPMessage, HTTPResponse, RemoteDisconnected
from typing import TYPE_CHECKING, Any, Final, cast, overload

from ..errors import FetchFailed

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

_MOST_HEAD: Final = 262_144  # bytes, as in Chromium; however many headers they hold
_BUFFER: Final = 65_536  # bytes: head and body of most pictures come in one call or two
_MOST_LINE: Final = 16_384  # bytes of a line within a body: a chunk's size
_STATUS = re.compile(rb"(?:HTTP/(\d+)(?:\.(\d+))?|ICY)[ \t]+(\d{3})(?![0-9])(.*)", re.IGNORECASE)
_KEPT: Final = frozenset(
    [
        *("connection", "content-encoding", "content-length", "content-range", "content-type"),
        *("etag", "last-modified", "location", "retry-after", "set-cookie"),
        *("transfer-encoding", "x-robots-tag"),
    ]
)
_NO_SIZE: Final = re.compile(rb"\s*(?:[-+]|0[xX]|[0-9a-fA-F]*_)")


class _Lines(io.BufferedReader):
    """A connection's bytes, of which no line is read without a bound."""

    def readline(self, size: int | None = -1) -> bytes:  # noqa: ARG002 - the standard library's
        """A line of a body, whole; empty, as at its end, for one that is cut or has no end.

        Half of a chunk's size would be read as another size: `0`, and the body were over. Nor is
        what Python takes for a number and HTTP does not (`-5`, `0x10`, `1_0`) a size.
        """
        line = self.piece()
        return line if line.endswith(b"\n") and not _NO_SIZE.match(line) else b""

    def piece(self) -> bytes:
        """A line, or as much of it as comes, 16 KB at the most."""
        return super().readline(_MOST_LINE)


class Headers:
    """The headers of an answer that are read here, by their names in lower case."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self.pairs = pairs

    def first(self, name: str) -> str | None:
        """The first header of this name, None where there is none."""
        return next((value for known, value in self.pairs if known == name), None)

    def getlist(self, name: str) -> list[str]:
        """Every header of this name."""
        return [value for known, value in self.pairs if known == name]

    @overload
    def get(self, name: str) -> str | None: ...

    @overload
    def get(self, name: str, default: str) -> str: ...

    def get(self, name: str, default: str | None = None) -> str | None:
        """All headers of this name as one, as RFC 9110 joins them."""
        found = self.getlist(name)
        return ", ".join(found) if found else default


class BrowserlikeResponse(HTTPResponse):
    """An answer whose head was read to its end, past all that only informs (100, 102, 103).

    Raises FetchFailed `bad-answer` for what is no HTTP or has no end.
    """

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = _Lines(self.fp.detach(), _BUFFER)

    def begin(self) -> None:
        """Read the head, as `http.client` and urllib3 have it."""
        self.read_head()
        self.headers = self.msg = HTTPMessage()
        for name, value in self.fields.pairs:
            self.headers[name] = value

    def read_head(self) -> None:
        """Read the head, and set what the standard library's reader of bodies goes by."""
        head = _head(cast("_Lines", self.fp))
        if head is None:
            raise RemoteDisconnected("Remote end closed connection without response")
        self.version, self.status, self.reason, pairs = head
        self.code = self.status
        self.fields = Headers(pairs)
        self._frame(self.fields)

    def _frame(self, fields: Headers) -> None:
        """Say where the body ends, as `http.client` does."""
        self.chunked = (fields.first("transfer-encoding") or "").lower() == "chunked"
        self.chunk_left = None
        length = fields.first("content-length")  # digits: `_headers` took no other
        self.length = int(length) if length and not self.chunked else None
        if self.status in (204, 304) or 100 <= self.status < 200:
            self.length = 0
        connection = (fields.first("connection") or "").lower()
        self.will_close = "close" in connection or (
            self.version == 10 and "keep-alive" not in connection
        )
        if not self.chunked and self.length is None:
            self.will_close = True


_Head = tuple[int, int, str, list[tuple[str, str]]]


def _head(stream: _Lines) -> _Head | None:
    """Version, status, reason and headers; None where the connection ended before a byte."""
    left = _MOST_HEAD
    while True:
        lines, left = _lines(stream, left)
        if not lines:
            return None
        found = _STATUS.match(lines[0])
        if found is None:
            raise FetchFailed("bad-answer", f"no HTTP: {lines[0][:80]!r}")
        status = int(found[3])
        if not 100 <= status < 200 or status == 101:
            version = 10 if found[1] is None or (found[1], found[2]) == (b"1", b"0") else 11
            return version, status, found[4].strip().decode("latin-1"), _headers(lines[1:])


def _lines(stream: _Lines, left: int) -> tuple[list[bytes], int]:
    """One head's lines, folded ones joined, and how many bytes may still come."""
    lines: list[bytes] = []
    is_whole = True  # the line before came to its end
    while True:
        piece = stream.piece()
        left -= len(piece)
        if left < 0:
            raise FetchFailed("bad-answer", f"over {_MOST_HEAD} bytes of headers")
        goes_on, is_whole = not is_whole, piece.endswith(b"\n")
        if not is_whole and len(piece) < _MOST_LINE:
            if lines or piece:
                raise FetchFailed("bad-answer", "the connection ended within the headers")
            return [], left
        text = piece.rstrip(b"\r\n") if is_whole else piece
        if goes_on:
            lines[-1] += text
        elif text[:1] in (b" ", b"\t") and lines:
            lines[-1] += b" " + text.strip()
        elif text:
            lines.append(text)
        elif lines:  # blank lines before a head are passed over
            return lines, left


def _headers(lines: list[bytes]) -> list[tuple[str, str]]:
    """The headers that are read here, each with its value, in their order."""
    kept: list[tuple[str, str]] = []
    lengths: set[int] = set()
    for line in lines:
        name, colon, value = line.partition(b":")
        word = name.strip().lower().decode("latin-1")
        if not colon or word not in _KEPT:
            continue
        if word == "content-length":
            parts = (part.strip() for part in value.split(b","))
            lengths |= {int(part) for part in parts if re.fullmatch(rb"[0-9]{1,15}", part)}
            continue
        text = value.strip(b" \t\0").replace(b"\0", b"").replace(b"\r", b"")
        kept.append((word, text.decode("latin-1")))
    if len(lengths) > 1:
        raise FetchFailed("bad-answer", "several lengths that differ")
    return kept + [("content-length", str(length)) for length in lengths]
