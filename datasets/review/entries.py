"""What the page says of single pictures, read from the catalogue for those that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue import decisions, families, images, measurements, placements
from ..catalogue.decisions import Standing
from ..curate.conflicts import best_label
from ..curate.rules import findings_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ...curation.images.facts import Facts
    from ...curation.images.quality import Finding
    from ..catalogue import Catalogue
    from ..catalogue.families import MemberRow
    from ..catalogue.images import ImageRecord
    from ..catalogue.placements import Placement
    from ..recipe.models import Recipe


@dataclass(frozen=True, slots=True)
class Entry:
    """One measured picture as it stands now; `member` is its place in the last dedupe."""

    picture: ImageRecord
    facts: Facts
    findings: Sequence[Finding]
    standing: Standing
    placed: Placement | None
    member: MemberRow | None

    def to_json(self) -> dict[str, object]:
        """The picture as the page shows it."""
        stand, verdict = self.standing, self.standing.verdict
        return {
            "sha": self.picture.sha256,
            "label": stand.label or best_label(self.picture.labels) or "",
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
        }


def entries_of(cat: Catalogue, recipe: Recipe, only: Collection[int]) -> dict[int, Entry]:
    """What there is to say of pictures, by number; without those that cannot be shown."""
    facts = {one.sha256: one for one in measurements.each_facts(cat, thumbs=False, only=only)}
    findings = findings_of(facts, recipe)
    standings = decisions.standings(cat, only=only)
    placed = placements.placements(cat, only)
    members = families.members(cat, only)
    numbers = images.numbers(cat, facts)
    return {
        numbers[sha]: Entry(
            picture,
            facts[sha],
            findings[sha],
            standings.get(sha, Standing()),
            placed.get(sha),
            members.get(sha),
        )
        for picture in images.images(cat, only)
        if (sha := picture.sha256) in facts
    }


def beside(one: Entry, keeper: Entry, *, same: bool | None) -> dict[str, object]:
    """What a pair's entry has beside its picture's; `same` is what a person stated, if anything."""
    row = one.member
    return {
        "other": keeper.to_json(),
        "distance": {
            "phash": row.phash if row else None,
            "dhash": row.dhash if row else None,
            "pixels": row.difference if row else None,
        },
        "same": same,
    }
