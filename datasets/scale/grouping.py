"""Who belongs to which task: components of candidate pairs, by arrays on the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...curation.duplicates.candidates import connected
from .families import (
    BIN,
    JUDGED,
    LARGE,
    FamiliesTask,
    JudgeTask,
    families_part,
    judge_part,
    read_judged,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...curation.arrays import Mask, Places
    from ...curation.duplicates.candidates import Candidates
    from .parts import Done
    from .pictures import Pictures
    from .store import Store


class Components:
    """Pictures joined by candidate pairs, directly or not.

    `of` is each picture's component by its first picture, `sizes` how many pictures each has. One
    with more than `most` is large.
    """

    def __init__(self, count: int, left: Places, right: Places, most: int = LARGE) -> None:
        self._most = most
        self.of = connected(count, left, right)
        self.sizes: Places = np.bincount(self.of, minlength=count)

    @property
    def large(self) -> Mask:
        """The pictures, by place, that lie in a component which is judged pair by pair first."""
        large: Mask = self.sizes[self.of] > self._most
        return large


def judge_tasks(
    store: Store, pictures: Pictures, found: Candidates, joined: Components
) -> Iterator[JudgeTask]:
    """The pairs of large components, in blocks."""
    at = np.flatnonzero(joined.large[found.left]) if len(found) else np.zeros(0, np.int64)
    for number, start in enumerate(range(0, len(at), JUDGED)):
        some = at[start : start + JUDGED]
        both = np.concatenate([found.left[some], found.right[some]])
        places, pair = np.unique(both, return_inverse=True)
        one, two = np.split(pair, 2)
        why = found.reasons[some].tolist()
        pairs = tuple(zip(one.tolist(), two.tolist(), why, strict=True))
        refs = tuple(pictures.refs(places))
        part = judge_part(f"judge/pairs-{number:05}", [ref.sha256 for ref in refs], pairs)
        yield JudgeTask(store, part, refs, pairs)


def families_tasks(
    store: Store,
    pictures: Pictures,
    found: Candidates,
    joined: Components,
    judged: Sequence[Done],
) -> Iterator[FamiliesTask]:
    """Whole components in bins of about BIN pictures; pictures of several labels go along."""
    kept = ~joined.large[found.left] if len(found) else np.zeros(0, bool)
    left, right = found.left[kept], found.right[kept]
    if judged:
        one, two = _alike(store, pictures, judged)
        left, right = np.concatenate([left, one]), np.concatenate([right, two])
    parts = Components(len(pictures), left, right)
    several = np.diff(pictures.label_start) > 1
    asked = pictures.taken & ((parts.sizes[parts.of] > 1) | several)
    judged = sorted(judged, key=lambda one: one.name)
    # Where pairs were judged, a pair that is not on record is other pictures; elsewhere it is new.
    for name, some, by in (("bin", ~joined.large, ()), ("large", joined.large, judged)):
        for number, places in enumerate(_bins(parts.of, np.flatnonzero(asked & some))):
            refs = tuple(pictures.refs(places))
            part = families_part(f"families/{name}-{number:05}", refs, by)
            yield FamiliesTask(store, part, refs, tuple(one.name for one in by))


def _alike(store: Store, pictures: Pictures, judged: Sequence[Done]) -> tuple[Places, Places]:
    """The judged pairs that are anything to each other, by place."""
    keys = np.ascontiguousarray(pictures.arrays.sha).view("S32").reshape(-1)
    shas = [
        (bytes.fromhex(pair.one), bytes.fromhex(pair.two))
        for done in judged
        for pair in read_judged(store, done.name)
    ]
    both = np.array(shas, dtype="S32").reshape(-1, 2)
    found: Any = np.searchsorted(keys, both)
    return found[:, 0], found[:, 1]


def _bins(component: Places, places: Places) -> Iterator[Places]:
    """Whole components, those of the smallest digests first, in bins."""
    number, first, sizes = np.unique(component[places], return_index=True, return_counts=True)
    order = np.argsort(first, kind="stable")  # places are in the order of digests
    rank = np.empty(len(number), np.int64)
    rank[order] = np.arange(len(order))
    sorted_places = places[np.argsort(rank[np.searchsorted(number, component[places])],
                                      kind="stable")]  # fmt: skip
    ends = np.cumsum(sizes[order])
    start = begin = 0
    for end in ends.tolist():
        if end - begin >= BIN or end == len(places):
            yield sorted_places[begin:end]
            begin = end
        start = end
    if begin < start:
        yield sorted_places[begin:start]
