"""Crowds: many pictures of one template, each about something else.

Screenshots of one page, receipts of one shop, barcodes, plates from above: every one is near every
other in some fingerprint, and something small differs. Two such pictures are a pair to ask a person
about; of a hundred there are five thousand pairs, and one split group that nothing can split. What
they all share is their kind. A picture is what it has beyond that, and its copies have that as
well.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import numpy as np

from .candidates import connected
from .crowd_thresholds import CROWD
from .filters import blurred, luma
from .hamming import collapse, self_join
from .pair_result import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ..arrays import Mask, Places
    from ..images.facts import Facts
    from .pixel_source import PixelSource

    Rows = NDArray[np.floating[Any]]


DRAWINGS = {"phash": CROWD.phash}
ANYTHING = {"phash": CROWD.phash, "dhash": CROWD.dhash}


def crowds(facts: Sequence[Facts], places: Places, radii: Mapping[str, int]) -> Iterator[list[int]]:
    """Those of places that are many of one outline, in the order of their digests.

    `radii`: bits between neighbours in each fingerprint that may join them. A function of the
    pictures alone: what is remembered of their pairs makes no difference.
    """
    everyone = np.arange(len(places))
    first = [
        _first_of_its_group([facts[place].fingerprints.get(name, 0) for place in places], radius)
        for name, radius in radii.items()
    ]
    groups = connected(len(places), np.concatenate(first), np.tile(everyone, len(first)))
    members: dict[int, list[int]] = defaultdict(list)
    for group, place in zip(groups.tolist(), places.tolist(), strict=True):
        members[group].append(place)
    for some in members.values():
        if len(some) >= CROWD.least:
            yield sorted(some, key=lambda place: facts[place].sha256)


def _first_of_its_group(hashes: Sequence[int], radius: int) -> Places:
    """Of each hash the place of the first that it is joined with, directly or not."""
    nodes, node, _ = collapse(np.array(hashes, np.uint64))
    near = self_join(nodes, radius)
    groups = connected(len(nodes), near.left, near.right)[node]
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    found: Places = first[group]
    return found


def sampled(crowd: Sequence[int]) -> list[tuple[int, int]]:
    """The pairs of a crowd that tell what it is: a few dozen, neighbours in its order."""
    return list(islice(pairwise(crowd), CROWD.asked))


def of_one_template(kinds: Sequence[Kind]) -> bool:
    """Whether a crowd is of one template: neither one picture's versions nor clearly others.

    `kinds` are what the pixels of its sampled pairs say.
    """
    doubts = sum(kind in (Kind.MAYBE, Kind.LOOSE) for kind in kinds)
    others = sum(kind is Kind.OTHER for kind in kinds)
    copies = len(kinds) - doubts - others
    return doubts >= CROWD.doubts * len(kinds) and copies <= CROWD.copies * len(kinds)


class Template:
    """A crowd of one template, and which of its pictures have only that in common."""

    def __init__(self, crowd: Sequence[int], source: PixelSource, cells: NDArray[np.uint8]) -> None:
        """`cells` are 16 x 16 x 3 of each picture: brightness and two colours."""
        self._order = np.argsort(crowd)
        self._places = np.array(crowd)[self._order]
        known = np.ones(len(crowd), dtype=bool)
        own = np.zeros(
            (len(crowd), CROWD.side**2 // CROWD.folds + cells[0, ..., 1:].size), np.float32
        )
        for at, place in enumerate(crowd):
            found = source.closely(place, CROWD.side)
            if found is None:
                known[at] = False
            else:
                own[at] = _described(found, cells[at])
        parts = max(1, round(len(crowd) / CROWD.most))
        for part in range(parts):
            own[part::parts] = _without_what_is_shared(own[part::parts])
        # who could not be read is asked about as ever
        self._only_kind = unlike(own) & known[:, None] & known

    def only_kind(self, one: Places, two: Places) -> Mask:
        """Which pairs of places are both in the crowd and have nothing else in common."""
        found = np.zeros(len(one), dtype=bool)
        at = np.flatnonzero(np.isin(one, self._places) & np.isin(two, self._places))
        rows, columns = (
            self._order[np.searchsorted(self._places, some[at])] for some in (one, two)
        )
        found[at] = self._only_kind[rows, columns]
        return found


def _described(picture: NDArray[np.uint8], cells: NDArray[np.uint8]) -> Rows:
    """The detail of a picture's brightness, and its colours, as one row of length one."""
    bright = luma(picture[None].astype(np.float32))
    fine = (blurred(bright, CROWD.bands[0]) - blurred(bright, CROWD.bands[1])).reshape(-1)
    order, signs = _folding(fine.size)
    fine = (fine * signs)[order].reshape(CROWD.folds, -1).sum(0)
    colours = cells[..., 1:].astype(np.float32)
    colours -= colours.mean((0, 1))  # compression shifts a tint
    return _unit(np.concatenate([fine, colours.reshape(-1) * np.float32(CROWD.colour)]))


@cache
def _folding(size: int) -> tuple[Places, Rows]:
    """An order and signs by lot: sums of a few pixels, so drawn, correlate nearly as all pixels do.

    Within a hundredth or two, in a fraction of the room.
    """
    lot = np.random.default_rng(0)
    return lot.permutation(size), lot.choice(np.array([-1, 1], dtype=np.float32), size)


def _without_what_is_shared(rows: Rows) -> Rows:
    """Rows without the mean of those most like each, but for the nearest, which may be copies."""
    order = np.argsort(-(rows @ rows.T), axis=1)
    first, last = (round(share * len(rows)) for share in CROWD.shared)
    shared = np.zeros((len(rows), len(rows)), dtype=np.float32)
    np.put_along_axis(shared, order[:, first:last], np.float32(1 / (last - first)), axis=1)
    common = _unit(shared @ rows)
    return _unit(rows - (rows * common).sum(1, keepdims=True) * common)


def unlike(rows: Rows, at_once: int = CROWD.most) -> Mask:
    """rows x rows: which two of length one have less in common than copies have.

    A block at a time, and each pair once: as one product its numbers take four times the room.
    """
    found: Mask = np.empty((len(rows), len(rows)), dtype=bool)
    for start in range(0, len(rows), at_once):
        some, rest = slice(start, start + at_once), slice(start, None)
        found[some, rest] = rows[some] @ rows[rest].T < CROWD.own
        found[rest, some] = found[some, rest].T
    return found


def _unit(rows: Rows) -> Rows:
    length: Rows = np.linalg.norm(rows, axis=-1, keepdims=True)
    return rows / np.maximum(length, np.float32(1e-6))
