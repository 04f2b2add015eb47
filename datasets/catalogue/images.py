"""The pictures of the pool, every URL's fate, and which picture stands for which sighting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .packing import blob
from .rows import IMAGE, SHA256, among, insert, read, values
from .searches import SIGHTING_ID
from .store import Catalogue, seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from .searches import SearchRecord, Sighting

_AT_ONCE = 10_000  # digests: a statement of SQLite's takes 32,766 values
FORGOTTEN = "forgotten"  # the failure of an address whose picture was forgotten


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
class ImageRecord:
    """A picture in the pool: `path` relative to the dataset (posix), `labels` label → best rank."""

    sha256: str
    path: str
    bytes: int
    extension: str
    labels: Mapping[str, int] = field(default_factory=dict)


_PLAIN = ("path", "bytes", "extension")
_ADD = insert("image_row", ("sha256", *_PLAIN, "added_at"), "ON CONFLICT (sha256) DO NOTHING")
_ANSWER = ("failure", "status", "final_url", "content_type", "x_robots_tag", "etag",
           "last_modified", "via")  # fmt: skip
_SETTLE = insert(
    "fetched_row",
    ("url", "image", *_ANSWER, "fetched_at"),
    "ON CONFLICT (url) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in ("image", *_ANSWER, "fetched_at"))
    + " WHERE fetched_row.image IS NULL",
    image=IMAGE,
    final_url="CASE WHEN :final_url = :url THEN '=' ELSE :final_url END",
)
_ATTACH = insert(
    "labelled_row", ("sighting", "image", "source", "rank"), "ON CONFLICT DO NOTHING",
    sighting=SIGHTING_ID, image=IMAGE,
)  # fmt: skip
_FATE = {
    "sha256": f"nullif({SHA256.format('i')}, '')",  # hex() of nothing is an empty text
    "final_url": "CASE WHEN f.final_url = '=' THEN f.url ELSE f.final_url END",
}


def add_image(cat: Catalogue, image: ImageRecord) -> None:
    """Record a picture whose file is already in place; one known stays where it is."""
    row = {name: getattr(image, name) for name in _PLAIN}
    cat.execute(_ADD, {**row, "sha256": blob(image.sha256), "added_at": seconds()})


def record_fate(cat: Catalogue, fate: Fate) -> None:
    """Record a URL's fate. A picture is final; a failure may be replaced by a later try."""
    sha256 = None if fate.sha256 is None else blob(fate.sha256)
    cat.execute(_SETTLE, values(fate, sha256=sha256, fetched_at=seconds()))


def fates(cat: Catalogue) -> dict[str, Fate]:
    """Every URL's fate, by URL."""
    return {fate.url: fate for fate in _fates(cat, "")}


def fate_of(cat: Catalogue, url: str) -> Fate | None:
    """One URL's fate, None where it has none yet."""
    return next(iter(_fates(cat, "WHERE f.url = ?", url)), None)


def _fates(cat: Catalogue, where: str, *given: str) -> list[Fate]:
    source = f"FROM fetched_row f LEFT JOIN image_row i ON i.id = f.image {where}"
    return read(cat, Fate, source, given, **_FATE)


def attach(
    cat: Catalogue, search: SearchRecord | Sighting, key: str, rank: int, sha256: str, source: str
) -> None:
    """Record which picture stands for the sighting `key` of a search, and where it came from."""
    row = {name: getattr(search, name) for name in ("label", "engine", "query")}
    cat.execute(
        _ATTACH, {**row, "key": key, "rank": rank, "sha256": blob(sha256), "source": source}
    )


def sources(cat: Catalogue) -> dict[tuple[str, str, str, str], tuple[str, str]]:
    """(label, engine, query, key) → (sha256, source) of the picture that stands for it."""
    rows = cat.each(
        f"SELECT q.label, q.engine, q.query, s.key, {SHA256.format('i')}, l.source "
        "FROM labelled_row l JOIN sighting_row s ON s.id = l.sighting "
        "JOIN search q ON q.id = s.search JOIN image_row i ON i.id = l.image"
    )
    return {(row[0], row[1], row[2], row[3]): (row[4], row[5]) for row in rows}


