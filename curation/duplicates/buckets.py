"""The Hamming join within one cut of the bits: hash tables keyed by the code of a chunk.

hamming.py tells the idea, chunks.py how the bits are cut. The longer side is tabled: its hashes
lie in the order of their codes, and a bucket is those of one code. Each hash of the shorter side
probes the bucket of every code that its own may have become. A probe reads a fixed number of
hashes from where the bucket begins; whether they are of that code is asked only of those that are
near, which are few. These first hashes of each bucket also lie in columns by code, so that a probe
waits for memory once; what a bucket holds beyond them is read by itself. Probes go in the order
of their codes, some thousands at a time, and flips in the order of their highest bits, so that
what is read lies in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .chunks import Chunk, columns_read, flips, held_in_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..arrays import Hashes, Places


AT_ONCE = 1 << 16  # codes probed at a time
FEW = 1 << 13  # hashes that probe at a time: what they and their flips reach stays in the cache
MANY = 1 << 21  # hashes tabled at a time
BLOCK = 1 << 18  # pairs of crowded buckets measured at a time
STRIDE = 37  # neighbouring bits tell much the same: chunks take them from all over the hash


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of places in the joined arrays, and how many bits apart they are."""

    left: Places
    right: Places
    distance: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True)
class _Table:
    """Hashes in the order of one chunk's codes: `place` is where they come from.

    The bucket of code c is hashes[start[c] : start[c + 1]]. `columns[n][c]` tells of its n-th
    `each` hashes: of one the whole, or of two the parts (Chunk.parts) in one number. A `crowded`
    code has more than the columns tell of. Where one has fewer, they tell of later buckets' hashes:
    `hashes` ends with as many more, which are in no bucket.
    """

    hashes: Hashes
    place: NDArray[np.int32]
    start: NDArray[np.int32]
    columns: NDArray[np.uint64]
    each: int
    crowded: NDArray[np.bool_]


def _sorted_codes(hashes: Hashes, chunk: Chunk) -> tuple[Places, NDArray[np.int32]]:
    """The codes in order, and the place of each: by numpy's radix sort, which 16 bits have."""
    codes = chunk.codes(hashes)
    place = np.argsort(codes.astype(np.uint16), kind="stable")
    if chunk.width > 16:
        place = place[np.argsort((codes >> 16).astype(np.uint8)[place], kind="stable")]
    return codes[place], place.astype(np.int32)


