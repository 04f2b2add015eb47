"""Bing Images: what it is asked, and how its pages are read.

Each tile's link carries JSON in its attribute `m`: `murl` original, `turl` thumbnail, `purl`
source page, `t` title; the size stands only in the link's address or in the tile's words. The
layout without scripts has `a.thumb` links to the originals instead. A page's grid names the
address of the next batch in `data-nexturl`, empty at the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

from . import filters
from .facts import EngineFacts
from .paging import joined
from .parsing.block_pages import PageMarks
from .parsing.dom import attribute, lines, picture, sources, whole
from .parsing.merge import PartialResult
from .parsing.shape import addresses, by_shape
from .parsing.values import (
    bing_thumb_name,
    damaged_texts,
    json_texts,
    parameters,
    size,
    size_in,
    web_url,
    words,
)
from .reading import PageReading

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from ..models import Page, Query

NAME = "bing"
ORIGIN = "https://www.bing.com"
HINTS = ("bing.com", "bing.net", "/images/async", "b_captcha")
USUAL = ("iusc",)  # extractors that a page of today always feeds
HEADLESS = True

_MARKS = PageMarks(
    consent_hosts=(),
    consent="#bnp_overlay_wrapper",
    banner="#bnp_container, #bnp_btn_accept, #bnp_btn_reject",
    captcha_paths=("/turing/captcha",),
    captcha=(
        '#b_captcha, [action*="/turing/"], iframe[src*="/turing/"], .cf-turnstile, .captcha, '
        'iframe[src*="challenges.cloudflare.com"], script[src*="challenges.cloudflare.com"], '
        'input[name="cf-turnstile-response"], .captcha_header, #turnstile-widget, .g-recaptcha'
    ),
    blocked="#b_error",
    search_box='input[name="q"], textarea[name="q"]',
    nothing="#no_results, .no_results, .b_no, #b_results .b_no",
    signs=(
        '.iusc, .iuscp, .imgpt, .mimg, [m*="murl"], a.thumb img, li.b_algo, a[href*="mediaurl="]'
    ),
    # Suggested searches have thumbnails, too: they lead to /images/search?q=.
    pictures=(
        'img[src*="/th?id=OI"]:not(a[href*="/search?q="] img), '
        'img[src*="/th/id/OI"]:not(a[href*="/search?q="] img), '
        'img[data-src*="/th?id=OI"]:not(a[href*="/search?q="] img), '
        'img[data-src*="/th/id/OI"]:not(a[href*="/search?q="] img), '
        'img[src^="data:image/jpeg"]:not(a[href*="/search?q="] img)'
    ),
)

FACTS = EngineFacts(
    selectors={
        "tiles": "div.iuscp, div.item",
        "more": "a.btn_seemore, .btn_seemore",
        "reject": "#bnp_btn_reject",
        # A web page's strip of pictures carries `m`, too, inside `#b_results`.
        "result": 'a.iusc:not(#b_results *), [m*="murl"]:not(#b_results *)',
        "link": 'a[href*="mediaurl="]:not(#b_results *)',
        "basic": "a.thumb[href]",
        "site": ".lnkw a[href]",
        "title": ".infnmpt a[title], .inflnk[aria-label]",
        "next": ".dgControl.hover[data-nexturl]",
        "next-plain": '[id^="mmComponent_images_"][data-nexturl]',
    },
    names={
        "data": "m",
        "original": "murl mediaurl",
        "thumbnail": "turl",
        "page": "purl",
        "title": "t",
        "id": "mid id",
        "width": "expw w",
        "height": "exph h",
        "next": "data-nexturl",
    },
    parameters={
        "term": "q", "filters": "qft", "safe": "adlt", "safe-images": "safeSearch",
        "market": "mkt", "lang": "setlang", "region": "cc",
    },
    marks=_MARKS,
)  # fmt: skip
TILES, MORE, REJECT = (FACTS.selectors[name] for name in ("tiles", "more", "reject"))

FILTERS: filters.Codes = {
    "type": {
        "photo": "photo-photo",
        "clipart": "photo-clipart",
        "lineart": "photo-linedrawing",
        "animated": "photo-animatedgif",
        "face": "face-face",
    },
    "colour": {
        "color": "color2-color",
        "gray": "color2-bw",
        "transparent": "photo-transparent",
        **{name: f"color2-FGcls_{name.upper()}" for name in filters.COLOURS},
    },
    "since": {  # minutes
        "day": "age-lt1440",
        "week": "age-lt10080",
        "month": "age-lt43200",
        "year": "age-lt525600",
    },
    "licence": {
        "creative-commons": "licenseType-Any",
        "public-domain": "license-L1",
        "share": "license-L2_L3_L4_L5_L6_L7",
        "share-commercially": "license-L2_L3_L4",
        "modify": "license-L2_L3_L5_L6",
        "modify-commercially": "license-L2_L3",
    },
}


def url(query: Query, origin: str = ORIGIN, facts: EngineFacts = FACTS) -> str:
    """The address to open for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = query.filters
    qft = [code for _, code in filters.codes(query, FILTERS)]
    if asked.min_size:
        qft.append(f"imagesize-custom_{asked.min_size}_{asked.min_size}")
    both = asked.lang and asked.region and "-" not in asked.lang
    values = {
        "term": query.term,
        "filters": "".join(f"+filterui:{code}" for code in qft).replace("+", " "),
        "safe": asked.safe,
        "safe-images": asked.safe,  # the image tab has begun to ask for it under this name
        "market": f"{asked.lang}-{asked.region.upper()}" if both and asked.region else "",
        "lang": asked.lang,
        "region": (asked.region or "").upper(),
    }
    given = {facts.parameters[name]: value for name, value in values.items() if value}
    return f"{origin}/images/search?{urlencode(given, safe=':', quote_via=quote_plus)}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Bing has no parameter for."""
    return filters.lacking(query, FILTERS, also=("min_size", "safe", "lang", "region"))


