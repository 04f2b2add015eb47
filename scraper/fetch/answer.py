"""An answer's head, read as browsers read it, in front of the standard library's reader.

`http.client` stops at 103 Early Hints, at the hundred-first header and at a line that is none,
and reads a chunk's size line without a bound. So the head is read here, within a cap, and what
is not needed of it is left out; bodies are framed and read by `http.client` and urllib3.
"""

from __future__ import annotations

import io
import re
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, Final, cast

from ..errors import FetchFailed

if TYPE_CHECKING:
    import socket

_MOST_HEAD: Final = 262_144  # bytes, as in Chromium; however many headers they hold
_MOST_LINE: Final = 16_384  # bytes of a line within a body: a chunk's size
_STATUS = re.compile(rb"(?:HTTP/(\d+)(?:\.(\d+))?|ICY)[ \t]+(\d{3})(?![0-9])(.*)", re.IGNORECASE)
_KEPT: Final = frozenset(
    [
        *("connection", "content-encoding", "content-length", "content-range", "content-type"),
        *("etag", "last-modified", "location", "retry-after", "set-cookie"),
        *("transfer-encoding", "x-robots-tag"),
    ]
)
_MOST_KEPT: Final = 90  # headers; a browser keeps as many cookies of a site


class _Lines(io.BufferedReader):
    """A connection's bytes, of which no line is read without a bound."""

    def readline(self, size: int | None = -1) -> bytes:  # noqa: ARG002 - the standard library's
        """A line of a body, whole; empty, as at its end, for one that is cut or has no end.

        Half of a chunk's size would be read as another size: `0`, and the body were over.
        """
        line = self.piece()
        return line if line.endswith(b"\n") else b""

    def piece(self) -> bytes:
        """A line, or as much of it as comes, 16 KB at the most."""
        return super().readline(_MOST_LINE)


class BrowserlikeResponse(HTTPResponse):
    """An answer whose head was read to its end, past all that only informs (100, 102, 103).

    Raises FetchFailed `bad-answer` for what is no HTTP or has no end.
    """

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = _Lines(self.fp.detach())

    def begin(self) -> None:
        """Read the head, and give the standard library one that it takes."""
        stream = self.fp
        head = _head(cast("_Lines", stream))
        self.fp = io.BytesIO(head)  # type: ignore[assignment]
        try:
            super().begin()
        finally:
            self.fp = stream


def _head(stream: _Lines) -> bytes:
    """The head of the real answer, tidied; empty where the connection ended before a byte."""
    left = _MOST_HEAD
    while True:
        lines, left = _lines(stream, left)
        if not lines:
            return b""
        found = _STATUS.match(lines[0])
        if found is None:
            raise FetchFailed("bad-answer", f"no HTTP: {lines[0][:80]!r}")
        status = int(found[3])
        if not 100 <= status < 200 or status == 101:
            minor = b"0" if found[1] is None or (found[1], found[2]) == (b"1", b"0") else b"1"
            first = b"HTTP/1.%s %d %s" % (minor, status, found[4].strip())
            return b"\r\n".join([first, *_headers(lines[1:]), b"", b""])


def _lines(stream: _Lines, left: int) -> tuple[list[bytes], int]:
    """One head's lines, folded ones joined, and how many bytes may still come."""
    lines: list[bytes] = []
    while True:
        line = stream.piece()
        left -= len(line)
        if left < 0:
            raise FetchFailed("bad-answer", f"over {_MOST_HEAD} bytes of headers")
        if not line.endswith(b"\n") and len(line) < _MOST_LINE:
            if lines or line:
                raise FetchFailed("bad-answer", "the connection ended within the headers")
            return [], left
        text = line.rstrip(b"\r\n")
        if text[:1] in (b" ", b"\t") and lines:
            lines[-1] += b" " + text.strip()
        elif text:
            lines.append(text)
        elif lines:  # blank lines before a head are passed over
            return lines, left


def _headers(lines: list[bytes]) -> list[bytes]:
    """The headers that are read here, spelled as the standard library wants them."""
    kept: list[bytes] = []
    lengths: set[int] = set()
    for line in lines:
        name, colon, value = line.partition(b":")
        word = name.strip().lower()
        if not colon or word.decode("latin-1") not in _KEPT or len(kept) >= _MOST_KEPT:
            continue
        if word == b"content-length":
            parts = (part.strip() for part in value.split(b","))
            lengths |= {int(part) for part in parts if re.fullmatch(rb"[0-9]{1,15}", part)}
            continue
        kept.append(word + b": " + value.strip(b" \t\0").replace(b"\0", b"").replace(b"\r", b""))
    if len(lengths) > 1:
        raise FetchFailed("bad-answer", "several lengths that differ")
    return kept + [b"content-length: %d" % length for length in lengths]
