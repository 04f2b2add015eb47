"""When a host may be asked again, and when waiting for it has lasted long enough."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import FetchFailed
from .models import Fetched

if TYPE_CHECKING:
    from collections.abc import Iterable

# Deadlines that a host is waited for without a picture in between, before it is asked no more.
_PATIENCE = 3


class HostWaits:
    """The hosts that answered `Retry-After`; any thread may tell of one.

    A host is left alone as long as the longest of its answers says, `longest` seconds at most. One
    that has given nothing but such answers for three times as long is given up: each of a
    thousand addresses would wait for nothing in its turn.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._lock = threading.Lock()
        self._held: dict[str, float] = {}  # host → when it may be asked again
        self._waited: dict[str, float] = {}  # host → seconds since it last gave something
        self._refused: dict[str, str] = {}  # host → the reason that it gave last

    def hold(self, host: str, seconds: float) -> None:
        """Leave a host alone that long from now; a shorter wait takes nothing off a longer."""
        now = monotonic()
        until = now + min(seconds, self._longest)
        with self._lock:
            before = max(self._held.get(host, now), now)
            if until > before:
                self._held[host] = until
                self._waited[host] = self._waited.get(host, 0.0) + until - before

    def heard(self, host: str, result: Fetched | FetchFailed) -> None:
        """Take note of what a host's answer came to."""
        with self._lock:
            if isinstance(result, Fetched):
                self._waited.pop(host, None)
            elif result.reason in {"http-429", "http-503"}:
                self._refused[host] = result.reason

    def is_held(self, host: str) -> bool:
        """Whether a host is not to be asked now."""
        return bool(self._held) and self._held.get(host, 0.0) > monotonic()

    def given_up(self, host: str) -> FetchFailed | None:
        """The fate of what was still to be asked of a host that is given up; None: ask it."""
        waited = self._waited.get(host, 0.0)
        if waited < _PATIENCE * self._longest or host not in self._refused:
            return None
        detail = f"not asked: {host} has only said to come later for {waited:.0f} s"
        return FetchFailed(self._refused[host], detail)

    def until_release(self, hosts: Iterable[str]) -> float | None:
        """Seconds until the first of the held hosts may be asked; None where none is held."""
        if not self._held:
            return None
        now = monotonic()
        waits = [self._held[host] - now for host in hosts if self._held.get(host, 0.0) > now]
        return max(min(waits), 0.01) if waits else None
