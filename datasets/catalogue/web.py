"""What the web gave: searches, sightings, every URL's fate, and the pictures with their labels."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from ...scraper.models import Candidate, Filters, Query
from .store import Catalogue, now

if TYPE_CHECKING:
    from collections.abc import Mapping


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
class Search:
    """One query put to one engine for one label, and how it ended (`outcome` None: it did not)."""

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


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one URL: a picture (`sha256`) or a `failure`, and how it came.

    `url` is http(s), or `data:<sha256>` for a picture that stood in the page itself, or
    `import:<sha256>` for one from disk. `via` is browser, http, inline or import.
    """

    url: str
    via: str
    sha256: str | None = None
    failure: str | None = None
    status: int | None = None
    final_url: str | None = None
    content_type: str | None = None
    x_robots_tag: str | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the pool: `path` relative to the dataset (posix), `labels` label → best rank."""

    sha256: str
    path: str
    bytes: int
    extension: str
    labels: Mapping[str, int] = field(default_factory=dict)


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


def begin_search(cat: Catalogue, search: Search) -> None:
    """Record that a search was begun; one begun before is asked anew, its sightings stay."""
    cat.execute(
        "INSERT INTO search (label, engine, query, term, stratum, lang, asked, term_limit, "
        "started_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (label, engine, query) DO UPDATE SET "
        "outcome = NULL, detail = NULL, finished_at = NULL, "
        "asked = excluded.asked, term_limit = excluded.term_limit, stratum = excluded.stratum, "
        "started_at = excluded.started_at",
        (
            search.label, search.engine, search.query, search.term, search.stratum, search.lang,
            search.asked, search.term_limit, now(),
        ),
    )  # fmt: skip


def end_search(cat: Catalogue, search: Search, outcome: str, detail: str) -> None:
    """Record how a search ended and what it was asked; `found` counts its sightings."""
    cat.execute(
        "UPDATE search SET outcome = ?, detail = ?, finished_at = ?, asked = ?, found = "
        "(SELECT count(*) FROM sighting s WHERE (s.label, s.engine, s.query) = "
        "(search.label, search.engine, search.query)) WHERE (label, engine, query) = (?, ?, ?)",
        (outcome, detail, now(), search.asked, search.label, search.engine, search.query),
    )


def searches(cat: Catalogue) -> list[Search]:
    """Every search on record, by label, term, engine."""
    rows = cat.rows(
        "SELECT label, engine, query, term, asked, stratum, lang, outcome, detail, found, "
        "term_limit FROM search ORDER BY label, term, query, engine"
    )
    return [Search(**dict(row)) for row in rows]


def see(cat: Catalogue, search: Search, candidate: Candidate, preview_url: str | None) -> None:
    """Record a sighting; seen again, what it lacked is filled in and its rank stays the best."""
    width, height = candidate.claimed_size or (None, None)
    cat.execute(
        "INSERT INTO sighting (engine, query, key, label, term, rank, image_url, preview_url, "
        "page_url, title, claimed_width, claimed_height, stratum, seen_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (label, engine, query, key) DO UPDATE SET "
        "rank = min(rank, excluded.rank), "
        "image_url = coalesce(image_url, excluded.image_url), "
        "preview_url = coalesce(preview_url, excluded.preview_url), "
        "page_url = coalesce(page_url, excluded.page_url), "
        "title = coalesce(title, excluded.title), "
        "claimed_width = coalesce(claimed_width, excluded.claimed_width), "
        "claimed_height = coalesce(claimed_height, excluded.claimed_height)",
        (
            search.engine, search.query, candidate.key, search.label, search.term,
            candidate.rank, candidate.image_url, preview_url, candidate.page_url,
            candidate.title, width, height, search.stratum, now(),
        ),
    )  # fmt: skip


def sightings(cat: Catalogue) -> list[Sighting]:
    """Every sighting, by label, query, rank, engine: an order that depends on content alone."""
    rows = cat.rows(
        "SELECT label, engine, query, key, term, rank, image_url, preview_url, page_url, title, "
        "stratum FROM sighting ORDER BY label, query, rank, engine, key"
    )
    return [Sighting(**dict(row)) for row in rows]


def add_picture(cat: Catalogue, picture: Picture) -> None:
    """Record a picture whose file is already in place; one known stays where it is."""
    cat.execute(
        "INSERT INTO image (sha256, path, bytes, extension, added_at) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (sha256) DO NOTHING",
        (picture.sha256, picture.path, picture.bytes, picture.extension, now()),
    )


def settle(cat: Catalogue, fate: Fate) -> None:
    """Record a URL's fate. A picture is final; a failure may be replaced by a later try."""
    cat.execute(
        "INSERT INTO fetched (url, sha256, failure, status, final_url, content_type, "
        "x_robots_tag, etag, last_modified, via, fetched_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET "
        "sha256 = excluded.sha256, failure = excluded.failure, status = excluded.status, "
        "final_url = excluded.final_url, content_type = excluded.content_type, "
        "x_robots_tag = excluded.x_robots_tag, etag = excluded.etag, "
        "last_modified = excluded.last_modified, via = excluded.via, "
        "fetched_at = excluded.fetched_at WHERE fetched.sha256 IS NULL",
        (
            fate.url, fate.sha256, fate.failure, fate.status, fate.final_url, fate.content_type,
            fate.x_robots_tag, fate.etag, fate.last_modified, fate.via, now(),
        ),
    )  # fmt: skip


