"""Which pictures might show the same: pairs close in any fingerprint, found without comparing all.

A candidate is a reason to look closer and never a verdict: of ten thousand distinct photos a
hundred pairs lie within these radii.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..images.hashes import turned
from .colour_prints import colour_prints
from .hamming import grouped, join, self_join
from .prints import FACING, joined, prints_of
from .thresholds import (
    COLOUR_RADIUS,
    CROP_RADIUS,
    CUT_RADIUS,
    DHASH_RADIUS,
    PHASH_RADIUS,
    TRIM_RADIUS,
    TURN_RADIUS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..arrays import Hashes, Places
    from ..images.facts import Facts
    from .hamming import Groups
    from .prints import Carried, Prints

PAIRS_AT_ONCE = 1 << 20

# Why a pair is a candidate, as bits of one number.
BY_PHASH, BY_DHASH, BY_TRIM, BY_CROP, BY_TURN, BY_CUT, BY_COLOUR = 1, 2, 4, 8, 16, 32, 64


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of places left < right, sorted, with the reasons as bits."""

    left: Places
    right: Places
    reasons: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)

    def where(self, kept: NDArray[np.bool_]) -> Candidates:
        """The pairs that are kept."""
        return Candidates(self.left[kept], self.right[kept], self.reasons[kept])


class Screen(Protocol):
    """Which candidate pairs have to be looked at; `reason` is one bit."""

    def __call__(self, one: Places, two: Places, reason: int, /) -> NDArray[np.bool_]:
        """True for the pairs that stay candidates."""
        ...


def candidates(
    facts: Sequence[Facts], screen: Screen | None = None, new: NDArray[np.bool_] | None = None
) -> Candidates:
    """All pairs of places in `facts` that are close in some fingerprint and pass the screen.

    With `new` only pairs with a picture that it marks: the rest are known from earlier. Crowds of
    equal hashes are met in blocks and screened block by block, so that memory grows with the pairs
    that stay.
    """
    count = len(facts)
    found = _Merged(count)
    if count < 2 or (new is not None and not new.any()):
        return found.pairs()
    for one, two, reason in _close(facts, None if new is None or new.all() else new):
        unequal = one != two
        low, high = np.minimum(one, two)[unequal], np.maximum(one, two)[unequal]
        found.add(low, high, reason, screen)
    return found.pairs()


def block_candidates(prints: Prints, block: Places, screen: Screen | None = None) -> Candidates:
    """The pairs that the places of one block bring when they meet all others.

    Over blocks that hold each place once they are those of `candidates`. Why a pair is one may be
    known in part to the block of its other picture: the reasons are to be joined (bitwise or).
    """
    found = _Merged(len(prints.phash))
    for each in _joins(prints, block):
        for one, two, reason in each.pairs():
            # What meets its own kind meets from either side: once is enough.
            once = one < two if each.mutual else one != two
            low, high = np.minimum(one, two)[once], np.maximum(one, two)[once]
            found.add(low, high, reason, screen)
    return found.pairs()


