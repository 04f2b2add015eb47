"""Yahoo Images: what it is asked, and how its pages are read.

Two layouts are served side by side: `li[data]` with JSON and links that carry `imgurl` (A), and
`a.media-tile[data-origurl]` with `img[data-meta]` (B). A web page's strip of pictures carries
the same links, but in no result tile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote, urlencode

from ..models import Page
from . import filters
from .parsing.block_pages import PageMarks, block_page_at, classify, saved_address
from .parsing.dom import attribute, picture, shown, sources, whole
from .parsing.merge import PartialResult, ResultMerger
from .parsing.scripts import pictures_by_id
from .parsing.values import bing_thumb_name, host, json_texts, parameters, size, web_url, words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from ..models import Query

NAME = "yahoo"
ORIGIN = "https://images.search.yahoo.com"
HINTS = ("yimg.com", "yahoo.com")
HEADLESS = True  # but answers 500 to a user agent that says so
TILES = "li.ld, #sres > li, a[data-origurl]"
MORE = "button.more-res, .more-res button"
REJECT = 'button.reject-all, button[name="reject"]'

MARKS = PageMarks(
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
REGIONS = {"GB": "uk", "UK": "uk", "DE": "de", "FR": "fr", "IN": "in", "TW": "tw", "HK": "hk"}


def url(query: Query, origin: str = ORIGIN) -> str:
    """The address to open for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = query.filters
    region = REGIONS.get((asked.region or "").upper())
    if region and origin == ORIGIN:
        origin = ORIGIN.replace("://", f"://{region}.")
    given = {"p": query.term}
    if asked.min_size:
        given["imgsz"] = "large" if asked.min_size <= LARGE else "wallpaper"
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


def parse(html: str, address: str = "") -> Page:
    """What a page of Yahoo's claims: a whole page, or a fragment of new tiles and scripts."""
    html, tree = whole(html)
    address = address or saved_address(html)
    merger = ResultMerger(NAME)
    if block_page_at(address, MARKS) is None and ".video." not in f".{host(address)}":
        base = address if address.startswith("http") else f"{ORIGIN}/"
        by_id = pictures_by_id(html)
        for number, tile in enumerate(tree.css(f':is({TILES}, li[id^="resitem"])')):
            _tile(number, tile, by_id, base, merger)
    candidates = merger.candidates()
    outcome = classify(tree, address, MARKS, found=bool(candidates))
    return Page(outcome, candidates, dict(merger.extractors))


_WRAPPED = re.compile(r"/RU=([^/]{4,8000})(?:/R[KS]=|$)")
_THUMB_HOSTS = (".mm.bing.net", ".yimg.com")


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


def _tile(
    number: int, tile: LexborNode, by_id: dict[str, str], base: str, merger: ResultMerger
) -> None:
    """One result, from each of the three places that say something about it."""
    image = picture(tile)
    preview, thumbs = (
        shown(image, by_id, base),
        [bing_thumb_name(value) for value in sources(image)],
    )
    for extractor, data in (
        ("layout-b", _media(tile)),
        ("layout-a-json", json_texts(attribute(tile, "data"))),
        ("layout-a-link", _link(tile)),
    ):
        original = _original(data)
        if original is None:
            continue
        thumb = web_url(data.get("turl") or data.get("ith"), base)
        merger.add(
            extractor,
            PartialResult(
                names=[f"url:{original}", *thumbs, bing_thumb_name(thumb or "")],
                place=(0, number),
                image_url=original,
                preview=preview,
                thumb=thumb,
                page_url=unwrap(data.get("rurl")),
                title=words(data.get("tt") or data.get("alt") or data.get("name")),
                size=size(data.get("w"), data.get("h")),
            ),
        )


def _media(tile: LexborNode) -> dict[str, str]:
    """Layout B: `a[data-origurl]`, `img[data-meta]`, `.tile-title`, in layout A's words."""
    link = tile if "data-origurl" in tile.attributes else tile.css_first("[data-origurl]")
    if link is None:
        return {}
    data = json_texts(attribute(tile.css_first("img[data-meta]"), "data-meta"))
    title = tile.css_first(".tile-title")
    return {
        "ourl": attribute(link, "data-origurl"),
        "rurl": attribute(link, "data-referenceurl"),
        "tt": title.text() if title else attribute(link, "aria-label"),
        "w": data.get("ow", ""),
        "h": data.get("oh", ""),
    }


def _link(tile: LexborNode) -> dict[str, str]:
    """Layout A's link: what the viewer is to show, in its query."""
    link = tile.css_first('a[href*="imgurl="]')
    return parameters(attribute(link, "href")) if link else {}


def _original(data: dict[str, str]) -> str | None:
    """The original's URL, never one of the thumbnails that some pages name in its place."""
    for name in ("ourl", "iurl", "imgurl"):
        found = unwrap(data.get(name))
        if found and not host(found).endswith(_THUMB_HOSTS):
            return found
    return None