def fates(cat: Catalogue) -> dict[str, Fate]:
    """Every URL's fate, by URL."""
    rows = cat.rows(
        "SELECT url, via, sha256, failure, status, final_url, content_type, x_robots_tag, etag, "
        "last_modified FROM fetched"
    )
    return {row["url"]: Fate(**dict(row)) for row in rows}


def put_label(
    cat: Catalogue, search: Search | Sighting, key: str, rank: int, sha256: str, source: str
) -> None:
    """Say which picture stands for the sighting `key` of a search, and where it came from."""
    cat.execute(
        "INSERT INTO labelled (sha256, label, engine, query, key, source, rank) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (sha256, search.label, search.engine, search.query, key, source, rank),
    )


def sources(cat: Catalogue) -> dict[tuple[str, str, str, str], tuple[str, str]]:
    """(label, engine, query, key) → (sha256, source) of the picture that stands for it."""
    rows = cat.rows("SELECT label, engine, query, key, sha256, source FROM labelled")
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}


def unlabel_other(cat: Catalogue, sighting: Sighting, sha256: str) -> None:
    """Let no picture but `sha256` stand for a sighting: a better one came. Files stay."""
    cat.execute(
        "DELETE FROM labelled WHERE (label, engine, query, key) = (?, ?, ?, ?) AND sha256 <> ?",
        (sighting.label, sighting.engine, sighting.query, sighting.key, sha256),
    )


def pictures(cat: Catalogue) -> list[Picture]:
    """Every picture with its labels (label → best rank), in order of SHA-256."""
    labels: dict[str, dict[str, int]] = {}
    for row in cat.rows("SELECT sha256, label, min(rank) FROM labelled GROUP BY sha256, label"):
        labels.setdefault(row[0], {})[row[1]] = row[2]
    rows = cat.rows("SELECT sha256, path, bytes, extension FROM image ORDER BY sha256")
    return [Picture(**dict(row), labels=labels.get(row["sha256"], {})) for row in rows]


def picture_path(cat: Catalogue, sha256: str) -> str | None:
    """Where a picture lies, None where it is not known."""
    rows = cat.rows("SELECT path FROM image WHERE sha256 = ?", (sha256,))
    return rows[0][0] if rows else None


def path_taken(cat: Catalogue, path: str) -> bool:
    """Whether another picture lies at `path`."""
    return bool(cat.rows("SELECT 1 FROM image WHERE path = ?", (path,)))


def fate(cat: Catalogue, url: str) -> Fate | None:
    """One URL's fate, None where it has none yet."""
    rows = cat.rows(
        "SELECT url, via, sha256, failure, status, final_url, content_type, x_robots_tag, etag, "
        "last_modified FROM fetched WHERE url = ?",
        (url,),
    )
    return Fate(**dict(rows[0])) if rows else None


def count_pictures(cat: Catalogue, label: str) -> int:
    """How many distinct pictures a label holds."""
    rows = cat.rows("SELECT count(DISTINCT sha256) FROM labelled WHERE label = ?", (label,))
    return int(rows[0][0])


def novelty(cat: Catalogue, label: str, query: str) -> tuple[int, int]:
    """(sightings of a query whose addresses the label's other queries never showed, all)."""
    rows = cat.rows(
        "SELECT count(*), sum(NOT EXISTS (SELECT 1 FROM sighting o WHERE o.label = s.label "
        "AND o.query <> s.query AND (o.image_url = s.image_url OR o.preview_url = s.preview_url))) "
        "FROM sighting s WHERE s.label = ? AND s.query = ?",
        (label, query),
    )
    return int(rows[0][1] or 0), int(rows[0][0])


@dataclass(frozen=True, slots=True)
class Asking:
    """A label's query and its place among all that was ever asked, from 0."""

    label: str
    query: str
    place: int


def query_order(cat: Catalogue) -> list[Asking]:
    """The queries in the order in which they were first asked."""
    rows = cat.rows("SELECT label, query FROM search GROUP BY label, query ORDER BY min(rowid)")
    return [Asking(row[0], row[1], place) for place, row in enumerate(rows)]


def yields(cat: Catalogue) -> dict[tuple[str, str], tuple[int, int]]:
    """(label, query) → (pictures that no earlier query of the label brought, sightings)."""
    place = {(one.label, one.query): one.place for one in query_order(cat)}
    found = {
        (row[0], row[1]): int(row[2])
        for row in cat.rows("SELECT label, query, count(*) FROM sighting GROUP BY label, query")
    }
    first: dict[tuple[str, str], tuple[str, str]] = {}
    pairs = cat.rows("SELECT DISTINCT label, query, sha256 FROM labelled")
    for row in sorted(pairs, key=lambda row: place[row[0], row[1]]):
        first.setdefault((row[0], row[2]), (row[0], row[1]))
    new = Counter(first.values())
    return {asked: (new[asked], found.get(asked, 0)) for asked in place}
