"""Which page, picture or refusal each request is answered with."""

from __future__ import annotations

import base64
import json
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote_plus, urlencode

from ..errors import UsageError
from . import bing, block_pages, blocking, google, image_hosts, yahoo
from .markup import ICON, attribute, frame
from .messages import NOT_FOUND, Request, Response, as_json, html_page
from .results import filters_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from .results import ResultList
    from .site import Site

OWN = ("/truth", "/requests", "/control")
_FAVICON = "/favicon.ico"  # browsers ask for it by themselves
"""The site's own pages: not counted among its requests."""
_SEARCHES = {
    "/google/search": ("google", "q"),
    "/bing/images/search": ("bing", "q"),
    "/bing/images/async": ("bing", "q"),
    "/yahoo/search/images": ("yahoo", "p"),
}


def respond(site: Site, method: str, path: str, headers: Message, body: str) -> Response:
    """The response to one request."""
    request = Request.read(method, path, headers, body)
    if request.place not in (*OWN, _FAVICON):
        site.count(path)
    rooms: tuple[Callable[[Site, Request], Response | None], ...]
    if request.place in OWN:
        rooms = (_own,)
    elif method == "POST":
        rooms = (blocking.passed,)
    else:
        rooms = (
            _search,
            image_hosts.preview,
            image_hosts.original,
            image_hosts.place,
            blocking.own_page,
            _home,
        )
    return next((response for room in rooms if (response := room(site, request))), NOT_FOUND)


def _search(site: Site, request: Request) -> Response | None:
    """A page of results, a later batch of one, or the wall before it."""
    if request.place not in _SEARCHES:
        return None
    engine, name = _SEARCHES[request.place]
    if engine == "yahoo" and "HeadlessChrome" in request.headers.get("User-Agent", ""):
        return html_page(block_pages.failed(), 500)
    term, later = request.one(name), "async" in request.query or "output" in request.query
    wall = "" if later else blocking.met(site, request, engine)
    stopped = blocking.page(site, request, engine, term, wall) if wall else None
    if stopped is not None:
        return stopped
    results = site.results(engine, term, filters_of(engine, request.query))
    if not results.entries:
        return html_page(block_pages.empty(engine, term))
    text = _RESULTS[engine](site, results, request, _repeated(request.asked, name))
    return html_page(blocking.over(site, request, engine, wall, text))


def _google(site: Site, results: ResultList, request: Request, asked: str) -> str:
    if "async" in request.query:
        return google.batch(site, results, request.number("start", 0), asked)
    return google.page(site, results, asked)


def _bing(site: Site, results: ResultList, request: Request, asked: str) -> str:
    if request.place.endswith("/async"):
        first, count = request.number("first", 1), request.number("count", bing.COUNT)
        return bing.fragment(site, results, max(1, first), count, asked)
    return bing.page(site, results, asked)


def _yahoo(site: Site, results: ResultList, request: Request, asked: str) -> str:
    layout, first = site.layout, max(1, request.number("b", 1))
    if layout == "alternate":
        layout = "AB"[sum(results.term.encode()) % 2]
    if request.one("output") == "frag":
        return yahoo.batch(site, results, asked, first, layout)
    return yahoo.page(site, results, asked, first, layout)


_RESULTS = {"google": _google, "bing": _bing, "yahoo": _yahoo}


def _own(site: Site, request: Request) -> Response:
    if request.place == "/truth":
        return as_json(site.truth())
    if request.place == "/requests":
        return as_json(site.requests())
    if request.method == "POST":
        try:
            site.control(json.loads(request.body))
        except (ValueError, UsageError, AttributeError) as error:
            return as_json({"error": str(error)}, 400)
    return as_json(vars(site.faults))


def _home(site: Site, request: Request) -> Response | None:
    if request.place == "/robots.txt":
        return Response(b"User-agent: *\nAllow: /\n", 200, {"Content-Type": "text/plain"})
    if request.place == _FAVICON:
        icon = base64.b64decode(ICON.partition(",")[2])
        return Response(icon, 200, {"Content-Type": "image/png", "Cache-Control": "max-age=86400"})
    if request.place != "/":
        return None
    links = "".join(
        f"<li><b>{escape(term)}</b>: "
        f'<a href="/google/search?q={quote_plus(term)}&amp;udm=2">Google</a> · '
        f'<a href="/bing/images/search?q={quote_plus(term)}">Bing</a> · '
        f'<a href="/yahoo/search/images?p={quote_plus(term)}">Yahoo</a></li>'
        for term in site.pictures.terms()[:60]
    )
    return html_page(
        frame(
            "An image search, in small",
            "<header><h1>An image search, in small</h1></header><section class='home'>"
            "<p>This site stands in for three image search engines, for tests and demonstrations: "
            f"<code>pixset scrape --term pizza --replica {attribute(site.origin)}</code>.</p>"
            f"<ul>{links}</ul><p><a href='/truth'>/truth</a> says what was shown, "
            "<a href='/requests'>/requests</a> what was asked for, <a href='/control'>/control"
            "</a> what goes wrong (POST JSON to change it).</p></section>",
        )
    )


def _repeated(asked: str, name: str) -> str:
    """The search's query as later requests repeat it: without what says where they go on."""
    leave = {"start", "async", "first", "count", "b", "output", "fault", "iid", "spos"}
    leave |= {"relp", "datsrc", "layout", "apc", "mmasync", "cw", "ch"}
    pairs = [(key, values[0]) for key, values in parse_qs(asked).items() if key not in leave]
    return urlencode(sorted(pairs, key=lambda pair: pair[0] != name), safe=":,")
