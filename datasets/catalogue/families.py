"""The last dedupe's families, and what they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .images import numbers
from .rows import SHA256, among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .store import Catalogue


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A picture's place in the last dedupe.

    `split_group` is what it must share a split with (the smallest SHA-256 in it), None where the
    picture holds too little to be compared; `keeper` the picture it is a copy of, with the
    relation `exact`, `copy`, `moment` or `maybe` and the distances to that keeper.
    """

    sha256: str
    split_group: str | None
    keeper: str | None = None
    relation: str | None = None
    phash: int | None = None
    dhash: int | None = None
    difference: float | None = None


def put_members(cat: Catalogue, members: Sequence[MemberRow]) -> None:
    """Record the last dedupe's families, in place of the one before."""
    ids = numbers(cat)
    cat.execute("DELETE FROM member_row")
    cat.execute_many(
        "INSERT INTO member_row VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (ids[m.sha256], ids.get(m.split_group or ""), ids.get(m.keeper or ""), m.relation,
             m.phash, m.dhash, m.difference)
            for m in members
        ],
    )  # fmt: skip


def members(cat: Catalogue, only: Collection[int] | None = None) -> dict[str, MemberRow]:
    """The last dedupe's families, by sha256; `only` these pictures' rows, by number."""
    these, given = among("m.image", only)
    rows = cat.each(
        f"SELECT {SHA256.format('i')}, {SHA256.format('g')}, {SHA256.format('k')}, m.relation, "
        "m.phash, m.dhash, m.difference FROM member_row m JOIN image_row i ON i.id = m.image "
        "LEFT JOIN image_row g ON g.id = m.split_group LEFT JOIN image_row k ON k.id = m.keeper "
        f"WHERE {these} ORDER BY i.sha256",
        given,
    )
    # Without a row on its side, hex() of nothing is an empty text.
    return {
        row[0]: MemberRow(row[0], row[1] or None, row[2] or None, *tuple(row)[3:]) for row in rows
    }


class Beside(NamedTuple):
    """A picture that was found beside a keeper, by their numbers: the relation and how near.

    `difference` is that of their pixels, `hashes` that of both hashes; 0 where it is not known.
    """

    image: int
    keeper: int
    relation: str
    difference: float
    hashes: int


def beside_keepers(cat: Catalogue) -> list[Beside]:
    """Every picture that the last dedupe found beside a keeper."""
    rows = cat.each(
        "SELECT image, keeper, relation, coalesce(difference, 0), "
        "coalesce(phash, 0) + coalesce(dhash, 0) FROM member_row WHERE keeper NOT NULL"
    )
    return list(map(Beside._make, rows))


def copies(
    beside: Iterable[Beside], relations: Collection[str], place: Sequence[int]
) -> dict[int, list[int]]:
    """The pictures found beside each keeper in these relations, in the order of their `place`."""
    found: dict[int, list[int]] = {}
    listed = [one for one in beside if one.relation in relations]
    for one in sorted(listed, key=lambda one: place[one.image]):
        found.setdefault(one.keeper, []).append(one.image)
    return found


def setting(cat: Catalogue, name: str) -> str | None:
    """A value that belongs to the whole dataset, None where it was never set."""
    found = cat.value("SELECT value FROM setting WHERE name = ?", (name,))
    return None if found is None else str(found)


def put_setting(cat: Catalogue, name: str, value: str) -> None:
    """Set a value that belongs to the whole dataset."""
    cat.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
