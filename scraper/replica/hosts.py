"""The hosts that results name: thumbnail servers, and the sites with the originals."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..fetch.formats import sniff
from .exchange import NOT_FOUND, Answer, html_page, sent_on
from .markup import frame
from .shelf import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from .exchange import Request
    from .site import Replica

_PREVIEWS = (
    (re.compile(r"/google/encrypted-tbn\d\.gstatic\.com/images"), "google"),
    (re.compile(r"/bing/th\.bing\.com/th/id/OIP\.([\w\-]+)"), "bing"),
    (re.compile(r"/bing/ts\d\.mm\.bing\.net/th"), "bing-large"),
    (re.compile(r"/yahoo/tse\d\.mm\.bing\.net/th"), "yahoo"),
)
_ORIGINAL = re.compile(r"/www/([\w.\-]+)/[\w\-]+/([\w\-]+)\.jpg")
_PLACE = re.compile(r"/www/([\w.\-]+)/([^/]+)/(\d+)\.html")
_WRAPPED = re.compile(r"/yahoo/r/.*?/RU=(.+?)/RK=.*")
_KINDS = {"jpg": "image/jpeg", "svg": "image/svg+xml", "ico": "image/x-icon"}


def preview(replica: Replica, request: Request) -> Answer | None:
    """A thumbnail from one of the engines' servers."""
    for pattern, kind in _PREVIEWS:
        found = pattern.fullmatch(request.place)
        if found:
            code = found[1] if found.groups() else request.one("q") or request.one("id")
            return _thumbnail(replica, re.sub(r"^(tbn:|OIP\.)", "", code), kind)
    return None


def _thumbnail(replica: Replica, code: str, kind: str) -> Answer:
    picture = Picture.decode(code)
    try:
        data = replica.preview(picture, kind) if picture else None
    except KeyError:
        data = None
    if data is None:
        return NOT_FOUND
    if sum(code.encode()) % 100 < replica.faults.slow_previews * 100:
        replica.stopping.wait(replica.faults.slow_seconds)
    told = {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=86400"}
    return Answer(data, 200, told)


def place(replica: Replica, request: Request) -> Answer | None:  # noqa: ARG001 - as its siblings
    """The page that an original stands on, or a redirect of Yahoo's to one."""
    found = _PLACE.fullmatch(request.place)
    if found:
        term = escape(unquote(found[2]))
        return html_page(frame(term, f"<h1>{term}</h1><p>Number {found[3]}.</p>"))
    wrapped = _WRAPPED.fullmatch(request.path)
    return sent_on(unquote(wrapped[1])) if wrapped else None


def original(replica: Replica, request: Request) -> Answer | None:
    """An original, or what its host does in place of giving it."""
    found = _ORIGINAL.fullmatch(request.place)
    picture = Picture.decode(found[2]) if found else None
    if found is None or picture is None:
        return None
    site, fate = found[1], replica.fate(picture)
    refused = _refusal(site, fate, request.headers.get("Referer", ""))
    if refused is not None:
        return refused
    if fate == "slow":
        replica.stopping.wait(replica.faults.slow_seconds)
    try:
        data = replica.original(picture)
    except KeyError:
        return NOT_FOUND
    kind = sniff(data) or "jpg"
    told = {"Content-Type": _KINDS.get(kind, f"image/{kind}"), "ETag": f'"{found[2][:16]}"'}
    if fate == "opted_out":
        told["X-Robots-Tag"] = "noai, noimageai"
    if fate == "truncated":
        told["Content-Length"] = str(len(data))
        return Answer(data[: len(data) // 2], 200, told, cut=True)
    return Answer(data, 200, told)


def _refusal(site: str, fate: str, referer: str) -> Answer | None:
    answers: dict[str, Callable[[], Answer]] = {
        "dead": lambda: NOT_FOUND,
        "html": lambda: Answer(
            f"<!doctype html><html><title>{site}</title><h1>This domain is for sale".encode(),
            200,
            {"Content-Type": "image/jpeg"},
        ),
    }
    if fate == "referer" and f"/www/{site}/" not in referer:
        return html_page("<h1>403</h1><p>No hotlinking.</p>", 403)
    return answers[fate]() if fate in answers else None
