"""Openverse: openly licensed pictures of many collections, asked through its API.

An answer holds 20 results in `results`, each with `url` original, `thumbnail`,
`foreign_landing_url` page, `license` (a code) with its version and address, and `creator`;
`page_count` is how many answers this visitor is shown: 12 without a token, 20 with one.
https://docs.openverse.org/api/ and https://api.openverse.org/v1/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ..models import Candidate, Outcome, Page, PageOutcome
from . import filters
from .api import NO_MARKS, ApiFault, ApiManners, ApiResult, TokenSource, ranked, read_json, walk
from .facts import EngineFacts
from .licences import licence_name
from .paging import with_parameter
from .parsing.values import parameters, size, web_url, whole_number, words

if TYPE_CHECKING:
    from ..models import Query

NAME = "openverse"
ORIGIN = "https://api.openverse.org"
HINTS = ('"foreign_landing_url"', '"license_version"', "api.openverse.org")
USUAL = ("results",)
OPT_IN = True  # asked only where it is named
DEEPEST = 20  # answers, for any visitor
_ANONYMOUS = 12  # answers, without a token
_SIZE = 20  # results an answer: more is refused without a token
MANNERS = ApiManners(
    gap=1.0,
    token=TokenSource(
        "OPENVERSE_TOKEN",
        "OPENVERSE_CLIENT_ID",
        "OPENVERSE_CLIENT_SECRET",
        "/v1/auth_tokens/token/",
    ),
    most=DEEPEST * _SIZE,
    most_anonymous=_ANONYMOUS * _SIZE,
    anonymous=f"without a token it shows {_ANONYMOUS * _SIZE} of a term; "
    "OPENVERSE_TOKEN goes deeper",
)

FACTS = EngineFacts(
    selectors={},
    names={
        "results": "results",
        "pages": "page_count",
        "error": "detail",
        "id": "id",
        "title": "title",
        "original": "url",
        "thumbnail": "thumbnail",
        "page": "foreign_landing_url",
        "width": "width",
        "height": "height",
        "licence": "license",
        "version": "license_version",
        "licence-url": "license_url",
        "creator": "creator",
        "creator-url": "creator_url",
    },
    parameters={
        "term": "q", "page": "page", "number": "page_size", "type": "category", "safe": "mature",
    },
    marks=NO_MARKS,
)  # fmt: skip
FILTERS: filters.Codes = {
    "type": {"photo": "photograph", "clipart": "illustration"},
    "licence": {
        "creative-commons": "license_type=all-cc",
        "public-domain": "license=cc0,pdm",
        "share": "license_type=all",
        "share-commercially": "license_type=commercial",
        "modify": "license_type=modification",
        "modify-commercially": "license_type=commercial,modification",
    },
    "safe": {"off": "true", "moderate": "false", "strict": "false"},
}


def url(query: Query, origin: str = ORIGIN, facts: EngineFacts = FACTS) -> str:
    """The address to ask for a query; UsageError for a filter's unknown value."""
    filters.check(query)
    named = facts.parameters
    given = {named["term"]: query.term, named["page"]: "1", named["number"]: str(_SIZE)}
    for name, code in filters.codes(query, FILTERS):
        key, _, value = code.rpartition("=")
        given[key or named[name]] = value
    return f"{origin}/v1/images/?{urlencode(given, safe=',')}"


def unsupported(query: Query) -> tuple[str, ...]:
    """The filters of a query that Openverse lacks; a size is looked for in its answers."""
    return filters.lacking(query, FILTERS, also=("min_size",))


def parse(text: str, address: str = "", facts: EngineFacts = FACTS) -> Page:  # noqa: ARG001 - as any engine's
    """What an answer claims; what is no answer of the API's is a block."""
    data = read_json(text)
    if data is None or (results := walk(data, facts.names["results"])) is None:
        is_error = data is None or walk(data, facts.names["error"]) is not None
        return Page(PageOutcome.BLOCKED if is_error else PageOutcome.LAYOUT_CHANGED)
    entries = results if isinstance(results, list) else [results]
    read = (_candidate(ApiResult(entry, facts)) for entry in entries)
    found = ranked(one for one in read if one is not None)
    if found:
        return Page(PageOutcome.RESULTS, found, {"results": len(found)})
    return Page(PageOutcome.LAYOUT_CHANGED if entries else PageOutcome.EMPTY)


def next(text: str, address: str = "", facts: EngineFacts = FACTS) -> str | None:  # noqa: A001 (the engines' word)
    """The next answer's address, empty where this one says that it is the last, None if neither."""
    data = read_json(text) or {}
    pages = walk(data, facts.names["pages"])
    if not isinstance(pages, int) or not isinstance(walk(data, facts.names["results"]), list):
        return None
    address = address if address.startswith("http") else f"{ORIGIN}/v1/images/"
    key = facts.parameters["page"]
    here = whole_number(str(data.get("page") or parameters(address).get(key)), 1)
    return with_parameter(address, key, str(here + 1)) if here < min(pages, DEEPEST) else ""


def fault(text: str) -> ApiFault | None:
    """The error that an answer tells of; its status says the rest."""
    data = read_json(text) or {}
    detail = walk(data, FACTS.names["error"])
    if detail is None or "results" in data:
        return None
    return ApiFault(Outcome.BLOCKED, (words(str(detail)) or "an error")[:200])


def _candidate(entry: ApiResult) -> Candidate | None:
    original, key = web_url(entry.text("original")), entry.text("id")
    if original is None or not key:
        return None
    code, version = entry.text("licence"), entry.text("version")
    return Candidate(
        NAME,
        key,
        1,
        original,
        web_url(entry.text("thumbnail"), ORIGIN),
        page_url=web_url(entry.text("page")),
        title=words(entry.text("title")),
        claimed_size=size(entry.text("width"), entry.text("height")),
        licence=licence_name(code, version) if code else None,
        licence_url=web_url(entry.text("licence-url")),
        creator=words(entry.text("creator")),
        creator_url=web_url(entry.text("creator-url")),
    )
