"""The judge and families stages: pairs and families by the functions that one machine uses.

Pictures that no candidate pair joins, directly or not, have nothing to do with one another: each
task takes whole components and finds their families. A component larger than LARGE is first judged
pair by pair, in blocks, and falls apart where pairs are other pictures; what stays together is one
task, whatever its size (`status` names the largest).
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ...curation.duplicates.constraints import Constraints
from ...curation.duplicates.families import find_families
from ...curation.duplicates.keeper import rank
from ...curation.duplicates.memory import JOINED, Remembered, RememberedPair, mark_of, version
from ...curation.duplicates.pair_result import Kind, PairResult
from ...curation.duplicates.pairs import PairClassifier
from ...curation.duplicates.pixel_source import PixelSource
from ...curation.images.facts import Facts, from_record, versions_text
from ...curation.images.measure import versions
from ..catalogue.images import ImageRecord
from ..curate.rules import copies_and_conflicts
from ..recipe.models import Recipe
from .parts import Done, Part, PartWriter, digest_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...curation.duplicates.results import Families
    from .pictures import PictureRef
    from .store import Store

LARGE: Final = 5_000  # pictures of a component that are judged pair by pair first
BIN: Final = 1_000  # pictures a task, unless one component has more
JUDGED: Final = 5_000  # pairs a task


@dataclass(frozen=True, slots=True)
class JudgeTask:
    """Pairs (two places in `pictures`, reasons) to be judged."""

    store: Store
    part: Part
    pictures: tuple[PictureRef, ...]
    pairs: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class FamiliesTask:
    """Whole components; `judged` are parts that hold their pairs, where they were judged."""

    store: Store
    part: Part
    pictures: tuple[PictureRef, ...]
    judged: tuple[str, ...] = ()


def judge_part(name: str, shas: Sequence[str], pairs: object) -> Part:
    """The part of some pairs."""
    return Part(name, digest_of("judge 2", _rules(), *shas, pairs))


def families_part(name: str, pictures: Sequence[PictureRef], judged: Sequence[Done]) -> Part:
    """The part of some components."""
    labelled = ((one.sha256, one.labels) for one in pictures)
    return Part(name, digest_of("families 2", _rules(), *labelled, *(d.digest for d in judged)))


def _rules() -> str:
    """The versions of the rules and of the measurements that they read."""
    return f"{version()} {versions_text(versions())}"


def judge_pairs(task: JudgeTask, shared: object = None) -> Done:
    """Classify pairs as a machine alone does."""
    del shared
    writer = PartWriter(task.store, task.part)
    facts = read_facts(task.store, task.pictures)
    best = sorted(range(len(facts)), key=lambda place: rank(facts[place]))
    standing = {place: order for order, place in enumerate(best)}
    facts = [facts[place] for place in best]
    source = PixelSource(facts, _reader(task.store, task.pictures))
    classifier = PairClassifier(facts, source, Constraints((), (), {}))
    ordered = ((standing[one], standing[two], why) for one, two, why in task.pairs)
    # the better one first, as `find_families` has them
    pairs = sorted((min(one, two), max(one, two), why) for one, two, why in ordered)
    one, two, reasons = (np.array(column) for column in zip(*pairs, strict=True))
    classifier.screen(one, two, reasons.astype(np.uint8))
    classifier.classify_all(pairs)
    lines, kinds = [], Counter[str]()
    for first, second, why in pairs:
        result = classifier.classify(first, second, why)
        kinds[result.kind.value] += 1
        if result.kind is not Kind.OTHER:
            shas = sorted((facts[first].sha256, facts[second].sha256))
            found = (result.kind.value, result.likeness, result.difference, result.why)
            lines.append(json.dumps([*shas, why, *found]).encode() + b"\n")
    writer.write(".pairs.jsonl", b"".join(lines))
    return writer.finish({"items": len(task.pairs), "kinds": kinds})


def read_judged(store: Store, part: str) -> list[RememberedPair]:
    """The pairs of a judge part that are not other pictures."""
    found = []
    for line in store.read(f"{part}.pairs.jsonl").splitlines():
        one, two, reasons, kind, likeness, difference, why = json.loads(line)
        result = PairResult(Kind(kind), likeness, difference, why)
        found.append(RememberedPair(one, two, reasons, result))
    return found


def find_in_components(task: FamiliesTask, shared: object = None) -> Done:
    """Find the families of whole components, and what the rules make of them."""
    del shared
    writer = PartWriter(task.store, task.part)
    facts = read_facts(task.store, task.pictures)
    memory = _Judged(task.store, task.judged, facts) if task.judged else None
    found = find_families(facts, read=_reader(task.store, task.pictures), memory=memory)
    records = {
        one.sha256: ImageRecord(one.sha256, one.sha256, 0, "", dict(one.labels))
        for one in task.pictures
    }
    verdicts, _ = copies_and_conflicts(found, records, {}, Recipe(name=""))
    copies = {m.sha256: (f.keeper, m) for f in found.families for m in f.members}
    lines, out = [], Counter[str]()
    for one in task.pictures:
        verdict = verdicts.get(one.sha256)
        dropped = verdict.reason if verdict and verdict.decision == "drop" else None
        row: dict[str, Any] = {
            "sha256": one.sha256,
            "group": found.split_group.get(one.sha256, one.sha256),
            "dropped": dropped,
            "label": verdict.label if verdict else None,
        }
        if one.sha256 in copies:
            keeper, m = copies[one.sha256]
            row |= {"keeper": keeper, "relation": m.relation, "phash": m.phash, "dhash": m.dhash,
                    "difference": m.difference}  # fmt: skip
        out.update([dropped] if dropped else [])
        lines.append(json.dumps(row).encode() + b"\n")
    writer.write(".jsonl", b"".join(lines))
    return writer.finish(_counts(found, out, len(task.pictures)))


def _counts(found: Families, dropped: Counter[str], pictures: int) -> dict[str, Any]:
    relations = Counter(m.relation for family in found.families for m in family.members)
    return {
        "items": pictures,
        "families": len(found.families),
        "relations": relations,
        "doubts": len(found.review),
        "dropped": dropped,
    }


def read_facts(store: Store, pictures: Sequence[PictureRef]) -> list[Facts]:
    """The facts of pictures, in their order."""
    lines = store.read_ranges([one.facts for one in pictures])
    return [from_record(json.loads(line)["facts"]) for line in lines]


def _reader(store: Store, pictures: Sequence[PictureRef]) -> Any:
    places = {one.sha256: one.source for one in pictures}

    def read(sha256: str) -> bytes:
        return store.read_ranges([places[sha256]])[0]

    return read


class _Judged:
    """Pairs that were judged, as a memory that `find_families` recalls; it keeps nothing."""

    def __init__(self, store: Store, parts: Sequence[str], facts: Sequence[Facts]) -> None:
        there = {one.sha256 for one in facts}
        pairs = (pair for part in parts for pair in read_judged(store, part))
        self._known = Remembered(
            {one.sha256: mark_of(one) | JOINED for one in facts},
            [pair for pair in pairs if pair.one in there and pair.two in there],
        )

    def recall(self, version: str, /) -> Remembered:
        """All that was judged, by these rules: the parts' digests hold their version."""
        del version
        return self._known

    def remember(self, version: str, new: Remembered, stale: Collection[str], /) -> None:
        """Nothing: the part holds what was found."""
