"""One connection to a host: what is sent and read on it, each wait within the fetch's clock."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from ..errors import FetchFailed

if TYPE_CHECKING:
    from .clock import Clock

_BLOCK = 262_144


class ConnectionEnded(Exception):  # not an error in itself: what it means is the reader's to say
    """The other side ended the connection, or broke it."""


class Connection:
    """One connection: its socket, what was read and not yet used, and since when it is idle."""

    def __init__(self, sock: socket.socket, held: socket.socket, *, absolute: bool) -> None:
        self._sock = sock
        self._held = held  # the socket below TLS in TLS, else the same
        self.absolute = absolute  # a proxy wants the whole address in the request line
        self.requests = 0
        self._data = b""  # read and not yet used, from `_at` on
        self._at = 0
        self.idle_since = 0.0

    def hold(self, clock: Clock) -> None:
        """Let this fetch's clock cut the connection."""
        clock.attempt.hold(self._held)

    def send(self, data: bytes, clock: Clock, patience: float) -> None:
        """Send a request; raises ConnectionEnded, or FetchFailed when the time is up."""
        self.requests += 1
        try:
            self._sock.settimeout(clock.timeout(patience))
            self._sock.sendall(data)
        except TimeoutError:
            raise FetchFailed("too-slow", "the host takes no request") from None
        except OSError as error:
            clock.check()
            raise ConnectionEnded(str(error)) from error

    def receive(self, clock: Clock, patience: float, most: int = _BLOCK) -> bytes:
        """The next bytes, `most` at the most; empty at an orderly end.

        Raises ConnectionEnded where the connection breaks, FetchFailed when the time is up.
        """
        if self._at == len(self._data):
            self._data, self._at = self._read(clock, patience), 0
        if not self._at and len(self._data) <= most:
            whole, self._data = self._data, b""
            return whole
        part = self._data[self._at : self._at + most]
        self._at += len(part)
        return part

    def receive_line(self, clock: Clock, patience: float, most: int) -> bytes:
        """The bytes up to the next newline and with it; without one, what came before the end.

        A line ends without a newline, too, when it has more than `most` bytes.
        """
        line = b""
        while True:
            if self._at == len(self._data):
                self._data, self._at = self._read(clock, patience), 0
                if not self._data:
                    return line
            end = self._data.find(b"\n", self._at) + 1 or len(self._data)
            line += self._data[self._at : end]
            self._at = end
            if line.endswith(b"\n") or len(line) > most:
                return line

    def unread(self, data: bytes) -> None:
        """Put back what belongs to the next reader."""
        self._data, self._at = data, 0

    def _read(self, clock: Clock, patience: float) -> bytes:
        try:
            self._sock.settimeout(clock.timeout(patience))
            data = self._sock.recv(_BLOCK)
        except TimeoutError:
            clock.check()
            raise FetchFailed("too-slow", f"silent for {patience:g} s") from None
        except OSError as error:
            clock.check()
            raise ConnectionEnded(str(error)) from error
        if not data:
            clock.check()  # a cut looks like an orderly end
        return data

    def is_quiet(self) -> bool:
        """Whether an idle connection can be used again: its host neither ended it nor spoke."""
        if self._at < len(self._data):
            return False
        try:
            self._held.setblocking(False)
            # Below TLS: a socket that has something to read has ended, or speaks unasked.
            socket.socket.recv(self._held, 1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(OSError):
            self._sock.close()
        if self._held is not self._sock:
            with contextlib.suppress(OSError):
                self._held.close()
