"""What the replica answers to each request."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote_plus, unquote, urlencode

from ..errors import UsageError
from . import bing, google, walls, yahoo
from .listing import ENGINES
from .markup import attribute, frame
from .shelf import Picture
from .site import as_json, filters_of, read_query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from email.message import Message

    from .site import Replica

COOKIES = {"google": "SOCS=CAE", "bing": "BCP=AD=0", "yahoo": "GUCS=AX"}
_JPEG = "image/jpeg"
_SEARCHES = {
    "/google/search": ("google", "q"),
    "/bing/images/search": ("bing", "q"),
    "/bing/images/async": ("bing", "q"),
    "/yahoo/search/images": ("yahoo", "p"),
}
_PREVIEWS = (
    (re.compile(r"/google/encrypted-tbn\d\.gstatic\.com/images"), "google"),
    (re.compile(r"/bing/th\.bing\.com/th/id/OIP\.([\w\-]+)"), "bing"),
    (re.compile(r"/bing/ts\d\.mm\.bing\.net/th"), "bing-large"),
    (re.compile(r"/yahoo/tse\d\.mm\.bing\.net/th"), "yahoo"),
)
_ORIGINAL = re.compile(r"/www/([\w.\-]+)/[\w\-]+/([\w\-]+)\.jpg")
_PLACE = re.compile(r"/www/([\w.\-]+)/([^/]+)/(\d+)\.html")
_WRAPPED = re.compile(r"/yahoo/r/.*?/RU=(.+?)/RK=.*")
_MEMORY = {
    b"\x89PNG": "image/png",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"BM": "image/bmp",
}


@dataclass(frozen=True)
class Answer:
    """Status, body and headers; `cut` ends the connection after the body."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


