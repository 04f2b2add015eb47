"""Wikimedia Commons: openly licensed files, asked through MediaWiki's API.

An answer holds up to 50 files in `query.pages`, each with one `imageinfo`: `url` original,
`thumburl` thumbnail, `descriptionurl` page, and in `extmetadata` licence and artist, whose
`value` is HTML or a number. `index` is the rank; `continue` holds the parameters that the next
answer is asked with. The search finds words in descriptions, too, which no answer holds.
https://www.mediawiki.org/wiki/API:Imageinfo, API:Etiquette and Manual:Maxlag parameter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ..models import Candidate, Outcome, Page, PageOutcome
from . import filters
from .api import NO_MARKS, ApiFault, ApiManners, ApiResult, ranked, read_json, walk
from .facts import EngineFacts
from .paging import with_parameter
from .parsing.dom import attribute, whole
from .parsing.values import size, web_url, whole_number, words

if TYPE_CHECKING:
    from ..models import Query

NAME = "commons"
ORIGIN = "https://commons.wikimedia.org"
HINTS = ('"imageinfo"', '"extmetadata"', "commons.wikimedia.org")
USUAL = ("imageinfo",)
OPT_IN = True  # asked only where it is named
DEEPEST = 10_000  # results that the search shows of one query
MANNERS = ApiManners(gap=1.0, wants_contact=True, most=DEEPEST)

FACTS = EngineFacts(
    selectors={},
    names={
        "results": "query.pages",
        "next": "continue",
        "error": "error",
        "id": "pageid title",
        "rank": "index",
        "title": "title",
        "kind": "imageinfo.0.mime",
        "original": "imageinfo.0.url",
        "thumbnail": "imageinfo.0.thumburl",
        "page": "imageinfo.0.descriptionurl",
        "width": "imageinfo.0.width",
        "height": "imageinfo.0.height",
        "licence": "imageinfo.0.extmetadata.LicenseShortName.value "
        "imageinfo.0.extmetadata.UsageTerms.value",
        "licence-url": "imageinfo.0.extmetadata.LicenseUrl.value",
        "creator": "imageinfo.0.extmetadata.Artist.value imageinfo.0.extmetadata.Credit.value",
    },
    parameters={"term": "gsrsearch", "number": "gsrlimit", "width": "iiurlwidth"},
    marks=NO_MARKS,
)
# Widths go in steps (20, 40, 60, 120, 250, 330, 500 …); any other is refused.
_WIDTH = 330
# Thumbnails come for 50 files an answer, whatever is asked for.
_ASKED = {
    "action": "query",
    "format": "json",
    "formatversion": "2",
    "maxlag": "5",
    "generator": "search",
    "gsrnamespace": "6",
    "prop": "imageinfo",
    "iiprop": "url|size|mime|extmetadata",
    "iiextmetadatafilter": "LicenseShortName|LicenseUrl|UsageTerms|Artist|Credit",
}
_PHOTOS = "filetype:bitmap"
_FILE = re.compile(r"^[^:]{2,20}:(.+?)(?:\.\w{2,5})?$")
_PASSING = re.compile(r"maxlag|ratelimited|readonly|too-busy|timeout|internal_api_error")


def url(query: Query, origin: str = ORIGIN, facts: EngineFacts = FACTS) -> str:
    """The address to ask for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    asked = [_PHOTOS, query.term]
    if query.filters.min_size:
        least = query.filters.min_size - 1
        asked += [f"filew:>{least}", f"fileh:>{least}"]
    named = {"term": " ".join(asked), "number": "50", "width": str(_WIDTH)}
    given = {facts.parameters[name]: value for name, value in named.items()}
    return f"{origin}/w/api.php?{urlencode({**_ASKED, **given})}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Commons lacks; a licence is looked for in its answers."""
    tables: filters.Codes = {"type": {"photo": _PHOTOS}}
    return filters.lacking(query, tables, also=("min_size", "licence"))


