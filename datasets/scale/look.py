"""The look stage: every fetched picture's facts, and what a join needs of all of them as arrays.

Beside each part of facts (JSON lines, with thumbs) lies a narrow one of arrays: about 950 bytes a
picture, so that a million's fit one machine.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ...curation.duplicates.constraints import Constraints
from ...curation.duplicates.pairs import PairClassifier
from ...curation.duplicates.pixel_source import PixelSource
from ...curation.duplicates.prints import prints_of
from ...curation.errors import Unreadable
from ...curation.images.batch import (
    TOGETHER,
    in_groups,
    in_one_task,
    isolated,
    look_some_inside,
)
from ...curation.images.facts import to_record, versions_text
from ...curation.images.measure import versions
from ...curation.images.quality import CHECKS
from ..curate.rules import check_of, findings_of
from ..errors import DatasetError
from ..recipe.models import Recipe
from ..tree.prepare import misfit
from .fetch import read_fates
from .parts import Done, Part, PartWriter, digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from ...curation.images.facts import Facts
    from ...curation.images.sandbox import DecodeSandbox
    from ..tree.target import Target
    from .store import Store

    _Row = Mapping[str, Any]

_AGAIN = 2  # more times that a picture is looked at whose process stalled


@dataclass(frozen=True, slots=True)
class LookTask:
    """The fetch part whose pictures are looked at, and what is made of them."""

    store: Store
    part: Part
    fetched: str
    labels: tuple[str, ...]
    processors: int | None


@dataclass(frozen=True, slots=True)
class LookArrays:
    """What is known of pictures, by place: one element, or one row, a picture.

    `sha` are 32 bytes; `facts` where the facts' line begins and ends in the part's file, `source`
    the same of the bytes in the tar; `label` a number in the plan's labels, `rank` the row's
    there; `size` width and height. `cells`, `drawn` and `low` are what screens candidates;
    `dropped` is the number of a check that drops it (its place in CHECKS, from 1), else 0. Of crops
    there are several a picture: their hashes, and each one's place and kind (its place in CROPS).
    """

    sha: NDArray[np.uint8]
    facts: NDArray[np.int64]
    source: NDArray[np.int64]
    label: NDArray[np.int32]
    rank: NDArray[np.int64]
    size: NDArray[np.int32]
    phash: NDArray[np.uint64]
    dhash: NDArray[np.uint64]
    inner: NDArray[np.uint64]
    crop_hash: NDArray[np.uint64]
    crop_place: NDArray[np.int64]
    crop_kind: NDArray[np.uint8]
    cells: NDArray[np.uint8]
    drawn: NDArray[np.bool_]
    low: NDArray[np.bool_]
    dropped: NDArray[np.int16]

    def to_bytes(self) -> bytes:
        """The arrays as a file."""
        out = io.BytesIO()
        np.savez(out, **{one.name: getattr(self, one.name) for one in fields(self)})
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> LookArrays:
        """The arrays that `to_bytes` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return cls(**{one.name: file[one.name] for one in fields(cls)})


def look_parts(fetched: Mapping[str, Done], labels: Sequence[str]) -> list[tuple[Part, str]]:
    """The look parts: as many as fetch parts, each of one."""
    measured = versions_text(versions())
    return [
        (
            Part(
                name.replace("fetch/", "look/"), digest_of("look 2", measured, *labels, done.digest)
            ),
            name,
        )
        for name, done in sorted(fetched.items())
    ]


def look_part(task: LookTask, shared: object = None) -> Done:
    """Look at the pictures of one fetch part, in processes that may be lost."""
    del shared
    rows = [row for row in read_fates(task.store, task.fetched) if row["extension"]]
    writer = PartWriter(task.store, task.part)
    seen: list[tuple[_Row, Facts]] = []
    unreadable: Counter[str] = Counter()
    with task.store.local(f"{task.fetched}.tar") as tar:

        def measured(group: Sequence[_Row], sandbox: DecodeSandbox) -> list[Facts | Unreadable]:
            return _until_settled([(tar, row["at"], row["bytes"]) for row in group], sandbox)

        groups = isolated(measured, in_groups(rows, TOGETHER), name="look", workers=task.processors)
        for group, found in groups:
            assert not isinstance(found, Unreadable)  # noqa: S101 (`measured` raises none)
            for row, facts in zip(group, found, strict=True):
                if isinstance(facts, Unreadable) and facts.why == "not-a-file":
                    raise DatasetError(f"{tar}: {facts.detail}; run again")
                if isinstance(facts, Unreadable):
                    unreadable[check_of(facts.why)] += 1
                else:
                    seen.append((row, facts))
    lines = [_line(*one) for one in seen]
    writer.write(".facts.jsonl", b"".join(lines))
    arrays = _arrays(seen, lines, task.labels)
    writer.write(".arrays.npz", arrays.to_bytes())
    dropped = Counter(_CHECK_NAMES[number - 1] for number in arrays.dropped.tolist() if number)
    counts = {"items": len(rows), "looked": len(seen), "unreadable": unreadable, "dropped": dropped}
    return writer.finish(counts)


