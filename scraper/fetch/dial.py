"""From a host's name to a socket that speaks with it: TCP, and TLS above it."""

from __future__ import annotations

import socket
import ssl
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FetchFailed
from .guard import look_up

if TYPE_CHECKING:
    from .clock import Clock
    from .models import FetchLimits

_FIRST_TRY = 3.0  # seconds for an address that is not a host's last one: IPv6 may lead nowhere


def dial(
    host: str, port: int, limits: FetchLimits, clock: Clock, *, allow_private: bool
) -> socket.socket:
    """A TCP connection to the first of a host's addresses that takes one."""
    found = look_up(host, port, clock, allow_private=allow_private)
    failure = FetchFailed("connection", f"{host} has no address")
    for number, (family, kind, protocol, _, address) in enumerate(found, 1):
        patience = limits.connect_timeout
        if number < len(found):
            patience = min(_FIRST_TRY, patience)
        with ExitStack() as undoing:
            try:
                sock = socket.socket(family, kind, protocol)
                undoing.callback(sock.close)
                undoing.callback(clock.attempt.hold, None)
                clock.attempt.hold(sock)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(clock.timeout(patience))
                sock.connect(address)
            except TimeoutError:
                clock.check()
                failure = FetchFailed("too-slow", f"{host}: no connection in {patience:g} s")
            except (OSError, OverflowError) as error:
                clock.check()
                failure = FetchFailed("connection", f"{host}: {error}")
            else:
                undoing.pop_all()
                return sock
    raise failure


def encrypt(
    sock: socket.socket, host: str, verify: str | bool, limits: FetchLimits, clock: Clock
) -> socket.socket:
    """Speak TLS over a connection; raises FetchFailed `tls`, `connection` or `too-slow`."""
    with ExitStack() as undoing:
        undoing.callback(sock.close)
        try:
            sock.settimeout(clock.timeout(limits.connect_timeout))
            context = _context(verify)
            if isinstance(sock, ssl.SSLSocket):  # to a proxy that is itself spoken to by TLS
                from urllib3.util.ssltransport import SSLTransport

                inner = SSLTransport(sock, context, server_hostname=host)
                undoing.pop_all()
                return inner  # type: ignore[return-value]  # it speaks as a socket does
            name = host.rstrip(".")  # certificates name hosts without the root's dot
            tls = context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
            undoing.callback(tls.close)
            undoing.callback(clock.attempt.hold, None)
            clock.attempt.hold(tls)
            tls.do_handshake()
        except TimeoutError:
            clock.check()
            raise FetchFailed("too-slow", f"{host}: no TLS in time") from None
        except (ssl.SSLError, ssl.CertificateError) as error:
            clock.check()
            raise FetchFailed("tls", f"{host}: {error}") from error
        except OSError as error:
            clock.check()
            raise FetchFailed("connection", f"{host}: {error}") from error
        undoing.pop_all()
    return tls


@lru_cache(maxsize=8)
def _context(verify: str | bool) -> ssl.SSLContext:
    """A client's TLS settings: `verify` is a file or folder of authorities, True for certifi's.

    Strict X.509 checking is left off as in browsers: many a host's certificate lacks a field
    that only the letter of the standard wants.
    """
    import certifi  # plain http needs none of it

    if verify is True:
        verify = certifi.where()
    if verify:
        folder = Path(verify).is_dir()
        context = ssl.create_default_context(
            cafile=None if folder else verify, capath=verify if folder else None
        )
    else:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context
