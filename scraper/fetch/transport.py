"""Connections: requests' pools, TLS and proxies, with each wait within its fetch's clock.

requests' Session is left out: it reads a redirect's body whole, parses its Location by an RFC
that no browser follows and rewrites escapes. Its adapter below does none of this.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection

from ..errors import FetchFailed
from .answer import BrowserlikeResponse
from .clock import Deadlines
from .dial import dial
from .encodings import ACCEPTED
from .guard import look_up
from .proxies import is_socks, proxy_for
from .reused import PlainAnswer, ask_again
from .robots import AGENT

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from urllib3 import BaseHTTPResponse

    from .address import Address
    from .clock import Clock
    from .models import FetchLimits

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "User-Agent": f"Mozilla/5.0 (compatible; {AGENT}; image dataset toolkit)",
        "Accept": "image/jpeg,image/png,image/webp,image/*;q=0.8,*/*;q=0.5",
        "Accept-Encoding": ACCEPTED,
    }
)
_HOSTS = 128  # whose idle connections are kept; the longest idle host's are closed first


def user_agent(contact: str | None) -> str:
    """Who asks for a picture and, where it is known, whom its host may write to."""
    plain = HEADERS["User-Agent"]
    return f"{plain.removesuffix(')')}; {contact})" if contact else plain


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What this thread is about: urllib3 makes connections within calls that take no context."""

    clock: Clock
    limits: FetchLimits
    target: str


_EXCHANGE: ContextVar[_Exchange] = ContextVar("exchange")


class _Watched(HTTPConnection):
    """A connection that its fetch's clock can cut, and whose target goes out as it was written."""

    response_class = BrowserlikeResponse

    def connect(self) -> None:
        super().connect()
        _EXCHANGE.get().clock.attempt.hold(self.sock)

    def request(self, method: str, url: str, *args: Any, **options: Any) -> None:  # noqa: ARG002 - as it came is better
        exchange = _EXCHANGE.get()
        if self.sock is not None:  # a connection that is used again
            exchange.clock.attempt.hold(self.sock)
        # urllib3 rewrites percent-escapes in `url`, which breaks signed addresses.
        super().request(method, exchange.target, *args, **options)


class _Dialled(_Watched):
    """Connects to an address that was looked up once and judged; a proxy may be private."""

    def _new_conn(self) -> socket.socket:
        exchange = _EXCHANGE.get()
        limits = exchange.limits
        return dial(
            self._dns_host,
            self.port,
            exchange.clock,
            patience=limits.connect_timeout,
            allow_private=limits.allow_private or self.proxy is not None,
        )


class _DialledTLS(_Dialled, HTTPSConnection):
    """The same below TLS."""


class _ConnectionPool(HTTPConnectionPool):
    ConnectionCls = _Dialled


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _DialledTLS


_POOLS = {"http": _ConnectionPool, "https": _TLSPool}


