"""From a host's name to a socket: looked up once, judged, and connected within the time."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

from ..errors import FetchFailed
from .guard import look_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .guard import Found

_FIRST_TRY = 3.0  # seconds for an address that is not a host's last one: IPv6 may lead nowhere


def dial(
    host: str,
    port: int,
    clock: Clock,
    *,
    patience: float,
    allow_private: bool,
    resolver: Callable[..., Found] | None = None,
) -> socket.socket:
    """A TCP connection to the first of a host's addresses that takes one.

    `patience` is the seconds for one address; for `resolver` and what is raised see `look_up`.
    """
    found = look_up(host, port, clock, allow_private=allow_private, resolver=resolver)
    failure = FetchFailed("connection", f"{host} has no address")
    for number, (family, kind, protocol, _, address) in enumerate(found, 1):
        seconds = patience if number == len(found) else min(_FIRST_TRY, patience)
        with ExitStack() as undoing:
            try:
                sock = socket.socket(family, kind, protocol)
                undoing.callback(sock.close)
                undoing.callback(clock.attempt.hold, None)
                clock.attempt.hold(sock)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(clock.timeout(seconds))
                sock.connect(address)
            except TimeoutError:
                clock.check()
                failure = FetchFailed("too-slow", f"{host}: no connection in {seconds:g} s")
            except (OSError, OverflowError) as error:
                clock.check()
                failure = FetchFailed("connection", f"{host}: {error}")
            else:
                undoing.pop_all()
                return sock
    raise failure
