"""What was measured in each picture, and by which versions of the measurements.

A picture is measured anew only where a version is missing: `unmeasured` names those pictures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .packing import BITS, SCORE, blob, crc, pack, parts, unpack
from .rows import IMAGE, SHA256, among, insert

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ...curation.errors import Unreadable
    from ...curation.images.facts import Facts
    from .store import Catalogue

ALTERED = "altered"  # why a picture is unreadable whose file holds another one

_PLAIN = (
    *("format", "width", "height", "mode", "orientation", "frames", "has_alpha", "gray"),
    *("jpeg_quality", "trainable"),
)
_FACTS = insert(
    "facts_row",
    (
        *("image", *_PLAIN, "trimmed_width", "trimmed_height"),
        *("fingerprints", "scores", "measuring"),
    ),
    image=IMAGE,
).replace("INSERT", "INSERT OR REPLACE", 1)
_THUMB = insert("thumb", ("image", "head", "rest", "crc"), image=IMAGE).replace(
    "INSERT", "INSERT OR REPLACE", 1
)


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A picture to look at: `missing` are the measurements it lacks, empty for all of them."""

    sha256: str
    path: str
    missing: tuple[str, ...] = ()


def unmeasured(cat: Catalogue, current: Mapping[str, int] | None = None) -> list[Unmeasured]:
    """Pictures that lack a measurement of the `current` versions (name → version).

    None asks for pictures that were never looked at. A file that held another picture is asked for
    again with any: its own may have come back.
    """
    wanted = dict(current or {})
    stale: dict[int, tuple[str, ...]] = {}
    for number, versions in cat.rows("SELECT id, versions FROM measuring"):
        known = json.loads(versions)
        missing = tuple(sorted(name for name, v in wanted.items() if known.get(name) != v))
        if missing:
            stale[number] = missing
    rows = cat.each(
        f"SELECT {SHA256.format('i')}, i.path, coalesce(f.measuring, u.measuring), u.why "
        "FROM image_row i LEFT JOIN facts_row f ON f.image = i.id "
        "LEFT JOIN unreadable_row u ON u.image = i.id "
        "WHERE i.freed_at IS NULL ORDER BY i.sha256"
    )
    return [
        Unmeasured(sha, path, stale.get(by, ()))
        for sha, path, by, why in rows
        if by is None or by in stale or (wanted and why == ALTERED)
    ]


def put_facts(cat: Catalogue, facts: Facts, versions: Mapping[str, int] | None = None) -> None:
    """Record what was measured in one picture, in place of what was measured before."""
    measures = _measures(cat, {*facts.fingerprints, *facts.scores})
    row = {name: getattr(facts, name) for name in _PLAIN}
    sha256 = blob(facts.sha256)
    _drop(cat, sha256, "unreadable_row", "thumb")
    cat.execute(
        _FACTS,
        {
            **row,
            "sha256": sha256,
            "trimmed_width": facts.trimmed[0],
            "trimmed_height": facts.trimmed[1],
            "fingerprints": pack(BITS, ((measures[k], v) for k, v in facts.fingerprints.items())),
            "scores": pack(SCORE, ((measures[k], float(v)) for k, v in facts.scores.items())),
            "measuring": _measuring(cat, versions or {}),
        },
    )
    head, rest = parts(facts.thumb)
    cat.execute(_THUMB, {"sha256": sha256, "head": _interned(cat, "thumb_head", "bytes", head),
                         "rest": rest, "crc": crc(facts.thumb)})  # fmt: skip


def put_unreadable(
    cat: Catalogue, sha256: str, fault: Unreadable, versions: Mapping[str, int] | None = None
) -> None:
    """Record that a picture cannot be decoded: it has no facts and is no duplicate."""
    _drop(cat, blob(sha256), "thumb", "facts_row")
    sql = insert("unreadable_row", ("image", "why", "detail", "measuring"), image=IMAGE)
    cat.execute(
        sql.replace("INSERT", "INSERT OR REPLACE", 1),
        {
            "sha256": blob(sha256),
            "why": fault.why,
            "detail": fault.detail,
            "measuring": _measuring(cat, versions or {}),
        },
    )


