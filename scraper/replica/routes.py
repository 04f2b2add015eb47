"""Which page, picture or refusal each request is answered with."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote_plus, urlencode

from ..errors import UsageError
from . import apis, bing, block_pages, blocking, google, image_hosts, yahoo
from .faults import SHAPES
from .markup import ICON, PageContext, attribute, frame
from .messages import NOT_FOUND, Request, Response, as_json, html_page
from .results import filters_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from .results import ResultList
    from .site import Site

OWN = ("/truth", "/requests", "/control")
"""The replica's own pages: not counted among its requests."""
_FAVICON = "/favicon.ico"  # browsers ask for it by themselves
_SEARCHES = {
    "/google/search": "google",
    "/bing/images/search": "bing",
    "/bing/images/async": "bing",
    "/yahoo/search/images": "yahoo",
}
_TERM = {"google": "q", "bing": "q", "yahoo": "p"}


def respond(site: Site, method: str, path: str, headers: Message, body: str) -> Response:
    """The response to one request."""
    request = Request.read(method, path, headers, body)
    if request.place not in (*OWN, _FAVICON):
        site.count(path)
    rooms: tuple[Callable[[Site, Request], Response | None], ...]
    if request.place in OWN:
        rooms = (_own,)
    elif method == "POST":
        rooms = (apis.granted, blocking.passed)
    else:
        rooms = (
            _search,
            apis.answer,
            image_hosts.preview,
            image_hosts.original,
            image_hosts.place,
            blocking.own_page,
            _home,
        )
    return next((response for room in rooms if (response := room(site, request))), NOT_FOUND)


def _search(site: Site, request: Request) -> Response | None:
    """A page of results, a later batch of one, or what stands before it."""
    if request.place not in _SEARCHES:
        return None
    engine = _SEARCHES[request.place]
    if engine == "yahoo" and "HeadlessChrome" in request.headers.get("User-Agent", ""):
        return html_page(block_pages.failed(), 500)
    block = "" if _is_later(request) else blocking.met(site, request, engine)
    term = request.one(_TERM[engine])
    stopped = blocking.page(site, request, engine, term, block) if block else None
    if stopped is not None:
        return stopped
    return _shown(site, request, engine, block)


def _shown(site: Site, request: Request, engine: str, block: str) -> Response:
    """The results that were asked for, in the shape that the engine has now."""
    later, term = _is_later(request), request.one(_TERM[engine])
    shapes = _shapes(site, request, engine, later=later)
    if (later or request.number("b", 1) > 1) and _breaks(site, request, shapes):
        return html_page(block_pages.failed(), 503)
    if later and (refused := blocking.in_the_midst(site, engine, shapes)):
        return refused
    filters = filters_of(engine, request.query)
    results = site.results(engine, term, filters)
    if shapes & {"decoy", "one-tile"}:
        results = site.decoys(engine, term)
    if "one-tile" in shapes:
        results = replace(results, entries=results.entries[:1])
    if not results.entries:
        return html_page(block_pages.empty(engine, term))
    context = PageContext(site.origin, shapes, site.inline, site.layout_of(term))
    asked = _repeated(request.asked, _TERM[engine], shapes)
    text = _RESULTS[engine](context, results, request, asked)
    if text.startswith(")]}'"):
        return Response(text.encode(), 200, {"Content-Type": "application/json; charset=utf-8"})
    return html_page(blocking.over(site, request, engine, block, text))


def _is_later(request: Request) -> bool:
    """Whether this is a later batch, as the page's own script asks for it."""
    return "async" in request.query or "output" in request.query


def _shapes(site: Site, request: Request, engine: str, *, later: bool) -> frozenset[str]:
    """How the page looks: a later batch looks as its page did."""
    named = frozenset(request.one("shape").split(",")) & SHAPES.keys()
    return named if later else named | site.next_shapes(engine, request.one("fault"))


def _breaks(site: Site, request: Request, shapes: frozenset[str]) -> bool:
    """Whether a later batch is not given; a slow one is waited for."""
    trouble = site.trouble(request.path)
    if trouble == "slow":
        site.stopping.wait(site.faults.slow_seconds)
    return "stuck" in shapes or trouble == "failing"


def _google(context: PageContext, results: ResultList, request: Request, asked: str) -> str:
    if "async" in request.query:
        return google.later(context, results, request.number("start", 0), asked)
    return google.page(context, results, asked)


def _bing(context: PageContext, results: ResultList, request: Request, asked: str) -> str:
    if request.place.endswith("/async"):
        first, count = request.number("first", 1), request.number("count", bing.COUNT)
        return bing.fragment(context, results, max(1, first), count, asked)
    return bing.page(context, results, asked)


def _yahoo(context: PageContext, results: ResultList, request: Request, asked: str) -> str:
    first = max(1, request.number("b", 1))
    if request.one("output") == "frag":
        return yahoo.batch(context, results, asked, first)
    return yahoo.page(context, results, asked, first)


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


def _repeated(asked: str, name: str, shapes: frozenset[str]) -> str:
    """The search's query as later requests repeat it: without what says where they go on."""
    leave = {"start", "async", "first", "count", "b", "output", "fault", "shape", "iid", "spos"}
    leave |= {"relp", "datsrc", "layout", "apc", "mmasync", "cw", "ch"}
    pairs = [(key, values[0]) for key, values in parse_qs(asked).items() if key not in leave]
    if shapes:
        pairs = [*pairs, ("shape", ",".join(sorted(shapes)))]
    return urlencode(sorted(pairs, key=lambda pair: pair[0] != name), safe=":,")