class _Merged:
    """Distinct pairs and why each was found, merged as they come."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._keys = np.zeros(0, dtype=np.int64)
        self._reasons = np.zeros(0, dtype=np.uint8)
        self._waiting: list[tuple[Places, int]] = []
        self._size = 0

    def add(self, one: Places, two: Places, reason: int, screen: Screen | None) -> None:
        if screen is not None:
            kept = screen(one, two, reason)
            one, two = one[kept], two[kept]
        self._waiting.append((one * self._count + two, reason))
        self._size += len(one)
        if self._size > max(PAIRS_AT_ONCE, len(self._keys)):
            self._merge()

    def _merge(self) -> None:
        if not self._size:
            return
        keys = np.concatenate([self._keys, *(keys for keys, _ in self._waiting)])
        reasons = np.concatenate(
            [self._reasons, *(np.full(len(keys), why, np.uint8) for keys, why in self._waiting)]
        )
        self._waiting, self._size = [], 0
        order = np.argsort(keys, kind="stable")
        keys, reasons = keys[order], reasons[order]
        first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
        self._keys, self._reasons = keys[first], np.bitwise_or.reduceat(reasons, first)

    def pairs(self) -> Candidates:
        self._merge()
        left, right = np.divmod(self._keys, max(1, self._count))
        return Candidates(left, right, self._reasons)


@dataclass(frozen=True, slots=True)
class _Join:
    """Hashes of `places` and hashes of `others` that are to be joined, and why, each of the first.

    `itself`: both are the same. `mutual`: both are of one kind, and a pair is met from either side.
    `meant`: the reasons for which each of the others is met, where not for all.
    """

    hashes: Hashes
    places: Places
    index: Hashes
    others: Places
    radius: int
    reasons: NDArray[np.uint8]
    itself: bool = False
    meant: NDArray[np.uint8] | None = None
    mutual: bool = False

    def among(self, some: NDArray[np.bool_], others: NDArray[np.bool_]) -> _Join:
        """The same of some pictures and some others."""
        mine, theirs = some[self.places], others[self.others]
        return _Join(
            self.hashes[mine], self.places[mine], self.index[theirs], self.others[theirs],
            self.radius, self.reasons[mine],
            meant=None if self.meant is None else self.meant[theirs],
        )  # fmt: skip

    def pairs(self) -> Iterator[tuple[Places, Places, int]]:
        """Blocks of pairs within the radius, of one reason each."""
        if not len(self.hashes) or not len(self.index):
            return
        met = _within(self.hashes, self.radius) if self.itself else self._between()
        for one, two in met:
            why, left, right = self.reasons[one], self.places[one], self.others[two]
            if self.meant is not None:
                meant = np.flatnonzero(why & self.meant[two])
                why, left, right = why[meant], left[meant], right[meant]
            for reason in np.unique(why).tolist():
                these = np.flatnonzero(why == reason)
                yield left[these], right[these], reason

    def _between(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        nodes, groups = grouped(self.hashes)
        others, their_groups = grouped(self.index)
        pairs = join(nodes, others, self.radius)
        return _expanded(pairs.left, pairs.right, groups, their_groups)


def _close(
    facts: Sequence[Facts], new: NDArray[np.bool_] | None
) -> Iterator[tuple[Places, Places, int]]:
    """Blocks of pairs close in one fingerprint, with the reason; one of each pair is new."""
    hues = colour_prints(facts)
    coloured = replace(_join(hues, hues, COLOUR_RADIUS, BY_COLOUR), itself=True)
    for each in (*_joins(prints_of(fact.fingerprints for fact in facts)), coloured):
        if new is None:
            yield from each.pairs()
        else:
            yield from each.among(new, np.ones_like(new)).pairs()
            yield from each.among(~new, new).pairs()


def _joins(prints: Prints, block: Places | None = None) -> Iterator[_Join]:
    """What is joined with what. All crops and turns are met in one join: they share one side.

    With a block only its places are on the first side.
    """
    everyone = np.arange(len(prints.phash))
    mine = everyone if block is None else block
    for hashes, radius, reason in (
        (prints.phash, PHASH_RADIUS, BY_PHASH),
        (prints.dhash, DHASH_RADIUS, BY_DHASH),
    ):
        met = _join((hashes[mine], mine), (hashes, everyone), radius, reason)
        yield replace(met, itself=block is None, mutual=True)
    phash, inner, crops = prints.phash, prints.inner, prints.crops
    if block is not None:
        theirs = np.flatnonzero(np.isin(crops[1], block))
        crops = crops[0][theirs], crops[1][theirs]
    turns = joined(
        (hashes, mine)
        for name, hashes in turned(phash[mine]).items()
        if name != "right"  # its pairs are those of "left", the other way round
    )
    bordered = inner != phash
    trimmed = np.flatnonzero(bordered)
    # Whole pictures, then what borders leave: crops meet no border, turns only whole pictures.
    others = np.concatenate([phash, inner[trimmed]]), np.concatenate([everyone, trimmed])
    meant = np.full(len(others[0]), BY_CROP, dtype=np.uint8)
    meant[: len(phash)] = np.where(bordered, BY_TURN, BY_CROP | BY_TURN)
    both = [
        _join(crops, others, CROP_RADIUS, BY_CROP, meant=meant),
        _join(turns, others, TURN_RADIUS, BY_TURN, meant=meant),
    ]
    if CROP_RADIUS == TURN_RADIUS:
        both = [_together(*both)]
    del crops, turns, meant
    while both:  # none is held here while it is joined: crops are most of the memory
        yield both.pop()
    some = mine[bordered[mine]]
    yield _join((inner[some], some), others, TRIM_RADIUS, BY_TRIM)
    yield from _facing_cuts(prints, block)


def _facing_cuts(prints: Prints, block: Places | None) -> Iterator[_Join]:
    """Two cuts of one picture are met by their windows that face one another."""
    for kinds in FACING:
        here, there = map(prints.crops_of, kinds)
        if block is None:
            yield _join(here, there, CUT_RADIUS, BY_CUT)
            continue
        for (hashes, places), facing in ((here, there), (there, here)):
            of_block = np.flatnonzero(np.isin(places, block))
            yield _join((hashes[of_block], places[of_block]), facing, CUT_RADIUS, BY_CUT)


def _join(
    some: Carried,
    others: Carried,
    radius: int,
    reason: int,
    *,
    meant: NDArray[np.uint8] | None = None,
) -> _Join:
    reasons = np.full(len(some[0]), reason, dtype=np.uint8)
    return _Join(*some, *others, radius, reasons, meant=meant)


def _together(one: _Join, two: _Join) -> _Join:
    """Two joins with the same others as one."""
    hashes, places, reasons = (
        np.concatenate([getattr(one, name), getattr(two, name)])
        for name in ("hashes", "places", "reasons")
    )
    return replace(one, hashes=hashes, places=places, reasons=reasons)


def _within(hashes: Hashes, radius: int) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Pairs of places within the radius; equal hashes are one node while joining."""
    nodes, groups = grouped(hashes)
    pairs = self_join(nodes, radius)
    several = np.flatnonzero(groups.size > 1)  # pictures of one hash pair among themselves
    left, right = np.concatenate([pairs.left, several]), np.concatenate([pairs.right, several])
    return _expanded(left, right, groups, groups)


