"""The fingerprints of many pictures as arrays, as the joins take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..images.hashes import CROPS, to_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .hamming import Hashes, Places

Carried = tuple["Hashes", "Places"]


@dataclass(frozen=True, slots=True)
class Prints:
    """Fingerprints of pictures as arrays by place: `inner` is what a border leaves (else pHash).

    `crops` are the hashes of all crops, and the place of each.
    """

    phash: Hashes
    dhash: Hashes
    inner: Hashes
    crops: Carried


def prints_of(prints: Sequence[Mapping[str, int]]) -> Prints:
    """The fingerprints of pictures (kind → bits) as arrays."""
    phash, dhash, inner = (
        to_array([one.get(kind, one[other]) for one in prints])
        for kind, other in (("phash", "phash"), ("dhash", "dhash"), ("phash_trim", "phash"))
    )
    crops = joined(
        (to_array([prints[place][kind] for place in having]), np.array(having, dtype=np.int64))
        for kind in CROPS
        if (having := [place for place, one in enumerate(prints) if kind in one])
    )
    return Prints(phash, dhash, inner, crops)


def joined(carried: Iterator[Carried]) -> Carried:
    """Several such as one."""
    every = list(carried)
    if not every:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    hashes, places = zip(*every, strict=True)
    return np.concatenate(hashes), np.concatenate(places)
