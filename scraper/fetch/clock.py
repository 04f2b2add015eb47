"""One fetch's time, and the outside's hand on it.

A wait asks the clock how long it may last. A host that drips a byte a second never keeps one
waiting long, so one thread watches all deadlines and cuts the connection of a fetch that passes
its own.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import socket
import threading
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


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

    def cut(self) -> None:
        """Cut the connection that is held now; a later one is not touched."""
        with self._lock:
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


class Deadlines:
    """One thread that cuts the connections of fetches whose time is up."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._number = itertools.count()  # entries of one moment need an order
        self._due: list[tuple[float, int, list[Attempt]]] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def watch(self, attempt: Attempt, due: float) -> Iterator[None]:
        """Cut the attempt's connection at `due` (monotonic seconds) unless the block has ended."""
        mine = [attempt]
        with self._changed:
            heapq.heappush(self._due, (due, next(self._number), mine))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._due[0][2] is mine:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:  # a cut that has begun would meet the attempt's next fetch
                mine.clear()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                wait = self._due[0][0] - monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                *_, mine = heapq.heappop(self._due)
                for attempt in tuple(mine):
                    attempt.cut()
