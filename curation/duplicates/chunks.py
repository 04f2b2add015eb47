"""How the 64 bits of a hash are cut for a join, and what each way costs.

hamming.py tells the idea, buckets.py meets the chunks.
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
BRUTE = 2_000_000  # pairs that are quicker met one by one


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bits that two near hashes share but for `allowance`; `reach` of them the table has met."""

    shift: int
    width: int
    allowance: int
    reach: int = 0

    def codes(self, hashes: Hashes) -> Places:
        """The chunk's bits of each hash."""
        return ((hashes >> np.uint64(self.shift)) & self.mask).astype(np.int64)

    @property
    def mask(self) -> np.uint64:
        """As many low bits as the chunk has."""
        return np.uint64((1 << self.width) - 1)


def planned(left: int, right: int, radius: int, *, itself: bool) -> tuple[Chunk, ...] | None:
    """The cheapest way to cut the bits, or None for brute force. Costs are in measured ns."""
    pairs = left * right / (2 if itself else 1)
    if pairs <= BRUTE:
        return None
    best, choice = 2.0 * pairs, None
    for count in range(2, 9):
        for chunks in cuts(count, radius):
            cost = sum(_cost(chunk, left, right, itself=itself) for chunk in chunks)
            if cost < best:
                best, choice = cost, chunks
    return choice


def _cost(chunk: Chunk, left: int, right: int, *, itself: bool) -> float:
    """Nanoseconds: the table, the lookups, pairs met in the table, and pairs measured."""
    width, allowance, reach = chunk.width, chunk.allowance, chunk.reach
    flips = _patterns(width, allowance - reach)
    entries = right * (width + 1 if reach else 1)
    half = 2 if itself and not reach else 1
    met = left * flips * entries / 2**width
    measured = left * _patterns(width, allowance) * right / 2**width
    if not reach:
        met = 0.0
    cost: float = 4 * 2**width + 30 * entries + (3 * left * flips + 5 * met + 12 * measured) / half
    return cost


def _patterns(width: int, allowance: int) -> int:
    return sum(comb(width, bits) for bits in range(allowance + 1))


def cuts(count: int, radius: int) -> Iterator[tuple[Chunk, ...]]:
    """Ways to cut into `count` chunks whose allowances + 1 sum to radius + 1.

    Chunks with the greater allowance may be wider than the others.
    """
    spare = radius + 1 - count
    if spare < 0:
        return
    less, more = divmod(spare, count)
    for wider in range(64 // count, MAX_WIDTH + 1):
        rest = 64 - wider * more
        if rest < count - more or (not more and wider > 64 // count):
            break
        widths = [wider] * more
        few = count - more
        widths += [rest // few + (place < rest % few) for place in range(few)]
        if not 1 <= min(widths) <= max(widths) <= MAX_WIDTH:
            continue
        allowances = [min(less + (place < more), width) for place, width in enumerate(widths)]
        for reach in (0, 1):
            shift, chunks = 0, []
            for width, allowance in zip(widths, allowances, strict=True):
                chunks.append(Chunk(shift, width, allowance, reach if allowance == 2 else 0))
                shift += width
            yield tuple(chunks)


@lru_cache(maxsize=64)
def flips(width: int, allowance: int) -> tuple[tuple[int, int], ...]:
    """Every pattern of at most `allowance` bits among `width` and its highest bit (-1: none)."""
    return tuple(
        (sum(1 << bit for bit in bits), max(bits, default=-1))
        for size in range(allowance + 1)
        for bits in combinations(range(width), size)
    )
