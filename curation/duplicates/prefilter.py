"""Settling the clear cases among many pairs, so that only the unclear ones are looked at singly.

A pair is settled when its colours or its shapes are further apart than any copy's on record were
(some 2,000 copies of drawn things, resized, resaved, cropped, framed, retoned; see screening.py
for what is measured). To be settled is never to be a copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from .screening import aligned, cells, colour_left, colouring, lay, shape_left

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from .registration import Placement

    Floats = NDArray[np.floating[Any]]
    Places = NDArray[np.int64]
    Starts = Callable[[int, int, int], Sequence[Placement]]

BLOCK = 1024  # pairs at a time at 16 cells a side: 1 MB an array


class Fate(IntEnum):
    """What the sieve says of a pair."""

    OPEN = 0  # it has to be looked at
    ALIKE = 1  # no copy, but alike
    OTHER = 2  # no copy, and not alike


@dataclass(frozen=True, slots=True)
class Bounds:
    """Beyond these no copy was seen; the names are those of screening.py's measures."""

    side: int
    rounds: int
    match: float  # copies: from 0.94 at 16 cells, from 0.93 at 32
    chroma: float  # up to 3.3 and 4.0 levels
    hue: float  # from 0.95
    shape: float  # up to 0.17 and 0.29
    exact: float  # the same without grace, where nothing was moved: up to 0.82 and 1.9
    areas: tuple[float, float]  # a copy shows from 0.6 to 1.65 of what its keeper shows


COARSE = Bounds(16, 6, 0.9, 5.0, 0.85, 0.25, 0.95, (0.5, 2.0))
FINE = Bounds(32, 3, 0.9, 5.0, 0.85, 0.4, 2.0, (0.55, 1.8))
AS_IS = 0.015  # how far a corner may move, in sides, for "nothing was moved"
COLOURFUL = 3.0  # levels of colouring from which on its direction is known
SAME_DIRECTION = 0.5  # cosine of 60 degrees
ALIKE = 0.6  # correlation from which on two pictures share more than a hash


