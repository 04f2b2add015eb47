"""All pictures of a run as arrays on the driver, each content once, in the order of its digest.

About 1 KB a picture, most of it the cells that the candidates stage hands to its workers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...curation.duplicates.prints import Prints
from .look import LookArrays

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ...curation.arrays import Mask, Places
    from .store import Range, Store


@dataclass(frozen=True, slots=True)
class PictureRef:
    """What a task needs to know of a picture to read it: where its facts and its bytes lie."""

    sha256: str
    facts: Range
    source: Range
    labels: tuple[tuple[str, int], ...]  # label → best rank


@dataclass(frozen=True, slots=True)
class Pictures:
    """Arrays by place; `arrays` are those of the look parts, of each content the first.

    `part` is the number of its look part in `parts`. `label_start` is where each picture's labels
    begin in `label` (numbers of `labels`) and `rank`, and one more for the end.
    """

    parts: tuple[str, ...]
    labels: tuple[str, ...]
    part: NDArray[np.int32]
    arrays: LookArrays
    label_start: Places
    label: NDArray[np.int32]
    rank: Places

    def __len__(self) -> int:
        return len(self.part)

    @property
    def taken(self) -> Mask:
        """The pictures that no check drops."""
        taken: Mask = self.arrays.dropped == 0
        return taken

    def sha(self, place: int) -> str:
        """A picture's digest."""
        digest: bytes = self.arrays.sha[place].tobytes()
        return digest.hex()

    def refs(self, places: Places) -> list[PictureRef]:
        """How tasks name these pictures."""
        return [self._ref(place) for place in places.tolist()]

    def _ref(self, place: int) -> PictureRef:
        part = self.parts[self.part[place]]
        begin, end = self.arrays.facts[place].tolist()
        first, last = self.arrays.source[place].tolist()
        some = slice(self.label_start[place], self.label_start[place + 1])
        names = (self.labels[number] for number in self.label[some].tolist())
        return PictureRef(
            self.sha(place),
            (f"{part}.facts.jsonl", begin, end),
            (f"{part.replace('look/', 'fetch/')}.tar", first, last),
            tuple(zip(names, self.rank[some].tolist(), strict=True)),
        )


def read_pictures(store: Store, parts: Sequence[str], labels: Sequence[str]) -> Pictures:
    """Read the arrays of all look parts."""
    parts = sorted(parts)
    every = []
    for begin in range(0, len(parts), 64):  # some requests at a time, not all
        names = [f"{part}.arrays.npz" for part in parts[begin : begin + 64]]
        found = store.read_all(names)
        every += [LookArrays.from_bytes(found[name]) for name in names]
    counts = [len(one.sha) for one in every]
    number = np.repeat(np.arange(len(parts), dtype=np.int32), counts)
    digests = _joined(every, "sha").reshape(-1, 32)
    keys = np.ascontiguousarray(digests).view("S32").reshape(-1)
    _, first, place = np.unique(keys, return_index=True, return_inverse=True)
    start, label, rank = _labels(place, _joined(every, "label"), _joined(every, "rank"), len(first))
    crops = _crops(every, counts, first)
    arrays = LookArrays(
        **{name: _joined(every, name)[first] for name in _BY_PICTURE},
        crop_hash=crops[0],
        crop_place=crops[1],
        crop_kind=crops[2],
    )
    return Pictures(tuple(parts), tuple(labels), number[first], arrays, start, label, rank)


_BY_PICTURE = (
    *("sha", "facts", "source", "label", "rank", "size", "phash", "dhash", "inner", "cells"),
    *("drawn", "low", "dropped"),
)


def _joined(every: Sequence[LookArrays], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(one, name) for one in every])


def _labels(
    place: Places, label: NDArray[np.int32], rank: Places, count: int
) -> tuple[Places, NDArray[np.int32], Places]:
    """Each picture's labels, once each, with the best rank it has there."""
    order = np.lexsort((rank, label, place))
    place, label, rank = place[order], label[order], rank[order]
    same = (place[1:] == place[:-1]) & (label[1:] == label[:-1])
    once = np.flatnonzero(np.concatenate([[True], ~same])) if len(place) else order
    return np.searchsorted(place[once], np.arange(count + 1)), label[once], rank[once]


def _crops(
    every: Sequence[LookArrays], counts: Sequence[int], first: Places
) -> tuple[NDArray[np.uint64], Places, NDArray[np.uint8]]:
    """The crops of the pictures that are the first of their content: hash, place, kind."""
    before = np.cumsum([0, *counts])
    at = np.concatenate([one.crop_place + start for one, start in zip(every, before, strict=False)])
    new = np.full(int(before[-1]), -1, np.int64)
    new[first] = np.arange(len(first))
    chosen = new[at] >= 0
    return (
        _joined(every, "crop_hash")[chosen],
        new[at][chosen],
        _joined(every, "crop_kind")[chosen],
    )


def prints_among(pictures: Pictures, places: Places) -> Prints:
    """The fingerprints of some pictures, by their place among these."""
    arrays = pictures.arrays
    new = np.full(len(pictures), -1, np.int64)
    new[places] = np.arange(len(places))
    chosen = new[arrays.crop_place] >= 0
    return Prints(
        arrays.phash[places],
        arrays.dhash[places],
        arrays.inner[places],
        (arrays.crop_hash[chosen], new[arrays.crop_place][chosen]),
        arrays.crop_kind[chosen],
    )
