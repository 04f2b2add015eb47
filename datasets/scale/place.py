"""The split stage: every kept picture's label, split and shard; rows for the export to read.

A function of content: the same pictures give the same split and the same shards on any runner.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DatasetError, LabelMissing
from ..split import SPLITS, Item, Ratios, split
from ..tree.layout import ID_LENGTH
from .look import fits
from .parts import Done, Part, PartWriter, digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..exporters.shards import ShardSettings
    from ..tree.target import Target
    from .pictures import Pictures
    from .store import Store


@dataclass(frozen=True, slots=True)
class Placing:
    """How the kept pictures are divided."""

    ratios: Ratios
    seed: int
    target: Target
    shards: ShardSettings

    def words(self) -> tuple[object, ...]:
        """What the split stage's parts depend on."""
        return (
            str(self.ratios), self.seed, self.target.spec(), self.shards.shard_size,
            self.shards.seed,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """The split stage's result: its parts, and how many pictures each label has in each split."""

    done: Mapping[str, Done]
    counts: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that have a picture."""
        return tuple(sorted(self.counts))


class _Families:
    """What the families stage says of the pictures that it was asked about."""

    def __init__(self, store: Store, done: Sequence[Done]) -> None:
        self.rows: dict[str, Mapping[str, Any]] = {}
        names = sorted(one.name for one in done)
        for start in range(0, len(names), 64):
            files = [f"{name}.jsonl" for name in names[start : start + 64]]
            for data in store.read_all(files).values():
                rows = map(json.loads, data.splitlines())
                self.rows.update((row["sha256"], row) for row in rows)


def place_all(
    store: Store, pictures: Pictures, families: Sequence[Done], placing: Placing
) -> Placed:
    """Split what is kept, and write the rows of each shard.

    Raises LabelMissing where nothing is kept, SplitRefused where a split would lack a label.
    """
    families_of = _Families(store, families).rows
    left_out: Counter[str] = Counter()
    items, refs, label_of = [], {}, {}
    good = fits(pictures.arrays.size, placing.target)
    for place in np.flatnonzero(pictures.taken).tolist():
        sha = pictures.sha(place)
        row = families_of.get(sha, {})
        if row.get("dropped"):
            left_out[row["dropped"]] += 1
        elif not good[place]:
            left_out["too-small"] += 1
        else:
            number = pictures.label[pictures.label_start[place]]
            label = row.get("label") or pictures.labels[number]
            items.append(Item(sha, label, row.get("group", sha)))
            label_of[sha] = label
            refs[sha] = place
    if not items:
        raise LabelMissing(
            "MISSING: no picture is kept, so there is nothing to split; `pixset scale status "
            f"--store {store.url}` says what became of them"
        )
    _refuse_twins(refs)
    result = split(items, placing.ratios, seed=placing.seed)
    group_of = {item.id: item.group for item in items}
    done = {}
    for name in SPLITS:
        shas = [sha for sha, split_of in result.splits.items() if split_of == name]
        for one in _shards(store, pictures, placing, name, _ordered(shas, placing.shards.seed),
                           (label_of, group_of, refs)):  # fmt: skip
            done[one.name] = one
    return Placed(done, result.counts, dict(left_out))


def _refuse_twins(shas: Mapping[str, int]) -> None:
    first: dict[str, str] = {}
    for sha in shas:
        if first.setdefault(sha[:ID_LENGTH], sha) != sha:
            raise DatasetError(f"{sha[:ID_LENGTH]}: two pictures share these digits of SHA-256")


def _ordered(shas: Sequence[str], seed: int) -> list[str]:
    """In the order in which exports have them: by the seed and each picture's id alone."""

    def key(sha: str) -> tuple[bytes, str]:
        return hashlib.sha256(f"{seed}:{sha[:ID_LENGTH]}".encode()).digest(), sha

    return sorted(shas, key=key)


def _shards(
    store: Store,
    pictures: Pictures,
    placing: Placing,
    name: str,
    shas: Sequence[str],
    of: tuple[Mapping[str, str], Mapping[str, str], Mapping[str, int]],
) -> list[Done]:
    label_of, group_of, place_of = of
    size = placing.shards.shard_size
    written = []
    for number, start in enumerate(range(0, len(shas), size)):
        some = shas[start : start + size]
        refs = pictures.refs(np.array([place_of[sha] for sha in some], np.int64))
        lines = [
            json.dumps(
                {"sha256": ref.sha256, "label": label_of[ref.sha256], "group": group_of[ref.sha256],
                 "split": name, "facts": ref.facts, "source": ref.source}
            )
            for ref in refs
        ]  # fmt: skip
        data = "".join(f"{line}\n" for line in lines).encode()
        part = Part(
            f"split/{name}-{number:06}", digest_of("split 1", hashlib.sha256(data).hexdigest())
        )
        writer = PartWriter(store, part)
        writer.write(".jsonl", data)
        labels = Counter(label_of[sha] for sha in some)
        written.append(writer.finish({"items": len(some), "split": name, "labels": labels}))
    return written
