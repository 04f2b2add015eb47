"""A host on loopback that answers with raw bytes, right or wrong, as a test wrote them."""

from __future__ import annotations

import contextlib
import socket
import threading
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Page = bytes | Iterable[bytes] | Callable[[bytes], bytes | Iterable[bytes]]

# Enough of a JPEG for its signature.
JPG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")


def raw(
    body: bytes = b"", status: str = "200 OK", *headers: str | bytes, length: bool = True
) -> bytes:
    """The bytes of one answer, after which its connection ends."""
    lines = [f"HTTP/1.1 {status}".encode()]
    lines += [line if isinstance(line, bytes) else line.encode() for line in headers]
    if length:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body


def to(location: str | bytes, *headers: str | bytes, body: bytes = b"") -> bytes:
    """The bytes of a redirect."""
    where = location if isinstance(location, bytes) else location.encode()
    return raw(body, "302 Found", b"Location: " + where, *headers)


def gzip_bomb(megabytes: int) -> bytes:
    """Zeros as gzip, which packs a megabyte of them into one kilobyte."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(megabytes)) + packer.flush()


class RawHost:
    """`pages` maps the path as it was sent to what is sent back; `seen` holds whole requests.

    A connection ends with its first page, but for `/first`, which leaves it open and is not seen.
    """

    def __init__(self) -> None:
        self.pages: dict[bytes, Page] = {}
        self.seen: list[bytes] = []
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(50)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[bytes]:
        """The paths that were asked for, in order, as they were sent."""
        return [request.split(b" ")[1] for request in self.seen]

    def accept(self) -> None:
        """Answer until the socket is closed, each connection in a thread of its own."""
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client hung up, as some tests want
            while (request := _request(connection)).startswith(b"GET /first "):
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n" + JPG)
            if not request:
                return
            self.seen.append(request)
            page = self.pages.get(request.split(b" ")[1], raw(b"none", "404 Not Found"))
            given = page(request) if callable(page) else page
            for part in [given] if isinstance(given, bytes) else given:
                connection.sendall(part)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            while connection.recv(65_536):  # an abrupt end would take the answer back
                pass


def _request(connection: socket.socket) -> bytes:
    """The next request's head; empty where the connection ends."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(65_536)
        if not part:
            return b""
        request += part
    return request


@contextlib.contextmanager
def raw_host() -> Iterator[RawHost]:
    """A host that answers until the block ends."""
    host = RawHost()
    thread = threading.Thread(target=host.accept, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.close()
        thread.join()
