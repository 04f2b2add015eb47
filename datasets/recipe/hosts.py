"""Sites left out, by registrable domain: `shutterstock.com` is all its hosts, `co.uk` is none.

Where a registrable domain begins, only the Public Suffix List tells; publicsuffixlist carries it.
"""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection


def site_of(host: str) -> str:
    """The registrable domain of a host; an address, a local name or a suffix is its own.

    `image.shutterstock.com` is `shutterstock.com`, `a.b.co.uk` is `b.co.uk`.
    """
    name = _plain(host)
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return str(_suffixes().privatesuffix(name) or name) if name else ""
    return name


def named_site(text: str) -> str:
    """The site that a person names by its domain, a host or an address of it.

    Raises UsageError for what is none, and for a suffix under which everybody registers.
    """
    address = text.strip()
    name = host_of(address if "://" in address else f"//{address.removeprefix('*.')}")
    if not name or " " in name or ("." not in name and name != "localhost"):
        raise UsageError(f"{text!r}: expected a site, as in shutterstock.com")
    if name != "localhost" and not _icann().privatesuffix(_plain(name)):
        raise UsageError(f"{text!r}: expected a site, as in shutterstock.com, not all of {name}")
    return site_of(name)


def left_out_site(sites: Collection[str], *addresses: str | None) -> str | None:
    """The first of the sites that one of the addresses is on, or None."""
    if not sites:
        return None
    for address in addresses:
        host = _plain(host_of(address or ""))
        if host and (site := next((one for one in (site_of(host), host) if one in sites), None)):
            return site
        for one in sites:  # a site that is itself a suffix, as blogspot.com is
            if host.endswith(f".{one}"):
                return one
    return None


def host_of(address: str) -> str:
    """An address's host, empty where it has none or is none (`http://[::1/`)."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _plain(host: str) -> str:
    """A host in lower case and ASCII, without the dot at its end."""
    name = host.strip().rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


@cache
def _suffixes() -> Any:
    from publicsuffixlist import PublicSuffixList  # a list of 10,000 lines, read where it counts

    return PublicSuffixList()


@cache
def _icann() -> Any:
    from publicsuffixlist import PublicSuffixList  # as above

    return PublicSuffixList(only_icann=True)
