"""Yahoo Images: what it is asked, and how its pages are read.

Two layouts are served side by side: `li[data]` with JSON and links that carry `imgurl` (A), and
`a.media-tile[data-origurl]` with `img[data-meta]` (B). A web page's strip of pictures carries
the same links, but in no result tile. A script names the place where the next page begins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote, urlencode

from . import filters
from .facts import EngineFacts
from .paging import joined, with_parameter
from .parsing.block_pages import PageMarks, saved_address
from .parsing.dom import attribute, picture, sources, whole
from .parsing.merge import PartialResult
from .parsing.shape import addresses, by_shape
from .parsing.values import (
    bing_thumb_name,
    host,
    json_texts,
    parameters,
    size,
    web_url,
    whole_number,
    words,
)
from .reading import PageReading

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from ..models import Page, Query

NAME = "yahoo"
ORIGIN = "https://images.search.yahoo.com"
HINTS = ("yimg.com", "yahoo.com")
USUAL = ("layout-b|layout-a-json|layout-a-link",)  # extractors that a page of today always feeds
HEADLESS = True  # but answers 500 to a user agent that says so

_MARKS = PageMarks(
    consent_hosts=("guce.", "consent.yahoo.", "consent.cmp."),
    consent=(
        '#consent-page, form.consent-form, form[action*="collectConsent"], '
        'form[action*="consent.yahoo"], form[action*="//guce."], .consent-overlay, '
        'button.reject-all, button[name="agree"], input[name="originalDoneUrl"]'
    ),
    captcha_paths=("/captcha",),
    captcha=(
        '.g-recaptcha, #captcha-form, form[action*="captcha"], iframe[src*="captcha"], '
        'img[src*="captcha"], .cf-turnstile, iframe[src*="challenges.cloudflare.com"]'
    ),
    blocked="#yahoo-error, #message-1",
    search_box='input[name="p"]',
    nothing=".zrp, #zrp, .no-results, .noresults",
    signs=(
        'li[id^="resitem"], li.ld, .media-tile, [data-origurl], #sres > li, '
        'a[href*="imgurl="], .algo, .image-results__list li'
    ),
    pictures=(
        'img[src*=".mm.bing.net/th"], img[data-src*=".mm.bing.net/th"], '
        'img[src*="yimg.com/ib/th"], img[data-src*="yimg.com/ib/th"], '
        'img[src^="data:image/jpeg"]'
    ),
)

FACTS = EngineFacts(
    selectors={
        "tiles": ".ld, #sres > li, a[data-origurl], .media-tile",
        "more": "button.more-res, .more-res button",
        "reject": 'button.reject-all, button[name="reject"]',
        "result": '.ld, #sres > li, a[data-origurl], [id^="resitem"], .media-tile',
        "media": "[data-origurl]",
        "meta": "img[data-meta]",
        "title": ".tile-title",
        "link": 'a[href*="imgurl="]',
        "next": 'a[href*="search/images"][href*="b="]',
    },
    names={
        "data": "data",
        "meta": "data-meta",
        "media-original": "data-origurl",
        "media-page": "data-referenceurl",
        "original": "ourl iurl imgurl",
        "thumbnail": "turl ith",
        "page": "rurl",
        "title": "tt alt name",
        "width": "ow w",
        "height": "oh h",
        "next": "nextOffset",
    },
    parameters={"term": "p", "min_size": "imgsz", "next": "b"},
    marks=_MARKS,
)
TILES, MORE, REJECT = (FACTS.selectors[name] for name in ("tiles", "more", "reject"))

FILTERS: filters.Codes = {
    "type": {
        "photo": "imgty=photo",
        "clipart": "imgty=clipart",
        "lineart": "imgty=linedrawing",
        "animated": "imgty=gif",
        "face": "imgf=face",
    },
    "colour": {
        "color": "imgc=color",
        "gray": "imgc=bw",
        "transparent": "imgty=transparent",
        **{name: f"imgc={name}" for name in filters.COLOURS},
    },
    "since": {
        "day": "imgt=day",
        "week": "imgt=week",
        "month": "imgt=month",
        "year": "imgt=year",
    },
    "licence": {
        "creative-commons": "imgl=cc",
        "public-domain": "imgl=pd",
        "share": "imgl=fsu",
        "share-commercially": "imgl=fsuc",
        "modify": "imgl=fmsu",
        "modify-commercially": "imgl=fmsuc",
    },
    "safe": {"off": "vm=p", "moderate": "", "strict": "vm=r"},  # moderate is what it does anyway
}
LARGE = 500  # "large" begins at this shorter side, "wallpaper" is the only class above
# A region has a host of its own; a language cannot be asked for.
REGIONS = {"GB": "uk"} | {
    code.upper(): code
    for code in (
        "ar", "br", "ca", "cl", "co", "de", "es", "fr", "hk", "id", "in", "it", "mx", "pe", "ph",
        "sg", "th", "tw", "uk", "ve", "vn",
    )
}  # fmt: skip


def url(query: Query, origin: str = ORIGIN, facts: EngineFacts = FACTS) -> str:
    """The address to open for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = query.filters
    region = REGIONS.get((asked.region or "").upper())
    if region and origin == ORIGIN:
        origin = ORIGIN.replace("://", f"://{region}.")
    given = {facts.parameters["term"]: query.term}
    if asked.min_size:
        size_class = "large" if asked.min_size <= LARGE else "wallpaper"
        given[facts.parameters["min_size"]] = size_class
    for _, code in filters.codes(query, FILTERS):
        name, _, value = code.partition("=")
        if value:
            given[name] = value
    return f"{origin}/search/images?{urlencode(given, quote_via=quote_plus)}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Yahoo has no parameter for."""
    has_region = (query.filters.region or "").upper() in REGIONS
    also = ("min_size", "region") if has_region else ("min_size",)
    return filters.lacking(query, FILTERS, also=also)


