"""Undoing a body's compression, a bounded piece at a time, to its very end.

zlib's own limit on what one call gives keeps a bomb in check: nothing is unpacked before it
is asked for. A stream must reach its trailer, or the body is `truncated`.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from ..errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ACCEPTED = "gzip, deflate"
_PIECE = 262_144
_GZIP_FIRST_BYTE = 0x1F
_MOST = 5  # codings on top of one another
_NAMELESS = frozenset({"", "identity", "none"})
_UNSUPPORTED = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "bzip2"})


def decoded(blocks: Iterable[bytes], header: str, check: Callable[[], None]) -> Iterator[bytes]:
    """The blocks without the codings that a Content-Encoding header names.

    `check` is called before each piece and may end it by an error. Raises FetchFailed
    `bad-encoding` for a coding that is not offered or bytes that are none of it, `truncated`
    where a stream ends early. A word that is no coding at all (`utf-8`) is passed over, as
    browsers do.
    """
    codings = _codings(header)
    if len(codings) > _MOST:
        raise FetchFailed("bad-encoding", f"{len(codings)} codings on top of one another")
    stream = iter(blocks)
    for coding in reversed(codings):
        if coding in _KNOWN:
            stream = _KNOWN[coding](stream, check)
        elif coding in _UNSUPPORTED:
            raise FetchFailed("bad-encoding", f"{coding}, though only {ACCEPTED} was asked for")
    return stream


def is_understood(header: str) -> bool:
    """Whether a Content-Encoding names nothing but codings that are known here."""
    return all(coding in _KNOWN for coding in _codings(header))


def _codings(header: str) -> list[str]:
    words = [part.strip().lower() for part in header.split(",")]
    return [word for word in words if word not in _NAMELESS]


def _gunzip(blocks: Iterator[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    """One gzip member after another; what follows the last and is none is passed over."""
    member: zlib._Decompress | None = None
    members = 0
    for block in blocks:
        data = block
        while data:
            if member is None:
                if members and data[0] != _GZIP_FIRST_BYTE:
                    return  # padding
                member = zlib.decompressobj(31)
            try:
                yield from _pieces(member, data, check)
            except zlib.error as error:
                raise FetchFailed("bad-encoding", f"gzip: {error}") from error
            if not member.eof:
                break
            data = member.unused_data
            member, members = None, members + 1
    if member is not None:
        raise FetchFailed("truncated", "the gzip stream ends before its trailer")


def _inflate(blocks: Iterator[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    """`deflate` means zlib's format; many hosts send the bare stream, and browsers take both."""
    stream: zlib._Decompress | None = None
    head = b""
    for block in blocks:
        data = block
        if stream is None:
            head += block
            if len(head) < 2:
                continue
            zlib_header = head[0] & 15 == 8 and int.from_bytes(head[:2], "big") % 31 == 0
            stream = zlib.decompressobj(15 if zlib_header else -15)
            data = head
        try:
            yield from _pieces(stream, data, check)
        except zlib.error as error:
            raise FetchFailed("bad-encoding", f"deflate: {error}") from error
        if stream.eof:
            return
    if head:
        raise FetchFailed("truncated", "the deflate stream ends early")


def _pieces(stream: zlib._Decompress, data: bytes, check: Callable[[], None]) -> Iterator[bytes]:
    while True:
        check()
        piece = stream.decompress(data, _PIECE)
        if piece:
            yield piece
        data = stream.unconsumed_tail
        if stream.eof or (not data and len(piece) < _PIECE):
            return


_KNOWN = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _inflate}
