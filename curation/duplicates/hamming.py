"""Exact near-neighbour joins of 64-bit hashes: every pair within a Hamming radius, no other.

Pigeonhole: cut 64 bits into m chunks and give chunk i an allowance a_i with Σ(a_i + 1) > radius;
two hashes within the radius then agree in some chunk up to its allowance. chunks.py chooses the
cut; for every chunk buckets.py looks each hash of the shorter side up in a table of the longer,
under every code that flipping up to a_i bits makes of its own, and measures what it finds. Small
joins are brute force in tiles, which is quicker there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .buckets import Pairs, join_chunks, mixed, self_join_chunks
from .chunks import planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..arrays import Hashes, Places


TILE = 2048  # hashes of a brute-force tile
SCATTER = np.uint64(0x9E3779B97F4A7C15)  # odd: a product with it is another number for each hash


class Groups(NamedTuple):
    """Places by distinct hash: those of the n-th are order[start[n] : start[n] + size[n]]."""

    order: NDArray[np.int32]
    start: NDArray[np.int32]
    size: NDArray[np.int32]


def collapse(hashes: Hashes) -> tuple[Hashes, Places, Places]:
    """Equal hashes as one node: (distinct hashes sorted, node of each hash, count of each node)."""
    nodes, place, count = np.unique(hashes, return_inverse=True, return_counts=True)
    return nodes, place.astype(np.int64), count.astype(np.int64)


def grouped(hashes: Hashes) -> tuple[Hashes, Groups]:
    """The distinct hashes in any order, and the places of each; quicker than `collapse`."""
    ordered, order = _equal_together(hashes)
    first = np.ones(len(hashes), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    start = np.flatnonzero(first).astype(np.int32)
    size = np.diff(start, append=np.int32(len(hashes)))
    return ordered[start], Groups(order, start, size)


def _equal_together(hashes: Hashes) -> tuple[Hashes, NDArray[np.int32]]:
    """The hashes with equal ones side by side, and the place of each: half an argsort's time.

    Numbers are sorted: each place below as many bits of its hash's product as have room. Other
    hashes may share these bits: of two million, two in a few; such runs are sorted by hash.
    """
    low = np.uint64((1 << len(hashes).bit_length()) - 1)
    keys = hashes * SCATTER
    keys &= ~low
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    order = (keys & low).astype(np.int32)
    ordered = hashes[order]
    keys &= ~low
    shared = keys[1:][(keys[1:] == keys[:-1]) & (ordered[1:] != ordered[:-1])]
    if len(shared):
        at = np.flatnonzero(np.isin(keys, shared))
        order[at] = order[at[np.lexsort((ordered[at], keys[at]))]]
        ordered[at] = hashes[order[at]]
    return ordered, order


def self_join(hashes: Hashes, radius: int) -> Pairs:
    """All pairs left < right of *distinct* hashes at most `radius` bits apart, sorted.

    Raises ValueError when a hash occurs twice: `collapse` first, or ten thousand copies of one
    placeholder become fifty million pairs.
    """
    hashes = _checked(hashes, radius)
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    if np.any(ordered[1:] == ordered[:-1]):
        raise ValueError("equal hashes: collapse() them to one node before joining")
    plan = planned(len(hashes), len(hashes), radius, itself=True)
    if plan is None:
        found = _gathered(_brute_self(ordered, radius))
    else:
        found = _gathered(self_join_chunks(mixed(ordered), plan, radius))
    left, right = order[found.left], order[found.right]
    return _sorted(np.minimum(left, right), np.maximum(left, right), found.distance)


def join(left: Hashes, right: Hashes, radius: int) -> Pairs:
    """All pairs (place in left, place in right) at most `radius` bits apart, sorted.

    Either side may hold equal hashes. k and N cost about k x (N / 2^21 + a few hundred) lookups,
    whichever side holds the k, once N is sorted; and k x N distances for small k.
    """
    left, right = _checked(left, radius), _checked(right, radius)
    few, many = sorted((left, right), key=len)
    plan = planned(len(few), len(many), radius, itself=False)
    if plan is None:
        found = _gathered(_brute(few, many, radius))
    else:
        found = _gathered(join_chunks(mixed(few), mixed(many), plan, radius))
    one, two = (found.right, found.left) if few is right else (found.left, found.right)
    return _sorted(one, two, found.distance)


def _checked(hashes: Hashes, radius: int) -> Hashes:
    if not 0 <= radius <= 64:
        raise ValueError(f"a radius of {radius} bits: 64-bit hashes are 0 to 64 bits apart")
    if hashes.ndim != 1 or hashes.dtype != np.uint64:
        raise ValueError("hashes are a one-dimensional array of uint64")
    return hashes


def _brute(left: Hashes, right: Hashes, radius: int) -> Iterator[Pairs]:
    for top in range(0, len(left), 256):
        rows = left[top : top + 256, None]
        for start in range(0, len(right), TILE):
            distance = np.bitwise_count(rows ^ right[None, start : start + TILE])
            first, second = np.nonzero(distance <= radius)
            yield Pairs(first + top, second + start, distance[first, second])


def _brute_self(hashes: Hashes, radius: int) -> Iterator[Pairs]:
    for top in range(0, len(hashes), 256):
        for found in _brute(hashes[top : top + 256], hashes[top:], radius):
            once = found.left < found.right
            yield Pairs(found.left[once] + top, found.right[once] + top, found.distance[once])


def _gathered(blocks: Iterator[Pairs]) -> Pairs:
    kept = [block for block in blocks if len(block)]
    if not kept:
        none = np.zeros(0, dtype=np.int64)
        return Pairs(none, none, np.zeros(0, dtype=np.uint8))
    return Pairs(
        np.concatenate([block.left for block in kept]),
        np.concatenate([block.right for block in kept]),
        np.concatenate([block.distance for block in kept]),
    )


def _sorted(left: Places, right: Places, distance: NDArray[np.uint8]) -> Pairs:
    order = np.lexsort((right, left))
    return Pairs(left[order], right[order], distance[order])
