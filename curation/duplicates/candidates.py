"""Which pictures might show the same: pairs close in any fingerprint, found without comparing all.

A candidate is a reason to look closer and never a verdict: of ten thousand distinct photos a
hundred pairs lie within these radii.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..images.hashes import CROPS, to_array, turned
from .hamming import HashIndex, carriers, collapse, join, self_join
from .thresholds import CROP_RADIUS, DHASH_RADIUS, PHASH_RADIUS, TRIM_RADIUS, TURN_RADIUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from ..images.facts import Facts
    from .hamming import Carriers, Hashes, Places

PAIRS_AT_ONCE = 1 << 20

# Why a pair is a candidate, as bits of one number.
BY_PHASH, BY_DHASH, BY_TRIM, BY_CROP, BY_TURN = 1, 2, 4, 8, 16


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of places left < right, sorted, with the reasons as bits."""

    left: Places
    right: Places
    reasons: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)


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
    blocks = _close(facts) if new is None or new.all() else _close_to_new(facts, new)
    for one, two, reason in blocks:
        unequal = one != two
        low, high = np.minimum(one, two)[unequal], np.maximum(one, two)[unequal]
        if screen is not None:
            kept = screen(low, high, reason)
            low, high = low[kept], high[kept]
        found.add(low, high, reason)
    return found.pairs()


class _Merged:
    """Distinct pairs and why each was found, merged as they come."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._keys = np.zeros(0, dtype=np.int64)
        self._reasons = np.zeros(0, dtype=np.uint8)
        self._waiting: list[tuple[Places, int]] = []
        self._size = 0

    def add(self, one: Places, two: Places, reason: int) -> None:
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


def _close(facts: Sequence[Facts]) -> Iterator[tuple[Places, Places, int]]:
    """Blocks of pairs close in one fingerprint, with the reason."""
    prints = [fact.fingerprints for fact in facts]
    phash, dhash, inner = (
        to_array([one.get(kind, one[other]) for one in prints])
        for kind, other in (("phash", "phash"), ("dhash", "dhash"), ("phash_trim", "phash"))
    )
    yield from _labelled(_within(phash, PHASH_RADIUS), BY_PHASH)
    yield from _labelled(_within(dhash, DHASH_RADIUS), BY_DHASH)
    whole = HashIndex(phash)
    trimmed = np.flatnonzero(inner != phash)
    content = HashIndex(inner) if len(trimmed) else whole
    if len(trimmed):
        some = inner[trimmed]
        yield from _labelled(_between(some, content, TRIM_RADIUS, trimmed), BY_TRIM)
        yield from _labelled(_between(some, whole, TRIM_RADIUS, trimmed), BY_TRIM)
    for kind in CROPS:
        having = np.array([place for place, one in enumerate(prints) if kind in one])
        if len(having):
            crops = to_array([prints[place][kind] for place in having])
            yield from _labelled(_between(crops, content, CROP_RADIUS, having), BY_CROP)
    everyone = np.arange(len(facts))
    for name, hashes in turned(phash).items():
        if name != "right":  # its pairs are those of "left", the other way round
            yield from _labelled(_between(hashes, whole, TURN_RADIUS, everyone), BY_TURN)


def _close_to_new(
    facts: Sequence[Facts], new: NDArray[np.bool_]
) -> Iterator[tuple[Places, Places, int]]:
    """The same of pairs in which one picture at least is new."""
    fresh = np.flatnonzero(new)
    for hashes, places, index, radius, reason in _meetings(facts):
        mine = new[places]
        for some, others in ((mine, np.arange(len(index))), (~mine, fresh)):
            found = join(hashes[some], index[others], radius)
            yield places[some][found.left], others[found.right], reason


def _meetings(facts: Sequence[Facts]) -> Iterator[tuple[Hashes, Places, Hashes, int, int]]:
    """(hashes, their places, hashes of every place to be near to, radius, reason)."""
    prints = [fact.fingerprints for fact in facts]
    everyone = np.arange(len(facts))
    phash, dhash, inner = (
        to_array([one.get(kind, one[other]) for one in prints])
        for kind, other in (("phash", "phash"), ("dhash", "dhash"), ("phash_trim", "phash"))
    )
    yield phash, everyone, phash, PHASH_RADIUS, BY_PHASH
    yield dhash, everyone, dhash, DHASH_RADIUS, BY_DHASH
    trimmed = np.flatnonzero(inner != phash)
    if len(trimmed):
        yield inner[trimmed], trimmed, inner, TRIM_RADIUS, BY_TRIM
        yield inner[trimmed], trimmed, phash, TRIM_RADIUS, BY_TRIM
    for kind in CROPS:
        having = np.array([place for place, one in enumerate(prints) if kind in one])
        if len(having):
            crops = to_array([prints[place][kind] for place in having])
            yield crops, having, inner, CROP_RADIUS, BY_CROP
    for name, hashes in turned(phash).items():
        if name != "right":
            yield hashes, everyone, phash, TURN_RADIUS, BY_TURN


def _labelled(
    blocks: Iterator[tuple[Places, Places]], reason: int
) -> Iterator[tuple[Places, Places, int]]:
    return ((one, two, reason) for one, two in blocks)


def _within(hashes: Hashes, radius: int) -> Iterator[tuple[Places, Places]]:
    """Pairs of places within the radius; equal hashes are one node while joining."""
    nodes, place, counts = collapse(hashes)
    pairs = self_join(nodes, radius)
    everyone = np.arange(len(nodes), dtype=np.int64)
    left, right = np.concatenate([pairs.left, everyone]), np.concatenate([pairs.right, everyone])
    several = (left != right) | (counts[left] > 1)
    both = carriers(place, counts)
    return _expanded(left[several], right[several], both, both)


def _between(
    some: Hashes, index: HashIndex, radius: int, places: Places
) -> Iterator[tuple[Places, Places]]:
    """Pairs (place of some, place in the index) within the radius."""
    nodes, place, counts = collapse(some)
    pairs = index.join(nodes, radius)
    left = carriers(place, counts)
    return (
        (places[one], two) for one, two in _expanded(pairs.left, pairs.right, left, index.carriers)
    )


def _expanded(
    left: Places, right: Places, left_carriers: Carriers, right_carriers: Carriers
) -> Iterator[tuple[Places, Places]]:
    """Pairs of nodes as pairs of the pictures that carry them, in blocks."""
    left_order, left_start, left_counts = left_carriers
    right_order, right_start, right_counts = right_carriers
    sizes = left_counts[left] * right_counts[right]
    total = np.concatenate([[0], np.cumsum(sizes)])
    for low in range(0, int(total[-1]), PAIRS_AT_ONCE):
        at = np.arange(low, min(low + PAIRS_AT_ONCE, int(total[-1])))
        pair = np.searchsorted(total, at, side="right") - 1
        row, column = np.divmod(at - total[pair], right_counts[right[pair]])
        yield (
            left_order[left_start[left[pair]] + row],
            right_order[right_start[right[pair]] + column],
        )


def connected(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For each of `count` places the number of its group: joined by pairs, directly or not."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    one, two = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(one), dtype=np.int8), (one, two)), shape=(count, count))
    _, groups = connected_components(graph, directed=False)
    found: list[int] = groups.tolist()
    return found