def _table(hashes: Hashes, chunk: Chunk, radius: int) -> _Table:
    codes, place = _sorted_codes(hashes, chunk)
    each, size = held_in_one(radius), 1 << chunk.width
    count = columns_read(len(hashes), chunk.width, radius)
    start = np.zeros(size + 1, dtype=np.int32)
    np.cumsum(np.bincount(codes, minlength=size), out=start[1:])
    del codes
    crowded = start[1:] - start[:-1] > count * each
    lying = np.zeros(len(hashes) + count * each, dtype=np.uint64)
    np.take(hashes, place, out=lying[: len(hashes)], mode="clip")
    read = chunk.parts(lying) if each > 1 else lying
    columns = np.empty((count, size, each), dtype=read.dtype)
    for low in range(0, size, MANY // 8):  # the memory of their indices
        some = slice(low, min(low + MANY // 8, size))
        for number in range(count * each):
            columns[number // each, some, number % each] = read[number:].take(start[some])
    return _Table(lying, place, start, columns.view(np.uint64)[..., 0], each, crowded)


def mixed(hashes: Hashes) -> Hashes:
    """The hashes with their bits in another order, the same for all: distances stay."""
    out = np.zeros_like(hashes)
    for low in range(0, len(hashes), AT_ONCE):
        some = slice(low, low + AT_ONCE)
        values = hashes[some].astype("<u8").view(np.uint8).reshape(-1, 8)
        for byte, table in enumerate(_mixing()):
            out[some] |= table.take(values[:, byte])
    return out


@lru_cache(maxsize=1)
def _mixing() -> tuple[Hashes, ...]:
    """For each of eight bytes, what each of its 256 values becomes in the new order."""
    bits = np.arange(64, dtype=np.uint64)
    new = (np.uint64(1) << (bits * np.uint64(STRIDE) % np.uint64(64))).reshape(8, 8)
    values = (np.arange(256, dtype=np.uint64)[:, None] >> bits[:8]) & np.uint64(1)
    return tuple((values * byte).sum(1, dtype=np.uint64) for byte in new)


def join_chunks(few: Hashes, many: Hashes, plan: tuple[Chunk, ...], radius: int) -> Iterator[Pairs]:
    """Every pair within the radius once: of the first chunk that lets it through.

    Both sides are `mixed`; a block a chunk (and MANY hashes), in no order.
    """
    for low in range(0, len(many), MANY):
        some = many[low : low + MANY]
        for number, chunk in enumerate(plan):
            table = _table(some, chunk, radius)
            codes, place = _sorted_codes(few, chunk)
            left = few[place]
            one, two = _concatenated(_probed(codes, left, table, chunk, radius))
            new, distance = _not_found_before(left[one], table.hashes[two], plan[:number])
            right = table.place[two[new]].astype(np.int64) + low
            del table  # before there is another
            yield Pairs(place[one[new]].astype(np.int64), right, distance)


def self_join_chunks(hashes: Hashes, plan: tuple[Chunk, ...], radius: int) -> Iterator[Pairs]:
    """The same among the hashes of one side, `mixed` and distinct: each pair one way round."""
    for number, chunk in enumerate(plan):
        table = _table(hashes, chunk, radius)
        own = table.hashes[: len(hashes)]
        one, two = _concatenated(_probed(chunk.codes(own), own, table, chunk, radius, itself=True))
        new, distance = _not_found_before(own[one], own[two], plan[:number])
        one, two = table.place[one[new]].astype(np.int64), table.place[two[new]].astype(np.int64)
        yield Pairs(one, two, distance)


def _concatenated(found: Iterator[tuple[Places, Places]]) -> tuple[Places, Places]:
    none = np.zeros(0, dtype=np.int64)
    ones, twos = zip((none, none), *found, strict=True)
    return np.concatenate(ones), np.concatenate(twos)


def _not_found_before(
    one: Hashes, two: Hashes, earlier: tuple[Chunk, ...]
) -> tuple[Places, NDArray[np.uint8]]:
    """Which pairs no earlier chunk lets through, and how many bits these are apart."""
    apart = one ^ two
    new = np.ones(len(apart), dtype=bool)
    for chunk in earlier:
        part = (apart >> np.uint64(chunk.shift)) & chunk.mask
        new &= np.bitwise_count(part) > chunk.allowance
    at = np.flatnonzero(new)
    return at, np.bitwise_count(apart[at])


def _probed(
    codes: Places,
    hashes: Hashes,
    table: _Table,
    chunk: Chunk,
    radius: int,
    *,
    itself: bool = False,
) -> Iterator[tuple[Places, Places]]:
    """Pairs within the radius, each once: places among `hashes` (in order of code) and the table's.

    Where these are the table's own (`itself`), a pair would be met from both ends: a flip is tried
    by the end that has its highest bit unset, and of equal codes a pair counts from its first end.
    """
    for low in range(0, len(codes), FEW):
        mine = codes[low : low + FEW]
        own = hashes[low : low + len(mine)]
        asked = np.repeat(chunk.parts(own), 2).view(np.uint64) if table.each > 1 else own
        for highest, group in flips(chunk.width, chunk.allowance):
            some, left, asking, at = mine, own, asked, None
            if itself and highest >= 0:
                at = np.flatnonzero((mine >> highest) & 1 == 0)
                some, left, asking = mine[at], own[at], asked[at]
            if not len(some):
                continue
            rows = max(1, AT_ONCE // len(some))
            for row in range(0, len(group), rows):
                wanted = group[row : row + rows, None] ^ some
                for one, two in _near(wanted, left, asking, table, radius):
                    one = (one if at is None else at[one]) + low  # noqa: PLW2901 (places of these)
                    if itself and highest < 0:
                        once = one < two
                        one, two = one[once], two[once]  # noqa: PLW2901 (the rest of these)
                    yield one, two


def _near(
    wanted: Places, hashes: Hashes, asked: Hashes, table: _Table, radius: int
) -> Iterator[tuple[Places, Places]]:
    """Pairs within the radius of `hashes` and what the table has under the codes they want.

    `wanted` are rows of codes, each as long as `hashes`; `asked` is what columns are compared with.
    """
    codes = wanted.ravel()
    for number, column in enumerate(table.columns):
        apart = column.take(wanted)
        apart ^= asked
        if table.each > 1:
            apart = apart.view(np.uint32)
        near = np.flatnonzero(np.bitwise_count(apart) <= radius)
        if len(near):
            at, later = np.divmod(near, table.each)
            code = codes[at]
            two = table.start[code] + (number * table.each + later)
            one = at % len(hashes)
            held = two < table.start[code + 1]
            held &= np.bitwise_count(hashes[one] ^ table.hashes[two]) <= radius
            yield one[held], two[held]
    more = np.flatnonzero(table.crowded.take(codes))
    if len(more):
        code = codes[more]
        first, last = table.start[code] + len(table.columns) * table.each, table.start[code + 1]
        yield from _near_beyond(more % len(hashes), first, last, hashes, table, radius)


def _near_beyond(
    place: Places,
    at: NDArray[np.int32],
    end: NDArray[np.int32],
    hashes: Hashes,
    table: _Table,
    radius: int,
) -> Iterator[tuple[Places, Places]]:
    """The same of hashes[place] and all from `at` to `end` in the table, BLOCK pairs at a time."""
    sizes = end - at
    ends = np.cumsum(sizes)
    low = 0
    while low < len(place):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(ends, before + BLOCK, side="right")))
        some = slice(low, high)
        first = at[some] - (ends[some] - sizes[some] - before)
        two = np.arange(ends[high - 1] - before) + np.repeat(first, sizes[some])
        one = np.repeat(place[some], sizes[some])
        near = np.flatnonzero(np.bitwise_count(hashes.take(one) ^ table.hashes.take(two)) <= radius)
        yield one[near], two[near]
        low = high
