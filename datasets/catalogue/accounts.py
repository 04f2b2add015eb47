"""What became of every sighting, for 100,000 pictures at once.

Each picture is credited once within its label, to the query asked first, there to its best rank.
Most are shown once and kept: those are counted by SQLite alone, and only the others are read.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .decisions import newest_states
from .rows import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from .store import Catalogue, Value

SEEN_AGAIN = "the same picture again"
NOT_LOOKED_AT = "not looked at yet"
FILE_MISSING = "file missing"
_OTHER = "under label "  # followed by the label


@dataclass(frozen=True, slots=True)
class Account:
    """How many sightings of a search stopped before a column, and why.

    `stops` is valid, unique or kept, `search` its number.
    """

    search: int
    stops: str
    reason: str
    number: int


class _Picture(NamedTuple):
    """What was decided about one picture: by a rule, and by a person."""

    rule: str | None = None
    why: str | None = None
    person: str | None = None
    word: str | None = None
    label: str | None = None


_UNDECIDED = _Picture()
_LATE = ("duplicate", "label-conflict")  # drops that say nothing against the picture itself


def accounts(cat: Catalogue, gone: Collection[str] = ()) -> list[Account]:
    """Where the sightings stopped that a picture stands for and that are not kept, and why.

    `gone` are the paths of pictures whose file is not there.
    """
    unseen = _unseen(cat) | dict.fromkeys(_at(cat, gone), FILE_MISSING)
    often = cat.each("SELECT image FROM labelled_row GROUP BY image HAVING count(*) > 1")
    these, given = among("image", {*unseen, *(image for (image,) in often)})
    counts = _shown_once(cat, f"NOT {these}", given)
    states = {
        image: _Picture(*decided)
        for image, *decided in cat.each(f"WITH {newest_states(these)} SELECT * FROM state", given)
    }
    for image, sightings in _sightings(cat, these, given).items():
        state = states.get(image, _UNDECIDED)
        early = unseen.get(image) or _unfit(state)
        credited: set[str] = set()
        for *_, search, label in sorted(sightings):
            if early:
                counts[search, "valid", early] += 1
            elif label in credited:
                counts[search, "unique", SEEN_AGAIN] += 1
            else:
                credited.add(label)
                counts[(search, *_stop(state, label))] += 1
    return [Account(*stop, number) for stop, number in sorted(counts.items()) if stop[1]]


def _shown_once(
    cat: Catalogue, these: str, given: Mapping[str, Value]
) -> Counter[tuple[int, str, str]]:
    """Where the sightings of these pictures stopped, of which each has one and was looked at."""
    counts: Counter[tuple[int, str, str]] = Counter()
    for search, label, *decided, number in cat.each(
        f"WITH {newest_states(these)} "
        "SELECT q.id, q.label, t.rule, t.why, t.person, t.word, t.label, count(*) FROM state t "
        "JOIN labelled_row l ON l.image = t.image JOIN sighting_row s ON s.id = l.sighting "
        "JOIN search q ON q.id = s.search GROUP BY s.search, 3, 4, 5, 6, 7",
        given,
    ):
        state = _Picture(*decided)
        early = _unfit(state)
        counts[(search, *(("valid", early) if early else _stop(state, label)))] += number
    return counts


def _unseen(cat: Catalogue) -> dict[int, str]:
    """Pictures that were not measured, and why."""
    if cat.value("SELECT count(*) FROM image_row") == cat.value("SELECT count(*) FROM facts_row"):
        return {}
    rows = cat.each(
        "SELECT i.id, u.image NOT NULL FROM image_row i LEFT JOIN unreadable_row u "
        "ON u.image = i.id WHERE NOT EXISTS (SELECT 1 FROM facts_row f WHERE f.image = i.id)"
    )
    return {image: "unreadable" if bad else NOT_LOOKED_AT for image, bad in rows}


def _at(cat: Catalogue, paths: Collection[str]) -> list[int]:
    """The pictures at these paths."""
    if not paths:
        return []
    given = {"paths": json.dumps(list(paths))}
    rows = cat.each(
        "SELECT id FROM image_row WHERE path IN (SELECT value FROM json_each(:paths))", given
    )
    return [image for (image,) in rows]


def _sightings(
    cat: Catalogue, these: str, given: Mapping[str, Value]
) -> dict[int, list[tuple[int, int, str, int, str]]]:
    """Picture → what showed it: a search's place, the rank in it, its engine, number and label.

    Sorted, they are in order of credit.
    """
    found: dict[int, list[tuple[int, int, str, int, str]]] = defaultdict(list)
    for image, *sighting in cat.each(
        "SELECT image, q.place, s.rank, q.engine, q.id, q.label FROM labelled_row l "
        "JOIN sighting_row s ON s.id = l.sighting JOIN (SELECT id, engine, label, "
        "min(id) OVER (PARTITION BY label, query) AS place FROM search) q ON q.id = s.search "
        f"WHERE {these}",
        given,
    ):
        found[image].append(tuple(sighting))
    return found


def _unfit(state: _Picture) -> str | None:
    """What a check has against a picture; a person who keeps it has nothing against it."""
    if state.person is None and state.rule == "drop" and state.why not in _LATE:
        return state.why
    return None


def _stop(state: _Picture, label: str) -> tuple[str, str]:
    """The column that a sound picture does not reach, and why; empty where it is kept."""
    if state.person == "drop":
        return "kept", "by an undo" if state.word == "undo" else "by a person"
    if state.person is None and state.rule == "drop":
        return ("unique" if state.why == "duplicate" else "kept"), str(state.why)
    if state.label is not None and state.label != label:
        return "kept", f"{_OTHER}{state.label}"
    return "", ""


def gained(cat: Catalogue, gone: Collection[str] = ()) -> dict[str, int]:
    """Label → pictures kept under it by decision though no search of that label showed them.

    `gone` as of `accounts`.
    """
    there, these = among("t.image", _at(cat, gone))
    given = "image IN (SELECT image FROM verdict_row WHERE label NOT NULL)"
    rows = cat.rows(
        f"WITH {newest_states(given)} SELECT t.label, count(*) FROM state t "
        f"JOIN facts_row f ON f.image = t.image WHERE NOT {there} "
        "AND t.label NOT NULL AND coalesce(t.person, t.rule) = 'keep' AND NOT EXISTS ("
        "SELECT 1 FROM labelled_row l JOIN sighting_row s ON s.id = l.sighting "
        "JOIN search q ON q.id = s.search WHERE l.image = t.image AND q.label = t.label) "
        "GROUP BY 1",
        these,
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Unfetched:
    """A sighting without a picture: its search's number and label, what it says, whether it has
    an address, and the failure of one of them."""

    search: int
    label: str
    title: str | None
    image_url: str | None
    page_url: str | None
    has_address: bool
    failure: str | None


def unfetched(cat: Catalogue) -> Iterator[Unfetched]:
    """The sightings that no picture stands for."""
    rows = cat.each(
        "SELECT q.id, q.label, s.title, s.image_url, s.page_url, "
        "coalesce(s.preview_url, s.image_url) NOT NULL, "
        # A file that was imported has no address, and was taken: only `forget` takes it away.
        "coalesce(p.failure, i.failure, iif(q.engine = 'import', 'forgotten', NULL)) "
        "FROM sighting_row s JOIN search q ON q.id = s.search "
        "LEFT JOIN fetched_row p ON p.url = s.preview_url "
        "LEFT JOIN fetched_row i ON i.url = s.image_url "
        "WHERE NOT EXISTS (SELECT 1 FROM labelled_row l WHERE l.sighting = s.id)"
    )
    return (
        Unfetched(search, label, title, image, page, bool(has), failure)
        for search, label, title, image, page, has, failure in rows
    )


def found_by_search(cat: Catalogue) -> dict[int, int]:
    """A search's number → its sightings."""
    rows = cat.rows("SELECT search, count(*) FROM sighting_row GROUP BY 1")
    return {row[0]: row[1] for row in rows}


def fetched_by_search(
    cat: Catalogue, found: Mapping[int, int], bare: Mapping[int, int]
) -> dict[int, int]:
    """A search's number → the pictures that stand for its sightings.

    `found` are all its sightings, `bare` those without a picture.
    """
    fetched = {search: number - bare.get(search, 0) for search, number in found.items()}
    if sum(fetched.values()) == cat.value("SELECT count(*) FROM labelled_row"):
        return fetched
    rows = cat.rows(  # several pictures stand for one sighting
        "SELECT s.search, count(*) FROM labelled_row l "
        "CROSS JOIN sighting_row s ON s.id = l.sighting GROUP BY 1"
    )
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