def parse(text: str, address: str = "", facts: EngineFacts = FACTS) -> Page:  # noqa: ARG001 - as any engine's
    """What an answer claims; what is no answer of the API's is a block."""
    data = read_json(text)
    if data is None or walk(data, facts.names["error"]):
        return Page(PageOutcome.BLOCKED)
    read = map(_candidate, _files(data, facts))
    found = ranked(one for one in read if one is not None)
    if found:
        return Page(PageOutcome.RESULTS, found, {"imageinfo": len(found)})
    named = walk(data, facts.names["results"])
    is_empty = not named and ("batchcomplete" in data or "query" in data)
    return Page(PageOutcome.EMPTY if is_empty else PageOutcome.LAYOUT_CHANGED)


def next(text: str, address: str = "", facts: EngineFacts = FACTS) -> str | None:  # noqa: A001 (the engines' word)
    """The next answer's address, empty where this one says that it is the last, None if neither."""
    data = read_json(text)
    if data is None or walk(data, facts.names["results"]) is None:
        return None
    going = walk(data, facts.names["next"])
    if not isinstance(going, dict):
        return ""
    following = address if address.startswith("http") else f"{ORIGIN}/w/api.php"
    for name, value in going.items():
        following = with_parameter(following, str(name), str(value))
    reached = whole_number(str(going.get("gsroffset")), 0)
    return "" if reached >= DEEPEST else following


def fault(text: str) -> ApiFault | None:
    """The error that an answer tells of: the API sends errors with status 200."""
    error = walk(read_json(text) or {}, FACTS.names["error"])
    if not isinstance(error, dict):
        return None
    code, detail = str(error.get("code", "")), words(str(error.get("info", ""))) or "an error"
    passes = _PASSING.search(code) is not None
    outcome = Outcome.RATE_LIMITED if passes else Outcome.BLOCKED
    return ApiFault(outcome, f"{code}: {detail[:200]}", passes=passes)


def _files(data: Any, facts: EngineFacts) -> list[ApiResult]:
    """The answer's files by rank: a list, or an object by page's number (`formatversion=1`)."""
    pages = walk(data, facts.names["results"])
    pages = list(pages.values()) if isinstance(pages, dict) else pages
    pages = pages if isinstance(pages, list) else []
    entries = [ApiResult(page, facts) for page in pages if isinstance(page, dict)]

    def place(entry: ApiResult) -> int:
        rank = entry.value("rank")
        return rank if isinstance(rank, int) else 1_000_000

    return sorted(entries, key=place)


def _candidate(entry: ApiResult) -> Candidate | None:
    """A file's claims; None for what is no picture or names none."""
    original, key = web_url(entry.text("original")), entry.text("id")
    kind = entry.text("kind") or "image/"
    if original is None or not key or not kind.startswith("image/"):
        return None
    creator, creator_url = _person(entry.text("creator"))
    title = _FILE.sub(r"\1", entry.text("title"))
    return Candidate(
        NAME,
        key,
        1,
        original,
        web_url(entry.text("thumbnail")),
        page_url=web_url(entry.text("page")),
        title=words(title),
        claimed_size=size(entry.text("width"), entry.text("height")),
        licence=_plain(entry.text("licence")),
        licence_url=web_url(entry.text("licence-url"), ORIGIN),
        creator=creator,
        creator_url=creator_url,
    )


def _plain(value: str) -> str | None:
    """HTML as words."""
    return words(_person(value)[0])


def _person(value: str) -> tuple[str | None, str | None]:
    """Who an artist's HTML speaks of, and the address that it links to."""
    if "<" not in value and "&" not in value:
        return (words(value) or "")[:300] or None, None
    _, tree = whole(value)
    link = tree.css_first("a[href]")
    shown = words(tree.body.text(separator=" ") if tree.body else "") or ""
    return shown[:300] or None, web_url(attribute(link, "href"), ORIGIN)
