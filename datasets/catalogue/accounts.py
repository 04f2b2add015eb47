"""What became of every sighting, counted by SQLite: for a table of 100,000 pictures at once.

Each picture is credited once within its label, to the query asked first, there to its best rank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .decisions import LIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .store import Catalogue

SEEN_AGAIN = "the same picture again"
_OTHER = "under label "  # followed by the label


@dataclass(frozen=True, slots=True)
class Account:
    """How many sightings of a search stopped before a column, and why.

    `stops` is valid, unique or kept; empty for those that are kept. `search` is its number.
    """

    search: int
    stops: str
    reason: str
    number: int


# The newest verdicts of a rule (r) and of a person (p) for every picture with any.
_STATE = f"""
    newest AS MATERIALIZED (
        SELECT image, max(CASE by WHEN 'rule' THEN id END) AS r,
            max(CASE by WHEN 'person' THEN id END) AS p
        FROM verdict_row WHERE {LIVE} GROUP BY image
    ),
    state AS MATERIALIZED (
        SELECT n.image, r.decision AS rule, r.reason AS why, p.decision AS person,
            coalesce(p.label, r.label) AS label, p.reason AS word
        FROM newest n LEFT JOIN verdict_row r ON r.id = n.r LEFT JOIN verdict_row p ON p.id = n.p
    )
"""
_SIGHTED = """
    asked AS MATERIALIZED (
        SELECT id, label, engine, min(id) OVER (PARTITION BY label, query) AS place FROM search
    ),
    sighted AS (
        SELECT q.id AS search, q.label, l.image, row_number() OVER (
            PARTITION BY q.label, l.image ORDER BY q.place, s.rank, q.engine, s.key
        ) AS nth
        FROM labelled_row l JOIN sighting_row s ON s.id = l.sighting
        JOIN asked q ON q.id = s.search
    )
"""
# A person's word beats a rule's: what they keep is valid and unique, what they drop is not kept.
_STOPS = f"""
    SELECT d.search, CASE
        WHEN u.image NOT NULL THEN 'valid:unreadable'
        WHEN f.image IS NULL THEN 'valid:not looked at yet'
        WHEN t.person IS NULL AND t.rule = 'drop' AND t.why NOT IN ('duplicate', 'label-conflict')
            THEN 'valid:' || t.why
        WHEN d.nth > 1 THEN 'unique:{SEEN_AGAIN}'
        WHEN t.person IS NULL AND t.rule = 'drop' AND t.why = 'duplicate' THEN 'unique:duplicate'
        WHEN t.person = 'drop' THEN 'kept:' || iif(t.word = 'undo', 'by an undo', 'by a person')
        WHEN t.person IS NULL AND t.rule = 'drop' THEN 'kept:' || t.why
        WHEN t.label NOT NULL AND t.label <> d.label THEN 'kept:{_OTHER}' || t.label
        ELSE ':' END AS stop, count(*)
    FROM sighted d LEFT JOIN facts_row f ON f.image = d.image
    LEFT JOIN unreadable_row u ON u.image = d.image LEFT JOIN state t ON t.image = d.image
    GROUP BY 1, 2
"""


def accounts(cat: Catalogue) -> Iterator[Account]:
    """What became of the sightings that a picture stands for, by search, column and reason."""
    for search, stop, number in cat.each(f"WITH {_STATE}, {_SIGHTED} {_STOPS}"):
        stops, _, reason = stop.partition(":")
        yield Account(search, stops, reason, number)


def gained(cat: Catalogue) -> dict[str, int]:
    """Label → pictures kept under it by decision though no search of that label showed them."""
    rows = cat.rows(
        f"WITH {_STATE} SELECT t.label, count(*) FROM state t "
        "JOIN facts_row f ON f.image = t.image "
        "WHERE t.label NOT NULL AND coalesce(t.person, t.rule) = 'keep' AND NOT EXISTS ("
        "SELECT 1 FROM labelled_row l JOIN sighting_row s ON s.id = l.sighting "
        "JOIN search q ON q.id = s.search WHERE l.image = t.image AND q.label = t.label) GROUP BY 1"
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A sighting without a picture: its label, what it says, whether it has an address, and the
    failure of one of them."""

    label: str
    title: str | None
    image_url: str | None
    page_url: str | None
    has_address: bool
    failure: str | None


def unfetched(cat: Catalogue) -> Iterator[Unfetched]:
    """The sightings that no picture stands for."""
    rows = cat.each(
        "SELECT q.label, s.title, s.image_url, s.page_url, "
        "coalesce(s.preview_url, s.image_url) NOT NULL, "
        "coalesce(p.failure, i.failure) FROM sighting_row s JOIN search q ON q.id = s.search "
        "LEFT JOIN fetched_row p ON p.url = s.preview_url "
        "LEFT JOIN fetched_row i ON i.url = s.image_url "
        "WHERE NOT EXISTS (SELECT 1 FROM labelled_row l WHERE l.sighting = s.id)"
    )
    return (
        Unfetched(label, title, image, page, bool(has), failure)
        for label, title, image, page, has, failure in rows
    )


def found_by_search(cat: Catalogue) -> dict[int, int]:
    """A search's number → its sightings."""
    rows = cat.rows("SELECT search, count(*) FROM sighting_row GROUP BY 1")
    return {row[0]: row[1] for row in rows}


def search_numbers(cat: Catalogue) -> dict[tuple[str, str, str], int]:
    """(label, engine, query) → a search's number."""
    rows = cat.rows("SELECT label, engine, query, id FROM search")
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def is_looked_at(cat: Catalogue) -> bool:
    """Whether any picture was measured, or could not be."""
    return bool(
        cat.value(
            "SELECT EXISTS (SELECT 1 FROM facts_row) OR EXISTS (SELECT 1 FROM unreadable_row)"
        )
    )


def ways(cat: Catalogue) -> dict[str, int]:
    """How pictures came (browser, http, inline, import) → how many addresses."""
    rows = cat.rows("SELECT via, count(*) FROM fetched_row WHERE image NOT NULL GROUP BY 1")
    return {row[0]: row[1] for row in rows}


def placed(cat: Catalogue) -> Mapping[str, Mapping[str, int]]:
    """Label → split → pictures, of the last tree that was built."""
    found: dict[str, dict[str, int]] = {}
    for label, split, number in cat.rows(
        "SELECT label, split, count(*) FROM placement_row GROUP BY 1, 2 ORDER BY 1, 2"
    ):
        found.setdefault(label, {})[split] = number
    return found
