"""The fingerprints of many pictures as arrays, as the joins take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..images.hashes import CROPS, TRIMMED

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
    phash = np.array([one["phash"] for one in prints], dtype=np.uint64)
    dhash = np.array([one["dhash"] for one in prints], dtype=np.uint64)
    inner = phash.copy()
    hashes, places = _carried(prints, TRIMMED)
    inner[places] = hashes
    crops = joined(_carried(prints, kind) for kind in CROPS)
    return Prints(phash, dhash, inner, crops)


def _carried(prints: Sequence[Mapping[str, int]], kind: str) -> Carried:
    """The hashes of one kind, and the places of those that have it."""
    bits = [one.get(kind) for one in prints]
    if None not in bits:
        return np.array(bits, dtype=np.uint64), np.arange(len(bits))
    having = [place for place, one in enumerate(bits) if one is not None]
    return np.array([bits[place] for place in having], dtype=np.uint64), np.array(having, np.int64)


def joined(carried: Iterator[Carried]) -> Carried:
    """Several such as one."""
    every = list(carried)
    if not every:
        return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    hashes, places = zip(*every, strict=True)
    return np.concatenate(hashes), np.concatenate(places)