def _expanded(
    left: Places, right: Places, left_groups: Groups, right_groups: Groups
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
    """Pairs of nodes as pairs of the pictures that have these hashes, in blocks."""
    sizes = left_groups.size[left].astype(np.int64) * right_groups.size[right]
    total = np.concatenate([[0], np.cumsum(sizes)])
    for low in range(0, int(total[-1]), PAIRS_AT_ONCE):
        at = np.arange(low, min(low + PAIRS_AT_ONCE, int(total[-1])))
        pair = np.searchsorted(total, at, side="right") - 1
        one, two = left[pair], right[pair]
        row, column = np.divmod(at - total[pair], right_groups.size[two])
        yield (
            left_groups.order[left_groups.start[one] + row],
            right_groups.order[right_groups.start[two] + column],
        )


def connected(count: int, left: Places, right: Places) -> Places:
    """For each of `count` places the first of its group: joined by pairs, directly or not."""
    first = np.arange(count)
    while True:
        one, two = first[left], first[right]
        apart = np.flatnonzero(one != two)
        if not len(apart):
            return first
        left, right = np.minimum(one, two)[apart], np.maximum(one, two)[apart]
        np.minimum.at(first, right, left)  # a first goes below an earlier one, so never in a circle
        while not np.array_equal(above := first[first], first):
            first = above
