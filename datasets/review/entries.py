"""What the page says of single pictures, read from the catalogue for those that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue import decisions, families, images, label_findings, measurements, placements
from ..catalogue.decisions import Standing
from ..curate.conflicts import best_label
from ..curate.rules import findings_of
from .doubts import doubts_json

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...curation.images.facts import Facts
    from ...curation.images.quality import Finding
    from ..catalogue import Catalogue
    from ..catalogue.families import MemberRow
    from ..catalogue.images import ImageRecord
    from ..catalogue.label_findings import LabelFinding
    from ..catalogue.placements import Placement
    from ..recipe.models import Recipe


@dataclass(frozen=True, slots=True)
class ReviewEntry:
    """One measured picture as it stands now.

    `member` is its place in the last dedupe, `doubts` what the last check of labels says of it.
    """

    picture: ImageRecord
    facts: Facts
    findings: Sequence[Finding]
    standing: Standing
    placed: Placement | None
    member: MemberRow | None
    doubts: Sequence[LabelFinding]

    def to_json(self) -> dict[str, object]:
        """The picture as the page shows it."""
        stand, verdict = self.standing, self.standing.verdict
        label = stand.label or best_label(self.picture.labels) or ""
        return {
            "sha": self.picture.sha256,
            "label": label,
            "labels": dict(self.picture.labels),
            "side": self.placed.split if self.placed else None,
            "width": self.facts.width,
            "height": self.facts.height,
            "bytes": self.picture.bytes,
            "state": "dropped" if stand.dropped else "kept" if stand.reviewed else "open",
            "by": verdict.by if verdict else None,
            "reason": verdict.reason if verdict else None,
            "findings": [
                {"check": f.check, "score": f.score, "threshold": f.threshold}
                for f in self.findings
            ],
            "doubts": doubts_json(self.doubts, label),
        }


def entries_of(cat: Catalogue, recipe: Recipe, only: Collection[int]) -> dict[int, ReviewEntry]:
    """What there is to say of pictures, by number; without those that cannot be shown."""
    facts = {one.sha256: one for one in measurements.each_facts(cat, thumbs=False, only=only)}
    findings = findings_of(facts, recipe)
    standings = decisions.standings(cat, only=only)
    placed = placements.placements(cat, only)
    members = families.members(cat, only)
    doubts: dict[str, list[LabelFinding]] = {}
    for one in label_findings.label_findings(cat, only=only):
        doubts.setdefault(one.sha256, []).append(one)
    numbers = images.numbers(cat, facts)
    return {
        numbers[sha]: ReviewEntry(
            picture,
            facts[sha],
            findings[sha],
            standings.get(sha, Standing()),
            placed.get(sha),
            members.get(sha),
            doubts.get(sha, ()),
        )
        for picture in images.images(cat, only)
        if (sha := picture.sha256) in facts
    }


def beside(
    one: ReviewEntry, other: ReviewEntry, *, same: bool | None, likeness: float | None = None
) -> dict[str, object]:
    """What a pair's entry has beside its picture's.

    `same` is what a person stated, if anything; with the `likeness` of a model the two need not be
    of one family.
    """
    row = one.member if likeness is None else None
    return {
        "other": other.to_json(),
        "distance": {
            "phash": row.phash if row else None,
            "dhash": row.dhash if row else None,
            "pixels": row.difference if row else None,
            "likeness": likeness,
        },
        "same": same,
    }
