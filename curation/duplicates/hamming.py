"""Exact near-neighbour joins of 64-bit hashes: every pair within a Hamming radius, no other.

Pigeonhole: cut 64 bits into m chunks and give chunk i an allowance a_i with Σ(a_i + 1) > radius;
two hashes within the radius then agree in some chunk up to its allowance. For every chunk and
every pattern of at most a_i flipped bits one array operation meets the buckets of one side with
the flipped buckets of the other (direct-address tables), and the few survivors are measured.
Small joins are plain brute force in tiles, which is quicker there.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]

MAX_WIDTH = 24  # bits a chunk: its table has 2^24 four-byte places (64 MB) at most
BLOCK = 1 << 21  # pairs measured at a time
BRUTE = 2_000_000  # pairs that are quicker met one by one


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of places in the joined arrays and their distances, sorted by left, then right."""

    left: Places
    right: Places
    distance: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)


def collapse(hashes: Hashes) -> tuple[Hashes, Places, Places]:
    """Equal hashes as one node: (distinct hashes sorted, node of each hash, count of each node)."""
    nodes, place, count = np.unique(hashes, return_inverse=True, return_counts=True)
    return nodes, place.astype(np.int64), count.astype(np.int64)


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
    plan = _plan(len(hashes), len(hashes), radius, itself=True)
    blocks = _brute_self(ordered, radius) if plan is None else _meet(ordered, None, plan, radius)
    found = _gathered(blocks)
    left, right = order[found.left], order[found.right]
    return _sorted(np.minimum(left, right), np.maximum(left, right), found.distance)


def join(left: Hashes, right: Hashes, radius: int) -> Pairs:
    """All pairs (place in left, place in right) at most `radius` bits apart.

    Either side may hold equal hashes. k new against N old costs about k x (N / 2^21 + a few
    hundred) once N is sorted, and k x N tiled for small k.
    """
    left, right = _checked(left, radius), _checked(right, radius)
    plan = _plan(len(left), len(right), radius, itself=False)
    if plan is None:
        found = _gathered(_brute(left, right, radius))
        return _sorted(found.left, found.right, found.distance)
    one, two = np.argsort(left, kind="stable"), np.argsort(right, kind="stable")
    found = _gathered(_meet(left[one], right[two], plan, radius))
    return _sorted(one[found.left], two[found.right], found.distance)


def _checked(hashes: Hashes, radius: int) -> Hashes:
    if not 0 <= radius <= 64:
        raise ValueError(f"a radius of {radius} bits: 64-bit hashes are 0 to 64 bits apart")
    if hashes.ndim != 1 or hashes.dtype != np.uint64:
        raise ValueError("hashes are a one-dimensional array of uint64")
    return hashes


# The plan: chunks as (shift, width, allowance).
Chunk = tuple[int, int, int]


def _plan(left: int, right: int, radius: int, *, itself: bool) -> tuple[Chunk, ...] | None:
    """The cheapest way to cut the bits, or None for brute force. Costs are in measured ns."""
    pairs = left * right / (2 if itself else 1)
    if pairs <= BRUTE:
        return None
    best, choice = 2.5 * pairs, None
    for count in range(2, 9):
        chunks = _chunks(count, radius)
        if max(width for _, width, _ in chunks) > MAX_WIDTH:
            continue
        cost = 0.0
        for _, width, allowance in chunks:
            flips = sum(comb(width, bits) for bits in range(allowance + 1))
            buckets = min(left, 2.0**width) / (2 if itself else 1)
            cost += 2.0 * 2**width + flips * (buckets * 6.0 + pairs / 2**width * 12.0)
        if cost < best:
            best, choice = cost, chunks
    return choice