def detach_others(cat: Catalogue, sighting: Sighting, sha256: str) -> None:
    """Let no picture but `sha256` stand for a sighting: a better one came. Files stay."""
    row = {name: getattr(sighting, name) for name in ("label", "engine", "query", "key")}
    cat.execute(
        f"DELETE FROM labelled_row WHERE sighting = {SIGHTING_ID} AND image <> {IMAGE}",
        {**row, "sha256": blob(sha256)},
    )


def images(cat: Catalogue, only: Collection[int] | None = None) -> list[ImageRecord]:
    """Every picture (or those of these numbers) with its labels, in order of SHA-256.

    Labels are label → best rank.
    """
    these, given = among("l.image", only)
    labels: dict[int, dict[str, int]] = {}
    for image, label, rank in cat.each(
        "SELECT l.image, q.label, min(l.rank) FROM labelled_row l "
        f"JOIN sighting_row s ON s.id = l.sighting JOIN search q ON q.id = s.search WHERE {these} "
        "GROUP BY 1, 2",
        given,
    ):
        labels.setdefault(image, {})[label] = rank
    plain = ", ".join(_PLAIN)
    these, given = among("id", only)
    rows = cat.each(
        f"SELECT {SHA256.format('image_row')}, {plain}, id FROM image_row WHERE {these} "
        "ORDER BY sha256",
        given,
    )
    return [ImageRecord(a, b, c, d, labels.get(at, {})) for a, b, c, d, at in rows]


def numbers(cat: Catalogue, only: Collection[str] | None = None) -> dict[str, int]:
    """Each picture's number in the catalogue by its SHA-256; of these, or of all.

    Raises ValueError for what is no hexadecimal digest.
    """
    sql = f"SELECT {SHA256.format('image_row')}, id FROM image_row"
    if only is None:
        return dict(cat.each(sql))
    given = [blob(sha) for sha in only]
    found: dict[str, int] = {}
    for start in range(0, len(given), _AT_ONCE):
        some = given[start : start + _AT_ONCE]
        found |= cat.each(f"{sql} WHERE sha256 IN ({', '.join('?' * len(some))})", some)
    return found


def is_empty(cat: Catalogue) -> bool:
    """Whether the catalogue knows of no picture and no search, as if nothing had been done."""
    return not cat.value("SELECT EXISTS (SELECT 1 FROM image_row) OR EXISTS (SELECT 1 FROM search)")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What a file of the pool was when it was written: `added_at` is a second since 1970."""

    sha256: str
    path: str
    bytes: int
    added_at: int


def stored_files(cat: Catalogue) -> Iterator[StoredFile]:
    """The files that the pool is to hold; without those whose bytes were given up."""
    rows = cat.each(
        f"SELECT {SHA256.format('image_row')}, path, bytes, added_at FROM image_row "
        "WHERE freed_at IS NULL"
    )
    return (StoredFile(*row) for row in rows)


def stored_paths(cat: Catalogue) -> Iterator[str]:
    """The paths of `stored_files` alone."""
    return (row[0] for row in cat.each("SELECT path FROM image_row WHERE freed_at IS NULL"))


def image_path(cat: Catalogue, sha256: str) -> str | None:
    """Where a picture lies, None where it is not known."""
    found = cat.value("SELECT path FROM image_row WHERE sha256 = ?", (blob(sha256),))
    return None if found is None else str(found)


def is_freed(cat: Catalogue, sha256: str) -> bool:
    """Whether the bytes of a picture were given up, its record kept."""
    return bool(cat.value("SELECT freed_at FROM image_row WHERE sha256 = ?", (blob(sha256),)))


def path_taken(cat: Catalogue, path: str) -> bool:
    """Whether another picture lies at `path`."""
    return bool(cat.rows("SELECT 1 FROM image_row WHERE path = ?", (path,)))


def count_images(cat: Catalogue, label: str) -> int:
    """How many distinct pictures a label holds."""
    found = cat.value(
        "SELECT count(DISTINCT l.image) FROM labelled_row l "
        "JOIN sighting_row s ON s.id = l.sighting JOIN search q ON q.id = s.search "
        "WHERE q.label = ?",
        (label,),
    )
    return int(found or 0)
