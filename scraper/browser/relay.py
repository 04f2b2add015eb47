"""The way from a browser to the web: a proxy of our own that looks before it connects.

Neither a rule in the browser's settings nor a request guard through DevTools will do: rules see
a name's spelling and not where it leads, and a guard that pauses every request slows a page of
hundreds of pictures. So the browser's every connection (loopback's too) goes through this relay
on loopback: a name is looked up once, every address that it has is judged as for our own
fetching, and the judged address is connected to. What is encrypted stays so from end to end.
Another user of the machine is refused, where the system tells whose a connection is (Linux).

A proxy that the user names, or the environment does, is reached from here too: its user name
and password are sent for the browser, which knows no way to be given them.
"""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import logging
import selectors
import socket
import socketserver
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from ..errors import FetchFailed, UsageError
from ..fetch.address import read_address
from ..fetch.clock import Attempt, Clock
from ..fetch.dial import dial
from ..fetch.guard import judge, look_up
from ..fetch.proxies import hidden, proxy_for
from .peers import is_stranger

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..fetch.guard import Found

log = logging.getLogger(__name__)

_PATIENCE = 20.0  # seconds for a connection
_SILENCE = 300.0  # seconds without a byte in either direction: the page has long gone on
_HEAD = 65_536  # bytes of a request's or a proxy's head
_HOP = (b"proxy-", b"connection:", b"keep-alive:")  # headers that are between two hosts only


@dataclass(frozen=True, slots=True)
class NetworkAccess:
    """Where a browser may go: public addresses, and the private origins that are named.

    `origins` are such as `http://127.0.0.1:8808`; on loopback every name of this machine means
    the same origin. `proxy` is `http://[user:password@]host:port`, the environment's where None
    (HTTP_PROXY, HTTPS_PROXY, NO_PROXY). `resolver` answers as `socket.getaddrinfo` does.
    """

    origins: tuple[str, ...] = ()
    proxy: str | None = None
    resolver: Callable[..., Found] = socket.getaddrinfo

    def __post_init__(self) -> None:
        if self.proxy is not None:
            read_proxy(self.proxy)
        for origin in self.origins:
            _read_origin(origin)

    def reaches(self, host: str, port: int) -> bool:
        """Tell whether a private host is one of the origins that are named."""
        return any(
            port == at and (host == own or (is_loopback(host) and is_loopback(own)))
            for own, at in map(_read_origin, self.origins)
        )

    def bypassed(self) -> list[str]:
        """List the hosts that the browser may reach without the relay."""
        hosts = set()
        for own, port in map(_read_origin, self.origins):
            names = {own, "127.0.0.1", "localhost"} if is_loopback(own) else {own}
            hosts |= {f"{_bracketed(name)}:{port}" for name in names}
        return sorted(hosts)


def _read_origin(text: str) -> tuple[str, int]:
    """An origin's host and port; UsageError for what is none."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        host, port = None, 0
    if not host:
        raise UsageError(f"--replica {text!r}: expected an address, as in http://127.0.0.1:8808")
    return host, port


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its spelling."""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def read_proxy(text: str) -> SplitResult:
    """Take a proxy's address apart; UsageError for what is none."""
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        good = parts.scheme == "http" and bool(parts.hostname) and parts.port is not None
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"--proxy {hidden(text)!r}: expected http://[user:password@]host:port")
    return parts


class Relay:
    """A running relay for one browser; `port` is where it listens, on 127.0.0.1.

    `trouble` is the last thing that kept it from connecting, in a few words; who opens a page
    empties it before.
    """

    def __init__(self, access: NetworkAccess) -> None:
        self.access = access
        self.trouble = ""
        self._server = _RelayServer(self)
        self.port = int(self._server.server_address[1])
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="pixset-relay", daemon=True
        ).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def connect(
        self, scheme: str, host: str, port: int
    ) -> tuple[socket.socket, SplitResult | None]:
        """Connect to a host or to the proxy on the way to it; OSError says why not."""
        near, resolver = self.access.reaches(host, port), self.access.resolver
        clock = Clock(_PATIENCE, Attempt())
        try:
            proxy = None if near else self._proxy_to(scheme, host, port, clock)
            if proxy is None:
                sock = dial(
                    host, port, clock, patience=_PATIENCE, allow_private=near, resolver=resolver
                )
                return sock, None
        except FetchFailed as error:
            passes = error.reason in {"connection", "too-slow"}
            raise (OSError if passes else PermissionError)(str(error)) from error
        where = (proxy.hostname or "", proxy.port or 0)
        try:
            return socket.create_connection(where, timeout=_PATIENCE), proxy
        except OSError as error:
            raise OSError(f"the proxy {where[0]}:{where[1]} cannot be reached: {error}") from error

    def _proxy_to(self, scheme: str, host: str, port: int, clock: Clock) -> SplitResult | None:
        """The proxy on the way to a host that is not known to be private; None: there is none."""
        address = read_address(f"{scheme}://{_bracketed(host)}:{port}/")
        named = self.access.proxy or proxy_for(address)
        if named is None:
            return None
        judge(address)
        try:
            look_up(host, port, clock, allow_private=False, resolver=self.access.resolver)
        except FetchFailed as error:
            if error.reason == "private-address":
                raise  # what nobody knows here, the proxy looks up
        try:
            return read_proxy(named)
        except UsageError as error:
            raise OSError(f"the environment's proxy {hidden(named)} is not an http one") from error