def _page(text: str, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(text.encode(), status, {"Content-Type": "text/html; charset=utf-8", **named})


def _sent_on(url: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(b"", 302, {"Location": url, **named})


_NOT_FOUND = _page("<html><title>404</title><h1>Not found</h1></html>", 404)


class Answers:
    """Finds the answer to a request; holds nothing but the replica that it speaks for."""

    def __init__(self, replica: Replica) -> None:
        self._replica = replica

    def to(self, method: str, path: str, headers: Message, body: str) -> Answer:
        """The answer to one request."""
        replica = self._replica
        replica.note(path)
        place, query, asked = read_query(path)
        if place in ("/truth", "/requests", "/control"):
            return self._own(method, place, body)
        if method == "POST":
            return self._refused_or_solved(place, parse_qs(body), query)
        if place in _SEARCHES:
            return self._search(place, query, asked, headers)
        if place.startswith("/www/"):
            return self._host(place, headers)
        for pattern, kind in _PREVIEWS:
            if found := pattern.fullmatch(place):
                return self._preview(kind, found, query)
        if found := _WRAPPED.fullmatch(path):
            return _sent_on(unquote(found[1]))
        return self._rest(place, query)

    def _rest(self, place: str, query: Mapping[str, list[str]]) -> Answer:
        replica = self._replica
        back = query.get("continue", [replica.url + "/"])[0]
        if place == "/":
            return _page(self._home())
        if place == "/robots.txt":
            return Answer(b"User-agent: *\nAllow: /\n", 200, {"Content-Type": "text/plain"})
        if place == "/google/sorry/index":
            return _page(walls.captcha(replica, "google", back), 429)
        if place == "/bing/turing/captcha/challenge":
            return _page(walls.captcha(replica, "bing", back))
        if place == "/google/consent.google.com/ml":
            return _page(walls.consent(replica, "google", back))
        if place == "/yahoo/consent.yahoo.com/v2/collectConsent":
            return _page(walls.consent(replica, "yahoo", back))
        return _NOT_FOUND

    # The engines

    def _search(
        self, place: str, query: Mapping[str, list[str]], asked: str, headers: Message
    ) -> Answer:
        replica = self._replica
        engine, name = _SEARCHES[place]
        if engine == "yahoo" and "HeadlessChrome" in headers.get("User-Agent", ""):
            return _page(walls.failed(), 500)
        term = query.get(name, [""])[0]
        later = "async" in query or query.get("output") == ["frag"]
        cookies = headers.get("Cookie", "")
        wall = "" if later else replica.wall(engine, query.get("fault", [""])[0])
        known = COOKIES[engine].partition("=")[0] in cookies
        if wall and not (known and wall.startswith("consent")):
            back = f"{replica.url}{place}?{asked}"
            solved = wall == "captcha" and "GOOGLE_ABUSE" in cookies
            answer = None if solved else self._wall(wall, engine, term, back)
            if answer is not None:
                return answer
        listing = replica.listing(engine, term, filters_of(engine, query))
        if not listing.results:
            return _page(walls.empty(engine, term))
        text = self._results(engine, place, query, _kept(asked, name))
        if wall.startswith("consent") and not known:
            back = f"{replica.url}{place}?{asked}"
            dialog = walls.bing_banner() if engine == "bing" else walls.google_dialog(replica, back)
            text = text.replace("</body>", f"{dialog}</body>")
        return _page(text, Cache_Control="private, max-age=0")

    def _results(self, engine: str, place: str, query: Mapping[str, list[str]], asked: str) -> str:
        replica = self._replica
        listing = replica.listing(
            engine, query["p" if engine == "yahoo" else "q"][0], filters_of(engine, query)
        )
        if engine == "google":
            if "async" in query:
                return google.batch(replica, listing, _number(query, "start", 0), asked)
            return google.page(replica, listing, asked)
        if engine == "bing":
            if place.endswith("/async"):
                count = _number(query, "count", bing.COUNT)
                return bing.fragment(replica, listing, _number(query, "first", 1), count, asked)
            return bing.page(replica, listing, asked)
        layout = replica.layout
        if layout not in ("A", "B"):
            layout = "AB"[sum(listing.term.encode()) % 2]
        first = _number(query, "b", 1)
        if query.get("output") == ["frag"]:
            return yahoo.batch(replica, listing, asked, first, layout)
        return yahoo.page(replica, listing, asked, first, layout)

    def _wall(self, wall: str, engine: str, term: str, back: str) -> Answer | None:
        """The wall's page, or None where it stands on the page of results itself."""
        replica = self._replica
        then = urlencode({"continue": back})
        if wall == "captcha":
            if engine == "google":
                return _sent_on(f"{replica.url}/google/sorry/index?{then}")
            if engine == "bing":
                return _sent_on(f"{replica.url}/bing/turing/captcha/challenge?{then}")
            return _page(walls.captcha(replica, "yahoo", back))
        if wall == "consent" and engine == "google":
            return _sent_on(f"{replica.url}/google/consent.google.com/ml?{then}")
        if wall.startswith("consent") and engine == "yahoo":
            return _sent_on(f"{replica.url}/yahoo/consent.yahoo.com/v2/collectConsent?{then}")
        if wall == "rate-limited":
            wait = str(replica.faults.retry_after)
            return _page(walls.too_many(), 429, Retry_After=wait)
        if wall == "broken":
            return _page(walls.failed(), 500)
        if wall == "empty":
            return _page(walls.empty(engine, term))
        if wall == "challenge":
            return _page(walls.challenge(replica, engine))
        if wall == "layout-changed":
            return _page(walls.changed(replica, engine, replica.listing(engine, term)))
        return None

    def _refused_or_solved(
        self, place: str, form: Mapping[str, list[str]], query: Mapping[str, list[str]]
    ) -> Answer:
        """Consent refused or given, a captcha's button pressed: a cookie, and back."""
        engine = place.strip("/").partition("/")[0]
        if engine not in ENGINES:
            return _NOT_FOUND
        told = {**query, **form}
        back = (told.get("continue") or told.get("originalDoneUrl") or [self._replica.url])[0]
        solved = any(word in place for word in ("sorry", "captcha"))
        cookie = "GOOGLE_ABUSE_EXEMPTION=ID" if solved else COOKIES[engine]
        return _sent_on(back, Set_Cookie=f"{cookie}; Path=/{engine}; Max-Age=86400")

    # The hosts that results name

    def _preview(self, kind: str, found: re.Match[str], query: Mapping[str, list[str]]) -> Answer:
        if kind == "google":
            code = query.get("q", [""])[0].removeprefix("tbn:")
        else:
            code = found[1] if found.groups() else query.get("id", [""])[0].removeprefix("OIP.")
        picture = Picture.decode(code)
        try:
            data = self._replica.preview(picture, kind) if picture else b""
        except KeyError:
            return _NOT_FOUND
        faults = self._replica.faults
        if picture and sum(code.encode()) % 100 < faults.slow_previews * 100:
            self._replica.stopping.wait(faults.slow_seconds)
        headers = {"Content-Type": _JPEG, "Cache-Control": "public, max-age=86400"}
        return Answer(data, 200, headers) if data else _NOT_FOUND

    def _host(self, place: str, headers: Message) -> Answer:
        """An original, or the page that it stands on."""
        if found := _PLACE.fullmatch(place):
            term = unquote(found[2])
            return _page(frame(term, f"<h1>{escape(term)}</h1><p>Number {found[3]}.</p>"))
        found = _ORIGINAL.fullmatch(place)
        picture = Picture.decode(found[2]) if found else None
        if found is None or picture is None:
            return _NOT_FOUND
        fate = self._replica.fate(picture)
        if fate == "dead":
            return _NOT_FOUND
        if fate == "referer" and f"/www/{found[1]}/" not in headers.get("Referer", ""):
            return _page("<h1>403</h1><p>No hotlinking.</p>", 403)
        if fate == "html":
            sold = f"<!doctype html><html><title>{found[1]}</title><h1>This domain is for sale"
            return Answer(sold.encode(), 200, {"Content-Type": _JPEG})
        if fate == "slow":
            self._replica.stopping.wait(self._replica.faults.slow_seconds)
        try:
            data = self._replica.original(picture)
        except KeyError:
            return _NOT_FOUND
        kind = next((kind for start, kind in _MEMORY.items() if data.startswith(start)), _JPEG)
        told = {"Content-Type": kind, "ETag": f'"{found[2][:16]}"'}
        if fate == "opted_out":
            told["X-Robots-Tag"] = "noai, noimageai"
        if fate == "truncated":
            told["Content-Length"] = str(len(data))
            return Answer(data[: len(data) // 2], 200, told, cut=True)
        return Answer(data, 200, told)

    # The replica itself

    def _own(self, method: str, place: str, body: str) -> Answer:
        replica = self._replica
        kind = {"Content-Type": "application/json"}
        if place == "/truth":
            return Answer(as_json(replica.truth()), 200, kind)
        if place == "/requests":
            return Answer(as_json(replica.requests()), 200, kind)
        if method == "POST":
            try:
                replica.control(json.loads(body))
            except (ValueError, UsageError, AttributeError) as error:
                return Answer(as_json({"error": str(error)}), 400, kind)
        return Answer(as_json(vars(replica.faults)), 200, kind)

    def _home(self) -> str:
        links = "".join(
            f"<li><b>{escape(term)}</b>: "
            f'<a href="/google/search?q={quote_plus(term)}&amp;udm=2">Google</a> · '
            f'<a href="/bing/images/search?q={quote_plus(term)}">Bing</a> · '
            f'<a href="/yahoo/search/images?p={quote_plus(term)}">Yahoo</a></li>'
            for term in self._replica.shelf.terms()[:60]
        )
        url = attribute(self._replica.url)
        return frame(
            "An image search, in small",
            "<header><h1>An image search, in small</h1></header><section style='padding:0 24px'>"
            "<p>This site stands in for three image search engines, for tests and "
            f"demonstrations: <code>pixset scrape --term pizza --replica {url}</code>.</p>"
            f"<ul>{links}</ul><p><a href='/truth'>/truth</a> says what was shown, "
            "<a href='/requests'>/requests</a> what was asked for, <a href='/control'>/control"
            "</a> what goes wrong (POST JSON to change it).</p></section>",
        )


def _kept(asked: str, name: str) -> str:
    """The search's query as later requests repeat it: without what says where they go on."""
    leave = {"start", "async", "first", "count", "b", "output", "fault", "iid", "spos"}
    leave |= {"relp", "datsrc", "layout", "apc", "mmasync", "cw", "ch"}
    pairs = [(key, values[0]) for key, values in parse_qs(asked).items() if key not in leave]
    return urlencode(sorted(pairs, key=lambda pair: pair[0] != name), safe=":,")


def _number(query: Mapping[str, list[str]], name: str, default: int) -> int:
    digits = query.get(name, [""])[0]
    return int(digits) if digits.isdigit() and len(digits) < 8 else default
