"""The hosts that results name: thumbnail servers, and the sites with the originals."""

from __future__ import annotations

import base64
import gzip
import re
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import unquote

from PIL import Image

from ..fetch.formats import sniff
from .markup import ICON, frame
from .messages import NOT_FOUND, Response, html_page, sent_on
from .pictures import ReplicaPicture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .messages import Request
    from .site import Site

_PREVIEWS = (
    (re.compile(r"/google/encrypted-tbn\d\.gstatic\.com/images"), "google"),
    (re.compile(r"/bing/th\.bing\.com/th/id/OIP\.([\w\-]+)"), "bing"),
    (re.compile(r"/bing/ts\d\.mm\.bing\.net/th"), "bing-large"),
    (re.compile(r"/yahoo/tse\d\.mm\.bing\.net/th"), "yahoo"),
    (
        re.compile(r"/commons/upload\.wikimedia\.org/.*/thumb/a/ab/([\w\-]+)\.jpg/330px-\1\.jpg"),
        "commons",
    ),
    (re.compile(r"/openverse/v1/images/([\w\-]+)/thumb/"), "openverse"),
)
_ORIGINAL = re.compile(r"/www/([\w.\-]+)/[\w\-]+/([\w\-]+)\.jpg")
_PLACE = re.compile(r"/www/([\w.\-]+)/([^/]+)/(\d+)\.html")
_WRAPPED = re.compile(r"/yahoo/r/.*?/RU=(.+?)/RK=.*")
_VECTOR = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="4"/></svg>'
_KINDS = {"jpg": "image/jpeg", "svg": "image/svg+xml", "ico": "image/x-icon"}


def preview(site: Site, request: Request) -> Response | None:
    """A thumbnail from one of the engines' servers."""
    for pattern, kind in _PREVIEWS:
        found = pattern.fullmatch(request.place)
        if found:
            code = found[1] if found.groups() else request.one("q") or request.one("id")
            return _thumbnail(site, re.sub(r"^(tbn:|OIP\.)", "", code), kind)
    return None


def _thumbnail(site: Site, code: str, kind: str) -> Response:
    picture = ReplicaPicture.decode(code)
    try:
        data = site.preview(picture, kind) if picture else None
    except KeyError:
        data = None
    if data is None:
        return NOT_FOUND
    if sum(code.encode()) % 100 < site.faults.slow_previews * 100:
        site.stopping.wait(site.faults.slow_seconds)
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=86400"}
    return Response(data, 200, headers)


def place(site: Site, request: Request) -> Response | None:  # noqa: ARG001 - as its siblings
    """The page that an original stands on, or a redirect of Yahoo's to one."""
    found = _PLACE.fullmatch(request.place)
    if found:
        term = escape(unquote(found[2]))
        return html_page(frame(term, f"<h1>{term}</h1><p>Number {found[3]}.</p>"))
    wrapped = _WRAPPED.fullmatch(request.path)
    return sent_on(unquote(wrapped[1])) if wrapped else None


def original(site: Site, request: Request) -> Response | None:
    """An original, or what its host does in place of giving it."""
    found = _ORIGINAL.fullmatch(request.place)
    picture = ReplicaPicture.decode(found[2]) if found else None
    if found is None or picture is None:
        return None
    host, fate = found[1], site.fate(picture)
    refused = _refusal(host, fate, request.headers.get("Referer", ""))
    if refused is not None:
        return refused
    if fate == "slow":
        site.stopping.wait(site.faults.slow_seconds)
    try:
        data = site.original(picture)
    except KeyError:
        return NOT_FOUND
    if fate == "odd":
        names = sorted(ODD)
        return ODD[names[sum(found[2].encode()) % len(names)]](data, request)
    kind = sniff(data) or "jpg"
    headers = {"Content-Type": _KINDS.get(kind, f"image/{kind}"), "ETag": f'"{found[2][:16]}"'}
    if fate == "opted_out":
        headers["X-Robots-Tag"] = "noai, noimageai"
    if fate == "truncated":
        headers["Content-Length"] = str(len(data))
        return Response(data[: len(data) // 2], 200, headers, cut=True)
    return Response(data, 200, headers)


def _as_download(data: bytes, _: Request) -> Response:
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": "attachment"}
    return Response(data, 200, headers)


def _compressed(data: bytes, _: Request) -> Response:
    headers = {"Content-Type": "image/jpeg", "Content-Encoding": "gzip"}
    return Response(gzip.compress(data), 200, headers)


def _recoded(data: bytes, _: Request) -> Response:
    held = BytesIO()
    with Image.open(BytesIO(data)) as picture:
        picture.save(held, "WEBP", quality=80)
    return Response(held.getvalue(), 200, {"Content-Type": "image/jpeg"})


def _overlong(data: bytes, _: Request) -> Response:
    return Response(data, 200, {"Content-Length": str(len(data) + 100)}, cut=True)


def _placeholder(_: bytes, __: Request) -> Response:
    return Response(base64.b64decode(ICON.partition(",")[2]), 200, {"Content-Type": "image/jpeg"})


ODD: Mapping[str, Callable[[bytes, Request], Response]] = {
    "as-download": _as_download,
    "compressed": _compressed,
    "in-a-circle": lambda _, request: sent_on(request.path),
    "overlong": _overlong,
    "placeholder": _placeholder,
    "vector": lambda _, __: Response(_VECTOR, 200, {"Content-Type": "image/jpeg"}),
    "webp": _recoded,
}
"""What a host answers that names and headers do not say: a circle, a picture for everybody."""


def _refusal(host: str, fate: str, referer: str) -> Response | None:
    answers: dict[str, Callable[[], Response]] = {
        "dead": lambda: NOT_FOUND,
        "html": lambda: Response(
            f"<!doctype html><html><title>{host}</title><h1>This domain is for sale".encode(),
            200,
            {"Content-Type": "image/jpeg"},
        ),
    }
    if fate == "referer" and f"/www/{host}/" not in referer:
        return html_page("<h1>403</h1><p>No hotlinking.</p>", 403)
    return answers[fate]() if fate in answers else None
