"""What a person can be shown, and in which order: pictures by their numbers in the catalogue.

For 100,000 pictures at once: each table is read in the order in which it lies on disk, digests
are sorted by their index, and what is kept of a picture is a few bytes. What a page says of its
pictures is read when that page is shown.
"""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .decisions import NO_LOOK, newest_states
from .packing import SCORE
from .rows import among, columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .store import Catalogue

_NO_RANK = 1 << 62
_LABELS = 1 << 20  # more labels than any dataset has
_IDS = 1 << 16  # a packed score names its check by two bytes


@dataclass(frozen=True, slots=True)
class ShownImages:
    """The pictures that can be shown (measured, and on disk), and what is known of each now.

    `by_label` lists them by label, then by SHA-256, as both were when they were read. The others
    are indexed by a picture's number: its `place` in the order of all SHA-256, whether it `can_be`
    shown, its `label` (empty for none), the
    label it is `placed` under and its `split` in the tree (None for neither), whether it is
    `dropped`, whether a person has `decided`, whether they `looked` at what it shows, and whether
    they found its placement `wrong`.
    """

    by_label: Sequence[int]
    place: Sequence[int]
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
    place = array("q", bytes(8 * size))
    made = ShownImages(
        by_label, place, bytearray(size), [""] * size, placed, split,
        bytearray(size), bytearray(size), bytearray(size), bytearray(size),
    )  # fmt: skip
    (in_order,) = columns(cat, ["id"], "FROM (SELECT id FROM image_row ORDER BY sha256)", {})
    for at, number in enumerate(in_order):
        place[number] = at
        made.can_be[number] = True
    for (number,) in cat.each(
        "SELECT id FROM image_row i WHERE freed_at NOT NULL "
        "OR NOT EXISTS (SELECT 1 FROM facts_row f WHERE f.image = i.id)"
    ):
        made.can_be[number] = False
    for label, part, numbers in cat.each(
        "SELECT label, split, json_group_array(image) FROM placement_row GROUP BY 1, 2"
    ):
        for number in json.loads(numbers):
            placed[number], split[number] = label, part
    read_again(cat, made)
    buckets: dict[str, list[int]] = {}
    for number in in_order:
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
    # CROSS JOIN: both tables are read in the order in which they lie on disk.
    source = f"FROM labelled_row l CROSS JOIN sighting_row s ON s.id = l.sighting WHERE {these}"
    found = columns(cat, ("l.image", "l.rank", "s.search"), source, given)
    for number, rank, search in zip(*found, strict=True):
        order = rank * _LABELS + places[search]
        if order < best.get(number, _NO_RANK):
            best[number] = order
    return ((number, names[order % _LABELS]) for number, order in best.items())


def ruled(cat: Catalogue, why: str) -> list[int]:
    """Pictures that a rule decided about for a reason, none of a person's; dropped ones first."""
    rows = cat.rows(
        f"WITH {newest_states()} SELECT t.image FROM state t JOIN image_row i ON i.id = t.image "
        "WHERE t.why = ? AND t.person IS NULL ORDER BY t.rule = 'keep', i.sha256",
        (why,),
    )
    return [row[0] for row in rows]


def beyond(
    cat: Catalogue,
    limits: Mapping[str, tuple[Literal["below", "above"], float]],
    place: Sequence[int],
) -> list[int]:
    """The pictures with a score below or above its check's limit, nearest to a limit first.

    Nearness is the distance as a share of the limit; of equals, the order is that of `place`.
    """
    import numpy as np

    names = {row[1]: row[0] for row in cat.rows("SELECT id, name FROM measure")}
    numbers, blobs = [], []
    for number, packed in cat.each("SELECT image, scores FROM facts_row"):
        numbers.append(number)
        blobs.append(packed)
    scores = np.frombuffer(b"".join(blobs), dtype=[("id", "<u2"), ("score", "<f8")])
    low, high = np.full(_IDS, -np.inf), np.full(_IDS, np.inf)
    for name in limits.keys() & names.keys():
        direction, limit = limits[name]
        (low if direction == "below" else high)[names[name]] = limit
    check, score = scores["id"], scores["score"]
    outside = np.flatnonzero((score < low[check]) | (score > high[check]))
    check, score = check[outside], score[outside]
    limit_of = np.where(low[check] == -np.inf, high[check], low[check])
    distance = np.abs(score - limit_of) / np.where(limit_of == 0, 1.0, np.abs(limit_of))
    ends = np.cumsum([len(packed) // SCORE.size for packed in blobs])
    nearest = np.full(len(numbers), np.inf)
    np.minimum.at(nearest, np.searchsorted(ends, outside, side="right"), distance)
    found = np.flatnonzero(nearest < np.inf).tolist()
    return [numbers[at] for at in sorted(found, key=lambda at: (nearest[at], place[numbers[at]]))]
