"""The address of the next page, as a page names it."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from .parsing.values import host, web_url


def joined(named: str, address: str, origin: str) -> str:
    """An address that a page names, completed; empty where it leads to another site.

    The engine's own hosts are one site: www.bing.com names cn.bing.com's pages and vice versa.
    """
    base = address if address.startswith("http") else f"{origin}/"
    try:
        whole = web_url(urljoin(base, named))
    except ValueError:
        return ""
    if not whole:
        return ""
    there, here = host(whole), host(base)
    own = "." + ".".join(host(origin).split(".")[-2:])
    is_own = all(f".{one}".endswith(own) for one in (there, here))
    return whole if there == here or is_own else ""


def with_parameter(address: str, name: str, value: str) -> str:
    """An address with one parameter of its query replaced or added."""
    try:
        parts = urlsplit(address)
        given = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return ""
    kept = [pair for pair in given if pair[0] != name]
    query = urlencode([*kept, (name, value)], errors="replace")  # JSON may spell halves of letters
    return urlunsplit(parts._replace(query=query, fragment=""))
