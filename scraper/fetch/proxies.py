"""The proxy that the environment names for a host, and the way through it.

A proxy may itself be private: whoever set it meant it. But a proxy looks names up itself, so
a name that leads to a private address is not noticed on this side; addresses spelled as
numbers, and names such as `localhost`, are still refused. A warning says so, once.
"""

from __future__ import annotations

import base64
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from ..errors import FetchFailed
from .dial import dial, encrypt
from .guard import look_up

if TYPE_CHECKING:
    import socket

    from .address import Address
    from .clock import Clock
    from .models import FetchLimits

_log = logging.getLogger(__name__)
_MOST_HEAD = 65_536
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy: `scheme` is http, https, socks4, socks4a, socks5 or socks5h."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None

    @property
    def is_socks(self) -> bool:
        """Whether it passes bytes on without reading them."""
        return self.scheme.startswith("socks")

    def authorization(self) -> str | None:
        """The Proxy-Authorization header, where the proxy wants a password."""
        if self.user is None:
            return None
        login = f"{self.user}:{self.password or ''}".encode()
        return "Basic " + base64.b64encode(login).decode("ascii")

    def dial(
        self, address: Address, limits: FetchLimits, verify: str | bool, clock: Clock
    ) -> socket.socket:
        """A socket through which the address's host can be spoken to."""
        if self.is_socks:
            return self._dial_socks(address, limits, clock)
        sock = dial(self.host, self.port, limits, clock, allow_private=True)
        if self.scheme == "https":
            sock = encrypt(sock, self.host, verify, limits, clock)
        if address.scheme == "https":
            with ExitStack() as undoing:
                undoing.callback(sock.close)
                undoing.callback(clock.attempt.hold, None)
                self._tunnel(sock, address, limits, clock)
                undoing.pop_all()
        return sock

    def _tunnel(
        self, sock: socket.socket, address: Address, limits: FetchLimits, clock: Clock
    ) -> None:
        target = f"[{address.host}]" if ":" in address.host else address.host
        lines = [f"CONNECT {target}:{address.port} HTTP/1.1", f"Host: {target}:{address.port}"]
        if login := self.authorization():
            lines.append(f"Proxy-Authorization: {login}")
        head = b""
        try:
            sock.settimeout(clock.timeout(limits.connect_timeout))
            sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
            while b"\r\n\r\n" not in head:
                sock.settimeout(clock.timeout(limits.read_timeout))
                data = sock.recv(1)  # what follows the head is TLS, and not ours to read
                if not data or len(head) > _MOST_HEAD:
                    clock.check()
                    raise FetchFailed("connection", f"the proxy {self.host} gives no answer")
                head += data
        except TimeoutError:
            clock.check()
            raise FetchFailed("too-slow", f"the proxy {self.host} gives no answer") from None
        except OSError as error:
            clock.check()
            raise FetchFailed("connection", f"the proxy {self.host}: {error}") from error
        status = head.split(b" ", 2)[1:2]
        if not status or not status[0].startswith(b"2"):
            line = head.partition(b"\r\n")[0].decode("latin-1")[:100]
            raise FetchFailed("connection", f"the proxy {self.host} refuses: {line}")

    def _dial_socks(self, address: Address, limits: FetchLimits, clock: Clock) -> socket.socket:
        try:
            import socks  # PySocks, which requests[socks] brings
        except ImportError:
            raise FetchFailed(
                "connection", "a SOCKS proxy needs PySocks: pip install pysocks"
            ) from None
        remote = self.scheme in ("socks4a", "socks5h")
        host = address.host
        if not remote:
            allow = limits.allow_private
            host = str(look_up(host, address.port, clock, allow_private=allow)[0][4][0])
        kind = socks.SOCKS4 if self.scheme.startswith("socks4") else socks.SOCKS5
        with ExitStack() as undoing:
            sock: Any = socks.socksocket()
            undoing.callback(sock.close)
            undoing.callback(clock.attempt.hold, None)
            clock.attempt.hold(sock)
            sock.set_proxy(kind, self.host, self.port, remote, self.user, self.password)
            try:
                sock.settimeout(clock.timeout(limits.connect_timeout))
                sock.connect((host, address.port))
            except OSError as error:  # its own errors among them
                clock.check()
                raise FetchFailed("connection", f"the proxy {self.host}: {error}") from error
            undoing.pop_all()
        return sock  # type: ignore[no-any-return]


def proxy_for(address: Address) -> Proxy | None:
    """The environment's proxy for an address; never one for this machine itself.

    `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are read as requests reads them.
    """
    host = address.host
    if host in ("localhost", "::1") or host.startswith("127.") or not getproxies():
        return None
    from requests.utils import get_environ_proxies, select_proxy

    url = select_proxy(address.href, get_environ_proxies(address.href, no_proxy=None))
    return _read_proxy(url) if url else None


@cache
def _read_proxy(url: str) -> Proxy:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed("connection", f"the environment's proxy {url}: {error}") from error
    scheme = parts.scheme.lower()
    if not host or (scheme not in _PORTS and not scheme.startswith("socks")):
        raise FetchFailed("connection", f"the environment's proxy {url} is of no known kind")
    if scheme not in ("socks4", "socks5"):
        _log.warning(
            "pictures are fetched through the proxy %s, which looks names up itself: a name that "
            "leads to a private address cannot be noticed here",
            host,
        )
    return Proxy(
        scheme=scheme,
        host=host,
        port=port or _PORTS.get(scheme, 1080),
        user=unquote(parts.username) if parts.username is not None else None,
        password=unquote(parts.password) if parts.password is not None else None,
    )
