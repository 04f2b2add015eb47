"""A question over a connection that is open already, by the shortest way.

urllib3 makes connections, keeps them and reads every answer that is framed in an unusual way. What
most answers of most hosts are, a known number of bytes over a connection that was used before,
takes half of the time here: the question goes out in one piece, and the body is read as it lies
in the connection's buffer.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import IncompleteRead, ProtocolError, ReadTimeoutError

from .answer import BrowserlikeResponse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

    from .answer import Headers
    from .clock import Clock


class PlainAnswer:
    """An answer whose body has a known length; as much of urllib3's as is used here."""

    def __init__(self, raw: BrowserlikeResponse, pool: HTTPConnectionPool, connection: Any) -> None:
        self.status = raw.status
        self.headers: Headers = raw.fields
        self._raw = raw
        self._pool = pool
        self._connection = connection
        self._left = raw.length or 0

    def stream(self, amount: int, *, decode_content: bool) -> Iterator[bytes]:
        """The body as it was sent, in blocks of `amount` bytes; raises urllib3's errors."""
        del decode_content  # it never is, here
        while self._left:
            try:
                block = self._raw.fp.read(min(amount, self._left))
            except TimeoutError as error:
                raise _silent(self._pool) from error
            if not block:
                raise IncompleteRead((self._raw.length or 0) - self._left, self._left)
            self._left -= len(block)
            yield block

    def close(self) -> None:
        """Give the connection back; one whose body was not read to its end is closed."""
        if self._connection is None:
            return
        self._raw.close()
        if self._left or self._raw.will_close:
            self._connection.close()
        self._pool._put_conn(self._connection)  # noqa: SLF001 - requests did so, too
        self._connection = None


def ask_again(
    pool: HTTPConnectionPool, target: str, headers: Mapping[str, str], clock: Clock, seconds: float
) -> BaseHTTPResponse | PlainAnswer | None:
    """GET `target` over an open connection of the pool; None where it has none.

    `seconds` is the longest silence. Raises FetchFailed, or urllib3's errors as `urlopen` does.
    """
    connection: Any = pool._get_conn()  # noqa: SLF001
    if connection.sock is None:
        pool._put_conn(connection)  # noqa: SLF001
        return None
    raw: BrowserlikeResponse | None = None
    try:
        clock.attempt.hold(connection.sock)
        connection.sock.settimeout(seconds)
        with suppress(BrokenPipeError):  # the host may have answered and gone
            connection.sock.sendall(_question(target, headers))
        raw = BrowserlikeResponse(connection.sock, method="GET")
        raw.read_head()
    except BaseException as error:
        if raw is not None:
            raw.close()  # it holds the socket, too
        connection.close()
        pool._put_conn(connection)  # noqa: SLF001
        if isinstance(error, TimeoutError):
            raise _silent(pool) from error
        if isinstance(error, (OSError, HTTPException)) and not isinstance(error, ssl.SSLError):
            raise ProtocolError("Connection aborted.", error) from error
        raise
    if raw.length is not None:
        return PlainAnswer(raw, pool, connection)
    if raw.will_close:
        connection.close()  # the answer still holds the socket
    return HTTPResponse(
        body=raw,
        headers=HTTPHeaderDict(raw.fields.pairs),
        status=raw.status,
        version=raw.version,
        reason=raw.reason,
        preload_content=False,
        decode_content=False,
        original_response=raw,
        pool=pool,
        connection=connection,
        request_method="GET",
    )


def _question(target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    for line in lines:
        if "\r" in line or "\n" in line:
            raise ValueError(f"Invalid header value {line!r}")
    return "\r\n".join([*lines, "\r\n"]).encode("latin-1")


def _silent(pool: HTTPConnectionPool) -> ReadTimeoutError:
    return ReadTimeoutError(pool, "", "Read timed out.")
