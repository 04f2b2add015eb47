"""The fingerprints of many pictures as arrays, as the joins take them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from ..images.hashes import CROPS, TRIMMED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from ..arrays import Hashes, Places


Carried = tuple["Hashes", "Places"]

AT_ONCE = 1024  # pictures whose fingerprints are read at a time, kind by kind: they stay cached

# Two cuts of one picture, of which neither holds the other: what lies at one side of the one lies
# at the other side of the other. Windows that face one another, side by side and one above another.
FACING = (
    (
        ("phash_corner_tr", "phash_edge_r", "phash_corner_br"),
        ("phash_corner_tl", "phash_edge_l", "phash_corner_bl"),
    ),
    (
        ("phash_corner_tl", "phash_edge_t", "phash_corner_tr"),
        ("phash_corner_bl", "phash_edge_b", "phash_corner_br"),
    ),
)


@dataclass(frozen=True, slots=True)
class Prints:
    """Fingerprints of pictures as arrays by place: `inner` is what a border leaves (else pHash).

    `crops` are the hashes of all crops, and the place of each; `crop_kinds` the place of each
    one's kind in CROPS.
    """

    phash: Hashes
    dhash: Hashes
    inner: Hashes
    crops: Carried
    crop_kinds: NDArray[np.uint8]

    def crops_of(self, kinds: Sequence[str]) -> Carried:
        """The crops of some kinds alone."""
        wanted = np.isin(np.arange(len(CROPS)), [CROPS.index(kind) for kind in kinds])
        these = np.flatnonzero(wanted[self.crop_kinds])
        return self.crops[0][these], self.crops[1][these]


def prints_of(prints: Iterable[Mapping[str, int]]) -> Prints:
    """The fingerprints of pictures (kind → bits) as arrays."""
    found: dict[str, list[Carried]] = {kind: [] for kind in ("phash", "dhash", TRIMMED, *CROPS)}
    left, before = iter(prints), 0
    while some := list(islice(left, AT_ONCE)):
        for kind, blocks in found.items():
            hashes, places = _carried(some, kind)
            blocks.append((hashes, places + before))
        before += len(some)
    (phash, _), (dhash, _), (trimmed, places) = (
        joined(found[kind]) for kind in ("phash", "dhash", TRIMMED)
    )
    inner = phash.copy()
    inner[places] = trimmed
    crops = [joined(found[kind]) for kind in CROPS]
    kinds = np.repeat(np.arange(len(CROPS), dtype=np.uint8), [len(one[0]) for one in crops])
    return Prints(phash, dhash, inner, joined(crops), kinds)


def _carried(prints: Sequence[Mapping[str, int]], kind: str) -> Carried:
    """The hashes of one kind, and the places of those that have it."""
    bits = [one.get(kind) for one in prints]
    if None not in bits:
        return np.array(bits, dtype=np.uint64), np.arange(len(bits))
    having = [place for place, one in enumerate(bits) if one is not None]
    return np.array([bits[place] for place in having], dtype=np.uint64), np.array(having, np.int64)


def joined(carried: Iterable[Carried]) -> Carried:
    """Several such as one."""
    every = list(carried)
    if not every:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    hashes, places = zip(*every, strict=True)
    return np.concatenate(hashes), np.concatenate(places)
