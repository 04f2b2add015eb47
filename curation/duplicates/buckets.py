"""Buckets of the Hamming join: how the 64 bits are cut, and who meets whom.

hamming.py tells the idea. A chunk's codes are looked up in direct-address tables. Where a chunk is
long, its buckets are all but empty, and most lookups would find nothing: there each code of one
side stands in the table under every code one bit away as well (a table of reach 1), and the other
side flips one bit less. Lefts are met in the order of their codes, some thousands at a time, so
that tables are read as they lie in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from .chunks import Chunk, flips

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from numpy.typing import NDArray

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]

LEFTS = 1 << 15  # hashes that are looked up at a time
BLOCK = 1 << 19  # pairs measured at a time
ROUNDS = 6  # entries of one code that are picked one by one
STRIDE = 37  # neighbouring bits tell much the same: chunks take them from all over the hash


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of places in the joined arrays and their distances, sorted by left, then right."""

    left: Places
    right: Places
    distance: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.left)


@dataclass(frozen=True, slots=True)
class _Table:
    """Hashes in the order of one chunk's code, and where each code's entries begin.

    With a reach an entry is a distinct code: `entry` is where its hashes begin, `flipped` the bit
    by which it differs from the code it stands under (-1: none). Without, entries are hashes.
    """

    hashes: Hashes
    place: Places
    codes: Places
    start: NDArray[np.int32]
    entry: NDArray[np.int32] | None = None
    flipped: NDArray[np.int8] | None = None
    count: NDArray[np.int32] | None = None  # hashes of the code that begins at this place


def _table(hashes: Hashes, chunk: Chunk) -> _Table:
    codes = chunk.codes(hashes)
    order = _order(codes)
    codes = codes[order]
    if not chunk.reach:
        return _Table(hashes[order], order, codes, _starts(codes, chunk.width))
    first = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    count = np.zeros(len(codes), dtype=np.int32)
    count[first] = np.diff(np.r_[first, len(codes)])
    bits = np.r_[0, 1 << np.arange(chunk.width)]
    under = (codes[first, None] ^ bits).ravel()
    order_under = _order(under)
    entry, flipped = np.divmod(order_under, len(bits))
    return _Table(
        hashes[order], order, codes, _starts(under, chunk.width),
        first[entry].astype(np.int32), (flipped - 1).astype(np.int8), count,
    )  # fmt: skip


def _order(codes: Places) -> Places:
    """np.argsort(codes, kind="stable") of codes of MAX_WIDTH bits, in a third of the time."""
    keys = np.sort((codes << 32) | np.arange(len(codes)))
    return keys & 0xFFFFFFFF


def _starts(codes: Places, width: int) -> NDArray[np.int32]:
    counts = np.bincount(codes, minlength=1 << width)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


class Side:
    """One side of joins: its hashes, tabled by each chunk that was asked for."""

    def __init__(self, hashes: Hashes) -> None:
        self.hashes = hashes
        self.mixed = mixed(hashes)
        self._tables: dict[Chunk, _Table] = {}

    def table(self, chunk: Chunk) -> _Table:
        """The table of a chunk."""
        if chunk not in self._tables:
            self._tables[chunk] = _table(self.mixed, chunk)
        return self._tables[chunk]


def mixed(hashes: Hashes) -> Hashes:
    """The hashes with their bits in another order, the same for all: distances stay."""
    out = np.zeros_like(hashes)
    for byte, table in enumerate(_mixing()):
        out |= table[(hashes >> np.uint64(8 * byte)) & np.uint64(255)]
    return out


@lru_cache(maxsize=1)
def _mixing() -> tuple[Hashes, ...]:
    """For each of eight bytes what each of its values is in the new order."""
    bits = np.arange(64, dtype=np.uint64)
    new = (np.uint64(1) << (bits * np.uint64(STRIDE) % np.uint64(64))).reshape(8, 8)
    values = (np.arange(256, dtype=np.uint64)[:, None] >> bits[:8]) & np.uint64(1)
    return tuple((values * byte).sum(1, dtype=np.uint64) for byte in new)


