"""Buckets of the Hamming join: how the 64 bits are cut, and who meets whom.

hamming.py tells the idea; here are the plan of chunks, the buckets of each chunk and the array
operations that meet one side's buckets with the flipped buckets of the other.
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


# The plan: chunks as (shift, width, allowance).
Chunk = tuple[int, int, int]


def planned(left: int, right: int, radius: int, *, itself: bool) -> tuple[Chunk, ...] | None:
    """The cheapest way to cut the bits, or None for brute force. Costs are in measured ns."""
    pairs = left * right / (2 if itself else 1)
    if pairs <= BRUTE:
        return None
    best, choice = 2.5 * pairs, None
    for count in range(2, 9):
        chunks = chunks_of(count, radius)
        if max(width for _, width, _ in chunks) > MAX_WIDTH:
            continue
        cost = 0.0
        for _, width, allowance in chunks:
            flips = sum(comb(width, bits) for bits in range(allowance + 1))
            buckets = min(left, 2.0**width) / (2 if itself else 1)
            cost += 0.5 * 2**width + flips * (buckets * 2.5 + pairs / 2**width * 30.0)
        if cost < best:
            best, choice = cost, chunks
    return choice


def chunks_of(count: int, radius: int) -> tuple[Chunk, ...]:
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


_Bucketed = tuple["_Buckets", "NDArray[np.bool_]", "NDArray[np.int32]"]


class Side:
    """One side of joins: its hashes sorted, and bucketed by each chunk that was asked for."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self.order = np.argsort(hashes, kind="stable")
        self.ordered = hashes[self.order]
        self._buckets: dict[tuple[int, int], _Bucketed] = {}

    def buckets(self, chunk: Chunk) -> _Bucketed:
        """The buckets of a chunk, which codes are there at all, and the bucket of each code.

        The codes that are there fit a processor's cache where their places do not, and nearly
        all codes that are asked for are not there.
        """
        key = chunk[:2]
        if key not in self._buckets:
            made = _buckets(self.ordered, chunk)
            there = np.zeros(1 << chunk[1], dtype=bool)
            there[made.codes] = True
            table = np.zeros(1 << chunk[1], dtype=np.int32)
            table[made.codes] = np.arange(len(made.codes), dtype=np.int32)
            self._buckets[key] = made, there, table
        return self._buckets[key]


def meet(
    left: Hashes, right: Side, plan: tuple[Chunk, ...], radius: int, *, itself: bool
) -> Iterator[Pairs]:
    """Every pair within the radius once: in the first chunk that lets it through."""
    for number, chunk in enumerate(plan):
        two, there, table = right.buckets(chunk)
        one = two if itself else _buckets(left, chunk)
        for flip in _flips(chunk[1], chunk[2]):
            for first, second in _bucket_pairs(one, two, (there, table), flip, itself=itself):
                found = _measured(one, two, first, second, radius)
                if len(found):
                    yield _first_met(found, left, right.ordered, plan[:number])


def _bucket_pairs(
    one: _Buckets,
    two: _Buckets,
    lookup: tuple[NDArray[np.bool_], NDArray[np.int32]],
    flip: int,
    *,
    itself: bool,
) -> Iterator[tuple[Places, Places]]:
    """Places in `one` and `two` whose codes differ by exactly `flip`, in blocks."""
    there, table = lookup
    wanted = one.codes ^ np.int32(flip)
    mine = np.flatnonzero(there[wanted])
    if itself and flip:
        mine = mine[wanted[mine] > one.codes[mine]]  # meet every pair of buckets once
    other = table[wanted[mine]]
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
