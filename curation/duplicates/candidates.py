"""Which pictures might show the same: pairs close in any fingerprint, found without comparing all.

A candidate is a reason to look closer and never a verdict: of ten thousand distinct photos a
hundred pairs lie within these radii.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..images.hashes import CROPS, to_array, turned
from .hamming import collapse, join, self_join
from .thresholds import CROP_RADIUS, DHASH_RADIUS, PHASH_RADIUS, TRIM_RADIUS, TURN_RADIUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..images.facts import Facts

# Why a pair is a candidate, as bits of one number.
BY_PHASH, BY_DHASH, BY_TRIM, BY_CROP, BY_TURN = 1, 2, 4, 8, 16


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs of places left < right, sorted, with the reasons as bits."""

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    reasons: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)


def candidates(facts: Sequence[Facts]) -> Candidates:
    """All pairs of places in `facts` that are close in some fingerprint."""
    count = len(facts)
    if count < 2:
        none = np.zeros(0, dtype=np.int64)
        return Candidates(none, none, np.zeros(0, dtype=np.uint8))
    phash = to_array([fact.fingerprints["phash"] for fact in facts])
    dhash = to_array([fact.fingerprints["dhash"] for fact in facts])
    inner = to_array(
        [fact.fingerprints.get("phash_trim", fact.fingerprints["phash"]) for fact in facts]
    )
    found = [
        (*_within(phash, PHASH_RADIUS), BY_PHASH),
        (*_within(dhash, DHASH_RADIUS), BY_DHASH),
    ]
    trimmed = np.flatnonzero(inner != phash)
    if len(trimmed):
        found.append((*_between(inner[trimmed], inner, TRIM_RADIUS, trimmed), BY_TRIM))
        found.append((*_between(inner[trimmed], phash, TRIM_RADIUS, trimmed), BY_TRIM))
    for kind in CROPS:
        having = np.array([place for place in range(count) if kind in facts[place].fingerprints])
        if len(having):
            crops = to_array([facts[place].fingerprints[kind] for place in having])
            found.append((*_between(crops, inner, CROP_RADIUS, having), BY_CROP))
    everyone = np.arange(count)
    found += [
        (*_between(hashes, phash, TURN_RADIUS, everyone), BY_TURN)
        for hashes in turned(phash).values()
    ]
    return _merged(found, count)


def _within(hashes: NDArray[np.uint64], radius: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of places within the radius; equal hashes are one node while joining."""
    nodes, place, counts = collapse(hashes)
    pairs = self_join(nodes, radius)
    everyone = np.arange(len(nodes), dtype=np.int64)
    return _expanded(
        np.concatenate([pairs.left, everyone]), np.concatenate([pairs.right, everyone]),
        place, counts, place, counts,
    )  # fmt: skip


def _between(
    some: NDArray[np.uint64],
    others: NDArray[np.uint64],
    radius: int,
    places: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (place of some, place of others) within the radius."""
    left, left_place, left_counts = collapse(some)
    right, right_place, right_counts = collapse(others)
    pairs = join(left, right, radius)
    first, second = _expanded(
        pairs.left, pairs.right, left_place, left_counts, right_place, right_counts
    )
    return places[first], second


def _expanded(
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    left_place: NDArray[np.int64],
    left_counts: NDArray[np.int64],
    right_place: NDArray[np.int64],
    right_counts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of nodes as pairs of the pictures that carry them."""
    left_order = np.argsort(left_place, kind="stable")
    right_order = np.argsort(right_place, kind="stable")
    left_start = np.cumsum(left_counts) - left_counts
    right_start = np.cumsum(right_counts) - right_counts
    sizes = left_counts[left] * right_counts[right]
    pair = np.repeat(np.arange(len(left)), sizes)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    row, column = np.divmod(within, right_counts[right][pair])
    return left_order[left_start[left][pair] + row], right_order[right_start[right][pair] + column]


def _merged(
    found: list[tuple[NDArray[np.int64], NDArray[np.int64], int]], count: int
) -> Candidates:
    keys = np.concatenate(
        [np.minimum(one, two) * count + np.maximum(one, two) for one, two, _ in found]
    )
    reasons = np.concatenate(
        [np.full(len(one), reason, dtype=np.uint8) for one, _, reason in found]
    )
    unequal = keys // count != keys % count
    keys, reasons = keys[unequal], reasons[unequal]
    distinct, where = np.unique(keys, return_inverse=True)
    together = np.zeros(len(distinct), dtype=np.uint8)
    np.bitwise_or.at(together, where, reasons)
    return Candidates(distinct // count, distinct % count, together)


def connected(count: int, pairs: Sequence[tuple[int, int]]) -> list[int]:
    """For each of `count` places the number of its group: joined by pairs, directly or not."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    one, two = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_matrix((np.ones(len(one), dtype=np.int8), (one, two)), shape=(count, count))
    _, groups = connected_components(graph, directed=False)
    found: list[int] = groups.tolist()
    return found