def _chunks(count: int, radius: int) -> tuple[Chunk, ...]:
    """`count` chunks of nearly equal width whose allowances + 1 sum to radius + 1."""
    spare = radius + 1 - count
    allowances = [max(0, spare // count)] * count
    for place in range(max(0, spare % count) if spare > 0 else 0):
        allowances[place] += 1
    widths = [64 // count + (1 if place >= count - 64 % count else 0) for place in range(count)]
    chunks, shift = [], 0
    for width, allowance in zip(widths, allowances, strict=True):
        chunks.append((shift, width, min(allowance, width)))
        shift += width
    return tuple(chunks)


@lru_cache(maxsize=64)
def _flips(width: int, allowance: int) -> tuple[int, ...]:
    """Every pattern of at most `allowance` bits among `width`, 0 first."""
    return tuple(
        sum(1 << bit for bit in bits)
        for size in range(allowance + 1)
        for bits in combinations(range(width), size)
    )


@dataclass(frozen=True, slots=True)
class _Buckets:
    """Hashes ordered by one chunk's code: `place` back to the caller's order."""

    hashes: Hashes
    place: Places
    codes: NDArray[np.int32]  # the distinct codes, ascending
    start: NDArray[np.int32]  # where each begins; one more at the end


def _buckets(hashes: Hashes, chunk: Chunk) -> _Buckets:
    shift, width, _ = chunk
    mask = np.uint64((1 << width) - 1)
    codes = ((hashes >> np.uint64(shift)) & mask).astype(np.int32)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    first = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    start = np.r_[first, len(codes)].astype(np.int32)
    return _Buckets(hashes[order], order, codes[first], start)


def _meet(
    left: Hashes, right: Hashes | None, plan: tuple[Chunk, ...], radius: int
) -> Iterator[Pairs]:
    """Every pair within the radius once: in the first chunk that lets it through."""
    for number, chunk in enumerate(plan):
        one = _buckets(left, chunk)
        two = one if right is None else _buckets(right, chunk)
        table = np.full(1 << chunk[1], -1, dtype=np.int32)
        table[two.codes] = np.arange(len(two.codes), dtype=np.int32)
        for flip in _flips(chunk[1], chunk[2]):
            for first, second in _bucket_pairs(one, two, table, flip, itself=right is None):
                found = _measured(one, two, first, second, radius)
                if len(found):
                    yield _first_met(found, left, left if right is None else right, plan[:number])


def _bucket_pairs(
    one: _Buckets, two: _Buckets, table: NDArray[np.int32], flip: int, *, itself: bool
) -> Iterator[tuple[Places, Places]]:
    """Places in `one` and `two` whose codes differ by exactly `flip`, in blocks."""
    wanted = one.codes ^ np.int32(flip)
    mine = np.arange(len(one.codes), dtype=np.int32)
    if itself and flip:
        forward = wanted > one.codes  # meet every pair of buckets once
        wanted, mine = wanted[forward], mine[forward]
    other = table[wanted]
    there = other >= 0
    mine, other = mine[there], other[there]
    rows = one.start[mine + 1] - one.start[mine]
    columns = two.start[other + 1] - two.start[other]
    for low, high in _blocks(rows.astype(np.int64) * columns):
        first, second = _crossed(
            one.start[mine[low:high]], rows[low:high], two.start[other[low:high]], columns[low:high]
        )
        if itself and not flip:
            once = first < second
            first, second = first[once], second[once]
        yield first, second


def _blocks(sizes: Places) -> Iterator[tuple[int, int]]:
    """Runs of bucket pairs of about BLOCK pairs each (one bucket pair at least)."""
    if not len(sizes):
        return
    total = np.cumsum(sizes)
    if total[-1] <= BLOCK:
        yield 0, len(sizes)
        return
    low = 0
    while low < len(sizes):
        before = total[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(total, before + BLOCK, side="right")))
        yield low, high
        low = high


def _crossed(
    starts: NDArray[np.int32],
    rows: NDArray[np.int32],
    others: NDArray[np.int32],
    columns: NDArray[np.int32],
) -> tuple[Places, Places]:
    """Every row of a bucket with every column of the other, bucket pair by bucket pair."""
    if not len(rows) or (rows.max() == 1 and columns.max() == 1):
        return starts.astype(np.int64), others.astype(np.int64)
    sizes = rows.astype(np.int64) * columns
    pair = np.repeat(np.arange(len(rows)), sizes)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    row, column = np.divmod(within, columns[pair])
    return (starts[pair] + row).astype(np.int64), (others[pair] + column).astype(np.int64)


def _measured(one: _Buckets, two: _Buckets, first: Places, second: Places, radius: int) -> Pairs:
    distance = np.bitwise_count(one.hashes[first] ^ two.hashes[second])
    near = np.flatnonzero(distance <= radius)
    return Pairs(one.place[first[near]], two.place[second[near]], distance[near])


def _first_met(found: Pairs, left: Hashes, right: Hashes, earlier: tuple[Chunk, ...]) -> Pairs:
    """`found` without the pairs that an earlier chunk has let through already."""
    new = np.ones(len(found), dtype=bool)
    apart = left[found.left] ^ right[found.right]
    for shift, width, allowance in earlier:
        part = (apart >> np.uint64(shift)) & np.uint64((1 << width) - 1)
        new &= np.bitwise_count(part) > allowance
    return Pairs(found.left[new], found.right[new], found.distance[new])


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