class _RelayServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, relay: Relay) -> None:
        self.relay = relay
        super().__init__(("127.0.0.1", 0), _Connection)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the base's
        """A browser that hangs up in the middle is no error; anything else is logged."""
        error = sys.exception()
        if not isinstance(error, OSError):
            log.error("a connection of the browser's failed", exc_info=error)


class _Connection(socketserver.BaseRequestHandler):
    """One connection of the browser's: a tunnel, or one plain request."""

    def handle(self) -> None:
        relay = self.server.relay  # type: ignore[attr-defined]  # our server's
        if is_stranger(self.client_address[1], relay.port):
            log.warning("another user of this machine asked the browser's relay, and is refused")
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        head, rest = _read_head(self.request)
        method, _, target = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        target = target.rpartition(" ")[0]
        tunnel = method == "CONNECT"
        try:
            parts = urlsplit(f"https://{target}" if tunnel else target)
            host, port = parts.hostname or "", parts.port or (443 if tunnel else 80)
            connection, proxy = relay.connect("https" if tunnel else "http", host, port)
        except (OSError, ValueError) as error:
            relay.trouble = str(error)
            log.debug("%s %s: %s", method, target, error)
            status = b"403 Forbidden" if isinstance(error, PermissionError) else b"502 Bad Gateway"
            self.request.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
            return
        with connection:
            if tunnel:
                opened = self._open_tunnel(relay, connection, target, proxy)
            else:
                connection.sendall(_forwarded(head, parts, proxy) + rest)
                opened = True
            if opened:
                _pump(self.request, connection)

    def _open_tunnel(
        self, relay: Relay, connection: socket.socket, target: str, proxy: SplitResult | None
    ) -> bool:
        """Answer that the way is open, once the proxy on it has."""
        rest = b""
        if proxy is not None:
            asked = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n".encode("latin-1")
            connection.sendall(asked + _credentials(proxy) + b"\r\n")
            head, rest = _read_head(connection)
            status = head.split(None, 2)[1:2]  # the words after it may be left out
            if status != [b"200"]:
                reason = head.partition(b"\r\n")[0].decode("latin-1", "replace")
                relay.trouble = f"the proxy {proxy.hostname}:{proxy.port} refuses: {reason}"
                self.request.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return False
        self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n" + rest)
        return True


def _bracketed(host: str) -> str:
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).version == 6:
            return f"[{host}]"
    return host


def _read_head(connection: socket.socket) -> tuple[bytes, bytes]:
    """Read until the empty line; return what is before it and what came after."""
    connection.settimeout(_PATIENCE)
    data = b""
    while b"\r\n\r\n" not in data:
        block = connection.recv(8192)
        if not block or len(data) > _HEAD:
            raise OSError("no whole request")
        data += block
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n", rest


def _credentials(proxy: SplitResult) -> bytes:
    if proxy.username is None:
        return b""
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return b"Proxy-Authorization: Basic " + base64.b64encode(login.encode()) + b"\r\n"


def _forwarded(head: bytes, parts: SplitResult, proxy: SplitResult | None) -> bytes:
    """A plain request as the next host wants it: one on a connection, the path alone."""
    first, *lines = head.split(b"\r\n")
    method, target, version = first.split(b" ", 2)
    if proxy is None:
        target = (parts.path or "/").encode("latin-1")
        target += f"?{parts.query}".encode("latin-1") if parts.query else b""
    kept = [line for line in lines if line and not line.lower().startswith(_HOP)]
    whole = b"\r\n".join([b" ".join([method, target, version]), *kept, b"Connection: close", b""])
    return whole + (_credentials(proxy) if proxy else b"") + b"\r\n"


def _pump(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until one side has ended and nothing is on its way any more."""
    with selectors.DefaultSelector() as open_ends:  # `select` knows no file above the 1,024th
        for ends in ((one, other), (other, one)):
            ends[0].settimeout(_PATIENCE)
            open_ends.register(ends[0], selectors.EVENT_READ, ends)
        while open_ends.get_map():
            ready = open_ends.select(_SILENCE)
            if not ready:
                return
            for key, _ in ready:
                source, target = key.data
                try:
                    block = source.recv(65_536)
                except OSError:
                    return
                if block:
                    target.sendall(block)
                    continue
                with contextlib.suppress(OSError):  # the other side has ended, too
                    target.shutdown(socket.SHUT_WR)
                open_ends.unregister(source)
