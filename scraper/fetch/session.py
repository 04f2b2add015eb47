"""Connections that are used again, shared by the threads of a run."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .connection import Connection
from .dial import dial, encrypt
from .encodings import ACCEPTED
from .proxies import Proxy, proxy_for
from .robots import AGENT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from .address import Address
    from .clock import Clock
    from .models import FetchLimits

    Key = tuple[str, str, Proxy | None]

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "User-Agent": f"Mozilla/5.0 (compatible; {AGENT}; image dataset toolkit)",
        "Accept": "image/jpeg,image/png,image/webp,image/*;q=0.8,*/*;q=0.5",
        "Accept-Encoding": ACCEPTED,
    }
)
_MOST_IDLE = 64  # connections; the longest idle is closed first
_IDLE = 20.0  # seconds that an idle connection is kept: hosts end theirs after 5 to 60


class FetchSession:
    """Idle connections by host, kept to be used again; no cookies, no passwords; thread-safe.

    `verify` is a file or folder of certificate authorities, True for certifi's, False for none.
    `headers` go out with every request.
    """

    def __init__(self, limits: FetchLimits) -> None:
        self.headers = dict(HEADERS)
        self.verify: str | bool = (
            os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        )
        self._limits = limits
        self._lock = threading.Lock()
        self._idle: dict[Key, list[Connection]] = {}
        self._count = 0
        self._proxies: dict[tuple[str, str], Proxy | None] = {}
        self._closed = False

    def proxy(self, address: Address) -> Proxy | None:
        """The environment's proxy for an address."""
        key = (address.scheme, address.authority)
        if key not in self._proxies:
            if len(self._proxies) > 10_000:
                self._proxies.clear()
            self._proxies[key] = proxy_for(address)
        return self._proxies[key]

    def take(self, address: Address, clock: Clock) -> Connection:
        """A connection to an address's host: an idle one, else a new one.

        Raises FetchFailed `private-address`, `connection`, `tls`, `too-slow` or `stopped`.
        """
        proxy = self.proxy(address)
        while (idle := self._take_idle((address.scheme, address.authority, proxy))) is not None:
            if idle.idle_since + _IDLE > monotonic() and idle.is_quiet():
                idle.hold(clock)
                return idle
            idle.close()
        return self._open(address, proxy, clock)

    def give_back(self, address: Address, connection: Connection, clock: Clock) -> None:
        """Keep a connection on which nothing is under way."""
        clock.attempt.hold(None)
        connection.idle_since = monotonic()
        key = (address.scheme, address.authority, self.proxy(address))
        with self._lock:
            if not self._closed:
                self._idle.setdefault(key, []).append(connection)
                self._count += 1
                surplus = self._oldest() if self._count > _MOST_IDLE else None
            else:
                surplus = connection
        if surplus is not None:
            surplus.close()

    def discard(self, connection: Connection, clock: Clock) -> None:
        """End a connection."""
        clock.attempt.hold(None)
        connection.close()

    def close(self) -> None:
        """End every idle connection; those under way end when they are given back."""
        with self._lock:
            self._closed = True
            idle = [one for many in self._idle.values() for one in many]
            self._idle.clear()
        for connection in idle:
            connection.close()

    def _take_idle(self, key: Key) -> Connection | None:
        with self._lock:
            many = self._idle.get(key)
            if not many:
                return None
            self._count -= 1
            one = many.pop()
            if not many:
                del self._idle[key]
            return one

    def _oldest(self) -> Connection:
        key = min(self._idle, key=lambda key: self._idle[key][0].idle_since)
        self._count -= 1
        one = self._idle[key].pop(0)
        if not self._idle[key]:
            del self._idle[key]
        return one

    def _open(self, address: Address, proxy: Proxy | None, clock: Clock) -> Connection:
        limits = self._limits
        if proxy is None:
            allow = limits.allow_private
            sock = dial(address.host, address.port, limits, clock, allow_private=allow)
        else:
            sock = proxy.dial(address, limits, self.verify, clock)
        if address.scheme == "https":
            sock = encrypt(sock, address.host, self.verify, limits, clock)
        with ExitStack() as undoing:
            undoing.callback(sock.close)
            absolute = proxy is not None and not proxy.is_socks and address.scheme == "http"
            connection = Connection(sock, clock.attempt.held or sock, absolute=absolute)
            undoing.pop_all()
        return connection

    def __enter__(self) -> FetchSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_session(limits: FetchLimits) -> FetchSession:
    """A session whose connections are reused, guarded, and keep no cookies; close it after use."""
    return FetchSession(limits)


def adopt(session: Any, limits: FetchLimits) -> FetchSession:
    """A session with the headers and authorities of a `requests.Session`, as 0.1 took one."""
    own = FetchSession(limits)
    own.verify = session.verify
    foreign = {str(name): str(value) for name, value in session.headers.items()}
    ours = {name.lower() for name in own.headers}
    own.headers |= {
        name: value
        for name, value in foreign.items()
        if name.lower() not in {*ours, "connection"} and "\n" not in value + name
    }
    return own
