"""What a person can be shown, and in which order: pictures by their numbers in the catalogue.

For 100,000 pictures at once: each table is read in the order in which it lies on disk, digests
are sorted by their index, and what is kept of a picture is a few bytes. What a page says of its
pictures is read when that page is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .decisions import NO_LOOK, newest_states
from .packing import SCORE
from .rows import among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .store import Catalogue

_NO_RANK = 1 << 62
_LABELS = 1 << 20  # more labels than any dataset has


@dataclass(frozen=True, slots=True)
class ShownImages:
    """The pictures that can be shown (measured, and on disk), and what is known of each now.

    `by_label` lists them by label, then by SHA-256, as both were when they were read. The others
    are indexed by a picture's number: whether it `can_be` shown, its `label` (empty for none), the
    label it is `placed` under and its `split` in the tree (None for neither), whether it is
    `dropped`, whether a person has `decided`, whether they `looked` at what it shows, and whether
    they found its placement `wrong`.
    """

    by_label: Sequence[int]
    can_be: bytearray
    label: list[str]
    placed: list[str | None]
    split: list[str | None]
    dropped: bytearray
    decided: bytearray
    looked: bytearray
    wrong: bytearray

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and number < len(self.can_be) and bool(self.can_be[number])


def shown(cat: Catalogue) -> ShownImages:
    """Every picture that can be shown, as it stands now."""
    size = int(cat.value("SELECT max(id) FROM image_row") or 0) + 1
    placed: list[str | None] = [None] * size
    split: list[str | None] = [None] * size
    by_label: list[int] = []
    made = ShownImages(
        by_label, bytearray(size), [""] * size, placed, split,
        bytearray(size), bytearray(size), bytearray(size), bytearray(size),
    )  # fmt: skip
    for (number,) in cat.each("SELECT image FROM facts_row"):
        made.can_be[number] = True
    for (number,) in cat.each("SELECT id FROM image_row WHERE freed_at NOT NULL"):
        made.can_be[number] = False
    names: dict[str, str] = {}  # one text for all the pictures of a label
    for number, label, part in cat.each("SELECT image, label, split FROM placement_row"):
        placed[number], split[number] = names.setdefault(label, label), names.setdefault(part, part)
    read_again(cat, made)
    buckets: dict[str, list[int]] = {}
    for (number,) in cat.each("SELECT id FROM image_row ORDER BY sha256"):
        if made.can_be[number]:
            buckets.setdefault(made.label[number], []).append(number)
    by_label.extend(number for label in sorted(buckets) for number in buckets[label])
    return made


def read_again(cat: Catalogue, made: ShownImages, only: Collection[int] | None = None) -> None:
    """Read what was decided about pictures (`only` these) and the labels they have by it."""
    for number in only or ():
        made.label[number] = ""
        made.dropped[number] = made.decided[number] = False
        made.looked[number] = made.wrong[number] = False
    for number, best in _best_labels(cat, only):
        made.label[number] = best
    these, given = among("image", only)
    names: dict[str, str] = {}
    states = cat.each(f"WITH {newest_states(these)} SELECT * FROM state", given)
    for number, rule, _, person, word, label in states:
        made.dropped[number] = (person or rule) == "drop"
        if label:
            made.label[number] = names.setdefault(label, label)
        if person:
            made.decided[number] = True
            made.looked[number] = word not in NO_LOOK
            right = person == "keep" and (label or None) in (None, made.placed[number])
            made.wrong[number] = (
                made.looked[number] and made.placed[number] is not None and not right
            )


def _best_labels(cat: Catalogue, only: Collection[int] | None) -> Iterator[tuple[int, str]]:
    """Each picture's number with the label that ranks it best; of equals, the first by name."""
    searches = cat.rows("SELECT id, label FROM search")
    names = sorted({row[1] for row in searches})
    places = {number: names.index(label) for number, label in searches}
    these, given = among("l.image", only)
    best: dict[int, int] = {}
    for number, rank, search in cat.each(
        "SELECT l.image, l.rank, s.search FROM labelled_row l "
        f"JOIN sighting_row s ON s.id = l.sighting WHERE {these}",
        given,
    ):
        order = rank * _LABELS + places[search]
        if order < best.get(number, _NO_RANK):
            best[number] = order
    return ((number, names[order % _LABELS]) for number, order in best.items())


def possible_copies(cat: Catalogue, relations: Collection[str]) -> list[tuple[int, int]]:
    """Pictures with the keeper that each may be a copy of, likeliest first.

    By the difference of their pixels, then of their hashes; `relations` are those to list.
    """
    marks = ", ".join("?" * len(relations))
    rows = cat.rows(
        "SELECT m.image, m.keeper FROM member_row m JOIN image_row i ON i.id = m.image "
        f"WHERE m.keeper NOT NULL AND m.relation IN ({marks}) "
        "ORDER BY coalesce(m.difference, 0), coalesce(m.phash, 0) + coalesce(m.dhash, 0), i.sha256",
        tuple(relations),
    )
    return [(row[0], row[1]) for row in rows]


def ruled(cat: Catalogue, why: str) -> list[int]:
    """Pictures that a rule decided about for a reason, none of a person's; dropped ones first."""
    rows = cat.rows(
        f"WITH {newest_states()} SELECT t.image FROM state t JOIN image_row i ON i.id = t.image "
        "WHERE t.why = ? AND t.person IS NULL ORDER BY t.rule = 'keep', i.sha256",
        (why,),
    )
    return [row[0] for row in rows]


def beyond(
    cat: Catalogue, limits: Mapping[str, tuple[Literal["below", "above"], float]]
) -> list[int]:
    """The pictures with a score below or above its check's limit, nearest to a limit first.

    Nearness is the distance as a share of the limit.
    """
    import numpy as np

    names = {row[1]: row[0] for row in cat.rows("SELECT id, name FROM measure")}
    numbers, blobs = [], []
    for number, packed in cat.each("SELECT image, scores FROM facts_row"):
        numbers.append(number)
        blobs.append(packed)
    scores = np.frombuffer(b"".join(blobs), dtype=[("id", "<u2"), ("score", "<f8")])
    owner = np.repeat(np.arange(len(numbers)), [len(packed) // SCORE.size for packed in blobs])
    nearest = np.full(len(numbers), np.inf)
    for name, (direction, limit) in limits.items():
        of_check = scores["id"] == names.get(name, 0)
        score, at = scores["score"][of_check], owner[of_check]
        found = score < limit if direction == "below" else score > limit
        distance = np.abs(score[found] - limit) / (abs(limit) or 1.0)
        np.minimum.at(nearest, at[found], distance)
    near = {numbers[at]: nearest[at] for at in np.flatnonzero(nearest < np.inf).tolist()}
    these, given = among("id", near)
    rows = cat.rows(f"SELECT id FROM image_row WHERE {these} ORDER BY sha256", given)
    return sorted((row[0] for row in rows), key=near.__getitem__)
