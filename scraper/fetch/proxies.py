"""The proxy that the caller or the environment names for a host.

A proxy may itself be private: whoever set it meant it. But a proxy looks names up itself, so
a name that leads to a private address is not noticed on this side; addresses spelled as
numbers, and names such as `localhost`, are still refused. A warning says so, once.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies

from ..errors import FetchFailed

if TYPE_CHECKING:
    from .address import Address

_log = logging.getLogger(__name__)
_KINDS = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_LOOKING_UP_HERE = ("socks4", "socks5")


def proxy_for(address: Address, named: str | None = None) -> str | None:
    """The proxy for an address, as a URL: `named`, else the environment's; none for this machine.

    `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are read as requests reads them.
    """
    host = address.host
    if host in ("localhost", "::1") or host.startswith("127."):
        return None
    if named is not None:
        return _checked(named)
    if not getproxies():
        return None
    from requests.utils import get_environ_proxies, select_proxy

    url = select_proxy(address.href, get_environ_proxies(address.href, no_proxy=None))
    return _checked(url) if url else None


def is_socks(proxy: str) -> bool:
    """Whether a proxy passes bytes on without reading them."""
    return proxy.startswith("socks")


@cache
def _checked(url: str) -> str:
    whole = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(whole)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise FetchFailed("connection", f"the proxy {hidden(url)}: {error}") from error
    scheme = parts.scheme.lower()
    if not host or scheme not in _KINDS:
        raise FetchFailed("connection", f"the proxy {hidden(url)} is of no known kind")
    if scheme not in _LOOKING_UP_HERE:
        _log.warning(
            "pictures are fetched through the proxy %s, which looks names up itself: a name that "
            "leads to a private address cannot be noticed here",
            host,
        )
    return whole


def hidden(proxy: str) -> str:
    """A proxy's URL without its user name and password, for messages."""
    scheme, divider, rest = proxy.rpartition("://")
    return f"{scheme}{divider}{rest.rpartition('@')[2]}"
