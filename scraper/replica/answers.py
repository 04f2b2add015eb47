"""What the replica answers to each request."""

from __future__ import annotations

import json
import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote_plus, urlencode

from ..errors import UsageError
from . import bing, gates, google, hosts, walls, yahoo
from .exchange import NOT_FOUND, Answer, Request, as_json, html_page
from .markup import attribute, frame

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from .exchange import Query
    from .listing import Listing
    from .site import Replica

OWN = ("/truth", "/requests", "/control")
"""The replica's own pages: not counted among its requests."""
_SEARCHES = {
    "/google/search": ("google", "q"),
    "/bing/images/search": ("bing", "q"),
    "/bing/images/async": ("bing", "q"),
    "/yahoo/search/images": ("yahoo", "p"),
}
_FILTERS = {
    "google": ("tbs",),
    "bing": ("qft",),
    "yahoo": ("imgsz", "imgc", "imgty", "imga", "imgf", "imgt", "imgl"),
}
_STEPS = {"qsvga": 300, "vga": 480, "svga": 600, "xga": 768, "2mp": 1200, "4mp": 1704}


def answer(replica: Replica, method: str, path: str, headers: Message, body: str) -> Answer:
    """The answer to one request."""
    request = Request.read(method, path, headers, body)
    if request.place not in OWN:
        replica.note(path)
    rooms: tuple[Callable[[Replica, Request], Answer | None], ...]
    if request.place in OWN:
        rooms = (_own,)
    elif method == "POST":
        rooms = (gates.passed,)
    else:
        rooms = (_search, hosts.preview, hosts.original, hosts.place, gates.own_page, _home)
    return next((said for room in rooms if (said := room(replica, request))), NOT_FOUND)


def _search(replica: Replica, request: Request) -> Answer | None:
    """A page of results, a later batch of one, or the wall before it."""
    if request.place not in _SEARCHES:
        return None
    engine, name = _SEARCHES[request.place]
    if engine == "yahoo" and "HeadlessChrome" in request.headers.get("User-Agent", ""):
        return html_page(walls.failed(), 500)
    term, later = request.one(name), "async" in request.query or "output" in request.query
    wall = "" if later else gates.met(replica, request, engine)
    stopped = gates.page(replica, request, engine, term, wall) if wall else None
    if stopped is not None:
        return stopped
    listing = replica.listing(engine, term, filters_of(engine, request.query))
    if not listing.results:
        return html_page(walls.empty(engine, term))
    text = _RESULTS[engine](replica, listing, request, _repeated(request.asked, name))
    return html_page(gates.over(replica, request, engine, wall, text))


def _google(replica: Replica, listing: Listing, request: Request, asked: str) -> str:
    if "async" in request.query:
        return google.batch(replica, listing, request.number("start", 0), asked)
    return google.page(replica, listing, asked)


def _bing(replica: Replica, listing: Listing, request: Request, asked: str) -> str:
    if request.place.endswith("/async"):
        first, count = request.number("first", 1), request.number("count", bing.COUNT)
        return bing.fragment(replica, listing, max(1, first), count, asked)
    return bing.page(replica, listing, asked)


def _yahoo(replica: Replica, listing: Listing, request: Request, asked: str) -> str:
    layout, first = replica.layout, max(1, request.number("b", 1))
    if layout == "alternate":
        layout = "AB"[sum(listing.term.encode()) % 2]
    if request.one("output") == "frag":
        return yahoo.batch(replica, listing, asked, first, layout)
    return yahoo.page(replica, listing, asked, first, layout)


_RESULTS = {"google": _google, "bing": _bing, "yahoo": _yahoo}


def _own(replica: Replica, request: Request) -> Answer:
    if request.place == "/truth":
        return as_json(replica.truth())
    if request.place == "/requests":
        return as_json(replica.requests())
    if request.method == "POST":
        try:
            replica.control(json.loads(request.body))
        except (ValueError, UsageError, AttributeError) as error:
            return as_json({"error": str(error)}, 400)
    return as_json(vars(replica.faults))


def _home(replica: Replica, request: Request) -> Answer | None:
    if request.place == "/robots.txt":
        return Answer(b"User-agent: *\nAllow: /\n", 200, {"Content-Type": "text/plain"})
    if request.place != "/":
        return None
    links = "".join(
        f"<li><b>{escape(term)}</b>: "
        f'<a href="/google/search?q={quote_plus(term)}&amp;udm=2">Google</a> · '
        f'<a href="/bing/images/search?q={quote_plus(term)}">Bing</a> · '
        f'<a href="/yahoo/search/images?p={quote_plus(term)}">Yahoo</a></li>'
        for term in replica.shelf.terms()[:60]
    )
    return html_page(
        frame(
            "An image search, in small",
            "<header><h1>An image search, in small</h1></header><section class='home'>"
            "<p>This site stands in for three image search engines, for tests and demonstrations: "
            f"<code>pixset scrape --term pizza --replica {attribute(replica.url)}</code>.</p>"
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


def filters_of(engine: str, query: Query) -> str:
    """A search's filters in one spelling; safe-search, language and region change nothing."""
    names = _FILTERS[engine]
    return urlencode([(name, query[name][0]) for name in names if query.get(name)], safe=":,")


def fits(engine: str, filters: str) -> Callable[[int, int], bool]:
    """The size filter among an engine's filters, coarsely, as a judge of width and height."""
    least = 0
    if engine == "google" and (found := re.search(r"islt:(\w+)", filters)):
        least = _STEPS.get(found[1], 2112)
    elif found := re.search(r"custom_(\d+)_(\d+)", filters):
        least = min(int(found[1]), int(found[2]))
    elif re.search(r"isz:l|imagesize-large|imgsz=large", filters):
        least = 400
    elif "wallpaper" in filters:
        least = 500
    return lambda width, height: min(width, height) >= least
