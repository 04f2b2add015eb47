"""The candidates stage: one block of pictures a task meets all, on arrays that all tasks share.

A worker's memory: the shared arrays, which a node holds once (about 950 bytes a picture), what
the join sorts (about 100 bytes a picture), and the screen, which opens at most SCREENED pairs.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ...curation.duplicates.candidates import Candidates, block_candidates
from ...curation.duplicates.coarse_screen import SIDE, CoarseScreen
from ...curation.duplicates.memory import version
from .parts import Done, Part, PartWriter, digest_of
from .pictures import prints_among

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from ...curation.arrays import Mask, Places
    from ...curation.duplicates.prints import Prints
    from .pictures import Pictures
    from .store import Store

BLOCK: Final = 250_000  # pictures a task
SCREENED: Final = 1 << 16  # pairs screened at a time: their pictures' cells take 400 MB at most


@dataclass(frozen=True, slots=True)
class JoinInput:
    """What all blocks are met with: pictures by their place among those that are joined."""

    prints: Prints
    cells: NDArray[np.uint8]
    drawn: Mask


@dataclass(frozen=True, slots=True)
class JoinTask:
    """A block: the places from `begin` to before `end`."""

    store: Store
    part: Part
    begin: int
    end: int


def joined_places(pictures: Pictures) -> Places:
    """The pictures that are compared: of those that are taken, the ones that show something."""
    return np.flatnonzero(pictures.taken & ~pictures.arrays.low)


def join_input(pictures: Pictures, places: Places) -> JoinInput:
    """The arrays that are put into the object store once."""
    return JoinInput(
        prints_among(pictures, places),
        pictures.arrays.cells[places].reshape(-1, SIDE, SIDE, 3),
        pictures.arrays.drawn[places],
    )


def join_parts(
    count: int, looked: Sequence[Done], block: int = BLOCK
) -> list[tuple[Part, int, int]]:
    """The blocks of `count` pictures; each depends on all that was looked at."""
    digests = (done.digest for done in sorted(looked, key=lambda one: one.name))
    inputs = digest_of("candidates 1", version(), block, count, *digests)
    return [
        (Part(f"candidates/block-{begin // block:05}", inputs), begin, min(begin + block, count))
        for begin in range(0, count, block)
    ]


def join_block(task: JoinTask, given: JoinInput) -> Done:
    """Find the candidates that a block brings and that the screen leaves open."""
    writer = PartWriter(task.store, task.part)
    found = block_candidates(given.prints, np.arange(task.begin, task.end), _Screen(given))
    out = io.BytesIO()
    np.savez(out, left=found.left, right=found.right, reasons=found.reasons)
    writer.write(".npz", out.getvalue())
    return writer.finish({"items": task.end - task.begin, "pairs": len(found)})


class _Screen:
    """The coarse screen, over the pictures of some pairs at a time."""

    def __init__(self, given: JoinInput) -> None:
        self._given = given

    def __call__(self, one: Places, two: Places, reason: int, /) -> NDArray[np.bool_]:
        kept = np.ones(len(one), bool)
        for start in range(0, len(one), SCREENED):
            some = slice(start, start + SCREENED)
            places, at = np.unique(np.concatenate([one[some], two[some]]), return_inverse=True)
            screen = CoarseScreen(self._given.cells[places], self._given.drawn[places])
            first, second = np.split(at, 2)
            dhash = self._given.prints.dhash[places]
            kept[some] = screen.worth(first, second, reason, dhash)
        return kept


def read_candidates(store: Store, parts: Sequence[str], places: Places) -> Candidates:
    """All blocks' pairs by their pictures' places, each once, with all its reasons."""
    keys: list[Places] = [np.zeros(0, np.int64)]
    reasons: list[NDArray[Any]] = [np.zeros(0, np.uint8)]
    count = max(1, len(places))
    for part in parts:
        found = _read(store.read(f"{part}.npz"))
        keys.append(found["left"] * count + found["right"])
        reasons.append(found["reasons"])
    key, why = np.concatenate(keys), np.concatenate(reasons)
    order = np.argsort(key, kind="stable")
    key, why = key[order], why[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else order
    if len(key):
        why = np.bitwise_or.reduceat(why, first)
    left, right = np.divmod(key[first], count)
    return Candidates(places[left], places[right], why)


def _read(data: bytes) -> Mapping[str, NDArray[Any]]:
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        return dict(file)