def unreadable(cat: Catalogue) -> dict[str, str]:
    """What cannot be decoded: sha256 → why."""
    rows = cat.rows(
        f"SELECT {SHA256.format('i')}, u.why FROM unreadable_row u "
        "JOIN image_row i ON i.id = u.image ORDER BY i.sha256"
    )
    return {row[0]: row[1] for row in rows}


def measured(cat: Catalogue) -> set[str]:
    """The pictures that could be decoded and measured, and have their bytes still, by sha256."""
    rows = cat.each(
        f"SELECT {SHA256.format('i')} FROM facts_row f JOIN image_row i ON i.id = f.image "
        "WHERE i.freed_at IS NULL"
    )
    return {row[0] for row in rows}


def each_facts(
    cat: Catalogue, *, thumbs: bool = True, only: Collection[int] | None = None
) -> Iterator[Facts]:
    """Everything measured, by sha256; without thumbs each has an empty one, and none is read.

    A thumb that was damaged on disk is empty, too: its picture has to be measured anew. `only`
    leaves out the pictures of other numbers.
    """
    from ...curation.images.facts import Facts

    names = {row[0]: row[1] for row in cat.rows("SELECT id, name FROM measure")}
    heads = {row[0]: row[1] for row in cat.rows("SELECT id, bytes FROM thumb_head")}
    plain = ", ".join(f"f.{name}" for name in _PLAIN)
    these, given = among("f.image", only)
    joined = "JOIN thumb t ON t.image = f.image" if thumbs else ""
    rows = cat.each(
        f"SELECT {SHA256.format('i')}, i.bytes, {plain}, f.trimmed_width, f.trimmed_height, "
        f"f.fingerprints, f.scores, {'t.head, t.rest, t.crc' if thumbs else 'NULL, NULL, NULL'} "
        f"FROM facts_row f JOIN image_row i ON i.id = f.image {joined} "
        f"WHERE i.freed_at IS NULL AND {these} ORDER BY i.sha256",
        given,
    )
    for sha, size, *rest in rows:
        values = dict(zip(_PLAIN, rest, strict=False))
        values |= {name: bool(values[name]) for name in ("has_alpha", "gray")}
        trim_width, trim_height, bits, scores, head, tail, checksum = rest[len(_PLAIN) :]
        thumb = heads[head] + tail if thumbs else b""
        yield Facts(
            sha256=sha,
            bytes=size,
            **values,
            trimmed=(trim_width, trim_height),
            fingerprints=unpack(BITS, bits, names),  # type: ignore[arg-type]  # 64-bit integers
            scores=unpack(SCORE, scores, names),
            thumb=thumb if crc(thumb) == checksum else b"",
        )


def versions_digest(cat: Catalogue) -> str:
    """What changes whenever a picture is measured by another version: JSON."""
    rows = cat.rows(
        "SELECT m.versions, count(*) FROM facts_row f JOIN measuring m ON m.id = f.measuring "
        "GROUP BY 1 ORDER BY 1"
    )
    return json.dumps([list(row) for row in rows])


def _drop(cat: Catalogue, sha256: bytes, *tables: str) -> None:
    for table in tables:
        cat.execute(f"DELETE FROM {table} WHERE image = {IMAGE}", {"sha256": sha256})


def _measures(cat: Catalogue, wanted: set[str]) -> dict[str, int]:
    known = {row[1]: row[0] for row in cat.rows("SELECT id, name FROM measure")}
    for name in sorted(wanted - known.keys()):
        known[name] = cat.insert("INSERT INTO measure (name) VALUES (?)", (name,))
    return known


def _measuring(cat: Catalogue, versions: Mapping[str, int]) -> int:
    text = json.dumps(dict(versions), sort_keys=True, separators=(",", ":"))
    return _interned(cat, "measuring", "versions", text)


def _interned(cat: Catalogue, table: str, column: str, value: str | bytes) -> int:
    found = cat.value(f"SELECT id FROM {table} WHERE {column} = ?", (value,))
    if found is None:
        return cat.insert(f"INSERT INTO {table} ({column}) VALUES (?)", (value,))
    return int(found)
