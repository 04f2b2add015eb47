"""Web addresses as browsers read them: the WHATWG's URL standard, by the `ada` parser.

Python's `urlsplit` and `urljoin` follow an RFC that no browser follows: they refuse a
backslash, keep tabs, know no emoji hosts, and the usual clients rewrite percent-escapes, which
breaks signed addresses. Here escapes go out as they came, raw blanks become %20, and hosts
become ASCII by UTS 46 (not strict).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from ada_url import join_url, normalize_url

from ..errors import FetchFailed

_MOST = 2_000_000  # characters, as in Chromium
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NO_HOST = re.compile(r"\s*https?:[/\\]{3}", re.IGNORECASE)

# The WHATWG fetch standard's "bad ports": those of other protocols, which a crafted request
# could speak to (https://fetch.spec.whatwg.org/#port-blocking).
_UNSAFE_PORTS = frozenset(
    [
        *(0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87),
        *(95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143),
        *(161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556),
        *(563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190),
        *(5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    ]
)


@dataclass(frozen=True, slots=True)
class Address:
    """An http or https address: where to connect and what to ask for there.

    `href` is the whole, normalised, without fragment, user and password; `host` is ASCII, an
    IPv6 address without brackets; `authority` is what the Host header says; `target` is the
    path with its query; `login` is `user:password` as bytes, where the address has them.
    """

    href: str
    scheme: str
    host: str
    port: int
    authority: str
    target: str
    login: bytes | None = None

    def basic_authorization(self) -> str | None:
        """The Authorization header of an address that holds a user or a password."""
        if self.login is None:
            return None
        return "Basic " + base64.b64encode(self.login).decode("ascii")


def read_address(text: str, base: Address | None = None) -> Address:
    """Read an address, relative to `base` where there is one.

    Raises FetchFailed: `bad-url` for what no browser takes for an address, `bad-scheme` for
    another scheme than http and https, `unsafe-port` for a port that browsers refuse.
    """
    if not isinstance(text, str) or len(text) > _MOST:
        raise FetchFailed("bad-url", f"{type(text).__name__}: {str(text)[:100]}")
    try:
        href = normalize_url(text) if base is None else join_url(base.href, text)
    except ValueError:
        raise FetchFailed("bad-url", str(text)[:200]) from None
    scheme, _, rest = href.partition(":")
    if scheme not in _DEFAULT_PORTS:
        raise FetchFailed("bad-scheme", href[:200])
    # Browsers take the first folder for the host, which is never what is meant.
    if base is None and _NO_HOST.match(text):
        raise FetchFailed("bad-url", f"no host: {text[:200]}")
    authority, _, tail = rest[2:].partition("/")
    user, at, authority = authority.rpartition("@")
    host, port = _host_and_port(authority, scheme)
    if port in _UNSAFE_PORTS:
        raise FetchFailed("unsafe-port", f"browsers refuse port {port}")
    target = "/" + tail.partition("#")[0]
    return Address(
        href=f"{scheme}://{authority}{target}",
        scheme=scheme,
        host=host,
        port=port,
        authority=authority,
        target=target,
        login=_login(user) if at else None,
    )


def _host_and_port(authority: str, scheme: str) -> tuple[str, int]:
    if authority.startswith("["):
        host, _, port = authority[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    return host, int(port) if port else _DEFAULT_PORTS[scheme]


def _login(user: str) -> bytes:
    name, _, password = user.partition(":")
    return unquote_to_bytes(name) + b":" + unquote_to_bytes(password)


def read_location(value: str, base: Address) -> Address:
    """Where a Location header leads; `value` holds the header's bytes as Latin-1.

    Bytes beyond ASCII go on as they are, percent-encoded, as browsers send them: a host that
    says `caf\\xe9.jpg` means the very name that its own disk holds, whatever the encoding.
    """
    escaped = "".join(c if c < "\x80" else f"%{ord(c):02X}" for c in value)
    return read_address(escaped, base)
