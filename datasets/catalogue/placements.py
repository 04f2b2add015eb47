"""Where each picture lies in the training tree, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .packing import BITS, SCORE, blob, unpack
from .rows import IMAGE, MOMENT, SHA256, among
from .store import Catalogue, seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


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
    licence: str | None
    licence_url: str | None
    creator: str | None
    creator_url: str | None
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
    """A source's size in bytes, format, size in pixels, hashes (16 hex digits), check scores.

    `trainable` as in Facts; `seen_at` is a second (since 1970) at whose end its file held these
    bytes.
    """

    sha256: str
    bytes: int
    format: str
    width: int
    height: int
    phash: str | None
    dhash: str | None
    scores: Mapping[str, float]
    trainable: str | None
    seen_at: int


def placements(cat: Catalogue, only: Collection[int] | None = None) -> dict[str, Placement]:
    """The placements of the last tree that was built, by sha256; `only` these, by number."""
    these, given = among("p.image", only)
    rows = cat.rows(
        f"SELECT {SHA256.format('i')}, p.label, p.split, p.path FROM placement_row p "
        f"JOIN image_row i ON i.id = p.image WHERE {these} ORDER BY i.sha256",
        given,
    )
    return {row[0]: Placement(*row) for row in rows}


def engines_of_placed(cat: Catalogue) -> list[tuple[str, str]]:
    """Each placed picture's sha256 with each engine that showed it, once."""
    rows = cat.each(
        f"SELECT DISTINCT {SHA256.format('i')}, q.engine FROM placement_row p "
        "JOIN image_row i ON i.id = p.image JOIN labelled_row l ON l.image = p.image "
        "JOIN sighting_row s ON s.id = l.sighting JOIN search q ON q.id = s.search"
    )
    return [(row[0], row[1]) for row in rows]


def put_placements(cat: Catalogue, placed: Iterable[Placement]) -> None:
    """Record a tree's placements; a picture that stays keeps its date."""
    rows = [(blob(p.sha256), p.label, p.split, p.path, seconds()) for p in placed]
    cat.execute("CREATE TEMP TABLE IF NOT EXISTS staying (sha256 BLOB PRIMARY KEY)")
    cat.execute("DELETE FROM staying")
    cat.execute_many("INSERT INTO staying VALUES (?)", [(row[0],) for row in rows])
    cat.execute(
        "DELETE FROM placement_row WHERE image NOT IN "
        "(SELECT id FROM image_row JOIN staying USING (sha256))"
    )
    cat.execute_many(
        f"INSERT INTO placement_row VALUES ({IMAGE.replace(':sha256', '?')}, ?, ?, ?, ?) "
        "ON CONFLICT (image) DO UPDATE SET "
        "label = excluded.label, split = excluded.split, path = excluded.path",
        rows,
    )


def origins(cat: Catalogue) -> dict[str, list[Origin]]:
    """Every place where each picture was seen, best rank first (then engine, term, label)."""
    rows = cat.rows(
        f"SELECT {SHA256.format('i')} AS sha256, q.label, q.engine, q.term, q.lang, s.stratum, "
        "l.rank, l.source, s.image_url, s.preview_url, s.page_url, s.title, "
        "s.licence, s.licence_url, s.creator, s.creator_url, "
        "json_extract(q.query, '$.filters.licence') AS licence_asked, f.url AS fetched_url, "
        "CASE WHEN f.final_url = '=' THEN f.url ELSE f.final_url END AS final_url, f.status, "
        "f.content_type, f.x_robots_tag, f.etag, f.last_modified, "
        f"{MOMENT.format('f.fetched_at')} AS fetched_at "
        "FROM labelled_row l JOIN sighting_row s ON s.id = l.sighting "
        "JOIN search q ON q.id = s.search JOIN image_row i ON i.id = l.image "
        # The URL that brought it: the one the sighting names, and that became this picture.
        "LEFT JOIN fetched_row f ON f.image = l.image AND f.url = "
        "CASE l.source WHEN 'original' THEN s.image_url "
        "WHEN 'import' THEN 'import:' || lower(hex(i.sha256)) ELSE s.preview_url END "
        "ORDER BY i.sha256, l.rank, q.engine, q.term, q.label, s.key"
    )
    found: dict[str, list[Origin]] = {}
    for row in rows:
        values = dict(row)
        found.setdefault(values.pop("sha256"), []).append(Origin(**values))
    return found


def measurements(cat: Catalogue) -> dict[str, Measured]:
    """What the manifest tells of every decodable picture, by sha256."""
    names = {row[0]: row[1] for row in cat.rows("SELECT id, name FROM measure")}
    found: dict[str, Measured] = {}
    for sha, size, kind, width, height, fingerprints, scores, trainable, added_at in cat.rows(
        f"SELECT {SHA256.format('i')}, i.bytes, f.format, f.width, f.height, f.fingerprints, "
        "f.scores, f.trainable, i.added_at "
        "FROM facts_row f JOIN image_row i ON i.id = f.image ORDER BY i.sha256"
    ):
        bits = {name: f"{value:016x}" for name, value in unpack(BITS, fingerprints, names).items()}
        score = dict(sorted(unpack(SCORE, scores, names).items()))
        hashes = bits.get("phash"), bits.get("dhash")
        seen = trainable, added_at
        found[sha] = Measured(sha, size, kind, width, height, *hashes, score, *seen)
    return found
