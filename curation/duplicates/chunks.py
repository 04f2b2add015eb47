"""How the 64 bits of a hash are cut for a join, and what each way costs.

hamming.py tells the idea, buckets.py meets the chunks.
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

    Hashes = NDArray[np.uint64]
    Places = NDArray[np.int64]

MAX_WIDTH = 24  # bits a chunk: its table has 2^24 four-byte places (64 MB) at most
SPARSE = 0.3  # hashes a code
BRUTE = 2_000_000  # pairs that are quicker met one by one


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bits that two near hashes share but for `allowance`."""

    shift: int
    width: int
    allowance: int

    def codes(self, hashes: Hashes) -> Places:
        """The chunk's bits of each hash."""
        return ((hashes >> np.uint64(self.shift)) & self.mask).astype(np.int64)

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
    for count in range(2, 9):
        for chunks in cuts(count, radius):
            cost = sum(_cost(chunk, few, many, itself=itself) for chunk in chunks)
            if cost < best:
                best, choice = cost, chunks
    return choice


def first_read(many: int, width: int) -> int:
    """How many hashes a lookup reads, of `many` in buckets of codes of `width` bits."""
    return 1 + round(many / (1 << width))


def sparse(many: int, width: int) -> bool:
    """Whether most codes have no hash, so that a lookup first asks whether there is one."""
    return many / (1 << width) < SPARSE


def _cost(chunk: Chunk, few: int, many: int, *, itself: bool) -> float:
    """Nanoseconds: the table, the lookups with what they read, and pairs spread beyond that."""
    width = chunk.width
    load, first = many / (1 << width), first_read(many, width)
    lookups = few * _patterns(width, chunk.allowance) / (2 if itself else 1)
    beyond = _beyond(load, first) + load / 10  # real hashes crowd more than random ones
    lookup = 8 + 7 * first + 40 * beyond
    if sparse(many, width):
        lookup = 4 + load * (10 + lookup)
    return 10 * (1 << width) + 70 * many + lookups * lookup


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
        shifts = (sum(widths[:place]) for place in range(count))
        yield tuple(map(Chunk, shifts, widths, allowances))


@lru_cache(maxsize=64)
def flips(width: int, allowance: int) -> tuple[tuple[int, Places], ...]:
    """Every pattern of at most `allowance` bits among `width`, by its highest bit (-1: none)."""
    by_highest: dict[int, list[int]] = {}
    for size in range(allowance + 1):
        for bits in combinations(range(width), size):
            by_highest.setdefault(max(bits, default=-1), []).append(sum(1 << bit for bit in bits))
    return tuple((bit, np.array(sorted(by_highest[bit]))) for bit in sorted(by_highest))