def meet(
    left: Hashes, right: Side, plan: tuple[Chunk, ...], radius: int, *, itself: bool
) -> Iterator[Pairs]:
    """Every pair within the radius once: in the first chunk that lets it through.

    `left` is mixed; where `itself`, it is the right side's own, and of two only one way is met.
    """
    for number, chunk in enumerate(plan):
        table = right.table(chunk)
        if itself:
            order, codes, hashes = table.place, table.codes, table.hashes
        else:
            codes = chunk.codes(left)
            order = _order(codes)
            codes, hashes = codes[order], left[order]
        for start in range(0, len(codes), LEFTS):
            some = slice(start, start + LEFTS)
            met = _met_among if itself and not chunk.reach else _met
            for one, two in met(codes[some], hashes[some], table, chunk, radius):
                if itself:
                    once = (
                        one + start < two if met is _met else _not_itself(one + start, two, codes)
                    )
                    one, two = one[once], two[once]  # noqa: PLW2901 (the rest of these)
                apart = hashes[some][one] ^ table.hashes[two]
                new = np.ones(len(one), dtype=bool)
                for earlier in plan[:number]:
                    part = (apart >> np.uint64(earlier.shift)) & earlier.mask
                    new &= np.bitwise_count(part) > earlier.allowance
                yield Pairs(
                    order[start + one[new]], table.place[two[new]], np.bitwise_count(apart[new])
                )


def _not_itself(one: Places, two: Places, codes: Places) -> NDArray[np.bool_]:
    """Of pairs with other codes all, of those with equal codes one way."""
    once: NDArray[np.bool_] = (one < two) | (codes[one] != codes[two])
    return once


def _met_among(
    codes: Places, hashes: Hashes, table: _Table, chunk: Chunk, radius: int
) -> Iterator[tuple[Places, Places]]:
    """The same among one side's hashes: of two codes that with the lower of the highest bits."""
    lower = [np.flatnonzero((codes >> bit) & 1 == 0) for bit in range(chunk.width)]
    for flip, highest in flips(chunk.width, chunk.allowance):
        lefts = lower[highest] if flip else np.arange(len(codes))
        wanted = codes[lefts] ^ flip
        for one, at in _spread(table.start, wanted):
            yield _near(lefts[one], at, hashes, table.hashes, radius)


def _met(
    codes: Places, hashes: Hashes, table: _Table, chunk: Chunk, radius: int
) -> Iterator[tuple[Places, Places]]:
    """Pairs within the radius: places among the lefts and in the table, each pair once."""
    for flip, highest in flips(chunk.width, chunk.allowance - chunk.reach):
        for one, at in _spread(table.start, codes ^ flip):
            if table.entry is None or table.flipped is None or table.count is None:
                yield _near(one, at, hashes, table.hashes, radius)
                continue
            if flip:  # of the ways to one code, that in which the table's bit is the highest
                once = np.flatnonzero(table.flipped[at] > highest)
                one, at = one[once], at[once]  # noqa: PLW2901 (the rest of these)
            first = table.entry[at].astype(np.int64)
            yield _near(one, first, hashes, table.hashes, radius)
            more = table.count[first]
            several = np.flatnonzero(more > 1)
            if len(several):
                for left, right in _crossed(first[several] + 1, more[several] - 1):
                    yield _near(one[several[left]], right, hashes, table.hashes, radius)


def _near(
    one: Places, two: Places, hashes: Hashes, others: Hashes, radius: int
) -> tuple[Places, Places]:
    near = np.flatnonzero(np.bitwise_count(hashes[one] ^ others[two]) <= radius)
    return one[near], two[near]


def _spread(start: NDArray[np.int32], wanted: Places) -> Iterator[tuple[Places, Places]]:
    """Places in `wanted` and the entries of the table under each of these codes."""
    begin: NDArray[np.integer[Any]] = start[wanted]
    yield from _crossed(begin, start[wanted + 1] - begin)


def _crossed(
    begin: NDArray[np.integer[Any]], sizes: NDArray[np.int32]
) -> Iterator[tuple[Places, Places]]:
    """Each place with its `sizes` numbers from `begin` on, some hundred thousand at a time.

    Most have none or one: these are picked in rounds; the crowds are spread at once.
    """
    place = np.flatnonzero(sizes > 0)
    if not len(place):
        return
    at, left = begin[place].astype(np.int64), sizes[place]
    places, numbers = [], []
    for _ in range(ROUNDS):
        places.append(place)
        numbers.append(at)
        more = np.flatnonzero(left > 1)
        place, at, left = place[more], at[more] + 1, left[more] - 1
        if not len(place):
            break
    yield np.concatenate(places), np.concatenate(numbers)
    ends = np.cumsum(left, dtype=np.int64)
    low = 0
    while low < len(place):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(ends, before + BLOCK, side="right")))
        some = slice(low, high)
        first = at[some] - (ends[some] - left[some] - before)
        spread = np.arange(ends[high - 1] - before) + np.repeat(first, left[some])
        yield np.repeat(place[some], left[some]), spread
        low = high
