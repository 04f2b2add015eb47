"""Google Images: what it is asked, and how its pages are read.

Parameters: `tbs` is a comma list, `udm=2` names the image tab. Layouts since 2017 live side by
side; each extractor has a small function in `google_scripts` or `google_dom`, and none is
required.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlencode

from . import filters, google_dom, google_scripts
from .facts import EngineFacts
from .paging import joined
from .parsing.block_pages import PageMarks
from .parsing.dom import attribute, whole
from .parsing.values import parameters, whole_number
from .reading import PageReading

if TYPE_CHECKING:
    from ..models import Page, Query

NAME = "google"
ORIGIN = "https://www.google.com"
HINTS = ("gstatic.com", "google.com/", "/httpservice/", "window.google")
USUAL = ("script-pair", "tile")  # extractors that a page of today always feeds
HEADLESS = False  # headless browsers draw a captcha where a window passes

_MARKS = PageMarks(
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

# consent.google.com marks the form that refuses with set_eom=true; one that also grants
# something (set_sc, set_aps, set_ytc) saves a visitor's choices and is no refusal.
_REFUSES = (
    'form:has(input[name="set_eom"][value="true"])'
    ':not(:has(input:is([name="set_sc"], [name="set_aps"], [name="set_ytc"])[value="true"]))'
)
FACTS = EngineFacts(
    selectors={
        "tiles": google_dom.TILES,
        "more": '.mye4qd, #smb, a[jsname="oHxHid"]',
        # #W0wltc is the dialog's button, the forms are the consent page's.
        "reject": (
            f"#W0wltc, {_REFUSES} button, {_REFUSES} input[type=submit]"
        ),
        "result": google_dom.TILES,
        "link": 'a[href*="/imgres?"], a[href*="imgurl="][href*="imgrefurl="]',
        "meta": ".rg_meta",
        "cell": 'a[href*="/url?"]',
        "next": 'a#pnnext[href], link[rel="next"][href], a[href*="start="]',
    },
    names={
        "id": "data-tbnid data-docid",
        "page": "data-lpage",
        "width": "data-ow",
        "height": "data-oh",
        "related": "data-rel",
        "link-original": "imgurl",
        "link-page": "imgrefurl",
        "link-id": "tbnid",
        "link-width": "w",
        "link-height": "h",
        "meta-original": "ou",
        "meta-thumbnail": "tu",
        "meta-page": "ru",
        "meta-title": "pt s",
        "script-source": "2003",
        "script-alt": "2008",
    },
    parameters={
        "term": "q", "tab": "udm", "interface": "hl", "lang": "lr", "region": "gl",
        "country": "cr", "safe": "safe", "filters": "tbs", "next": "start",
    },
    marks=_MARKS,
)  # fmt: skip
TILES, MORE, REJECT = (FACTS.selectors[name] for name in ("tiles", "more", "reject"))

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


def url(query: Query, origin: str = ORIGIN, facts: EngineFacts = FACTS) -> str:
    """The address to open for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = query.filters
    tbs = [code for _, code in filters.codes(query, FILTERS)]
    if asked.min_size:
        steps = [name for side, name in LARGER_THAN if side >= asked.min_size]
        tbs.append(f"isz:lt,islt:{steps[0] if steps else LARGER_THAN[-1][1]}")
    values = {
        "term": query.term,
        "tab": "2",
        "interface": asked.lang or "en",
        "lang": f"lang_{asked.lang}" if asked.lang else "",
        "region": (asked.region or "").lower(),
        "country": f"country{asked.region.upper()}" if asked.region else "",
        "safe": SAFE[asked.safe] if asked.safe else "",
        "filters": ",".join(tbs),
    }
    given = {facts.parameters[name]: value for name, value in values.items() if value}
    return f"{origin}/search?{urlencode(given, safe=':,', quote_via=quote_plus)}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Google has no parameter for."""
    return filters.lacking(query, FILTERS, also=("min_size", "safe", "lang", "region"))


def parse(html: str, address: str = "", facts: EngineFacts = FACTS) -> Page:
    """What a page of Google's claims: a whole page, or a fragment of new tiles and scripts."""
    reading = PageReading.begin(NAME, ORIGIN, html, address, facts)
    if not reading.is_blocked and _shows_images(reading):
        google_scripts.pairs(reading)
        google_scripts.metas(reading)
        google_dom.tiles(reading)
        google_dom.links(reading)
        if not reading.merger.extractors and _is_basic_image_tab(reading):
            google_dom.cells(reading)
    return reading.page()


def next(html: str, address: str = "", facts: EngineFacts = FACTS) -> str | None:  # noqa: A001 (the engines' word)
    """The next page's address as a link says it (`start=20`), None where none is named.

    A grid that scrolls has such a link, too, hidden and leading back into what it shows.
    """
    key = facts.parameters["next"]
    tree = whole(html)[1]
    beyond = _start(address, key) + max(1, len(tree.css(f":is({facts.selectors['tiles']})")))
    links = [attribute(link, "href") for link in tree.css(facts.selectors["next"])]
    pages = {_start(link, key): link for link in reversed(links) if _leads_on(link, key)}
    after = [start for start in pages if start >= beyond]
    return joined(pages[min(after)], address, ORIGIN) or None if after else None


def _leads_on(link: str, key: str) -> bool:
    """Whether a link leads to another part of the same image search."""
    return bool(_IMAGE_TAB.search(link)) and key in parameters(link)


def _start(address: str, key: str) -> int:
    return whole_number(parameters(address).get(key, ""), 0)


_TAB = re.compile(r"google\.sn\s{0,4}=\s{0,4}['\"](\w{1,20})['\"]")
_IMAGE_TAB = re.compile(r"[?&](?:tbm=isch|udm=2)(?:[&#]|$)")
_ASKS_AGAIN = 'input[name="tbm"][value="isch"], input[name="udm"][value="2"]'


def _shows_images(reading: PageReading) -> bool:
    """Whether this is the image tab: a web page's strips of pictures are no results.

    The tab is named by the address, by what the page's form would ask for again, or by the
    page's script; a page that says nothing (a fragment, a page cut short) is believed.
    """
    if _IMAGE_TAB.search(reading.address) or reading.tree.css_first(_ASKS_AGAIN) is not None:
        return True
    tab = _TAB.search(reading.html)
    return tab is None or tab[1] not in _OTHER_TABS


def _is_basic_image_tab(reading: PageReading) -> bool:
    """Whether a page without scripts asks for pictures again: its links look like a web page's."""
    box = reading.facts.marks.search_box
    return reading.tree.css_first(_ASKS_AGAIN) is not None or reading.tree.css_first(box) is None


_OTHER_TABS = {"web", "news", "videos", "video", "vid", "books", "shop", "local", "maps"}
