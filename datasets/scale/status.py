"""What a store holds: how far each stage is, what became of every row, how fast it went."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...curation.printable import counted
from ..errors import UsageError
from ..table import Table
from .export import FORMATS
from .parts import Done, finished
from .plan import Plan, read_plan
from .run import STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .store import Store


@dataclass(frozen=True, slots=True)
class StageStatus:
    """A stage: its parts, those done, the items in these, and the seconds that tasks took.

    `elapsed` are seconds from the first part's beginning to the last one's end.
    """

    stage: str
    parts: int
    done: int
    items: int
    seconds: float
    elapsed: float

    @property
    def rate(self) -> float:
        """Items a second of elapsed time; 0 where nothing was done."""
        return self.items / self.elapsed if self.elapsed > 0 else 0.0


@dataclass(frozen=True, slots=True)
class ScaleStatus:
    """What a store holds of a run.

    `fates` are label → fate → rows, `lost` why rows have no picture, `dropped` why pictures are
    out, `families` what the families stage counted, `largest` the pictures of its largest task,
    `pictures` label → split → pictures of the export.
    """

    url: str
    rows: int
    bad: Mapping[str, int]
    stages: tuple[StageStatus, ...]
    fates: Mapping[str, Mapping[str, int]]
    lost: Mapping[str, int]
    dropped: Mapping[str, int]
    families: Mapping[str, int]
    largest: int
    pictures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def missing(self) -> list[str]:
        """The labels of which nothing came, where all was asked."""
        fetch = next(one for one in self.stages if one.stage == "fetch")
        if not fetch.parts or fetch.done < fetch.parts:
            return []
        return [label for label, fates in sorted(self.fates.items()) if not fates.get("same")]

    def to_json(self) -> dict[str, object]:
        """One JSON object."""
        return {
            "store": self.url,
            "rows": self.rows,
            "bad_lines": dict(self.bad),
            "stages": [
                {"stage": one.stage, "parts": one.parts, "done": one.done, "items": one.items,
                 "task_seconds": round(one.seconds, 1), "items_per_second": round(one.rate, 1)}
                for one in self.stages
            ],
            "fates": {label: dict(fates) for label, fates in self.fates.items()},
            "lost": dict(self.lost),
            "dropped": dict(self.dropped),
            "families": dict(self.families),
            "largest_component_task": self.largest,
            "pictures": {label: dict(splits) for label, splits in self.pictures.items()},
        }  # fmt: skip

    def to_text(self) -> str:
        """Tables and lines for a person."""
        rows = [
            (s.stage, s.parts, s.done, s.items, f"{s.seconds:.0f}", f"{s.rate:.1f}")
            for s in self.stages
        ]
        head = ("stage", "parts", "done", "items", "task seconds", "items/s")
        lines = [f"{self.url}: {counted(self.rows, 'row')}", Table(head, rows).to_text()]
        if self.fates:
            names = sorted({fate for fates in self.fates.values() for fate in fates})
            fates = [
                (label, *(found.get(name, 0) for name in names))
                for label, found in sorted(self.fates.items())
            ]
            lines.append(Table(("label", *names), fates).to_text())
        for title, counts in (
            ("lines left out", self.bad), ("lost", self.lost), ("dropped", self.dropped),
            ("families", self.families),
        ):  # fmt: skip
            if counts:
                listed = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
                lines.append(f"{title}: " + ", ".join(f"{why} {number}" for why, number in listed))
        if self.pictures:
            splits = sorted({split for held in self.pictures.values() for split in held})
            held = [
                (label, *(found.get(split, 0) for split in splits))
                for label, found in sorted(self.pictures.items())
            ]
            lines.append(Table(("exported", *splits), held).to_text())
        return "\n".join(lines)


def status_of(store: Store) -> ScaleStatus:
    """What a store holds; raises UsageError where there is no plan."""
    plan = read_plan(store)
    if plan is None:
        raise UsageError(f"{store.url}: no run here; `pixset scale run LIST --store {store.url}`")
    parts = {stage: _parts(store, plan, stage) for stage in STAGES}
    done = {stage: _done(store, stage, wanted) if wanted else [] for stage, wanted in parts.items()}
    fates: dict[str, Counter[str]] = {}
    for one in done["fetch"]:
        for label, counts in one.counts["fates"].items():
            fates.setdefault(label, Counter()).update(counts)
    families = Counter[str]()
    for one in done["families"]:
        families.update({"families": one.counts["families"], "doubts": one.counts["doubts"]})
        families.update(one.counts["relations"])
    pictures: dict[str, Counter[str]] = {}
    for one in done["export"] or done["split"]:
        for label, number in one.counts["labels"].items():
            pictures.setdefault(label, Counter())[one.counts["split"]] += number
    return ScaleStatus(
        url=store.url,
        rows=plan.rows,
        bad=plan.bad,
        stages=tuple(_status(stage, len(parts[stage]), done[stage]) for stage in STAGES),
        fates={label: _above(counts) for label, counts in fates.items()},
        lost=_above(_sum(done["fetch"], "lost")),
        dropped=_above(
            _sum(done["look"], "dropped")
            + _sum(done["look"], "unreadable")
            + _sum(done["families"], "dropped")
        ),
        families=_above(families),
        largest=max((one.counts["items"] for one in done["families"]), default=0),
        pictures=pictures,
    )


def _parts(store: Store, plan: Plan, stage: str) -> dict[str, str]:
    if stage == "plan":
        return dict(plan.parts)
    name = f"{stage}/stage.json"
    data = store.read_all([name]).get(name)
    try:
        found: Any = json.loads(data or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _done(store: Store, stage: str, wanted: Mapping[str, str]) -> list[Done]:
    there = finished(store, stage, *(FORMATS if stage == "export" else ()))
    return [one for name, one in there.items() if wanted.get(name) == one.inputs]


def _status(stage: str, parts: int, done: list[Done]) -> StageStatus:
    began = min((one.began for one in done), default=0.0)
    ended = max((one.ended for one in done), default=0.0)
    items = sum(int(one.counts.get("items", one.counts.get("rows", 0))) for one in done)
    # A clock that was set back takes no time away.
    seconds = sum(max(0.0, one.ended - one.began) for one in done)
    return StageStatus(stage, parts, len(done), items, seconds, max(0.0, ended - began))


def _sum(done: list[Done], name: str) -> Counter[str]:
    found = Counter[str]()
    for one in done:
        found.update(one.counts.get(name, {}))
    return found


def _above(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts above 0: a later turn takes away what an earlier one had counted."""
    return {name: number for name, number in sorted(counts.items()) if number > 0}
