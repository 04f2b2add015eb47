"""Exact near-neighbour joins of 64-bit hashes: every pair within a Hamming radius, no other.

Pigeonhole: cut 64 bits into m chunks and give chunk i an allowance a_i with Σ(a_i + 1) > radius;
two hashes within the radius then agree in some chunk up to its allowance. For every chunk and
every pattern of flipped bits array operations look the codes of one side up in a table of the
other (buckets.py), and the few survivors are measured. Small joins are plain brute force in
tiles, which is quicker there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .buckets import Pairs, meet, meet_itself, mixed
from .chunks import planned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]
    Carrier = NDArray[np.int32]


def collapse(hashes: Hashes) -> tuple[Hashes, Places, Places]:
    """Equal hashes as one node: (distinct hashes sorted, node of each hash, count of each node)."""
    nodes, place, count = np.unique(hashes, return_inverse=True, return_counts=True)
    return nodes, place.astype(np.int64), count.astype(np.int64)


Carriers = tuple["Carrier", "Carrier", "Carrier"]

SCATTER = np.uint64(0x9E3779B97F4A7C15)  # odd: a product with it is another number for each hash


def carried(hashes: Hashes) -> tuple[Hashes, Carriers]:
    """The distinct hashes, and who carries each: places in their order, starts, counts."""
    ordered, order = _equal_together(hashes)
    first = np.ones(len(hashes), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    start = np.flatnonzero(first).astype(np.int32)
    count = np.diff(start, append=np.int32(len(hashes)))
    return ordered[start], (order, start, count)


def _equal_together(hashes: Hashes) -> tuple[Hashes, NDArray[np.int32]]:
    """The hashes with equal ones side by side, and the place of each: no argsort, thrice as fast.

    Numbers are sorted: each place below as many bits of its hash's product as have room.
    """
    low = np.uint64((1 << len(hashes).bit_length()) - 1)
    keys = hashes * SCATTER
    keys &= ~low
    keys |= np.arange(len(hashes), dtype=np.uint64)
    keys.sort()
    order = (keys & low).astype(np.int32)
    ordered = hashes[order]
    keys &= ~low
    if np.any((keys[1:] == keys[:-1]) & (ordered[1:] != ordered[:-1])):  # one in 2^40 pairs
        order = np.argsort(hashes).astype(np.int32)
        ordered = hashes[order]
    return ordered, order


def self_join(hashes: Hashes, radius: int) -> Pairs:
    """All pairs left < right of *distinct* hashes at most `radius` bits apart.

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
        found = _gathered(meet_itself(mixed(ordered), plan, radius))
    left, right = order[found.left], order[found.right]
    return _sorted(np.minimum(left, right), np.maximum(left, right), found.distance)


def join(left: Hashes, right: Hashes, radius: int) -> Pairs:
    """All pairs (place in left, place in right) at most `radius` bits apart.

    Either side may hold equal hashes. k and N cost about k x (N / 2^21 + a few hundred) lookups,
    whichever side holds the k, once N is sorted; and k x N tiled for small k.
    """
    left, right = _checked(left, radius), _checked(right, radius)
    few, many = sorted((left, right), key=len)
    plan = planned(len(few), len(many), radius, itself=False)
    if plan is None:
        found = _gathered(_brute(few, many, radius))
    else:
        found = _gathered(meet(mixed(few), mixed(many), plan, radius))
    if few is right:
        found = found.swapped()
    return _sorted(found.left, found.right, found.distance)


def _checked(hashes: Hashes, radius: int) -> Hashes:
    if not 0 <= radius <= 64:
        raise ValueError(f"a radius of {radius} bits: 64-bit hashes are 0 to 64 bits apart")
    if hashes.ndim != 1 or hashes.dtype != np.uint64:
        raise ValueError("hashes are a one-dimensional array of uint64")
    return hashes


TILE = 2048


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