def parse(html: str, address: str = "", facts: EngineFacts = FACTS) -> Page:
    """What a page of Yahoo's claims: a whole page, or a fragment of new tiles and scripts."""
    reading = PageReading.begin(NAME, ORIGIN, html, address, facts)
    if not reading.is_blocked and ".video." not in f".{host(reading.address)}":
        for number, tile in enumerate(reading.css("result")):
            _tile(number, tile, reading)
    return reading.page()


def next(html: str, address: str = "", facts: EngineFacts = FACTS) -> str | None:  # noqa: A001 (the engines' word)
    """The next page's address, empty where the page says that there is none, None if neither.

    Yahoo counts results from 1 (`b=61` shows the 61st first); a grown page names several places.
    A page without scripts has links to its neighbours instead.
    """
    keys = "|".join(map(re.escape, facts.names["next"].split()))
    places = re.findall(rf"""["'](?:{keys})\\?["']\s{{0,4}}:\s{{0,4}}\\?["']?(\d{{1,7}})""", html)
    address = address or saved_address(html) or f"{ORIGIN}/search/images"
    key = facts.parameters["next"]
    here = _place(address, key)
    if not places:
        return _linked(html, address, here, facts)
    there = max(map(int, places))
    return with_parameter(address, key, str(there)) if there > here else ""


def _place(address: str, key: str) -> int:
    return whole_number(parameters(address).get(key, ""), 1)


def _linked(html: str, address: str, here: int, facts: EngineFacts) -> str | None:
    """The nearest later page of the same search that a link leads to."""
    key, term = facts.parameters["next"], facts.parameters["term"]
    links = whole(html)[1].css(f":is({facts.selectors['next']})")
    found = (joined(attribute(link, "href"), address, ORIGIN) for link in links)
    asked = parameters(address).get(term)
    pages = {
        _place(link, key): link
        for link in found
        if link and (asked is None or parameters(link).get(term) == asked)
    }
    return min(((at, link) for at, link in pages.items() if at > here), default=(0, None))[1]