class Sieve:
    """Sifts pairs of places; `thumb` gives the pixels of a place, `starts` the first placements."""

    def __init__(self, thumb: Callable[[int], Floats], starts: Starts) -> None:
        self._thumb = thumb
        self._starts = starts

    def sift(
        self, one: Places, two: Places, reasons: NDArray[np.uint8], turned: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int8], Floats]:
        """The Fate of each pair, and where the second lies in the first of those left OPEN.

        `turned` marks pairs that may be alike turned: they are ALIKE at least.
        """
        fates, placements = np.zeros(len(one), dtype=np.int8), np.zeros((len(one), 4))
        if not len(one):
            return fates, placements
        places, at = np.unique(np.concatenate([one, two]), return_inverse=True)
        pictures = np.stack([cells(self._thumb(place), COARSE.side) for place in places.tolist()])
        first, second = at[: len(one)], at[len(one) :]
        coloured = _other_colours(colouring(pictures), first, second)
        for start in range(0, len(one), BLOCK):
            pairs = np.arange(start, min(start + BLOCK, len(one)))
            found = _Block(pictures, first[pairs], second[pairs])
            asked = ~coloured[pairs]
            begin = [
                self._starts(one[pair], two[pair], reasons[pair]) if ask else ()
                for pair, ask in zip(pairs.tolist(), asked.tolist(), strict=True)
            ]
            match, placement = found.placed(begin)
            settled = ~asked
            settled[asked] = found.beyond(asked, match[asked], placement[asked], COARSE)
            left = pairs[~settled]
            fine, placements[left] = self._finely(one[left], two[left], placement[~settled])
            settled[~settled] = fine
            alike = turned[pairs] | (match >= ALIKE)
            fates[pairs] = np.where(settled, np.where(alike, Fate.ALIKE, Fate.OTHER), Fate.OPEN)
        return fates, placements

    def _finely(
        self, one: Places, two: Places, placement: Floats
    ) -> tuple[NDArray[np.bool_], Floats]:
        """Whether pairs that passed the coarse bounds are beyond the fine ones; where they lie."""
        placement = placement.copy()
        settled = np.zeros(len(one), dtype=bool)
        for start in range(0, len(one), BLOCK // 4):
            some = slice(start, start + BLOCK // 4)
            places, at = np.unique(np.concatenate([one[some], two[some]]), return_inverse=True)
            pictures = np.stack([cells(self._thumb(place), FINE.side) for place in places.tolist()])
            half = len(at) // 2
            found = _Block(pictures, at[:half], at[half:])
            match, better = found.refined(placement[some])
            everyone = np.ones(half, dtype=bool)
            settled[some] = found.beyond(everyone, match, better, FINE)
            placement[some] = better
        return settled, placement


class _Block:
    """Some pairs of cell pictures."""

    def __init__(self, pictures: NDArray[np.uint8], first: Places, second: Places) -> None:
        self._first = pictures[first].astype(np.float32)
        self._second = pictures[second].astype(np.float32)

    def placed(self, starts: Sequence[Sequence[Placement]]) -> tuple[Floats, Floats]:
        """The best correlation and placement; as they are for pairs without starts."""
        count = len(starts)
        pair = np.repeat(np.arange(count), [max(1, len(some)) for some in starts])
        begin = np.array(
            [
                row
                for some in starts
                for row in ([_row(start) for start in some] or [(1.0, 0.0, 1.0, 0.0)])
            ],
            dtype=np.float32,
        )
        match, placement = np.full(count, -1, np.float32), np.zeros((count, 4), np.float32)
        still = np.array([not some for some in starts])
        for rounds, rows in ((0, still[pair]), (COARSE.rounds, ~still[pair])):
            chosen = np.flatnonzero(rows)
            for start in range(0, len(chosen), BLOCK):
                some = chosen[start : start + BLOCK]
                at = pair[some]
                places, found = aligned(
                    self._first[at, ..., 0], self._second[at, ..., 0], begin[some], rounds
                )
                order = np.lexsort((-some, found))  # a pair's best start, of equals the first, last
                better = order[found[order] > match[at[order]]]
                match[at[better]], placement[at[better]] = found[better], places[better]
        return match, placement

    def refined(self, placement: Floats) -> tuple[Floats, Floats]:
        """The same from one known placement each."""
        places, match = aligned(self._first[..., 0], self._second[..., 0], placement, FINE.rounds)
        return match, places

    def beyond(
        self, asked: NDArray[np.bool_], match: Floats, placement: Floats, bounds: Bounds
    ) -> NDArray[np.bool_]:
        """Whether the asked pairs, laid at their placements, are further apart than any copy."""
        first, second = self._first[asked], self._second[asked]
        laid, inside = lay(first[..., 0], placement)
        shape, exact = shape_left(laid, second[..., 0], inside)
        colours = np.stack([lay(first[..., band] - 128, placement)[0] for band in (1, 2)], axis=-1)
        chroma, hue = colour_left(colours, second[..., 1:] - 128, inside)
        area = placement[:, 0] * placement[:, 2]
        beyond: NDArray[np.bool_] = (
            (match < bounds.match)
            | (chroma > bounds.chroma)
            | (hue < bounds.hue)
            | (shape > bounds.shape)
            | (_unmoved(placement) & (exact > bounds.exact))
            | (area < bounds.areas[0])
            | (area > bounds.areas[1])
        )
        return beyond


def _row(start: Placement) -> tuple[float, float, float, float]:
    return start.across, start.left, start.down, start.top


def _unmoved(placement: Floats) -> NDArray[np.bool_]:
    across, left, down, top = placement.T
    corners = np.stack([left, across + left - 1, top, down + top - 1])
    unmoved: NDArray[np.bool_] = np.abs(corners).max(0) < AS_IS
    return unmoved


def _other_colours(colours: Floats, first: Places, second: Places) -> NDArray[np.bool_]:
    """Whether both are coloured, and each in another direction from gray."""
    strength = np.hypot(colours[:, 0], colours[:, 1])
    known = np.minimum(strength[first], strength[second]) > COLOURFUL
    agreeing = (colours[first] * colours[second]).sum(1)
    other: NDArray[np.bool_] = known & (
        agreeing < SAME_DIRECTION * strength[first] * strength[second]
    )
    return other


__all__ = ["Fate", "Sieve"]
