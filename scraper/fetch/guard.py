"""Who may be asked: public addresses only, judged where a name leads, before it is connected.

A name is looked up once, every address that it has is judged, and a judged address itself is
connected to, so that a name server that answers differently the second time (DNS rebinding)
gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from concurrent.futures import Future, wait
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..errors import FetchFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .address import Address
    from .clock import Clock

    # family, kind, protocol, canonical name, socket address
    Found = Sequence[tuple[int, int, int, str, Any]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out; the rest is not public
# IANA's special-purpose registries as of 2025; the tables in `ipaddress` age with Python.
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "3fff::/20"),
    )
)
_PRIVATE_NAMES = ("localhost", "local", "internal", "localdomain", "home.arpa", "lan", "intranet")
_GLANCE = 0.1  # seconds between looks whether a waiting fetch is stopped


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet, seen through its IPv6 disguises too.

    Raises ValueError for what is no IP address.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not any(ip in network for network in _NOT_PUBLIC)


def judge(address: Address) -> None:
    """Refuse an address by its spelling; where its name leads is judged when it is looked up.

    Raises FetchFailed `private-address`.
    """
    try:
        public = is_public(address.host)
    except ValueError:  # a name, not an address
        name = address.host.rstrip(".")
        public = not any(name == word or name.endswith(f".{word}") for word in _PRIVATE_NAMES)
    if not public:
        raise FetchFailed("private-address", address.host)


def look_up(
    host: str,
    port: int,
    clock: Clock,
    *,
    allow_private: bool,
    resolver: Callable[..., Found] | None = None,
) -> Found:
    """The socket addresses of a host, none of them private unless that is allowed.

    A name with one private address among public ones is refused: which of them comes first is
    chance. `resolver` answers as `socket.getaddrinfo` does. Raises FetchFailed
    `private-address`, `connection` (no such name), `bad-url`, `too-slow` or `stopped`.
    """
    try:
        ipaddress.ip_address(host)
    except ValueError:
        found = _ask(host, port, clock, resolver or socket.getaddrinfo)
    else:  # no resolver is asked
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    if not allow_private:
        for *_, address in found:
            if not is_public(str(address[0])):
                raise FetchFailed("private-address", f"{host} is at {address[0]}")
    return found


def _ask(host: str, port: int, clock: Clock, resolver: Callable[..., Found]) -> Found:
    """Ask the system's resolver; it knows no deadline, so it is asked by a thread of its own."""
    answer: Future[Found] = Future()

    def resolve() -> None:
        try:
            answer.set_result(resolver(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.set_exception(error)

    Thread(target=resolve, name=f"resolve {host[:40]}", daemon=True).start()
    while not answer.done():
        wait([answer], timeout=clock.timeout(_GLANCE))
    try:
        return answer.result()
    except UnicodeError:  # a label of more than 63 characters
        raise FetchFailed("bad-url", f"no such name can be: {host[:200]}") from None
    except OSError as error:
        why = str(error) or "no answer from the name server"
        raise FetchFailed("connection", f"{host}: {why}") from error