def _until_settled(
    pictures: Sequence[tuple[Path, int, int]], sandbox: DecodeSandbox
) -> list[Facts | Unreadable]:
    """What each picture is found to be; one whose process stalled is looked at again."""
    found = in_one_task(look_some_inside, pictures, sandbox)
    for place, picture in enumerate(pictures):
        for _ in range(_AGAIN):
            if not isinstance(one := found[place], Unreadable) or one.settled:
                break
            found[place] = in_one_task(look_some_inside, [picture], sandbox)[0]
    return found


_CHECK_NAMES = tuple(CHECKS)


def _line(row: Mapping[str, Any], facts: Facts) -> bytes:
    source = {"url": row["url"], "status": row["status"], **row["answer"]}
    name = f"{row['label']}/{facts.sha256[:16]}.{row['extension']}"
    record = {"facts": to_record(facts), "origin": row["origin"], "source": source, "name": name}
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _arrays(
    seen: Sequence[tuple[Mapping[str, Any], Facts]], lines: Sequence[bytes], labels: Sequence[str]
) -> LookArrays:
    every = [facts for _, facts in seen]
    count = len(every)
    prints = prints_of(facts.fingerprints for facts in every)
    pairs = PairClassifier(every, PixelSource(every, _unread), Constraints((), (), {}))
    places = np.arange(count)
    low = np.zeros(count, bool)
    low[sorted(pairs.low_information(places))] = True
    ends = np.cumsum([len(line) for line in lines], dtype=np.int64)
    starts = np.concatenate([[0], ends[:-1]])[:count]
    number = {label: place for place, label in enumerate(labels)}
    found = findings_of({str(at): facts for at, facts in enumerate(every)}, Recipe(name=""))
    return LookArrays(
        sha=_table([bytes.fromhex(facts.sha256) for facts in every], 32),
        facts=np.column_stack([starts, ends]).astype(np.int64),
        source=np.array([(row["at"], row["at"] + row["bytes"]) for row, _ in seen], np.int64)
        .reshape(-1, 2),
        label=np.array([number[row["label"]] for row, _ in seen], np.int32),
        rank=np.array([row["origin"].get("rank", 1) for row, _ in seen], np.int64),
        size=np.array([(facts.width, facts.height) for facts in every], np.int32).reshape(-1, 2),
        phash=prints.phash,
        dhash=prints.dhash,
        inner=prints.inner,
        crop_hash=prints.crops[0],
        crop_place=prints.crops[1],
        crop_kind=prints.crop_kinds,
        cells=pairs.looks(places.tolist()) if count else np.zeros((0, 768), np.uint8),
        drawn=pairs.drawn,
        low=low,
        dropped=np.array([_dropping(found[str(at)]) for at in range(count)], np.int16),
    )  # fmt: skip


def _dropping(findings: Sequence[Any]) -> int:
    """The number of the first check that drops a picture; 0 where none does."""
    return next((_CHECK_NAMES.index(one.check) + 1 for one in findings if one.drop), 0)


def _table(rows: Sequence[bytes], width: int) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(-1, width)


def _unread(sha: str) -> bytes:
    raise OSError(f"{sha}: nothing is opened for a screen")


def fits(size: NDArray[np.int32], target: Target) -> NDArray[np.bool_]:
    """Which sizes (width, height) can be made ready."""
    kinds, place = np.unique(size.reshape(-1, 2), axis=0, return_inverse=True)
    good = np.array([misfit((int(w), int(h)), target) is None for w, h in kinds], bool)
    fitting: NDArray[np.bool_] = good[place.reshape(-1)]
    return fitting
