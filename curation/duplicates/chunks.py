"""How the 64 bits of a hash are cut for a join, and what each way costs.

hamming.py tells the idea, buckets.py joins by the chunks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb, exp
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..arrays import Hashes, Places


TABLED = 21  # bits of a chunk that count, the rest is let through: 2 million codes, 28 MB a table
HALVES = 8  # bits: up to this radius half of a hash is enough to tell most of the others
BRUTE = 2_000_000  # pairs that are quicker met one by one


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bits that two near hashes share but for `allowance`."""

    shift: int
    width: int
    allowance: int

    def codes(self, hashes: Hashes) -> Places:
        """The chunk's bits of each hash."""
        codes = hashes >> np.uint64(self.shift)
        codes &= self.mask
        return codes.view(np.int64)

    def parts(self, hashes: Hashes) -> NDArray[np.uint32]:
        """32 of each hash's other bits."""
        end = self.shift + self.width
        before = (hashes << np.uint64(64 - end)).astype(np.uint32)
        return before if end == 64 else before | (hashes >> np.uint64(end)).astype(np.uint32)

    @property
    def mask(self) -> np.uint64:
        """As many low bits as the chunk has."""
        return np.uint64((1 << self.width) - 1)


def planned(few: int, many: int, radius: int, *, itself: bool) -> tuple[Chunk, ...] | None:
    """The cheapest way to cut the bits, or None for brute force. Costs are in measured ns."""
    pairs = few * many / (2 if itself else 1)
    if pairs <= BRUTE:
        return None
    best, choice = 2.0 * pairs, None
    for count in range(1, 9):
        for chunks in cuts(count, radius):
            cost = sum(_cost(chunk, few, many, radius, itself=itself) for chunk in chunks)
            if cost < best:
                best, choice = cost, chunks
    return choice


def columns_read(many: int, width: int, radius: int) -> int:
    """How many columns a lookup reads, of `many` in buckets of codes of `width` bits."""
    first = 1 + round(many / (1 << width))
    return -(-first // held_in_one(radius))


def held_in_one(radius: int) -> int:
    """How many hashes one number of a column tells of: up to HALVES halves are enough."""
    return 2 if radius <= HALVES else 1


def _cost(chunk: Chunk, few: int, many: int, radius: int, *, itself: bool) -> float:
    """Nanoseconds: the table, the lookups with what they read, and pairs spread beyond that."""
    width = chunk.width
    load, columns = many / (1 << width), columns_read(many, width, radius)
    lookups = few * _patterns(width, chunk.allowance) / (2 if itself else 1)
    beyond = _beyond(load, columns * held_in_one(radius)) + load / 10
    # real hashes crowd more than random ones
    lookup = 4 + 5 * columns + 30 * beyond
    return (10 + 10 * columns) * (1 << width) + 30 * many + lookups * lookup


def _beyond(load: float, first: int) -> float:
    """How many more than `first` hashes a bucket holds, where it holds `load` on average."""
    if load > 50:
        return max(0.0, load - first)
    held = [exp(-load)]
    for number in range(1, first + 1):
        held.append(held[-1] * load / number)
    return load - first + sum((first - number) * share for number, share in enumerate(held))


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
    for wider in range(64 // count, 65):
        rest = 64 - wider * more
        if rest < count - more or (not more and wider > 64 // count):
            break
        widths = [wider] * more
        few = count - more
        widths += [rest // few + (place < rest % few) for place in range(few)]
        if min(widths) < 1:
            continue
        shifts = [sum(widths[:place]) for place in range(count)]
        widths = [min(width, TABLED) for width in widths]
        allowances = [min(less + (place < more), width) for place, width in enumerate(widths)]
        yield tuple(map(Chunk, shifts, widths, allowances))


@lru_cache(maxsize=64)
def flips(width: int, allowance: int) -> tuple[tuple[int, Places], ...]:
    """Every pattern of at most `allowance` bits among `width`, by its highest bit (-1: none)."""
    by_highest: dict[int, list[int]] = {}
    for size in range(allowance + 1):
        for bits in combinations(range(width), size):
            by_highest.setdefault(max(bits, default=-1), []).append(sum(1 << bit for bit in bits))
    return tuple((bit, np.array(sorted(by_highest[bit]))) for bit in sorted(by_highest))
