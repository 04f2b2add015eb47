"""The address of the next page, as a page names it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from .parsing.values import host, web_url


def joined(named: str, address: str, origin: str) -> str:
    """An address that a page names, completed; empty where it leads to another host."""
    base = address if address.startswith("http") else f"{origin}/"
    try:
        whole = web_url(urljoin(base, named))
    except ValueError:
        return ""
    return whole if whole and host(whole) == host(base) else ""


def with_parameter(address: str, name: str, value: str) -> str:
    """An address with one parameter of its query replaced or added."""
    try:
        parts = urlsplit(address)
        given = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return ""
    kept = [pair for pair in given if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*kept, (name, value)]), fragment=""))
