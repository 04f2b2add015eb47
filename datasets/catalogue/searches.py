"""What the engines showed: searches, how they ended, and every sighting of a candidate."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...scraper.models import Candidate, Filters, Query
from .rows import insert, names, read, values
from .store import Catalogue, now, seconds

if TYPE_CHECKING:
    from collections.abc import Iterable


def canonical(query: Query) -> str:
    """A query's one spelling as JSON: sorted keys, filters that ask for nothing left out."""
    filters = {k: v for k, v in asdict(query.filters).items() if v is not None}
    asked: dict[str, object] = {"term": query.term}
    if filters:
        asked["filters"] = filters
    return json.dumps(asked, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def read_query(text: str) -> Query:
    """The query that `canonical` spelled."""
    asked = json.loads(text)
    return Query(asked["term"], Filters(**asked.get("filters", {})))


@dataclass(frozen=True, slots=True)
class SearchRecord:
    """One query put to one engine for one label, and how it ended (`outcome` None: it did not).

    `counts` is JSON of what was read: results, originals, previews, on_topic, extractors.
    """

    label: str
    engine: str
    query: str
    term: str
    asked: int
    stratum: str | None = None
    lang: str | None = None
    outcome: str | None = None
    detail: str | None = None
    found: int = 0
    term_limit: int | None = None
    counts: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One candidate as recorded: who showed it, for which label and query, at which rank."""

    label: str
    engine: str
    query: str
    key: str
    term: str
    rank: int
    image_url: str | None
    preview_url: str | None
    page_url: str | None
    title: str | None
    stratum: str | None


SEARCH_ID = "(SELECT id FROM search WHERE (label, engine, query) = (:label, :engine, :query))"
SIGHTING_ID = f"(SELECT id FROM sighting_row WHERE search = {SEARCH_ID} AND key = :key)"
_OF_SEARCH = {name: f"q.{name}" for name in ("label", "engine", "query", "term")}
_BEGIN = insert(
    "search",
    (
        *("label", "engine", "query", "term", "stratum", "lang", "asked", "term_limit"),
        "started_at",
    ),
    "ON CONFLICT (label, engine, query) DO UPDATE SET outcome = NULL, detail = NULL, "
    "finished_at = NULL, asked = excluded.asked, term_limit = excluded.term_limit, "
    "stratum = excluded.stratum, started_at = excluded.started_at",
)
_FILLED = (
    *("image_url", "preview_url", "page_url", "title"),
    *("claimed_width", "claimed_height"),
    *("licence", "licence_url", "creator", "creator_url"),
)
_SEE = insert(
    "sighting_row",
    ("search", "key", "rank", *_FILLED, "stratum", "seen_at"),
    "ON CONFLICT (search, key) DO UPDATE SET rank = min(rank, excluded.rank), "
    + ", ".join(f"{name} = coalesce({name}, excluded.{name})" for name in _FILLED),
    search=SEARCH_ID,
)


def begin_search(cat: Catalogue, search: SearchRecord) -> None:
    """Record that a search was begun; one begun before is asked anew, its sightings stay."""
    cat.execute(_BEGIN, values(search, started_at=now()))


def end_search(cat: Catalogue, search: SearchRecord, outcome: str, detail: str) -> None:
    """Record how a search ended and what it was asked; `found` counts its sightings."""
    cat.execute(
        "UPDATE search SET outcome = :outcome, detail = :detail, finished_at = :now, "
        "asked = :asked, counts = :counts, "
        "found = (SELECT count(*) FROM sighting_row s WHERE s.search = search.id) "
        "WHERE (label, engine, query) = (:label, :engine, :query)",
        values(search, outcome=str(outcome), detail=detail, now=now()),
    )


def searches(cat: Catalogue) -> list[SearchRecord]:
    """Every search on record, by label, term, engine."""
    return read(cat, SearchRecord, "FROM search ORDER BY label, term, query, engine")


def record_sighting(
    cat: Catalogue, search: SearchRecord, candidate: Candidate, preview_url: str | None
) -> None:
    """Record a sighting; seen again, what it lacked is filled in and its rank stays the best."""
    width, height = candidate.claimed_size or (None, None)
    cat.execute(
        _SEE,
        values(
            search,
            key=candidate.key,
            rank=candidate.rank,
            image_url=candidate.image_url,
            preview_url=preview_url,
            page_url=candidate.page_url,
            title=candidate.title,
            claimed_width=width,
            claimed_height=height,
            licence=candidate.licence,
            licence_url=candidate.licence_url,
            creator=candidate.creator,
            creator_url=candidate.creator_url,
            seen_at=seconds(),
        ),
    )


def sightings(cat: Catalogue) -> list[Sighting]:
    """Every sighting, by label, query, rank, engine: an order that depends on content alone."""
    columns = ", ".join(_OF_SEARCH.get(name, f"s.{name}") for name in names(Sighting))
    rows = cat.each(
        f"SELECT {columns} FROM sighting_row s JOIN search q ON q.id = s.search "
        "ORDER BY q.label, q.query, s.rank, q.engine, s.key"
    )
    return [Sighting(*row) for row in rows]


def novelty(cat: Catalogue, label: str, query: str) -> tuple[int, int]:
    """(sightings of a query whose addresses the label's other queries never showed, all)."""
    others = (
        "SELECT {} FROM sighting_row o JOIN search p ON p.id = o.search "
        "WHERE p.label = :label AND p.query <> :query AND {} IS NOT NULL"
    )
    known = " OR ".join(
        f"coalesce(s.{name} IN ({others.format(name, name)}), 0)"
        for name in ("image_url", "preview_url")
    )
    (row,) = cat.rows(
        f"SELECT count(*), sum(NOT ({known})) FROM sighting_row s "
        "JOIN search q ON q.id = s.search WHERE q.label = :label AND q.query = :query",
        {"label": label, "query": query},
    )
    return int(row[1] or 0), int(row[0])


@dataclass(frozen=True, slots=True)
class QueryPlace:
    """A label's query and its place among all that was ever asked, from 0."""

    label: str
    query: str
    place: int


def query_order(cat: Catalogue) -> list[QueryPlace]:
    """The queries in the order in which they were first asked."""
    rows = cat.rows("SELECT label, query FROM search GROUP BY label, query ORDER BY min(id)")
    return [QueryPlace(row[0], row[1], place) for place, row in enumerate(rows)]


@dataclass(frozen=True, slots=True)
class SearchTimes:
    """How many searches there were, from when to when (UTC ISO-8601), and how long in all.

    `seconds` counts the time in which any search was under way, once: engines work side by side.
    """

    number: int
    first: str | None
    last: str | None
    seconds: float


def search_times(cat: Catalogue) -> SearchTimes:
    """When the searches on record were made; imports are none."""
    rows = list(
        cat.rows(
            "SELECT started_at, finished_at FROM search WHERE outcome IS NOT 'imported' "
            "ORDER BY started_at"
        )
    )
    spans = [(row[0], row[1]) for row in rows if row[0] and row[1]]
    first = min((row[0] for row in rows if row[0]), default=None)
    last = max((ended for _, ended in spans), default=None)
    return SearchTimes(len(rows), first, last, _under_way(spans))


def _under_way(spans: Iterable[tuple[str, str]]) -> float:
    """Seconds that lie within any of the spans, which are sorted by their begin."""
    total, reached = 0.0, datetime.min.replace(tzinfo=UTC)
    for begun, ended in spans:
        begin, end = (_moment(text) for text in (begun, ended))
        total += max(0.0, (end - max(begin, reached)).total_seconds())
        reached = max(reached, end)
    return total


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def yields(cat: Catalogue) -> dict[tuple[str, str], tuple[int, int]]:
    """(label, query) → (pictures that no earlier query of the label brought, sightings)."""
    place = {(one.label, one.query): one.place for one in query_order(cat)}
    of_query = "FROM sighting_row s JOIN search q ON q.id = s.search"
    found = {
        (row[0], row[1]): int(row[2])
        for row in cat.rows(f"SELECT q.label, q.query, count(*) {of_query} GROUP BY 1, 2")
    }
    first: dict[tuple[str, int], tuple[str, str]] = {}
    pairs = cat.rows(
        f"SELECT DISTINCT q.label, q.query, l.image {of_query} "
        "JOIN labelled_row l ON l.sighting = s.id"
    )
    for row in sorted(pairs, key=lambda row: place[row[0], row[1]]):
        first.setdefault((row[0], row[2]), (row[0], row[1]))
    new = Counter(first.values())
    return {asked: (new[asked], found.get(asked, 0)) for asked in place}
