"""Google Images: what it is asked, and how its pages are read.

Parameters: `tbs` is a comma list, `udm=2` names the image tab. Layouts since 2017 live side by
side; each extractor has a small function in `google_scripts` or `google_dom`, and none is
required.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

from ..models import Page
from . import filters, google_dom, google_scripts
from .parsing.block_pages import PageMarks, block_page_at, classify, saved_address
from .parsing.dom import whole
from .parsing.merge import ResultMerger

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

    from ..models import Query

NAME = "google"
ORIGIN = "https://www.google.com"
HINTS = ("gstatic.com", "google.com/", "/httpservice/", "window.google")
HEADLESS = False  # headless browsers draw a captcha where a window passes
TILES = google_dom.TILES
MORE = '.mye4qd, #smb, a[jsname="oHxHid"]'
# consent.google.com marks the form that refuses with set_eom=true; #W0wltc is the dialog's button.
REJECT = (
    '#W0wltc, form:has(input[name="set_eom"][value="true"]) button, '
    'form:has(input[name="set_eom"][value="true"]) input[type="submit"]'
)

MARKS = PageMarks(
    consent_hosts=("consent.google.", "consent.youtube."),
    consent=(
        'form[action*="//consent."], form[action^="/save"], input[name="set_eom"], #L2AGLb, '
        '#W0wltc, iframe[src*="//consent.google"], a[href*="//consent.google."], #cnsi, #cnsw'
    ),
    captcha_hosts=("sorry.google.", "ipv4.google.", "ipv6.google."),
    captcha_paths=("/sorry/", "/sorry"),
    captcha=(
        '#captcha-form, form[action*="/sorry/"], .g-recaptcha, #recaptcha, #captcha, #infoDiv, '
        'form[action^="Captcha"], img[src*="/sorry/image"], iframe[src*="/recaptcha/"], '
        'a[href*="websearch/answer/86640"], a[href*="answer=86640"]'
    ),
    blocked='form[action*="/httpservice/"]',
    search_box=':is(input[name="q"], textarea[name="q"]):not([type="hidden"])',
    nothing=".no-results",
    signs=(
        "[data-lpage], [data-tbnid], .rg_meta, img.rg_i, table.images_table td, "
        'a[href*="/imgres?"], #rso a[href] h3, #search .g a[href], a[href^="/url?q=http"] h3'
    ),
    # Suggested searches have thumbnails, too: they lead to /search.
    pictures=(
        'img[src*="gstatic.com/images?q=tbn"]:not(a[href*="/search?"] img), '
        'img[data-src*="gstatic.com/images?q=tbn"]:not(a[href*="/search?"] img), '
        'img[src^="data:image/jpeg"]:not(a[href*="/search?"] img), '
        'img[src^="data:image/webp"]:not(a[href*="/search?"] img)'
    ),
)

FILTERS: filters.Codes = {
    "type": {
        "photo": "itp:photo",
        "clipart": "itp:clipart",
        "lineart": "itp:lineart",
        "animated": "itp:animated",
        "face": "itp:face",
    },
    "colour": {
        "color": "ic:color",
        "gray": "ic:gray",
        "transparent": "ic:trans",
        **{name: f"ic:specific,isc:{name}" for name in filters.COLOURS},
    },
    "since": {"day": "qdr:d", "week": "qdr:w", "month": "qdr:m", "year": "qdr:y"},
    "licence": {  # Google has no public-domain filter
        "creative-commons": "sur:cl",
        "share": "sur:f",
        "share-commercially": "sur:fc",
        "modify": "sur:fm",
        "modify-commercially": "sur:fmc",
    },
}
SAFE = {"off": "off", "moderate": "images", "strict": "active"}
# "Larger than": Google's steps, by the shorter side of each.
LARGER_THAN = (
    (300, "qsvga"), (480, "vga"), (600, "svga"), (768, "xga"), (1200, "2mp"), (1704, "4mp"),
    (2112, "6mp"), (2448, "8mp"), (2736, "10mp"), (3072, "12mp"), (3360, "15mp"), (3840, "20mp"),
    (5412, "40mp"), (7200, "70mp"),
)  # fmt: skip


def url(query: Query, origin: str = ORIGIN) -> str:
    """The address to open for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = query.filters
    tbs = [code for _, code in filters.codes(query, FILTERS)]
    if asked.min_size:
        steps = [name for side, name in LARGER_THAN if side >= asked.min_size]
        tbs.append(f"isz:lt,islt:{steps[0] if steps else LARGER_THAN[-1][1]}")
    pairs = {
        "q": query.term,
        "udm": "2",
        "hl": asked.lang or "en",
        "lr": f"lang_{asked.lang}" if asked.lang else "",
        "gl": (asked.region or "").lower(),
        "cr": f"country{asked.region.upper()}" if asked.region else "",
        "safe": SAFE[asked.safe] if asked.safe else "",
        "tbs": ",".join(tbs),
    }
    given = {name: value for name, value in pairs.items() if value}
    return f"{origin}/search?{urlencode(given, safe=':,', quote_via=quote_plus)}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Google has no parameter for."""
    return filters.lacking(query, FILTERS, also=("min_size", "safe", "lang", "region"))


def parse(html: str, address: str = "") -> Page:
    """What a page of Google's claims: a whole page, or a fragment of new tiles and scripts."""
    html, tree = whole(html)
    address = address or saved_address(html)
    merger = ResultMerger(NAME)
    if block_page_at(address, MARKS) is None and _shows_images(tree, html, address):
        base = address if address.startswith("http") else f"{ORIGIN}/"
        google_scripts.pairs(html, merger)
        google_scripts.metas(tree, merger)
        google_dom.tiles(tree, html, base, merger)
        google_dom.links(tree, base, merger)
        if not merger.extractors and _is_basic_image_tab(tree):
            google_dom.cells(tree, base, merger)
    candidates = merger.candidates()
    outcome = classify(tree, address, MARKS, found=bool(candidates))
    return Page(outcome, candidates, dict(merger.extractors))


_TAB = re.compile(r"google\.sn\s{0,4}=\s{0,4}['\"](\w{1,20})['\"]")
_IMAGE_TAB = re.compile(r"[?&](?:tbm=isch|udm=2)(?:[&#]|$)")
_ASKS_AGAIN = 'input[name="tbm"][value="isch"], input[name="udm"][value="2"]'


def _shows_images(tree: LexborHTMLParser, html: str, address: str) -> bool:
    """Whether this is the image tab: a web page's strips of pictures are no results.

    The tab is named by the address, by what the page's form would ask for again, or by the
    page's script; a page that says nothing (a fragment, a page cut short) is believed.
    """
    if _IMAGE_TAB.search(address) or tree.css_first(_ASKS_AGAIN) is not None:
        return True
    tab = _TAB.search(html)
    return tab is None or tab[1] not in _OTHER_TABS


def _is_basic_image_tab(tree: LexborHTMLParser) -> bool:
    """Whether a page without scripts asks for pictures again: its links look like a web page's."""
    return tree.css_first(_ASKS_AGAIN) is not None or tree.css_first(MARKS.search_box) is None


_OTHER_TABS = {"web", "news", "videos", "video", "vid", "books", "shop", "local", "maps"}
