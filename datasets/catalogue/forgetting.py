"""Forgetting pictures: what is known of them goes, a tombstone of hashes stays.

The one place that deletes rows. Tombstones hold digests and 64-bit hashes: nothing to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .images import FORGOTTEN
from .packing import BITS, blob, unpack
from .rows import SHA256
from .store import seconds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from .store import Catalogue

_HASHES = ("phash", "dhash")
Hashes = tuple[int, int]
SAME = 2  # bits that both hashes of an unconfirmed copy may be apart


@dataclass(frozen=True, slots=True)
class Provenance:
    """One address by which a picture is known: of its bytes, its preview or its page."""

    sha256: str
    url: str

    @property
    def host(self) -> str:
        """The address's host in lower case, empty where it has none."""
        try:
            return (urlsplit(self.url).hostname or "").lower()
        except ValueError:  # a bracket that opens no address
            return ""


def provenances(cat: Catalogue) -> Iterator[Provenance]:
    """Every address by which each picture is known."""
    sighted = " UNION ".join(
        f"SELECT l.image, s.{column} AS url FROM labelled_row l "
        f"JOIN sighting_row s ON s.id = l.sighting WHERE s.{column} NOT NULL"
        for column in ("image_url", "preview_url", "page_url")
    )
    rows = cat.each(
        f"SELECT {SHA256.format('i')}, u.url FROM ({sighted} "
        "UNION SELECT image, url FROM fetched_row WHERE image NOT NULL "
        "UNION SELECT image, final_url FROM fetched_row WHERE image NOT NULL "
        "AND final_url NOT NULL AND final_url <> '=') u JOIN image_row i ON i.id = u.image"
    )
    return (Provenance(sha, url) for sha, url in rows)


def hashes(cat: Catalogue) -> dict[str, Hashes]:
    """Digest → pHash and dHash of every picture that was measured."""
    names = {row[0]: row[1] for row in cat.rows("SELECT id, name FROM measure")}
    found: dict[str, Hashes] = {}
    for sha, packed in cat.each(
        f"SELECT {SHA256.format('i')}, f.fingerprints FROM facts_row f "
        "JOIN image_row i ON i.id = f.image"
    ):
        bits = unpack(BITS, packed, names)
        if all(name in bits for name in _HASHES):
            found[sha] = int(bits["phash"]), int(bits["dhash"])
    return found


def put_tombstones(cat: Catalogue, sha256s: Collection[str]) -> None:
    """Remember, by content, pictures that are never to come back."""
    known = hashes(cat)

    def packed(sha: str, at: int) -> bytes | None:
        return known[sha][at].to_bytes(8, "big") if sha in known else None

    cat.execute_many(
        "INSERT INTO forgotten VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(blob(sha), packed(sha, 0), packed(sha, 1), seconds()) for sha in sha256s],
    )


def is_forgotten(cat: Catalogue, sha256: str) -> bool:
    """Whether a picture was forgotten."""
    return bool(cat.rows("SELECT 1 FROM forgotten WHERE sha256 = ?", (blob(sha256),)))


def tombstone_hashes(cat: Catalogue) -> list[Hashes]:
    """pHash and dHash of what was forgotten, where it had been measured."""
    rows = cat.rows("SELECT phash, dhash FROM forgotten WHERE phash NOT NULL AND dhash NOT NULL")
    return [(int.from_bytes(row[0], "big"), int.from_bytes(row[1], "big")) for row in rows]


def is_same(one: Hashes, others: Iterable[Hashes]) -> bool:
    """Whether both hashes are within a few bits of those of another picture."""
    return any(
        (one[0] ^ other[0]).bit_count() <= SAME and (one[1] ^ other[1]).bit_count() <= SAME
        for other in others
    )