_WRAPPED = re.compile(r"/RU=([^/]{4,8000})(?:/R[KS]=|$)")
_THUMB_HOSTS = (".mm.bing.net", ".yimg.com")
_OWN = (".yahoo.com", ".yimg.com", ".bing.net", ".bing.com")


def unwrap(address: str | None) -> str | None:
    """Where an address leads: `/RU=…/RK=` taken off, the scheme that Yahoo leaves out put back."""
    address = (address or "").strip()
    wrapped = _WRAPPED.search(address)
    if wrapped:
        address = unquote(wrapped[1])
    if "://" not in address[:12] and _BARE.match(address):
        address = f"http://{address}"
    return web_url(address)


_BARE = re.compile(r"[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}(?::\d{1,5})?/")


def _tile(number: int, tile: LexborNode, reading: PageReading) -> None:
    """One result, from each of the three places that say something about it."""
    image, first = picture(tile), reading.facts.first
    preview, thumbs = reading.shown(image), [bing_thumb_name(value) for value in sources(image)]
    is_named = False
    for extractor, data in (
        ("layout-b", _media(tile, reading)),
        ("layout-a-json", json_texts(reading.carried(tile, "data"))),
        ("layout-a-link", _link(tile, reading)),
    ):
        original = _original(data, reading.facts)
        if original is None:
            continue
        is_named = True
        thumb = web_url(first("thumbnail", data), reading.base)
        reading.add(
            extractor,
            PartialResult(
                names=[f"url:{original}", *thumbs, bing_thumb_name(thumb or "")],
                place=(0, number),
                image_url=original,
                preview=preview,
                thumb=thumb,
                page_url=unwrap(first("page", data)),
                title=words(first("title", data)),
                size=size(first("width", data), first("height", data)),
            ),
        )
    if not is_named and image is not None:
        _unnamed(number, tile, image, reading)


def _unnamed(number: int, tile: LexborNode, image: LexborNode, reading: PageReading) -> None:
    """One result that names nothing as it is known: its addresses tell by their shape."""
    original, page = by_shape(filter(None, map(unwrap, addresses(tile))), _OWN)
    if original is None:
        return
    title = tile.css_first(reading.facts.selectors["title"])
    reading.add(
        "shape",
        PartialResult(
            names=[f"url:{original}", *map(bing_thumb_name, sources(image))],
            place=(0, number),
            image_url=original,
            preview=reading.shown(image),
            page_url=page,
            title=words(title.text() if title else attribute(image, "alt")),
        ),
    )


def _media(tile: LexborNode, reading: PageReading) -> dict[str, str]:
    """Layout B: `a[data-origurl]`, `img[data-meta]`, `.tile-title`, in layout A's words."""
    selectors = reading.facts.selectors
    own = reading.carried(tile, "media-original")
    link = tile if own else tile.css_first(selectors["media"])
    if link is None:
        return {}
    title = tile.css_first(selectors["title"])
    return {
        **json_texts(reading.carried(tile.css_first(selectors["meta"]), "meta")),
        "ourl": reading.carried(link, "media-original"),
        "rurl": reading.carried(link, "media-page"),
        "tt": title.text() if title else attribute(link, "aria-label"),
    }


def _link(tile: LexborNode, reading: PageReading) -> dict[str, str]:
    """Layout A's link: what the viewer is to show, in its query."""
    link = tile.css_first(reading.facts.selectors["link"])
    return parameters(attribute(link, "href")) if link else {}


def _original(data: dict[str, str], facts: EngineFacts) -> str | None:
    """The original's URL, never one of the thumbnails that some pages name in its place."""
    for name in facts.names["original"].split():
        found = unwrap(data.get(name))
        if found and not host(found).endswith(_THUMB_HOSTS):
            return found
    return None