class _Adapter(HTTPAdapter):
    """requests' pools of connections, made of ours."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _socks_pools() if is_socks(proxy) else _POOLS
        return manager


def _socks_pools() -> dict[str, Any]:
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

    class Socks(_Watched, SOCKSConnection):
        def _new_conn(self) -> Any:
            exchange = _EXCHANGE.get()
            if not self._socks_options["rdns"]:  # the name is looked up on this side
                allow = exchange.limits.allow_private
                look_up(self.host, self.port, exchange.clock, allow_private=allow)
            return super()._new_conn()

    class SocksTLS(Socks, SOCKSHTTPSConnection):
        pass

    class SocksPool(HTTPConnectionPool):
        ConnectionCls = Socks

    class SocksTLSPool(HTTPSConnectionPool):
        ConnectionCls = SocksTLS

    return {"http": SocksPool, "https": SocksTLSPool}


class FetchSession:
    """Idle connections by host, kept to be used again; no cookies, no passwords; thread-safe.

    `verify` is a file or folder of certificate authorities, True for certifi's, False for none.
    `headers` are for every request.
    """

    def __init__(self, limits: FetchLimits) -> None:
        self.headers = {**HEADERS, "User-Agent": user_agent(limits.contact)}
        self.verify: str | bool = (
            os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
        )
        self.deadlines = Deadlines()
        self._limits = limits
        self._pools: dict[tuple[str, str, str | None, str | bool], HTTPConnectionPool] = {}
        self._adapter = _Adapter(pool_connections=_HOSTS, pool_maxsize=limits.per_host)

    @contextmanager
    def asked(
        self,
        address: Address,
        headers: Mapping[str, str],
        clock: Clock,
        *,
        form: Mapping[str, str] | None = None,
    ) -> Iterator[BaseHTTPResponse | PlainAnswer]:
        """An address's answer, its body not read yet; the connection is given up behind it.

        `headers` are all that go out, but Host. A `form` is posted, else it is a GET. Raises
        FetchFailed, or urllib3's errors where no answer came.
        """
        proxy = proxy_for(address, self._limits.proxy)
        pool = self._pool(address, proxy)
        headers = {**headers, "Host": address.authority}
        absolute = proxy is not None and not is_socks(proxy) and address.scheme == "http"
        target = address.href if absolute else address.target
        token = _EXCHANGE.set(_Exchange(clock, self._limits, target))
        try:
            answer: BaseHTTPResponse | PlainAnswer | None = None
            if proxy is None and form is None:
                silence = clock.timeout(self._limits.read_timeout)
                answer = ask_again(pool, target, headers, clock, silence)
            if answer is None:
                answer = self._ask(pool, target, headers, clock, form)
            try:
                yield answer
            finally:
                clock.attempt.hold(None)
                answer.close()  # one that was read to its end has given its connection back
        finally:
            clock.attempt.hold(None)
            _EXCHANGE.reset(token)

    def _ask(
        self,
        pool: HTTPConnectionPool,
        target: str,
        headers: Mapping[str, str],
        clock: Clock,
        form: Mapping[str, str] | None,
    ) -> BaseHTTPResponse:
        limits = self._limits
        return pool.urlopen(
            "GET" if form is None else "POST",
            target,
            body=None if form is None else urlencode(form),
            headers=headers,
            redirect=False,
            retries=False,
            assert_same_host=False,
            timeout=Timeout(
                connect=clock.timeout(limits.connect_timeout),
                read=clock.timeout(limits.read_timeout),
            ),
            preload_content=False,
            decode_content=False,
        )

    def close(self) -> None:
        """End every idle connection and the watch over the time."""
        self._adapter.close()
        self.deadlines.close()

    def _pool(self, address: Address, proxy: str | None) -> HTTPConnectionPool:
        """requests' pool for a host, remembered: to find it again costs a tenth of a fetch.

        urllib3 closes the longest unused of its 128; those remembered here are fewer, and each
        was asked for since the last time that all were forgotten, so none of them is closed.
        """
        key = (address.scheme, address.authority, proxy, self.verify)
        pool = self._pools.get(key)
        if pool is None:
            if len(self._pools) >= _HOSTS // 2:
                self._pools.clear()
            pool = self._pools[key] = self._new_pool(address, proxy)
        return pool

    def _new_pool(self, address: Address, proxy: str | None) -> HTTPConnectionPool:
        request = PreparedRequest()
        request.method, request.url = "GET", address.href
        proxies = {address.scheme: proxy} if proxy else {}
        try:
            pool = self._adapter.get_connection_with_tls_context(request, self.verify, proxies)
        except ValueError as error:  # requests' InvalidURL and InvalidProxyURL, PySocks missing
            raise FetchFailed("connection", f"{proxy or address.href}: {error}") from error
        if address.scheme == "https":
            self._adapter.cert_verify(pool, address.href, self.verify, None)  # type: ignore[no-untyped-call]
        return cast("HTTPConnectionPool", pool)

    def __enter__(self) -> FetchSession:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_session(limits: FetchLimits) -> FetchSession:
    """A session whose connections are reused, guarded, and keep no cookies; close it after use."""
    return FetchSession(limits)


def adopt(session: Any, limits: FetchLimits) -> FetchSession:
    """A session with the headers and authorities of a `requests.Session`, as 0.1 took one."""
    own = FetchSession(limits)
    own.verify = session.verify
    ours = {name.lower() for name in own.headers}
    own.headers |= {
        str(name): str(value)
        for name, value in session.headers.items()
        if name.lower() not in {*ours, "connection"}
    }
    return own