def parse(html: str, address: str = "", facts: EngineFacts = FACTS) -> Page:
    """What a page of Bing's claims: a whole page, an async fragment, or new tiles and scripts."""
    reading = PageReading.begin(NAME, ORIGIN, html, address, facts)
    if not reading.is_blocked:
        _tiles(reading)
        _thumbs(reading)
    return reading.page()


def next(html: str, address: str = "", facts: EngineFacts = FACTS) -> str | None:  # noqa: A001 (the engines' word)
    """The next batch's address, empty where the page says that there is none, None if neither."""
    tree = whole(html)[1]
    grids = tree.css(f":is({facts.selectors['next']})")
    grids = grids or tree.css(f":is({facts.selectors['next-plain']})")
    if not grids:
        return None
    named = facts.first("next", lambda spelling: attribute(grids[-1], spelling))
    return joined(named, address, ORIGIN) if named else ""


_OWN = (".bing.com", ".bing.net")


def _tiles(reading: PageReading) -> None:
    """The links that carry `m`; where its JSON is gone, the link's address and picture speak."""
    first = reading.facts.first
    for number, link in enumerate(reading.css("result") or reading.css("link")):
        data = json_texts(reading.carried(link, "data"))
        link_data = parameters(attribute(link, "href"))
        damaged = {} if data else damaged_texts(reading.carried(link, "data"))
        both = {**damaged, **link_data, **data}
        original = web_url(first("original", data)) or web_url(first("original", link_data))
        original = original or web_url(first("original", damaged))
        page = web_url(first("page", data))
        if not original:
            original, unnamed = by_shape(addresses(link), _OWN)
            page = page or unnamed
        tile, image = _tile(link), picture(link)
        site = tile.css_first(reading.facts.selectors["site"]) if tile else None
        identity = first("id", both)
        if not original and not identity:
            continue
        reading.add(
            "iusc",
            PartialResult(
                names=[f"id:{identity}" if identity else "", f"url:{original}" if original else ""],
                place=(0, number),
                image_url=original,
                preview=reading.shown(image or (picture(tile) if tile else None)),
                thumb=web_url(first("thumbnail", both)),
                page_url=page
                or web_url(attribute(site, "href"))
                or web_url(first("page", damaged)),
                title=words(first("title", data))
                or _title(tile, image, reading.facts)
                or words(first("title", damaged)),
                size=size(first("width", both), first("height", both)) or _size(tile),
            ),
        )


def _thumbs(reading: PageReading) -> None:
    """The layout without scripts: `a.thumb` leads to the original, its neighbours say the rest."""
    for number, link in enumerate(reading.css("basic")):
        original, image = web_url(attribute(link, "href")), picture(link)
        if original is None or image is None:
            continue
        tile = link.parent
        page, title = (tile.css_first(css) if tile else None for css in ("a.tit[href]", ".des"))
        reading.add(
            "thumb-link",
            PartialResult(
                names=[f"url:{original}", *map(bing_thumb_name, sources(image))],
                place=(1, number),
                image_url=original,
                preview=reading.shown(image),
                page_url=web_url(attribute(page, "href")),
                title=words(title.text()) if title else None,
                size=_size(tile),
            ),
        )


def _tile(link: LexborNode) -> LexborNode | None:
    """The tile around a link: what holds its words, and no other result."""
    node = link.parent
    while node is not None and node.tag in {"div", "li"}:
        if "iuscp" in attribute(node, "class").split() or node.tag == "li":
            return node
        node = node.parent
    return link.parent


def _title(tile: LexborNode | None, image: LexborNode | None, facts: EngineFacts) -> str | None:
    nodes = tile.css(facts.selectors["title"]) if tile else []
    for name in ("title", "aria-label"):
        for node in nodes:
            if title := words(attribute(node, name)):
                return title
    return words(attribute(image, "alt"))


def _size(tile: LexborNode | None) -> tuple[int, int] | None:
    """The size in the tile's words, whatever the element."""
    for line in lines(tile) if tile is not None else ():
        if found := size_in(line):
            return found
    return None