# What names a picture, in an order that foreign keys allow.
_NAMING = (
    *("DELETE FROM thumb WHERE image IN {}", "DELETE FROM facts_row WHERE image IN {}"),
    *("DELETE FROM unreadable_row WHERE image IN {}", "DELETE FROM verdict_row WHERE image IN {}"),
    *("DELETE FROM link WHERE a IN {0} OR b IN {0}", "DELETE FROM placement_row WHERE image IN {}"),
    *(
        "DELETE FROM pair_result WHERE a IN {0} OR b IN {0}",
        "DELETE FROM compared WHERE image IN {}",
    ),
    *("DELETE FROM feature WHERE image IN {}", "DELETE FROM label_finding WHERE image IN {}"),
    "DELETE FROM proposed_pair WHERE a IN {0} OR b IN {0}",
    "DELETE FROM member_row WHERE image IN {}",
    "UPDATE member_row SET keeper = NULL, relation = NULL WHERE keeper IN {}",
    # A split group goes by one of its pictures: where that one goes, by another.
    """
    UPDATE member_row SET split_group = (SELECT min(o.image) FROM member_row o
        WHERE o.split_group = member_row.split_group) WHERE split_group IN {}
    """,
)


def delete(cat: Catalogue, sha256s: Collection[str]) -> None:
    """Delete all that is known of pictures, but for their addresses, which are not asked again.

    What is deleted is written over, so that nothing of it is left in the file.
    """
    cat.execute("PRAGMA secure_delete = ON")
    cat.execute("CREATE TEMP TABLE IF NOT EXISTS going (id INTEGER PRIMARY KEY)")
    cat.execute("DELETE FROM going")
    cat.execute_many(
        "INSERT INTO going SELECT id FROM image_row WHERE sha256 = ?",
        [(blob(sha),) for sha in sha256s],
    )
    going = "(SELECT id FROM going)"
    for statement in _NAMING:
        cat.execute(statement.format(going))
    seen = f"SELECT sighting FROM labelled_row WHERE image IN {going}"
    for column in ("image_url", "preview_url"):
        _forget_addresses(cat, f"SELECT {column} FROM sighting_row WHERE id IN ({seen})")
    _forget_addresses(cat, f"SELECT url FROM fetched_row WHERE image IN {going}")
    cat.execute(
        f"UPDATE sighting_row SET title = NULL, page_url = NULL, creator = NULL, "
        f"creator_url = NULL WHERE id IN ({seen})"
    )
    cat.execute(f"DELETE FROM labelled_row WHERE image IN {going}")
    cat.execute(f"DELETE FROM image_row WHERE id IN {going}")


def forget_address(cat: Catalogue, url: str) -> None:
    """Never ask for an address again, whether a picture came from it or not."""
    _forget_addresses(cat, "SELECT :url", {"url": url})


def _forget_addresses(
    cat: Catalogue, addresses: str, given: Mapping[str, str] | None = None
) -> None:
    cat.execute(
        "INSERT INTO fetched_row (url, failure, via, fetched_at) "
        f"SELECT url, '{FORGOTTEN}', 'http', {seconds():d} "
        f"FROM (SELECT NULL AS url WHERE 0 UNION {addresses}) "
        "WHERE url NOT NULL ON CONFLICT (url) DO UPDATE SET image = NULL, "
        f"failure = '{FORGOTTEN}', status = NULL, final_url = NULL, content_type = NULL, "
        "x_robots_tag = NULL, etag = NULL, last_modified = NULL",
        given or {},
    )


def mark_freed(cat: Catalogue, sha256s: Collection[str]) -> None:
    """Record that the bytes of pictures were given up; their records stay."""
    cat.execute_many(
        "UPDATE image_row SET freed_at = ? WHERE sha256 = ?",
        [(seconds(), blob(sha)) for sha in sha256s],
    )


def freed(cat: Catalogue) -> set[str]:
    """The pictures whose bytes were given up."""
    rows = cat.rows(f"SELECT {SHA256.format('i')} FROM image_row i WHERE i.freed_at NOT NULL")
    return {row[0] for row in rows}
