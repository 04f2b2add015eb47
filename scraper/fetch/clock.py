"""One fetch's time, and the outside's hand on it.

Every wait of a fetch (for a name, a connection, a byte) asks the clock how long it may last,
so that a host that drips a byte a second meets the same deadline as one that is silent.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Callable


class Attempt:
    """The outside's hand on fetches of one thread: stop them, and hear of a host's wish to wait."""

    def __init__(
        self, on_wait: Callable[[str, float], None] = lambda _host, _seconds: None
    ) -> None:
        self.stopped = threading.Event()
        self.on_wait = on_wait
        self._lock = threading.Lock()
        self.held: socket.socket | None = None

    def hold(self, sock: socket.socket | None) -> None:
        """Cut this connection when the attempt is stopped; None lets go before it is closed."""
        with self._lock:
            self.held = sock
            if self.stopped.is_set():
                self._cut()

    def stop(self) -> None:
        """End the fetch that is under way, and every later one, with reason `stopped`."""
        with self._lock:
            self.stopped.set()
            self._cut()

    def _cut(self) -> None:
        if self.held is not None:
            with contextlib.suppress(OSError):  # already closed by the other side
                # Not the TLS socket's own method: that takes its state from under the reader.
                socket.socket.shutdown(self.held, socket.SHUT_RDWR)


class Clock:
    """The time of one fetch, `seconds` from now."""

    def __init__(self, seconds: float, attempt: Attempt) -> None:
        self.due = monotonic() + seconds
        self.attempt = attempt

    def left(self) -> float:
        """Seconds left; zero or less when the time is up."""
        return self.due - monotonic()

    def check(self) -> None:
        """Raise FetchFailed `stopped` or `too-slow` where the fetch may not go on."""
        if self.attempt.stopped.is_set():
            raise FetchFailed("stopped")
        if self.due <= monotonic():
            raise FetchFailed("too-slow", "the deadline passed")

    def timeout(self, most: float) -> float:
        """How long the next wait may last: `most` seconds, or what is left; raises as `check`."""
        self.check()
        return max(0.001, min(most, self.left()))

    def shorter(self, seconds: float) -> Clock:
        """A clock for something that is not worth the rest of the time."""
        return Clock(min(seconds, self.left()), self.attempt)
