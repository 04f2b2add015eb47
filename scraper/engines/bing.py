"""Bing Images: what it is asked, and how its pages are read.

Each tile's link carries JSON in its attribute `m`: `murl` original, `turl` thumbnail, `purl`
source page, `t` title; the size stands only in the link's address or in the tile's words. The
layout without scripts has `a.thumb` links to the originals instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

from ..models import Page
from . import filters
from .parsing.block_pages import PageMarks, block_page_at, classify, saved_address
from .parsing.dom import attribute, lines, picture, shown, sources, whole
from .parsing.merge import PartialResult, ResultMerger
from .parsing.scripts import pictures_by_id
from .parsing.values import bing_thumb_name, json_texts, parameters, size, web_url, words

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from ..models import Query

NAME = "bing"
ORIGIN = "https://www.bing.com"
HINTS = ("bing.com", "bing.net", "/images/async", "b_captcha")
HEADLESS = True
TILES = "div.iuscp, div.item"
MORE = "a.btn_seemore, .btn_seemore"
REJECT = "#bnp_btn_reject"

MARKS = PageMarks(
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


def url(query: Query, origin: str = ORIGIN) -> str:
    """The address to open for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = query.filters
    qft = [code for _, code in filters.codes(query, FILTERS)]
    if asked.min_size:
        qft.append(f"imagesize-custom_{asked.min_size}_{asked.min_size}")
    both = asked.lang and asked.region and "-" not in asked.lang
    pairs = {
        "q": query.term,
        "qft": "".join(f"+filterui:{code}" for code in qft).replace("+", " "),
        "adlt": asked.safe,
        "mkt": f"{asked.lang}-{asked.region.upper()}" if both and asked.region else "",
        "setlang": asked.lang,
        "cc": (asked.region or "").upper(),
    }
    given = {name: value for name, value in pairs.items() if value}
    return f"{origin}/images/search?{urlencode(given, safe=':', quote_via=quote_plus)}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Bing has no parameter for."""
    return filters.lacking(query, FILTERS, also=("min_size", "safe", "lang", "region"))


def parse(html: str, address: str = "") -> Page:
    """What a page of Bing's claims: a whole page, an async fragment, or new tiles and scripts."""
    html, tree = whole(html)
    address = address or saved_address(html)
    merger = ResultMerger(NAME)
    if block_page_at(address, MARKS) is None:
        base = address if address.startswith("http") else f"{ORIGIN}/"
        by_id = pictures_by_id(html)
        _tiles(tree, by_id, base, merger)
        _thumbs(tree, by_id, base, merger)
    candidates = merger.candidates()
    outcome = classify(tree, address, MARKS, found=bool(candidates))
    return Page(outcome, candidates, dict(merger.extractors))


_SIZE = re.compile(r"(?<!\d)(\d{1,5})\s{0,3}[x\u00d7\u2715]\s{0,3}(\d{1,5})(?!\d)")


def _tiles(tree: LexborHTMLParser, by_id: dict[str, str], base: str, merger: ResultMerger) -> None:
    """The links that carry `m`; where its JSON is gone, the link's address and picture speak.

    A web page's strip of pictures carries `m`, too, inside `#b_results`.
    """
    for number, link in enumerate(tree.css(':is(a.iusc, [m*="murl"]):not(#b_results *)')):
        data = json_texts(attribute(link, "m"))
        link_data = parameters(attribute(link, "href"))
        original = web_url(data.get("murl")) or web_url(link_data.get("mediaurl"))
        tile, image = _tile(link), picture(link)
        page = tile.css_first(".lnkw a[href]") if tile else None
        identity = data.get("mid") or link_data.get("id")
        if not original and not identity:
            continue
        merger.add(
            "iusc",
            PartialResult(
                names=[f"id:{identity}" if identity else "", f"url:{original}" if original else ""],
                place=(0, number),
                image_url=original,
                preview=shown(image, by_id, base),
                thumb=web_url(data.get("turl")) or web_url(link_data.get("turl")),
                page_url=web_url(data.get("purl")) or web_url(attribute(page, "href")),
                title=words(data.get("t")) or _title(tile, image),
                size=size(link_data.get("expw"), link_data.get("exph"))
                or size(data.get("w"), data.get("h"))
                or _size(tile),
            ),
        )


def _thumbs(tree: LexborHTMLParser, by_id: dict[str, str], base: str, merger: ResultMerger) -> None:
    """The layout without scripts: `a.thumb` leads to the original, its neighbours say the rest."""
    for number, link in enumerate(tree.css("a.thumb[href]")):
        original, image = web_url(attribute(link, "href")), picture(link)
        if original is None or image is None:
            continue
        tile = link.parent
        page, title = (tile.css_first(css) if tile else None for css in ("a.tit[href]", ".des"))
        merger.add(
            "thumb-link",
            PartialResult(
                names=[f"url:{original}", *map(bing_thumb_name, sources(image))],
                place=(1, number),
                image_url=original,
                preview=shown(image, by_id, base),
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


def _title(tile: LexborNode | None, image: LexborNode | None) -> str | None:
    for css in (".infnmpt a[title]", ".inflnk[aria-label]"):
        node = tile.css_first(css) if tile else None
        if node is not None:
            return words(attribute(node, "title") or attribute(node, "aria-label"))
    return words(attribute(image, "alt"))


def _size(tile: LexborNode | None) -> tuple[int, int] | None:
    """The size in the tile's words: width, a times sign, height, whatever the element."""
    if tile is None:
        return None
    found = next((sized for line in lines(tile) if (sized := _SIZE.search(line))), None)
    return size(found[1], found[2]) if found else None
