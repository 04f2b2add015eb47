"""Connections that look before they connect and can be cut from outside.

requests checks neither where a name leads nor how long a whole answer takes. Both are settled
here, one layer below it, where the socket is: a name is resolved once, every address is judged,
and the judged address itself is connected to, so that a name server that answers differently the
second time (DNS rebinding) gains nothing. A `Watch` cuts the connection when the time is up,
whatever the server drips.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import threading
from contextlib import ExitStack
from contextvars import ContextVar
from time import monotonic
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

if TYPE_CHECKING:
    from types import TracebackType

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class PrivateAddressError(Exception):
    """The host is, or its name leads to, an address that is not on the public internet."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, seen through its IPv6 disguises too."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


class Watch:
    """One fetch's time, `seconds` from now: at its end, or at `cut()`, the connection is cut."""

    def __init__(self, seconds: float) -> None:
        self.due = monotonic() + seconds
        self.expired = False
        self._lock = threading.Lock()
        self._held: socket.socket | None = None
        self._gone = False
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def left(self) -> float:
        """Seconds left; zero or less when the time is up."""
        return self.due - monotonic()

    def hold(self, sock: socket.socket) -> None:
        """Cut this connection, not the last one, when the time is up.

        A duplicate is held: TLS takes the first handle away, and a closed handle's number may
        belong to another file by then; shutting a duplicate down ends the same connection.
        """
        with self._lock:
            self._release()
            self._held = socket.socket(fileno=os.dup(sock.fileno()))
            if self._gone:
                self._shut()

    def cut(self) -> None:
        """End the connection now: a read that waits returns at once."""
        with self._lock:
            self._gone = True
            self._shut()

    def _expire(self) -> None:
        self.expired = True
        self.cut()

    def _shut(self) -> None:
        if self._held is not None:
            with contextlib.suppress(OSError):  # already closed by the other side
                self._held.shutdown(socket.SHUT_RDWR)

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def __enter__(self) -> Watch:
        self._timer.start()
        self._token = _watch.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _watch.reset(self._token)
        self._timer.cancel()
        with self._lock:
            self._release()


_watch: ContextVar[Watch | None] = ContextVar("pixset_watch", default=None)


class _Guarded:
    """What both kinds of connection do differently from urllib3's."""

    allow_private = False

    def _new_conn(self: Any) -> socket.socket:
        try:
            found = socket.getaddrinfo(self._dns_host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            raise NameResolutionError(
                self.host, self, socket.gaierror(socket.EAI_NONAME, str(error))
            ) from error
        refused: OSError | None = None
        for family, kind, protocol, _, address in found:
            if not self.allow_private and not is_public(str(address[0])):
                raise PrivateAddressError(f"{self.host} is at {address[0]}")
            try:
                return _connect(self, (family, kind, protocol), address)
            except TimeoutError as error:
                raise ConnectTimeoutError(self, f"{self.host}: no connection in time") from error
            except OSError as error:
                refused = error
        raise NewConnectionError(self, f"{self.host}: {refused}") from refused

    def getresponse(self: Any) -> Any:
        watch = _watch.get()
        if watch is not None:
            watch.hold(self.sock)  # a connection that is used again was made under another watch
        return super().getresponse()  # type: ignore[misc]  # the mixed-in class has it


def _connect(conn: Any, how: tuple[int, int, int], address: Any) -> socket.socket:
    sock = socket.socket(*how)
    with ExitStack() as undoing:  # a socket that does not connect is closed
        undoing.callback(sock.close)
        for option in conn.socket_options or ():
            sock.setsockopt(*option)
        sock.settimeout(conn.timeout if isinstance(conn.timeout, int | float) else None)
        watch = _watch.get()
        if watch is not None:
            watch.hold(sock)
        sock.connect(address)
        undoing.pop_all()
    return sock


class _Http(_Guarded, HTTPConnection):
    pass


class _Https(_Guarded, HTTPSConnection):
    pass


class _OpenHttp(_Http):
    allow_private = True


class _OpenHttps(_Https):
    allow_private = True


class GuardedAdapter(HTTPAdapter):
    """An adapter for `requests.Session.mount` whose connections are guarded and watched."""

    def __init__(self, *, allow_private: bool, connections: int = 16) -> None:
        self._allow_private = allow_private
        super().__init__(pool_connections=connections, pool_maxsize=2, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, with our connections in them (a proxy's pools stay urllib3's own)."""
        super().init_poolmanager(*args, **kwargs)
        http = _OpenHttp if self._allow_private else _Http
        https = _OpenHttps if self._allow_private else _Https
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("_HttpPool", (HTTPConnectionPool,), {"ConnectionCls": http}),
            "https": type("_HttpsPool", (HTTPSConnectionPool,), {"ConnectionCls": https}),
        }
