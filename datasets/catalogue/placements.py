"""Where each picture lies in the training tree, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .store import Catalogue, now

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Placement:
    """A picture's label, split (train, val or test) and path relative to ready/ (posix)."""

    sha256: str
    label: str
    split: str
    path: str


@dataclass(frozen=True, slots=True)
class Origin:
    """One place where a picture was seen, with the fate of the URL that brought it.

    `source` is preview, original, fallback or import; times are UTC ISO-8601.
    """

    label: str
    engine: str
    term: str
    lang: str | None
    stratum: str | None
    rank: int
    source: str
    image_url: str | None
    preview_url: str | None
    page_url: str | None
    title: str | None
    licence_asked: str | None
    fetched_url: str | None
    final_url: str | None
    status: int | None
    content_type: str | None
    x_robots_tag: str | None
    etag: str | None
    last_modified: str | None
    fetched_at: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A source's format, size in pixels, hashes (16 hex digits) and check scores."""

    sha256: str
    format: str
    width: int
    height: int
    phash: str | None
    dhash: str | None
    scores: Mapping[str, float]


def placements(cat: Catalogue) -> dict[str, Placement]:
    """The placements of the last tree that was built, by sha256."""
    rows = cat.rows("SELECT sha256, label, side AS split, path FROM placement")
    return {row["sha256"]: Placement(**dict(row)) for row in rows}


def put_placements(cat: Catalogue, placed: Iterable[Placement]) -> None:
    """Record a tree's placements; a picture that stays keeps its date."""
    rows = [(p.sha256, p.label, p.split, p.path, now()) for p in placed]
    cat.execute("CREATE TEMP TABLE IF NOT EXISTS staying (sha256 TEXT PRIMARY KEY)")
    cat.execute("DELETE FROM staying")
    cat.execute_many("INSERT INTO staying VALUES (?)", [(row[0],) for row in rows])
    cat.execute("DELETE FROM placement WHERE sha256 NOT IN (SELECT sha256 FROM staying)")
    cat.execute_many(
        "INSERT INTO placement VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET "
        "label = excluded.label, side = excluded.side, path = excluded.path",
        rows,
    )


def origins(cat: Catalogue) -> dict[str, list[Origin]]:
    """Every place where each picture was seen, best rank first (then engine, term, label)."""
    rows = cat.rows(
        "SELECT l.sha256, l.label, l.engine, s.term, q.lang, s.stratum, l.rank, l.source, "
        "s.image_url, s.preview_url, s.page_url, s.title, "
        "json_extract(l.query, '$.filters.licence') AS licence_asked, "
        "f.url AS fetched_url, f.final_url, f.status, f.content_type, f.x_robots_tag, f.etag, "
        "f.last_modified, f.fetched_at "
        "FROM labelled l JOIN sighting s USING (label, engine, query, key) "
        "JOIN search q USING (label, engine, query) "
        # The URL that brought it: the one the sighting names, and that became this picture.
        "LEFT JOIN fetched f ON f.sha256 = l.sha256 AND f.url = "
        "CASE l.source WHEN 'original' THEN s.image_url WHEN 'import' THEN 'import:' || l.sha256 "
        "ELSE s.preview_url END "
        "ORDER BY l.sha256, l.rank, l.engine, s.term, l.label, l.key"
    )
    found: dict[str, list[Origin]] = {}
    for row in rows:
        values = dict(row)
        found.setdefault(values.pop("sha256"), []).append(Origin(**values))
    return found


def measurements(cat: Catalogue) -> dict[str, Measured]:
    """What the manifest tells of every decodable picture, by sha256."""
    bits: dict[str, dict[str, str]] = {}
    for row in cat.rows(
        "SELECT sha256, kind, bits FROM fingerprint WHERE kind IN ('phash', 'dhash')"
    ):
        bits.setdefault(row[0], {})[row[1]] = row[2]
    scores: dict[str, dict[str, float]] = {}
    for row in cat.rows("SELECT sha256, check_name, value FROM score ORDER BY check_name"):
        scores.setdefault(row[0], {})[row[1]] = row[2]
    return {
        row["sha256"]: Measured(
            **dict(row),
            phash=bits.get(row["sha256"], {}).get("phash"),
            dhash=bits.get(row["sha256"], {}).get("dhash"),
            scores=scores.get(row["sha256"], {}),
        )
        for row in cat.rows("SELECT sha256, format, width, height FROM facts")
    }
